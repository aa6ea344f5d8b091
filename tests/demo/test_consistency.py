"""What the demo writes in bulk contradicts nothing that the services would have written."""

from __future__ import annotations

from collections import defaultdict
from functools import partial
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import and_, func, or_, select

from app.context import Context
from app.demo.calendar import PRESENT
from app.domain.assessments.models import Assessment, GradingType, Problem, ScoringModel
from app.domain.assessments.terms import terms_for
from app.domain.attempts.drawing import drawn_of
from app.domain.attempts.models import (
    AssessmentInstance,
    Event,
    InstanceQuestion,
    Submission,
    SubmissionFile,
    Variant,
)
from app.domain.enrollment.models import Enrollment, EnrollmentStatus
from app.domain.files import File
from app.domain.grades.flow import Flow, propagate
from app.domain.grades.models import ChangeKind, ColumnGrade, Counter, GradeChange, Score
from app.domain.groups.models import GroupMembership
from tests.demo.conftest import Filled
from tests.domain.proof import everything

pytestmark = pytest.mark.anyio


async def rows(filled: Filled, statement: Any) -> list[Any]:
    """The rows of a statement."""
    return list(await filled.program.db.fetch(statement))


async def test_recomputing_everything_changes_nothing(filled: Filled) -> None:
    before = await everything(filled.program)
    keys = [row.id for row in await rows(filled, select(AssessmentInstance.id))]
    assert await propagate(filled.program, keys, ChangeKind.SCORED, recount=True) == Flow([], [])
    assert await everything(filled.program) == before


async def test_every_grade_is_what_its_instance_says(filled: Filled) -> None:
    """Where one instance counts, it is the grade's; an override is in its place; MANUAL columns have nothing else."""
    own = AssessmentInstance
    statement = (
        select(ColumnGrade.__table__, own.points.label("reached"), own.released_points.label("shown"))
        .add_columns(own.max_points.label("worth"), Assessment.scoring_model, Assessment.max_points.label("whole"))
        .join(Assessment, Assessment.id == ColumnGrade.assessment_id)
        .join(own, own.id == ColumnGrade.assessment_instance_id, isouter=True)
        .where(Assessment.grading_type != GradingType.CALCULATED)
    )
    compared = 0
    for grade in await rows(filled, statement):
        if grade.override_points is not None or grade.override_text is not None:
            assert (grade.points, grade.released_points) == (grade.override_points, grade.override_points)
            said = grade.override_max_points
            assert grade.max_points == (grade.whole if said is None else said)
            assert grade.overridden_by_id is not None
        elif grade.scoring_model != ScoringModel.AVERAGE:
            assert (grade.points, grade.released_points) == (grade.reached, grade.shown)
            assert grade.max_points == (grade.worth or grade.whole)
            compared += 1
    assert compared == 613


async def test_released_points_sum_the_released_scores(filled: Filled) -> None:
    """Counted once more, here by hand, where the best submission of each problem counts and no zone limits it."""
    limited = select(Problem.assessment_id).where(Problem.zone_id.is_not(None))
    statement = (
        select(AssessmentInstance.id, AssessmentInstance.points, AssessmentInstance.released_points)
        .add_columns(Score.problem_id, Score.value, Score.is_released)
        .join(Submission, Submission.assessment_instance_id == AssessmentInstance.id)
        .join(Score, Score.submission_id == Submission.id)
        .join(Assessment, Assessment.id == AssessmentInstance.assessment_id)
        .where(Assessment.scoring_model == ScoringModel.HIGHEST, Assessment.id.not_in(limited))
    )
    best: dict[int, dict[int, float]] = defaultdict(dict)
    shown: dict[int, dict[int, float]] = defaultdict(dict)
    totals = {}
    for key, points, released, problem_id, value, is_released in await rows(filled, statement):
        totals[key] = (points, released)
        for found in (best, shown) if is_released else (best,):
            found[key][problem_id] = max(value, found[key].get(problem_id, 0.0))
    for key, (points, released) in totals.items():
        assert points == sum(best[key].values())
        assert released == (sum(shown[key].values()) if key in shown else None)
    assert len(totals) == 333


