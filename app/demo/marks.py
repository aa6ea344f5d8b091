"""Marks in bulk: the rows that `score_problems` would have written one by one, and what follows from them at once."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import insert, select

from app.context import Context
from app.db.sets import member_of
from app.domain.assessments.models import Problem
from app.domain.attempts.models import Event, EventKind, InstanceQuestion
from app.domain.grades.counting import percentage
from app.domain.grades.flow import Flow, propagate
from app.domain.grades.models import ChangeKind, Score
from app.domain.rows import update_rows

TOLD = ("feedback", "feedback_data", "partial_scores")


class Mark(NamedTuple):
    """A mark of one problem of a submission, in points. Of an older mark it keeps what it does not tell anew."""

    submission_id: int
    instance_id: int
    problem_id: int
    value: float | None
    manual: float | None = None
    feedback: str | None = None
    feedback_data: dict[str, Any] | None = None
    partial_scores: dict[str, Any] | None = None
    answer: dict[str, Any] | None = None


async def mark(ctx: Context, marks: Sequence[Mark], *, release: bool) -> None:
    """Give marks, over earlier ones if there are any, at one moment: in the name of `ctx`, or of a program."""
    await _store(ctx, marks, release=release)
    flow = await propagate(ctx, {each.instance_id for each in marks}, ChangeKind.SCORED)
    await _note(ctx, marks, flow)


async def _store(ctx: Context, marks: Sequence[Mark], *, release: bool) -> None:
    columns = (Score.id, Score.submission_id, Score.problem_id, Score.is_released, *(getattr(Score, n) for n in TOLD))
    here = select(*columns).where(member_of(Score.submission_id, {each.submission_id for each in marks}))
    old = {(row.submission_id, row.problem_id): row for row in await ctx.db.fetch(here)}
    inserts, updates = [], []
    for each in marks:
        before = old.get((each.submission_id, each.problem_id))
        row: dict[str, Any] = {
            "value": each.value,
            "manual_value": each.manual,
            "is_released": release or (before is not None and before.is_released),
            "grader_id": ctx.principal.user_id,
            "graded_at": ctx.now,
        }
        for name in TOLD:
            told = getattr(each, name)
            row[name] = getattr(before, name, None) if told is None else told
        if before is None:
            inserts.append({"submission_id": each.submission_id, "problem_id": each.problem_id, **row})
        else:
            updates.append({"id": before.id, **row})
    if inserts:
        await ctx.db.execute(insert(Score), inserts)
    await update_rows(ctx, Score, updates)


async def _note(ctx: Context, marks: Sequence[Mark], flow: Flow) -> None:
    """What `note_scoring` logs: marks given by hand, questions' points, sittings' points."""
    instances = {each.instance_id for each in marks}
    asked = await _asked(ctx, instances)
    rows = []
    for instance_id, entry in _entries(marks, flow, asked):
        common = {"assessment_instance_id": instance_id, "happened_at": ctx.now, "actor_id": ctx.principal.user_id}
        rows.append({**common, **entry})
    rows.sort(key=lambda row: row["assessment_instance_id"])
    if rows:
        await ctx.db.execute(insert(Event), rows)


async def _asked(ctx: Context, instances: Collection[int]) -> dict[tuple[int, int], Any]:
    own = InstanceQuestion
    statement = (
        select(own.assessment_instance_id, own.problem_id, own.id, Problem.max_points)
        .join(Problem, Problem.id == own.problem_id)
        .where(member_of(own.assessment_instance_id, instances))
    )
    return {(row[0], row[1]): row for row in await ctx.db.fetch(statement)}


def _entries(
    marks: Sequence[Mark], flow: Flow, asked: Mapping[tuple[int, int], Any]
) -> Iterator[tuple[int, dict[str, Any]]]:
    latest: dict[tuple[int, int], int] = {}
    for each in marks:
        key = (each.instance_id, each.problem_id)
        latest[key] = each.submission_id
        if each.manual is not None and each.value is not None:
            worth = asked[key].max_points
            fraction = each.value / worth if worth else 0.0
            data = {"correct": fraction >= 1, "score": fraction, "manual_points": each.manual}
            data |= {"auto_points": each.value - each.manual, "submitted_answer": each.answer}
            yield each.instance_id, _entry(EventKind.MANUAL_GRADING, asked[key].id, each.submission_id, data)
    for question in flow.questions:
        points, worth = question.points, question.max_points
        data = {"points": points, "max_points": worth, "score_perc": percentage(points, worth)}
        data["correct"] = None if points is None else points >= worth
        by = latest.get((question.assessment_instance_id, question.problem_id))
        yield question.assessment_instance_id, _entry(EventKind.SCORE_QUESTION, question.id, by, data)
    for instance in flow.instances:
        points, worth = instance.points, instance.max_points
        data = {"points": points, "max_points": worth, "score_perc": percentage(points, worth)}
        yield instance.id, _entry(EventKind.SCORE_ASSESSMENT, None, None, data)


def _entry(kind: EventKind, question_id: int | None, submission_id: int | None, data: dict[str, Any]) -> dict[str, Any]:
    return {"kind": kind, "instance_question_id": question_id, "submission_id": submission_id, "data": data}
