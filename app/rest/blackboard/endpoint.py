"""The life of a request to Blackboard's routes: token, quota, scope, ids, course, role, body, then the document."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from app.context import Context
from app.errors import BadRequest, DomainError, InsufficientScope
from app.principal import DELETE, READ, WRITE, Principal
from app.rest.blackboard import paging, projection
from app.rest.blackboard.asking import Asked
from app.rest.blackboard.dialect import OPEN, Blackboard
from app.rest.blackboard.refusals import CONFLICTS, WrongMedia, require_done
from app.rest.blackboard.spelling import Thing
from app.rest.endpoint import Endpoint, respond, run
from app.rest.route import Body, Call, Route, Row, Schema

SCOPES = {"GET": READ, "HEAD": READ, "DELETE": DELETE}
NOTHING = Thing(())
PAGING: Schema = {
    "type": "object",
    "properties": {"nextPage": {"type": "string"}},
    "required": ["nextPage"],
    "additionalProperties": False,
}
Plan = Callable[[Asked], Awaitable[Mapping[str, Any]]]


class TooLong(DomainError):
    """A body beyond the limit."""

    code = "TOO_LONG"
    status = 413


@dataclass(frozen=True, slots=True)
class Spelled(Body):
    """The thing at a path of the data, or the things of the list there, `most` at a time.

    Nothing there is 404 or, if it `may_be_empty`, no body.

    `told`: whether the caller is told all of a row; by what they are to the course when absent.
    """

    thing: Thing = NOTHING
    most: int = 0
    told: Callable[[Row], bool] | None = None
    may_be_empty: bool = False

    @property
    def may_miss(self) -> bool:
        return True

    def __call__(self, data: Row, call: Call) -> Any:
        asked: Asked = data["asked"]
        value: Any = data
        for step in self.path:
            value = value[step] if isinstance(step, str) or step < len(value) else None
            if value is None:
                return None if self.may_be_empty else asked.missing()
        if not self.most:
            return self._spelled(value, asked)
        value = value if asked.keep is None else [each for each in value if asked.keep(each)]
        shown = [self._spelled(each, asked) for each in asked.page.shown(value)]
        return {"results": shown, **asked.page.next(len(value), asked.url, asked.query)}

    def schema(self, derived: Schema) -> Schema:
        """Objects are as their thing says, lists in pages."""
        item = self.thing.schema()
        if not self.most:
            return item
        properties = {"results": {"type": "array", "items": item}, "paging": PAGING}
        return {"type": "object", "properties": properties, "required": ["results"], "additionalProperties": False}

    def _spelled(self, row: Row, asked: Asked) -> Row:
        to_staff = asked.is_staff if self.told is None else self.told(row)
        made: Row = projection.project(asked.wanted, self.thing.spelled(row, to_staff=to_staff))
        return made


async def as_asked(asked: Asked) -> Mapping[str, Any]:
    """No variables but those that the path gives."""
    return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation(Route):
    """A route, what gives its document's variables, and what else its body needs when all is written (`then`).

    `needs` is what it takes: in the course, where the path names one. `conflicts` are the broken rules that are 409.
    """

    plan: Plan = as_asked
    conflicts: frozenset[str] = CONFLICTS
    then: Callable[[Asked, Row], Awaitable[Row]] | None = None


class BlackboardEndpoint(Endpoint):
    """An operation of Blackboard's, ready to answer."""

    route: Operation
    dialect: Blackboard

    async def __call__(self, request: Request) -> Response:
        request.state.is_open = self.route.needs == OPEN
        return await self.dialect.limited(
            request, await respond(self.dialect, request, lambda ctx: self.answer(request, ctx))
        )

    async def answer(self, request: Request, ctx: Context) -> Response:
        asked = await self.admitted(request, ctx)
        found = asked.ids | dict(await self.route.plan(asked))
        variables = {name: found[name] for name in self.document.variables if name in found}
        data = await run(self.graph, self.document, asked.ctx, variables)
        for payload in data.values():
            if isinstance(payload, dict):
                require_done(payload.get("userErrors", ()), self.route.conflicts)
        if self.route.then is not None:
            data |= await self.route.then(asked, data)
        call = Call(variables, ctx.now, request.app.state.settings)
        body = None if self.route.empty == self.route.status else self.route.body({**data, "asked": asked}, call)
        return self.dialect.render(body, self.route, data, call)

    async def admitted(self, request: Request, ctx: Context) -> Asked:
        """The request, if its token and its person may make it."""
        principal, route = ctx.principal, self.route
        if route.needs != OPEN and not has_scope(principal, SCOPES.get(route.method, WRITE)):
            raise InsufficientScope(f"The token lacks the scope `{SCOPES.get(route.method, WRITE)}`.")
        acting = Principal(principal.user_id, principal.is_admin, frozenset({READ, WRITE}), principal.is_staff)
        query = [(name.strip(), value.strip()) for name, value in request.query_params.multi_items()]
        asked = Asked(
            graph=self.graph,
            ctx=Context(acting, ctx.db, ctx.clock),
            path=request.path_params,
            query=query,
            url=request.url.path,
            wanted=projection.parse(dict(query).get("fields")),
        )
        if isinstance(route.body, Spelled) and route.body.most:
            asked.page = paging.parse(query, route.body.most)
        if route.method not in SCOPES:
            asked.sent = await _body(request)
        await asked.enter(route.needs)
        return asked


def has_scope(principal: Principal, scope: str) -> bool:
    """Whether the token may be used so; one's own token deletes what it may write."""
    own = not principal.is_delegated and WRITE in principal.scopes
    return scope in principal.scopes or (scope == DELETE and own)


async def _body(request: Request) -> Row:
    """The object that is sent; empty where none is. Raises TooLong, WrongMedia, BadRequest."""
    made = bytearray()
    async for chunk in request.stream():
        made += chunk
        if len(made) > request.app.state.settings.body_limit:
            raise TooLong("The body is too long.")
    if not made.strip():
        return {}
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise WrongMedia("The body must be application/json.")
    try:
        found = orjson.loads(bytes(made))
    except orjson.JSONDecodeError:
        raise BadRequest("The body is not JSON.") from None
    if not isinstance(found, dict):
        raise BadRequest("The body must be a JSON object.")
    return found
