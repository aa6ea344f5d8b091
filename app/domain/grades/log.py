"""The event log of assessment instances: what the tables tell by themselves, and what the events table adds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import select, true

from app.context import Context
from app.db.sets import member_of
from app.domain.assessments.models import Problem
from app.domain.attempts.models import AssessmentInstance, Event, Submission, Variant
from app.domain.attempts.models import InstanceQuestion as Asked
from app.domain.enrollment.policy import teaches
from app.domain.grades.models import Score


class LogKind(StrEnum):
    """What an entry tells, in the order of simultaneous entries (contracts: PrairieLearn §3.9)."""

    BEGIN = "BEGIN"
    NEW_VARIANT = "NEW_VARIANT"
    SUBMISSION = "SUBMISSION"
    MANUAL_GRADING = "MANUAL_GRADING"
    GRADE_SUBMISSION = "GRADE_SUBMISSION"
    SCORE_QUESTION = "SCORE_QUESTION"
    SCORE_ASSESSMENT = "SCORE_ASSESSMENT"
    OPEN = "OPEN"
    CLOSE = "CLOSE"
    VIEW_VARIANT = "VIEW_VARIANT"
    VIEW_ASSESSMENT = "VIEW_ASSESSMENT"
    GROUP_JOIN = "GROUP_JOIN"
    GROUP_LEAVE = "GROUP_LEAVE"


RANKS = {kind.value: rank for rank, kind in enumerate(LogKind)}


class Entry(NamedTuple):
    """One thing that happened in an assessment instance."""

    kind: str
    happened_at: datetime
    actor_id: int | None
    instance_question_id: int | None
    variant_id: int | None
    submission_id: int | None
    data: dict[str, Any] | None
    record_id: int


async def event_logs(ctx: Context, keys: Sequence[int]) -> list[list[Entry]]:
    """For each assessment instance id its log, in order; empty where the caller does not teach. Five statements.

    Of anonymous work nobody is said to have done anything.
    """
    entries: dict[int, list[Entry]] = {key: [] for key in keys}
    staff = true() if ctx.principal.is_admin else teaches(AssessmentInstance.course_instance_id, ctx.viewing)
    own = AssessmentInstance
    begun = select(own.id, own.started_at, ctx.readable(own.user_id), ctx.readable(own.group_id))
    taught, nameless = [], set()
    for key, started_at, user_id, group_id in await ctx.db.fetch(
        begun.where(member_of(own.id, keys), ctx.visible(own), staff)
    ):
        taught.append(key)
        if user_id is None and group_id is None:
            nameless.add(key)
        if started_at is not None:
            entries[key].append(Entry(LogKind.BEGIN, started_at, user_id, None, None, None, None, key))
    for read in (_variants, _submissions, _scores, _events):
        for key, entry in read(await ctx.db.fetch(READS[read].where(member_of(OWNERS[read], taught)))):
            entries[key].append(entry._replace(actor_id=None) if key in nameless else entry)
    for found in entries.values():
        found.sort(key=lambda e: (e.happened_at, RANKS[e.kind], e.record_id, e.instance_question_id or 0))
    return [entries[key] for key in keys]


def _variants(rows: Sequence[Any]) -> Iterator[tuple[int, Entry]]:
    for key, variant_id, question_id, user_id, at, seed, params, true_answer, options in rows:
        data = {"variant_seed": seed, "params": params, "true_answer": true_answer, "options": options}
        yield key, Entry(LogKind.NEW_VARIANT, at, user_id, question_id, variant_id, None, data, variant_id)


def _submissions(rows: Sequence[Any]) -> Iterator[tuple[int, Entry]]:
    for key, submission_id, question_id, variant_id, user_id, at, answer, raw in rows:
        data = {"submitted_answer": answer, "raw_submitted_answer": raw if raw is not None else answer}
        yield key, Entry(LogKind.SUBMISSION, at, user_id, question_id, variant_id, submission_id, data, submission_id)


def _scores(rows: Sequence[Any]) -> Iterator[tuple[int, Entry]]:
    for key, score_id, question_id, variant_id, submission_id, user_id, at, value, maximum, feedback, answer in rows:
        fraction = value / maximum if value is not None and maximum else None
        correct = None if fraction is None else fraction >= 1
        data = {"correct": correct, "score": fraction, "feedback": feedback, "submitted_answer": answer}
        yield key, Entry(LogKind.GRADE_SUBMISSION, at, user_id, question_id, variant_id, submission_id, data, score_id)


def _events(rows: Sequence[Any]) -> Iterator[tuple[int, Entry]]:
    for key, event_id, kind, at, actor_id, question_id, submission_id, variant_id, data in rows:
        yield key, Entry(kind, at, actor_id, question_id, variant_id, submission_id, data, event_id)


OWNERS: dict[Any, Any] = {
    _variants: Asked.assessment_instance_id,
    _submissions: Submission.assessment_instance_id,
    _scores: Submission.assessment_instance_id,
    _events: Event.assessment_instance_id,
}
READS: dict[Any, Any] = {
    _variants: select(
        Asked.assessment_instance_id,
        Variant.id,
        Asked.id,
        AssessmentInstance.user_id,
        Variant.created_at,
        Variant.seed,
        Variant.params,
        Variant.true_answer,
        Variant.options,
    )
    .join(Asked, Asked.id == Variant.instance_question_id)
    .join(AssessmentInstance, AssessmentInstance.id == Asked.assessment_instance_id),
    _submissions: select(
        Submission.assessment_instance_id,
        Submission.id,
        Submission.instance_question_id,
        Submission.variant_id,
        Submission.submitted_by_id,
        Submission.submitted_at,
        Submission.answer,
        Submission.raw_answer,
    ),
    _scores: select(
        Submission.assessment_instance_id,
        Score.id,
        Asked.id,
        Submission.variant_id,
        Submission.id,
        Score.grader_id,
        Score.graded_at,
        Score.value,
        Problem.max_points,
        Score.feedback_data,
        Submission.answer,
    )
    .join(Submission, Submission.id == Score.submission_id)
    .join(Problem, Problem.id == Score.problem_id)
    .join(
        Asked,
        (Asked.assessment_instance_id == Submission.assessment_instance_id) & (Asked.problem_id == Score.problem_id),
        isouter=True,
    )
    .where(Score.manual_value.is_(None)),
    _events: select(
        Event.assessment_instance_id,
        Event.id,
        Event.kind,
        Event.happened_at,
        Event.actor_id,
        Event.instance_question_id,
        Event.submission_id,
        Submission.variant_id,
        Event.data,
    ).join(Submission, Submission.id == Event.submission_id, isouter=True),
}
