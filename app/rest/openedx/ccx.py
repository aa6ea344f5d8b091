"""Course runs derived from others (contracts/edx-core.md §20)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.context import Context
from app.domain.catalog.keys import DERIVED_RUN, OLD_RUN, parse_run, parse_usage
from app.principal import SCOPES, Principal
from app.rest.openedx.asking import Asked
from app.rest.openedx.endpoint import STAFF, Made, Operation
from app.rest.openedx.kinds import TEXT, parameter
from app.rest.openedx.paging import Paged
from app.rest.openedx.refusals import NOT_ALLOWED, NOT_FOUND, PLAIN, Refused
from app.rest.route import Call, Row, Spelling, closed, nullable

PATH = "/ccx/v0/ccx/"
ONE = "/ccx/v0/ccx/{ccx_course_id}[/]"
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
MOST_LEARNERS = 2**30
NEEDED = ("coach_email", "display_name", "max_students_allowed")
ORDERS = {"id": "DATABASE_ID", "display_name": "LONG_NAME"}
CCX = {
    **dict.fromkeys(("ccx_course_id", "master_course_id", "display_name"), TEXT),
    "coach_email": nullable(TEXT),
    "start": nullable(TEXT),
    "due": nullable(TEXT),
    "max_students_allowed": nullable({"type": "integer"}),
    "course_modules": {"type": "array", "items": TEXT},
}


def refusal(status: int, code: str) -> Refused:
    """A refusal that tells no more than a code."""
    return Refused(status, body={"error_code": code})


def no_origin(key: str) -> Refused:
    """The refusal of a course run that is not named, that no key names, or that is not there."""
    if key == "None":
        return Refused(403, NOT_ALLOWED)
    return Refused(404, NOT_FOUND) if parse_run(key) is None else refusal(404, "course_id_does_not_exist")


def moment(value: datetime | None) -> str | None:
    """A moment as this family writes it, with a space (§0.5)."""
    return None if value is None else value.isoformat(sep=" ")


def told(row: Row) -> Row:
    """A derived course run."""
    chapters = [each["key"] for each in chapters_of(row["master"]["root"])]
    return {
        "ccx_course_id": row["ccx_course_id"],
        "master_course_id": row["master"]["key"],
        "display_name": row["display_name"],
        "coach_email": row["coach"] and row["coach"]["email"],
        "start": moment(row["start"]),
        "due": moment(row["due"]),
        "max_students_allowed": row["max_students_allowed"],
        "course_modules": chapters if row["chapter_keys"] is None else row["chapter_keys"],
    }


def chapters_of(root: Row | None) -> list[Row]:
    """The chapters below a root, if there is one."""
    return [each for each in (root or {"children": []})["children"] if each["kind"] == "chapter"]


def rewritten(row: Row, call: Call) -> Row:
    """The same, of a list."""
    return told(row)


SPELLED = Spelling(rewritten, dict.fromkeys(("master", "coach", "start", "due", "chapter_keys")) | CCX)


def _see_all(asked: Asked) -> None:
    """Read on as who sees every derived course run: who is of the staff of the original need be in none."""
    program = Principal(asked.ctx.principal.user_id, is_admin=True, scopes=frozenset(SCOPES))
    asked.ctx = Context(program, asked.ctx.db, asked.ctx.clock)


async def listed(asked: Asked) -> Mapping[str, Any]:
    """The order of the list."""
    _see_all(asked)
    direction = "DESC" if (asked.given("sort_order") or "").lower() == "desc" else "ASC"
    return {"field": ORDERS.get(asked.given("order_by") or "id", "DATABASE_ID"), "direction": direction}


async def new(asked: Asked) -> Mapping[str, Any]:
    """What is sent as the mutation's input. Raises Refused."""
    _require_author(asked)
    if OLD_RUN.fullmatch(asked.run["key"]):
        raise refusal(400, "deprecated_master_course_id")
    origin = (await asked.look("Origin", course_instance_id=asked.run["id"]))["origin"]
    if not origin["allows_derived"]:
        raise refusal(403, "ccx_not_enabled_for_master_course")
    missing = {name: f"missing_field_{name}" for name in NEEDED if name not in asked.sent}
    values = await _values(asked, origin, missing)
    return {"input": {"courseInstanceId": str(asked.run["id"]), **values}}


async def seen(asked: Asked) -> Mapping[str, Any]:
    """Which derived course run. Raises Refused unless the caller is of the staff of the original, or its coach."""
    derived = await _derived(asked)
    coach = derived["coach"] and derived["coach"]["id"]
    if not asked.is_staff and coach != asked.ctx.user_id:
        raise Refused(403, NOT_ALLOWED)
    _see_all(asked)
    return {"derived_id": derived["id"]}


