"""Zones and the questions placed in them, which are our problems."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.context import Context
from app.db.bulk import Row
from app.db.sets import member_of
from app.domain.assessments.models import Problem, Zone
from app.importers.documents import Document
from app.importers.merge import merge
from app.importers.prairielearn.points import Points, chosen_points, question_points
from app.importers.prairielearn.questions import grading_method
from app.importers.summary import Summary

COLUMNS = (
    *("name", "description", "max_points", "max_auto_points", "max_manual_points", "points_by_try"),
    *("alternative_group", "alternatives_chosen"),
)


@dataclass(frozen=True, slots=True)
class Placement:
    """A question placed. Alternatives of one another share a group, of which `chosen` (None: all) are given out."""

    qid: str
    title: str
    points: Points
    group: int | None
    chosen: int | None


@dataclass(frozen=True, slots=True)
class PlacedZone:
    """A zone. `worth` is the most points that it can add to the assessment."""

    title: str | None
    max_points: float | None
    best_problems: int | None
    placements: list[Placement]
    worth: float


def read_zones(assessment: Document, questions: Mapping[str, Document], *, is_exam: bool) -> list[PlacedZone]:
    """The zones of an infoAssessment.json. Raises ImportFailure for a question that is unknown or placed twice."""
    zones: list[PlacedZone] = []
    placed: set[str] = set()
    groups = 0
    for zone in assessment.children("zones"):
        placements: list[Placement] = []
        worths: list[float] = []
        for block in zone.children("questions"):
            alternatives = block.children("alternatives")
            groups += bool(alternatives)
            group, chosen = (groups, block.integer("numberChoose")) if alternatives else (None, None)
            found = [
                _placement(entry, block, questions, placed, group, chosen, is_exam=is_exam)
                for entry in alternatives or [block]
            ]
            worths += chosen_points([each.points.total for each in found], chosen)
            placements += found
        zones.append(_zone(zone, placements, worths))
    return zones


async def merge_placements(
    ctx: Context, zones: Mapping[int, Sequence[PlacedZone]], bank: Mapping[str, int], summary: Summary
) -> None:
    """Merge the zones of some assessments (by id) and their problems."""
    merged = await merge(
        ctx,
        Zone,
        [
            (assessment_id, number, zone.title, zone.max_points, zone.best_problems)
            for assessment_id, listed in zones.items()
            for number, zone in enumerate(listed, start=1)
        ],
        key=("assessment_id", "number"),
        compared=("title", "max_points", "best_problems"),
        within=member_of(Zone.assessment_id, zones),
    )
    summary.add_merged("zones", merged)
    rows: list[Row] = []
    for assessment_id, listed in zones.items():
        number = 0
        for zone_number, zone in enumerate(listed, start=1):
            for each in zone.placements:
                number += 1
                zone_id = merged.ids[assessment_id, zone_number]
                rows.append((assessment_id, bank[each.qid], zone_id, number, *_columns(each)))
    problems = await merge(
        ctx,
        Problem,
        rows,
        key=("assessment_id", "question_id"),
        compared=("zone_id", "number", *COLUMNS),
        within=member_of(Problem.assessment_id, zones),
    )
    summary.add_merged("problems", problems)
    stepwise = sum(each.points.is_stepwise for listed in zones.values() for zone in listed for each in zone.placements)
    if stepwise:
        summary.notes.append(f"{stepwise:,} problems give points in steps: the maximum is taken, the step is not")


def _columns(each: Placement) -> Row:
    points = each.points
    worth = (points.total, points.automatic, points.manual, points.by_try)
    return (each.qid, each.title, *worth, each.group, each.chosen)


def _placement(
    entry: Document,
    block: Document,
    questions: Mapping[str, Document],
    placed: set[str],
    group: int | None,
    chosen: int | None,
    *,
    is_exam: bool,
) -> Placement:
    qid = entry.text("id")
    question = questions.get(qid)
    if question is None:
        entry.fail("id", f"is {qid!r}, which is not among the questions")
    if qid in placed:
        entry.fail("id", f"is {qid!r}, which this assessment has already")
    placed.add(qid)
    points = question_points(entry, block, is_exam=is_exam, is_manual=grading_method(question) == "Manual")
    return Placement(qid, question.text("title"), points, group, chosen)


def _zone(zone: Document, placements: list[Placement], worths: list[float]) -> PlacedZone:
    """Of the questions' points, only the best `bestQuestions` count, and of their sum at most `maxPoints`."""
    drawn = chosen_points(worths, zone.integer("numberChoose"))
    best, cap = zone.integer("bestQuestions"), zone.number("maxPoints")
    worth = sum(chosen_points(drawn, best))
    return PlacedZone(zone.optional_text("title"), cap, best, placements, worth if cap is None else min(worth, cap))
