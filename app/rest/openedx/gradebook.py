"""The gradebook of a course run: who has what, and grades that are set by hand (contracts/edx-core.md §9.3–§9.6)."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.domain.catalog.keys import parse_usage
from app.rest.openedx.asking import FALSE, Asked, whole
from app.rest.openedx.dialect import written
from app.rest.openedx.endpoint import Made, Operation
from app.rest.openedx.grades import CURSOR, DEGREE, enrolled, many, unknown_run
from app.rest.openedx.kinds import FLAG, NUMBER, TEXT, WHOLE, parameter
from app.rest.openedx.paging import BAD_CURSOR, Cursored
from app.rest.openedx.refusals import DEVELOPER, GRADES, Refused
from app.rest.route import Call, Row, Schema, closed, nullable

BOOK = "/grades/v1/gradebook/{course_id}"
NOBODY = 0
NO_GRADEBOOK = "This feature is not enabled for this course."
FROZEN = "The grades of this course are final."
NOT_AUTHOR = "The user does not have the rights of a course author."
REASONS = {
    ("userId", "NOT_FOUND"): "User matching query does not exist.",
    ("userId", "NOT_ENROLLED"): "CourseEnrollment matching query does not exist.",
    ("blockKey", "NOT_FOUND"): "usage_key {} does not exist in this course.",
}
ROLES = {"staff": ["INSTRUCTOR"], "instructor": ["INSTRUCTOR"], "limited_staff": ["COURSE_ASSISTANT"]}
GRADED = {"assessment": "assignment", "course": "course"}
ROLES["all"] = [*ROLES["staff"], *ROLES["limited_staff"]]
PERCENTS = {f"{of}_{end}": f"{name}_grade_{end}" for of, name in GRADED.items() for end in ("min", "max")}
FILTERS = [
    parameter("username", "One learner's row alone."),
    parameter("user_contains", "A part of username, e-mail address or external key."),
    parameter("username_contains", "A part of the username."),
    parameter("cohort_id", "Members of this cohort.", WHOLE),
    parameter("enrollment_mode", "Learners in this track."),
    parameter("assignment", "The key of the subsection that the next two are about."),
    *(parameter(name, "Percent, from 0 to 100.", NUMBER) for name in PERCENTS.values()),
    parameter("excluded_course_roles", "Not who has this role; `all`: any."),
]


def require_author(asked: Asked) -> None:
    """Raise Refused unless the caller may change the course run."""
    if not asked.is_author:
        raise Refused(403, NOT_AUTHOR, "user_permissions")


def require_gradebook(asked: Asked) -> None:
    """Raise Refused where the course run has no gradebook, and for who is no author of it."""
    if not asked.run["has_gradebook"]:
        raise Refused(403, NO_GRADEBOOK, "feature_not_enabled")
    require_author(asked)


async def page(asked: Asked) -> Mapping[str, Any]:
    """Whom to show. Raises Refused for who is no author, and for people who are not there."""
    require_gradebook(asked)
    username = asked.given("username")
    if username:
        return {"is_one": True, "enrollment_id": (await enrolled(asked, username))["id"]}
    made: Row = {"is_one": False, "enrollment_id": NOBODY}
    made |= {name: asked.given(name) for name in ("user_contains", "username_contains") if asked.given(name)}
    cohort = asked.given("cohort_id")
    if cohort:
        made["cohort_id"] = NOBODY if whole(cohort) is None else whole(cohort)
    if asked.given("enrollment_mode"):
        made["track"] = asked.given("enrollment_mode")
    made["except_roles"] = [role for each in asked.listed("excluded_course_roles") for role in ROLES.get(each, ())]
    made |= {name: _percent(asked, spelled) for name, spelled in PERCENTS.items() if asked.given(spelled)}
    assignment = asked.given("assignment")
    if assignment:
        known = await asked.look("AssessmentOfBlock", usage_id=assignment if assignment.isprintable() else "")
        found = (known["block"] or {}).get("assessment")
        made["assessment_id"] = NOBODY if found is None else found["id"]
    return made


def _percent(asked: Asked, name: str) -> float:
    try:
        number = float(asked.given(name) or "")
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise Refused(400, f"{name} is not a number.")
    return number


def shown(row: Row) -> Row:
    """A row of the gradebook; what was neither attempted nor set by hand is 0 of 0."""
    for each in row["section_breakdown"]:
        if not each.pop("is_overridden") and not each["attempted"]:
            each["score_earned"] = each["score_possible"] = 0.0
    made = {name: row[name] for name in ("user_id", "username", "email", "percent", "section_breakdown")}
    if row["track"] != DEGREE:
        return made | {"email": ""}
    key = row["external_user_key"]
    return made | {"full_name": row["full_name"]} | ({} if key is None else {"external_user_key": key})


SECTION = {"attempted": FLAG, "category": TEXT, "label": TEXT, "module_id": nullable(TEXT), "percent": NUMBER}
SECTION |= {"score_earned": NUMBER, "score_possible": NUMBER, "subsection_name": TEXT}
ROW: Schema = {"user_id": WHOLE, "username": TEXT, "email": TEXT, "percent": NUMBER}
ROW = closed(ROW | {"section_breakdown": many(closed(SECTION))})
ROW["properties"] |= {"full_name": TEXT, "external_user_key": TEXT}
COUNTS = ("total_users_count", "filtered_users_count")


@dataclass(frozen=True, slots=True)
class Book(Cursored):
    """One row where somebody is named, else a page, by numbers of enrolments."""

    def variables(self, asked: Asked) -> Row:
        """How many after which enrolment."""
        said = Cursored.variables(self, asked)
        passed = said["after"]
        if passed is not None and whole(passed) is None:
            raise Refused(404, BAD_CURSOR)
        return {**said, "after": None if passed is None else whole(passed)}

    def __call__(self, data: Row, call: Call) -> Any:
        if data.get("enrollments") is not None:
            return shown(data["enrollments"]["nodes"][0])
        roster = data["courseInstance"]["roster"]
        nodes = roster["nodes"]
        info = {"hasNextPage": roster["has_next"], "endCursor": str(nodes[-1]["id"]) if nodes else None}
        made = Cursored.__call__(self, {**data, "page": {"nodes": nodes, "pageInfo": info}}, call)
        rows = [shown(each) for each in made["results"]]
        return {**made, "results": rows, **{name: roster[name] for name in COUNTS}}

    def schema(self, derived: Schema) -> Schema:
        links = {"next": nullable(TEXT), "previous": nullable(TEXT)}
        return {"anyOf": [closed({**links, "results": many(ROW), **dict.fromkeys(COUNTS, WHOLE)}), ROW]}


async def overrides(asked: Asked) -> Mapping[str, Any]:
    """The grades to set whose keys can be read. Raises Refused for what has no form."""
    require_gradebook(asked)
    if not isinstance(asked.sent, list):
        raise Refused(400, 'Expected a list of items but got type "dict".') if asked.sent else Refused(400, "No data.")
    read = [_override(each) for each in asked.sent]
    asked.found["usages"] = [each["blockKey"] for each in read]
    readable = [each for each in read if parse_usage(each["blockKey"]) is not None]
    return {"input": {"courseInstanceId": str(asked.run["id"]), "source": "GRADEBOOK", "overrides": readable}}


def _override(item: Any) -> Row:
    said: Mapping[str, Any] = item if isinstance(item, Mapping) else {}
    grade, user, usage = said.get("grade"), said.get("user_id", ""), said.get("usage_id")
    if not isinstance(grade, Mapping) or not _is_whole(user) or not isinstance(usage, str):
        raise Refused(400, "Each item has a user_id, a usage_id and a grade.")
    made: Row = {"userId": str(int(user)), "blockKey": usage}
    for name, spelled in NUMBERS.items():
        value = grade.get(spelled)
        if value is not None:
            made[name] = _number(value, spelled)
    comment = grade.get("comment")
    return made if comment is None else {**made, "reason": str(comment)}


def _is_whole(value: Any) -> bool:
    """Whether a value is a whole number. Those beyond 64 bits are read as floats: nobody's number, and no mistake."""
    is_huge = isinstance(value, float) and value.is_integer() and abs(value) >= 2.0**63
    return is_huge or (isinstance(value, int) and not isinstance(value, bool))


