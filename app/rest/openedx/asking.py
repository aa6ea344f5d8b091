"""A request that is let in: what it gives, which course run it is about, what the caller is to that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request

from app.context import Context
from app.domain.catalog.keys import parse_run, parse_usage
from app.principal import READ, SCOPES, Principal
from app.rest.binding import INT32
from app.rest.document import Document, load
from app.rest.endpoint import run
from app.rest.route import Row
from app.web.session import origin
from schema.core.graph import Graph

MOST_CHARACTERS = 255
LEARNER = "STUDENT"
NOBODY = 0
"""The number of no user: what the program reads for strangers, and what guests see, is read under it."""
TRUE, FALSE = ("true", "True", "1"), ("false", "False", "0")


SHARED = "guard"


@lru_cache(maxsize=128)
def documents(graph: Graph, family: str) -> dict[str, Document]:
    """The documents of a family, with those that all share to look things up."""
    here = Path(__file__)
    own = {} if family == SHARED else load(graph, here.with_name(f"{family}.graphql"))
    return load(graph, here.with_name(f"{SHARED}.graphql")) | own


@dataclass(slots=True, kw_only=True)
class Asked:
    """`run` is the course run that the request is about, `access` what the caller may do there, where it names one.

    `sent` is the value that was sent, `files` the files of a form. `found` is for the operation to keep what it looked
    up. `enrollment` is the caller's row in the run, dropped or not. `may_mask`: staff who look at the run as somebody
    else (masquerade.py) are told what that person would be; then it `is_masked`.
    """

    graph: Graph
    family: str
    ctx: Context
    request: Request
    sent: Any = None
    files: Mapping[str, bytes] = field(default_factory=dict)
    run: Row = field(default_factory=dict)
    access: Row = field(default_factory=dict)
    enrollment: Row | None = None
    found: Row = field(default_factory=dict)
    may_mask: bool = False
    is_masked: bool = False

    @property
    def path(self) -> Mapping[str, str]:
        """What the path says."""
        return self.request.path_params

    @property
    def query(self) -> Sequence[tuple[str, str]]:
        """The parameters of the query, in their order."""
        return self.request.query_params.multi_items()

    @property
    def is_administrator(self) -> bool:
        """Global staff."""
        return self.ctx.principal.is_admin

    @property
    def is_staff(self) -> bool:
        """Staff of the course run."""
        return self.is_administrator or bool(self.access.get("sees_learners"))

    @property
    def was_staff(self) -> bool:
        """Staff of the course run, also while they look at it as a learner."""
        return self.is_masked or self.is_staff

    @property
    def mask(self) -> Row | None:
        """As whom the caller has chosen to look at the run; None for as themselves."""
        found: Row | None = getattr(self.request.state, "masks", {}).get(str(self.run["id"]))
        return found

    @property
    def is_author(self) -> bool:
        """Who may change everything in the course run."""
        return self.is_administrator or bool(self.access.get("instructs"))

    @property
    def moderates(self) -> bool:
        """Who looks after the discussions of the course run."""
        return self.is_administrator or bool(self.access.get("moderates"))

    @property
    def base(self) -> str:
        """Scheme, host and port of absolute addresses, as the client wrote them."""
        return origin(self.request)

    def at(self, **changes: str | None) -> str:
        """The absolute address of the request with some parameters changed, None for those that are to go."""
        kept = [(name, value) for name, value in self.query if name not in changes]
        pairs = [*kept, *((name, value) for name, value in changes.items() if value is not None)]
        return f"{self.base}{self.request.url.path}{f'?{urlencode(pairs)}' if pairs else ''}"

    def given(self, name: str) -> str | None:
        """A parameter of the query; of several of a name the last."""
        return self.request.query_params.get(name)

    def listed(self, name: str) -> list[str]:
        """The values of a parameter that may be repeated, and hold several between commas."""
        return [part.strip() for key, value in self.query if key == name for part in value.split(",") if part.strip()]

    def field(self, name: str) -> Any:
        """A key of what was sent; None where that is no object."""
        return self.sent.get(name) if isinstance(self.sent, Mapping) else None

    async def ask(self, name: str, **variables: Any) -> Row:
        """What a document of the family's, or one that all share, finds for the caller."""
        return await run(self.graph, documents(self.graph, self.family)[name], self.ctx, variables)

    async def look(self, name: str, **variables: Any) -> Row:
        """What such a document finds, whoever asks: what there is, and who people are."""
        return await run(self.graph, documents(self.graph, self.family)[name], self._program(), variables)

    async def find_run(self, key: str | None) -> Row | None:
        """The course run of a key, whoever asks; None for no key, or where there is none."""
        if key is None or len(key) > MOST_CHARACTERS or parse_run(key) is None:
            return None
        found: Row | None = (await self.look("RunFound", key=key))["run"]
        return found

    async def enter(self, found: Row) -> None:
        """Be about this course run: learn what the caller is to it."""
        self.run = found
        if self.ctx.principal.user_id is None:
            return
        known = await self.ask("Standing", course_instance_id=found["id"], user_id=self.ctx.user_id)
        self.access = (known["courseInstance"] or {}).get("access", {})
        self.enrollment = next(iter(known["enrollments"]["nodes"]), None)
        if self.may_mask and self.is_staff:
            await self._mask(self.mask)

    async def enter_of_block(self) -> None:
        """Be about the course run of the block in the path, where the caller looks at some run as somebody else."""
        usage = parse_usage(self.path.get("usage_key_string", ""))
        if usage is not None and usage.run is not None and getattr(self.request.state, "masks", {}):
            run = await self.find_run(f"course-v1:{usage.organization}+{usage.course}+{usage.run}")
            if run is not None:
                await self.enter(run)

    async def _mask(self, mask: Row | None) -> None:
        """Be the learner that the caller has chosen to look as: that person, or one of a group, or of none."""
        if mask is None:
            return
        if mask["user_id"] is None:
            learning = {"learns_in": self.run["id"], "learns_with": mask["group_id"]}
            acting = Principal(self.ctx.user_id, scopes=frozenset({READ}), **learning)
            self.enrollment = {**(self.enrollment or {"id": 0}), "role": LEARNER, "status": "ACTIVE"}
        else:
            enrollment = await self.enrollment_of(mask["user_id"])
            if enrollment is None or enrollment["role"] != LEARNER:
                return
            acting = Principal(mask["user_id"], scopes=frozenset({READ}))
            self.enrollment = enrollment
        self.ctx = Context(acting, self.ctx.db, self.ctx.clock)
        self.access, self.is_masked = {}, True

    async def caller(self) -> Row:
        """The caller as a person."""
        if "caller" not in self.found:
            self.found["caller"] = (await self.look("PersonByNumber", user_id=self.ctx.user_id))["person"]
        made: Row = self.found["caller"]
        return made

    async def enrollment_of(self, user_id: int) -> Row | None:
        """Somebody's row in the course run, dropped or not, whoever asks."""
        found = await self.look("Standing", course_instance_id=self.run["id"], user_id=user_id)
        return next(iter(found["enrollments"]["nodes"]), None)

    async def blocks(self, keys: Sequence[str]) -> dict[str, Row]:
        """The blocks of these keys in the course run, whoever asks, by key."""
        known = [each for each in keys if len(each) <= MOST_CHARACTERS and each.isprintable()]
        found = await self.look("BlocksByKey", course_instance_id=self.run["id"], keys=known)
        return {each["usage_key"]: each for each in found["blocks"]["nodes"]}

    async def person(self, name: str | None) -> Row | None:
        """The user of a username, whoever asks."""
        return await self._person("PersonFound", username=name)

    async def person_by_email(self, email: str | None) -> Row | None:
        """The user of an e-mail address, whoever asks."""
        return await self._person("PersonByEmail", email=email)

    async def person_by_number(self, text: str) -> Row | None:
        """The user of a number, whoever asks."""
        number = whole(text)
        return None if number is None else (await self.look("PersonByNumber", user_id=number))["person"]

    def become(self, user_id: int | None) -> None:
        """Read on as somebody else would, or as nobody would. What the caller is stays known."""
        if self.is_masked and user_id == self.ctx.principal.user_id:
            return
        acting = Principal.anonymous if user_id is None else Principal(user_id, scopes=frozenset({READ}))
        self.ctx = Context(acting, self.ctx.db, self.ctx.clock)

    def look_on(self) -> None:
        """Read on whoever asks: for documents that name what they read. What the caller is stays known."""
        self.ctx = self._program()

    def _program(self) -> Context:
        """The program itself, which asks for the caller, or for nobody."""
        user_id = self.ctx.principal.user_id
        program = Principal(NOBODY if user_id is None else user_id, is_admin=True, scopes=frozenset(SCOPES))
        return Context(program, self.ctx.db, self.ctx.clock)

    async def _person(self, document: str, **named: str | None) -> Row | None:
        [text] = named.values()
        if text is None or not text.isprintable() or len(text) > MOST_CHARACTERS:
            return None
        found: Row | None = (await self.look(document, **named))["person"]
        return found


def whole(text: str) -> int | None:
    """The number of a row that a text says; None for what can be none."""
    number = int(text) if text.isascii() and text.isdecimal() and len(text) < 11 else INT32
    return number if number < INT32 else None
