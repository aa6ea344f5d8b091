"""The command about registered documents."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.commands.people import user_id_of
from app.commands.program import DatabaseUrl, acting, awaited, settings_with
from app.domain.identity.documents import register_documents
from app.errors import ConfigurationError


@awaited
async def register(
    folder: Annotated[Path, typer.Argument(metavar="DIR", exists=True, file_okay=False, help="Where they are.")],
    user: Annotated[str | None, typer.Option("--user", metavar="USERNAME", help="Who answers for them.")] = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Register GraphQL documents: all of a folder or, after an error, none.

    They can be asked for by the SHA-256 of their text. Each .graphql or .gql file is a document by itself; a .json file
    is an object of documents by their SHA-256, as code generators write it. What is registered already stays.

    \b
    Examples:
      campusgraph documents register src/documents
      campusgraph documents register build --user ada
    """
    from app.graphql_view.bounds import limits_of
    from app.graphql_view.collection import collected
    from schema.graph import build

    settings = settings_with(database_url)
    documents, mistakes = collected(folder, build(), limits_of(settings))
    for mistake in mistakes:
        typer.echo(mistake, err=True)
    if mistakes:
        raise ConfigurationError(f"nothing was registered, mistakes: {len(mistakes)}")
    if not documents:
        raise ConfigurationError(f"there are no documents in {folder}")
    async with acting(settings) as ctx, ctx.db.transaction():
        user_id = None if user is None else await user_id_of(ctx, user)
        new = await register_documents(ctx, documents=documents, user_id=user_id)
    typer.echo(f"registered: new {new}, known {len({each.text for each in documents}) - new}")
