"""Work is handed in: the answer to one question of a sitting, or to the whole of it; by a group, for each member."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from uuid import NAMESPACE_OID, uuid5

from sqlalchemy import func, insert, select, update

from app.context import Context
from app.db.sets import member_of
from app.domain.assessments.deadlines import is_on_time
from app.domain.assessments.models import Assessment
from app.domain.attempts.admission import Admission, admit
from app.domain.attempts.files import NewFile, checked_files, store_all
from app.domain.attempts.models import AssessmentInstance, InstanceQuestion, Submission, Variant
from app.domain.attempts.service import start_assessment_instance
from app.domain.attempts.sittings import RULES
from app.domain.identity.policy import may_write
from app.domain.rows import visible_row
from app.domain.rules import json
from app.errors import RuleBroken, UserErrorCode

HERE = "assessmentInstanceId"


@dataclass(frozen=True, slots=True)
class Answer:
    """What is answered to one problem: any JSON."""

    problem_id: int
    value: Any


@dataclass(frozen=True, slots=True)
class Work:
    """What is handed in; with `details`, other columns of the submission, it is an attempt.

    An attempt may be without answers and files, and how often there may be one binds the staff, too.
    """

    answers: Sequence[Answer] = ()
    files: Sequence[NewFile] = ()
    problem_id: int | None = None
    details: Mapping[str, Any] | None = None


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
    (decision 0001). Where each member of a group has a sitting it is handed in for all of them (decision 0008). Its
    owners and the staff, whom dates and limits do not bind (contracts/autolab.md §3). Raises NotFound, Forbidden;
    RuleBroken at `assessmentInstanceId`: DROPPED, NOT_ENROLLED, NOT_IN_GROUP, NOT_CONFIRMED, NOT_OPEN, and for
    learners NOT_RELEASED, PAST_DEADLINE, LIMIT_REACHED, GROUP_LIMIT_REACHED; NOT_FOUND at `problemId` or (`answers`,
    index, `problemId`), INVALID at a repeated one and at (…, `value`); REQUIRED at `answers`; at `files` see
    `checked_files`, and NOT_OPEN, INVALID where no files are taken.
    """
    return (await submit_for_all(ctx, assessment_instance_id, Work(answers, files, problem_id)))[0]


async def hand_in(ctx: Context, *, assessment_id: int, files: Sequence[NewFile]) -> int:
    """Hand in files to a whole assessment for oneself, in the open sitting or a new one; the submission's id.

    Raises like `start_assessment_instance` and `submit`, at `assessmentId`.
    """
    sitting = await start_assessment_instance(ctx, assessment_id=assessment_id)
    return (await submit_for_all(ctx, sitting, Work(files=files), "assessmentId"))[0]


async def submit_for_all(ctx: Context, instance_id: int, work: Work, here: str = HERE) -> list[int]:
    """Like `submit`: the ids of all submissions that are made, that of the sitting first. Raises at `here`."""
    may_write(ctx)
    own = AssessmentInstance
    sitting = await visible_row(ctx, own, instance_id, own.id, own.assessment_id, own.user_id, own.group_id)
    (assessment,) = await ctx.db.fetch(select(*RULES).where(Assessment.id == sitting.assessment_id))
    admission = await admit(ctx, assessment, sitting, here, limits_staff=work.details is not None)
    kept = await checked_files(ctx, work.files, assessment.max_size_mb)
    if kept:
        _require_taken(assessment)
    made = await _insert(ctx, assessment.course_instance_id, admission, work, has_files=bool(kept))
    await store_all(ctx, [(each, file) for each in made for file in kept])
    return made


def _require_taken(assessment: Any) -> None:
    """Raise RuleBroken unless the assessment takes files from anybody."""
    if assessment.are_handins_disabled:
        raise RuleBroken(UserErrorCode.NOT_OPEN, "nobody may hand in files", "files")
    if assessment.is_embedded_quiz:
        raise RuleBroken(UserErrorCode.INVALID, "a form is filled in, no files are handed in", "files")


