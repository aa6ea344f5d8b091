"""Questions that a rule scores: what an answer must look like, and whether it is right. Pure functions.

A choice is `{"id", "text"}`; of a matching question the right-hand ones have `"side": "RIGHT"` too. Answers are: the
id of a choice, or a list of ids (the two choice kinds); a boolean; a number, or a text that is one; a text; an object
from the id of each left-hand choice to that of a right-hand one. RuleBroken INVALID: an answer is not of its form.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from app.domain.assessments.models import QuestionKind
from app.domain.rules import MAX_INTEGER
from app.errors import RuleBroken, UserErrorCode

CHOICES = (QuestionKind.SINGLE_CHOICE, QuestionKind.MULTIPLE_CHOICE)
SCORED_KINDS = (*CHOICES, QuestionKind.TRUE_FALSE, QuestionKind.NUMERIC, QuestionKind.SHORT_TEXT, QuestionKind.MATCHING)
RIGHT = "RIGHT"
LONGEST_TEXT = 10_000
Choices = Sequence[Mapping[str, Any]]


def lefts(choices: Choices) -> list[Mapping[str, Any]]:
    """What is to be chosen from or, of a matching question, to be matched."""
    return [each for each in choices if each.get("side") != RIGHT]


def rights(choices: Choices) -> list[Mapping[str, Any]]:
    """What the left-hand choices of a matching question are matched with."""
    return [each for each in choices if each.get("side") == RIGHT]


def checked_answer(kind: str, choices: Choices, answer: Any, *field: str) -> Any:
    """The answer. Raises RuleBroken INVALID at `field` unless it is of the form that the kind of question asks for."""
    match kind:
        case QuestionKind.SINGLE_CHOICE | QuestionKind.MULTIPLE_CHOICE:
            given = answer if isinstance(answer, list) else [answer]
            fits = _are_ids(given, lefts(choices)) and len(set(given)) == len(given)
        case QuestionKind.TRUE_FALSE:
            fits = isinstance(answer, bool)
        case QuestionKind.NUMERIC:
            fits = _number(answer) is not None
        case QuestionKind.SHORT_TEXT:
            fits = isinstance(answer, str) and len(answer) <= LONGEST_TEXT
        case QuestionKind.MATCHING:
            fits = isinstance(answer, dict) and _are_ids(list(answer), lefts(choices))
            fits = fits and _are_ids(list(answer.values()), rights(choices))
        case _:
            fits = False
    if not fits:
        raise RuleBroken(UserErrorCode.INVALID, "not of the form that the question asks for", *field)
    return answer


def checked_key(kind: str, choices: Choices, correct: Any, *field: str) -> Any:
    """The right answer. Raises RuleBroken INVALID at `field` unless it is one.

    One choice of a single choice question, at least one of a multiple choice question; of a short text also a list of
    texts that are accepted; of a matching question a pair for each left-hand choice.
    """
    accepted = correct if kind == QuestionKind.SHORT_TEXT and isinstance(correct, list) else [correct]
    for each in accepted:
        checked_answer(kind, choices, each, *field)
    count = len(correct) if isinstance(correct, list | dict) else 1
    fits = count > 0
    if kind == QuestionKind.SINGLE_CHOICE:
        fits = count == 1
    if kind == QuestionKind.MATCHING:
        fits = 0 < count == len(lefts(choices))
    if kind == QuestionKind.SHORT_TEXT:
        fits = fits and all(_normal(each) for each in accepted)
    if not fits:
        raise RuleBroken(UserErrorCode.INVALID, "not a whole right answer", *field)
    return correct


def score(kind: str, correct: Any, options: Mapping[str, Any], answer: Any) -> bool:
    """Whether an answer of the right form is right; None is no answer.

    Choices: all and only the right ones. Numbers: at most `options["tolerance"]` (0) away. Texts: trimmed, in any case.
    Pairs: every one.
    """
    if answer is None or correct is None:
        return False
    match kind:
        case QuestionKind.SINGLE_CHOICE | QuestionKind.MULTIPLE_CHOICE:
            return _set(answer) == _set(correct)
        case QuestionKind.NUMERIC:
            value, wanted = _number(answer), _number(correct)
            return value is not None and wanted is not None and _is_near(value, wanted, options.get("tolerance") or 0.0)
        case QuestionKind.SHORT_TEXT:
            accepted = correct if isinstance(correct, list) else [correct]
            return _normal(answer) in {_normal(each) for each in accepted}
        case QuestionKind.TRUE_FALSE | QuestionKind.MATCHING:
            return bool(answer == correct)
    return False


def _is_near(value: float, wanted: float, tolerance: float) -> bool:
    """Whether numbers differ by at most the tolerance, give or take what writing them in binary does."""
    return abs(value - wanted) <= tolerance or math.isclose(abs(value - wanted), tolerance, rel_tol=1e-9)


def _are_ids(given: Sequence[Any], choices: Choices) -> bool:
    known = {each["id"] for each in choices}
    return all(isinstance(each, str) and each in known for each in given)


def _set(value: Any) -> set[Any]:
    return set(value) if isinstance(value, list) else {value}


def _number(value: Any) -> float | None:
    """The finite number that a value is or spells; None when it is or spells none."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    if isinstance(value, int):
        return float(value) if abs(value) < MAX_INTEGER**2 else None
    if isinstance(value, str) and (len(value) > 64 or not value.isascii() or "_" in value):
        return None
    try:
        found = float(value)
    except ValueError:
        return None
    return found if math.isfinite(found) else None


def _normal(text: str) -> str:
    return unicodedata.normalize("NFC", text).strip().casefold()