async def test_every_member_of_a_group_has_the_group_s_grade(filled: Filled) -> None:
    own, member = AssessmentInstance, GroupMembership
    statement = (
        select(
            member.user_id, own.id, own.points, ColumnGrade.points.label("grade"), ColumnGrade.assessment_instance_id
        )
        .join(member, and_(member.group_id == own.group_id, member.left_at.is_(None)))
        .join(
            ColumnGrade,
            and_(ColumnGrade.assessment_id == own.assessment_id, ColumnGrade.user_id == member.user_id),
            isouter=True,
        )
        .where(own.points.is_not(None))
    )
    found = await rows(filled, statement)
    assert {row.points == row.grade and row.assessment_instance_id == row.id for row in found} == {True}
    assert len(found) == 27


async def test_the_history_tells_every_grade(filled: Filled) -> None:
    """Indices are unique and grow with time; each change begins where the one before ended, the last is the grade.

    What is calculated has neither.
    """
    changes = await rows(filled, select(GradeChange.__table__).order_by(GradeChange.change_index))
    assert [change.change_index for change in changes] == list(range(1, len(changes) + 1))
    assert all(first.changed_at <= second.changed_at for first, second in pairwise(changes))
    assert await filled.program.db.scalar(select(Counter.value)) == len(changes)
    last: dict[int, Any] = {}
    for change in changes:
        before = last.get(change.column_grade_id)
        assert change.points_before == (None if before is None else before.points_after)
        assert change.before == (None if before is None else before.after)
        last[change.column_grade_id] = change
    for grade in await rows(filled, select(ColumnGrade.__table__).where(ColumnGrade.change_index > 0)):
        assert (last[grade.id].change_index, last[grade.id].points_after) == (grade.change_index, grade.points)
        assert last[grade.id].after["notes"] == grade.notes


async def test_scores_are_within_what_a_problem_is_worth(filled: Filled) -> None:
    """And are of problems that the submission answers."""
    statement = (
        select(func.count())
        .select_from(Score)
        .join(Problem, Problem.id == Score.problem_id)
        .join(Submission, Submission.id == Score.submission_id)
        .join(AssessmentInstance, AssessmentInstance.id == Submission.assessment_instance_id)
        .join(InstanceQuestion, InstanceQuestion.id == Submission.instance_question_id, isouter=True)
        .where(
            or_(
                Score.value < 0,
                Score.value > Problem.max_points,
                Score.manual_value > Score.value,
                Score.manual_value > Problem.max_points,
                Problem.assessment_id != AssessmentInstance.assessment_id,
                InstanceQuestion.problem_id != Score.problem_id,
            )
        )
    )
    assert await filled.program.db.scalar(statement) == 0


async def test_sittings_ask_what_they_draw(filled: Filled) -> None:
    problems: dict[int, list[Any]] = defaultdict(list)
    for problem in await rows(filled, select(Problem.__table__).order_by(Problem.number)):
        problems[problem.assessment_id].append(problem)
    asked: dict[int, list[int]] = defaultdict(list)
    statement = select(InstanceQuestion.assessment_instance_id, InstanceQuestion.problem_id, InstanceQuestion.number)
    for key, problem_id, number in await rows(filled, statement.order_by(InstanceQuestion.id)):
        asked[key].append(problem_id)
        assert number == len(asked[key])
    for instance in await rows(filled, select(AssessmentInstance.__table__)):
        drawn = drawn_of(problems[instance.assessment_id], instance.id)
        assert asked[instance.id] == [problem.id for problem in drawn]


async def test_work_is_handed_in_in_order_while_a_sitting_is_open(filled: Filled) -> None:
    own = AssessmentInstance
    statement = (
        select(Submission.assessment_instance_id, Submission.number, Submission.submitted_at)
        .add_columns(own.started_at, own.closed_at, own.closes_at, own.modified_at, own.is_open)
        .join(own, own.id == Submission.assessment_instance_id)
        .order_by(own.id, Submission.number)
    )
    last: dict[int, Any] = {}
    for row in await rows(filled, statement):
        before = last.get(row.assessment_instance_id)
        assert row.number == (1 if before is None else before.number + 1)
        assert (row.started_at if before is None else before.submitted_at) <= row.submitted_at <= row.modified_at
        assert row.closed_at is None or row.submitted_at <= row.closed_at
        assert row.closes_at is None or row.submitted_at <= row.closes_at
        assert row.is_open == (row.closed_at is None)
        last[row.assessment_instance_id] = row


