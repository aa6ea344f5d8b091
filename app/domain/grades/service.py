"""Problems of submissions are scored, scores are released."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert, or_, select, update

from app.context import Context
from app.db.sets import member_of
from app.domain.assessments.following import follows_worth
from app.domain.assessments.models import Assessment, GradingType, Problem
from app.domain.attempts.models import AssessmentInstance, InstanceQuestion, Submission
from app.domain.changes import UNSET, Change
from app.domain.enrollment.policy import may_edit_content, may_teach
from app.domain.enrollment.presence import standing_of
from app.domain.grades.calculated import recalculate_all
from app.domain.grades.events import note_scoring
from app.domain.grades.flow import lock_columns, propagate
from app.domain.grades.models import ChangeKind, ColumnGrade, Score
from app.domain.grades.reckoning import Edits
from app.domain.grades.settling import regrade
from app.domain.groups.models import GroupMembership
from app.domain.identity.policy import may_write
from app.domain.rows import is_key, update_rows, visible_row
from app.domain.rules import fitted, number
from app.errors import RuleBroken, UserErrorCode

KEPT = ("feedback", "feedback_data", "partial_scores")
MARKED = (
    Submission.course_instance_id,
    Submission.assessment_instance_id,
    Submission.instance_question_id,
    Submission.answer,
)


@dataclass(frozen=True, slots=True)
class NewScore:
    """A mark of one problem, in points; None scores nothing. `manual_value` is the part that a person awarded.

    Feedback and partial scores that are UNSET stay as they are.
    """

    problem_id: int
    value: float | None
    manual_value: float | None = None
    feedback: Change[str | None] = UNSET
    feedback_data: Change[dict[str, Any] | None] = UNSET
    partial_scores: Change[dict[str, Any] | None] = UNSET


async def score_problems(ctx: Context, *, submission_id: int, scores: Sequence[NewScore], release: bool = False) -> int:
    """Mark problems of a submission, over earlier marks if there are any; the submission's id.

    New scores start unreleased unless `release`; overwriting keeps what is released. What follows from scores follows.
    Course assistants, instructors, administrators. Raises NotFound, Forbidden; RuleBroken at (`scores`, index, …):
    NOT_FOUND at `problemId` for one that the submission does not answer, INVALID for one given twice, INVALID at
    numbers that are not finite, OUT_OF_RANGE below 0, above the problem's maximum with the assessment's bonus, or for
    a `manualValue` above the value; REQUIRED at `scores`.
    """
    may_write(ctx)
    submission = await visible_row(ctx, Submission, submission_id, *MARKED)
    await may_teach(ctx, submission.course_instance_id, assistants=True)
    if not scores:
        raise RuleBroken(UserErrorCode.REQUIRED, "no scores", "scores")
    await write_scores(ctx, {submission_id: submission}, scores, release=release, grader_id=ctx.principal.user_id)
    return submission_id


async def write_scores(
    ctx: Context,
    submissions: Mapping[int, Any],
    scores: Sequence[NewScore],
    *,
    release: bool,
    grader_id: int | None,
) -> None:
    """Store the same marks of submissions to different sittings, and let what follows from them follow.

    Submissions are rows with the columns MARKED, by id. `grader_id` None stands for a rule. Checks no permission;
    raises RuleBroken like `score_problems`.
    """
    keys = {row.assessment_instance_id for row in submissions.values()}
    await lock_columns(ctx, select(AssessmentInstance.assessment_id).where(member_of(AssessmentInstance.id, keys)))
    maxima = await _maxima(ctx, submissions)
    rows: dict[int, dict[int, dict[str, Any]]] = {key: {} for key in submissions}
    for submission_id, marks in rows.items():
        for index, each in enumerate(scores):
            if each.problem_id in marks:
                path = ("scores", str(index), "problemId")
                raise RuleBroken(UserErrorCode.INVALID, "the problem is scored twice", *path)
            marks[each.problem_id] = _checked(index, each, maxima[submission_id])
    by = {"grader_id": grader_id, "graded_at": ctx.now}
    made = [{"submission_id": key, **mark} for key, marks in rows.items() for mark in marks.values()]
    await _store(ctx, made, by, release=release)
    flow = await propagate(ctx, keys, ChangeKind.SCORED)
    await note_scoring(ctx, submissions, [row for row in made if row["manual_value"] is not None], flow)


async def release_scores(
    ctx: Context,
    *,
    assessment_id: int,
    problem_ids: Collection[int] | None = None,
    user_ids: Collection[int] | None = None,
    is_released: bool = True,
) -> int:
    """Show the scores of an assessment to the learners, or hide them again; the number of scores that changed.

    All problems and all learners, or those that are named; a group's scores with any of its members. Instructors,
    administrators. Raises NotFound, Forbidden; RuleBroken NOT_FOUND at `problemIds`, `userIds`.
    """
    may_write(ctx)
    assessment = await visible_row(ctx, Assessment, assessment_id, Assessment.course_instance_id, lock=True)
    await may_teach(ctx, assessment.course_instance_id)
    instances = select(AssessmentInstance.id).where(AssessmentInstance.assessment_id == assessment_id)
    if user_ids is not None:
        await standing_of(ctx, assessment.course_instance_id, user_ids, "userIds")
        instances = instances.where(_owned_by(user_ids))
    submissions = select(Submission.id).where(Submission.assessment_instance_id.in_(instances))
    statement = update(Score).where(Score.submission_id.in_(submissions), Score.is_released.is_not(is_released))
    if problem_ids is not None:
        await _require_problems(ctx, assessment_id, problem_ids)
        statement = statement.where(member_of(Score.problem_id, problem_ids))
    changed = await ctx.db.fetch(statement.values(is_released=is_released).returning(Score.submission_id))
    touched = select(Submission.assessment_instance_id).where(member_of(Submission.id, {row[0] for row in changed}))
    await propagate(ctx, {row[0] for row in await ctx.db.fetch(touched)}, ChangeKind.RELEASED)
    return len(changed)


async def recompute_grades(ctx: Context, *, assessment_id: int) -> int:
    """Let all grades of an assessment follow its problems, zones, scoring model and groups of today; its id.

    And its due date, extensions and penalties, and those of its course instance; where late days cost something, what
    the same learners have due later follows too. A calculated one is computed.
    Who may change the assessment. Raises NotFound, Forbidden.
    """
    may_write(ctx)
    columns = (Assessment.course_instance_id, Assessment.grading_type)
    assessment = await visible_row(ctx, Assessment, assessment_id, *columns, lock=True)
    await may_edit_content(ctx, assessment.course_instance_id)
    await recount(ctx, assessment_id)
    if assessment.grading_type == GradingType.CALCULATED:
        await recalculate_all(ctx, assessment.course_instance_id)
    return assessment_id


@follows_worth
async def recount(ctx: Context, assessment_id: int) -> None:
    """Let all sittings of an assessment and their grades, and those set by hand, be of what it is worth today.

    Checks no permission.
    """
    instances = select(AssessmentInstance.id).where(AssessmentInstance.assessment_id == assessment_id)
    keys = [row[0] for row in await ctx.db.fetch(instances)]
    await propagate(ctx, keys, ChangeKind.SCORED, recount=True)
    own = ColumnGrade
    by_hand = or_(own.assessment_instance_id.is_(None), own.overridden_at.is_not(None))
    graded = select(own.user_id).where(own.assessment_id == assessment_id, by_hand)
    edits: Edits = {(assessment_id, row[0]): {} for row in await ctx.db.fetch(graded)}
    if edits:
        await regrade(ctx, await lock_columns(ctx, [assessment_id]), edits, ChangeKind.SCORED)


def _owned_by(user_ids: Collection[int]) -> Any:
    groups = select(GroupMembership.group_id).where(
        member_of(GroupMembership.user_id, user_ids), GroupMembership.left_at.is_(None)
    )
    return or_(member_of(AssessmentInstance.user_id, user_ids), AssessmentInstance.group_id.in_(groups))


async def _require_problems(ctx: Context, assessment_id: int, problem_ids: Collection[int]) -> None:
    wanted = set(problem_ids)
    here = select(Problem.id).where(
        member_of(Problem.id, filter(is_key, wanted)), Problem.assessment_id == assessment_id
    )
    if len(await ctx.db.fetch(here)) < len(wanted):
        raise RuleBroken(UserErrorCode.NOT_FOUND, "not a problem of this assessment", "problemIds")


async def _maxima(ctx: Context, submissions: Mapping[int, Any]) -> dict[int, dict[int, tuple[float, float]]]:
    """(maximum, bonus) in points of the problems that submissions may answer, by submission and problem id."""
    statement = (
        select(Submission.id, Problem.id, Problem.max_points, Assessment.max_bonus_points)
        .select_from(Submission)
        .join(AssessmentInstance, AssessmentInstance.id == Submission.assessment_instance_id)
        .join(Assessment, Assessment.id == AssessmentInstance.assessment_id)
        .join(Problem, Problem.assessment_id == Assessment.id)
        .join(InstanceQuestion, InstanceQuestion.id == Submission.instance_question_id, isouter=True)
        .where(member_of(Submission.id, submissions))
        .where(or_(Submission.instance_question_id.is_(None), InstanceQuestion.problem_id == Problem.id))
    )
    found: dict[int, dict[int, tuple[float, float]]] = {key: {} for key in submissions}
    for submission_id, problem_id, *numbers in await ctx.db.fetch(statement):
        found[submission_id][problem_id] = (numbers[0], numbers[1])
    return found


def _checked(index: int, score: NewScore, maxima: dict[int, tuple[float, float]]) -> dict[str, Any]:
    """The score as a row; UNSET stays in it."""
    path = ("scores", str(index))
    if score.problem_id not in maxima:
        raise RuleBroken(UserErrorCode.NOT_FOUND, "not a problem that the submission answers", *path, "problemId")
    max_points, bonus = maxima[score.problem_id]
    value, manual = score.value, score.manual_value
    if value is not None:
        value = number(value, *path, "value", minimum=0, maximum=max_points + bonus if max_points > 0 else None)
    if manual is not None:
        if value is None:
            raise RuleBroken(UserErrorCode.INVALID, "a part of no value", *path, "manualValue")
        manual = number(manual, *path, "manualValue", minimum=0, maximum=value)
    texts = {name: getattr(score, name) for name in KEPT}
    checked = fitted(Score, {name: text for name, text in texts.items() if text is not UNSET}, *path)
    return {"problem_id": score.problem_id, "value": value, "manual_value": manual, **texts, **checked}


async def _store(ctx: Context, rows: Sequence[dict[str, Any]], by: dict[str, Any], *, release: bool) -> None:
    columns = (Score.id, Score.submission_id, Score.problem_id, Score.is_released)
    here = select(*columns, *(getattr(Score, name) for name in KEPT)).where(
        member_of(Score.submission_id, {row["submission_id"] for row in rows})
    )
    old = {(row.submission_id, row.problem_id): row for row in await ctx.db.fetch(here)}
    inserts, updates = [], []
    for row in rows:
        before = old.get((row["submission_id"], row["problem_id"]))
        kept = {name: getattr(before, name, None) if row[name] is UNSET else row[name] for name in KEPT}
        shown = {"is_released": release or (before is not None and before.is_released)}
        if before is None:
            inserts.append({**row, **kept, **by, **shown})
        else:
            updates.append({"id": before.id, **row, **kept, **by, **shown})
    if inserts:
        await ctx.db.execute(insert(Score), inserts)
    await update_rows(ctx, Score, updates)
