"""Data as files for other systems."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from app.commands.program import DatabaseUrl, acting, awaited, settings_with


@awaited
async def export_gradebook(
    course: Annotated[str, typer.Argument(metavar="COURSE", help="The name of the course instance.")],
    form: Annotated[str, typer.Option("--format", metavar="FORM", help="canvas, blackboard or csv.")] = "csv",
    output: Annotated[
        Path | None, typer.Option("--output", metavar="FILE", help="Where to write it. [standard output]")
    ] = None,
    released: Annotated[bool, typer.Option("--released", help="Only what learners see of their grades.")] = False,
    database_url: DatabaseUrl = None,
) -> None:
    """Write the gradebook of a course instance to a file.

    All grades of the learners who have not dropped, hidden ones too; calculated columns are left out. `campusgraph
    import gradebook` reads the file back without a difference. Blackboard's form is UTF-16 between tabs, the others
    are UTF-8 between commas. Texts that a spreadsheet would take for a formula get an apostrophe.

    \b
    Examples:
      campusgraph export gradebook cs101-f26 --format canvas --output grades.csv
      campusgraph export gradebook cs101-f26 --format blackboard --output grades.xls
      campusgraph export gradebook cs101-f26 --released
    """
    from app.importers.gradebook import export

    async with acting(settings_with(database_url)) as ctx:
        content = await export.export_gradebook(ctx, course, form, released=released)
    if output is None:
        sys.stdout.buffer.write(content)
        sys.stdout.flush()
    else:
        output.write_bytes(content)
