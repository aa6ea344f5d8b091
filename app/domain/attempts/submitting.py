"""Work is handed in: the answer to one question of a sitting, or to the whole of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from sqlalchemy import func, select

from app.context import Context
from app.domain.assessments.models import Assessment
from app.domain.assessments.terms import Terms, require_open, terms_for
from app.domain.attempts.files import NewFile, checked_files, store_files
from app.domain.attempts.models import AssessmentInstance, InstanceQuestion, Submission, Variant
from app.domain.attempts.policy import may_work_for
from app.domain.enrollment.presence import require_present
from app.domain.groups.models import GroupMembership
from app.domain.identity.policy import may_write
from app.domain.rows import insert_row, update_row, visible_row
from app.domain.rules import json
from app.errors import RuleBroken, UserErrorCode

HERE = "assessmentInstanceId"


@dataclass(frozen=True, slots=True)
class Answer:
    """What is answered to one problem: any JSON."""

    problem_id: int
    value: Any


async def submit(
    ctx: Context,
    *,
    assessment_instance_id: int,
    answers: Sequence[Answer] = (),
    files: Sequence[NewFile] = (),
    problem_id: int | None = None,
) -> int:
    """Hand in answers, files or both; the submission's id.

    It answers one question when `problem_id` names it or the sitting has no other, else the whole assessment
    (decision 0001). Its owners and the staff, whom dates and limits do not bind (contracts/autolab.md §3).
    Raises NotFound, Forbidden; RuleBroken at `assessmentInstanceId`: DROPPED, NOT_ENROLLED, NOT_IN_GROUP, NOT_OPEN, and
    for learners NOT_RELEASED, PAST_DEADLINE, LIMIT_REACHED; NOT_FOUND at `problemId` or (`answers`, index,
    `problemId`), INVALID at a repeated one and at (…, `value`); REQUIRED at `answers`; at `files` see `checked_files`.
    """
    may_write(ctx)
    own = AssessmentInstance
    columns = (own.id, own.assessment_id, own.course_instance_id, own.user_id, own.group_id)
    more = (own.is_open, own.closes_at, own.mode)
    instance = await visible_row(ctx, own, assessment_instance_id, *columns, *more, lock=True)
    terms = await _admitted(ctx, instance)
    question_id, problems = await _question(ctx, assessment_instance_id, problem_id)
    answer = _answer(answers, problems, question_id is not None)
    kept = await checked_files(ctx, files)
    if answer is None and not kept:
        raise RuleBroken(UserErrorCode.REQUIRED, "neither an answer nor a file", "answers")
    values = {
        "course_instance_id": instance.course_instance_id,
        "instance_question_id": question_id,
        "variant_id": None if question_id is None else await _variant(ctx, question_id),
        "mode": instance.mode,
        "answer": answer,
        "raw_answer": answer,
    }
    made = await _insert(ctx, assessment_instance_id, terms, values)
    await store_files(ctx, made, kept)
    return made


async def _admitted(ctx: Context, instance: Any) -> Terms:
    """The terms on which this caller hands in, if they may."""
    learner = instance.user_id or await _member(ctx, instance.group_id)
    as_staff = await may_work_for(ctx, instance.course_instance_id, learner)
    if not as_staff or instance.user_id is not None:
        await require_present(ctx, instance.course_instance_id, [learner], HERE)
    await _require_confirmed(ctx, instance.group_id)
    if not instance.is_open:
        raise RuleBroken(UserErrorCode.NOT_OPEN, "this sitting is closed", HERE)
    terms = await terms_for(ctx, instance.assessment_id, learner, password=None)
    if not as_staff:
        require_open(ctx, terms, HERE)
        if instance.closes_at is not None and instance.closes_at < ctx.now:
            raise RuleBroken(UserErrorCode.PAST_DEADLINE, "the time is over", HERE)
        limit = await ctx.db.scalar(select(Assessment.max_submissions).where(Assessment.id == instance.assessment_id))
        count = select(func.count()).where(Submission.assessment_instance_id == instance.id)
        if limit is not None and await ctx.db.scalar(count) >= limit:
            raise RuleBroken(UserErrorCode.LIMIT_REACHED, "handed in as often as allowed", HERE)
    return terms


async def _member(ctx: Context, group_id: int) -> int:
    """The member of a group whose terms hold: the caller if they are one, else any."""
    me = GroupMembership.user_id == ctx.principal.user_id
    members = select(GroupMembership.user_id).where(
        GroupMembership.group_id == group_id, GroupMembership.left_at.is_(None)
    )
    found: int | None = await ctx.db.scalar(members.order_by(me.desc(), GroupMembership.id).limit(1))
    if found is None:
        raise RuleBroken(UserErrorCode.NOT_IN_GROUP, "the group has no members", HERE)
    return found


async def _require_confirmed(ctx: Context, group_id: int | None) -> None:
    members = select(GroupMembership.id).where(
        GroupMembership.group_id == group_id,
        GroupMembership.left_at.is_(None),
        GroupMembership.is_confirmed.is_(False),
    )
    if group_id is not None and await ctx.db.scalar(members.limit(1)) is not None:
        raise RuleBroken(UserErrorCode.NOT_IN_GROUP, "not all members have confirmed that they are in the group", HERE)


async def _question(ctx: Context, instance_id: int, problem_id: int | None) -> tuple[int | None, set[int]]:
    """The instance question that is answered, if only one is, and the problems that answers may name."""
    statement = select(InstanceQuestion.problem_id, InstanceQuestion.id).where(
        InstanceQuestion.assessment_instance_id == instance_id
    )
    questions: dict[int, int] = {row[0]: row[1] for row in await ctx.db.fetch(statement)}
    if problem_id is not None:
        if problem_id not in questions:
            raise RuleBroken(UserErrorCode.NOT_FOUND, "not a problem of this sitting", "problemId")
        return questions[problem_id], {problem_id}
    if len(questions) == 1:
        return next(iter(questions.values())), set(questions)
    return None, set(questions)


def _answer(answers: Sequence[Answer], problems: set[int], is_one: bool) -> dict[str, Any] | None:
    """The JSON to keep: the answer to the one question (an object, or `{"answer": …}`), or answers by problem id."""
    found: dict[str, Any] = {}
    for index, each in enumerate(answers):
        path = ("answers", str(index))
        if each.problem_id not in problems:
            raise RuleBroken(UserErrorCode.NOT_FOUND, "not a problem that is answered here", *path, "problemId")
        if str(each.problem_id) in found:
            raise RuleBroken(UserErrorCode.INVALID, "the problem is answered twice", *path, "problemId")
        found[str(each.problem_id)] = json(each.value, *path, "value")
    if not is_one or not found:
        return found or None
    only = next(iter(found.values()))
    return only if isinstance(only, dict) else {"answer": only}


async def _variant(ctx: Context, question_id: int) -> int:
    """The newest variant of an instance question; the first is made when there is none."""
    newest = select(Variant.id).where(Variant.instance_question_id == question_id).order_by(Variant.number.desc())
    found: int | None = await ctx.db.scalar(newest.limit(1))
    if found is not None:
        return found
    seed = sha256(f"{question_id}:1".encode()).hexdigest()[:8]
    first = {"instance_question_id": question_id, "number": 1, "seed": seed, "created_at": ctx.now}
    return await insert_row(ctx, Variant, first)


async def _insert(ctx: Context, instance_id: int, terms: Terms, values: dict[str, Any]) -> int:
    here = Submission.assessment_instance_id == instance_id
    last: int = await ctx.db.scalar(select(func.coalesce(func.max(Submission.number), 0)).where(here))
    handed_in = {
        "assessment_instance_id": instance_id,
        "submitted_by_id": ctx.principal.user_id,
        "number": last + 1,
        "submitted_at": ctx.now,
        "grading_requested_at": ctx.now,
        "credit": terms.credit,
        "is_late": terms.due_at is not None and terms.due_at < ctx.now,
    }
    made = await insert_row(ctx, Submission, handed_in | values)
    await update_row(ctx, AssessmentInstance, instance_id, {"modified_at": ctx.now})
    return made
