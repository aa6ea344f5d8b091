"""Many people into many course runs, by global staff (contracts/edx-core.md §7)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from app.rest.openedx.asking import FALSE, TRUE, Asked
from app.rest.openedx.endpoint import ADMINISTRATOR, Made, Operation
from app.rest.openedx.refusals import PLAIN, Refused
from app.rest.route import Call, Row, Schema, closed

ACTIONS = ("enroll", "unenroll")
REQUIRED, NO_TEXT, NO_FLAG = "This field is required.", "Not a valid string.", "Must be a valid boolean."
MOST_COURSES = 100
FLAG: Schema = {"type": "boolean"}
TEXT: Schema = {"type": "string"}
STATE = closed(dict.fromkeys(("user", "enrollment", "allowed", "auto_enroll"), FLAG))
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


async def first_course(asked: Asked) -> Mapping[str, Any]:
    """What to do in the first course run; the others are kept for `other_courses`. Raises Refused."""
    wrong = {name: REQUIRED for name in ("action", "courses", "identifiers") if asked.field(name) in (None, "", [])}
    flags = {name: _flag(asked, name) for name in ("auto_enroll", "email_students")}
    wrong |= {name: NO_FLAG for name, value in flags.items() if value is None}
    action, names = asked.field("action"), asked.field("identifiers")
    if "action" not in wrong and action not in ACTIONS:
        wrong["action"] = f'"{action}" is not a valid choice.'
    if "identifiers" not in wrong and not isinstance(names, str):
        wrong["identifiers"] = NO_TEXT
    keys = _texts(asked.field("courses"))
    runs = {key: await asked.find_run(key) for key in keys[:MOST_COURSES]}
    missing = next((key for key in keys if not runs.get(key)), None)
    if "courses" not in wrong and (missing is not None or not keys):
        wrong["courses"] = f"Course key not valid: {missing or ''}"
    if wrong:
        raise Refused(400, fields=wrong)
    if asked.field("cohorts"):
        raise Refused(400, fields={"non_field_errors": "cohorts are not known here."})
    said = {
        "names": [each for each in re.split(r"[\s,]+", names) if each],
        "isLeaving": action == "unenroll",
        "isAutomatic": flags["auto_enroll"],
    }
    inputs = {key: {"courseInstanceId": str(run["id"]), **said} for key, run in runs.items() if run}
    asked.found |= {"inputs": inputs, "action": action, **flags}
    return {"input": next(iter(inputs.values()))}


async def other_courses(asked: Asked, data: Row) -> Row:
    """The same in the other course runs; what became of the names in each."""
    first, *others = asked.found["inputs"].items()
    courses = {first[0]: data["done"]}
    for key, said in others:
        courses[key] = (await asked.ask("BulkEnroll", input=said))["done"]
    return {"courses": courses}


def told(data: Row, call: Call) -> Row:
    """What became of the names in each course run."""
    found = data["asked"].found
    said = {name: found[name] for name in ("action", "auto_enroll")}
    courses = {
        key: {**said, "results": [_result(each) for each in done["people"]]} for key, done in data["courses"].items()
    }
    return {**said, "email_students": found["email_students"], "courses": courses}


def _result(row: Row) -> Row:
    named = {"identifier": row["identifier"]}
    if row["is_refused"]:
        return named | {"error": True}
    if row["before"] is None:
        return named | {"invalidIdentifier": True}
    return named | {"before": row["before"], "after": row["after"]}


def _texts(value: Any) -> list[str]:
    """The texts of a list between commas, or in a list of one."""
    parts = value if isinstance(value, list) else [value]
    texts = [text.strip() for part in parts if isinstance(part, str) for text in part.split(",")]
    return list(dict.fromkeys(text for text in texts if text))


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
        plan=first_course,
        then=other_courses,
        words={"TOO_LONG": (400, "Too many identifiers.")},
    ),
]
