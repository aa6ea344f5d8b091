"""The command that compares the rows about files with the object store."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Annotated

import typer
from sqlalchemy import select, union

from app.commands.program import DatabaseUrl, acting, settings_with
from app.context import Context
from app.domain.attempts.models import SubmissionFile
from app.domain.files import File, forget_unused
from app.files.store import Listed

SAFE_AGE = timedelta(days=1)
BROKEN = 1


@dataclass(slots=True)
class Findings:
    """What is wrong: contents without an object, or with one of another size; and objects that no row names."""

    rows: int = 0
    missing: list[str] = field(default_factory=list)
    different: list[str] = field(default_factory=list)
    orphans: list[Listed] = field(default_factory=list)
    deleted: int = 0


def check(
    repair: Annotated[
        bool,
        typer.Option(
            "--repair",
            help="Delete what is older than a day: uploads, rows that nothing uses, objects that no row names.",
        ),
    ] = False,
    database_url: DatabaseUrl = None,
) -> int:
    """Compare the rows about files with the object store.

    A row without its object is an error: the exit status is 1. An object without a row is what a crash or a refused
    upload leaves; it costs space and nothing else.

    \b
    Examples:
      campusgraph files check
      campusgraph files check --repair
    """
    return asyncio.run(_check(repair, database_url))


async def _check(repair: bool, database_url: str | None) -> int:
    async with acting(settings_with(database_url)) as ctx:
        unused = 0
        if repair:
            async with ctx.db.transaction():
                unused = await forget_unused(ctx)
        found = await compare(ctx)
        if repair:
            await delete_old(ctx, found)
    typer.echo(f"rows: {found.rows}, objects without a row: {len(found.orphans)}")
    if repair:
        typer.echo(f"unused rows deleted: {unused}, objects deleted: {found.deleted}")
    for digest in found.missing:
        typer.echo(f"{digest}: the object is missing", err=True)
    for digest in found.different:
        typer.echo(f"{digest}: the object has another size", err=True)
    return BROKEN if found.missing or found.different else 0


async def compare(ctx: Context) -> Findings:
    """Every row against every object. Objects are listed first: what is put meanwhile is not taken for lost."""
    objects = {each.sha256: each async for each in ctx.files.keys()}  # noqa: SIM118 - no mapping
    statement = union(select(File.sha256, File.size), select(SubmissionFile.sha256, SubmissionFile.size))
    rows: dict[str, int] = {row[0]: row[1] for row in await ctx.db.fetch(statement)}
    found = Findings(rows=len(rows), orphans=[each for digest, each in objects.items() if digest not in rows])
    for digest in sorted(rows):
        known = objects.get(digest) or await ctx.files.find(digest)
        if known is None:
            found.missing.append(digest)
        elif known.size != rows[digest]:
            found.different.append(digest)
    return found


async def delete_old(ctx: Context, found: Findings) -> None:
    """Delete the orphans that were put more than a day ago and that still have no row."""
    for each in found.orphans:
        known = await ctx.files.find(each.sha256)
        if known is None or known.put_at > ctx.now - SAFE_AGE:
            continue
        named = (select(own.sha256).where(own.sha256 == each.sha256) for own in (File, SubmissionFile))
        if await ctx.db.scalar(union(*named)) is None:
            await ctx.files.delete(each.sha256)
            found.deleted += 1
