"""A learner's grade of a subsection, the override beside it, and how that came about (contracts/edx-core.md §9.6)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.domain.catalog.keys import parse_usage
from app.rest.openedx.asking import Asked, whole
from app.rest.openedx.endpoint import Made, Operation
from app.rest.openedx.gradebook import NOBODY, require_author
from app.rest.openedx.grades import many
from app.rest.openedx.kinds import FLAG, MOMENT, NUMBER, TEXT, WHOLE, parameter
from app.rest.openedx.refusals import GRADES, Refused
from app.rest.route import Call, Row, Schema, closed, nullable

UNAVAILABLE = "Cannot override subsection grade: subsection is not available for target learner."


async def learner(asked: Asked) -> Mapping[str, Any]:
    """Whose grade of the subsection. Raises Refused for keys and numbers of nothing, and for who is no author."""
    usage = asked.path["subsection_id"]
    known = (await asked.look("BlockRun", usage_id=usage))["block"] if parse_usage(usage) else None
    run = None if known is None else await asked.find_run(known["courseInstance"]["key"])
    if known is None or run is None:
        raise Refused(404, "Invalid UsageKey", "invalid_usage_key")
    await asked.enter(run)
    require_author(asked)
    person = await asked.person_by_number(asked.given("user_id") or "")
    if person is None:
        raise Refused(404, "Invalid UserID", "invalid_user_id")
    found = await asked.enrollment_of(person["id"])
    asked.found |= {"is_graded": known["assessment"] is not None, "learner": person["id"]}
    return {"enrollment_id": NOBODY if found is None else found["id"]}


def subsection(data: Row, call: Call) -> Row:
    """What the scores come to, the override beside it, and how that came about."""
    asked: Asked = data["asked"]
    usage, rows = asked.path["subsection_id"], data["enrollments"]["nodes"]
    grades = rows[0]["subsectionGrades"] if rows else []
    own = next((each for each in grades if each["block"]["usageKey"] == usage), None)
    is_there = own is not None or (bool(rows) and not asked.found["is_graded"])
    made: Row = {"success": is_there, "subsection_id": usage, "user_id": asked.found["learner"]}
    made |= {"course_id": asked.run["key"], "original_grade": dict.fromkeys(ORIGINAL, 0.0), "override": None}
    if not is_there:
        return {**made, "error_message": UNAVAILABLE, "history": []}
    if own is None:
        return {**made, "history": []}
    scores = own["originalPoints"], own["originalMaxPoints"]
    made["original_grade"] = dict(zip(ORIGINAL, (*scores, *scores), strict=True))
    if own["isOverridden"]:
        numbers = (own["allPoints"], own["allMaxPoints"], own["points"], own["maxPoints"])
        made["override"] = dict(zip(OVERRIDE, numbers, strict=True))
    history = _history(own["columnGrade"], own["originalMaxPoints"])
    most = whole(asked.given("history_record_limit") or "")
    return {**made, "history": history if most is None else history[len(history) - min(most, len(history)) :]}


ORIGINAL = ("earned_all", "possible_all", "earned_graded", "possible_graded")
OVERRIDE = tuple(f"{name}_override" for name in ORIGINAL)
GRADE, SET = closed(dict.fromkeys(ORIGINAL, NUMBER)), closed(dict.fromkeys(OVERRIDE, NUMBER))


def _history(grade: Row | None, maximum: float) -> list[Row]:
    """How a grade came to be set by hand: each change of the override, the oldest first."""
    rows: list[Row] = []
    created: Any = None
    for change in [] if grade is None else grade["history"]["nodes"]:
        before, after = (change[name] or {} for name in ("before", "after"))
        was, is_set = (each.get("override_points") is not None for each in (before, after))
        if change["kind"] not in ("OVERRIDDEN", "CLEARED") or not (was or is_set):
            continue
        kind = "-" if not is_set else "~" if was else "+"
        created = change["changedAt"] if kind == "+" or created is None else created
        by, said = change["changedBy"] or {}, after if is_set else before
        numbers = dict(zip(OVERRIDE, _numbers(said, maximum), strict=True))
        moments = {"created": created, "history_date": change["changedAt"], "history_type": kind}
        keys = {"grade_id": grade and grade["databaseId"], "history_id": change["databaseId"]}
        keys["id"] = keys["grade_id"]
        words = {"override_reason": said.get("override_reason"), "system": said.get("override_source")}
        person = {"history_user": by.get("username"), "history_user_id": by.get("databaseId")}
        rows.append({**moments, **keys, **numbers, **words, **person})
    return rows


def _numbers(said: Mapping[str, Any], maximum: float) -> tuple[float, float, float, float]:
    """Earned and possible of everything, then of what is graded."""
    points, possible = said["override_points"], said.get("override_max_points")
    possible = maximum if possible is None else possible
    everything = said.get("override_all_points"), said.get("override_all_max_points")
    earned_all, possible_all = (
        theirs if theirs is not None else own for theirs, own in zip(everything, (points, possible), strict=True)
    )
    return earned_all, possible_all, points, possible


LINE: Schema = dict.fromkeys(("created", "history_date"), MOMENT) | dict.fromkeys(
    ("grade_id", "history_id", "id"), WHOLE
)
LINE |= dict.fromkeys(("override_reason", "system", "history_user"), nullable(TEXT)) | dict.fromkeys(OVERRIDE, NUMBER)
LINE |= {"history_type": {"type": "string", "enum": ["+", "~", "-"]}, "history_user_id": nullable(WHOLE)}
SUBSECTION: Schema = {"success": FLAG, "subsection_id": TEXT, "user_id": WHOLE, "course_id": TEXT}
SUBSECTION |= {"original_grade": GRADE, "override": {"anyOf": [SET, {"type": "null"}]}, "history": many(closed(LINE))}
SUBSECTION = closed(SUBSECTION)
SUBSECTION["properties"]["error_message"] = TEXT

ROUTES = [
    Operation(
        "GET",
        "/grades/v1/subsection/{subsection_id}/",
        "SubsectionGrade",
        Made(make=subsection, made=SUBSECTION),
        style=GRADES,
        plan=learner,
        parameters=[
            parameter("user_id", "The number of the learner.", WHOLE),
            parameter("history_record_limit", "So many of the newest changes.", WHOLE),
        ],
    ),
]
