"""Access rules and group work of two real PrairieLearn courses."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select

from app.context import Context
from app.domain.assessments.models import Assessment, AssessmentAccessRule
from app.domain.groups.models import GroupSet
from app.importers.prairielearn.access import NEVER
from app.importers.registry import run
from tests.importers.folders import values

THEORY, EXAMPLE = "theorielearn", "pl-example-course"


async def read(ctx: Context, shared: Path, course: str) -> Any:
    return await run(ctx, "prairielearn", shared / "prairielearn" / course)


async def test_access(ctx: Context, shared: Path) -> None:
    await read(ctx, shared, EXAMPLE)
    start = datetime(2021, 1, 1, 6, 0, 1, tzinfo=UTC)
    due, late = datetime(2023, 11, 16, 5, 59, 59, tzinfo=UTC), datetime(2023, 12, 1, 5, 59, 59, tzinfo=UTC)
    assert await rules(ctx, "homework/template") == [
        (1, None, 100, start, due, None, None, False, True),
        (2, None, 50, due, late, None, None, False, True),
        (3, None, 0, late, None, None, None, False, True),
    ]
    last = datetime(2323, 11, 8, 5, 59, 59, tzinfo=UTC)
    assert await rules(ctx, "exam/manualGrading") == [
        (1, None, 100, start, last, 3, None, False, False),
        (2, None, 0, last, None, 3, None, False, False),
    ]
    exams = ("9c1b3e5c-9caa-4c82-9445-ac564d51c40d", "2b26b075-4c91-4fa0-8f1e-219326f4d046")
    assert await rules(ctx, "exam/instantFeedbackPrairieTest") == [
        (number, "Exam", 100, None, None, None, exam, True, True) for number, exam in enumerate(exams, start=1)
    ]
    columns = (Assessment.start_at, Assessment.due_at, Assessment.end_at, Assessment.time_limit_minutes)
    found = dict(
        zip(
            await values(ctx, Assessment.name, by=Assessment.id),
            await values(ctx, *columns, by=Assessment.id),
            strict=True,
        )
    )
    assert found["homework/template"] == (start, due, None, None)
    assert found["exam/manualGrading"] == (start, last, None, 3)
    assert found["exam/instantFeedbackPrairieTest"] == (NEVER, None, None, None)
    assert found["gallery/elements"] == (NEVER, None, None, None)
    assert sum(start_at == NEVER for start_at, *_ in found.values()) == 7


async def test_access_in_the_older_notation(ctx: Context, shared: Path) -> None:
    await read(ctx, shared, THEORY)
    start = datetime(2025, 1, 1, 18, 59, 59, tzinfo=UTC)
    assert await rules(ctx, "GPS-0") == [(1, "Public", 100, start, None, None, None, True, True)]
    dates = (Assessment.start_at, Assessment.due_at, Assessment.end_at)
    assert set(await values(ctx, *dates, by=Assessment.id)) == {(start, None, None)}


async def test_group_work(ctx: Context, shared: Path) -> None:
    await read(ctx, shared, EXAMPLE)
    columns = (GroupSet.name, GroupSet.min_size, GroupSet.max_size, GroupSet.is_self_assigned)
    assert await values(ctx, *columns, by=GroupSet.name) == [
        ("exam/groupExam", 1, 5, True),
        ("groupWork/jupyter", 1, 5, True),
        ("groupWork/template", 1, 5, True),
    ]
    statement = select(Assessment.name).join(GroupSet, GroupSet.id == Assessment.group_set_id)
    assert sorted(row.name for row in await ctx.db.fetch(statement.where(GroupSet.name == Assessment.name))) == [
        "exam/groupExam",
        "groupWork/jupyter",
        "groupWork/template",
    ]


async def rules(ctx: Context, assessment: str) -> list[Any]:
    rule = AssessmentAccessRule
    shown = (rule.shows_closed_assessment, rule.shows_closed_assessment_score)
    statement = (
        select(
            *(rule.number, rule.mode, rule.credit, rule.start_at, rule.end_at),
            *(rule.time_limit_minutes, rule.exam_uuid, *shown),
        )
        .join(Assessment, Assessment.id == rule.assessment_id)
        .where(Assessment.name == assessment)
        .order_by(rule.number)
    )
    return [tuple(row) for row in await ctx.db.fetch(statement)]
