"""How far a learner has come in a course run, and what they have for it (contracts/edx-core.md §4.4)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from app.rest.openedx.asking import Asked, whole
from app.rest.openedx.block_map import Node, due, tree
from app.rest.openedx.catalogue import ALL
from app.rest.openedx.entry import CERTIFICATE, certificate
from app.rest.openedx.home import admitted
from app.rest.openedx.kinds import FLAG, MOMENT, NOTHING, NUMBER, TEXT, WHOLE
from app.rest.openedx.refusals import NOT_FOUND, Refused
from app.rest.openedx.run_page import jump
from app.rest.route import Call, Row, closed, nullable

PERCENT = 100
OVERRIDE = closed({"system": nullable(TEXT), "reason": nullable(TEXT)})
POINTS = closed({"earned": NUMBER, "possible": NUMBER})
SUBSECTION = closed(
    {
        "assignment_type": nullable(TEXT),
        **dict.fromkeys(("block_key", "display_name"), TEXT),
        "has_graded_assignment": FLAG,
        "override": nullable(OVERRIDE),
        "learner_has_access": FLAG,
        **dict.fromkeys(("num_points_earned", "num_points_possible", "percent_graded"), NUMBER),
        "problem_scores": {"type": "array", "items": POINTS},
        "show_correctness": {"type": "string", "enum": ["always", "never", "past_due"]},
        "show_grades": FLAG,
        "url": nullable(TEXT),
    }
)
SECTION = closed({"display_name": TEXT, "subsections": {"type": "array", "items": SUBSECTION}})
ASSIGNMENT = closed({"num_droppable": WHOLE, "num_total": NUMBER, "short_label": TEXT, "type": TEXT, "weight": NUMBER})
POLICY = closed(
    {
        "assignment_policies": {"type": "array", "items": ASSIGNMENT},
        "grade_range": {"type": "object", "additionalProperties": NUMBER},
    }
)
PROGRESS = closed(
    {
        "access_expiration": NOTHING,
        "certificate_data": nullable(CERTIFICATE),
        "completion_summary": closed(dict.fromkeys(("complete_count", "incomplete_count", "locked_count"), WHOLE)),
        "course_grade": closed({"letter_grade": nullable(TEXT), "percent": NUMBER, "is_passing": FLAG}),
        "credit_course_requirements": NOTHING,
        "end": nullable(MOMENT),
        "enrollment_mode": nullable(TEXT),
        "grading_policy": POLICY,
        "has_scheduled_content": nullable(FLAG),
        "section_scores": {"type": "array", "items": SECTION},
        "studio_url": nullable(TEXT),
        "user_has_passing_grade": FLAG,
        "username": TEXT,
        "verification_data": closed({"link": NOTHING, "status": TEXT, "status_date": TEXT}),
        "verified_mode": NOTHING,
        "can_show_upgrade_sock": FLAG,
        "disable_progress_graph": FLAG,
    }
)
UNVERIFIED = {"link": None, "status": "none", "status_date": ""}
NO_RESULT = {"letter_grade": None, "percent": 0.0, "is_passing": False}


async def progress(asked: Asked) -> Mapping[str, Any]:
    """Whose progress it is, which is read as they see it; marks as the caller does. Raises Refused."""
    run = await admitted(asked)
    if run["hides_progress"]:
        raise Refused(404, NOT_FOUND)
    caller, is_staff, user_id = await asked.caller(), asked.is_staff, asked.ctx.user_id
    person = caller
    named = asked.path.get("student_id")
    if named is not None and whole(named) != user_id:
        found = await asked.person_by_number(named) if is_staff else None
        if found is None:
            raise Refused(404, NOT_FOUND)
        person, user_id = found, found["id"]
    place = asked.run["id"]
    asked.found |= {"person": person, "is_staff": is_staff}
    asked.found["marks"] = await asked.ask("Marks", course_instance_id=place, user_id=user_id)
    asked.found["policy"] = await asked.look("GradingPolicy", course_instance_id=place)
    if person is not caller:
        asked.become(user_id)
    return {"course_instance_id": place, "first": ALL}


def progress_told(data: Row, call: Call) -> Row:
    """The progress of a learner."""
    asked: Asked = data["asked"]
    known, run = asked.found, asked.found["home"]["run"]
    marks = known["marks"]
    standing = next(iter(marks["enrollments"]["nodes"]), None)
    mode = None if standing is None else standing["mode"]
    result = NO_RESULT if standing is None else standing["result"]
    grades = {} if standing is None else {each["block"]["id"]: each for each in standing["grades"] if each["block"]}
    top = tree(data["blocks"]["nodes"], None)
    units = [each for each in ([] if top is None else top.below()) if each.row["kind"] == "vertical"]
    done = sum(each.row["completion"] == 1 for each in units)
    scores = Scores(asked, grades, call.now)
    return {
        "access_expiration": None,
        "certificate_data": certificate(mode, standing and standing["certificate"], run["certificate_available_at"]),
        "completion_summary": {"complete_count": done, "incomplete_count": len(units) - done, "locked_count": 0},
        "course_grade": result,
        "credit_course_requirements": None,
        "end": run["end_at"],
        "enrollment_mode": mode,
        "grading_policy": policy(known["policy"], grades.values()),
        "has_scheduled_content": ((data["run"] or {}).get("root") or {}).get("has_scheduled_content"),
        "section_scores": [] if top is None else list(scores.sections(top)),
        "studio_url": None,
        "user_has_passing_grade": result["is_passing"],
        "username": known["person"]["username"],
        "verification_data": UNVERIFIED,
        "verified_mode": None,
        "can_show_upgrade_sock": False,
        "disable_progress_graph": False,
    }


def policy(found: Row, grades: Any) -> Row:
    """The assignment types with their weights as fractions, and the least fraction of each grade."""
    names = [each["category_name"] for each in grades]
    made: Row = {"assignment_policies": [], "grade_range": {}}
    for column in found["assessments"]["nodes"]:
        terms = [] if column["calculation"] is None else column["calculation"]["terms"]
        made["assignment_policies"] = [
            {
                "num_droppable": each["drops"],
                "num_total": max(each["count"], names.count(each["category"]["name"])),
                "short_label": each["category"]["short"],
                "type": each["category"]["name"],
                "weight": round((each["weight"] or 0.0) / PERCENT, 12),
            }
            for each in terms
            if each["category"] is not None
        ]
        symbols = [] if column["schema"] is None else column["schema"]["symbols"]
        bounds = {each["text"]: round(each["least"] / PERCENT, 12) for each in symbols}
        made["grade_range"] = {name: least for name, least in bounds.items() if least > 0}
    return made


class Scores:
    """Tells what a learner has, section by section; `grades` are by block."""

    def __init__(self, asked: Asked, grades: Mapping[int, Row], now: datetime) -> None:
        self.asked, self.grades, self.now = asked, grades, now

    def sections(self, top: Node) -> Iterator[Row]:
        """The sections with their subsections."""
        for chapter in (each for each in top.children if each.row["kind"] == "chapter"):
            below = [self.subsection(each) for each in chapter.children if each.row["kind"] == "sequential"]
            yield {"display_name": chapter.row["name"], "subsections": below}

    def subsection(self, node: Node) -> Row:
        """What is told of a subsection: no scores where they are not shown."""
        row, grade = node.row, self.grades.get(node.row["id"])
        shows = self.shows(row)
        told = grade if grade is not None and shows else {"points": 0.0, "max_points": 0.0, "fraction": 0.0}
        overridden = grade is not None and grade["is_overridden"] and shows
        return {
            "assignment_type": row["format"],
            "block_key": node.usage,
            "display_name": row["name"],
            "has_graded_assignment": row["is_graded"],
            "override": {"system": grade["source"], "reason": grade["reason"]} if overridden and grade else None,
            "learner_has_access": not node.is_gated,
            "num_points_earned": told["points"],
            "num_points_possible": told["max_points"],
            "percent_graded": told["fraction"],
            "problem_scores": grade["problem_scores"] if grade is not None and shows else [],
            "show_correctness": row["show_correctness"].lower(),
            "show_grades": shows,
            "url": None if row["is_hidden"] else jump(self.asked.base, self.asked.run["key"], node.usage),
        }

    def shows(self, row: Row) -> bool:
        """Whether scores of a subsection are shown; to the staff always."""
        is_past = due(row) is None or due(row) < self.now
        shown = {"ALWAYS": True, "NEVER": False, "PAST_DUE": is_past}[row["show_correctness"]]
        return shown or bool(self.asked.found["is_staff"])
