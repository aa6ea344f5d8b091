"""Courses, and courses that are merged into one (contracts/blackboard.md §5.1, §5.2, §8)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from app.errors import BadRequest
from app.rest.blackboard import filters
from app.rest.blackboard.asking import ADMINISTER, INSTRUCT, SEE, Asked, expanded
from app.rest.blackboard.endpoint import Operation, Spelled
from app.rest.blackboard.parameters import EXPAND, LISTED, ONE, SORT, described, parameter
from app.rest.blackboard.refusals import Conflict, required, unknown
from app.rest.blackboard.things import CHILD, COURSE, COURSE_AVAILABILITY
from app.rest.route import Row

COURSES = "/v3/courses"
COURSE_PATH = COURSES + "/{courseId}"
CHILDREN = "/v1/courses/{courseId}/children"
SORTED = {
    "courseId": "NAME",
    "name": "LONG_NAME",
    "externalId": "EXTERNAL_ID",
    "created": "CREATED_AT",
    "modified": "UPDATED_AT",
}
OWN = {text: value for value, text in COURSE_AVAILABILITY.items()}
AVAILABLE: dict[str, Any] = {
    text: {"availability": {"eq": value}, "followsTerm": {"eq": False}} for text, value in OWN.items()
} | {"Term": {"followsTerm": {"eq": True}}}


def _external(text: str) -> filters.Where:
    """Courses without an external id have their courseId for one."""
    own, name = filters.contains("externalId").make(text), filters.contains("name").make(text)
    return {"or": [own, {"externalId": {"isNull": True}, **name}]}


FILTERS = {
    "availability.available": filters.one_of("availability", AVAILABLE),
    "created": filters.since("createdAt"),
    "modified": filters.since("updatedAt"),
    "courseId": filters.contains("name"),
    "name": filters.contains("longName"),
    "description": filters.contains("description"),
    "externalId": filters.Filter(_external),
    "organization": filters.is_flag("isOrganization"),
    "allowGuests": filters.is_flag("allowsGuests"),
}
REFERENCES = (parameter("dataSourceId", "Of this data source."), parameter("termId", "Of this term."))


async def wanted(asked: Asked) -> Mapping[str, Any]:
    """Which courses, in which order; disabled ones are for applications."""
    query = dict(asked.query)
    conditions = [*filters.where(query, FILTERS), *await asked.conditions()]
    if not asked.is_administrator:
        conditions.append({"not": {"availability": {"eq": "DISABLED"}}})
    order = [*filters.order(query.get("sort"), SORTED), {"field": "DATABASE_ID", "direction": "ASC"}]
    return {"where": {"and": conditions}, "order": order, "first": asked.page.first}


async def of_a_parent(asked: Asked) -> Mapping[str, Any]:
    """Refuses a course that nothing is merged into."""
    if not asked.course["children"]:
        raise BadRequest("Course not a cross-listed parent")
    return with_course(asked)


async def of_its_parent(asked: Asked) -> Mapping[str, Any]:
    """Refuses a course that is not merged into that one."""
    if asked.ids["child_course_id"] not in [each["id"] for each in asked.course["children"]]:
        raise unknown(asked.path["childCourseId"])
    return with_course(asked)


async def of_the_set(asked: Asked) -> Mapping[str, Any]:
    """The parent of the set that a course is in: itself, or what it is merged into."""
    return {"parent_id": (asked.course["parent"] or asked.course)["id"], **with_course(asked)}


def with_course(asked: Asked) -> Row:
    """Whether the children's courses are asked for."""
    return {"with_course": expanded(asked, "childCourse")}


async def in_themselves(asked: Asked, data: Row) -> Row:
    """Each child with its course in it, where that is asked for."""
    found = data["courseInstance"]
    if found is not None and expanded(asked, "childCourse"):
        for each in [found] if "childCourseId" in asked.path else found["children"]:
            each["childCourse"] = dict(each)
    return {}


async def changes(asked: Asked) -> Mapping[str, Any]:
    """The input that writes what is sent."""
    return {"input": {"courseInstanceId": str(asked.ids["course_id"]), **await details(asked)}}


async def new_course(asked: Asked) -> Mapping[str, Any]:
    """The input of a new course. Raises BadRequest."""
    code = asked.sent.get("courseId")
    if not isinstance(code, str):
        raise BadRequest("courseId is required")
    return {"input": {"name": code, **required(await details(asked), "longName", "name")}}


