"""The groups in which an assessment is done."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.rest.autolab.assessments import ASSESSMENT
from app.rest.autolab.documents import place_of
from app.rest.autolab.endpoint import Asked, Made, Operation, key_of
from app.rest.autolab.parameters import flag, required, text
from app.rest.autolab.refusals import Refused
from app.rest.autolab.words import (
    DATES,
    FLAG,
    INSTANT,
    INTEGER,
    MAYBE_TEXT,
    PERSON,
    TEXT,
    dates,
    listed,
    parameter,
    person,
)
from app.rest.binding import NOWHERE
from app.rest.route import Call, Row, Schema, closed, nullable

PATH = ASSESSMENT + "/groups"
UNNAMED = "Unnamed Group"
ALONE = "Group size of assessment is currently 1, so you can't create group"
TOO_LARGE = "Cannot have groups with size more than group_size"
SETTINGS = closed({"group_size": INTEGER, "allow_student_assign_group": FLAG})
STAMPS: dict[str, Schema] = {"created_at": INSTANT, "updated_at": INSTANT}
SHORT: dict[str, Schema] = {"id": INTEGER, "name": TEXT, **STAMPS}
MEMBER = closed(
    {
        **PERSON,
        "id": INTEGER,
        "administrator": FLAG,
        "hover_assessment_date": FLAG,
        "course_user_datum_id": INTEGER,
        **STAMPS,
    }
)
FULL = closed({**SHORT, "members": listed(MEMBER)})
RECORD = closed(
    {
        "id": INTEGER,
        "course_id": INTEGER,
        "name": TEXT,
        "display_name": TEXT,
        "description": MAYBE_TEXT,
        "category_name": TEXT,
        **DATES,
        **STAMPS,
        "group_size": INTEGER,
        "allow_student_assign_group": FLAG,
        "max_submissions": INTEGER,
        "max_grace_days": nullable(INTEGER),
        "max_size": INTEGER,
        "disable_handins": FLAG,
        "handout": MAYBE_TEXT,
        "writeup": MAYBE_TEXT,
    }
)
SAME = ("id", "name", "display_name", "description", "created_at", "updated_at", "max_grace_days", "max_size")
LISTED = closed({"group_size": INTEGER, "groups": listed({"anyOf": [closed(SHORT), FULL]}), "assessment": RECORD})


async def settings(asked: Asked) -> Mapping[str, Any]:
    """What is sent as the mutation's input; only `true` is true."""
    size = whole(required(asked.sent, "group_size"))
    chosen = required(asked.sent, "allow_student_assign_group")
    if size is None:
        raise Refused(400, "group_size is not a number")
    key = str(asked.assessment["id"])
    return {"input": {"assessmentId": key, "maxSize": size, "isSelfAssigned": str(chosen).lower() == "true"}}


def whole(value: Any) -> int | None:
    """An integer as it is sent, of at most nine digits; None for anything else."""
    said = text(value) or ""
    digits = said.removeprefix("-")
    return int(said) if digits.isascii() and digits.isdecimal() and len(digits) < 10 else None


async def the_set(asked: Asked) -> Mapping[str, Any]:
    """The group set of the assessment."""
    return {"group_set_id": (asked.assessment["group_set"] or {"id": NOWHERE})["id"]}


async def found_group(asked: Asked, sentence: str) -> dict[str, Any]:
    """The group that the path names. Raises Refused 400 with the sentence when the assessment has no such group."""
    place = dict(await the_set(asked))
    keys = place | {"group_id": key_of(asked.path["id"])}
    if not (await asked.look("GroupOf", **keys))["groups"]["nodes"]:
        raise Refused(400, f"{sentence} {asked.path['id']}")
    return keys


async def the_group(asked: Asked) -> Mapping[str, Any]:
    """The group to show."""
    return await found_group(asked, "Couldn't find group with id")


async def to_delete(asked: Asked) -> Mapping[str, Any]:
    """The group to delete, as the mutation's input."""
    keys = await found_group(asked, "Couldn't find group")
    return {"input": {"groupId": str(keys["group_id"])}}


async def new_groups(asked: Asked) -> Mapping[str, Any]:
    """What is sent as the mutation's input. Who is not in the course is left out, and so is a group of nobody."""
    sent = required(asked.sent, "groups")
    wanted = [each for each in sent if isinstance(each, Mapping)] if isinstance(sent, list) else []
    group_set = asked.assessment["group_set"]
    if group_set is None or group_set["max_size"] <= 1:
        raise Refused(400, ALONE)
    lists = [each.get("group_members") for each in wanted]
    if any(isinstance(each, list) and len(each) > group_set["max_size"] for each in lists):
        raise Refused(400, TOO_LARGE)
    known = await people(asked)
    groups = [
        {"name": text(each.get("name")) or UNNAMED, "memberIds": members}
        for each, emails in zip(wanted, lists, strict=True)
        if (members := members_of(known, emails if isinstance(emails, list) else []))
    ]
    if not groups:
        raise Refused(400, "No group has a member of this course")
    return {"input": {"groupSetId": str(group_set["id"]), "groups": groups}}


