"""The life of a request to a route: authenticate, bind, run the document, check, shape, render."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from app.context import Context
from app.errors import BadRequest, DomainError
from app.principal import Principal
from app.rest.binding import bind
from app.rest.dialect import Dialect
from app.rest.document import Document
from app.rest.route import Call, Route
from app.telemetry import metrics
from schema.core.errors import domain_error
from schema.core.graph import Graph


async def respond(
    dialect: Dialect,
    request: Request,
    answer: Callable[[Context], Awaitable[Response]],
    principal: Principal | None = None,
) -> Response:
    """The answer to who asks, unless that is said; whatever happens, it is in the system's own form."""
    try:
        async with request.app.state.open_database() as db:
            who = principal or await dialect.authenticate(request, db)
            return await answer(Context(who, db, request.app.state.clock))
    except DomainError as error:
        metrics.refused(error)
        return dialect.refuse(error)
    except Exception as error:  # noqa: BLE001 - the outermost handler: logged, and told in the system's form
        return dialect.unforeseen(error, request)


class Endpoint:
    """One route, ready to answer."""

    def __init__(self, graph: Graph, dialect: Dialect, route: Route, document: Document) -> None:
        self.graph, self.dialect, self.route, self.document = graph, dialect, route, document

    async def __call__(self, request: Request) -> Response:
        """The response."""
        return await respond(self.dialect, request, lambda ctx: self.answer(request, ctx))

    async def answer(self, request: Request, ctx: Context) -> Response:
        """The response to somebody who is known."""
        if self.route.answer is not None:
            return await self.route.answer(request, ctx)  # type: ignore[no-any-return]
        variables = bind(self.document.variables, request.path_params, request.query_params, {})
        call = Call(variables, ctx.now, request.app.state.settings)
        data = await run(self.graph, self.document, ctx, variables)
        self.dialect.check(self.route, data)
        body = self.route.body(data, call)
        return self.dialect.render(body, self.route, data, call)


async def run(graph: Graph, document: Document, ctx: Context, variables: Mapping[str, Any]) -> dict[str, Any]:
    """A document's data, shaped. Raises what is behind its first error: BadRequest when that is a variable's value."""
    result = await graph.execute(document.prepared, ctx, variables, max_page=None)
    for error in result.errors or ():
        if error.path is None:
            raise BadRequest(error.message)
        raise domain_error(error) or error.original_error or error
    shaped: dict[str, Any] = document.shape.apply(result.data or {})
    return shaped
