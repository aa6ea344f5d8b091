"""Many people into many course runs, by global staff (contracts/edx-core.md §7)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from app.domain.catalog.keys import parse_run
from app.rest.openedx.asking import FALSE, MOST_CHARACTERS, TRUE, Asked
from app.rest.openedx.endpoint import ADMINISTRATOR, Made, Operation
from app.rest.openedx.kinds import FLAG, TEXT
from app.rest.openedx.refusals import PLAIN, Refused
from app.rest.route import Call, Row, Schema, closed

ACTIONS = ("enroll", "unenroll")
REQUIRED, NO_TEXT, NO_FLAG = "This field is required.", "Not a valid string.", "Must be a valid boolean."
MOST_COURSES = 100
FLAGS = closed(dict.fromkeys(("user", "enrollment", "allowed", "auto_enroll"), FLAG))
STATE: Schema = {**FLAGS, "properties": {**FLAGS["properties"], "cohort": {"type": ["string", "null"]}}}
RESULT: Schema = {
    "type": "object",
    "properties": {
        "identifier": TEXT,
        "invalidIdentifier": {"const": True},
        "error": {"const": True},
        "before": STATE,
        "after": STATE,
    },
    "required": ["identifier"],
    "additionalProperties": False,
}
SAID: Row = {"action": {**TEXT, "enum": list(ACTIONS)}, "auto_enroll": FLAG}
OF_COURSE = closed({**SAID, "results": {"type": "array", "items": RESULT}})
SHAPE = closed({**SAID, "email_students": FLAG, "courses": {"type": "object", "additionalProperties": OF_COURSE}})


async def all_courses(asked: Asked) -> Mapping[str, Any]:
    """What to do in which course runs. Raises Refused."""
    wrong = {name: REQUIRED for name in ("action", "courses", "identifiers") if asked.field(name) in (None, "", [])}
    flags = {name: _flag(asked, name) for name in ("auto_enroll", "email_students")}
    wrong |= {name: NO_FLAG for name, value in flags.items() if value is None}
    action, names = asked.field("action"), asked.field("identifiers")
    if "action" not in wrong and action not in ACTIONS:
        wrong["action"] = f'"{action}" is not a valid choice.'
    if "identifiers" not in wrong and not isinstance(names, str):
        wrong["identifiers"] = NO_TEXT
    keys = _texts(asked.field("courses"))
    runs = await _runs(asked, keys[:MOST_COURSES])
    missing = next((key for key in keys if key not in runs), None)
    if "courses" not in wrong and (missing is not None or not keys):
        wrong["courses"] = f"Course key not valid: {missing or ''}"
    if wrong:
        raise Refused(400, fields=wrong)
    asked.found |= {"runs": runs, "action": action, **flags}
    asked.found["cohorts"] = await _cohorts(asked, action, runs)
    said: Row = {"names": [each for each in re.split(r"[\s,]+", names) if each], "isLeaving": action == "unenroll"}
    said |= {"isAutomatic": flags["auto_enroll"], "isNotified": flags["email_students"]}
    return {"input": {"courseInstanceIds": [str(each) for each in runs.values()], **said}}


async def _runs(asked: Asked, keys: Sequence[str]) -> dict[str, int]:
    """The ids of those course runs that there are, by key, in the order of the keys."""
    known = [key for key in keys if len(key) <= MOST_CHARACTERS and parse_run(key) is not None]
    found = (await asked.look("RunsByKey", keys=known))["found"]["nodes"] if known else []
    ids = {row["key"]: row["id"] for row in found}
    return {key: ids[key] for key in keys if key in ids}


async def into_cohorts(asked: Asked, data: Row) -> Row:
    """What became of the names by course run, put into cohorts where these are named."""
    done = {each["run_id"]: each["people"] for each in data["done"]["enlistments"]}
    if asked.found["cohorts"]:
        await _place(asked, done)
    return {"courses": {key: done[run_id] for key, run_id in asked.found["runs"].items()}}


async def _cohorts(asked: Asked, action: str, runs: Mapping[str, int]) -> dict[int, str]:
    """The cohort for each course run, by the run's id; none without cohorts. Raises Refused."""
    names = _texts(asked.field("cohorts"), is_set=False)
    if not names:
        return {}
    if action != "enroll":
        raise Refused(400, fields={"non_field_errors": "Cohorts can only be used for enrollments."})
    if len(names) != len(runs):
        told = "If provided, the cohorts and courses should have equal number of items."
        raise Refused(400, fields={"non_field_errors": told})
    asked.found["before"] = before = await _members(asked, runs)
    for name, (key, run_id) in zip(names, runs.items(), strict=True):
        if name not in before[run_id]["names"]:
            raise Refused(400, fields={"non_field_errors": f"cohort {name} not found in course {key}."})
    return dict(zip(runs.values(), names, strict=True))