NUMBERS = {
    "points": "earned_graded_override",
    "maxPoints": "possible_graded_override",
    "allPoints": "earned_all_override",
    "allMaxPoints": "possible_all_override",
}


def _number(value: Any, name: str) -> float:
    try:
        number = math.nan if isinstance(value, bool) else float(value)
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if not math.isfinite(number):
        raise Refused(400, fields={name: "A valid number is required."})
    return number


def outcomes(data: Row, call: Call) -> Any:
    """What became of each item: 202 when all were stored, else 422."""
    asked: Asked = data["asked"]
    done = iter(data["overrideGrades"]["outcomes"])
    rows = []
    for item, usage in zip(asked.sent, asked.found["usages"], strict=True):
        if parse_usage(usage) is None:
            reason: str | None = f"{usage} is not a valid usage key."
        else:
            outcome = next(done)
            known = REASONS.get((outcome["field"], outcome["code"]))
            reason = outcome["message"] if known is None else known.format(usage)
        told = {"user_id": item["user_id"], "usage_id": usage, "success": reason is None, "reason": reason}
        rows.append(told)
    return written(rows, 202 if all(row["success"] for row in rows) else 422)


OUTCOMES = many(closed({"user_id": WHOLE, "usage_id": TEXT, "success": FLAG, "reason": nullable(TEXT)}))


