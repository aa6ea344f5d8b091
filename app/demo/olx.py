"""Questions of a bank as problems of Open edX (OLX), each as it is drawn first."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from app.demo.plans import Item
from app.domain.assessments.models import QuestionKind

TRUE_OR_FALSE = (("True", True), ("False", False))


def olx(item: Item) -> str:
    """The problem of a question that is scored by a rule."""
    draw = item.draws[0]
    asked = item.prompt
    for name, value in draw.params.items():
        asked = asked.replace(f"{{{{params.{name}}}}}", ", ".join(map(str, value)))
    return f"<problem><p>{escape(asked)}</p>{_response(item, draw.right)}</problem>"


def _response(item: Item, right: Any) -> str:
    match item.kind:
        case QuestionKind.SINGLE_CHOICE:
            return _choices("multiplechoice", "choice", [(each["text"], each["id"] == right) for each in item.choices])
        case QuestionKind.TRUE_FALSE:
            return _choices("multiplechoice", "choice", [(text, value is right) for text, value in TRUE_OR_FALSE])
        case QuestionKind.MULTIPLE_CHOICE:
            return _choices("choice", "checkbox", [(each["text"], each["id"] in right) for each in item.choices])
        case QuestionKind.NUMERIC:
            return f"<numericalresponse answer={quoteattr(str(right))}><formulaequationinput/></numericalresponse>"
        case QuestionKind.MATCHING:
            return _pairs(item, right)
    return f"<stringresponse answer={quoteattr(str(right))}><textline/></stringresponse>"


def _choices(kind: str, group: str, choices: Iterable[tuple[str, bool]]) -> str:
    rows = "".join(f'<choice correct="{str(is_right).lower()}">{escape(text)}</choice>' for text, is_right in choices)
    return f"<{kind}response><{group}group>{rows}</{group}group></{kind}response>"


def _pairs(item: Item, right: dict[str, str]) -> str:
    """Of each thing on the left, which on the right belongs to it."""
    texts = {each["id"]: escape(each["text"]) for each in item.choices}
    partners = [key for key in texts if key not in right]
    rows = []
    for key, partner in right.items():
        options = (f'<option correct="{str(each == partner).lower()}">{texts[each]}</option>' for each in partners)
        rows.append(
            f"<p>{texts[key]}</p><optionresponse><optioninput>{''.join(options)}</optioninput></optionresponse>"
        )
    return "".join(rows)
