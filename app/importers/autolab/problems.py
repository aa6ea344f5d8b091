"""Problems: named marks of an assessment. Names may have slashes; maxima may be 0."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.context import Context
from app.db.sets import member_of
from app.domain.assessments.models import Problem
from app.importers.documents import Document
from app.importers.merge import merge
from app.importers.summary import Summary


@dataclass(frozen=True, slots=True)
class ReadProblem:
    """An entry of `problems`."""

    name: str
    description: str
    max_points: float
    is_optional: bool
    is_starred: bool


def read_problems(assessment: Document) -> list[ReadProblem]:
    """The problems in their order. Raises ImportFailure, for a repeated name too."""
    found: dict[str, ReadProblem] = {}
    for each in assessment.children("problems"):
        name, maximum = each.text("name"), each.number("max_score")
        if maximum is None:
            each.fail("max_score", "is missing")
        if name in found:
            each.fail("name", f"is {name!r} for the second time")
        described = each.optional_text("description", None) or ""
        flags = (each.flag("optional", default=False), each.flag("starred", default=False))
        found[name] = ReadProblem(name, described, float(maximum), *flags)
    return list(found.values())


async def merge_problems(
    ctx: Context, problems: Mapping[int, Sequence[ReadProblem]], autograded: Mapping[int, bool], summary: Summary
) -> None:
    """Merge the problems of assessments by id. Points are for the autograder where there is one, else for people."""
    rows = []
    for assessment_id, listed in problems.items():
        for number, each in enumerate(listed, start=1):
            worth = (each.max_points, 0.0) if autograded[assessment_id] else (0.0, each.max_points)
            flags = (each.is_optional, each.is_starred)
            rows.append((assessment_id, each.name, number, each.description, each.max_points, *worth, *flags))
    merged = await merge(
        ctx,
        Problem,
        rows,
        key=("assessment_id", "name"),
        compared=(
            *("number", "description", "max_points", "max_auto_points", "max_manual_points"),
            *("is_optional", "is_starred"),
        ),
        within=member_of(Problem.assessment_id, problems),
    )
    summary.add_merged("problems", merged)
