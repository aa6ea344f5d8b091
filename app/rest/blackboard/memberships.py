"""Who takes part in a course (contracts/blackboard.md §5.3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from app.errors import BadRequest
from app.rest.blackboard import filters, ids
from app.rest.blackboard.asking import INSTRUCT, TAKE_PART, Asked, expanded
from app.rest.blackboard.endpoint import Operation, Spelled
from app.rest.blackboard.parameters import EXPAND, LISTED, ONE, SORT, described, parameter
from app.rest.blackboard.things import COURSE, MEMBERSHIP, ROLES, USER
from app.rest.route import Row

MEMBERS = "/v1/courses/{courseId}/users"
MEMBER = MEMBERS + "/{userId}"
SORTED = {"created": "ENROLLED_AT"}
STATES: dict[str, Any] = {
    "Yes": {"status": {"eq": "ACTIVE"}, "isAvailable": {"eq": True}},
    "No": {"or": [{"status": {"eq": "COMPLETED"}}, {"status": {"eq": "ACTIVE"}, "isAvailable": {"eq": False}}]},
    "Disabled": {"status": {"eq": "DROPPED"}},
}
WRITTEN: dict[str, Row] = {
    "Yes": {"status": "ACTIVE", "isAvailable": True},
    "No": {"status": "ACTIVE", "isAvailable": False},
    "Disabled": {"status": "DROPPED"},
}
FILTERS = {
    "availability.available": filters.one_of("status", STATES),
    "created": filters.since("enrolledAt"),
    "modified": filters.since("updatedAt"),
}
BY_ROLE = (parameter("role", "In this role only."), parameter("dataSourceId", "Of this data source."))
WITH_DISABLED = parameter("includeDisabledMemberships", "Whether disabled memberships are listed, too.", "boolean")


def with_disabled(asked: Asked) -> bool:
    """Whether disabled memberships are asked for."""
    return filters.flag(asked.given("includeDisabledMemberships") or "false", "includeDisabledMemberships")


async def wanted(asked: Asked, key: str, value: int) -> dict[str, Any]:
    """Which memberships of a course or a user, in which order."""
    query = dict(asked.query)
    conditions = [{key: {"eq": value}}, *filters.where(query, FILTERS), *await asked.conditions()]
    if "role" in query:
        conditions.append(await in_role(asked, query["role"]))
    if not with_disabled(asked) and query.get("availability.available") != "Disabled":
        conditions.append({"not": {"status": {"eq": "DROPPED"}}})
    order = [*filters.order(query.get("sort"), SORTED), {"field": "DATABASE_ID", "direction": "ASC"}]
    return {"where": {"and": conditions}, "order": order, "first": asked.page.first}


async def in_role(asked: Asked, key: str) -> Row:
    """The condition of a role: one of the institution's, or what those are who have none."""
    found = await find_role(asked, key)
    own: Row = {"enrollmentRoleId": {"in": [] if found is None else [found["id"]]}}
    plain = [role for role, text in ROLES.items() if text == key]
    return {"or": [own, {"enrollmentRoleId": {"isNull": True}, "role": {"in": plain}}]}


async def find_role(asked: Asked, key: str) -> Row | None:
    """The institution's role of a name."""
    if not key.isprintable():
        return None
    return next(iter((await asked.look("RoleFound", key=key))["found"]["nodes"]), None)


async def of_course(asked: Asked) -> Mapping[str, Any]:
    """The memberships of the course."""
    return {**await wanted(asked, "courseInstanceId", asked.ids["course_id"]), **await with_user(asked)}


async def with_user(asked: Asked) -> Mapping[str, Any]:
    """Whether the users are asked for."""
    return {"with_user": expanded(asked, "user", "users")}


async def of_user(asked: Asked) -> Mapping[str, Any]:
    """The memberships of the user."""
    with_course = {"with_course": expanded(asked, "course")}
    return {**await wanted(asked, "userId", asked.ids["user_id"]), **with_course}


