"""Commands about OAuth clients."""

from __future__ import annotations

from typing import Annotated

import typer
from sqlalchemy import select

from app.commands.people import user_id_of
from app.commands.program import DatabaseUrl, acting, awaited, print_table, settings_with
from app.domain.identity import clients
from app.domain.identity.models import OAuthClient

Addresses = Annotated[
    list[str] | None, typer.Option("--redirect-uri", metavar="URI", help="Where answers go; may be repeated.")
]
Actor = Annotated[
    str | None, typer.Option("--user", metavar="USERNAME", help="Whom it acts for with tokens of its own.")
]
Limits = Annotated[
    list[str] | None, typer.Option("--organization", metavar="KEY", help="It is limited to this one; may be repeated.")
]
COLUMNS = ("ID", "UID", "NAME", "KIND", "SCOPES", "REDIRECT URIS", "STATE")


@awaited
async def create_client(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What people are asked to approve.")],
    redirect_uri: Addresses = None,
    scope: Annotated[
        list[str] | None,
        typer.Option("--scope", metavar="SCOPE", help="What it may ask for; may be repeated. [user_info]"),
    ] = None,
    public: Annotated[bool, typer.Option("--public", help="It cannot keep a secret: it has none.")] = False,
    user: Actor = None,
    trusted: Annotated[bool, typer.Option("--trusted", help="It may exchange people's passwords.")] = False,
    organization: Limits = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Register an OAuth client.

    Prints its uid and, on a second line, its secret, this once: only a digest of it is kept. The scopes are read,
    write, admin, Open edX's profile, email and course_modes:read, Blackboard's delete and offline, and Autolab's
    user_info, user_courses, user_scores, user_submit, instructor_all, admin_all.

    \b
    Examples:
      campusgraph client create autolab-cli --scope user_info --scope user_courses
      campusgraph client create phone --public --redirect-uri org.example.phone:/back --scope read
      campusgraph client create mobile --trusted --scope read --scope write --scope profile --scope email
      campusgraph client create shop --user root --scope course_modes:read --organization edX
      campusgraph client create gradebook --user root --scope read --scope write --scope delete --scope admin
    """
    async with acting(settings_with(database_url)) as ctx, ctx.db.transaction():
        made = await clients.create_client(
            ctx,
            name,
            redirect_uris=redirect_uri or (),
            scopes=scope or ("user_info",),
            is_public=public,
            user_id=None if user is None else await user_id_of(ctx, user),
            is_trusted=trusted,
            organizations=organization or (),
        )
    typer.echo("\n".join(filter(None, (made.uid, made.secret))))


@awaited
async def list_clients(database_url: DatabaseUrl = None) -> None:
    """List OAuth clients.

    \b
    Example:
      campusgraph client list
    """
    client = OAuthClient.__table__.c
    async with acting(settings_with(database_url)) as ctx:
        found = await ctx.db.fetch(select(*client).where(ctx.visible(OAuthClient)).order_by(client.id))
    rows = [
        (
            str(each.id),
            each.uid,
            each.name,
            "public" if each.secret_digest is None else "trusted" if each.is_trusted else "confidential",
            ",".join(each.scopes),
            " ".join(each.redirect_uris),
            "active" if each.revoked_at is None else "revoked",
        )
        for each in found
    ]
    if not rows:
        typer.echo("There are no clients.")
        return
    print_table(COLUMNS, rows)


@awaited
async def revoke_client(
    client: Annotated[int, typer.Argument(metavar="ID", help="As `client list` shows it.")],
    database_url: DatabaseUrl = None,
) -> None:
    """End a client and all its tokens at once.

    Ending it twice changes nothing.

    \b
    Example:
      campusgraph client revoke 3
    """
    async with acting(settings_with(database_url)) as ctx, ctx.db.transaction():
        await clients.revoke_client(ctx, client)
    typer.echo(f"Client {client} is revoked.")
