"""Looking at a course run as a learner would: kept in a browser's session, for one run (contracts/edx-core.md §0.9).

These paths are beside the API: `/courses/{run}/masquerade`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.domain.identity.sessions import put_on, take_off
from app.rest.openedx.asking import LEARNER, Asked
from app.rest.openedx.endpoint import STAFF as TEACHING
from app.rest.openedx.endpoint import Made, Operation
from app.rest.openedx.refusals import PLAIN, Refused
from app.rest.route import Call, Row, closed
from app.web.session import COOKIE

PATH = "/{course_key_string}/masquerade"
STAFF, STUDENT = "staff", "student"
NO_SESSION = "Sign in with a browser: it is kept in its session."
UNKNOWN_ROLE = "The role is staff or student."
UNKNOWN_GROUP = "There is no such group in this course."
NOBODY_HERE = 'There is no user with the username or email address "{}" enrolled in this course.'


async def choose(asked: Asked) -> Mapping[str, Any]:
    """Keep what is sent. Raises Refused, saying no success, for who is no learner of the run and for no session."""
    here: dict[str, Any] = {"cookie": asked.request.cookies.get(COOKIE, ""), "course_instance_id": asked.run["id"]}
    role, name, group = asked.field("role"), asked.field("user_name"), asked.field("group_id")
    if role not in (STAFF, STUDENT):
        raise unsuccessful(UNKNOWN_ROLE, 400)
    if role == STUDENT:
        here |= {"user_id": await _learner(asked, name)} if name else {"group_id": await _group(asked, group)}
    async with asked.ctx.db.transaction():
        is_kept = await (take_off(asked.ctx, **here) if role == STAFF else put_on(asked.ctx, **here))
    if not is_kept:
        raise unsuccessful(NO_SESSION, 400)
    return {}


def unsuccessful(why: str, status: int = 200) -> Refused:
    """What went wrong, as the front end shows it."""
    return Refused(status, body={"success": False, "error": why})


async def _learner(asked: Asked, name: Any) -> int:
    """The number of a learner of the run, by username or e-mail address."""
    person = None
    if isinstance(name, str):
        person = await asked.person(name) or await asked.person_by_email(name)
    enrollment = None if person is None else await asked.enrollment_of(person["id"])
    if person is None or enrollment is None or (enrollment["role"], enrollment["status"]) != (LEARNER, "ACTIVE"):
        raise unsuccessful(NOBODY_HERE.format(name if isinstance(name, str) else ""))
    number: int = person["id"]
    return number


async def _group(asked: Asked, group_id: Any) -> int | None:
    """The group's number; None for none."""
    if group_id is None:
        return None
    known = {each["group_id"] for each in (await _groups(asked))}
    if isinstance(group_id, bool) or not isinstance(group_id, int) or group_id not in known:
        raise unsuccessful(UNKNOWN_GROUP)
    return group_id


async def _groups(asked: Asked) -> list[Row]:
    found = await asked.look("MasqueradeGroups", course_instance_id=asked.run["id"])
    made: list[Row] = found["courseInstance"]["groups"]["nodes"]
    return made


async def choice(asked: Asked) -> Mapping[str, Any]:
    """Look up whom the caller looks as at present."""
    mask, person = asked.mask, None
    if mask is not None and mask["user_id"] is not None:
        person = (await asked.look("PersonByNumber", user_id=mask["user_id"]))["person"]
    asked.found |= {"mask": mask, "person": person}
    return {"course_instance_id": asked.run["id"]}


def choices(data: Row, call: Call) -> Row:
    """As whom the caller looks, and as whom they might."""
    asked: Asked = data["asked"]
    mask, person = asked.found["mask"], asked.found["person"]
    groups = [_option(each) for each in data["courseInstance"]["groups"]["nodes"]]
    name = "" if person is None else person["username"]
    group_id = None if mask is None else mask["group_id"]
    group = next((each for each in groups if each["group_id"] == group_id), {})
    active = {
        "course_key": asked.run["key"],
        "group_id": group_id,
        "group_name": group.get("name"),
        "role": STAFF if mask is None else STUDENT,
        "user_name": name or None,
        "user_partition_id": group.get("user_partition_id"),
    }
    people = [{"name": "Staff", "role": STAFF}, {"name": "Specific Student...", "role": STUDENT, "user_name": name}]
    return {"success": True, "active": active, "available": [*people, {"name": "Learner", "role": STUDENT}, *groups]}


def _option(group: Row) -> Row:
    return {
        "group_id": group["group_id"],
        "name": group["name"],
        "role": STUDENT,
        "user_partition_id": group["set"]["user_partition_id"],
    }


SUCCESS = closed({"success": {"type": "boolean"}})
OPTIONS = closed({**SUCCESS["properties"], "active": {"type": "object"}, "available": {"type": "array"}})
RUN: dict[str, Any] = {"run": "course_key_string", "needs": TEACHING, "style": PLAIN}
ROUTES = [
    Operation("GET", PATH, "MasqueradeGroups", Made(make=choices, made=OPTIONS), plan=choice, **RUN),
    Operation(
        "POST",
        PATH,
        "MasqueradeChosen",
        Made(make=lambda data, call: {"success": True, "error": None}, made=SUCCESS),
        plan=choose,
        **RUN,
    ),
]
