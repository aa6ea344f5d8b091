"""The life of a request to Autolab's routes: course, membership, scope, role, assessment, then the document."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from app.context import Context
from app.errors import BadRequest
from app.principal import SCOPES, Principal, has_scope
from app.rest.autolab import refusals as said
from app.rest.autolab.form import Form
from app.rest.autolab.refusals import Refused
from app.rest.binding import NOWHERE
from app.rest.document import Document, load
from app.rest.endpoint import Endpoint, run
from app.rest.route import Body, Call, Route, Row, Schema
from app.transfer.download import Download, FileResponse
from schema.core.graph import Graph

INSTRUCTOR, ASSISTANT, STUDENT = "instructor", "course_assistant", "student"
LEVELS = {"INSTRUCTOR": INSTRUCTOR, "COURSE_ASSISTANT": ASSISTANT, "STUDENT": STUDENT}
ROLES = {level: role for role, level in LEVELS.items()}


@lru_cache(maxsize=2)
def looks(graph: Graph) -> dict[str, Document]:
    """The documents that routes share to look things up."""
    return load(graph, Path(__file__).with_name("guard.graphql"))


@dataclass(slots=True)
class Asked:
    """A request that has been let in. `place`, `level` and `assessment` are there where the path names them.

    A `form` may not have been read to its end. `upload_limit` is in bytes.
    """

    graph: Graph
    ctx: Context
    path: Mapping[str, str]
    sent: Mapping[str, Any]
    is_administrator: bool
    form: Form | None = None
    upload_limit: int = 0
    place: Row = field(default_factory=dict)
    level: str = ""
    assessment: Row = field(default_factory=dict)

    async def look(self, name: str, **variables: Any) -> Row:
        """What a shared document finds, whoever asks: what is there, and who people are to the course."""
        domain, caller = self.ctx, self.ctx.principal
        program = Principal(caller.user_id, is_admin=True, scopes=frozenset(SCOPES))
        return await run(self.graph, looks(self.graph)[name], Context(program, domain.db, domain.clock), variables)

    async def person(self, email: str) -> Row | None:
        """The user of an e-mail address, or of a sign-in name; None for nobody."""
        if not email.isprintable():
            return None
        found: Row | None = (await self.look("PersonByEmail", email=email))["user"]
        if found is None:
            found = (await self.look("PersonByUid", email=email))["user"]
        return found

    async def member(self, user_id: int) -> Row | None:
        """A person's place in the course; None for somebody who never had one."""
        found = await self.look("Member", course_instance_id=self.place["id"], user_id=user_id)
        return next(iter(found["enrollments"]["nodes"]), None)

    async def mates(self, user_id: int, group_set_id: int | None) -> list[int]:
        """Who is in a person's group of a set."""
        found = (await self.look("Groups", user_id=user_id))["user"]["memberships"]
        groups = [each["group"] for each in found if each["left_at"] is None and each["group"] is not None]
        return [each["id"] for group in groups if group["set"]["id"] == group_set_id for each in group["members"]]


Plan = Callable[[Asked], Awaitable[Mapping[str, Any]]]


