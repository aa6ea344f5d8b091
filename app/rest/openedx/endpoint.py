"""The life of a request to Open edX's routes: who asks, what is sent, which run, may they, then the document."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from app.context import Context
from app.domain.catalog.keys import parse_run
from app.errors import BadRequest, Forbidden, Unauthenticated
from app.principal import Principal
from app.rest.endpoint import Endpoint, respond, run
from app.rest.openedx.asking import Asked
from app.rest.openedx.dialect import OpenEdx
from app.rest.openedx.paging import BAD_CURSOR, Cursored, Paged
from app.rest.openedx.refusals import DEVELOPER, NOT_FOUND, Refused, Style
from app.rest.openedx.sending import ANY_FORM, sent
from app.rest.route import Body, Call, Route, Row, Schema, Spelling

ANYBODY, SIGNED_IN, STAFF, AUTHOR, ADMINISTRATOR = "anybody", "signed in", "staff", "author", "administrator"
"""What an operation needs: nothing, a person, staff of the course run, who may change it, global staff."""
WRITES = ("POST", "PUT", "PATCH", "DELETE")
MASKED = ("/courseware/", "/course_home/", "/learning_sequences/")
"""Paths that staff may read as a learner whom they have chosen (contracts/edx-core.md §0.9)."""
Plan = Callable[[Asked], Awaitable[Mapping[str, Any]]]
Word = tuple[int, str] | tuple[int, str, str]
"""Status and text of a refusal, and its code."""


async def nothing(asked: Asked) -> Mapping[str, Any]:
    """No variables but those that the endpoint gives."""
    return {}


def unknown_run(key: str) -> Refused:
    """The refusal of a course run that is not there."""
    return Refused(404, NOT_FOUND)


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation(Route):
    """A route, and how it refuses.

    `run` names the parameter of the path or the query, or the key of what is sent, that holds a course run's key;
    `unknown` is the refusal where there is none. `plan` gives the document's variables beside `course_instance_id`,
    `user_id` (the caller's) and those of its page; it may refuse. `then` looks up more for the body when all is
    written. `words` are the refusals of broken rules by (last part of the field, code), or by code alone. `media` are
    the media types of bodies that are taken. `by_key`: another server's `X-Edx-Api-Key` counts as an administrator
    without an account; `by_ticket`: nobody is asked who they are, the plan finds it in the path. `elsewhere` has
    message and code of the refusals of methods that are not served on its path, by method. `fields` has the names of
    fields that broken rules are told of. `largest`: bytes that a body may have, be the installation's limit smaller.
    `scope` opens the route, and nothing else, to clients that are limited to organizations, for the runs of these; the
    parameter `course_id` names the run. `taken`: statuses of answers that keep nothing of what was sent.
    """

    needs: str = SIGNED_IN
    style: Style = DEVELOPER
    run: str = ""
    unknown: Callable[[str], Refused] = unknown_run
    plan: Plan = nothing
    then: Callable[[Asked, Row], Awaitable[Row]] | None = None
    words: Mapping[tuple[str, str] | str, Word] = field(default_factory=dict)
    media: Sequence[str] = ANY_FORM
    by_key: bool = False
    by_ticket: bool = False
    elsewhere: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    fields: Mapping[str, str] = field(default_factory=dict)
    taken: Sequence[int] = ()
    largest: int = 0
    scope: str = ""


def require_limits(asked: Asked, scope: str) -> None:
    """Raise Forbidden unless a client that is limited to organizations has the scope, and the run is one of theirs.

    What the route tells is then read as by an administrator.
    """
    run, limits = parse_run(asked.path.get("course_id", "")), asked.ctx.principal.organizations
    if scope not in asked.ctx.principal.scopes or run is None or run.organization not in limits:
        raise Forbidden("the client is limited to other organizations, or to other scopes")
    asked.look_on()


@dataclass(frozen=True, slots=True)
class Made(Body):
    """A body that a function makes of the data, in which the request is `asked`; `made` is its JSON schema."""

    make: Callable[[Row, Call], Any] = lambda data, call: data
    made: Schema = field(default_factory=dict)

    @property
    def may_miss(self) -> bool:
        return True

    def __call__(self, data: Row, call: Call) -> Any:
        return self.make(data, call)

    def schema(self, derived: Schema) -> Schema:
        return self.made


@dataclass(frozen=True, slots=True)
class Partial(Spelling):
    """A spelling of objects of which some keys are only there when they are asked for: documents `@include` them."""

    optional: frozenset[str] = frozenset()

    def schema(self, derived: Schema) -> Schema:
        made = Spelling.schema(self, derived)
        return {**made, "required": [name for name in made["required"] if name not in self.optional]}


class OpenEdxEndpoint(Endpoint):
    """An operation of Open edX's, ready to answer."""

    route: Operation

    async def __call__(self, request: Request) -> Response:
        dialect = OpenEdx(self.route.style, by_key=self.route.by_key)
        nobody = Principal.anonymous if self.route.by_ticket else None
        return await respond(dialect, request, lambda ctx: self.answer(request, ctx), nobody)

    async def answer(self, request: Request, ctx: Context) -> Response:
        asked, route = await self.admitted(request, ctx), self.route
        given: Row = {"course_instance_id": asked.run.get("id"), "user_id": asked.ctx.principal.user_id}
        if isinstance(route.body, Paged | Cursored):
            given |= route.body.variables(asked)
        given |= await route.plan(asked)
        variables = {name: given[name] for name in self.document.variables if name in given}
        try:
            data = await run(self.graph, self.document, asked.ctx, variables)
        except BadRequest:
            if variables.get("after") is None:
                raise
            raise Refused(404, BAD_CURSOR) from None
        self.require_done(data)
        if route.then is not None:
            data |= await route.then(asked, data)
        call = Call(variables, ctx.now, request.app.state.settings)
        body = None if route.empty == route.status else route.body({**data, "asked": asked}, call)
        return self.dialect.render(body, route, data, call)

    async def admitted(self, request: Request, ctx: Context) -> Asked:
        """The request, if its caller may make it. Raises Unauthenticated, Refused, Forbidden."""
        route, family = self.route, self.document.place.partition(".")[0].rpartition("/")[2]
        asked = Asked(graph=self.graph, family=family, ctx=ctx, request=request)
        asked.may_mask = route.method == "GET" and route.path.startswith(MASKED)
        is_somebody = ctx.principal.user_id is not None or (route.by_key and ctx.principal.is_admin)
        if route.needs != ANYBODY and not is_somebody:
            raise Unauthenticated("nobody is signed in")
        if not all(each.isprintable() for each in asked.path.values()):
            raise Refused(404, NOT_FOUND)
        if ctx.principal.organizations:
            require_limits(asked, route.scope)
        if route.method in WRITES:
            asked.sent, asked.files = await sent(request, route.media, route.largest)
        if route.run:
            key = asked.path.get(route.run) or asked.given(route.run) or asked.field(route.run)
            found = await asked.find_run(key if isinstance(key, str) else None)
            if found is None:
                raise route.unknown(str(key))
            await asked.enter(found)
        elif asked.may_mask:
            await asked.enter_of_block()
        enough = {STAFF: asked.is_staff, AUTHOR: asked.is_author, ADMINISTRATOR: asked.is_administrator}
        if not enough.get(route.needs, True):
            raise Forbidden("the caller may not")
        return asked

    def require_done(self, data: Row) -> None:
        """Raise Refused when a rule forbade the write."""
        for payload in data.values():
            for error in payload.get("userErrors", ()) if isinstance(payload, dict) else ():
                key = (error["field"][-1] if error["field"] else "", error["code"])
                if key[0] in self.route.fields:
                    raise Refused(400, fields={self.route.fields[key[0]]: error["message"]})
                words = self.route.words
                raise Refused(*words.get(key, words.get(error["code"], (400, error["message"]))))