async def details(asked: Asked) -> Row:
    """What is sent of a course, as inputs say it: that it is available as its term is stands by itself."""
    made = await asked.settle(COURSE.read(asked.sent))
    if made.get("availability") == "TERM":
        del made["availability"]
        made["followsTerm"] = True
    elif "availability" in made:
        made["followsTerm"] = False
    return made


async def to_delete(asked: Asked) -> Mapping[str, Any]:
    """The course of the path."""
    return {"input": {"courseInstanceId": str(asked.ids["course_id"])}}


async def to_merge(asked: Asked) -> Mapping[str, Any]:
    """Both courses of the path. Raises Conflict when they are merged already."""
    child = asked.ids["child_course_id"]
    if child in [each["id"] for each in asked.course["children"]]:
        raise Conflict("The course is a child of this one already.")
    ignored = filters.flag(asked.given("ignoreEnrollmentErrors") or "false", "ignoreEnrollmentErrors")
    return {"input": {"parentId": str(asked.ids["course_id"]), "childId": str(child), "passingOver": ignored}}


async def to_separate(asked: Asked) -> Mapping[str, Any]:
    """The child of the path. Raises NotFound."""
    await of_its_parent(asked)
    return {"input": {"childId": str(asked.ids["child_course_id"])}}


def shows_all(row: Row) -> bool:
    """Whether the caller is told all of a course."""
    return bool(row["access"]["sees_content"])


SHOWN = Spelled(("courseInstance",), thing=COURSE, told=shows_all)
WITH_COURSE = replace(CHILD, expanded={"childCourse": COURSE})
IGNORED = parameter("ignoreEnrollmentErrors", "Whether who is in both courses is passed over.", "boolean")
ROUTES = [
    Operation(
        "GET",
        COURSES,
        "Courses",
        Spelled(("courseInstances", "nodes"), thing=COURSE, most=100, told=shows_all),
        plan=wanted,
        parameters=(*described(FILTERS), *REFERENCES, *LISTED, SORT),
    ),
    Operation(
        "POST",
        COURSES,
        "CreateCourse",
        replace(SHOWN, path=("done", "course")),
        needs=ADMINISTER,
        status=201,
        plan=new_course,
        parameters=ONE,
    ),
    Operation("GET", COURSE_PATH, "Course", SHOWN, needs=SEE, parameters=ONE),
    Operation(
        "PATCH",
        COURSE_PATH,
        "UpdateCourse",
        replace(SHOWN, path=("done", "course")),
        needs=INSTRUCT,
        plan=changes,
        parameters=ONE,
    ),
    Operation("DELETE", COURSE_PATH, "DeleteCourse", needs=ADMINISTER, status=202, empty=202, plan=to_delete),
    Operation(
        "GET",
        CHILDREN,
        "Children",
        Spelled(("courseInstance", "children"), thing=WITH_COURSE, most=100),
        needs=SEE,
        plan=of_a_parent,
        then=in_themselves,
        parameters=(EXPAND, *LISTED),
    ),
    Operation(
        "GET",
        CHILDREN + "/{childCourseId}",
        "Child",
        Spelled(("courseInstance",), thing=WITH_COURSE),
        needs=SEE,
        plan=of_its_parent,
        then=in_themselves,
        parameters=(EXPAND, *ONE),
    ),
    Operation(
        "PUT",
        CHILDREN + "/{childCourseId}",
        "AddChild",
        Spelled(("done", "child"), thing=CHILD),
        needs=ADMINISTER,
        status=201,
        conflicts=frozenset({"ALREADY_ENROLLED"}),
        plan=to_merge,
        parameters=(IGNORED, *ONE),
    ),
    Operation(
        "DELETE",
        CHILDREN + "/{childCourseId}",
        "RemoveChild",
        needs=ADMINISTER,
        status=204,
        empty=204,
        plan=to_separate,
    ),
    Operation(
        "GET",
        "/v1/courses/{courseId}/crossListSet",
        "CrossListSet",
        Spelled(("courseInstance", "children"), thing=WITH_COURSE, most=100),
        needs=SEE,
        plan=of_the_set,
        then=in_themselves,
        parameters=(EXPAND, *LISTED),
    ),
]