async def changed(asked: Asked) -> Mapping[str, Any]:
    """What is sent as the mutation's input. Raises Refused."""
    derived = await _derived(asked)
    _require_author(asked)
    if not isinstance(asked.sent, Mapping):
        raise Refused(400, "JSON parse error - an object is asked for")
    master = asked.sent.get("master_course_id")
    if master is not None and master != asked.run["key"]:
        raise refusal(403, "master_course_id_change_not_allowed")
    origin = (await asked.look("Origin", course_instance_id=asked.run["id"]))["origin"]
    return {"input": {"courseInstanceId": str(derived["id"]), **await _values(asked, origin, {})}}


async def gone(asked: Asked) -> Mapping[str, Any]:
    """Which derived course run. Raises Refused."""
    derived = await _derived(asked)
    _require_author(asked)
    return {"input": {"courseInstanceId": str(derived["id"])}}


def _require_author(asked: Asked) -> None:
    if not asked.is_author:
        raise Refused(403, NOT_ALLOWED)


async def _derived(asked: Asked) -> Row:
    """The derived course run of the path; the request is about the original from now on. Raises Refused."""
    key = asked.path["ccx_course_id"]
    if len(key) > 255 or parse_run(key) is None:
        raise refusal(400, "course_id_not_valid")
    if DERIVED_RUN.fullmatch(key) is None:
        raise refusal(400, "course_id_not_valid_ccx_id")
    found: Row | None = (await asked.look("Derived", key=key))["derived"]
    if found is None or found["origin"] is None:
        raise refusal(404, "ccx_course_id_does_not_exist")
    await asked.enter(found["origin"])
    return found


async def _values(asked: Asked, origin: Row, wrong: dict[str, str]) -> Row:
    """What is said of a derived course run, as the graph takes it. Raises Refused for all fields that are `wrong`."""
    sent = asked.sent
    wrong = wrong | {name: f"null_field_{name}" for name in NEEDED if name in sent and sent[name] is None}
    given = {name: sent[name] for name in NEEDED if name in sent and name not in wrong}
    wrong |= {name: f"invalid_{name}" for name, value in given.items() if not CHECKS[name](value)}
    modules = sent.get("course_modules")
    if modules is not None and not isinstance(modules, list):
        wrong["course_modules"] = "invalid_course_module_list"
    elif modules is not None and not all(isinstance(each, str) and _is_usage(each) for each in modules):
        wrong["course_modules"] = "invalid_course_module_keys"
    if wrong:
        raise Refused(400, body={"field_errors": {name: {"error_code": code} for name, code in wrong.items()}})
    values: Row = {}
    if "coach_email" in given:
        coach = await asked.person_by_email(given["coach_email"])
        if coach is None:
            raise refusal(404, "coach_user_does_not_exist")
        values["coachId"] = str(coach["id"])
    if "display_name" in given:
        values["longName"] = given["display_name"]
    if "max_students_allowed" in given:
        values["maxLearners"] = int(given["max_students_allowed"])
    if "course_modules" in sent:
        if set(modules or ()) - {each["key"] for each in chapters_of(origin["root"])}:
            raise refusal(400, "course_module_list_not_belonging_to_master_course")
        values["chapterKeys"] = modules
    return values


def _is_usage(text: str) -> bool:
    return text.isprintable() and parse_usage(text) is not None


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip()) and value.isprintable() and len(value) <= 255


def _is_email(value: Any) -> bool:
    return isinstance(value, str) and value.isprintable() and EMAIL.fullmatch(value) is not None


def _is_number(value: Any) -> bool:
    text = str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""
    return text.isascii() and text.isdecimal() and len(text) < 11 and 0 < int(text) <= MOST_LEARNERS


CHECKS = {"coach_email": _is_email, "display_name": _is_name, "max_students_allowed": _is_number}


NOTHING = Made(make=lambda data, call: None, made={})
ROUTES = [
    Operation(
        "GET",
        PATH,
        "CcxList",
        Paged(("found",), SPELLED),
        style=PLAIN,
        run="master_course_id",
        unknown=no_origin,
        needs=STAFF,
        plan=listed,
        parameters=(
            parameter("master_course_id", "The key of the course run that they are derived from."),
            parameter("order_by", "`id` or `display_name`."),
            parameter("sort_order", "`asc` or `desc`."),
        ),
    ),
    Operation(
        "POST",
        PATH,
        "CcxCreate",
        Made(make=lambda data, call: told(data["made"]["courseInstance"]), made=closed(CCX)),
        style=PLAIN,
        status=201,
        run="master_course_id",
        unknown=no_origin,
        plan=new,
    ),
    Operation(
        "GET",
        ONE,
        "Ccx",
        Made(make=lambda data, call: told(data["derived"]), made=closed(CCX)),
        style=PLAIN,
        plan=seen,
    ),
    Operation("PATCH", ONE, "CcxChange", NOTHING, style=PLAIN, status=204, empty=204, plan=changed),
    Operation("DELETE", ONE, "CcxDelete", NOTHING, style=PLAIN, status=204, empty=204, plan=gone),
]