async def _members(asked: Asked, runs: Mapping[str, int]) -> dict[int, Row]:
    """The cohorts of each course run, and the cohort of each of their members, by username and e-mail address."""
    found = (await asked.look("CohortsOfRuns", keys=list(runs.values())))["runs"]["nodes"]
    return {row["id"]: {"names": {each["name"] for each in row["cohorts"]}, "of": _of(row)} for row in found}


def _of(run: Row) -> Row:
    return {
        name.lower(): cohort["name"]
        for cohort in run["cohorts"]
        for member in cohort["members"]
        for name in (member["username"], member["email"])
        if name
    }


async def _place(asked: Asked, done: Mapping[int, list[Row]]) -> None:
    """Put into their cohorts who was enrolled or invited, and say so in what became of them."""
    shown = [(run_id, each) for run_id, people in done.items() for each in people if each["before"] is not None]
    places = [
        {"courseInstanceId": str(run_id), "cohort": asked.found["cohorts"][run_id], "person": each["identifier"]}
        for run_id, each in shown
    ]
    await asked.ask("IntoCohorts", input={"places": places})
    before, after = asked.found["before"], await _members(asked, asked.found["runs"])
    for run_id, each in shown:
        name = each["identifier"].lower()
        each["before"]["cohort"] = before[run_id]["of"].get(name)
        each["after"]["cohort"] = after[run_id]["of"].get(name)


def told(data: Row, call: Call) -> Row:
    """What became of the names in each course run."""
    found = data["asked"].found
    said = {name: found[name] for name in ("action", "auto_enroll")}
    courses = {key: {**said, "results": [_result(each) for each in done]} for key, done in data["courses"].items()}
    return {**said, "email_students": found["email_students"], "courses": courses}


def _result(row: Row) -> Row:
    named = {"identifier": row["identifier"]}
    if row["is_refused"]:
        return named | {"error": True}
    if row["before"] is None:
        return named | {"invalidIdentifier": True}
    return named | {"before": row["before"], "after": row["after"]}


def _texts(value: Any, *, is_set: bool = True) -> list[str]:
    """The texts of a list between commas, or in a list of one; of a set each once."""
    parts = value if isinstance(value, list) else [value]
    texts = [text.strip() for part in parts if isinstance(part, str) for text in part.split(",")]
    kept = [text for text in texts if text]
    return list(dict.fromkeys(kept)) if is_set else kept


def _flag(asked: Asked, name: str) -> bool | None:
    """A flag, false when it is not given; None for what is none."""
    value = asked.field(name)
    if value in (None, "") or isinstance(value, bool):
        return bool(value)
    text = str(value)
    return True if text in TRUE else False if text in FALSE else None


ROUTES = [
    Operation(
        "POST",
        "/bulk_enroll/v1/bulk_enroll",
        "BulkEnroll",
        Made(make=told, made=SHAPE),
        needs=ADMINISTRATOR,
        style=PLAIN,
        plan=all_courses,
        then=into_cohorts,
        words={"TOO_LONG": (400, "Too many identifiers.")},
    ),
]
