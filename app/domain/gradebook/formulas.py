"""A calculation as Blackboard writes it: `{formula, aliases}` (contracts/blackboard.md §4.4). Pure functions.

The contract says no more than that `formula` is a text and `aliases` an object. Known of the product is one text, that
of its own total: JSON in a text, `{"running": "true", "all": {"average": "false"}}`. All else is our own reading, and
what the product writes for other columns may be refused here as INVALID: of all columns `{"weighted": "true"}`, by
their own weights; of some `{"running": "true", "weighted": {"elements": [{"alias": "A", "weight": 40, "dropLowest": 1,
"dropHighest": 0}]}}`, or `total` or `average` instead of `weighted`, where `aliases` say what is meant:
`{"A": "category:_3_1", "B": "column:_12_1"}`; a bare key is a column's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

import orjson

from app.domain.gradebook.models import CalculationKind
from app.errors import RuleBroken, UserErrorCode

KINDS = {
    "total": CalculationKind.TOTAL,
    "average": CalculationKind.AVERAGE,
    "weighted": CalculationKind.WEIGHTED_TOTAL,
}
WORDS = {kind: word for word, kind in KINDS.items()}
FLAGS = {True: True, False: False, "true": True, "false": False}
DIGITS = 10
COUNTS = ("dropLowest", "dropHighest", "minCount")


@dataclass(frozen=True, slots=True)
class Term:
    """A column, or all columns of a category without its worst and best; the weight in percent, of weighted totals.

    A category counts as having at least `min_count` columns; those that are missing are worth 0.
    """

    category_id: int | None = None
    column_id: int | None = None
    weight: float | None = None
    drop_lowest: int = 0
    drop_highest: int = 0
    min_count: int = 0


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a column is computed; without terms from all columns."""

    kind: CalculationKind
    is_running: bool
    terms: Sequence[Term] = ()


def written(recipe: Recipe) -> tuple[str, dict[str, str]]:
    """(formula, aliases) of a recipe."""
    word, running = WORDS[recipe.kind], {"running": _flag(recipe.is_running)}
    if not recipe.terms:
        how = {"weighted": "true"} if word == "weighted" else {"average": _flag(word == "average")}
        return _text({**running, "all": how}), {}
    aliases, elements = {}, []
    for number, term in enumerate(recipe.terms, 1):
        alias = f"A{number}"
        kind, key = ("column", term.column_id) if term.category_id is None else ("category", term.category_id)
        aliases[alias] = f"{kind}:_{key}_1"
        told = {"weight": term.weight, "dropLowest": term.drop_lowest, "dropHighest": term.drop_highest}
        told["minCount"] = term.min_count
        elements.append({"alias": alias, **{name: value for name, value in told.items() if value}})
    return _text({**running, word: {"elements": elements}}), aliases


def parsed(formula: str, aliases: Mapping[str, Any]) -> Recipe:
    """The recipe of a formula. Raises RuleBroken INVALID at `formula`, `aliases`: not of a form that is known here."""
    try:
        said = orjson.loads(formula)
    except orjson.JSONDecodeError:
        _refuse("the formula is not JSON")
    if not isinstance(said, dict):
        _refuse("the formula is not a JSON object")
    is_running = _is(said.pop("running", True), "running")
    if len(said) != 1:
        _refuse("one of `all`, `total`, `average`, `weighted` is asked for")
    ((word, how),) = said.items()
    if not isinstance(how, dict) or word not in (*KINDS, "all"):
        _refuse("one of `all`, `total`, `average`, `weighted` is asked for")
    if word == "all":
        return Recipe(_kind_of_all(how), is_running)
    elements = how.get("elements")
    if set(how) != {"elements"} or not isinstance(elements, list) or not elements:
        _refuse(f"`{word}` needs a list of `elements`")
    return Recipe(KINDS[word], is_running, tuple(_term(each, aliases) for each in elements))


def _kind_of_all(how: dict[str, Any]) -> CalculationKind:
    if set(how) - {"average", "weighted"}:
        _refuse("`all` knows `average` and `weighted`")
    if _is(how.get("weighted", False), "weighted"):
        return CalculationKind.WEIGHTED_TOTAL
    return CalculationKind.AVERAGE if _is(how.get("average", False), "average") else CalculationKind.TOTAL


def _term(element: Any, aliases: Mapping[str, Any]) -> Term:
    if not isinstance(element, dict) or set(element) - {"alias", "weight", *COUNTS}:
        _refuse("an element has `alias`, `weight`, `dropLowest`, `dropHighest`, `minCount`")
    alias = element.get("alias")
    if not isinstance(alias, str) or alias not in aliases:
        _refuse("an element's alias is not among the aliases", "aliases")
    found = re.fullmatch(r"(?:(category|column):)?(?:_([0-9]+)_1|([0-9]+))", str(aliases[alias]))
    if found is None or len(found[2] or found[3]) > DIGITS:
        _refuse(f"the alias {alias} is no key of a column or a category", "aliases")
    key = int(found[2] or found[3])
    counts = [_number(element.get(name, 0), int, name) for name in COUNTS]
    weight = None if element.get("weight") is None else _number(element["weight"], float, "weight")
    is_category = found[1] == "category"
    return Term(key if is_category else None, None if is_category else key, weight, *counts)


def _is(value: Any, name: str) -> bool:
    if not isinstance(value, bool | str) or value not in FLAGS:
        _refuse(f"`{name}` is true or false")
    return FLAGS[value]


def _number(value: Any, kind: type[Any], name: str) -> Any:
    text = str(value)
    if isinstance(value, bool) or not re.fullmatch(r"[0-9]{1,9}" if kind is int else r"[0-9]{1,9}(\.[0-9]*)?", text):
        _refuse(f"`{name}` is no number from 0")
    return kind(text)


def _flag(value: bool) -> str:
    return "true" if value else "false"


def _text(value: dict[str, Any]) -> str:
    return orjson.dumps(value).decode()


def _refuse(message: str, field: str = "formula") -> NoReturn:
    raise RuleBroken(UserErrorCode.INVALID, message, field)
