"""Enrolments (contracts/edx-core.md §6)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from app.domain.catalog.keys import parse_run
from app.rest.openedx import enrolling
from app.rest.openedx.asking import MOST_CHARACTERS, Asked
from app.rest.openedx.endpoint import ADMINISTRATOR, ANYBODY, Made, Operation
from app.rest.openedx.kinds import TEXT, parameter
from app.rest.openedx.paging import Cursored
from app.rest.openedx.placing import enroll, placed, require_placed
from app.rest.openedx.refusals import DEVELOPER, MESSAGE, PLAIN, Refused
from app.rest.route import Call, Row, Schema, nullable

V1 = "/enrollment/v1"
NONE: Row = {"databaseId": {"in": []}}
LEARNS: Row = {"or": [{"role": {"eq": "STUDENT"}}, {"track": {"isNull": False}}]}
MOST_NAMES = 100
USERNAME = re.compile(r"[\w.@+-]+")
INVALID = "Enter a valid value."
MANY = "Too many values: at most {}."
LIST: Schema = {"type": "array", "items": enrolling.ENROLLMENT}


async def the_course(asked: Asked) -> Mapping[str, Any]:
    """The key of the run, which anybody may ask about. Raises Refused."""
    key = asked.path["course_id"]
    if len(key) > MOST_CHARACTERS or parse_run(key) is None:
        raise _no_course(key)
    asked.look_on()
    return {"key": key}


def told_course(data: Row, call: Call) -> Row:
    """The course run. Raises Refused where there is none."""
    asked: Asked = data["asked"]
    if data["course"] is None:
        raise _no_course(asked.path["course_id"])
    return enrolling.course(data["course"], with_expired=bool(asked.given("include_expired")))


def _no_course(key: str) -> Refused:
    return Refused(400, f"No course found for course ID '{key}'")


async def of_person(asked: Asked) -> Mapping[str, Any]:
    """Which enrolments of whom: all for oneself and global staff, for others those in runs that they staff."""
    name = asked.given("user") or (await _own_name(asked))
    person = await asked.person(name)
    if person is None:
        asked.look_on()
        return {"where": NONE}
    where: Row = {"and": [{"userId": {"eq": person["id"]}, "status": {"eq": "ACTIVE"}}, LEARNS]}
    if person["id"] != asked.ctx.principal.user_id and not asked.is_administrator:
        taught = await asked.look("Taught", user_id=asked.ctx.user_id)
        places = [each["courseInstance"]["id"] for each in taught["enrollments"]["nodes"] if each["courseInstance"]]
        where["and"].append({"courseInstanceId": {"in": places}})
    asked.look_on()
    return {"where": where}


async def _own_name(asked: Asked) -> str | None:
    return None if asked.ctx.principal.user_id is None else str((await asked.caller())["username"])


def told_list(data: Row, call: Call) -> list[Row]:
    """The enrolments of a person."""
    return [enrolling.enrollment(each) for each in data["enrollments"]["nodes"] if enrolling.is_told(each)]


async def one_of_person(asked: Asked) -> Mapping[str, Any]:
    """Which enrolment of whom. Raises Refused for other people's."""
    key, name = asked.path["course_id"], asked.path.get("username") or await _own_name(asked)
    if name is None or (not asked.is_administrator and name != await _own_name(asked)):
        raise Refused(404, body=None)
    if parse_run(key) is None:
        raise Refused(404, body=None)
    person, run = await asked.person(name), await asked.find_run(key)
    asked.look_on()
    if person is None or run is None:
        return {"where": NONE}
    return {"where": {"userId": {"eq": person["id"]}, "courseInstanceId": {"eq": run["id"]}}}


def told_one(data: Row, call: Call) -> Row | None:
    """The enrolment; None where there is none."""
    rows = told_list(data, call)
    return rows[0] if rows else None


async def listed(asked: Asked) -> Mapping[str, Any]:
    """Which enrolments are asked for. Raises Refused."""
    conditions: list[Row] = [LEARNS]
    keys = [asked.given("course_id")] if asked.given("course_id") is not None else []
    if any(parse_run(each or "") is None for each in keys):
        raise Refused(400, fields={"course_id": INVALID})
    for name, column, operator in (("course_id", "key", "eq"), ("course_ids", "key", "contains")):
        wanted = [each for each in keys if each] if name == "course_id" else _names(asked, name)
        if wanted:
            found = await _found(asked, "RunsFound", column, operator, wanted)
            conditions.append({"courseInstanceId": {"in": found}})
    for name in ("username", "email"):
        wanted = _names(asked, name)
        if name == "username" and not all(USERNAME.fullmatch(each) for each in wanted):
            raise Refused(400, fields={name: INVALID})
        if wanted:
            conditions.append({"userId": {"in": await _found(asked, "PeopleFound", name, "eq", wanted)}})
    return {"where": {"and": conditions}}


