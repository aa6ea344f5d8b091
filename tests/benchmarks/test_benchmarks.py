"""Both sides of each comparison give the same content, in as many statements as the README says. No times."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import orjson
import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from app.db.session import Database
from app.settings import Settings
from tests.benchmarks import gradebook, nested, polling, pulling, small, table
from tests.benchmarks.comparison import Answer, Comparison, Measurement, measure, said
from tests.benchmarks.exchange import Request, Unsuccessful
from tests.benchmarks.population import Size
from tests.benchmarks.stage import Stage

ROUTES = [*gradebook.ROUTES, *nested.ROUTES, *polling.ROUTES, *small.ROUTES]


@pytest.fixture
def stage(settings: Settings, open_database: Callable[[], Database]) -> Stage:
    """Both applications on the test's own connection."""

    @asynccontextmanager
    async def connect() -> AsyncIterator[AsyncConnection]:
        yield await open_database().connection()

    return Stage(settings, open_database, connect, ROUTES)


async def same(comparison: Comparison) -> tuple[int | None, int | None]:
    """Asserts equal contents, once both are warm; the statements of ours and of theirs."""
    await comparison.ours()
    ours, theirs = await comparison.ours(), await comparison.theirs()
    assert said(ours.content) == said(theirs.content)
    return ours.statements, theirs.statements


async def test_the_gradebook(stage: Stage) -> None:
    found = [each async for each in gradebook.compare(stage, Size(1, 6, 3))]
    assert [await same(each) for each in found] == [(7, 2), (7, 2), (9, 2)]
    lines = orjson.loads((await found[0].ours()).content)["data"]["courseInstance"]["gradebook"]
    assert [len(line["cells"]) for line in lines] == [6, 6, 6, 6]
    assert [cell["points"] for cell in lines[0]["cells"]] == [0.0, 4.0, 1.0, 5.0, 2.0, 3.0]


async def test_nested_lists(stage: Stage) -> None:
    found = [each async for each in nested.compare(stage, Size(2, 5, 3))]
    assert [await same(each) for each in found] == [(4, 4), (4, 4)]
    places = orjson.loads((await found[0].ours()).content)["data"]["courseInstances"]["nodes"]
    lists = [each["columnGrades"]["nodes"] for place in places for each in place["assessments"]["nodes"]]
    assert [len(each) for each in lists] == [3] * 10


async def test_a_pull(stage: Stage) -> None:
    (found,) = [each async for each in pulling.compare(stage, Size(2, 3, 4))]
    assert (await same(found))[0] == 10
    ours, theirs = await found.ours(), await found.theirs()
    assert (ours.requests, theirs.requests) == (1, 1 + 2 * 3 + 6 * 2)
    assert len(orjson.loads(ours.content)["grades"]) == 2 * 3 * 4
    assert found.title == "pull 2 x 3 x 4 grades: 1 / 19 requests"


async def test_polls(stage: Stage) -> None:
    found = [each async for each in polling.compare(stage, Size(2, 3, 4))]
    assert [await same(each) for each in found] == [(4, 2), (2, 2), (3, 2), (10, 2)]
    answers = [orjson.loads((await each.ours()).content) for each in found]
    changes, nothing = (each["data"]["columnGrades"]["nodes"] for each in answers[:2])
    latest = [each["lastChanged"]["changeIndex"] for each in answers[2]["data"]["assessments"]["nodes"]]
    assert ([each["changeIndex"] for each in changes], nothing) == (list(range(1, 25)), [])
    assert (latest, len(answers[3]["results"])) == ([4, 8, 12, 16, 20, 24], 4)


async def test_small_queries(stage: Stage) -> None:
    found = {each.title: each async for each in small.compare(stage, by_network=False)}
    statements = {title: await same(each) for title, each in found.items()}
    always = {"{ viewer { uid } } / a constant": (2, 0), "{ viewer { uid } } / two statements": (2, 2)}
    assert statements == always | ({"{ __typename } / a constant": (0, 0)} if stage.settings.is_sqlite else {})


async def test_a_refusal_is_nothing_to_measure(stage: Stage) -> None:
    with pytest.raises(Unsuccessful, match=r"GET /nested answers 401: b'\{\}'"):
        await stage.theirs(Request("GET", "/nested"))()


async def test_turns_alternate() -> None:
    """Warm-up first, then ours before theirs in even turns and after them in odd ones."""
    order = []

    async def ours() -> Answer:
        order.append("ours")
        return Answer(b"12", 3)

    async def theirs() -> Answer:
        order.append("theirs")
        return Answer(b"12", None)

    found = await measure(Comparison("x", "turns", "none", ours, theirs, repeats=2, batches=(2, 2), warm_up=1))
    assert order == ["ours", "theirs"] + ["ours"] * 2 + ["theirs"] * 4 + ["ours"] * 2
    assert len(found.ratios) == 2


def test_a_line_tells_median_spread_statements_and_bytes() -> None:
    async def nothing() -> Answer:
        return Answer(b"", 0)

    comparison = Comparison("a", "title", "SQLite", nothing, nothing, repeats=3)
    seconds = [(0.002, 0.001), (0.001, 0.001), (2.0, 0.5)]
    found = Measurement(comparison, [2.0, 1.0, 4.0], Answer(b"x" * 1234, 6), Answer(b"", None), seconds)
    cells = ["a", "title", "SQLite", "2.00", "1.00–4.00", "2.00 / 1.00", "6 / –", "1,234 / –"]
    assert re.split(r" {2,}", table.line(found)) == cells
    assert table.record(found)["ours"] == {"statements": 6, "requests": 1, "bytes": 1234}
