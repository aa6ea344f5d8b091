"""People in a course: listed, shown, put in, changed, dropped."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.rest.autolab.assessments import COURSE
from app.rest.autolab.endpoint import LEVELS, ROLES, Asked, Made, Operation
from app.rest.autolab.parameters import flag, required, text
from app.rest.autolab.refusals import Refused
from app.rest.autolab.words import FLAG, LEVEL, MAYBE_TEXT, PERSON, TEXT, listed, parameter, person
from app.rest.route import Call, Row, Schema, closed

PATH = COURSE + "/course_user_data"
ONE = PATH + "/{email}"
NO_USER, NO_MEMBER, ALREADY = "Nonexistent user", "User is not in course", "User is already in the course"
STAFF_STAYS = "User can't be dropped if they are an instructor or course assistant"
TEXTS = {"lecture": "lecture", "section": "section", "grade_policy": "gradePolicy", "nickname": "nickname"}
NULLABLE = ("lecture", "nickname")
MEMBER = closed(
    {
        **PERSON,
        "lecture": MAYBE_TEXT,
        "section": TEXT,
        "grade_policy": TEXT,
        "nickname": MAYBE_TEXT,
        "dropped": FLAG,
        "auth_level": LEVEL,
    }
)
WORDS = {
    ("nickname", "TOO_LONG"): "Nickname is too long (maximum is 32 characters)",
    ("nickname", "INVALID"): "Nickname can only contain ASCII characters",
    ("status", "IS_STAFF"): STAFF_STAYS,
    ("role", "IS_STAFF"): STAFF_STAYS,
    ("enrollmentId", "IS_STAFF"): STAFF_STAYS,
}
DETAILS: dict[str, tuple[Schema, str]] = {
    "lecture": (TEXT, "Lecture they are in."),
    "section": (TEXT, "Section they are in."),
    "auth_level": (LEVEL, "As what."),
    "dropped": (FLAG, "Whether they have left."),
    "grade_policy": (TEXT, "How they are graded."),
    "nickname": (TEXT, "What they are called on scoreboards."),
}
NEEDED = ("lecture", "section", "auth_level")


async def the_member(asked: Asked) -> Mapping[str, Any]:
    """The person that the path names. Raises Refused 400 when there is nobody, 404 for one who is not in the course."""
    user = await asked.person(asked.path["email"])
    if user is None:
        raise Refused(400, NO_USER)
    member = await asked.member(user["id"])
    if member is None:
        raise Refused(404, NO_MEMBER)
    return {"enrollment_id": member["id"], "member": member}


async def to_drop(asked: Asked) -> Mapping[str, Any]:
    """The input that drops the person of the path; all other parameters are ignored."""
    found = await the_member(asked)
    return {"input": {"enrollmentId": str(found["enrollment_id"])}}


async def changes(asked: Asked) -> Mapping[str, Any]:
    """The input that changes the person of the path: absent parameters stay."""
    found = await the_member(asked)
    made = details(asked.sent)
    dropped, status = flag(asked.sent.get("dropped")), found["member"]["status"]
    if dropped is not None and dropped != (status == "DROPPED"):
        made["status"] = "DROPPED" if dropped else "ACTIVE"
    return {"input": {"enrollmentId": str(found["enrollment_id"]), **made}}


async def new_member(asked: Asked) -> Mapping[str, Any]:
    """The input that puts a person into the course. Raises Refused 400, in the documented order."""
    sent = asked.sent
    email = text(required(sent, "email"))
    for name in NEEDED:
        required(sent, name)
    user = await asked.person(email or "")
    if user is None:
        raise Refused(400, NO_USER)
    if await asked.member(user["id"]) is not None:
        raise Refused(400, ALREADY)
    made = details(sent)
    made["isDropped"] = flag(sent.get("dropped")) or False
    return {
        "input": {"courseInstanceId": str(asked.place["id"]), "person": {"userId": str(user["id"])}, **made},
    }


def details(sent: Mapping[str, Any]) -> dict[str, Any]:
    """What is sent of a person, as inputs call it; an empty text is null where there may be none."""
    made: dict[str, Any] = {}
    for name, spelled in TEXTS.items():
        if name in sent:
            value = text(sent[name]) or ""
            made[spelled] = None if value == "" and name in NULLABLE else value
    if sent.get("auth_level") is not None:
        if sent["auth_level"] not in list(ROLES):
            raise Refused(400, "Invalid auth_level")
        made["role"] = ROLES[sent["auth_level"]]
    return made


def member(row: Row) -> Row:
    """An enrolment in Autolab's words."""
    return {
        **person(row["user"]),
        **{name: row[name] for name in TEXTS},
        "dropped": row["status"] == "DROPPED",
        "auth_level": LEVELS[row["role"]],
    }


def members(data: Row, call: Call) -> list[Row]:
    """All, by e-mail address."""
    return sorted((member(row) for row in data["enrollments"]["nodes"]), key=lambda row: str(row["email"]))


def one_member(data: Row, call: Call) -> Row:
    """The one that was looked up or written."""
    for name in ("enrollUser", "updateEnrollment", "dropEnrollment"):
        if name in data:
            return member(data[name]["enrollment"])
    return member(data["enrollments"]["nodes"][0])


CHANGES = tuple(parameter(name, *said) for name, said in DETAILS.items())
NEW = (
    parameter("email", TEXT, "Whom.", needed=True),
    *(parameter(name, *said, needed=name in NEEDED) for name, said in DETAILS.items()),
)
ALL = Made(make=members, made=listed(MEMBER))
SHOWN = Made(make=one_member, made=MEMBER)
ROUTES = [
    Operation("GET", PATH, "Members", ALL, scopes=("instructor_all",), for_instructors=True),
    Operation("GET", ONE, "Member", SHOWN, scopes=("instructor_all",), for_instructors=True, plan=the_member),
    Operation(
        "POST",
        PATH,
        "CreateMember",
        SHOWN,
        parameters=NEW,
        scopes=("instructor_all",),
        for_instructors=True,
        plan=new_member,
        failure="Creation failed: ",
        words=WORDS,
    ),
    Operation(
        "PUT",
        ONE,
        "UpdateMember",
        SHOWN,
        parameters=CHANGES,
        scopes=("instructor_all",),
        for_instructors=True,
        plan=changes,
        failure="Update failed: ",
        words=WORDS,
    ),
    Operation(
        "DELETE",
        ONE,
        "DropMember",
        SHOWN,
        scopes=("instructor_all",),
        for_instructors=True,
        plan=to_drop,
        failure="Update failed: ",
        words=WORDS,
    ),
]