async def nothing(asked: Asked) -> Mapping[str, Any]:
    """No variables but those that the path gives."""
    return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation(Route):
    """A route: the scopes of which the token needs one, whether it is for instructors, and what gives the variables.

    `then` looks up more for the body when all is written. `failure` begins the sentence that says why a rule forbids
    it; `words` has the sentences that are documented, by (field, code) of the broken rule, and `refused` the status.
    `awaits` names the file of a form that the plan reads.
    """

    scopes: tuple[str, ...]
    for_instructors: bool = False
    plan: Plan = nothing
    then: Callable[[Asked, Mapping[str, Any]], Awaitable[Row]] | None = None
    failure: str = ""
    refused: int = 400
    awaits: str = ""
    words: Mapping[tuple[str, str], str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Made(Body):
    """A body that a function makes of the data; `made` is its JSON schema."""

    make: Callable[[Row, Call], Any] = lambda data, call: data
    made: Schema = field(default_factory=dict)

    def __call__(self, data: Row, call: Call) -> Any:
        return self.make(data, call)

    def schema(self, derived: Schema) -> Schema:
        return self.made


class AutolabEndpoint(Endpoint):
    """An operation of Autolab's, ready to answer."""

    route: Operation

    async def __call__(self, request: Request) -> Response:
        request.state.awaited, request.state.form = self.route.awaits, None
        try:
            return await super().__call__(request)
        finally:
            if request.state.form is not None:
                await request.state.form.close()

    async def answer(self, request: Request, ctx: Context) -> Response:
        asked = await self.admitted(request, ctx)
        given = {"course_instance_id": asked.place.get("id"), "assessment_id": asked.assessment.get("id")}
        found = given | dict(await self.route.plan(asked))
        variables = {name: found[name] for name in self.document.variables if name in found}
        data = await run(self.graph, self.document, asked.ctx, variables)
        self.require_done(data)
        if self.route.then is not None:
            data |= await self.route.then(asked, found)
        data |= {"asked": asked, "found": found, "zone": asked.place.get("zone", "UTC")}
        call = Call(variables, ctx.now, request.app.state.settings)
        body = self.route.body(data, call)
        if isinstance(body, Download):
            return await FileResponse(ctx.files, body, request.headers).prepare(is_head=request.method == "HEAD")
        return self.dialect.render(body, self.route, data, call)

    async def admitted(self, request: Request, ctx: Context) -> Asked:
        """The request, if its token and its person may make it. Raises Refused in the documented order (§1.4)."""
        principal, route = ctx.principal, self.route
        is_administrator = principal.is_admin or (principal.is_staff and not principal.scopes & set(SCOPES))
        acting = Principal(principal.user_id, is_administrator, frozenset({"read", "write"}), principal.is_staff)
        path = {name: value.removesuffix(".json") for name, value in request.path_params.items()}
        limit = request.app.state.settings.upload_limit
        acts, sent = Context(acting, ctx.db, ctx.clock), request.state.sent
        asked = Asked(self.graph, acts, path, sent, is_administrator, request.state.form, limit)
        if "course_name" in path:
            await self.enter(asked)
        if not any(has_scope(principal, each) for each in route.scopes):
            raise Refused(403, said.NO_SCOPE)
        if route.for_instructors and asked.level != INSTRUCTOR:
            raise Refused(403, said.NOT_INSTRUCTOR)
        if "assessment_name" in path:
            require_assessment(asked)
        return asked

    async def enter(self, asked: Asked) -> None:
        """Find the course, the person's level in it and the assessment. Raises Refused."""
        try:
            found = (await asked.look("Place", course_name=asked.path["course_name"]))["place"]
        except BadRequest:
            found = None
        if found is None:
            raise Refused(404, said.NO_COURSE)
        asked.place = found
        name = asked.path.get("assessment_name", "")
        named = {"assessment_name": name if name.isprintable() else ""}
        keys = {"course_instance_id": found["id"], "user_id": asked.ctx.user_id}
        standing = await asked.look("Standing", **keys, **named)
        enrolled = next(iter(standing["enrollments"]["nodes"]), None)
        asked.assessment = next(iter(standing["assessments"]["nodes"]), {})
        if asked.is_administrator:
            asked.level = INSTRUCTOR
        elif enrolled is None:
            raise Refused(403, said.NOT_IN_COURSE)
        else:
            asked.level = LEVELS[enrolled["role"]]
        if asked.level != INSTRUCTOR and is_disabled(found, asked.ctx.now):
            raise Refused(403, said.COURSE_DISABLED)

    def require_done(self, data: Row) -> None:
        """Raise Refused when a rule forbade the write."""
        for payload in data.values():
            for error in (payload or {}).get("userErrors", []) if isinstance(payload, dict) else []:
                key = (error["field"][-1] if error["field"] else "", error["code"])
                raise Refused(self.route.refused, self.route.failure + self.route.words.get(key, error["message"]))


def is_disabled(course: Row, now: datetime) -> bool:
    """Whether a course is closed to all but its instructors."""
    is_over = course["end_at"] is not None and course["end_at"] < now
    return course["availability"] == "DISABLED" or (course["is_disabled_at_end"] and is_over)


def require_assessment(asked: Asked) -> None:
    """Raise Refused unless there is the assessment, and for students unless it is released."""
    if not asked.assessment:
        raise Refused(404, said.NO_ASSESSMENT)
    start_at = asked.assessment["start_at"]
    if asked.level == STUDENT and start_at is not None and start_at >= asked.ctx.now:
        raise Refused(403, said.NOT_RELEASED)


def key_of(text: str) -> int:
    """The integer that a part of a path is; NOWHERE for anything else."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else NOWHERE
