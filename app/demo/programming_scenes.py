"""Introduction to Programming: what happens in it, last spring and now."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from app.demo import programming
from app.demo.calendar import (
    AUTUMN_2026,
    FRIDAY,
    MONDAY,
    SATURDAY,
    SPRING_2026,
    SUNDAY,
    THURSDAY,
    TUESDAY,
    WEDNESDAY,
    Term,
)
from app.demo.learners import Tries, Window, answer_questions, answer_whole, begin, leave
from app.demo.names import REPEATER
from app.demo.offerings import people_of
from app.demo.papers import read_paper
from app.demo.plans import fill_bank, set_assessments
from app.demo.programming_bank import ITEMS
from app.demo.reviews import review
from app.demo.stage import Scene, Stage, scene
from app.domain.attempts.service import start_assessment_instance
from app.domain.attempts.submitting import Answer, submit
from app.domain.grades.service import release_scores

LAST, NOW, SANDBOX = "cs101-s26", "cs101-f26", "cs101-sandbox"
TEACHER, ASSISTANT = "icarvalho", "jkeller"
HOUR = timedelta(hours=1)


async def prepare_spring(stage: Stage) -> None:
    """The bank, and last spring's assessments."""
    await fill_bank(stage, "CS101", ITEMS)
    plans = (*programming.plans(SPRING_2026), programming.exam(SPRING_2026, ()), programming.final(SPRING_2026))
    await set_assessments(stage, TEACHER, LAST, "CS101", plans)


async def prepare_autumn(stage: Stage) -> None:
    """This autumn's assessments, but for the project."""
    exam = programming.exam(AUTUMN_2026, programming.MAKE_UP)
    plans = (*programming.plans(AUTUMN_2026), *programming.autumn(), exam, programming.final(AUTUMN_2026))
    await set_assessments(stage, TEACHER, NOW, "CS101", plans)


async def try_out(stage: Stage) -> None:
    """The instructor tries a homework in the sandbox."""
    await set_assessments(stage, TEACHER, SANDBOX, "CS101", programming.plans(AUTUMN_2026)[:1])
    ctx = stage.acting(TEACHER)
    key = await start_assessment_instance(ctx, assessment_id=stage.cast.assessments[SANDBOX, "hw01"])
    problem_id = (await read_paper(stage, SANDBOX, "hw01")).asked("Initials").id
    answers = [Answer(problem_id, {"code": "def initials(name):\n    return ''"})]
    await submit(ctx, assessment_instance_id=key, answers=answers, problem_id=problem_id)


def _homework(place: str, term: Term, name: str, week: int, usernames: Sequence[str]) -> list[Scene]:
    """A homework that opens in a week: three rounds for most, then the latecomers."""
    opens = Window(term.at(week, TUESDAY), term.at(week, SUNDAY, "21:00"))
    rounds = (
        Window(term.at(week + 1, MONDAY, "08:00"), term.at(week + 1, TUESDAY, "22:00")),
        Window(term.at(week + 1, WEDNESDAY, "08:00"), term.at(week + 1, WEDNESDAY, "22:00")),
        Window(term.at(week + 1, THURSDAY, "08:00"), term.at(week + 1, FRIDAY, "22:00")),
    )
    late = Window(term.at(week + 1, SATURDAY, "10:00"), term.at(week + 2, THURSDAY, "22:00"))
    tries = [Tries((number,), each, late=False) for number, each in enumerate(rounds, start=1)]
    tries.append(Tries((1, 2), late, late=True))
    where: dict[str, Any] = {"place": place, "name": name}
    return [
        scene(opens.last, begin, **where, usernames=usernames, window=opens),
        *(scene(each.window.last + HOUR, answer_questions, **where, tries=each) for each in tries if each.window),
    ]


