"""One operation of a document that can be executed: its cost first, then its answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson
from graphql import OperationType
from starlette.requests import Request
from starlette.responses import Response

from app.context import Context
from app.errors import LimitExceeded
from app.graphql_view.answering import executed, lateness, priced, uncoerced
from app.graphql_view.asking import Asked
from app.graphql_view.metering import Meter, wants_cost_alone
from app.graphql_view.refusal import Unexecutable
from app.telemetry import metrics
from schema.core.graph import Graph, Prepared
from schema.core.limits import Limits
from schema.execution.cost import Weight, points, weigh

OBJECT = b'{"'
"""How each object of a written answer begins; in texts, the second of these characters is escaped."""


@dataclass(frozen=True, slots=True)
class Run:
    """A request for one operation."""

    graph: Graph
    limits: Limits
    request: Request
    asked: Asked
    prepared: Prepared
    ctx: Context

    async def answer(self, media_type: str) -> Response:
        """Reckon what the operation costs, take that and run it; or tell the cost alone. Raises Refused, TimedOut."""
        token = self.request.headers.get("authorization")
        meter, weight = Meter.of(self.request, token, self.ctx.principal, self.limits.points), self.weight()
        if wants_cost_alone(self.request):
            return priced(await meter.told(weight.cost, 0), media_type)
        await meter.take(weight.cost)
        name, limits = self.asked.operation_name, self.limits
        result = await self.graph.execute(
            self.prepared, self.ctx, self.asked.variables, name, max_page=limits.page, limits=limits, as_json=True
        )
        errors = result.errors or []
        if result.data is None and errors and all(error.path is None for error in errors):
            return uncoerced(errors, media_type)
        if late := lateness(errors):
            metrics.limit_hit("seconds")
            if not self.writes:
                raise late[0]
        data = orjson.dumps(result.data)
        actual = points(data.count(OBJECT), weight.writes)
        extensions: dict[str, Any] = {"cost": await meter.told(weight.cost, actual)}
        if self.asked.wants_plan and self.ctx.principal.is_admin and result.extensions:
            extensions["plan"] = result.extensions["plan"].told()
        return executed(data, errors, extensions, media_type)

    @property
    def writes(self) -> bool:
        """Whether it is a mutation."""
        operation = self.prepared.operation(self.asked.operation_name)
        return operation is not None and operation.operation is OperationType.MUTATION

    def weight(self) -> Weight:
        """What the operation may return. Raises Unexecutable for too much."""
        try:
            return weigh(self.graph, self.prepared, self.asked.operation_name, self.asked.variables, self.limits)
        except LimitExceeded as error:
            metrics.refused(error)
            raise Unexecutable(422, error.code, str(error)) from None