async def people(asked: Asked) -> dict[str, str]:
    """The keys of all who are in the course, by sign-in name and by e-mail address."""
    found = await asked.look("People", course_instance_id=asked.place["id"])
    users = [each["user"] for each in found["enrollments"]["nodes"]]
    return {user[name]: str(user["id"]) for name in ("uid", "email") for user in users if user[name]}


def members_of(known: Mapping[str, str], emails: list[Any]) -> list[str]:
    """The keys of those of these people who are known, each once."""
    return list(dict.fromkeys(known[each] for each in emails if isinstance(each, str) and each in known))


def group(row: Row, course_id: int) -> Row:
    """A group with its members."""
    return {name: row[name] for name in SHORT} | {"members": [member(each, course_id) for each in row["members"]]}


def member(row: Row, course_id: int) -> Row:
    """A member in Autolab's words."""
    places = row["enrollments"]["nodes"]
    place = next(each["id"] for each in places if each["course"] and each["course"]["id"] == course_id)
    kept = {name: row[name] for name in ("id", "created_at", "updated_at")}
    return {
        **person(row),
        **kept,
        "administrator": bool(row["administrator"]),
        "hover_assessment_date": False,
        "course_user_datum_id": place,
    }


def groups(data: Row, call: Call) -> Row:
    """The groups with members, by key, and the whole assessment."""
    asked, row = data["asked"], data["assessment"]
    group_set = row["group_set"] or {"max_size": 1, "is_self_assigned": False}
    rows = sorted((each for each in data["groups"]["nodes"] if each["members"]), key=lambda each: int(each["id"]))
    shown = [group(each, asked.place["id"]) for each in rows]
    if not flag(asked.sent.get("show_members")):
        shown = [{name: each[name] for name in SHORT} for each in shown]
    record = {
        **{name: row[name] for name in SAME},
        **dates(row, asked.place),
        "course_id": asked.place["id"],
        "category_name": row["category"]["name"],
        "group_size": group_set["max_size"],
        "allow_student_assign_group": group_set["is_self_assigned"],
        "max_submissions": -1 if row["max_submissions"] is None else row["max_submissions"],
        "disable_handins": row["disable_handins"],
        "handout": place_of(row["handout"]),
        "writeup": place_of(row["writeup"]),
    }
    return {"group_size": group_set["max_size"], "groups": shown, "assessment": record}


def one_group(data: Row, call: Call) -> Row:
    """The group of the path."""
    return group(data["groups"]["nodes"][0], data["asked"].place["id"])


def made_groups(data: Row, call: Call) -> list[Row]:
    """The groups that were made, without members, in the order in which they were sent."""
    found = {each["id"]: each for each in data["createGroups"]["set"]["groups"]["nodes"]}
    return [{name: found[key][name] for name in SHORT} for key in data["createGroups"]["made"]]


def group_settings(data: Row, call: Call) -> Row:
    """The settings as they are now."""
    found = data["setAssessmentGroups"]["assessment"]["group_set"]
    return {"group_size": found["max_size"], "allow_student_assign_group": found["is_self_assigned"]}


def deleted(data: Row, call: Call) -> Row:
    """The sentence that says so."""
    return {"message": f"Group {data['asked'].path['id']} successfully deleted"}


LIST_OF_GROUPS: Schema = listed({"type": "object"})
ROUTES = [
    Operation(
        "POST",
        ASSESSMENT + "/set_group_settings",
        "SetGroupSettings",
        Made(make=group_settings, made=SETTINGS),
        parameters=(
            parameter("group_size", INTEGER, "How many members a group may have; 1: no groups.", needed=True),
            parameter("allow_student_assign_group", FLAG, "Whether students make the groups.", needed=True),
        ),
        scopes=("user_courses", "instructor_all"),
        for_instructors=True,
        plan=settings,
    ),
    Operation(
        "GET",
        PATH,
        "Groups",
        Made(make=groups, made=LISTED),
        parameters=(parameter("show_members", FLAG, "Whether groups are shown with their members."),),
        scopes=("instructor_all",),
        for_instructors=True,
        plan=the_set,
    ),
    Operation(
        "POST",
        PATH,
        "CreateGroups",
        Made(make=made_groups, made=listed(closed(SHORT))),
        parameters=(parameter("groups", LIST_OF_GROUPS, "Names and `group_members` of the groups.", needed=True),),
        scopes=("instructor_all",),
        for_instructors=True,
        plan=new_groups,
    ),
    Operation(
        "GET",
        PATH + "/{id}",
        "Group",
        Made(make=one_group, made=FULL),
        scopes=("instructor_all",),
        for_instructors=True,
        plan=the_group,
    ),
    Operation(
        "DELETE",
        PATH + "/{id}",
        "DeleteGroup",
        Made(make=deleted, made=closed({"message": TEXT})),
        scopes=("instructor_all",),
        for_instructors=True,
        plan=to_delete,
    ),
]
