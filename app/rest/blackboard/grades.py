"""Grades: the cells of a gradebook, and which of them changed last (contracts/blackboard.md §5.6, §5.7, §6)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.errors import BadRequest, Forbidden
from app.rest.blackboard import filters
from app.rest.blackboard.asking import SEE_LEARNERS, TAKE_PART, Asked
from app.rest.blackboard.columns import COLUMN_PATH, GRADEBOOK
from app.rest.blackboard.endpoint import Operation, Spelled
from app.rest.blackboard.filters import Filter, Where
from app.rest.blackboard.gradebook import GRADE
from app.rest.blackboard.memberships import WITH_DISABLED, the_member, with_disabled
from app.rest.blackboard.parameters import LISTED, ONE, described, parameter
from app.rest.route import Row

USERS = COLUMN_PATH + "/users"
UNPOSTED = parameter("includeUnpostedGrades", "Whether calculated columns count what is not posted.", "boolean")


def _after(text: str) -> Where:
    digits = text.lstrip("-+")
    if not (digits.isascii() and digits.isdecimal()):
        raise BadRequest("changeIndex must be a whole number.")
    return {"changeIndex": {"gt": max(-1, min(int(text), 2**63 - 1)) if len(digits) < 20 else 2**63 - 1}}


FILTERS = {
    "changeIndex": Filter(_after),
    "firstRelevantDate": filters.since("firstRelevantAt"),
    "lastRelevantDate": filters.since("lastRelevantAt"),
}


async def changed(asked: Asked) -> Mapping[str, Any]:
    """Which grades of the column; those of disabled members are read, too, to be left out."""
    conditions = [{"assessmentId": {"eq": asked.ids["column_id"]}}, *filters.where(dict(asked.query), FILTERS)]
    more = 0
    if not with_disabled(asked):
        more = await leave_out_disabled(asked)
    return {"where": {"and": conditions}, "first": asked.page.first + more, "unposted": unposted(asked)}


async def leave_out_disabled(asked: Asked) -> int:
    """Let the grades of disabled members be passed over; how many these are."""
    found = await asked.look("Disabled", course_id=asked.ids["course_id"])
    disabled = {each["user"]["id"] for each in found["enrollments"]["nodes"]}
    asked.keep = lambda row: row["user"]["id"] not in disabled
    return len(disabled)


async def latest(asked: Asked) -> Mapping[str, Any]:
    """Whether the grades of disabled members count."""
    return {"enrolled_only": not with_disabled(asked)}


async def of_one(asked: Asked) -> Mapping[str, Any]:
    """Refuses a learner who asks for somebody else's, and somebody who is not a member."""
    if not asked.sees_learners and asked.ids["user_id"] != asked.ctx.user_id:
        raise Forbidden("The grades of others are for the staff.")
    await the_member(asked)
    return {"first": asked.page.first, "unposted": unposted(asked)}


def unposted(asked: Asked) -> bool:
    """Whether calculated columns count what is not posted. Raises BadRequest."""
    return filters.flag(asked.given("includeUnpostedGrades") or "false", "includeUnpostedGrades")


async def with_names(asked: Asked, data: Row) -> Row:
    """The grade, or only whose and of what where there is none."""
    names = {"user": {"id": asked.ids["user_id"]}, "column": {"id": asked.ids["column_id"]}, "points": None}
    return {"grade": next(iter(data["columnGrades"]["nodes"]), names)}


async def changes(asked: Asked) -> Mapping[str, Any]:
    """The input that writes what is sent. Raises BadRequest."""
    await the_member(asked)
    made = GRADE.read(asked.sent)
    if made.get("isExempt", False) is None:
        raise BadRequest("exempt: true or false is asked for")
    pair = {"assessmentId": str(asked.ids["column_id"]), "userId": str(asked.ids["user_id"])}
    return {"input": {**pair, **made}}


async def as_it_is(asked: Asked, data: Row) -> Row:
    """The grade that was written, or only whose and of what where there is none."""
    return await with_names(asked, {"columnGrades": {"nodes": [each for each in [data["done"]["grade"]] if each]}})


ROUTES = [
    Operation(
        "GET",
        USERS,
        "Grades",
        Spelled(("columnGrades", "nodes"), thing=GRADE, most=100),
        needs=TAKE_PART,
        plan=changed,
        parameters=(*described(FILTERS), WITH_DISABLED, UNPOSTED, *LISTED),
    ),
    Operation(
        "GET",
        USERS + "/lastChanged",
        "LastChanged",
        Spelled(("column", "grade"), thing=GRADE, may_be_empty=True),
        needs=SEE_LEARNERS,
        empty=204,
        plan=latest,
        parameters=(WITH_DISABLED, *ONE),
    ),
    Operation(
        "GET",
        USERS + "/{userId}",
        "Grade",
        Spelled(("grade",), thing=GRADE),
        needs=TAKE_PART,
        plan=of_one,
        then=with_names,
        parameters=(UNPOSTED, *ONE),
    ),
    Operation(
        "PATCH",
        USERS + "/{userId}",
        "UpdateGrade",
        Spelled(("grade",), thing=GRADE),
        needs=SEE_LEARNERS,
        plan=changes,
        then=as_it_is,
        parameters=ONE,
    ),
    Operation(
        "GET",
        GRADEBOOK + "/users/{userId}",
        "GradesOfUser",
        Spelled(("columnGrades", "nodes"), thing=GRADE, most=100),
        needs=TAKE_PART,
        plan=of_one,
        parameters=(UNPOSTED, *LISTED),
    ),
]
