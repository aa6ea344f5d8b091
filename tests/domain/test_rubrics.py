"""Open responses are marked by their rubric: by who has claimed them, once (contracts/edx-core.md §15)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.context import Context
from app.domain.assessments.problems import update_problem
from app.domain.assessments.service import create_category
from app.domain.attempts.locking import (
    LockStatus,
    lock_statuses,
    lock_submission,
)
from app.domain.grades.models import ColumnGrade, Score
from app.domain.grades.rubrics import CriterionChoice, CriterionScore, RubricScore, grade_open_response, rubric_scores
from app.errors import UserErrorCode
from tests.clock import NOW
from tests.domain.essays import GOOD, Essay, essay_in
from tests.domain.proof import key_of, only_row, refused
from tests.factories import University, at, coursework, handed_in, university

pytestmark = pytest.mark.anyio
EIGHT = timedelta(hours=8)


@dataclass(frozen=True, slots=True)
class Class:
    """The university with an essay."""

    world: University
    essay: Essay

    @property
    def submission_id(self) -> int:
        return self.essay.submission_id

    async def status(self, ctx: Context) -> LockStatus | None:
        return (await lock_statuses(ctx, [self.submission_id]))[0]

    async def grade(self, ctx: Context, *criteria: CriterionChoice, feedback: str = "Well.") -> int:
        return await grade_open_response(
            ctx, submission_id=self.submission_id, criteria=criteria or GOOD, feedback=feedback
        )


@pytest.fixture
async def room(ctx: Context) -> Class:
    world = await university(ctx)
    here = world.course_instance_id
    category_id = await create_category(ctx, course_instance_id=here, name="Homework", abbreviation="HW")
    return Class(world, await essay_in(world, category_id))


async def test_points_by_a_rubric_are_a_score_and_a_grade(room: Class) -> None:
    """edx case 52: graded by the holder, shown to the learner, free again."""
    tom, student = room.world.assistant, room.world.student
    await refused(tom, room.grade(tom), UserErrorCode.LOCKED, "submissionId")
    await lock_submission(tom, submission_id=room.submission_id)
    assert await room.grade(tom) == room.submission_id
    assert await room.status(tom) is LockStatus.UNLOCKED
    score = await only_row(tom, Score, await key_of(tom, Score, submission_id=room.submission_id))
    assert (score.value, score.manual_value, score.is_released, score.feedback) == (4.0, 4.0, True, "Well.")
    assert score.grader_id == room.world.assistant_id
    said = [
        CriterionScore("Ideas", "Good", 3, "Two!"),
        CriterionScore("Style", "Fair", 1, ""),
        CriterionScore("Remark", None, None, "None."),
    ]
    for ctx in (tom, student):
        assert await rubric_scores(ctx, [score.id]) == [RubricScore(4, 5, said)]
    assert await rubric_scores(room.world.second_student, [score.id]) == [None]
    grade = select(ColumnGrade.points, ColumnGrade.released_points, ColumnGrade.score_perc)
    rows = await tom.db.fetch(grade.where(ColumnGrade.assessment_id == room.essay.assessment_id))
    assert [tuple(row) for row in rows] == [(4.0, 4.0, 80.0)]


async def test_a_claim_that_is_over_does_not_serve(room: Class) -> None:
    tom, ida = room.world.assistant, room.world.instructor
    await lock_submission(tom, submission_id=room.submission_id)
    await refused(tom, room.grade(at(tom, NOW + EIGHT)), UserErrorCode.LOCKED, "submissionId")
    await refused(ida, room.grade(ida), UserErrorCode.LOCKED, "submissionId")
    assert await room.grade(at(tom, NOW + EIGHT - timedelta(seconds=1))) == room.submission_id


async def test_a_weight_stretches_the_rubric(room: Class) -> None:
    tom = room.world.assistant
    await update_problem(room.world.admin, problem_id=room.essay.problem_id, max_points=50.0, max_manual_points=50.0)
    await lock_submission(tom, submission_id=room.submission_id)
    await room.grade(tom)
    assert await tom.db.scalar(select(Score.value)) == 40.0
    assert (await rubric_scores(tom, [await key_of(tom, Score, submission_id=room.submission_id)]))[0] is not None


@pytest.mark.parametrize(
    ("criteria", "code", "field"),
    [
        ((CriterionChoice("Wit", "Good"),), UserErrorCode.NOT_FOUND, ("criteria", "0", "name")),
        ((GOOD[0], GOOD[0]), UserErrorCode.INVALID, ("criteria", "1", "name")),
        ((CriterionChoice("Ideas"),), UserErrorCode.REQUIRED, ("criteria", "0", "option")),
        ((CriterionChoice("Ideas", "Best"),), UserErrorCode.NOT_FOUND, ("criteria", "0", "option")),
        ((CriterionChoice("Remark", "Good", "a"),), UserErrorCode.NOT_FOUND, ("criteria", "0", "option")),
        ((CriterionChoice("Remark"),), UserErrorCode.REQUIRED, ("criteria", "0", "feedback")),
        ((CriterionChoice("Style", "Good", "a"),), UserErrorCode.INVALID, ("criteria", "0", "feedback")),
        ((CriterionChoice("Ideas", "Good", "\0"),), UserErrorCode.INVALID, ("criteria", "0", "feedback")),
        (GOOD[:2], UserErrorCode.REQUIRED, ("criteria",)),
        ((), UserErrorCode.REQUIRED, ("criteria",)),
    ],
)
async def test_what_is_no_assessment(room: Class, criteria: Any, code: UserErrorCode, field: tuple[str, ...]) -> None:
    tom = room.world.assistant
    await lock_submission(tom, submission_id=room.submission_id)
    said: dict[str, Any] = {"submission_id": room.submission_id, "criteria": criteria}
    await refused(tom, grade_open_response(tom, **said), code, *field)


async def test_other_work_has_no_rubric(room: Class) -> None:
    tom, work = room.world.assistant, await coursework(room.world)
    submission_id = await handed_in(room.world.student, work)
    said: dict[str, Any] = {"submission_id": submission_id, "criteria": GOOD}
    await refused(tom, grade_open_response(tom, **said), UserErrorCode.INVALID, "submissionId")
