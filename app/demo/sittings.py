"""Sittings in bulk: the rows that `start_assessment_instance` would have written, one by one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import func, insert, select

from app.db.bulk import allocate, insert_many
from app.db.sets import member_of
from app.demo.papers import Paper
from app.demo.stage import Stage
from app.domain.assessments.zones import counted
from app.domain.attempts.drawing import drawn_of
from app.domain.attempts.models import (
    AssessmentInstance,
    Event,
    EventKind,
    InstanceQuestion,
    Submission,
    Variant,
)
from app.domain.rows import update_rows

INSTANCE = (
    *("id", "assessment_id", "course_instance_id", "user_id", "group_id", "number", "is_open", "mode", "max_points"),
    *("max_bonus_points", "duration_seconds", "started_at", "modified_at", "closes_at"),
)
QUESTION = ("id", "assessment_instance_id", "problem_id", "number", "number_attempts")


class Start(NamedTuple):
    """A learner who starts a sitting; with a number of minutes it has a limit."""

    username: str
    at: datetime
    number: int = 1
    minutes: int | None = None
    mode: str | None = None


@dataclass(slots=True)
class Seat:
    """A sitting: `questions` are ids of instance questions, `variants` (id, number) of the newest, by problem id.

    `handed_in` counts the submissions, `last_at` is the moment of the last one.
    """

    id: int
    username: str
    user_id: int
    started_at: datetime
    number: int
    mode: str | None
    handed_in: int = 0
    last_at: datetime | None = None
    questions: dict[int, int] = field(default_factory=dict)
    variants: dict[int, tuple[int, int]] = field(default_factory=dict)


async def sit(stage: Stage, paper: Paper, starts: Sequence[Start]) -> None:
    """Learners start sittings, each for themselves."""
    ids = await allocate(stage.db, AssessmentInstance.__table__, len(starts))  # type: ignore[arg-type]
    instances, asked = [], []
    for key, start in zip(ids, sorted(starts, key=lambda each: each.at), strict=True):
        drawn = drawn_of(paper.problems, key)
        worth = counted([(each.zone_id, each.max_points) for each in drawn], paper.zones) if drawn else paper.max_points
        closes_at = None if start.minutes is None else start.at + timedelta(minutes=start.minutes)
        owner = (stage.cast.people[start.username], None)
        where = (key, paper.id, paper.course_instance_id)
        facts = (start.number, True, start.mode, worth, paper.max_bonus_points, 0.0)
        instances.append((*where, *owner, *facts, start.at, start.at, closes_at))
        asked += [(key, problem.id, number, 0) for number, problem in enumerate(drawn, start=1)]
    await insert_many(stage.db, AssessmentInstance.__table__, INSTANCE, instances)  # type: ignore[arg-type]
    keys = await allocate(stage.db, InstanceQuestion.__table__, len(asked))  # type: ignore[arg-type]
    questions = [(key, *row) for key, row in zip(keys, asked, strict=True)]
    await insert_many(stage.db, InstanceQuestion.__table__, QUESTION, questions)  # type: ignore[arg-type]


async def seats_of(stage: Stage, paper: Paper) -> list[Seat]:
    """The open sittings of single learners who have not left, in order of their start."""
    own = AssessmentInstance
    mine = (own.assessment_id == paper.id, member_of(own.user_id, paper.present), own.is_open)
    names = {user_id: username for username, user_id in stage.cast.people.items()}
    statement = (
        select(own.id, own.user_id, own.started_at, own.number, own.mode)
        .add_columns(func.count(Submission.id), func.max(Submission.submitted_at))
        .join(Submission, Submission.assessment_instance_id == own.id, isouter=True)
        .where(*mine)
        .group_by(own.id, own.user_id, own.started_at, own.number, own.mode)
        .order_by(own.id)
    )
    rows = await stage.db.fetch(statement)
    seats = {key: Seat(key, names[user_id], user_id, *facts) for key, user_id, *facts in rows}
    asked = (
        select(InstanceQuestion.assessment_instance_id, InstanceQuestion.problem_id, InstanceQuestion.id)
        .add_columns(Variant.id, Variant.number)
        .join(own, own.id == InstanceQuestion.assessment_instance_id)
        .join(Variant, Variant.instance_question_id == InstanceQuestion.id, isouter=True)
        .where(*mine)
        .order_by(InstanceQuestion.id, Variant.number)
    )
    for key, problem_id, question_id, variant_id, number in await stage.db.fetch(asked):
        seats[key].questions[problem_id] = question_id
        if variant_id is not None:
            seats[key].variants[problem_id] = (variant_id, number)
    return list(seats.values())


async def close(stage: Stage, ends: Sequence[tuple[Seat, datetime]]) -> None:
    """Learners end their sittings, as `close_assessment_instance` does."""
    closed = [{"id": seat.id, "is_open": False, "closed_at": at, "modified_at": at} for seat, at in ends]
    await update_rows(stage.program, AssessmentInstance, closed)
    events: list[dict[str, Any]] = [
        {"assessment_instance_id": seat.id, "kind": EventKind.CLOSE, "happened_at": at, "actor_id": seat.user_id}
        for seat, at in ends
    ]
    await stage.db.execute(insert(Event), events)