def _quiz(place: str, term: Term, usernames: Sequence[str]) -> list[Scene]:
    """The quiz: all answer once, many a second time."""
    opens = Window(term.at(3, MONDAY, "10:00"), term.at(3, FRIDAY, "20:00"))
    where: dict[str, Any] = {"place": place, "name": "quiz01"}
    return [
        scene(opens.last, begin, **where, usernames=usernames, window=opens),
        scene(opens.last + HOUR, answer_whole, **where),
        scene(opens.last + HOUR, answer_whole, **where, share=0.45),
        scene(opens.last + 2 * HOUR, leave, **where, minutes=60),
    ]


def _exam(place: str, name: str, window: Window, usernames: Sequence[str], **how: Any) -> list[Scene]:
    """An examination of some `minutes` in a `mode`; its marks stay hidden until the instructor shows them."""
    where: dict[str, Any] = {"place": place, "name": name}
    tries = Tries((1, 2), most=2, minutes=how["minutes"], release=False)
    return [
        scene(window.last, begin, **where, usernames=usernames, window=window, **how),
        scene(window.last + HOUR, answer_questions, **where, tries=tries),
        scene(window.last + 2 * HOUR, leave, **where, minutes=how["minutes"]),
        scene(window.last + 60 * HOUR, show, **where),
    ]


async def show(stage: Stage, place: str, name: str) -> None:
    """The instructor shows the marks of an assessment to everybody."""
    await release_scores(stage.acting(TEACHER), assessment_id=stage.cast.assessments[place, name])


def _midterm(term: Term) -> Window:
    return Window(term.at(8, MONDAY, "09:00"), term.at(8, FRIDAY, "17:00"))


def _spring() -> list[Scene]:
    everybody, term = people_of(LAST), SPRING_2026
    final = Window(term.at(17, MONDAY, "09:00"), term.at(17, THURSDAY, "16:00"))
    look = {"grader": "praman", "place": LAST, "name": "hw02", "problem": "Review a loop"}
    return [
        Scene(term.at(0, FRIDAY, "11:00"), prepare_spring),
        *_homework(LAST, term, "hw01", 1, everybody),
        *_homework(LAST, term, "hw02", 3, everybody),
        *_quiz(LAST, term, everybody),
        scene(term.at(6, TUESDAY, "15:00"), review, **look),
        *_exam(LAST, "exam01", _midterm(term), everybody, minutes=50, mode="Exam"),
        *_exam(LAST, "exam02", final, everybody, minutes=110),
    ]


def _autumn() -> list[Scene]:
    everybody, term = people_of(NOW), AUTUMN_2026
    present = [name for name in everybody if name not in programming.MAKE_UP]
    firsts = [name for name in everybody if name != REPEATER]
    opens = Window(term.at(11, TUESDAY), term.at(11, THURSDAY, "21:00"))
    look = {"grader": ASSISTANT, "place": NOW, "name": "hw02", "problem": "Review a loop"}
    third: dict[str, Any] = {"place": NOW, "name": "hw03"}
    return [
        Scene(term.at(0, FRIDAY, "11:30"), prepare_autumn),
        Scene(term.at(1, MONDAY, "08:30"), try_out),
        *_homework(NOW, term, "hw01", 1, firsts),
        *_homework(NOW, term, "hw02", 3, everybody),
        *_quiz(NOW, term, everybody),
        scene(term.at(6, TUESDAY, "15:30"), review, **look, share=0.8, release=False),
        *_exam(NOW, "exam01", _midterm(term), present, minutes=50, mode="Exam"),
        scene(opens.last, begin, **third, usernames=everybody, window=opens, share=0.7),
        *(
            scene(each.last + HOUR, answer_questions, **third, tries=Tries((number,), each))
            for number, each in enumerate(
                (
                    Window(term.at(11, FRIDAY, "08:00"), term.at(11, SATURDAY, "22:00")),
                    Window(term.at(11, SUNDAY, "08:00"), term.at(12, MONDAY, "11:00")),
                ),
                start=1,
            )
        ),
    ]


SCENES = (*_spring(), *_autumn())
