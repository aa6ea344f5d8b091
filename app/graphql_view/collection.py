"""Documents to register: read from the files of a folder, checked against the graph and its limits."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import orjson
from graphql import GraphQLError, OperationDefinitionNode

from app.domain.identity.documents import LONGEST, NewDocument
from app.domain.identity.tokens import digest
from app.errors import ConfigurationError, LimitExceeded
from app.graphql_view.asking import PREFIX
from schema.core.graph import Graph
from schema.core.limits import Limits

SUFFIXES = (".graphql", ".gql", ".json")


def collected(folder: Path, graph: Graph, limits: Limits) -> tuple[list[NewDocument], list[str]]:
    """The documents in a folder, at any depth, and what is wrong with them, each with file and line."""
    documents, mistakes = [], []
    for path in sorted(each for each in folder.rglob("*") if each.suffix in SUFFIXES and each.is_file()):
        try:
            for place, text in _texts(path):
                operations, wrong = _checked(text, graph, limits)
                documents.append(NewDocument(text, operations))
                mistakes += [f"{place}:{line}: {message}" for line, message in wrong]
        except ConfigurationError as error:
            mistakes.append(f"{path}: {error}")
    return documents, mistakes


def _texts(path: Path) -> Iterator[tuple[str, str]]:
    """(place, text) of each document in a file. Raises ConfigurationError."""
    content = path.read_bytes()
    try:
        found = orjson.loads(content) if path.suffix == ".json" else {"": content.decode()}
    except ValueError as error:
        raise ConfigurationError(f"can't be read: {error}") from None
    if not isinstance(found, dict) or not all(isinstance(text, str) for text in found.values()):
        raise ConfigurationError("not an object of texts")
    for name, text in found.items():
        if name and name.removeprefix(PREFIX) != digest(text):
            raise ConfigurationError(f"{name!r} is not the SHA-256 of its document")
        yield f"{path}:{name}" if name else str(path), text


def _checked(text: str, graph: Graph, limits: Limits) -> tuple[list[str], list[tuple[int, str]]]:
    """The names of a document's operations, and its errors with their lines."""
    if len(text.encode()) > LONGEST:
        return [], [(1, f"longer than {LONGEST} bytes")]
    try:
        prepared = graph.prepare(text, limits)
    except LimitExceeded as error:
        return [], [(1, str(error))]
    if prepared.document is None or prepared.errors:
        return [], [(_line(each), each.message) for each in prepared.errors]
    operations = [each for each in prepared.document.definitions if isinstance(each, OperationDefinitionNode)]
    return [each.name.value for each in operations if each.name], []


def _line(error: GraphQLError) -> int:
    return error.locations[0].line if error.locations else 1
