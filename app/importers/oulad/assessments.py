"""Assessments with their category and their one problem."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from app.context import Context
from app.db.bulk import Row
from app.db.sets import member_of
from app.domain.assessments.models import Assessment, AssessmentCategory, AssessmentKind, Problem, ScoringModel
from app.importers.merge import merge
from app.importers.oulad.calendar import Presentation
from app.importers.oulad.catalog import Presentations, made_uuid
from app.importers.oulad.files import KINDS, OFFERING, Files
from app.importers.summary import Summary

MAX_POINTS = 100.0
PASSING_PERCENTAGE = 40.0  # "below 40 is a fail"
TUTOR_MARKED = ("TMA", "Exam")
CATEGORIES = {
    "TMA": ("TMA", "Tutor-marked assessments", "green1"),
    "CMA": ("CMA", "Computer-marked assessments", "blue1"),
    "Exam": ("E", "Examinations", "brown1"),
}
COMPARED = (
    "category_id",
    "external_id",
    "number",
    "position",
    "title",
    "kind",
    "weight",
    "max_points",
    "start_at",
    "due_at",
)
KIND = {"TMA": AssessmentKind.HOMEWORK, "CMA": AssessmentKind.QUIZ, "Exam": AssessmentKind.EXAM}


@dataclass(frozen=True, slots=True)
class Placed:
    """An assessment where marks can go."""

    assessment_id: int
    course_instance_id: int
    problem_id: int
    due_at: datetime
    calendar: Presentation
    is_tutor_marked: bool


class Described(NamedTuple):
    """A row of assessments.csv, in the terms of the model."""

    course_instance_id: int
    calendar: Presentation
    kind: str
    title: str
    due_at: datetime
    columns: Row


async def merge_assessments(
    ctx: Context, files: Files, presentations: Presentations, summary: Summary
) -> Mapping[int, Placed]:
    """Merge assessments.csv. Gives the place of each id_assessment."""
    categories = await _merge_categories(ctx, files, presentations, summary)
    described = _describe(files, presentations, categories)
    merged = await merge(
        ctx,
        Assessment,
        [each.columns for each in described.values()],
        key=("course_instance_id", "name"),
        compared=COMPARED,
        initial=("uuid", "passing_percentage", "scoring_model", "grading_type", "max_instances"),
        within=member_of(Assessment.course_instance_id, [each for each, _ in presentations.values()]),
    )
    summary.add("assessments", **merged.counts)
    ids = {id_: merged.ids[each.columns[:2]] for id_, each in described.items()}
    problems = await _merge_problems(ctx, ids, described, summary)
    return {
        id_: Placed(
            ids[id_], each.course_instance_id, problems[id_], each.due_at, each.calendar, each.kind in TUTOR_MARKED
        )
        for id_, each in described.items()
    }


def _describe(
    files: Files, presentations: Presentations, categories: Mapping[tuple[int, str], int]
) -> dict[int, Described]:
    """By id_assessment. An exam without a date is due at the end of its presentation."""
    described: dict[int, Described] = {}
    numbers = _numbers(files)
    columns = ("id_assessment", "assessment_type", "date", "weight")
    for module, presentation, id_, kind, day, weight in files.assessments.rows(*OFFERING, *columns):
        instance_id, calendar = presentations[module, presentation]
        due_at = calendar.end_at if day is None else calendar.last_second[day]
        number, title = numbers[id_], f"{kind} {numbers[id_]}"
        named = (instance_id, f"{kind}-{id_}", categories[instance_id, kind], str(id_), str(number), number, title)
        worth = (KIND[kind].value, weight, MAX_POINTS, calendar.start_at, due_at)
        described[id_] = Described(instance_id, calendar, kind, title, due_at, (*named, *worth, *_fixed(id_)))
    return described


def _fixed(id_: int) -> Row:
    """What a new assessment gets and a later import does not take back."""
    return made_uuid("assessment", id_), PASSING_PERCENTAGE, ScoringModel.HIGHEST.value, "ATTEMPTS", 1


async def _merge_categories(
    ctx: Context, files: Files, presentations: Presentations, summary: Summary
) -> dict[tuple[int, str], int]:
    used = dict.fromkeys(
        (presentations[module, presentation][0], kind)
        for module, presentation, kind in files.assessments.rows(*OFFERING, "assessment_type")
    )
    merged = await merge(
        ctx,
        AssessmentCategory,
        [(instance_id, kind, 1 + KINDS.index(kind), *CATEGORIES[kind]) for instance_id, kind in used],
        key=("course_instance_id", "name"),
        compared=("number", "abbreviation", "heading", "color"),
        within=member_of(AssessmentCategory.course_instance_id, [each for each, _ in presentations.values()]),
    )
    summary.add("assessment categories", **merged.counts)
    return {(instance_id, kind): merged.ids[instance_id, kind] for instance_id, kind in used}


def _numbers(files: Files) -> dict[int, int]:
    """The ordinal of each assessment among those of its kind in its presentation: by due day, undated last, then id."""
    days: dict[tuple[str, str, str], list[tuple[bool, int, int]]] = defaultdict(list)
    for module, presentation, kind, day, id_ in files.assessments.rows(
        *OFFERING, "assessment_type", "date", "id_assessment"
    ):
        days[module, presentation, kind].append((day is None, day or 0, id_))
    return {id_: number for each in days.values() for number, (_, _, id_) in enumerate(sorted(each), start=1)}


async def _merge_problems(
    ctx: Context, ids: Mapping[int, int], described: Mapping[int, Described], summary: Summary
) -> Mapping[int, int]:
    rows = []
    for id_, each in described.items():
        worth = (0.0, MAX_POINTS) if each.kind in TUTOR_MARKED else (MAX_POINTS, 0.0)
        rows.append((ids[id_], 1, each.title, MAX_POINTS, *worth))
    merged = await merge(
        ctx,
        Problem,
        rows,
        key=("assessment_id", "number"),
        compared=("name", "max_points", "max_auto_points", "max_manual_points"),
        within=member_of(Problem.assessment_id, ids.values()),
    )
    summary.add("problems", **merged.counts)
    return {id_: merged.ids[assessment_id, 1] for id_, assessment_id in ids.items()}
