from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.context import Context
from app.domain.enrollment.models import Enrollment
from app.domain.enrollment.service import drop_enrollment
from app.domain.grades.models import ColumnGrade, GradeChange
from app.domain.grades.overrides import exempt_grade, override_grade
from app.errors import Forbidden, NotFound, UserErrorCode
from tests.clock import NOW
from tests.domain.proof import denied, key_of, nothing_changes, only_row, refused
from tests.factories import University, at, coursework, handed_in, scored

pytestmark = pytest.mark.anyio

LATER = NOW + timedelta(days=1)
CODES = UserErrorCode


async def history(ctx: Context) -> list[tuple[Any, ...]]:
    """(kind, points before, points after, who, when) of all changes."""
    own = GradeChange
    columns = (own.kind, own.points_before, own.points_after, own.changed_by_id, own.changed_at)
    return [tuple(row) for row in await ctx.db.fetch(select(*columns).order_by(own.change_index))]


async def test_an_override_makes_the_grade_and_is_seen_at_once(ctx: Context, world: University) -> None:
    work = await coursework(world)
    here: dict[str, Any] = {"assessment_id": work.assessment_id, "user_id": world.student_id}
    made = await override_grade(world.instructor, **here, points=55, feedback=" good ", notes="hm")
    assert made is not None
    row = await only_row(ctx, ColumnGrade, made)
    assert (row.points, row.released_points, row.override_points) == (55.0, 55.0, 55.0)
    assert (row.max_points, row.score_perc, row.released_score_perc) == (110.0, 50.0, 50.0)
    assert (row.overridden_at, row.overridden_by_id) == (NOW, world.instructor_id)
    assert (row.feedback, row.notes, row.is_exempt) == ("good", "hm", False)
    assert (row.assessment_instance_id, row.change_index) == (None, 1)
    assert (row.first_relevant_at, row.last_relevant_at) == (NOW, NOW)
    assert await history(ctx) == [("OVERRIDDEN", None, 55.0, world.instructor_id, NOW)]


async def test_an_override_beats_what_flows_in_until_it_is_cleared(ctx: Context, world: University) -> None:
    work = await coursework(world)
    here: dict[str, Any] = {"assessment_id": work.assessment_id, "user_id": world.student_id}
    submission = await handed_in(world.student, work)
    await scored(world.assistant, submission, work, Part_A=11)
    made = await override_grade(at(world.instructor, LATER), **here, points=99)
    assert made is not None
    await scored(world.assistant, submission, work, release=True, Style=11 - 1)
    row = await only_row(ctx, ColumnGrade, made)
    assert (row.points, row.released_points, row.override_points, row.change_index) == (99.0, 99.0, 99.0, 2)
    assert (row.first_relevant_at, row.last_relevant_at) == (NOW, LATER)
    assert await override_grade(world.instructor, **here, points=None) == made
    row = await only_row(ctx, ColumnGrade, made)
    assert (row.points, row.released_points, row.override_points, row.change_index) == (21.0, 10.0, None, 3)
    assert (row.overridden_at, row.overridden_by_id, row.last_relevant_at) == (None, None, NOW)
    assert row.score_perc == 100 * 21 / 110
    assert await history(ctx) == [
        ("SCORED", None, 11.0, world.assistant_id, NOW),
        ("OVERRIDDEN", 11.0, 99.0, world.instructor_id, LATER),
        ("CLEARED", 99.0, 21.0, world.instructor_id, NOW),
    ]


async def test_a_cleared_grade_without_work_is_empty(ctx: Context, world: University) -> None:
    work = await coursework(world)
    here: dict[str, Any] = {"assessment_id": work.assessment_id, "user_id": world.student_id}
    made = await override_grade(world.instructor, **here, points=5)
    assert made is not None
    await override_grade(world.instructor, **here, points=None)
    row = await only_row(ctx, ColumnGrade, made)
    assert (row.points, row.score_perc, row.released_points, row.change_index) == (None, None, None, 2)


async def test_remarks_change_a_grade_too(ctx: Context, world: University) -> None:
    work = await coursework(world)
    here: dict[str, Any] = {"assessment_id": work.assessment_id, "user_id": world.student_id}
    made = await override_grade(world.instructor, **here, notes="a")
    assert made is not None
    assert (await only_row(ctx, ColumnGrade, made)).points is None
    await override_grade(world.instructor, **here, notes=None, feedback="b\nc")
    row = await only_row(ctx, ColumnGrade, made)
    assert (row.notes, row.feedback, row.change_index) == (None, "b\nc", 2)
    assert [line[0] for line in await history(ctx)] == ["ANNOTATED", "ANNOTATED"]


