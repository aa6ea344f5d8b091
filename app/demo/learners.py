"""How the learners of the demo do: who takes part, who is late, who knows what, and how they answer questions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from app.demo.analysis_bank import ITEMS as ANALYSIS
from app.demo.calendar import ZONE
from app.demo.chance import between, lot, pick
from app.demo.handins import HandIn, as_answer, hand_in
from app.demo.marks import Mark, mark
from app.demo.papers import Paper, read_paper
from app.demo.plans import Item
from app.demo.programming_bank import ITEMS as PROGRAMMING
from app.demo.sittings import Seat, Start, close, seats_of, sit
from app.demo.stage import Stage
from app.domain.assessments.models import QuestionKind

ITEMS: Mapping[str, Item] = {item.name: item for item in (*PROGRAMMING, *ANALYSIS)}
LATE, BLANK = 0.1, 0.03


class Window(NamedTuple):
    """A time in which things happen, each at a moment of its own."""

    first: datetime
    last: datetime

    def moment(self, *key: object) -> datetime:
        """The moment that a key draws. Who would be up before seven waits for eight hours."""
        found = between(self.first, self.last, *key)
        return min(found + timedelta(hours=8), self.last) if found.astimezone(ZONE).hour < 7 else found

    def part(self, number: int, count: int) -> Window:
        """The `number`th (from 1) of `count` equal parts."""
        length = (self.last - self.first) / count
        return Window(self.first + (number - 1) * length, self.first + number * length)


class Tries(NamedTuple):
    """Tries of questions: the `rounds` of `most` that are had in a window, or (None) in so many `minutes` of a sitting.

    `late` picks the latecomers, or everybody else.
    """

    rounds: Sequence[int]
    window: Window | None = None
    most: int = 3
    minutes: int = 60
    late: bool | None = None
    release: bool = True

    def moment(self, seat: Seat, number: int, *key: object) -> datetime:
        """When somebody has their `number`th try."""
        window = self.window
        if window is None:
            limit = timedelta(minutes=self.minutes)
            window = Window(seat.started_at + 0.04 * limit, seat.started_at + 0.75 * limit)
        first = self.rounds[0]
        return window.part(number - first + 1, len(self.rounds)).moment(*key, number)


def skill(username: str) -> float:
    """How good somebody is, from 0.4 to 1."""
    return float(0.4 + 0.6 * lot("skill", username) ** 0.6)


def quality(username: str, *key: object) -> float:
    """How good a piece of somebody's work is, from 0 to 1 in twentieths."""
    found = skill(username) + 0.3 * (lot("quality", username, *key) - 0.7)
    return round(min(max(found, 0.0), 1.0) * 20) / 20


def takes_part(username: str, place: str, name: str, share: float) -> bool:
    """Whether somebody is of the share that does an assessment."""
    return lot("takes part", place, name, username) < share


def is_late(username: str, place: str, name: str) -> bool:
    """Whether somebody starts an assessment only after it was due."""
    return lot("late", place, name, username) < LATE


def solved_at(username: str, paper: Paper, problem: Any, most: int) -> int | None:
    """The try, of at most so many, at which somebody gets a problem right; None for never."""
    for number in range(1, most + 1):
        chance = lot("solved", paper.place, paper.name, paper.slot_of(problem), username, number)
        if chance < skill(username) * (0.72 + 0.12 * number):
            return number
    return None


async def begin(
    stage: Stage, place: str, name: str, usernames: Sequence[str], window: Window, *, share: float = 0.94, **how: Any
) -> None:
    """A share of the learners starts, each at a moment of the window; `how` are `minutes`, `mode`, `number`."""
    paper = await read_paper(stage, place, name)
    starts = [
        Start(username, window.moment("start", place, name, username), **how)
        for username in usernames
        if takes_part(username, place, name, share) and stage.cast.people[username] in paper.present
    ]
    await sit(stage, paper, starts)


async def answer_questions(stage: Stage, place: str, name: str, tries: Tries) -> None:
    """Whoever has a sitting open tries the questions that they have not solved; a program marks it all at the end."""
    paper = await read_paper(stage, place, name)
    work: list[HandIn] = []
    for seat in await seats_of(stage, paper):
        if tries.late is None or tries.late == is_late(seat.username, place, name):
            for problem in paper.problems:
                if (
                    problem.id in seat.questions
                    and lot("blank", place, name, paper.slot_of(problem), seat.username) >= BLANK
                ):
                    work += _answers(paper, seat, problem, tries)
    marks = [_mark(paper, key, each, tries.most) for key, each in await hand_in(stage, paper, work)]
    await mark(stage.program, [each for each in marks if each is not None], release=tries.release)


