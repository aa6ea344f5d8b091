"""Assessment sets, which are our assessment categories."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple

from app.context import Context
from app.domain.assessments.models import AssessmentCategory
from app.importers.documents import Document
from app.importers.merge import merge
from app.importers.summary import Summary


class AssessmentSet(NamedTuple):
    """What a course shows of a set."""

    abbreviation: str
    heading: str
    color: str


STANDARD = {  # the sets that every course has: https://docs.prairielearn.com/course/#standardized-assessment-sets
    "Homework": AssessmentSet("HW", "Homeworks", "green1"),
    "Machine Problem": AssessmentSet("MP", "Machine Problems", "turquoise1"),
    "Quiz": AssessmentSet("Q", "Quizzes", "red1"),
    "Practice Quiz": AssessmentSet("PQ", "Practice Quizzes", "pink1"),
    "Exam": AssessmentSet("E", "Exams", "brown1"),
    "Practice Exam": AssessmentSet("PE", "Practice Exams", "yellow1"),
    "Prep": AssessmentSet("P", "Question Preparation", "gray1"),
    "Worksheet": AssessmentSet("WS", "Worksheets", "purple1"),
}


async def merge_sets(
    ctx: Context, course: Mapping[str, AssessmentSet], used: Collection[str], instance_id: int, summary: Summary
) -> Mapping[str, int]:
    """Merge the sets of a course instance: all that the course declares, then the others that are `used`."""
    known = {**course} | {name: each for name, each in STANDARD.items() if name in used and name not in course}
    known |= {name: _unknown(name) for name in sorted(used) if name not in known}
    merged = await merge(
        ctx,
        AssessmentCategory,
        [(instance_id, name, number, *each) for number, (name, each) in enumerate(known.items(), start=1)],
        key=("course_instance_id", "name"),
        compared=("number", "abbreviation", "heading", "color"),
        within=AssessmentCategory.course_instance_id == instance_id,
    )
    summary.add("assessment categories", **merged.counts)
    return {name: merged.ids[instance_id, name] for name in known}


def declared_sets(course: Document) -> dict[str, AssessmentSet]:
    """The sets that infoCourse.json lists, in its order. Raises ImportFailure when one is listed twice."""
    found: dict[str, AssessmentSet] = {}
    for each in course.children("assessmentSets"):
        name = each.text("name", 150)
        if name in found:
            each.fail("name", f"is {name!r} for the second time")
        found[name] = AssessmentSet(each.text("abbreviation", 32), each.text("heading"), each.text("color", 32))
    return found


def _unknown(name: str) -> AssessmentSet:
    capitals = "".join(letter for letter in name if letter.isupper())
    return AssessmentSet((capitals or name[:1].upper())[:32], name, "gray1")
