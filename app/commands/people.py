"""Commands about people and their access tokens."""

from __future__ import annotations

import sys
from datetime import datetime
from typing import Annotated, Any

import typer
from sqlalchemy import ColumnElement, select

from app.commands.program import DatabaseUrl, acting, awaited, print_table, settings_with
from app.context import Context
from app.domain.identity import passwords, service, sessions, signins, tokens
from app.domain.identity.models import AccessToken, User
from app.domain.identity.pruning import forget_ended
from app.domain.rows import update_row
from app.errors import ConfigurationError, NotFound
from app.principal import READ, WRITE

COLUMNS = ("ID", "PREFIX", "USER", "NAME", "SCOPES", "CREATED", "EXPIRES", "LAST USED", "DOCUMENTS", "STATE")

Username = Annotated[str, typer.Argument(metavar="USERNAME", help="Whose token it will be.")]


@awaited
async def create_user(
    username: Annotated[str, typer.Argument(metavar="USERNAME", help="Unique, in any capitals.")],
    email: Annotated[str, typer.Option("--email", metavar="ADDRESS", help="Unique, in any capitals.")],
    name: Annotated[str | None, typer.Option("--name", metavar="TEXT", help="What the person is called.")] = None,
    staff: Annotated[bool, typer.Option("--staff", help="Make an institution administrator.")] = False,
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password from a line of standard input.")
    ] = False,
    database_url: DatabaseUrl = None,
) -> None:
    """Make a person's account; prints its id.

    Without a password the person can use tokens, but cannot sign in. A password has at least 8 characters; it is read
    from standard input, so that it shows neither in the history of the shell nor in the list of processes.

    \b
    Examples:
      campusgraph user create ada --email ada@example.edu --name "Ada Lovelace"
      campusgraph user create root --email it@example.edu --staff --password-stdin < password.txt
    """
    password = _typed() if password_stdin else None
    async with acting(settings_with(database_url)) as ctx, ctx.db.transaction():
        user_id = await service.create_user(ctx, username=username, email=email, name=name, is_staff=staff)
        if password is not None:
            await update_row(ctx, User, user_id, {"password_hash": password})
    typer.echo(str(user_id))


@awaited
async def set_password(
    username: Annotated[str, typer.Argument(metavar="USERNAME", help="Whose password it will be.")],
    database_url: DatabaseUrl = None,
) -> None:
    """Give a person a password, read from a line of standard input, in place of the one before.

    With it they sign in at /login, to approve what programs ask for. Browsers and programs that signed in with a
    password are signed out; other tokens stay. People who were imported, and those of the demo, have none at first.

    \b
    Example:
      campusgraph user password ada < password.txt
    """
    password = _typed()
    async with acting(settings_with(database_url)) as ctx, ctx.db.transaction():
        user_id = await user_id_of(ctx, username)
        await update_row(ctx, User, user_id, {"password_hash": password})
        await sessions.close_all(ctx, user_id)
        await signins.end_sign_ins(ctx, user_id)
    typer.echo(f"{username} can sign in with it.")


@awaited
async def create_token(
    username: Annotated[str, typer.Argument(metavar="USERNAME", help="Whose token it will be.")],
    scope: Annotated[
        list[str] | None,
        typer.Option("--scope", metavar="SCOPE", help="read, write or admin; may be repeated. [read and write]"),
    ] = None,
    expires_in: Annotated[
        str | None,
        typer.Option("--expires-in", metavar="DURATION", help="Such as 90d, 12h, 30m or 2w. [it never expires]"),
    ] = None,
    name: Annotated[str, typer.Option("--name", metavar="TEXT", help="What the token is for.")] = "command line",
    registered_only: Annotated[
        bool, typer.Option("--registered-only", help="It opens registered documents alone.")
    ] = False,
    database_url: DatabaseUrl = None,
) -> None:
    """Make an access token.

    Prints it, and nothing else, on standard output, this once: only a digest of it is kept. The scope `admin` counts
    for institution administrators only.

    \b
    Examples:
      campusgraph token create ada --expires-in 90d
      campusgraph token create ada --scope read --name "gradebook export"
      TOKEN=$(campusgraph token create root --scope read --scope write --scope admin)
    """
    lifetime = tokens.parse_duration(expires_in) if expires_in is not None else None
    async with acting(settings_with(database_url)) as ctx, ctx.db.transaction():
        issued = await tokens.issue_token(
            ctx,
            name=name,
            user_id=await user_id_of(ctx, username),
            scopes=scope or (READ, WRITE),
            expires_at=ctx.now + lifetime if lifetime is not None else None,
            is_registered_only=registered_only,
        )
    typer.echo(issued.text)


