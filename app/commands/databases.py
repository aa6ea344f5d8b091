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
    format: Annotated[str, typer.Argument(metavar="FORMAT", help="oulad or prairielearn.")],
    path: Annotated[Path, typer.Argument(metavar="PATH", exists=True, help="The file or folder to import.")],
    database_url: DatabaseUrl = None,
) -> None:
    """Import data of another system.

    All of it or, after an error, nothing. Importing the same data again changes nothing; importing a newer state of
    it changes what differs. Progress goes to standard error, what was done to standard output.

    \b
    Formats:
      oulad         Open University Learning Analytics Dataset: a folder of .csv.gz or .csv files
      prairielearn  a PrairieLearn course: the folder that holds infoCourse.json
    \b
    Examples:
      campusgraph import oulad ~/Downloads/oulad
      campusgraph import prairielearn ~/courses/pl-cs101
    """
    from app.importers.progress import progress_on
    from app.importers.registry import IMPORTERS, run

    if format not in IMPORTERS:
        raise ConfigurationError(f"unknown format {format!r}: use {' or '.join(sorted(IMPORTERS))}")
    async with acting(settings_with(database_url), upgrading=True) as ctx:
        summary = await run(ctx, format, path, progress_on(sys.stderr))
    typer.echo(summary.render())
