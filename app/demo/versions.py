"""Versions: whole pieces of work with files, of which a program marks some parts and people the others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any, NamedTuple

from app.demo.chance import lot
from app.demo.handins import HandIn, hand_in
from app.demo.learners import Window, is_late, quality
from app.demo.marks import Mark, mark
from app.demo.papers import Paper, read_paper
from app.demo.sittings import Seat, seats_of
from app.demo.stage import Stage
from app.domain.attempts.files import NewFile

SECONDS = 5_400
Files = Callable[[str, int], tuple[NewFile, ...]]
Words = Callable[[str, int], dict[str, Any]]


def no_files(username: str, number: int) -> tuple[NewFile, ...]:
    """Nothing."""
    return ()


class Version(NamedTuple):
    """The `number`th version, which a share of those hand in who handed in the one before.

    A program marks the problems `marked`; `files` and `words` say what somebody hands in.
    """

    number: int
    window: Window
    marked: Sequence[str] = ()
    share: float = 1.0
    late: bool | None = None
    release: bool = True
    files: Files = no_files
    words: Words | None = None


async def hand_in_version(stage: Stage, place: str, name: str, version: Version) -> None:
    """Learners with an open sitting hand in a version."""
    paper = await read_paper(stage, place, name)
    only = paper.problems[0] if len(paper.problems) == 1 else None
    work = []
    for seat in await seats_of(stage, paper):
        if seat.handed_in == version.number - 1 and _does(paper, seat, version):
            at = version.window.moment(place, name, seat.username, version.number)
            at = max(at, seat.started_at + timedelta(minutes=10))
            files = version.files(seat.username, version.number)
            answer = None if version.words is None else version.words(seat.username, version.number)
            work.append(HandIn(seat, at, only, answer, files, round=version.number, seconds=SECONDS))
    marks: list[Mark] = []
    for key, each in await hand_in(stage, paper, work):
        marks += [_mark(paper, paper.asked(problem), key, each) for problem in version.marked]
    await mark(stage.program, marks, release=version.release)


def _does(paper: Paper, seat: Seat, version: Version) -> bool:
    if version.late is not None and version.late != is_late(seat.username, paper.place, paper.name):
        return False
    return lot("version", paper.place, paper.name, seat.username, seat.number, version.number) < version.share


def _mark(paper: Paper, problem: Any, submission_id: int, work: HandIn) -> Mark:
    """What a program gives for a part: a little more with each version."""
    level = quality(work.seat.username, paper.place, paper.name, problem.name) - 0.25 + 0.1 * work.round
    tests = 20
    passed = round(min(max(level, 0.0), 1.0) * tests)
    told = {"passed": passed, "tests": tests, "log": f"{problem.name}: {passed} of {tests} tests pass"}
    return Mark(
        submission_id,
        work.seat.id,
        problem.id,
        problem.max_auto_points * passed / tests,
        feedback=f"{passed} of {tests} tests pass.",
        feedback_data=told,
        partial_scores={"tests": {"score": passed / tests, "weight": 1}},
        answer=work.answer,
    )
