"""The endpoint `/graphql`: one request from its headers to its answer."""

from __future__ import annotations

import logging

from graphql import OperationType
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from app.context import Context
from app.errors import DomainError, LimitExceeded
from app.graphql_view.answering import invalid, refusal
from app.graphql_view.asking import read
from app.graphql_view.bounds import limits_of
from app.graphql_view.caller import caller, challenge
from app.graphql_view.documents import Documents
from app.graphql_view.introspection import readable
from app.graphql_view.negotiation import JSON, PAGE, negotiate
from app.graphql_view.refusal import Refused, Unexecutable
from app.graphql_view.running import Run
from app.graphql_view.streams import require_one_answer
from app.principal import Principal
from app.settings import Settings
from app.telemetry import metrics
from app.web import graphiql
from schema.core.errors import INTERNAL
from schema.core.graph import Graph, Prepared

log = logging.getLogger("campusgraph.graphql")


class GraphQLView:
    """The endpoint `/graphql`, as an ASGI application."""

    def __init__(self, graph: Graph, settings: Settings) -> None:
        self.graph, self.settings = graph, settings
        self.documents = Documents(settings.registered_only)
        self.limits = limits_of(settings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        request = Request(scope, receive)
        media_type = JSON
        try:
            offers_page = self.settings.graphiql and request.method == "GET"
            wanted = negotiate(request.headers.getlist("accept"), offers_page=offers_page)
            if wanted == PAGE:
                response: Response = graphiql.page()
            else:
                media_type = wanted
                response = await self.answer(request, media_type)
        except ClientDisconnect:
            return
        except Refused as error:
            response = refusal(error, media_type)
        except DomainError as error:
            metrics.refused(error)
            response = refusal(Refused(error.status, error.code, str(error), challenge(error)), media_type)
        except Exception:  # the edge of the server: whatever it is, it is logged, and told as our fault
            log.exception("unforeseen error")
            response = refusal(Refused(500, INTERNAL, "Internal server error"), media_type)
        await response(scope, receive, send)

    async def answer(self, request: Request, media_type: str) -> Response:
        """Read, sign in, find the document, prepare it, run it, in the time that there is."""
        asked = await read(request, self.settings.body_limit)
        async with request.app.state.open_database() as db:
            with db.within(self.limits.seconds):
                principal = await caller(request, db)
                prepared = self.prepare(await self.documents.text(asked, principal, db), principal)
                prepared = readable(prepared, principal, is_public=self.settings.public_introspection)
                require_one_answer(prepared, asked.operation_name)
                if prepared.errors:
                    uncoercible = self.graph.uncoercible(prepared, asked.variables, asked.operation_name)
                    return invalid(prepared, uncoercible, media_type)
                self.documents.remember(asked)
                operation = prepared.operation(asked.operation_name)
                if operation is None:
                    raise Unexecutable(422, "OPERATION_UNDETERMINED", "Say which of the document's operations to run.")
                if request.method == "GET" and operation.operation is not OperationType.QUERY:
                    raise Refused(405, "METHOD_NOT_ALLOWED", "GET runs queries only: use POST.", {"Allow": "POST"})
                ctx = Context(principal, db, request.app.state.clock)
                return await Run(self.graph, self.limits, request, asked, prepared, ctx).answer(media_type)

    def prepare(self, text: str, principal: Principal) -> Prepared:
        """The document, parsed, measured and validated. Raises Refused for one that is too large, Unauthenticated."""
        try:
            return self.graph.prepare(text, self.limits, is_signed_in=principal.user_id is not None)
        except LimitExceeded as error:
            metrics.refused(error)
            raise Unexecutable(422, error.code, str(error)) from None
