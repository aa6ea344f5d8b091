"""How often something was done lately, counted in this process or, for all workers together, in Redis."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from hashlib import sha256
from time import monotonic
from typing import TypeVar

from limits import RateLimitItem, RateLimitItemPerMinute, WindowStats
from limits.aio.storage import MemoryStorage, RedisStorage
from limits.aio.strategies import FixedWindowRateLimiter
from limits.errors import ConfigurationError as Unusable
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from app.errors import ConfigurationError
from app.telemetry import metrics

SCHEMES = ("redis://", "rediss://")
PATIENCE = 0.5  # seconds for an answer of Redis
REST = 5.0  # seconds until Redis is asked again when it did not answer
PASSWORD = "password"
MINUTES = 5
TRIES: RateLimitItem = RateLimitItemPerMinute(10, MINUTES)
FAILURES: RateLimitItem = RateLimitItemPerMinute(100, MINUTES)
log = logging.getLogger("campusgraph.rates")
Answer = TypeVar("Answer")


class Rates:
    """Counts in windows of time, each of which begins with its first hit.

    The first name says what is counted, the others for whom; only their digests are kept. While Redis does not answer,
    each process counts for itself: nobody is refused for that.
    """

    def __init__(self, url: str = "") -> None:
        self._own = FixedWindowRateLimiter(MemoryStorage())
        self._redis = _redis(url) if url else None
        self._shared = None if self._redis is None else FixedWindowRateLimiter(self._redis)
        self._rests_until: float | None = None

    async def hit(self, limit: RateLimitItem, *names: str, cost: int = 1) -> bool:
        """Count `cost` more; whether that is within the limit."""
        admitted = await self._ask(lambda limiter: limiter.hit(limit, _short(names), cost=cost))
        if not admitted:
            metrics.limit_hit(names[0])
        return admitted

    async def test(self, limit: RateLimitItem, *names: str, cost: int = 1) -> bool:
        """Whether `cost` more would be within the limit."""
        return await self._ask(lambda limiter: limiter.test(limit, _short(names), cost=cost))

    async def take(self, limit: RateLimitItem, *names: str, cost: int) -> bool:
        """Count `cost` more if that is within the limit; whether it is."""
        if await self.test(limit, *names, cost=cost):
            return await self.hit(limit, *names, cost=cost)
        metrics.limit_hit(names[0])
        return False

    async def clear(self, limit: RateLimitItem, *names: str) -> None:
        """Forget what was counted."""
        await self._ask(lambda limiter: limiter.clear(limit, _short(names)))

    async def stats(self, limit: RateLimitItem, *names: str) -> WindowStats:
        """(`reset_time` in Unix seconds, how many are `remaining`)."""
        return await self._ask(lambda limiter: limiter.get_window_stats(limit, _short(names)))

    async def close(self) -> None:
        """Let go of the connections."""
        if self._redis is not None:
            await self._redis.bridge.get_connection().aclose()  # type: ignore[attr-defined]  # `limits` has no types here

    async def _ask(self, ask: Callable[[FixedWindowRateLimiter], Awaitable[Answer]]) -> Answer:
        if self._shared is None or (self._rests_until is not None and monotonic() < self._rests_until):
            return await ask(self._own)
        try:
            answer = await ask(self._shared)
        except (RedisError, OSError) as error:
            if self._rests_until is None:
                log.warning("Redis does not answer, each process counts for itself: %s", error)
            self._rests_until = monotonic() + REST
            return await ask(self._own)
        if self._rests_until is not None:
            log.warning("Redis answers again")
            self._rests_until = None
        return answer


class Throttle:
    """Ten tries for an account and a hundred failures for an address (a campus may have one) in five minutes."""

    def __init__(self, rates: Rates) -> None:
        self._rates = rates

    async def admits(self, what: str, account: str, address: str) -> bool:
        """Count a try, before its outcome is known, so that many at a time gain nothing; whether it may be made."""
        return await self._rates.test(FAILURES, what, address) and await self._rates.hit(TRIES, what, account.lower())

    async def failed(self, what: str, address: str) -> None:
        """Count a failure."""
        await self._rates.hit(FAILURES, what, address)

    async def succeeded(self, what: str, account: str) -> None:
        """Forget the account's tries."""
        await self._rates.clear(TRIES, what, account.lower())


def _redis(url: str) -> RedisStorage:
    """Raises ConfigurationError for what is no URL of a Redis server."""
    if not url.startswith(SCHEMES):
        raise ConfigurationError(f"the limits' URL begins with {' or '.join(SCHEMES)}")
    try:
        return RedisStorage(
            url,
            implementation="redispy",
            key_prefix="campusgraph",
            socket_timeout=PATIENCE,
            socket_connect_timeout=PATIENCE,
            retry=Retry(NoBackoff(), 1),  # type: ignore[arg-type]  # redis has types for its other Retry
        )
    except (Unusable, ValueError):
        raise ConfigurationError("the limits' URL is not one of a Redis server") from None


def _short(names: tuple[str, ...]) -> str:
    return sha256("\0".join(names).encode(errors="surrogatepass")).hexdigest()