async def info(asked: Asked) -> Mapping[str, Any]:
    """Which blocks to tell of. Raises Refused for who is no author."""
    require_author(asked)
    blocks = {"courseInstanceId": {"eq": asked.run["id"]}, "kind": {"eq": "sequential"}}
    is_graded = {"isGraded": {"eq": True}}
    wanted = asked.given("graded_only")
    return {"blocks": blocks if wanted is None or wanted.capitalize() in (*FALSE, "") else blocks | is_graded}


def grading(data: Row, call: Call) -> Row:
    """Cut-offs, assignment types and subsections."""
    cutoffs: Row = {}
    types: Row = {}
    for column in data["policy"]["nodes"]:
        symbols = (column["gradeSchema"] or {}).get("symbols", [])
        cutoffs = {each["text"]: each["lowerBound"] / 100 for each in symbols if each["lowerBound"] > 0}
        for term in (column["calculation"] or {}).get("terms", []):
            if term["category"] is not None:
                name, short = term["category"]["name"], term["category"]["abbreviation"]
                counts = {"min_count": term["minCount"], "drop_count": term["dropLowest"]}
                weight = round((term["weight"] or 0) / 100, 12)
                types[name] = {"type": name, "short_label": short, **counts, "weight": weight}
    numbers: Counter[str] = Counter()
    run = data["courseInstance"]
    return {
        "grade_cutoffs": cutoffs,
        "assignment_types": types,
        "subsections": [_subsection(each, numbers) for each in data["blocks"]["nodes"]],
        "grades_frozen": run["has_final_grades"],
        "can_see_bulk_management": run["offers_bulk_grading"] or any(each["slug"] == DEGREE for each in run["tracks"]),
    }


def _subsection(block: Row, numbers: Counter[str]) -> Row:
    category = (block["assessment"] or {}).get("category")
    label = None
    if category is not None and not any(each["isStaffOnly"] for each in (block, *block["ancestors"])):
        numbers[category["name"]] += 1
        label = f"{category['abbreviation']} {numbers[category['name']]:02d}"
    return {
        "assignment_type": block["format"] if category is None else category["name"],
        "graded": category is not None,
        "short_label": label,
        "module_id": block["usageKey"],
        "display_name": block["name"],
    }


TYPE = closed({"type": TEXT, "short_label": TEXT, "min_count": WHOLE, "drop_count": WHOLE, "weight": NUMBER})
BLOCK: Schema = {"assignment_type": nullable(TEXT), "graded": FLAG, "short_label": nullable(TEXT)}
BLOCK |= {"module_id": nullable(TEXT), "display_name": TEXT}
INFO: Schema = {"grade_cutoffs": {"type": "object", "additionalProperties": NUMBER}}
INFO |= {"assignment_types": {"type": "object", "additionalProperties": TYPE}, "subsections": many(closed(BLOCK))}
INFO |= {"grades_frozen": FLAG, "can_see_bulk_management": FLAG}
OF_RUN: dict[str, Any] = {"run": "course_id", "unknown": unknown_run}

ROUTES = [
    Operation(
        "GET",
        f"{BOOK}/",
        "Gradebook",
        Book(("page",)),
        style=GRADES,
        plan=page,
        parameters=[*FILTERS, *CURSOR],
        **OF_RUN,
    ),
    Operation(
        "POST",
        f"{BOOK}/bulk-update",
        "GradebookBulkUpdate",
        Made(make=outcomes, made=OUTCOMES),
        status=202,
        style=GRADES,
        plan=overrides,
        words={"FROZEN": (403, FROZEN, "grades_frozen")},
        **OF_RUN,
    ),
    Operation(
        "GET",
        f"{BOOK}/grading-info",
        "GradingInfo",
        Made(make=grading, made=closed(INFO)),
        style=DEVELOPER,
        plan=info,
        parameters=[parameter("graded_only", "Only subsections that are graded.", FLAG)],
        **OF_RUN,
    ),
]
