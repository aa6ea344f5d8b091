"""Cohorts of a course run, and who is in them (contracts/edx-core.md §10)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.context import Context
from app.errors import Forbidden
from app.rest.openedx.asking import Asked, whole
from app.rest.openedx.endpoint import ADMINISTRATOR, Made, Operation, Word
from app.rest.openedx.kinds import FLAG, TEXT, WHOLE
from app.rest.openedx.paging import Paged
from app.rest.openedx.refusals import Refused
from app.rest.route import Call, Row, Schema, at, closed, nullable, spells

RUN = "course_key_string"
SETTINGS = f"/cohorts/v1/settings/{{{RUN}}}"
PLACE = f"/cohorts/v1/courses/{{{RUN}}}"
COHORTS = f"{PLACE}/cohorts/"
USERS = f"{COHORTS}{{cohort_id}}/users/"
TYPES = ("random", "manual")
COHORT = closed(
    {
        "name": TEXT,
        "id": WHOLE,
        "user_count": WHOLE,
        "assignment_type": {"type": "string", "enum": list(TYPES)},
        "user_partition_id": nullable(WHOLE),
        "group_id": nullable(WHOLE),
    }
)
TOLD = {"present": "PRESENT", "unknown": "UNKNOWN", "preassigned": "INVITED", "invalid": "INVALID"}
PERSON = {"username": TEXT, "email": nullable(TEXT)}
NAMES: Schema = {"type": "array", "items": TEXT}
PLACED = closed(
    {
        "success": FLAG,
        "added": {"type": "array", "items": closed(PERSON)},
        "changed": {"type": "array", "items": closed({**PERSON, "previous_cohort": TEXT})},
        **dict.fromkeys(TOLD, NAMES),
    }
)
FILE = "uploaded-file"
NAME = "cohorts.csv"
LARGEST = 2_000_000
ENVELOPE = 100_000
"""Bytes that a form may have beside its file."""
EXISTS = (400, "You cannot create two cohorts with the same name.", "cohort-name-exists")
LAST = (400, "There must be one cohort to which students can automatically be assigned.", "last-random-cohort")
WORDS: Mapping[tuple[str, str] | str, Word] = {("name", "TAKEN"): EXISTS, ("filling", "IN_USE"): LAST}
NOT_THERE = (400, "The user is not in this cohort.", "user-not-in-cohort")


async def settings(asked: Asked) -> Mapping[str, Any]:
    """Whether there shall be cohorts. Raises Refused unless that is said."""
    value = asked.field("is_cohorted")
    if not isinstance(value, bool):
        raise Refused(400, "Cohorting state must be a boolean, at 'is_cohorted'.")
    return {"input": {"courseInstanceId": str(asked.run["id"]), "isCohorted": value}}


async def some_cohort(asked: Asked) -> Mapping[str, Any]:
    """The run, and the cohort where the path names one. Raises Forbidden unless the caller may see cohorts."""
    if not asked.moderates:
        raise Forbidden("only global staff and who looks after discussions")
    if "cohort_id" in asked.path:
        asked.found["cohort"] = await the_cohort(asked)
    return {}


async def the_cohort(asked: Asked) -> Row:
    """The cohort that the path names. Raises Refused 404."""
    known = await asked.ask("Cohorts", course_instance_id=asked.run["id"])
    number = whole(asked.path["cohort_id"])
    for each in known["courseInstance"]["cohorts"]:
        if each["id"] == number:
            found: Row = each
            return found
    raise Refused(404, "Cohort not found.", "cohort-not-found")


async def new_cohort(asked: Asked) -> Mapping[str, Any]:
    """A cohort to make. Raises Refused 400."""
    name, kind = asked.field("name"), asked.field("assignment_type")
    if not name:
        raise Refused(400, "Cohort name is required.", "missing-cohort-name")
    if not kind:
        raise Refused(400, "Assignment type is required.", "missing-assignment-type")
    return {"input": {"courseInstanceId": str(asked.run["id"]), "name": _name(name), "filling": _filling(kind)}}


async def changes(asked: Asked) -> Mapping[str, Any]:
    """What to change of a cohort. Raises Refused."""
    name, kind = asked.field("name"), asked.field("assignment_type")
    if not name and not kind:
        raise Refused(400, "Name or assignment type is needed.", "missing-fields")
    told = {"groupId": str((await the_cohort(asked))["id"])}
    told |= {"name": _name(name)} if name else {}
    return {"input": told | ({"filling": _filling(kind)} if kind else {})}


def _name(name: Any) -> str:
    if not isinstance(name, str):
        raise Refused(400, "Cohort name must be a text.", "missing-cohort-name")
    return name


def _filling(kind: Any) -> str:
    if kind not in TYPES:
        raise Refused(400, f"'{kind}' is not a valid assignment type.", "invalid-assignment-type")
    return str(kind).upper()


async def its_users(asked: Asked) -> Mapping[str, Any]:
    """Whose members are to be shown."""
    return {"cohort_id": (await the_cohort(asked))["id"]}


async def people(asked: Asked) -> Mapping[str, Any]:
    """Who is to be in which cohort. Raises Refused."""
    said = [asked.path["username"]] if "username" in asked.path else asked.field("users")
    said = [said] if isinstance(said, str) and said else said
    if not isinstance(said, list) or not said or not all(isinstance(each, str) for each in said):
        raise Refused(400, "Missing users key in payload.", "missing-users")
    return {"input": {"groupId": str((await the_cohort(asked))["id"]), "people": said}}


async def leaving(asked: Asked) -> Mapping[str, Any]:
    """Who is to leave which cohort. Raises Refused 404."""
    cohort = await the_cohort(asked)
    person = await asked.person(asked.path["username"])
    if person is None:
        raise Refused(404, "User does not exist.", "user-not-found")
    return {"input": {"groupId": str(cohort["id"]), "userId": str(person["id"])}}


async def kept_file(asked: Asked) -> Mapping[str, Any]:
    """The file that is sent, put into the store. Raises Refused 400."""
    content = asked.files.get(FILE)
    if content is None:
        raise Refused(400, f"No file was uploaded as '{FILE}'.", "failed-validation")
    if len(content) > LARGEST:
        raise Refused(400, "The file is larger than 2 MB.", "failed-validation")
    ctx = asked.ctx
    stored = await ctx.files.put_bytes(content)
    asked.ctx = Context(ctx.principal, ctx.db, ctx.clock, [stored])
    return {"input": {"courseInstanceId": str(asked.run["id"]), "file": {"name": NAME, "sha256": stored.sha256}}}


def cohort(row: Row) -> Row:
    """A cohort as it is told."""
    audience = row["audience"]
    return {
        "name": row["name"],
        "id": row["id"],
        "user_count": row["user_count"],
        "assignment_type": row["assignment_type"].lower(),
        "user_partition_id": audience and audience["set"]["id"],
        "group_id": audience and audience["id"],
    }


LISTED = Paged(("courseInstance", "cohorts"))


def cohorts(data: Row, call: Call) -> Any:
    """The one that is asked for, or those of the page, without an envelope."""
    found = data["asked"].found.get("cohort")
    return [cohort(row) for row in LISTED(data, call)["results"]] if found is None else cohort(found)


def placed(data: Row, call: Call) -> Row:
    """What became of those who were named."""
    rows = data["placeInCohort"]["placements"]

    def of(outcome: str) -> list[Row]:
        return [row for row in rows if row["outcome"] == outcome]

    return {
        "success": True,
        "added": [{name: row[name] for name in PERSON} for row in of("ADDED")],
        "changed": [{name: row[name] for name in (*PERSON, "previous_cohort")} for row in of("MOVED")],
        **{key: [row["named"] for row in of(outcome)] for key, outcome in TOLD.items()},
    }


@spells(name=TEXT, first_name=None, last_name=None)
def user(row: Row, call: Call) -> Row:
    """A member, by both names."""
    first, last = row["first_name"] or "", row["last_name"] or ""
    return {"username": row["username"], "email": row["email"], "name": f"{first} {last}"}


NAMED = {"name": {**TEXT, "description": "What the cohort is called."}}
FILLED = {"assignment_type": {"type": "string", "enum": list(TYPES), "description": "How it is filled."}}
PEOPLE: Schema = {"type": "object", "properties": {"users": {**NAMES, "description": "Usernames and addresses."}}}
ELSEWHERE = {
    "POST": ("Please use the parent endpoint without a cohort's id.", "wrong-endpoint"),
    "PATCH": ("Please say the cohort's id in the path.", "missing-cohort-id"),
}
ALL: Any = {"run": RUN, "needs": ADMINISTRATOR}
ROUTES = [
    Operation(
        "GET",
        SETTINGS,
        "CohortSettings",
        at("courseInstance"),
        **ALL,
    ),
    Operation(
        "PUT",
        SETTINGS,
        "SetCohortSettings",
        at("setCohorting", "courseInstance"),
        plan=settings,
        sent={"type": "object", "properties": {"is_cohorted": FLAG}, "required": ["is_cohorted"]},
        **ALL,
    ),
    Operation(
        "GET",
        COHORTS + "[{cohort_id}]",
        "Cohorts",
        Made(make=cohorts, made={"anyOf": [COHORT, {"type": "array", "items": COHORT}]}),
        plan=some_cohort,
        elsewhere=ELSEWHERE,
        run=RUN,
    ),
    Operation(
        "POST",
        COHORTS,
        "CreateCohort",
        Made(make=lambda data, call: cohort(data["createCohort"]["group"]), made=COHORT),
        plan=new_cohort,
        words=WORDS,
        sent={"type": "object", "properties": {**NAMED, **FILLED}, "required": ["name", "assignment_type"]},
        **ALL,
    ),
    Operation(
        "PATCH",
        COHORTS + "{cohort_id}",
        "UpdateCohort",
        status=204,
        empty=204,
        plan=changes,
        words=WORDS,
        sent={"type": "object", "properties": {**NAMED, **FILLED}},
        **ALL,
    ),
    Operation(
        "GET",
        USERS + "[{username}]",
        "CohortUsers",
        Paged(("group", "members"), spelling=user),
        plan=its_users,
        elsewhere={"DELETE": ("Please say the username in the path.", "missing-username")},
        **ALL,
    ),
    Operation(
        "POST",
        USERS + "[{username}]",
        "AddToCohort",
        Made(make=placed, made=PLACED),
        plan=people,
        sent=PEOPLE,
        **ALL,
    ),
    Operation(
        "DELETE",
        USERS + "{username}",
        "RemoveFromCohort",
        status=204,
        empty=204,
        plan=leaving,
        words={("userId", "NOT_IN_GROUP"): NOT_THERE},
        **ALL,
    ),
    Operation(
        "POST",
        PLACE + "/users",
        "AddToCohorts",
        status=204,
        empty=204,
        plan=kept_file,
        largest=LARGEST + ENVELOPE,
        words={"INVALID": (400, "The file is no CSV file in UTF-8 with what is needed in it.", "failed-validation")},
        form={FILE: {"type": "string", "format": "binary", "description": "`cohort`, `username`, `email` by row."}},
        **ALL,
    ),
]