async def test_what_changes_nothing_draws_no_index(ctx: Context, world: University) -> None:
    work = await coursework(world)
    here: dict[str, Any] = {"assessment_id": work.assessment_id, "user_id": world.student_id}
    async with nothing_changes(ctx):
        assert await override_grade(world.instructor, **here, points=None) is None
        assert await override_grade(world.instructor, **here, notes=" ") is None
        assert await override_grade(world.instructor, **here) is None
        assert await exempt_grade(world.instructor, **here, is_exempt=False) is None
    made = await override_grade(world.instructor, **here, points=5, notes="n")
    async with nothing_changes(ctx):
        assert await override_grade(at(world.admin, LATER), **here, points=5, notes="n") == made
        assert await override_grade(at(world.admin, LATER), **here) == made


async def test_a_grade_is_exempt(ctx: Context, world: University) -> None:
    work = await coursework(world)
    here: dict[str, Any] = {"assessment_id": work.assessment_id, "user_id": world.student_id}
    made = await exempt_grade(world.instructor, **here)
    assert made is not None
    await scored(world.assistant, await handed_in(world.student, work), work, Part_A=11)
    row = await only_row(ctx, ColumnGrade, made)
    assert (row.is_exempt, row.points, row.change_index) == (True, 11.0, 2)
    assert await exempt_grade(world.instructor, **here, is_exempt=False) == made
    assert not (await only_row(ctx, ColumnGrade, made)).is_exempt
    assert [line[0] for line in await history(ctx)] == ["EXEMPTED", "SCORED", "EXEMPTED"]


@pytest.mark.parametrize(
    ("values", "reason", "field"),
    [
        ({"points": -1}, CODES.OUT_OF_RANGE, "points"),
        ({"points": float("nan")}, CODES.INVALID, "points"),
        ({"points": float("inf")}, CODES.INVALID, "points"),
        ({"points": 10**400}, CODES.INVALID, "points"),
        ({"points": 1, "feedback": "\0"}, CODES.INVALID, "feedback"),
        ({"points": 1, "notes": "\ud800"}, CODES.INVALID, "notes"),
        ({"points": 1, "user_id": 999_999}, CODES.NOT_FOUND, "userId"),
        ({"points": 1, "user_id": 2**70}, CODES.NOT_FOUND, "userId"),
    ],
)
async def test_an_override_that_breaks_a_rule(
    ctx: Context, world: University, values: dict[str, Any], reason: UserErrorCode, field: str
) -> None:
    work = await coursework(world)
    here: dict[str, Any] = {"assessment_id": work.assessment_id, "user_id": world.student_id}
    await refused(ctx, override_grade(world.instructor, **here | values), reason, field)


async def test_whose_grade_is_overridden(ctx: Context, world: University) -> None:
    work = await coursework(world)
    here: dict[str, Any] = {"assessment_id": work.assessment_id}
    unseen = override_grade(world.instructor, **here, user_id=world.loner_id, points=1)
    await refused(ctx, unseen, CODES.NOT_FOUND, "userId")
    stranger = override_grade(world.admin, **here, user_id=world.loner_id, points=1)
    await refused(ctx, stranger, CODES.NOT_ENROLLED, "userId")
    await refused(ctx, exempt_grade(world.admin, **here, user_id=world.loner_id), CODES.NOT_ENROLLED, "userId")
    await denied(ctx, override_grade(world.admin, assessment_id=2**40, user_id=1, points=1), NotFound)
    await denied(ctx, override_grade(world.assistant, **here, user_id=world.student_id, points=1), Forbidden)
    await drop_enrollment(ctx, enrollment_id=await key_of(ctx, Enrollment, user_id=world.student_id))
    assert await override_grade(world.instructor, **here, user_id=world.student_id, points=1) is not None


async def test_an_override_may_be_above_the_maximum(ctx: Context, world: University) -> None:
    work = await coursework(world)
    here: dict[str, Any] = {"assessment_id": work.assessment_id, "user_id": world.student_id}
    made = await override_grade(world.instructor, **here, points=220)
    assert made is not None
    assert (await only_row(ctx, ColumnGrade, made)).score_perc == 200.0
