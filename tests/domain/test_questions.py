"""Questions that a rule scores: the form of answers, what is right, and what cannot be asked."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select

from app.context import Context
from app.domain.assessments.models import Assessment, Problem, Question, QuestionKind
from app.domain.assessments.questions import Choice, add_question
from app.domain.assessments.scoring import checked_answer, checked_key, score
from app.errors import RuleBroken, UserErrorCode
from tests.domain.proof import refused
from tests.factories import coursework, university

pytestmark = pytest.mark.anyio

SINGLE, MULTIPLE, BOOLEAN = QuestionKind.SINGLE_CHOICE, QuestionKind.MULTIPLE_CHOICE, QuestionKind.TRUE_FALSE
NUMERIC, TEXT, MATCHING = QuestionKind.NUMERIC, QuestionKind.SHORT_TEXT, QuestionKind.MATCHING
ABC = [{"id": each, "text": each.upper()} for each in "abc"]
PAIRS = [*ABC[:2], {"id": "1", "text": "one", "side": "RIGHT"}, {"id": "2", "text": "two", "side": "RIGHT"}]


@pytest.mark.parametrize(
    ("kind", "correct", "options", "right", "wrong"),
    [
        (SINGLE, "a", {}, ["a", ["a"]], ["b", [], ["a", "b"]]),
        (MULTIPLE, ["a", "c"], {}, [["a", "c"], ["c", "a"]], ["a", ["a"], ["a", "b"], ["a", "b", "c"]]),
        (BOOLEAN, True, {}, [True], [False]),
        (BOOLEAN, False, {}, [False], [True]),
        (NUMERIC, 4, {"tolerance": 0.1}, [4, 4.1, 3.9, " 4.05 ", "4e0"], [4.2, "3.8", -4]),
        (NUMERIC, 0.5, {}, [0.5, "0.50"], [0.51]),
        (TEXT, "Åse", {}, ["Åse", " åSE\n", "A\u030ase"], ["Ase", ""]),
        (TEXT, ["one", "1"], {}, ["ONE", "1"], ["two"]),
        (MATCHING, {"a": "1", "b": "2"}, {}, [{"b": "2", "a": "1"}], [{"a": "1"}, {"a": "2", "b": "1"}, {}]),
    ],
)
def test_what_is_right(kind: QuestionKind, correct: Any, options: Any, right: list[Any], wrong: list[Any]) -> None:
    choices = PAIRS if kind == MATCHING else ABC
    assert checked_key(kind, choices, correct) == correct
    for answer in [*right, *wrong]:
        assert score(kind, correct, options, checked_answer(kind, choices, answer)) is (answer in right), answer
    assert score(kind, correct, options, None) is False
    assert score(kind, None, options, right[0]) is False


@pytest.mark.parametrize(
    ("kind", "answers"),
    [
        (SINGLE, ["x", 1, None, True, {"a": 1}, ["a", "a"], [["a"]], [None]]),
        (MULTIPLE, ["x", ["a", "x"], 7]),
        (BOOLEAN, ["true", 1, 0, None, []]),
        (NUMERIC, ["x", "", True, None, float("nan"), "inf", "1_0", "٣", 10**400, [1], "1" * 65]),
        (TEXT, [1, None, ["a"], "x" * 10_001]),
        (MATCHING, ["a", ["a"], {"x": "1"}, {"a": "x"}, {"a": "b"}, {"1": "a"}, {"a": ["1"]}]),
        (QuestionKind.FILES, ["a"]),
        (QuestionKind.EXTERNAL, [{}]),
    ],
)
def test_what_is_no_answer(kind: QuestionKind, answers: list[Any]) -> None:
    for answer in answers:
        with pytest.raises(RuleBroken) as caught:
            checked_answer(kind, PAIRS if kind == MATCHING else ABC, answer, "answers", "0")
        assert (caught.value.reason, caught.value.field) == ("INVALID", ["answers", "0"])


@pytest.mark.parametrize(
    ("kind", "correct"),
    [(SINGLE, ["a", "b"]), (SINGLE, []), (MULTIPLE, []), (TEXT, []), (TEXT, [" "]), (TEXT, ""), (MATCHING, {"a": "1"})],
)
def test_what_is_no_right_answer(kind: QuestionKind, correct: Any) -> None:
    with pytest.raises(RuleBroken, match="not a whole right answer"):
        checked_key(kind, PAIRS if kind == MATCHING else ABC, correct)


async def test_a_question_is_made_and_placed(ctx: Context) -> None:
    world = await university(ctx)
    work = await coursework(world, problems={"Old": 5.0})
    problem_id = await add_question(
        world.instructor,
        assessment_id=work.assessment_id,
        kind=MATCHING,
        prompt=" Match.\nNow. ",
        correct_answer={"a": "1"},
        choices=[Choice("a", "A")],
        matches=[Choice("1", "one"), Choice("2", "two")],
        max_points=2.5,
    )
    asked = (Question.title, Question.prompt, Question.choices, Question.options, Question.course_id)
    statement = select(Problem.number, Problem.max_points, *asked, Question.correct_answer)
    row = (await ctx.db.fetch(statement.join(Question).where(Problem.id == problem_id)))[0]
    choices = [{"id": "a", "text": "A"}, {"id": "1", "text": "one", "side": "RIGHT"}]
    choices.append({"id": "2", "text": "two", "side": "RIGHT"})
    assert tuple(row) == (2, 2.5, "Match.", "Match.\nNow.", choices, {}, world.course_id, {"answer": {"a": "1"}})
    assert await ctx.db.scalar(select(Assessment.max_points)) == 7.5


@pytest.mark.parametrize(
    ("values", "reason", "field"),
    [
        ({"kind": QuestionKind.FILES}, "INVALID", ["kind"]),
        ({"prompt": " "}, "REQUIRED", ["prompt"]),
        ({"correct_answer": "z"}, "INVALID", ["correctAnswer"]),
        ({"choices": [Choice("a", "A")]}, "REQUIRED", ["choices"]),
        ({"choices": [Choice("a", "A"), Choice("a", "B")]}, "INVALID", ["choices", "1", "id"]),
        ({"choices": [Choice("a", "A"), Choice("b c", "B")]}, "INVALID", ["choices", "1", "id"]),
        ({"choices": [Choice("a", "A"), Choice("b", "")]}, "REQUIRED", ["choices", "1", "text"]),
        ({"choices": [Choice(f"c{n}", "C") for n in range(101)]}, "TOO_LONG", ["choices"]),
        ({"matches": [Choice("c", "C")]}, "TOO_LONG", ["matches"]),
        ({"kind": MATCHING, "correct_answer": {"a": "c"}}, "REQUIRED", ["matches"]),
        ({"kind": MATCHING, "choices": [], "matches": [Choice("c", "C")]}, "REQUIRED", ["choices"]),
        ({"max_points": 0.0}, "OUT_OF_RANGE", ["maxPoints"]),
        ({"max_points": float("nan")}, "INVALID", ["maxPoints"]),
        ({"max_points": float("inf")}, "INVALID", ["maxPoints"]),
        ({"number": 0}, "OUT_OF_RANGE", ["number"]),
        ({"number": 2**40}, "OUT_OF_RANGE", ["number"]),
        ({"tolerance": -1.0}, "OUT_OF_RANGE", ["tolerance"]),
    ],
)
async def test_a_question_that_cannot_be_asked(
    ctx: Context, values: dict[str, Any], reason: str, field: list[str]
) -> None:
    world = await university(ctx)
    work = await coursework(world)
    asked = {"kind": SINGLE, "prompt": "Which?", "correct_answer": "a", "choices": [Choice("a", "A"), Choice("b", "B")]}
    here = {"assessment_id": work.assessment_id}
    await refused_or_rolled_back(
        world.instructor, add_question(world.instructor, **here | asked | values), reason, field
    )


async def refused_or_rolled_back(ctx: Context, write: Any, reason: str, field: list[str]) -> None:
    """A number of the problem is only checked when the question is there: the transaction takes that back."""
    if field == ["number"]:
        with pytest.raises(RuleBroken) as caught:
            await write
        assert (caught.value.reason, caught.value.field) == (reason, field)
    else:
        await refused(ctx, write, UserErrorCode[reason], *field)


async def test_a_name_that_a_problem_has_is_no_obstacle(ctx: Context) -> None:
    world = await university(ctx)
    asked: dict[str, Any] = {"kind": BOOLEAN, "prompt": "So?", "correct_answer": True}
    other = await coursework(world, "other")
    await add_question(world.instructor, assessment_id=other.assessment_id, **asked)
    following = 1 + await ctx.db.scalar(select(func.max(Question.id)))
    work = await coursework(world, problems={f"question {following}": 5.0})
    made = await add_question(world.instructor, assessment_id=work.assessment_id, **asked)
    (row,) = await ctx.db.fetch(select(Problem.question_id, Problem.name).where(Problem.id == made))
    assert tuple(row) == (following, f"Question {following} 2")
