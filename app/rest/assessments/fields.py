"""Bodies of requests: every field that breaks its rule is told at once (contracts/assessments.md §5)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from app.rest.assessments.refusals import Invalid
from app.rest.assessments.spelling import ANSWER_NAMES, QUESTION, TYPES, key, parsed_answer
from app.rest.binding import NOWHERE

Body = Mapping[str, Any]
MOST = 2**30
ABSENT = object()


def is_whole(value: Any, least: int = 1, most: int = MOST) -> bool:
    """Whether a value is an integer between two, booleans not among them."""
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def _title(value: Any) -> str | None:
    fits = isinstance(value, str) and 3 <= len(value.strip()) <= 200
    return None if fits else "a text of 3 to 200 characters is asked for"


def _passing_score(value: Any) -> str | None:
    return None if is_whole(value, 1, 100) else "an integer from 1 to 100 is asked for"


def _limit(value: Any) -> str | None:
    return None if value is None or is_whole(value) else "an integer of at least 1, or null, is asked for"


RULES: Mapping[str, tuple[str, Callable[[Any], str | None]]] = {
    "title": ("title", _title),
    "passing_score": ("passingPercentage", _passing_score),
    "time_limit_minutes": ("timeLimitMinutes", _limit),
    "max_attempts": ("maxSubmissions", _limit),
}


def details(body: Body, *needed: str) -> dict[str, Any]:
    """The details of an assessment as the graph takes them. Raises Invalid."""
    issues: list[tuple[str, str]] = []
    made: dict[str, Any] = {}
    if "course_id" in needed and not isinstance(body.get("course_id"), str):
        issues.append(("course_id", "the id of a course is asked for"))
    for name, (spelled, rule) in RULES.items():
        if name in body or name in needed:
            issue = rule(body.get(name))
            if issue:
                issues.append((name, issue))
            made[spelled] = body.get(name)
    if issues:
        raise Invalid(*issues)
    return made


def question(body: Body) -> dict[str, Any]:
    """A new question as the graph takes it. Raises Invalid."""
    issues: list[tuple[str, str]] = []
    kind, correct, points = _kind(body), body.get("correct_answer"), body.get("points", 1)
    if kind is None:
        issues.append(("type", f"one of {', '.join(sorted(set(TYPES.values())))} is asked for"))
    if not isinstance(body.get("text"), str) or not 1 <= len(body["text"].strip()) <= 2000:
        issues.append(("text", "a text of 1 to 2000 characters is asked for"))
    if isinstance(points, bool) or not isinstance(points, int | float) or not 0 < points <= MOST:
        issues.append(("points", "a number above 0 is asked for"))
    if body.get("position") is not None and not is_whole(body["position"]):
        issues.append(("position", "an integer of at least 1 is asked for"))
    if correct is None:
        issues.append(("correct_answer", "the right answer is asked for"))
    offered = {name: _offered(body, name, issues) for name in ("options", "choices")}
    if issues:
        raise Invalid(*issues)
    made = {"kind": kind, "prompt": body["text"], "correctAnswer": parsed_answer(str(kind), correct)}
    made |= {"choices": offered["options"], "matches": offered["choices"]}
    return made | {"maxPoints": points, "number": body.get("position")}


def _kind(body: Body) -> str | None:
    several = isinstance(body.get("correct_answer"), list)
    kinds = {
        "multiple_choice": "MULTIPLE_CHOICE" if several else "SINGLE_CHOICE",
        "true_false": "TRUE_FALSE",
        "short_answer": "SHORT_TEXT",
        "matching": "MATCHING",
    }
    return kinds.get(body["type"]) if isinstance(body.get("type"), str) else None


def _offered(body: Body, name: str, issues: list[tuple[str, str]]) -> list[dict[str, str]]:
    given = body.get(name) or []
    start = "c" if name == "choices" else ""
    if not isinstance(given, list):
        issues.append((name, "a list is asked for"))
        return []
    made = []
    for index, each in enumerate(given, start=1):
        option = {"text": each} if isinstance(each, str) else each
        if not isinstance(option, dict) or not isinstance(option.get("text"), str):
            issues.append((f"{name}.{index - 1}", "an object with `id` and `text` is asked for"))
            continue
        chosen = parsed_answer("SINGLE_CHOICE", option.get("id", f"opt_{start}{index}"))
        made.append({"id": str(chosen), "text": option["text"]})
    return made


def texts(body: Body, **least: int) -> list[str]:
    """Texts of at least so many characters, by name. Raises Invalid."""
    issues = []
    for name, length in least.items():
        if not isinstance(body.get(name), str) or len(body[name]) < length:
            issues.append((name, f"a text of at least {length} characters is asked for"))
    if issues:
        raise Invalid(*issues)
    return [body[name] for name in least]


def answers(body: Body, kinds: Mapping[int, str]) -> list[dict[str, Any]]:
    """The answers of a submission as the graph takes them; `kinds` by problem id. Raises Invalid."""
    given = body.get("answers")
    if not isinstance(given, list):
        raise Invalid(("answers", "a list of answers is asked for"))
    issues: list[tuple[str, str]] = []
    made: list[dict[str, Any]] = []
    for index, each in enumerate(given):
        problem_id = key(QUESTION, each.get("question_id")) if isinstance(each, dict) else NOWHERE
        value = ABSENT
        if isinstance(each, dict):
            value = next((each[name] for name in ANSWER_NAMES if name in each), ABSENT)
        if problem_id not in kinds:
            issues.append((f"answers.{index}.question_id", "not a question of this assessment"))
        elif value is ABSENT:
            issues.append((f"answers.{index}.answer", "an answer is asked for"))
        else:
            made.append({"problemId": str(problem_id), "answer": parsed_answer(kinds[problem_id], value)})
    if issues:
        raise Invalid(*issues)
    return made