async def new_member(asked: Asked) -> Mapping[str, Any]:
    """The input that puts the user of the path into the course; an active student where nothing else is said."""
    made = await details(asked)
    status = made.pop("status", "ACTIVE")
    person = {"courseInstanceId": str(asked.ids["course_id"]), "person": {"userId": str(asked.ids["user_id"])}}
    return {"input": {**person, "isDropped": status == "DROPPED", **made}}


async def details(asked: Asked) -> Row:
    """What is sent of a membership, as inputs say it. Raises BadRequest for a role that there is not."""
    made = await asked.settle(MEMBERSHIP.read(asked.sent))
    made |= WRITTEN.get(made.pop("availability", None) or "", {})
    key = made.pop("courseRoleId", None)
    if key is not None:
        found = await find_role(asked, key)
        if found is None:
            raise BadRequest(f"courseRoleId: {key} is not known")
        made["enrollmentRoleId"] = str(found["id"])
    return made


async def changes(asked: Asked) -> Mapping[str, Any]:
    """The input that changes the membership of the path."""
    member = await the_member(asked)
    options = {"includingStaff": True, "leavingChild": leaves_child(asked, member)}
    return {"input": {"enrollmentId": str(member["id"]), **options, **await details(asked)}}


def leaves_child(asked: Asked, member: Row) -> bool:
    """Whether the membership is moved to the parent: `childCourseId` is null. Raises BadRequest for another child."""
    sent = asked.sent.get("childCourseId")
    if sent is not None and (member["child"] is None or sent != ids.spell(member["child"]["id"])):
        raise BadRequest("childCourseId: null moves a membership to the parent; to a child they cannot be moved")
    return "childCourseId" in asked.sent and sent is None


async def to_disable(asked: Asked) -> Mapping[str, Any]:
    """The input that disables the membership of the path."""
    return {"input": {"enrollmentId": str((await the_member(asked))["id"]), "includingStaff": True}}


async def the_member(asked: Asked) -> Row:
    """The membership that the path names. Raises NotFound."""
    found = await asked.look("Member", course_id=asked.ids["course_id"], user_id=asked.ids["user_id"])
    if not found["enrollments"]["nodes"]:
        asked.missing()
    member: Row = found["enrollments"]["nodes"][0]
    return member


IN_COURSE = replace(MEMBERSHIP, expanded={"user": USER})
OF_USER = replace(MEMBERSHIP, expanded={"course": COURSE})
ROUTES = [
    Operation(
        "GET",
        MEMBERS,
        "Memberships",
        Spelled(("enrollments", "nodes"), thing=IN_COURSE, most=200),
        needs=TAKE_PART,
        plan=of_course,
        parameters=(*described(FILTERS), *BY_ROLE, WITH_DISABLED, EXPAND, *LISTED, SORT),
    ),
    Operation(
        "GET",
        MEMBER,
        "Membership",
        Spelled(("enrollments", "nodes", 0), thing=IN_COURSE),
        needs=TAKE_PART,
        plan=with_user,
        parameters=(EXPAND, *ONE),
    ),
    Operation(
        "PUT",
        MEMBER,
        "CreateMembership",
        Spelled(("done", "enrollment"), thing=IN_COURSE),
        needs=INSTRUCT,
        status=201,
        plan=new_member,
        parameters=ONE,
    ),
    Operation(
        "PATCH",
        MEMBER,
        "UpdateMembership",
        Spelled(("done", "enrollment"), thing=IN_COURSE),
        needs=INSTRUCT,
        plan=changes,
        parameters=ONE,
    ),
    Operation("DELETE", MEMBER, "DeleteMembership", needs=INSTRUCT, status=204, empty=204, plan=to_disable),
    Operation(
        "GET",
        "/v1/users/{userId}/courses",
        "MembershipsOfUser",
        Spelled(("enrollments", "nodes"), thing=OF_USER, most=100),
        plan=of_user,
        parameters=(*described(FILTERS), *BY_ROLE, EXPAND, *LISTED, SORT),
    ),
]
