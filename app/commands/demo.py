"""The demo university: the command that fills it in, and the token that opens it."""

from __future__ import annotations

import os
from pathlib import Path

import typer
from sqlalchemy import select

from app.commands.program import DatabaseUrl, acting, awaited, settings_with
from app.context import Context
from app.domain.identity.models import User
from app.domain.identity.tokens import authenticate, issue_token
from app.errors import Unauthenticated
from app.settings import Settings

TOKEN_FILE = "demo-token"


@awaited
async def demo(database_url: DatabaseUrl = None) -> None:
    """Fill an empty database with the demo university.

    Prints who and what is in it. A database that holds anybody is left as it is.

    \b
    Examples:
      campusgraph demo
      campusgraph demo --database-url sqlite+aiosqlite:///var/demo.sqlite3
    """
    async with acting(settings_with(database_url), upgrading=True) as ctx:
        for line in await _filled(ctx) or ["The database is not empty: nothing was done."]:
            typer.echo(line)


async def ready(ctx: Context, settings: Settings) -> list[str]:
    """Fill the database if it is empty; what to tell whoever started the server, the token included."""
    lines = await _filled(ctx)
    file = (settings.sqlite_path or Path("var") / "campusgraph").with_name(TOKEN_FILE)
    token = await _kept_token(ctx, file) or await _new_token(ctx, file)
    if token is None:
        return [*lines, "The database holds something else than the demo university: there is no ready token."]
    text, username = token
    return [*lines, f"An access token, of {username}: {text}"]


async def _filled(ctx: Context) -> list[str]:
    """What is in the database now, if it was empty."""
    if await ctx.db.scalar(select(User.id).limit(1)) is not None:
        return []
    from app.demo import fill

    typer.echo("The database is empty: filling in the demo university, which takes some seconds.", err=True)
    return await fill(ctx) or []


async def _kept_token(ctx: Context, file: Path) -> tuple[str, str] | None:
    """The token in the file and its owner, if it still works."""
    if not file.exists():
        return None
    text = file.read_text().strip()
    try:
        owner = (await authenticate(ctx.db, text, ctx.now)).user_id
    except Unauthenticated:
        return None
    return text, await ctx.db.scalar(select(User.username).where(User.id == owner))


async def _new_token(ctx: Context, file: Path) -> tuple[str, str] | None:
    """A new token of the demo university's administrator, kept in the file: the database has only its digest."""
    from app.demo.names import ADMINISTRATOR

    owner = await ctx.db.scalar(select(User.id).where(User.username == ADMINISTRATOR, User.is_staff))
    if owner is None:
        return None
    async with ctx.db.transaction():
        issued = await issue_token(ctx, name="demo", user_id=owner)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.unlink(missing_ok=True)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
        stream.write(issued.text + "\n")
    return issued.text, ADMINISTRATOR
