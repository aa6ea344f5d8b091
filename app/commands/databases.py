"""Commands about a whole database: migrate and import."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from app.commands.program import DatabaseUrl, acting, awaited, opened, print_table, settings_with
from app.db import migrate as migrations
from app.errors import ConfigurationError

DIFFERENCE = ("COLUMN", "LEARNER", "BEFORE", "AFTER")


@awaited
async def migrate(database_url: DatabaseUrl = None) -> None:
    """Bring the database's tables up to date.

    Says so when there was nothing to do.

    \b
    Examples:
      campusgraph migrate
      campusgraph migrate --database-url postgresql+asyncpg://campus@localhost/campus
    """
    async with opened(settings_with(database_url)) as engine:
        changed = await migrations.upgrade(engine)
    typer.echo("The tables are up to date now." if changed else "The tables were up to date already.")


Course = Annotated[
    str | None, typer.Option(metavar="NAME", help="The course instance of an Autolab file or a gradebook.")
]
Sheet = Annotated[
    str | None, typer.Option(metavar="NAME", help="The assessment of a gradesheet, if its file name does not tell.")
]
Form = Annotated[
    str | None,
    typer.Option("--format", metavar="FORM", help="canvas, blackboard, gradescope, registrar or csv. [as it looks]"),
]
Create = Annotated[bool, typer.Option("--create", help="Make and enrol people whom a gradebook has more.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what a gradebook would change; write nothing.")]


@awaited
async def import_(
    format: Annotated[str, typer.Argument(metavar="FORMAT", help="One of the formats below.")],
    path: Annotated[Path, typer.Argument(metavar="PATH", exists=True, help="The file or folder to import.")],
    course: Course = None,
    assessment: Sheet = None,
    form: Form = None,
    create: Create = False,
    dry_run: DryRun = False,
    database_url: DatabaseUrl = None,
) -> None:
    """Import data of another system: all of it or, after an error, nothing.

    The same data again changes nothing, a newer state what differs. Progress goes to standard error.

    \b
    Formats:
      autolab       Autolab: a course's or assessment's .tar or .yml, a roster or gradesheet as .csv
      gradebook     a gradebook as Canvas, Blackboard, Gradescope or a registrar exports it
      library       an Open edX content library: Studio's .tar.gz, or its folder
      olx           an Open edX course: Studio's .tar.gz, or its folder
      oneroster     OneRoster 1.1: a .zip of bulk files, or their folder
      oulad         Open University Learning Analytics Dataset: a folder of .csv.gz or .csv files
      prairielearn  a PrairieLearn course: the folder that holds infoCourse.json
    \b
    Examples:
      campusgraph import gradebook ~/Downloads/grades.csv --course cs101-f26 --dry-run
      campusgraph import prairielearn ~/courses/pl-cs101
    """
    from app.importers.progress import progress_on
    from app.importers.registry import IMPORTERS, run

    if format not in IMPORTERS:
        raise ConfigurationError(f"unknown format {format!r}: use {', '.join(sorted(IMPORTERS))}")
    told = {"course": course, "assessment": assessment, "form": form, "create": create, "dry_run": dry_run}
    options = {name: value for name, value in told.items() if value}
    async with acting(settings_with(database_url), upgrading=True) as ctx:
        summary = await run(ctx, format, path, progress_on(sys.stderr), options)
    if dry_run:
        print_table(DIFFERENCE, summary.differences)
    typer.echo(summary.render())
