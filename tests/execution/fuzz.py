"""Random operations, executed both ways. As a program: `python -m tests.execution.fuzz [SECONDS [SEED]]`."""

from __future__ import annotations

import os
import random
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from graphql import ExecutionResult
from hypothesis import HealthCheck, given, seed, settings

from app.db.session import Database
from schema.core.graph import Asked, Graph
from schema.execution.executor import Executor
from schema.graph import build
from tests.execution.chance import Made
from tests.execution.comparison import EXECUTE, Pair, by_both, described, misspelled
from tests.execution.failures import failing
from tests.execution.generation import Operation, operation
from tests.execution.ground import Ground, ground
from tests.execution.tally import Tally

TEST_URL = "CAMPUSGRAPH_TEST_DATABASE_URL"
ROUND = 250
PATIENT = settings(deadline=None, database=None, suppress_health_check=list(HealthCheck), print_blob=False)


class Invalid(Exception):
    """The generator made a document that is not valid."""


def operations(place: Ground) -> Made[Operation]:
    """Operations on what is there."""
    return Made(lambda chance: operation(build().schema, chance, place.samples, list(place.principals)))


async def executed(place: Ground, asked: Operation) -> Pair | None:
    """Execute an operation both ways; None when its variables are refused before. Raises Invalid."""
    graph = build()
    executor = graph._planner
    assert isinstance(executor, Executor)
    pairs: list[Pair] = []

    async def both(each: Asked) -> ExecutionResult:
        planner = partial(EXECUTE, executor)
        pair = await by_both(planner, each)
        pairs.append(replace(pair, misspelled=await misspelled(planner, pair)))
        return pairs[0].planned

    prepared = graph.prepare(asked.document)
    if prepared.errors:
        raise Invalid(prepared.errors[0].message)
    async with Database(place.engine) as db:
        with failing(graph.schema, asked.failure):
            ctx = place.asked_by(asked.role, db)
            compared = Graph(graph.strawberry, both)
            await compared.execute(prepared, ctx, asked.variables, asked.name, max_page=asked.max_page)
    return pairs[0] if pairs else None


def attempt(place: Ground, tally: Tally, asked: Operation) -> None:
    """Execute an operation both ways. Raises AssertionError where the answers differ, or a plan is given up freely."""
    try:
        pair = place.run(executed(place, asked))
    except Invalid as error:
        tally.invalid.append(f"{error}\n{asked.document}")
        return
    if pair is None:
        tally.refused += 1
        return
    found = pair.difference() or pair.misspelled
    if found is None and asked.is_clean and pair.report.retreat is not None:
        found = f"the plan was given up: {pair.report.retreat}"
    assert found is None, described(pair.asked, f"{found}\nfailing: {asked.failure}")
    tally.note(asked, pair)


def fuzzing(place: Ground, tally: Tally, options: settings) -> Callable[[], None]:
    """A function that attempts examples, and raises for the smallest that fails."""

    @options
    @given(operations(place))
    def attempted(asked: Operation) -> None:
        attempt(place, tally, asked)

    return attempted


def fuzz(url: str, seconds: float, first: int) -> str | None:
    """Attempt random operations in a database for so long; what is wrong with the smallest that fails."""
    tally, rounds = Tally(), 0
    with ground(url) as place:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            tried = seed(first + rounds)(fuzzing(place, tally, settings(PATIENT, max_examples=ROUND)))
            try:
                tried()
            except AssertionError as error:
                return f"{error}\nseed {first + rounds}\n{tally}"
            rounds += 1
    sys.stdout.write(f"{place.engine.dialect.name}: {tally}\n")
    return None


def main(arguments: Sequence[str]) -> int:
    """Fuzz for so many seconds, on both databases where there are two; 1 when something is wrong."""
    seconds = float(arguments[0]) if arguments else 60.0
    first = int(arguments[1]) if len(arguments) > 1 else random.SystemRandom().randrange(10**9)
    with TemporaryDirectory() as folder:
        urls = [f"sqlite+aiosqlite:///{Path(folder) / 'fuzz.sqlite3'}", *filter(None, [os.environ.get(TEST_URL)])]
        sys.stdout.write(f"seed {first}\n")
        for url in urls:
            wrong = fuzz(url, seconds / len(urls), first)
            if wrong is not None:
                sys.stdout.write(f"{wrong}\n")
                return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