async def test_terms_of_submissions_are_those_of_their_moment(filled: Filled) -> None:
    """Lateness and credit as `terms_for` finds them; what is sat in the reserved exam is told by no rule here."""
    own = AssessmentInstance
    statement = (
        select(own.assessment_id, Submission.submitted_by_id, Submission.submitted_at, Submission.is_late)
        .add_columns(Submission.credit)
        .join(own, own.id == Submission.assessment_instance_id)
        .where(own.mode.is_(None), Submission.is_banked.is_(False))
    )
    for row in await rows(filled, statement):
        ctx = Context(filled.program.principal, filled.program.db, clock=partial(getattr, row, "submitted_at"))
        terms = await terms_for(ctx, row.assessment_id, row.submitted_by_id, password=None)
        assert (row.is_late, row.credit) == (terms.due_at is not None and terms.due_at < row.submitted_at, terms.credit)
        assert terms.is_admitted
        assert terms.end_at is None or row.submitted_at <= terms.end_at
        assert terms.start_at is None or terms.start_at < row.submitted_at


async def test_limits_hold(filled: Filled) -> None:
    own = AssessmentInstance
    submissions = (
        select(func.count().label("count"), Assessment.max_submissions)
        .select_from(Submission)
        .join(own, own.id == Submission.assessment_instance_id)
        .join(Assessment, Assessment.id == own.assessment_id)
        .group_by(own.id, Assessment.max_submissions)
    )
    sittings = select(own.number, Assessment.max_instances).join(Assessment, Assessment.id == own.assessment_id)
    for count, limit in [*await rows(filled, submissions), *await rows(filled, sittings)]:
        assert limit is None or count <= limit


async def test_only_those_present_hand_in(filled: Filled) -> None:
    statement = select(Submission.submitted_at, Enrollment.enrolled_at, Enrollment.ended_at, Enrollment.status).join(
        Enrollment,
        and_(
            Enrollment.user_id == Submission.submitted_by_id,
            Enrollment.course_instance_id == Submission.course_instance_id,
        ),
        isouter=True,
    )
    dropped = 0
    for row in await rows(filled, statement):
        assert row.enrolled_at <= row.submitted_at <= (row.ended_at or PRESENT)
        dropped += row.status == EnrollmentStatus.DROPPED
    assert dropped == 28


async def test_questions_are_answered_in_variants_of_their_own(filled: Filled) -> None:
    statement = (
        select(func.count())
        .select_from(Submission)
        .join(InstanceQuestion, InstanceQuestion.id == Submission.instance_question_id, isouter=True)
        .join(Variant, Variant.id == Submission.variant_id, isouter=True)
        .where(
            or_(
                Variant.instance_question_id != InstanceQuestion.id,
                InstanceQuestion.assessment_instance_id != Submission.assessment_instance_id,
                Variant.created_at > Submission.submitted_at,
                (Variant.id.is_(None)) != (InstanceQuestion.id.is_(None)),
            )
        )
    )
    assert await filled.program.db.scalar(statement) == 0


async def test_events_are_of_one_shape_by_kind(filled: Filled) -> None:
    """Those that the demo writes in bulk, and those that the services wrote for it."""
    shapes: dict[str, set[tuple[str, ...]]] = defaultdict(set)
    for kind, data in await rows(filled, select(Event.kind, Event.data)):
        shapes[kind].add(tuple(sorted(data or ())))
    points = ("max_points", "points", "score_perc")
    assert dict(shapes) == {
        "CLOSE": {()},
        "GROUP_JOIN": {()},
        "GROUP_LEAVE": {()},
        "MANUAL_GRADING": {("auto_points", "correct", "manual_points", "score", "submitted_answer")},
        "OPEN": {()},
        "SCORE_ASSESSMENT": {points},
        "SCORE_QUESTION": {("correct", *points)},
        "VIEW_ASSESSMENT": {()},
        "VIEW_VARIANT": {()},
    }


async def test_files_are_there_with_their_contents(filled: Filled) -> None:
    statement = select(SubmissionFile.size, File.size, File.sha256).join(
        File, File.sha256 == SubmissionFile.sha256, isouter=True
    )
    found = await rows(filled, statement)
    contents = {digest: await filled.program.files.read(digest) for _, _, digest in found}
    assert all(size == stored == len(contents[digest]) for size, stored, digest in found)
    assert len(found) == 223