async def _insert(
    ctx: Context, course_instance_id: int, admission: Admission, work: Work, *, has_files: bool
) -> list[int]:
    """A submission in each of the places; their ids in the order of the places."""
    keys = [place.instance_id for place in admission.places]
    asked, numbers = await _questions(ctx, keys), await _last_numbers(ctx, keys)
    questions = {key: _question(asked[key], work.problem_id) for key in keys}
    problems = {key: set(asked[key]) if work.problem_id is None else {work.problem_id} for key in keys}
    answers = {key: _answer(work.answers, problems[key], questions[key] is not None) for key in keys}
    if not work.answers and not has_files and work.details is None:
        raise RuleBroken(UserErrorCode.REQUIRED, "neither an answer nor a file", "answers")
    variants = await _variants(ctx, [each for each in questions.values() if each is not None])
    same = {
        "course_instance_id": course_instance_id,
        "submitted_by_id": ctx.principal.user_id,
        "submitted_at": admission.moment,
        "grading_requested_at": admission.moment,
        **(work.details or {}),
    }
    rows = [
        {
            **same,
            "assessment_instance_id": place.instance_id,
            "instance_question_id": questions[place.instance_id],
            "variant_id": variants.get(questions[place.instance_id]),
            "mode": place.mode,
            "answer": answers[place.instance_id],
            "raw_answer": answers[place.instance_id],
            "number": numbers.get(place.instance_id, 0) + 1,
            "uuid": _uuid(place.instance_id, numbers.get(place.instance_id, 0) + 1),
            "credit": place.terms.credit,
            "is_late": not is_on_time(place.terms.due_at, ctx.now),
        }
        for place in admission.places
    ]
    own = AssessmentInstance
    await ctx.db.execute(update(own).where(member_of(own.id, keys)).values(modified_at=admission.moment))
    made = await ctx.db.fetch(insert(Submission).returning(Submission.assessment_instance_id, Submission.id), rows)
    ids = {row[0]: row[1] for row in made}
    return [ids[key] for key in keys]


def _uuid(instance_id: int, number: int) -> str:
    """The UUID of a submission, in its usual spelling: the same each time, so that fills of the demo are, too."""
    return str(uuid5(NAMESPACE_OID, f"submission {number} of {instance_id}"))


async def _questions(ctx: Context, instance_ids: Sequence[int]) -> dict[int, dict[int, int]]:
    """The questions of sittings: by sitting, the instance question of each problem."""
    own = InstanceQuestion
    statement = select(own.assessment_instance_id, own.problem_id, own.id)
    found: dict[int, dict[int, int]] = {key: {} for key in instance_ids}
    for row in await ctx.db.fetch(statement.where(member_of(own.assessment_instance_id, instance_ids))):
        found[row[0]][row[1]] = row[2]
    return found


async def _last_numbers(ctx: Context, instance_ids: Sequence[int]) -> dict[int, int]:
    """The number of the last submission, by sitting."""
    own = Submission.assessment_instance_id
    statement = select(own, func.max(Submission.number)).where(member_of(own, instance_ids)).group_by(own)
    return {row[0]: row[1] for row in await ctx.db.fetch(statement)}


def _question(questions: Mapping[int, int], problem_id: int | None) -> int | None:
    """The instance question that is answered, if only one is."""
    if problem_id is None:
        return next(iter(questions.values())) if len(questions) == 1 else None
    if problem_id not in questions:
        raise RuleBroken(UserErrorCode.NOT_FOUND, "not a problem of this sitting", "problemId")
    return questions[problem_id]


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


async def _variants(ctx: Context, question_ids: Sequence[int]) -> dict[int | None, int]:
    """The newest variant of each instance question; the first is made where there is none."""
    if not question_ids:
        return {}
    own = Variant
    statement = select(own.instance_question_id, own.id).where(member_of(own.instance_question_id, question_ids))
    found: dict[int | None, int] = {row[0]: row[1] for row in await ctx.db.fetch(statement.order_by(own.number))}
    missing = [
        {
            "instance_question_id": each,
            "number": 1,
            "seed": sha256(f"{each}:1".encode()).hexdigest()[:8],
            "created_at": ctx.now,
        }
        for each in question_ids
        if each not in found
    ]
    if missing:
        made = await ctx.db.fetch(insert(own).returning(own.instance_question_id, own.id), missing)
        found |= {row[0]: row[1] for row in made}
    return found
