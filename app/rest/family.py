"""Families of routes with their documents, and systems made of families."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import TypeVar

from starlette.convertors import Convertor, register_url_convertor
from starlette.routing import BaseRoute, Mount
from starlette.routing import Route as StarletteRoute

from app.rest.binding import named
from app.rest.dialect import Dialect
from app.rest.document import Document, DocumentError, load
from app.rest.endpoint import Endpoint
from app.rest.route import Route
from schema.core.graph import Graph

PARAMETER = re.compile(r"{(\w+)}")
Matched = TypeVar("Matched", Mount, StarletteRoute)


class Digits(Convertor[str]):
    """Decimal digits, as text: how large a number they make is for the binding to judge."""

    regex = "[0-9]+"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


register_url_convertor("digits", Digits())


@dataclass(frozen=True, slots=True)
class Family:
    """Routes of one subject: a module with ROUTES, and the `.graphql` file beside it."""

    name: str
    routes: Sequence[Route]
    file: Path

    @classmethod
    def of(cls, module: ModuleType) -> Family:
        """The family that a module declares."""
        path = Path(str(module.__file__))
        return cls(path.stem, module.ROUTES, path.with_suffix(".graphql"))


@dataclass(frozen=True, slots=True)
class System:
    """A foreign API: its name, where it is mounted, its dialect, its families."""

    name: str
    title: str
    prefix: str
    dialect: Dialect
    families: Sequence[Family]
    endpoint: type[Endpoint] = Endpoint

    @property
    def routes(self) -> Iterator[Route]:
        """All routes, family by family."""
        return (route for family in self.families for route in family.routes)

    def documents(self, graph: Graph) -> dict[str, dict[str, Document]]:
        """The documents of each family. Raises DocumentError where a route and its document do not fit."""
        return {family.name: _documents(graph, family, self.dialect) for family in self.families}

    def endpoints(self, graph: Graph) -> list[StarletteRoute]:
        """The routes as Starlette's, in their order."""
        documents = self.documents(graph)
        return [
            _starlette(path, document, self.endpoint(graph, self.dialect, route, document))
            for family in self.families
            for route in family.routes
            for document in [documents[family.name][route.operation]]
            for path in route.paths
        ]


def mounts(graph: Graph, systems: Sequence[System]) -> list[Mount]:
    """A Starlette mount for each prefix: the routes of all systems that share it, then the first one's fallback."""
    sharing: dict[str, list[System]] = {}
    for system in systems:
        sharing.setdefault(system.prefix, []).append(system)
    return [_mount(graph, prefix, sharers) for prefix, sharers in sharing.items()]


def _mount(graph: Graph, prefix: str, systems: Sequence[System]) -> Mount:
    first, routes = systems[0], [route for system in systems for route in system.routes]
    made: list[BaseRoute] = [endpoint for system in systems for endpoint in system.endpoints(graph)]
    rest = StarletteRoute("/{path:path}", first.dialect.fallback(graph, routes))
    rest.methods = None
    made.append(_rematched(rest, first.dialect.caseless))
    return _rematched(Mount(prefix, routes=made, name=first.name), first.dialect.caseless)


def _documents(graph: Graph, family: Family, dialect: Dialect) -> dict[str, Document]:
    documents = load(graph, family.file)
    for route in family.routes:
        document = documents.get(route.operation)
        if document is None:
            place = f"{family.file.parent.name}/{family.file.name}:1"
            raise DocumentError(f"{place}: no operation {route.operation} for {route.method} {route.path}")
        missing = set(PARAMETER.findall(route.path)) - set(document.variables) - set(dialect.resolves)
        if missing:
            raise DocumentError(f"{document.place}: {route.operation} declares no ${min(missing)}")
    return documents


def _starlette(path: str, document: Document, endpoint: Endpoint) -> StarletteRoute:
    route, dialect = endpoint.route, endpoint.dialect

    def spell(match: re.Match[str]) -> str:
        name = match[1]
        if name in dialect.convertors:
            return f"{{{name}:{dialect.convertors[name]}}}"
        is_number = name not in dialect.resolves and named(document.variables[name]) == "Int"
        return f"{{{name}:digits}}" if is_number else match[0]

    made = StarletteRoute(PARAMETER.sub(spell, path), endpoint.__call__, methods=[route.method])
    return _rematched(made, dialect.caseless, dialect.ending)


def _rematched(made: Matched, caseless: bool, end: str = "") -> Matched:
    """The route matching to the very end: Starlette lets a line break follow, and stops at one in a `path`."""
    flags = re.DOTALL | re.ASCII | (re.IGNORECASE if caseless else 0)
    pattern = made.path_regex.pattern.removesuffix("$")
    made.path_regex = re.compile((pattern.removesuffix("/") if end else pattern) + end + r"\Z", flags)
    return made
