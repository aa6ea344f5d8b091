"""Questions that a rule scores are made in the bank of a course, and placed in an assessment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from app.context import Context
from app.domain.assessments.models import Problem, Question, QuestionKind
from app.domain.assessments.problems import create_problem
from app.domain.assessments.scoring import CHOICES, RIGHT, SCORED_KINDS, checked_key
from app.domain.assessments.service import changeable_assessment
from app.domain.catalog.models import CourseInstance
from app.domain.changes import UNSET
from app.domain.rows import free_name, insert_row, visible_row
from app.domain.rules import fitted, text
from app.domain.rules import number as checked_number
from app.errors import RuleBroken, UserErrorCode

MOST_CHOICES = 100


@dataclass(frozen=True, slots=True)
class Choice:
    """What may be chosen or matched; `id` is 1 to 64 letters and digits, unique in its question."""

    id: str
    text: str


async def add_question(
    ctx: Context,
    *,
    assessment_id: int,
    kind: QuestionKind,
    prompt: str,
    correct_answer: Any,
    choices: Sequence[Choice] = (),
    matches: Sequence[Choice] = (),
    tolerance: float = 0.0,
    max_points: float = 1.0,
    number: int | None = None,
) -> int:
    """A new question of the course's bank, placed as the next problem (or as `number`); the problem's id.

    `matches` are the right-hand choices of a matching question, `tolerance` is how far a number may be off.
    Instructors, editors of the course, administrators. Raises NotFound, Forbidden; RuleBroken: INVALID at `kind` for
    one that no rule scores, at `correctAnswer`, at (`choices` or `matches`, index, `id`); REQUIRED at `choices`,
    `matches`, `prompt`; OUT_OF_RANGE at `maxPoints`, `number`, `tolerance`; TOO_LONG.
    """
    assessment = await changeable_assessment(ctx, assessment_id)
    if kind not in SCORED_KINDS:
        raise RuleBroken(UserErrorCode.INVALID, "no rule scores questions of this kind", "kind")
    offered = _offered(kind, choices, matches)
    asked = text(prompt, "prompt")
    checked_key(kind, offered, correct_answer, "correctAnswer")
    if checked_number(max_points, "maxPoints") <= 0:
        raise RuleBroken(UserErrorCode.OUT_OF_RANGE, "not above 0", "maxPoints")
    values = {"prompt": asked, "choices": offered, "correct_answer": {"answer": correct_answer}}
    values |= {"kind": kind.value, "options": _options(kind, tolerance)}
    made = await _insert(ctx, assessment.course_instance_id, values)
    return await create_problem(
        ctx,
        assessment_id=assessment_id,
        name=await free_name(ctx, Problem.name, f"Question {made}", Problem.assessment_id == assessment_id),
        max_points=max_points,
        question_id=made,
        number=UNSET if number is None else number,
    )


async def _insert(ctx: Context, course_instance_id: int, values: dict[str, Any]) -> int:
    """The question in the bank of the course, under a name of its own and the first line of its prompt."""
    here = await visible_row(ctx, CourseInstance, course_instance_id, CourseInstance.course_id)
    uuid = uuid4().hex
    title = values["prompt"].split("\n")[0].replace("\t", " ").replace("\r", "")[:255]
    names = {"uuid": uuid, "name": f"question-{uuid}", "title": title}
    return await insert_row(ctx, Question, {"course_id": here.course_id, **fitted(Question, names | values)})


def _options(kind: QuestionKind, tolerance: float) -> dict[str, Any]:
    checked = checked_number(tolerance, "tolerance", minimum=0)
    return {"tolerance": checked} if kind == QuestionKind.NUMERIC else {}


def _offered(kind: QuestionKind, choices: Sequence[Choice], matches: Sequence[Choice]) -> list[dict[str, Any]]:
    """The choices as they are stored, left-hand ones first."""
    least = {"choices": 2 if kind in CHOICES else 0, "matches": 0}
    if kind == QuestionKind.MATCHING:
        least = {"choices": 1, "matches": 1}
    made: list[dict[str, Any]] = []
    taken: set[str] = set()
    for name, given in (("choices", choices), ("matches", matches)):
        if len(given) < least[name]:
            raise RuleBroken(UserErrorCode.REQUIRED, f"at least {least[name]} are needed", name)
        if len(given) > (MOST_CHOICES if least[name] else 0):
            raise RuleBroken(UserErrorCode.TOO_LONG, "more than the kind of question takes", name)
        for index, each in enumerate(given):
            if each.id in taken or not _is_id(each.id):
                raise RuleBroken(UserErrorCode.INVALID, "not an id, or that of two", name, str(index), "id")
            taken.add(each.id)
            side = {"side": RIGHT} if name == "matches" else {}
            made.append({"id": each.id, "text": text(each.text, name, str(index), "text", max_length=2000), **side})
    return made


def _is_id(value: str) -> bool:
    return value.isascii() and value.isalnum() and len(value) <= 64