@awaited
async def list_tokens(
    username: Annotated[str | None, typer.Argument(metavar="[USERNAME]", help="Only this person's.")] = None,
    database_url: DatabaseUrl = None,
) -> None:
    """List access tokens.

    The newest is the last. Their first characters are shown: more of them is not kept.

    \b
    Examples:
      campusgraph token list
      campusgraph token list ada
    """
    async with acting(settings_with(database_url)) as ctx:
        owner = [] if username is None else [AccessToken.user_id == await user_id_of(ctx, username)]
        rows = [_described(token, ctx.now) for token in await _tokens(ctx, *owner)]
    if not rows:
        typer.echo("There are no tokens.")
        return
    print_table(COLUMNS, rows)


@awaited
async def revoke_token(
    token: Annotated[str, typer.Argument(metavar="PREFIX-OR-ID", help="As `token list` shows them.")],
    database_url: DatabaseUrl = None,
) -> None:
    """End an access token at once.

    Ending it twice changes nothing.

    \b
    Examples:
      campusgraph token revoke 17
      campusgraph token revoke cgp_Xk29Qa
    """
    async with acting(settings_with(database_url)) as ctx, ctx.db.transaction():
        token_id = int(token) if token.isdecimal() else await _token_id(ctx, token)
        await tokens.revoke_token(ctx, token_id=token_id)
    typer.echo(f"Token {token_id} is revoked.")


@awaited
async def prune_tokens(database_url: DatabaseUrl = None) -> None:
    """Remove what has been over for long.

    Tokens 30 days after their end, codes a day after theirs, devices and browser sessions at once. The server does it
    when it starts and every hour. Tokens of one approval stay together until the last of them is over.

    \b
    Examples:
      campusgraph token prune
    """
    async with acting(settings_with(database_url)) as ctx, ctx.db.transaction():
        gone = await forget_ended(ctx)
    typer.echo(f"removed: tokens {gone.tokens}, codes {gone.codes}, devices {gone.devices}, sessions {gone.sessions}")


def _typed() -> str:
    """What is kept of the password on the next line of standard input. Raises ConfigurationError if it is short."""
    return passwords.hashed(sys.stdin.readline().rstrip("\r\n"))


async def user_id_of(ctx: Context, username: str) -> int:
    """The key of the person of this username. Raises NotFound."""
    found: int | None = await ctx.db.scalar(select(User.id).where(User.username == username, ctx.visible(User)))
    if found is None:
        raise NotFound(f"nobody has the username {username!r}")
    return found


async def _token_id(ctx: Context, text: str) -> int:
    start = text[: tokens.SHOWN_LENGTH]
    found = await _tokens(ctx, AccessToken.prefix.startswith(start, autoescape=True))
    ids = [token.id for token in found if token.prefix.startswith(start)]  # SQLite's LIKE ignores capitals
    if not ids:
        raise NotFound(f"no token begins with {start}")
    if len(ids) > 1:
        raise ConfigurationError(f"the tokens {', '.join(map(str, ids))} begin with {start}: give the id")
    return int(ids[0])


async def _tokens(ctx: Context, *conditions: ColumnElement[bool]) -> Any:
    token = AccessToken.__table__.c
    columns = (token.id, token.prefix, User.username, token.name, token.scopes, token.is_registered_only)
    instants = (token.created_at, token.expires_at, token.last_used_at, token.revoked_at)
    statement = select(*columns, *instants).join(User, User.id == token.user_id).order_by(token.id)
    return await ctx.db.fetch(statement.where(ctx.visible(AccessToken), *conditions))


def _described(token: Any, now: datetime) -> tuple[str, ...]:
    state = "active"
    if token.revoked_at is not None:
        state = "revoked"
    elif token.expires_at is not None and token.expires_at <= now:
        state = "expired"
    instants = (
        "never" if each is None else f"{each:%Y-%m-%d %H:%M}Z"
        for each in (token.created_at, token.expires_at, token.last_used_at)
    )
    documents, scopes = "registered" if token.is_registered_only else "any", ",".join(token.scopes)
    return str(token.id), token.prefix, token.username, token.name, scopes, *instants, documents, state
