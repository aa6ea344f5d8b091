"""Commands that print the interfaces: the graph's schema, OpenAPI documents, REST routes. None needs a database."""

from __future__ import annotations

import json as json_text
from pathlib import Path
from typing import Annotated, Any

import typer

import schema
from app.errors import ConfigurationError

RELEASED = Path(schema.__file__).with_name("released.graphql")
NAMES = ("system", "family", "method", "path", "document")


def print_schema() -> None:
    """Print the graph's schema in the schema definition language.

    \b
    Example:
      campusgraph schema print > schema.graphql
    """
    from schema.graph import build

    typer.echo(build().strawberry.as_str())


def check_schema(
    changelog: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, help="Whose first section announces what breaks.")
    ] = Path("CHANGELOG.md"),
) -> None:
    """Tell what of the graph's schema would break clients of the last release, unless the changelog announces it.

    The last release is schema/released.graphql. An announcement is an item of the changelog's first section that begins
    with `Breaking:` and names what has changed, or its type, in backticks.

    \b
    Example:
      campusgraph schema check
    """
    from app.commands.compatibility import announced, breaks
    from schema.graph import build

    names = announced(changelog.read_text(encoding="utf-8"))
    released = RELEASED.read_text(encoding="utf-8")
    unsaid = [each for each in breaks(released, build().strawberry.as_str()) if not each.is_in(names)]
    for each in unsaid:
        typer.echo(f"{each.description} Announce `{each.coordinate}` in {changelog}, after `- Breaking:`.", err=True)
    if unsaid:
        raise typer.Exit(1)


def openapi(system: Annotated[str, typer.Argument(metavar="SYSTEM", help="As `campusgraph routes` names it.")]) -> None:
    """Print the OpenAPI document of a REST system, as JSON.

    \b
    Example:
      campusgraph openapi prairielearn > prairielearn.json
    """
    from app.openapi import document
    from app.rest.systems import system_named

    try:
        found = system_named(system)
    except LookupError as error:
        raise ConfigurationError(str(error)) from None
    typer.echo(_json(document(found)))


def routes(
    json: Annotated[bool, typer.Option("--json", help="Print a JSON array of objects.")] = False,
    check: Annotated[bool, typer.Option("--check", help="Compile all documents; list nothing.")] = False,
) -> None:
    """List all REST operations.

    Each with its system, family, method and path, and the operation of the GraphQL document that answers it. With
    --check the first document that does not fit the graph is told, with file and line.

    \b
    Examples:
      campusgraph routes
      campusgraph routes --json
      campusgraph routes --check
    """
    from app.rest.systems import SYSTEMS

    if check:
        _compile_documents()
        return
    rows = [
        (system.name, family.name, route.method, system.prefix + route.path, route.operation)
        for system in SYSTEMS
        for family in system.families
        for route in family.routes
    ]
    if json:
        typer.echo(_json([dict(zip(NAMES, row, strict=True)) for row in rows]))
        return
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        typer.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def _compile_documents() -> None:
    from app.rest.document import DocumentError
    from app.rest.systems import SYSTEMS
    from schema.graph import build

    graph, made = build(), 0
    try:
        for system in SYSTEMS:
            for documents in system.documents(graph).values():
                made += sum(len(each.shape.fields) > 0 for each in documents.values())
    except DocumentError as error:
        raise ConfigurationError(str(error)) from None
    typer.echo(f"{made} documents fit the graph.")


def explain(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A GraphQL document.")],
    operation: Annotated[str | None, typer.Option("--operation", metavar="NAME", help="Which of its queries.")] = None,
    variables: Annotated[str, typer.Option(metavar="JSON", help="Values for `@skip` and `@include`.")] = "{}",
) -> None:
    """Print how a query is executed: a line for each statement, the columns it selects, the keys that it answers.

    \b
    Example:
      campusgraph explain gradebook.graphql --variables '{"name": "sig-f24"}'
    """
    from schema.execution.executor import explained
    from schema.graph import build

    try:
        given = json_text.loads(variables)
        text = file.read_text(encoding="utf-8")
    except ValueError as error:
        raise ConfigurationError(f"--variables or {file.name} can't be read: {error}") from None
    if not isinstance(given, dict):
        raise ConfigurationError("--variables must be a JSON object")
    for line in explained(build(), text, operation, given):
        typer.echo(line)


def _json(value: Any) -> str:
    return json_text.dumps(value, indent=2, ensure_ascii=False)
