"""What a system does to everybody: authentication, permissions, error bodies, the spelling of values, headers."""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Container, Mapping, Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from app.db.session import Database
from app.errors import DomainError
from app.principal import Principal
from app.rest.route import Call, Route, Schema
from app.settings import Settings
from schema.core.graph import Graph

log = logging.getLogger("campusgraph.rest")


class Dialect(ABC):
    """Base of the systems' dialects. Each overrides what its API does differently.

    The attributes say what the OpenAPI document cannot derive: JSON schemas of `scalars` that are spelled in the
    system's own way, `security` schemes of which one is needed, `parameters` of every operation, and what `refusals`
    look like: {status: (description, schema of the body)}.
    """

    caseless = False
    """Whether paths match in any case."""

    ending = ""
    """A regular expression of what may follow a path, such as a slash."""

    omits = False
    """Whether keys without a value are left out, so that none is required."""

    resolves: Mapping[str, Schema] = {}
    """Parameters of paths that the system's endpoint looks up itself, and their JSON schemas."""

    convertors: Mapping[str, str] = {}
    """Parameters of paths that are not just a segment: the names of Starlette's convertors."""

    provides: Container[str] = frozenset()
    """Variables of documents that no request gives: the system's endpoint does."""

    forms: Sequence[str] = ()
    """Media types of bodies that may hold the parameters of a route in place of the query."""

    scalars: Mapping[str, Schema] = {}
    security: Mapping[str, Schema] = {}
    parameters: Sequence[Schema] = ()
    refusals: Mapping[int, tuple[str, Schema]] = {}

    @abstractmethod
    async def authenticate(self, request: Request, db: Database) -> Principal:
        """Who asks. Raises Unauthenticated."""

    def check(self, route: Route, data: dict[str, Any]) -> None:  # noqa: B027  # most have nothing to refuse
        """Raise what the data of a document says must be refused, before its body is made."""

    @abstractmethod
    def render(self, body: Any, route: Route, data: Mapping[str, Any], call: Call) -> Response:
        """The response of a success."""

    @abstractmethod
    def refuse(self, error: DomainError) -> Response:
        """The response of a refusal."""

    @abstractmethod
    def fallback(self, graph: Graph, routes: Sequence[Route]) -> Callable[[Request], Awaitable[Response]]:
        """An endpoint for the paths and methods that none of the routes serves."""

    def describe(self, schema: Schema, settings: Settings) -> Schema:
        """The schema of a body as `render` leaves it under these settings."""
        return schema

    def unforeseen(self, error: Exception, request: Request) -> Response:
        """The response of an error that nobody thought of, and its one line in the log."""
        log.error("unforeseen error", exc_info=error)
        return self.refuse(DomainError("Internal Server Error"))
