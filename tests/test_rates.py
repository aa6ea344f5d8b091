"""What is limited is counted by process, or in a real Redis for all processes together."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from uuid import uuid4

import pytest
from limits import RateLimitItemPerMinute
from redis.asyncio import Redis

from app import rates as subject
from app.errors import ConfigurationError
from app.rates import Rates

pytestmark = pytest.mark.anyio

LIMIT = RateLimitItemPerMinute(5)
SILENT = "redis://127.0.0.1:1/0"
COUNT = """
import asyncio, sys
from limits import RateLimitItemPerMinute
from app.rates import Rates

async def count() -> None:
    rates = Rates(sys.argv[1])
    print(sum([await rates.hit(RateLimitItemPerMinute(5), "test", sys.argv[2]) for _ in range(4)]))
    await rates.close()

asyncio.run(count())
"""


@pytest.mark.parametrize("is_shared", [False, True], ids=["memory", "redis"])
async def test_counting(is_shared: bool, request: pytest.FixtureRequest) -> None:
    rates, who = Rates(request.getfixturevalue("redis_url") if is_shared else ""), uuid4().hex
    assert [await rates.hit(LIMIT, "x", who, cost=2) for _ in range(3)] == [True, True, False]
    assert (await rates.stats(LIMIT, "x", who)).remaining == 0
    assert await rates.test(LIMIT, "x", who) is False
    assert await rates.test(LIMIT, "y", who) is True
    await rates.clear(LIMIT, "x", who)
    assert (await rates.stats(LIMIT, "x", who)).remaining == 5
    await rates.close()


@pytest.mark.parametrize("is_shared", [False, True], ids=["memory", "redis"])
async def test_what_is_too_much_is_not_taken(is_shared: bool, request: pytest.FixtureRequest) -> None:
    rates, who = Rates(request.getfixturevalue("redis_url") if is_shared else ""), uuid4().hex
    assert [await rates.take(LIMIT, "x", who, cost=cost) for cost in (3, 3, 2, 1)] == [True, False, True, False]
    assert (await rates.stats(LIMIT, "x", who)).remaining == 0
    await rates.close()


async def test_two_processes_have_one_count(redis_url: str) -> None:
    asked = [sys.executable, "-W", "error", "-c", COUNT, redis_url, uuid4().hex]
    started = [subprocess.Popen(asked, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    told = [await asyncio.to_thread(each.communicate) for each in started]
    assert sum(int(output) for output, _ in told) == 5
    assert [each.returncode for each in started] == [0, 0]


async def test_no_secret_is_kept_in_redis(redis_url: str) -> None:
    rates, secret = Rates(redis_url), f"cgp_{uuid4().hex}"
    await rates.hit(LIMIT, "x", secret)
    await rates.close()
    async with Redis.from_url(redis_url) as redis:
        names = [key.decode() async for key in redis.scan_iter("campusgraph*")]
    assert [name for name in names if name] != []
    assert [name for name in names if secret in name] == []


async def test_without_redis_each_counts_for_itself_and_says_so_once(caplog: pytest.LogCaptureFixture) -> None:
    rates = Rates(SILENT)
    assert [await rates.hit(LIMIT, "x") for _ in range(6)] == [True] * 5 + [False]
    assert [each.partition(":")[0] for each in caplog.messages] == [
        "Redis does not answer, each process counts for itself"
    ]
    await rates.close()


async def test_redis_that_answers_again_counts_again(
    redis_url: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(subject, "REST", 0.0)
    rates, who, works = Rates(SILENT), uuid4().hex, Rates(redis_url)
    assert await rates.hit(LIMIT, "x", who) is True
    rates._shared = works._shared
    assert (await rates.stats(LIMIT, "x", who)).remaining == 5
    assert caplog.messages[1:] == ["Redis answers again"]
    for each in (rates, works):
        await each.close()


@pytest.mark.parametrize("url", ["localhost", "memcached://h", "redis://h:port", "redis://h:6379/0?socket_timeout=x"])
def test_what_is_no_redis_is_said_at_once(url: str) -> None:
    with pytest.raises(ConfigurationError):
        Rates(url)
