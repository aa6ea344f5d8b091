"""Overrides with all that goes with them: of how many points, with what is not graded, why, on whose behalf."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import select

from app.context import Context
from app.domain.grades.batches import MOST, NewOverride, Overridden, OverrideOutcome, override_grades
from app.domain.grades.models import ColumnGrade, GradeChange
from app.domain.grades.overrides import override_grade
from app.errors import UserErrorCode
from tests.clock import NOW
from tests.domain.proof import only_row, refused
from tests.factories import Coursework, University, coursework, handed_in, scored
from tests.graded import block_key, graded

pytestmark = pytest.mark.anyio
SET, TEXT = block_key("sequential", "set"), block_key("html", "text")
TERMS = ("points", "max_points", "all_points", "all_max_points", "reason", "source")
BOTH: dict[str, Any] = {"points": 1.0, "max_points": 2.0, "all_points": 1.0, "all_max_points": 2.0}


@dataclass(frozen=True, slots=True)
class Subsection:
    """A graded block with a problem of two points, and a text."""

    world: University
    work: Coursework

    async def override(self, *overrides: NewOverride, source: str | None = "GRADEBOOK") -> list[OverrideOutcome]:
        """Set grades as the instructor."""
        place = self.world.course_instance_id
        made = await override_grades(
            self.world.instructor, course_instance_id=place, overrides=overrides, source=source
        )
        assert made == Overridden(place, made.outcomes)
        return made.outcomes


@pytest.fixture
async def subsection(world: University) -> Subsection:
    return Subsection(world, (await graded(world)).first)


async def override_of(ctx: Context, key: int | None) -> dict[str, Any]:
    """What is stored of an override, by term."""
    assert key is not None
    row = await only_row(ctx, ColumnGrade, key)
    return {name: getattr(row, f"override_{name}") for name in TERMS}


async def kinds(ctx: Context) -> list[str]:
    """The kinds of all changes, in order."""
    return [row[0] for row in await ctx.db.fetch(select(GradeChange.kind).order_by(GradeChange.change_index))]


async def test_an_override_is_of_as_many_points_as_it_says(ctx: Context, world: University) -> None:
    work = await coursework(world)
    here: dict[str, Any] = {"assessment_id": work.assessment_id, "user_id": world.student_id}
    terms: dict[str, Any] = {"max_points": 4.0, "all_points": 5.0, "all_max_points": 8.0, "reason": " Appeal\n"}
    made = await override_grade(world.instructor, **here, points=3.0, **terms, source="PROCTORING")
    assert made is not None
    row = await only_row(ctx, ColumnGrade, made)
    assert (row.points, row.max_points, row.score_perc, row.released_score_perc) == (3.0, 4.0, 75.0, 75.0)
    expected = terms | {"points": 3.0, "reason": "Appeal", "source": "PROCTORING"}
    assert await override_of(ctx, made) == expected
    assert await override_grade(world.instructor, **here, points=3.0, **terms, source="PROCTORING") == made
    assert await kinds(ctx) == ["OVERRIDDEN"]


async def test_the_next_override_takes_the_place_of_all_of_it(ctx: Context, world: University) -> None:
    work = await coursework(world)
    here: dict[str, Any] = {"assessment_id": work.assessment_id, "user_id": world.student_id}
    await override_grade(world.instructor, **here, points=3.0, max_points=4.0, reason="Appeal")
    made = await override_grade(world.instructor, **here, points=3.0)
    assert await override_of(ctx, made) == dict.fromkeys(TERMS) | {"points": 3.0}
    row = await only_row(ctx, ColumnGrade, made or 0)
    assert (row.max_points, row.score_perc) == (110.0, 100 * 3 / 110)
    await override_grade(world.instructor, **here, points=3.0, max_points=4.0, reason="Appeal")
    await override_grade(world.instructor, **here, points=None)
    assert await override_of(ctx, made) == dict.fromkeys(TERMS)
    assert await kinds(ctx) == ["OVERRIDDEN", "OVERRIDDEN", "OVERRIDDEN", "CLEARED"]


@pytest.mark.parametrize(
    ("terms", "reason", "field"),
    [
        ({"points": 1.0, "max_points": -1.0}, UserErrorCode.OUT_OF_RANGE, "maxPoints"),
        ({"points": 1.0, "all_points": float("inf")}, UserErrorCode.INVALID, "allPoints"),
        ({"points": 1.0, "source": "x" * 65}, UserErrorCode.TOO_LONG, "source"),
        ({"points": 1.0, "reason": "\0"}, UserErrorCode.INVALID, "reason"),
        ({"max_points": 1.0}, UserErrorCode.REQUIRED, "points"),
        ({"points": None, "reason": "none"}, UserErrorCode.REQUIRED, "points"),
    ],
)
async def test_terms_that_are_none(world: University, terms: dict[str, Any], reason: UserErrorCode, field: str) -> None:
    work = await coursework(world)
    here: dict[str, Any] = {"assessment_id": work.assessment_id, "user_id": world.student_id}
    await refused(world.admin, override_grade(world.instructor, **here, **terms), reason, field)


async def test_many_at_once(ctx: Context, subsection: Subsection) -> None:
    """What is left out is as the scores have it, not as an earlier override has it."""
    world = subsection.world
    first, second = world.student_id, world.second_student_id
    await scored(world.assistant, await handed_in(world.student, subsection.work), subsection.work, problem=1.5)
    made = await subsection.override(NewOverride(first, SET, 0.5, 4.0), NewOverride(second, SET, all_points=1.0))
    assert [each.code for each in made] == [None, None]
    stored = [await override_of(ctx, each.column_grade_id) for each in made]
    said = {"reason": None, "source": "GRADEBOOK"}
    assert stored[0] == said | {"points": 0.5, "max_points": 4.0, "all_points": 1.5, "all_max_points": 2.0}
    assert stored[1] == said | {"points": 0.0, "max_points": 2.0, "all_points": 1.0, "all_max_points": 2.0}
    (again,) = await subsection.override(NewOverride(first, SET, reason="Appeal"), source=None)
    assert again == made[0]
    scores = {"points": 1.5, "max_points": 2.0, "all_points": 1.5, "all_max_points": 2.0}
    assert await override_of(ctx, again.column_grade_id) == scores | {"reason": "Appeal", "source": None}
    row = await only_row(ctx, ColumnGrade, again.column_grade_id or 0)
    assert (row.overridden_at, row.overridden_by_id) == (NOW, world.instructor_id)


async def test_what_cannot_be_set_is_no_hindrance(ctx: Context, subsection: Subsection) -> None:
    world = subsection.world
    learner = world.student_id
    made = await subsection.override(
        NewOverride(-1, SET, **BOTH),
        NewOverride(2**70, SET, **BOTH),
        NewOverride(world.loner_id, SET, **BOTH),
        NewOverride(learner, TEXT, **BOTH),
        NewOverride(learner, "\0", **BOTH),
        NewOverride(learner, SET, -1.0),
        NewOverride(learner, SET, max_points=float("nan")),
        NewOverride(learner, SET, reason="\0"),
        NewOverride(world.second_student_id, SET, **BOTH),
    )
    assert [(each.code, each.field) for each in made] == [
        ("NOT_FOUND", "userId"),
        ("NOT_FOUND", "userId"),
        ("NOT_ENROLLED", "userId"),
        ("NOT_FOUND", "blockKey"),
        ("NOT_FOUND", "blockKey"),
        ("OUT_OF_RANGE", "points"),
        ("INVALID", "maxPoints"),
        ("INVALID", "reason"),
        (None, None),
    ]
    said: dict[str, Any] = {"reason": None, "source": "GRADEBOOK"}
    assert await override_of(ctx, made[-1].column_grade_id) == said | BOTH
    assert await kinds(ctx) == ["OVERRIDDEN"]
    assert await subsection.override() == []


async def test_too_many_and_on_nobodys_behalf(subsection: Subsection) -> None:
    one = NewOverride(subsection.world.student_id, SET, **BOTH)
    many = subsection.override(*[one] * (MOST + 1))
    await refused(subsection.world.admin, many, UserErrorCode.TOO_LONG, "overrides")
    await refused(subsection.world.admin, subsection.override(one, source="a\nb"), UserErrorCode.INVALID, "source")


async def test_the_last_of_two_counts(ctx: Context, subsection: Subsection) -> None:
    learner = subsection.world.student_id
    made = await subsection.override(NewOverride(learner, SET, 0.5), NewOverride(learner, SET, 2.0))
    assert made[0] == made[1]
    assert (await override_of(ctx, made[0].column_grade_id))["points"] == 2.0