def _names(asked: Asked, name: str) -> list[str]:
    wanted = asked.listed(name)
    if len(wanted) > MOST_NAMES:
        raise Refused(400, fields={name: MANY.format(MOST_NAMES)})
    if not all(each.isprintable() for each in wanted):
        raise Refused(400, fields={name: INVALID})
    return wanted


async def _found(asked: Asked, document: str, column: str, operator: str, wanted: list[str]) -> list[int]:
    where = {"or": [{column: {operator: each}} for each in wanted]}
    return [each["id"] for each in (await asked.look(document, where=where))["found"]["nodes"]]


def told_roles(data: Row, call: Call) -> Row:
    """The roles of the caller, of one course run if that is asked for."""
    asked: Asked = data["asked"]
    wanted = asked.given("course_id")
    roles = [role for each in data["enrollments"]["nodes"] if (role := enrolling.role(each)) is not None]
    kept = [each for each in roles if not wanted or each["course_id"] == wanted]
    return {"roles": kept, "is_staff": asked.is_administrator}


async def to_forget(asked: Asked) -> Mapping[str, Any]:
    """Who leaves. Raises Refused unless they asked to be forgotten."""
    name = asked.field("username")
    if not name:
        raise Refused(404, body="Username not specified.")
    known = isinstance(name, str) and name.isprintable() and len(name) <= MOST_CHARACTERS
    person = (await asked.look("Retirement", username=name))["person"] if known else None
    if person is None or person["requested_at"] is None:
        raise Refused(404, body="No retirement request status for username.")
    return {"input": {"userId": str(person["id"])}}


def told_organizations(data: Row, call: Call) -> Any:
    """Whose courses they have left; 204 where there was nothing to leave."""
    return data["done"]["organizations"] or Response(status_code=204)


USER = parameter("user", "Username of whose; the caller's when absent.")
FILTERS = (
    parameter("course_id", "Key of the course run."),
    parameter("course_ids", "Parts of keys of course runs, between commas."),
    parameter("username", "Usernames, between commas."),
    parameter("email", "E-mail addresses, between commas."),
    parameter("cursor", "Where the page begins."),
    parameter("page_size", "How many on a page, at most 100."),
)
ROUTES = [
    Operation(
        "GET",
        V1 + "/course/{course_id}",
        "CourseToEnrollIn",
        Made(make=told_course, made=enrolling.COURSE),
        needs=ANYBODY,
        style=MESSAGE,
        plan=the_course,
        parameters=[parameter("include_expired", "Any text: tracks that are open no more, too.")],
    ),
    Operation(
        "GET",
        V1 + "/enrollment",
        "EnrollmentsOfPerson",
        Made(make=told_list, made=LIST),
        style=MESSAGE,
        by_key=True,
        plan=of_person,
        parameters=[USER],
    ),
    Operation(
        "POST",
        V1 + "/enrollment",
        "Enroll",
        Made(make=placed, made=enrolling.ENROLLMENT),
        style=MESSAGE,
        by_key=True,
        plan=enroll,
        then=require_placed,
    ),
    Operation(
        "GET",
        V1 + "/enrollment/{username},{course_id}",
        "EnrollmentOfPerson",
        Made(make=told_one, made=nullable(enrolling.ENROLLMENT)),
        style=MESSAGE,
        by_key=True,
        plan=one_of_person,
    ),
    Operation(
        "GET",
        V1 + "/enrollment/{course_id}",
        "OwnEnrollment",
        Made(make=told_one, made=nullable(enrolling.ENROLLMENT)),
        style=MESSAGE,
        by_key=True,
        plan=one_of_person,
    ),
    Operation(
        "GET",
        V1 + "/enrollments[/]",
        "EnrollmentList",
        Cursored(("enrollments",), enrolling.FLAT, size=100, most=100),
        needs=ADMINISTRATOR,
        style=DEVELOPER,
        plan=listed,
        parameters=FILTERS,
    ),
    Operation(
        "GET",
        V1 + "/roles/",
        "CourseRoles",
        Made(make=told_roles, made=enrolling.ROLES),
        style=MESSAGE,
        parameters=[parameter("course_id", "Key of the course run; all when absent.")],
    ),
    Operation(
        "POST",
        V1 + "/unenroll/",
        "UnenrollEverywhere",
        Made(make=told_organizations, made={"type": "array", "items": TEXT}),
        needs=ADMINISTRATOR,
        style=PLAIN,
        empty=204,
        plan=to_forget,
    ),
]