async def answer_whole(stage: Stage, place: str, name: str, *, share: float = 1.0, minutes: int = 20) -> None:
    """Of those who have a sitting open a share answers all questions in one go, once; a program marks them."""
    paper = await read_paper(stage, place, name)
    work = []
    for seat in await seats_of(stage, paper):
        if lot("again", place, name, seat.username, seat.handed_in) < share:
            attempt = seat.handed_in + 1
            tries = Tries(range(1, attempt + 1), minutes=attempt * minutes)
            answers = {str(problem.id): _tick(paper, seat, problem, attempt) for problem in paper.problems}
            work.append(HandIn(seat, tries.moment(seat, attempt, name, seat.username), answer=answers))
    marks = []
    for key, each in await hand_in(stage, paper, work):
        for problem in paper.problems:
            assert each.answer is not None
            is_right = each.answer[str(problem.id)] == ITEMS[problem.question].draws[0].right
            told = {"answer": {"score": float(is_right), "weight": 1}}
            value = problem.max_points * is_right
            marks.append(Mark(key, each.seat.id, problem.id, value, partial_scores=told, answer=each.answer))
    await mark(stage.program, marks, release=True)


async def leave(stage: Stage, place: str, name: str, minutes: int | None = None) -> None:
    """Everybody who has a sitting open ends it: when they last handed in, or later in the minutes that they have."""
    paper = await read_paper(stage, place, name)
    ends = []
    for seat in await seats_of(stage, paper):
        last = seat.last_at or seat.started_at
        limit = last if minutes is None else seat.started_at + timedelta(minutes=minutes)
        ends.append((seat, between(last, max(last, limit), name, seat.username)))
    await close(stage, ends)


def _answers(paper: Paper, seat: Seat, problem: Any, tries: Tries) -> Iterator[HandIn]:
    item, key = ITEMS[problem.question], (paper.place, paper.name, paper.slot_of(problem), seat.username)
    needed = solved_at(seat.username, paper, problem, tries.most)
    last = needed or 1 + int(lot("patience", *key) * tries.most)
    for number in tries.rounds:
        if number <= last:
            is_redrawn = number > 1 and len(item.draws) > 1 and problem.points_by_try is None
            first = int(lot("draw", *key) * len(item.draws))
            draw = item.draws[(first + (number - 1) * is_redrawn) % len(item.draws)]
            answer = as_answer(draw.right if number == needed else pick(item.wrong, *key, number))
            yield HandIn(seat, tries.moment(seat, number, *key), problem, answer, (), draw, is_redrawn, number)


def _tick(paper: Paper, seat: Seat, problem: Any, attempt: int) -> Any:
    item = ITEMS[problem.question]
    needed = solved_at(seat.username, paper, problem, 3)
    if needed is not None and needed <= attempt:
        return item.draws[0].right
    return pick(item.wrong, paper.place, paper.name, problem.name, seat.username)


def _mark(paper: Paper, submission_id: int, work: HandIn, most: int) -> Mark | None:
    """What a program gives for an answer: all, or of code that half works a quarter; less when it is late."""
    problem, seat = work.problem, work.seat
    if problem.max_auto_points == 0:
        return None
    is_code = ITEMS[problem.question].kind is QuestionKind.EXTERNAL
    is_right = work.round == solved_at(seat.username, paper, problem, most)
    fraction = 1.0 if is_right else 0.25 if is_code else 0.0
    worth = problem.max_auto_points
    if problem.points_by_try is not None:
        worth = problem.points_by_try[min(work.round, len(problem.points_by_try)) - 1]
    credit = paper.credit(seat.user_id, work.at, seat.mode)
    told: dict[str, Any] | None = None
    if is_code:
        tests = [{"name": "It runs", "passed": True}, {"name": "It gives what is asked", "passed": is_right}]
        told = {"succeeded": True, "score": fraction, "tests": tests}
    return Mark(
        submission_id,
        seat.id,
        problem.id,
        worth * fraction * (100 if credit is None else credit) / 100,
        feedback_data=told,
        partial_scores={"answer": {"score": fraction, "weight": 1}},
        answer=work.answer,
    )
