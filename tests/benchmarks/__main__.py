"""`python -m tests.benchmarks`: measure, and print a line as soon as there is one."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer
import uvloop

from tests.benchmarks import gradebook, loading, nested, polling, presentation, pulling, small, table
from tests.benchmarks.comparison import Comparison, measure
from tests.benchmarks.stage import Stage, databases, staged

Compare = Callable[[Stage], AsyncIterator[Comparison]]

ROWS: dict[str, Compare] = {
    "a": gradebook.compare,
    "b": presentation.compare,
    "c": small.compare,
    "d": loading.compare,
    "e": nested.compare,
    "f": pulling.compare,
    "g": polling.compare,
}
NEED_DATA = {"b", "d"}
ROUTES = [*gradebook.ROUTES, *presentation.ROUTES, *small.ROUTES, *nested.ROUTES, *polling.ROUTES]


program = typer.Typer(pretty_exceptions_enable=False, add_completion=False)


@program.command()
def main(
    only: Annotated[str, typer.Option(metavar="ROWS", help="Rows to measure, such as `a,c`.")] = ",".join(ROWS),
    repeat: Annotated[int | None, typer.Option(min=1, help="Turns of each row, instead of its own number.")] = None,
    json: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the measurements here as well.")] = None,
) -> None:
    """Measure what the graph costs beside endpoints written by hand: ratios of times within this run."""
    wanted = only.split(",")
    if not set(wanted) <= set(ROWS):
        raise typer.BadParameter(f"the rows are {', '.join(ROWS)}", param_hint="--only")
    missing = [row for row in wanted if row in NEED_DATA and not loading.SOURCE.is_dir()]
    if missing:
        typer.echo(f"{', '.join(missing)}: skipped, the Open University dataset is not there")
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        found = runner.run(run([row for row in wanted if row not in missing], repeat))
    if json is not None:
        json.write_bytes(orjson.dumps(found, option=orjson.OPT_INDENT_2))


async def run(rows: list[str], repeat: int | None) -> list[dict[str, Any]]:
    """Measure these rows on each database."""
    found = []
    for each in table.heading():
        typer.echo(each)
    with tempfile.TemporaryDirectory() as folder:
        for settings in databases(Path(folder)):
            async with staged(settings, ROUTES) as stage:
                for row in rows:
                    async with aclosing(ROWS[row](stage)) as comparisons:  # type: ignore[type-var]
                        async for comparison in comparisons:
                            measurement = await measure(comparison, repeat)
                            typer.echo(table.line(measurement))
                            found.append(table.record(measurement))
    return found


if __name__ == "__main__":
    program()
