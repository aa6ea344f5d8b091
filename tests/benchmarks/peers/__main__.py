"""`python -m tests.benchmarks.peers`: install the peers, make the data, start everything, measure, stop everything."""

from __future__ import annotations

import asyncio
import signal
import sys
import tempfile
from collections.abc import Coroutine
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer
import uvloop

from app.errors import ConfigurationError
from tests.benchmarks.peers import arena, data, goals, packages, trials
from tests.benchmarks.stage import databases

LONGEST_SECONDS = 900

program = typer.Typer(pretty_exceptions_enable=False, add_completion=False)

Json = Annotated[Path | None, typer.Option(metavar="FILE", help="Write the measurements here as well.")]
LoadTurns = Annotated[int, typer.Option(min=1, help="Turns under load.")]
Seconds = Annotated[float, typer.Option(min=0.1, help="Seconds of a turn under load.")]


@program.command(name="goals")
def measure_goals(
    turns: Annotated[int, typer.Option(min=1, help="Turns of single requests.")] = 15,
    load_turns: LoadTurns = 3,
    seconds: Seconds = 3.0,
    json: Json = None,
) -> None:
    """Measure ours beside the peers and beside endpoints written by hand."""
    try:
        packages.install()
    except ConfigurationError as error:
        typer.echo(f"bench-peers: {error}", err=True)
        raise typer.Exit(2) from None
    found = run(_goals(goals.Pace(turns, load_turns, seconds)))
    if json is not None:
        json.write_bytes(orjson.dumps(found, option=orjson.OPT_INDENT_2))


@program.command(name="settings")
def measure_settings(load_turns: LoadTurns = 4, seconds: Seconds = 1.5) -> None:
    """Measure ours with other server settings."""
    run(_settings(load_turns, seconds))


def run(work: Coroutine[Any, Any, Any]) -> Any:
    """Run to the end or to a signal; servers are stopped either way."""
    signal.signal(signal.SIGTERM, lambda number, frame: signal.raise_signal(signal.SIGINT))

    async def bounded() -> Any:
        async with asyncio.timeout(LONGEST_SECONDS):
            return await work

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(bounded())


async def _goals(pace: goals.Pace) -> list[dict[str, Any]]:
    found = []
    with tempfile.TemporaryDirectory() as folder:
        filled = [await data.made(settings) for settings in databases(Path(folder))]
        async with arena.opened(filled) as opened:
            await opened.check()
            for line in goals.heading():
                typer.echo(line)
            async for row in goals.rows(opened, pace):
                typer.echo(row.line())
                found.append(row.record())
    return found


async def _settings(turns: int, seconds: float) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for settings in databases(Path(folder)):
            for line in await trials.lines(await data.made(settings), turns, seconds):
                typer.echo(line)


if __name__ == "__main__":
    sys.exit(program())
