"""A request that is let in: what its ids name, what the caller is to the course, what is looked up on the way."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, NoReturn

from app.context import Context
from app.errors import BadRequest, Forbidden
from app.principal import SCOPES, Principal
from app.rest.blackboard import ids
from app.rest.blackboard.dialect import OPEN
from app.rest.blackboard.ids import EXTERNAL, ID, Named
from app.rest.blackboard.paging import Page
from app.rest.blackboard.projection import Tree
from app.rest.blackboard.refusals import unknown
from app.rest.document import Document, load
from app.rest.endpoint import run
from app.rest.route import Row
from schema.core.graph import Graph

SEE, TAKE_PART, SEE_LEARNERS, INSTRUCT, ADMINISTER = "see", "take part", "see learners", "instruct", "administer"
NOT_MEMBER = "The user is not enrolled in the course."
NOT_ALLOWED = "The user does not have the needed role."
REFERENCES = {"dataSourceId": "DataSourceFound", "termId": "TermFound"}
"""References to what has an external id, and the documents that look them up."""
COLUMNS = {
    "id": "databaseId",
    "courseId": "name",
    "uuid": "uuid",
    "userName": "username",
    "studentId": "uin",
    "email": "email",
    "institutionEmail": "email",
    EXTERNAL: "externalId",
}


@lru_cache(maxsize=2)
def looks(graph: Graph) -> dict[str, Document]:
    """The documents that routes share to look things up."""
    return load(graph, Path(__file__).with_name("guard.graphql"))


@dataclass(slots=True, kw_only=True)
class Asked:
    """`ids` are the integer keys of what the path names; `course` and the caller's `access` to it where it names one.

    `keep` says which rows of a list are shown, where not all are.
    """

    graph: Graph
    ctx: Context
    path: Mapping[str, str]
    query: Sequence[tuple[str, str]]
    url: str
    wanted: Tree | None = None
    sent: Row = field(default_factory=dict)
    page: Page = field(default_factory=lambda: Page(0, 1))
    ids: dict[str, Any] = field(default_factory=dict)
    course: Row = field(default_factory=dict)
    access: Row = field(default_factory=dict)
    keep: Callable[[Row], bool] | None = None

    @property
    def is_administrator(self) -> bool:
        """An application, or a person whose token may do all: everything is open to them."""
        return self.ctx.principal.is_admin

    @property
    def is_staff(self) -> bool:
        """Whether the caller is told what learners are not."""
        return self.is_administrator or bool(self.access.get("sees_content"))

    @property
    def sees_learners(self) -> bool:
        """Whether the caller sees everybody's grades."""
        return self.is_administrator or bool(self.access.get("sees_learners"))

    def missing(self) -> NoReturn:
        """Refuse what the path names last. Raises NotFound."""
        raise unknown(list(self.path.values())[-1] if self.path else "")

    def given(self, name: str) -> str | None:
        """A parameter of the query."""
        return dict(self.query).get(name)

    async def ask(self, name: str, **variables: Any) -> Row:
        """What a shared document finds for the caller."""
        return await run(self.graph, looks(self.graph)[name], self.ctx, variables)

    async def look(self, name: str, **variables: Any) -> Row:
        """What a shared document finds, whoever asks: what there is, and who people are to the course."""
        caller = self.ctx.principal
        program = Principal(caller.user_id, is_admin=True, scopes=frozenset(SCOPES))
        context = Context(program, self.ctx.db, self.ctx.clock)
        return await run(self.graph, looks(self.graph)[name], context, variables)

    async def enter(self, needs: str | None) -> None:
        """Find what the path names, in its order, and refuse who may not go there."""
        if needs == OPEN:
            return
        parsed = self._parsed()
        if "courseId" in parsed:
            self.course = await self.find_course(parsed["courseId"])
            await self._admit(parsed["courseId"], needs)
            self.ids["course_id"] = self.course["id"]
        if needs == ADMINISTER and not self.is_administrator:
            raise Forbidden(NOT_ALLOWED)
        if "userId" in parsed:
            self.ids["user_id"] = await self.find_user(parsed["userId"])
        for name, look in (("columnId", self.find_column), ("childCourseId", self.find_child)):
            if name in parsed:
                self.ids[_snake(name)] = await look(parsed[name])
        for name in REFERENCES:
            if name in parsed:
                found = await self._find(REFERENCES[name], parsed[name], self._where(parsed[name]))
                self.ids[_snake(name)] = found["id"]
        for name in ("categoryId", "attemptId"):
            if name in parsed:
                self.ids[_snake(name)] = parsed[name].key

    def _parsed(self) -> dict[str, Named]:
        """The ids of the path. Raises BadRequest for the first that is malformed."""
        forms = {
            "courseId": (ids.COURSE_FORMS, frozenset()),
            "childCourseId": (ids.COURSE_FORMS, frozenset()),
            "userId": (ids.USER_FORMS, ids.USER_WORDS),
            "columnId": (ids.EXTERNAL_FORMS, ids.COLUMN_WORDS),
            "dataSourceId": (ids.EXTERNAL_FORMS, frozenset()),
            "termId": (ids.EXTERNAL_FORMS, frozenset()),
        }
        return {name: ids.parse(text, *forms.get(name, (frozenset(),))) for name, text in self.path.items()}

    async def _admit(self, named: Named, needs: str | None) -> None:
        """Raise Forbidden or NotFound unless the caller's part in the course is enough (§7)."""
        if self.is_administrator:
            return
        if self.course["availability"] == "DISABLED":
            raise unknown(named.sent)
        found = await self.ask("Standing", course_id=self.course["id"], user_id=self.ctx.user_id)
        own = next(iter(found["enrollments"]["nodes"]), None)
        here = found["courseInstance"]
        self.access = here["access"] if here else {}
        takes_part = own is not None and own["status"] != "DROPPED"
        if not (takes_part or self.access.get("sees_content")):
            raise unknown(named.sent) if needs == SEE else Forbidden(NOT_MEMBER)
        is_open = self.course["availability"] == "AVAILABLE" or self.access["sees_content"]
        if not is_open:
            raise unknown(named.sent)
        enough = {SEE_LEARNERS: self.access["sees_learners"], INSTRUCT: self.access["instructs"], ADMINISTER: False}
        if not enough.get(needs or "", True):
            raise Forbidden(NOT_ALLOWED)

    async def find_course(self, named: Named) -> Row:
        """The course of an id, whoever asks. Raises NotFound."""
        return await self._find("CourseFound", named, self._external(named, "name"))

    async def find_user(self, named: Named) -> int:
        """The user of an id. Raises NotFound; Forbidden for ways to name people that are for administrators."""
        if named.form == "me":
            return self.ctx.user_id
        if named.form in ids.PRIVATE_FORMS and not self.is_administrator:
            raise Forbidden(NOT_ALLOWED)
        found = await self._find("UserFound", named, self._external(named, "username"))
        return int(found["id"])

    async def find_column(self, named: Named) -> int:
        """The column of an id in the course. Raises NotFound; Forbidden for one that is hidden from the caller."""
        own = {"isExternalGrade": {"eq": True}} if named.form == "finalGrade" else self._where(named)
        where = {**own, "courseInstanceId": {"eq": self.course["id"]}}
        found = await self._find("ColumnFound", named, where)
        if not self.is_administrator:
            seen = await self.ask("ColumnFound", where={"databaseId": {"eq": found["id"]}})
            if not seen["found"]["nodes"]:
                raise Forbidden("The column is not visible.")
        self.course["column"] = found
        return int(found["id"])

    async def find_child(self, named: Named) -> int:
        """The course of an id. Raises NotFound."""
        return int((await self.find_course(named))["id"])

    async def settle(self, made: Row) -> Row:
        """The input with the keys of what its references name. Raises BadRequest where that is nothing."""
        for name in REFERENCES:
            if made.get(name) is not None:
                key = await self.refer(name, made[name])
                if key is None:
                    raise BadRequest(f"{name}: {made[name]} is not known")
                made[name] = str(key)
        return made

    async def refer(self, name: str, sent: str) -> int | None:
        """The key of what a reference of this name names; None where that is nothing."""
        named = ids.parse(sent, ids.EXTERNAL_FORMS)
        nodes = (await self.look(REFERENCES[name], where=self._where(named)))["found"]["nodes"]
        return nodes[0]["id"] if nodes else None

    async def conditions(self) -> list[Row]:
        """The conditions of the references in the query: a data source, a term."""
        given = {name: self.given(name) for name in REFERENCES}
        keys = {name: await self.refer(name, sent) for name, sent in given.items() if sent is not None}
        return [{name: {"in": [] if key is None else [key]}} for name, key in keys.items()]

    async def _find(self, name: str, named: Named, where: Row) -> Row:
        found: Row | None = next(iter((await self.look(name, where=where))["found"]["nodes"]), None)
        if found is None:
            raise unknown(named.sent)
        return found

    def _external(self, named: Named, default: str) -> Row:
        """The condition of an id whose external form is another key for those that have no external one."""
        if named.form != EXTERNAL:
            return self._where(named)
        without = {"externalId": {"isNull": True}, default: {"eq": named.value}}
        return {"or": [{"externalId": {"eq": named.value}}, without]}

    def _where(self, named: Named) -> Row:
        if named.form == ID:
            return {"databaseId": {"eq": named.key}}
        return {COLUMNS[named.form]: {"eq": named.value}}


def expanded(asked: Asked, *names: str) -> bool:
    """Whether one of these objects is to be put into each membership."""
    wanted = (asked.given("expand") or "").split(",")
    return any(each.strip().partition(".")[0] in names for each in wanted)


def _snake(name: str) -> str:
    return "".join("_" + each.lower() if each.isupper() else each for each in name)
