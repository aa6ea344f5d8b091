"""Filters of root lists, in two parts: their form, which statements are known by, and the values, given at each run.

A filter maps columns (by attribute name) to operators and operands, and `and_`, `or_`, `not_` to filters. Its form is
the same with the name of a parameter for each operand, as tuples: equal for filters that differ in values only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from operator import eq, ge, gt, le, lt
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, String, and_, func, not_, or_, true

from app.db.base import Base
from app.db.compiled import given
from app.errors import BadRequest, LimitExceeded
from app.policy import Viewing, is_veiled, masked

Where = Mapping[str, Any]
Form = tuple[Any, ...]
MAX_FILTER_TERMS = 200
MAX_FILTER_VALUES = 1_000
MAX_FILTER_LEVELS = 16
ESCAPE = "\\"
COMPARISONS: dict[str, Callable[[Any, Any], Any]] = {"eq": eq, "gt": gt, "gte": ge, "lt": lt, "lte": le}


class Filter(NamedTuple):
    """A filter taken apart; `values` by the names of their parameters."""

    form: Form
    values: dict[str, Any]


def take_apart(where: Where | None) -> Filter:
    """The form of a filter, and its values. Raises LimitExceeded."""
    values: dict[str, Any] = {}
    if where is None:
        return Filter((), values)
    _measure(where)
    return Filter(_form(where, values), values)


def predicate(viewing: Viewing, model: type[Base], form: Form) -> ColumnElement[bool]:
    """The SQL of a filter's form, with parameters where it has values.

    Filters compare what the principal may see of a column, so that a hidden value can't be found out by asking.
    """
    parts: list[ColumnElement[bool]] = []
    for name, detail in form:
        if name == "and_":
            parts += [predicate(viewing, model, each) for each in detail]
        elif name == "or_":
            parts.append(or_(*(predicate(viewing, model, each) for each in detail)) if detail else ~true())
        elif name == "not_":
            parts.append(func.coalesce(not_(predicate(viewing, model, detail)), true()))
        else:
            attribute = getattr(model, name)
            column = masked(attribute, viewing)
            parts += [_comparison(column, attribute.type, *each) for each in detail]
            if is_veiled(attribute):
                parts += [_comparison(attribute, attribute.type, *each) for each in detail if each[0] == "eq"]
    return and_(true(), *parts)


def _measure(where: Where) -> None:
    """Raise LimitExceeded for a filter of more terms, listed values or levels than a database takes."""
    terms = values = levels = 0
    level: list[Where] = [where]
    while level:
        levels += 1
        below: list[Where] = []
        for each in level:
            terms += len(each)
            for name, value in each.items():
                if name in ("and_", "or_"):
                    below += value or ()
                elif name == "not_":
                    below += [] if value is None else [value]
                else:
                    values += len(value.get("in_") or ())
        level = below
    for count, most, what in (
        (terms, MAX_FILTER_TERMS, "terms"),
        (values, MAX_FILTER_VALUES, "values in lists"),
        (levels, MAX_FILTER_LEVELS, "levels"),
    ):
        if count > most:
            raise LimitExceeded(f"the filter has {count} {what}: at most {most} are allowed", "filter")


def _form(where: Where, values: dict[str, Any]) -> Form:
    """The form of a filter, whose values are added to `values`."""
    terms: list[tuple[str, Form]] = []
    for name, value in where.items():
        if value is None:
            continue
        if name in ("and_", "or_"):
            terms.append((name, tuple(_form(each, values) for each in value)))
        elif name == "not_":
            terms.append((name, _form(value, values)))
        else:
            terms.append(
                (
                    name,
                    tuple(
                        _operation(operator, each, values) for operator, each in value.items() if _says(operator, each)
                    ),
                )
            )
    return tuple(terms)


def _says(operator: str, operand: Any) -> bool:
    """Null is compared with by `eq`; as an operand of others it says nothing."""
    return operand is not None or operator == "eq"


def _operation(operator: str, operand: Any, values: dict[str, Any]) -> Form:
    """An operator and the names of its parameters, or what else its SQL depends on."""
    match operator:
        case "eq" if operand is None:
            return "is_null", True
        case "is_null":
            return operator, operand
        case "in_":
            known = [each for each in operand if each is not None]
            return operator, tuple(_placed(each, values) for each in _padded(known)), len(known) < len(operand)
        case "eq" | "gt" | "gte" | "lt" | "lte":
            return operator, _placed(operand, values)
        case "contains":
            return "like", *_patterns("%{}%", operand, values)
        case "starts_with":
            return "like", *_patterns("{}%", operand, values)
    raise BadRequest(f"unknown operator {operator}")


def _placed(value: Any, values: dict[str, Any]) -> str:
    """The name of a new parameter that has this value."""
    name = f"operand_{len(values)}"
    values[name] = value
    return name


def _padded(known: Sequence[Any]) -> Sequence[Any]:
    """The list with its last value repeated up to a power of two, so that there are few lengths of lists."""
    if not known:
        return known
    length = 1 << (len(known) - 1).bit_length()
    return [*known, *[known[-1]] * (length - len(known))]


def _patterns(pattern: str, operand: str, values: dict[str, Any]) -> tuple[str, str | None]:
    """Parameters: the pattern in lower case, and as it is where SQLite, which only knows ASCII's case, needs it."""
    lowered = _placed(pattern.format(_escaped(operand.lower())), values)
    return lowered, None if operand.isascii() else _placed(pattern.format(_escaped(operand)), values)


def _escaped(text: str) -> str:
    for character in (ESCAPE, "%", "_"):
        text = text.replace(character, ESCAPE + character)
    return text


def _comparison(column: ColumnElement[Any], kind: Any, operator: str, *details: Any) -> Any:
    """The SQL of what `_operation` gives for a column of this type."""
    match operator, *details:
        case "is_null", is_null:
            return column.is_(None) if is_null else column.is_not(None)
        case "in_", names, has_null:
            listed = column.in_([given(name, kind) for name in names])
            return or_(listed, column.is_(None)) if has_null else listed
        case "like", lowered, as_it_is:
            found = func.lower(column).like(given(lowered, String()), escape=ESCAPE)
            return found if as_it_is is None else or_(found, column.like(given(as_it_is, String()), escape=ESCAPE))
        case _, name:
            return COMPARISONS[operator](column, given(name, kind))
