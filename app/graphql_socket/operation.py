"""One operation of a connection: a query or a mutation is answered once, a subscription until somebody ends it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from graphql import GraphQLError, OperationType

from app.context import Context
from app.errors import DomainError
from app.graphql_socket.messages import Closing, told
from app.graphql_view.asking import Asked
from app.graphql_view.introspection import readable
from app.graphql_view.refusal import Refused
from schema.core.errors import INTERNAL, PARSE_FAILED, VALIDATION_FAILED, formatted
from schema.core.graph import Prepared
from schema.core.subscriptions import Following, Unanswerable
from schema.execution.cost import weigh

if TYPE_CHECKING:
    from app.graphql_socket.connection import Connection

Errors = list[dict[str, Any]]
log = logging.getLogger("campusgraph.socket")


class Operation:
    """What a client asked under an id. Nothing of it is ever cancelled in the middle of a statement."""

    def __init__(self, connection: Connection, id: str, asked: Asked) -> None:
        self.connection, self.id, self.asked = connection, id, asked
        self.view = connection.view
        self.is_over = False
        self._woken = asyncio.Event()

    def end(self) -> None:
        """Answer no further."""
        self.is_over = True
        self._woken.set()

    async def run(self) -> None:
        """Answer, and say that there is no more or why."""
        try:
            errors = await self._answer()
        except Closing as closing:
            self.connection.fail(closing)
            return
        except Unanswerable as error:
            errors = [formatted(each) for each in error.errors]
        except DomainError as error:
            errors = [formatted(GraphQLError(str(error), original_error=error))]
        except Refused as error:
            errors = [{"message": str(error), "extensions": {"code": error.code}}]
        except Exception:  # the edge of the server: whatever it is, it is logged, and told as our fault
            log.exception("unforeseen error")
            errors = [{"message": "Internal server error", "extensions": {"code": INTERNAL}}]
        finally:
            self.connection.forget(self)
        if not self.is_over:
            await self.connection.send("error" if errors else "complete", self.id, errors or None)

    async def _answer(self) -> Errors:
        """Send what there is; the errors of an operation that could not be executed."""
        asked, result = self.asked, None
        async with self._moment() as ctx:
            prepared = await self._prepare(ctx)
            if prepared.errors:
                code = VALIDATION_FAILED if prepared.is_parsed else PARSE_FAILED
                return [formatted(error, code) for error in prepared.errors]
            operation = prepared.operation(asked.operation_name)
            if operation is None:
                raise Refused(400, "OPERATION_UNDETERMINED", "Say which of the document's operations to run.")
            limits, variables, name = self.view.limits, asked.variables, asked.operation_name
            cost = weigh(self.view.graph, prepared, name, variables, limits).cost
            await self.connection.meter(ctx.principal).take(cost)
            if operation.operation is not OperationType.SUBSCRIPTION:
                result = await self.view.graph.execute(
                    prepared, ctx, variables, name, max_page=limits.page, limits=limits, as_json=True
                )
        if result is None:
            await self._follow(Following(self.view.graph, prepared, operation, asked.variables))
        elif result.data is None and result.errors and all(error.path is None for error in result.errors):
            return [formatted(error) for error in result.errors]
        else:
            await self._next(told(result))
        return []

    async def _prepare(self, ctx: Context) -> Prepared:
        """The document that is asked for, as over HTTP. Raises Refused, LimitExceeded, Unauthenticated."""
        text = await self.view.documents.text(self.asked, ctx.principal, ctx.db)
        is_signed_in = ctx.principal.user_id is not None
        prepared = self.view.graph.prepare(text, self.view.limits, is_signed_in=is_signed_in)
        prepared = readable(prepared, ctx.principal, is_public=self.view.is_schema_public)
        if not prepared.errors:
            self.view.documents.remember(self.asked)
        return readable(prepared, ctx.principal, is_public=self.view.is_schema_public)

    async def _follow(self, following: Following) -> None:
        async with self.view.watch.following(following.topic, self._woken):
            while not self.is_over:
                self._woken.clear()
                async with self.view.turns, self._moment() as ctx:
                    result = await following.step(ctx)
                if result is not None:
                    await self._next(told(result))
                if not following.is_more:
                    await self._woken.wait()

    async def _next(self, payload: dict[str, Any]) -> None:
        if not self.is_over:
            await self.connection.send("next", self.id, payload)

    @asynccontextmanager
    async def _moment(self) -> AsyncIterator[Context]:
        """Whoever asks, as they are now. Raises Closing when the token is over."""
        async with self.view.open_database() as db:
            with db.within(self.view.limits.seconds):
                yield Context(await self.connection.signed_in(db), db, self.view.clock)
