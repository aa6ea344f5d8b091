"""Commands about a whole database: migrate and import."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from app.commands.program import DatabaseUrl, acting, awaited, opened, settings_with
from app.db import migrate as migrations
from app.errors import ConfigurationError


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


@awaited
async def import_(
    format: Annotated[str, typer.Argument(metavar="FORMAT", help="autolab, oulad or prairielearn.")],
    path: Annotated[Path, typer.Argument(metavar="PATH", exists=True, help="The file or folder to import.")],
    course: Annotated[
        str | None, typer.Option(metavar="NAME", help="The course instance that an Autolab file belongs to.")
    ] = None,
    assessment: Annotated[
        str | None, typer.Option(metavar="NAME", help="The assessment of a gradesheet, if its file name does not tell.")
    ] = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Import data of another system.

    All of it or, after an error, nothing. Importing the same data again changes nothing; importing a newer state of
    it changes what differs. Progress goes to standard error, what was done to standard output.

    \b
    Formats:
      autolab       Autolab: a course's or assessment's .tar or .yml, a roster or gradesheet as .csv
      oulad         Open University Learning Analytics Dataset: a folder of .csv.gz or .csv files
      prairielearn  a PrairieLearn course: the folder that holds infoCourse.json
    \b
    Examples:
      campusgraph import autolab ~/Downloads/15213-f23.tar
      campusgraph import autolab ~/Downloads/roster.csv --course 15213-f23
      campusgraph import oulad ~/Downloads/oulad
      campusgraph import prairielearn ~/courses/pl-cs101
    """
    from app.importers.progress import progress_on
    from app.importers.registry import IMPORTERS, run

    if format not in IMPORTERS:
        raise ConfigurationError(f"unknown format {format!r}: use {' or '.join(sorted(IMPORTERS))}")
    told = {"course": course, "assessment": assessment}
    options = {name: value for name, value in told.items() if value is not None}
    async with acting(settings_with(database_url), upgrading=True) as ctx:
        summary = await run(ctx, format, path, progress_on(sys.stderr), options)
    typer.echo(summary.render())
