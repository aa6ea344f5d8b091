"""Work in bulk: the rows that `submit` would have written, one by one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, NamedTuple

from app.db.bulk import allocate, insert_many
from app.demo.chance import lot
from app.demo.papers import Paper
from app.demo.plans import Draw
from app.demo.sittings import Seat
from app.demo.stage import Stage
from app.domain.attempts.files import NewFile, store_all
from app.domain.attempts.models import (
    AssessmentInstance,
    InstanceQuestion,
    Submission,
    Variant,
)
from app.domain.rows import update_rows

VARIANT = ("id", "instance_question_id", "number", "seed", "params", "true_answer", "options", "created_at")
SUBMISSION = (
    *("id", "assessment_instance_id", "course_instance_id", "instance_question_id", "variant_id", "submitted_by_id"),
    *("number", "submitted_at", "grading_requested_at", "mode", "credit", "answer", "raw_answer"),
    *("is_late", "is_banked"),
)
THINKING = 0.9
"""How much of the time of a sitting goes to its questions."""


class HandIn(NamedTuple):
    """An answer to one problem (`round` says at which try) or, without one, to the whole assessment.

    `draw` is the variant that it answers, a new one when `is_redrawn`. It took so many `seconds`, more or less.
    """

    seat: Seat
    at: datetime
    problem: Any = None
    answer: dict[str, Any] | None = None
    files: tuple[NewFile, ...] = ()
    draw: Draw | None = None
    is_redrawn: bool = False
    round: int = 1
    seconds: int = 200


async def hand_in(stage: Stage, paper: Paper, hand_ins: Sequence[HandIn]) -> list[tuple[int, HandIn]]:
    """Learners hand in their own work; (submission id, work) in order of time."""
    ordered = sorted(hand_ins, key=lambda each: (each.at, each.seat.id))
    variants = await _draw(stage, ordered)
    ids = await allocate(stage.db, Submission.__table__, len(ordered))  # type: ignore[arg-type]
    rows = []
    for key, variant_id, each in zip(ids, variants, ordered, strict=True):
        seat = each.seat
        seat.handed_in += 1
        question_id = None if each.problem is None else seat.questions[each.problem.id]
        where = (key, seat.id, paper.course_instance_id, question_id, variant_id, seat.user_id)
        credit = paper.credit(seat.user_id, each.at, seat.mode)
        terms = (seat.handed_in, each.at, each.at, seat.mode, credit, each.answer, each.answer)
        rows.append((*where, *terms, paper.is_late(seat.user_id, each.at), False))
    await insert_many(stage.db, Submission.__table__, SUBMISSION, rows)  # type: ignore[arg-type]
    made = list(zip(ids, ordered, strict=True))
    await store_all(stage.program, [(key, file) for key, each in made for file in each.files])
    await _note_time(stage, paper, ordered)
    return made


def pace(username: str, paper: Paper) -> float:
    """How slowly somebody works on an assessment, from 0.5 to 1.5."""
    return 0.5 + lot("pace", paper.place, paper.name, username)


async def _draw(stage: Stage, ordered: Sequence[HandIn]) -> list[int | None]:
    """The variant that each piece of work answers; those that are not there yet are made."""
    known = {(each.seat.id, problem_id) for each in ordered for problem_id in each.seat.variants}
    is_new = []
    for each in ordered:
        place = None if each.problem is None else (each.seat.id, each.problem.id)
        is_new.append(place is not None and (each.is_redrawn or place not in known))
        if place is not None:
            known.add(place)
    keys = iter(await allocate(stage.db, Variant.__table__, sum(is_new)))  # type: ignore[arg-type]
    rows: list[tuple[Any, ...]] = []
    answered: list[int | None] = []
    for each, new in zip(ordered, is_new, strict=True):
        if new:
            rows.append(_variant(next(keys), each))
        answered.append(None if each.problem is None else each.seat.variants[each.problem.id][0])
    await insert_many(stage.db, Variant.__table__, VARIANT, rows)  # type: ignore[arg-type]
    return answered


def _variant(key: int, work: HandIn) -> tuple[Any, ...]:
    """A new variant as a row; the first is drawn when the sitting starts, the others shortly before they are answered.

    The seed is the one that `submit` takes.
    """
    seat, draw, question_id = work.seat, work.draw, work.seat.questions[work.problem.id]
    number = seat.variants.get(work.problem.id, (0, 0))[1] + 1
    seat.variants[work.problem.id] = (key, number)
    seed = sha256(f"{question_id}:{number}".encode()).hexdigest()[:8]
    created_at = seat.started_at if number == 1 else work.at - timedelta(minutes=3)
    if draw is None:
        return (key, question_id, number, seed, {}, {}, {}, created_at)
    params = dict(draw.params)
    return (key, question_id, number, seed, params, as_answer(draw.right), {"shuffled": bool(params)}, created_at)


def as_answer(value: Any) -> dict[str, Any]:
    """An answer to one question as it is kept: an object, or `{"answer": …}`."""
    return value if isinstance(value, dict) else {"answer": value}


async def _note_time(stage: Stage, paper: Paper, ordered: Sequence[HandIn]) -> None:
    sittings: dict[int, dict[str, Any]] = {}
    questions: dict[int, dict[str, Any]] = {}
    for each in ordered:
        seat, length = each.seat, each.seconds * pace(each.seat.username, paper)
        elapsed = (each.at - seat.started_at).total_seconds()
        spent = round(min(seat.handed_in * length, elapsed), 1)
        sittings[seat.id] = {"id": seat.id, "duration_seconds": spent, "modified_at": each.at}
        if each.problem is not None:
            key, spent = seat.questions[each.problem.id], round(min(each.round * length, elapsed) * THINKING, 1)
            questions[key] = {"id": key, "duration_seconds": spent}
    await update_rows(stage.program, AssessmentInstance, list(sittings.values()))
    await update_rows(stage.program, InstanceQuestion, list(questions.values()))
