"""Filters, orders and look-ups of list roots: input types made from a model's columns, and their translation."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from enum import Enum
from typing import Annotated, Any, Optional, cast

import strawberry
from strawberry.utils.str_converters import to_camel_case

from app.db.base import facts
from app.reading.relations import Order
from schema.core.declare import Attribute
from schema.core.enums import describe_enum
from schema.core.scalars import BigInt

OPERATORS = {
    "eq": ("eq", "Equal to this; null finds what has no value."),
    "in_": ("in", "Equal to one of these."),
    "gt": ("gt", "Greater than this."),
    "gte": ("gte", "Greater than or equal to this."),
    "lt": ("lt", "Less than this."),
    "lte": ("lte", "Less than or equal to this."),
    "contains": ("contains", "Contains this text, in any case."),
    "starts_with": ("startsWith", "Begins with this text, in any case."),
    "is_null": ("isNull", "True finds what has no value, false what has one."),
}
EQUALITY = ("eq", "in_", "is_null")
RANGE = ("gt", "gte", "lt", "lte")
TEXT = ("contains", "starts_with")


def make_input(name: str, description: str, fields: Mapping[str, tuple[Any, str]], *, one_of: bool = False) -> Any:
    """An input type whose fields are all optional: {python name: (type, description)}; trailing `_` is dropped."""
    namespace: dict[str, Any] = {"__annotations__": {}}
    for key, (kind, text) in fields.items():
        graphql_name = to_camel_case(key.rstrip("_"))
        namespace["__annotations__"][key] = Optional[kind]  # noqa: UP045 - kind may be a forward reference
        namespace[key] = strawberry.field(name=graphql_name, description=text, default=strawberry.UNSET)
    return strawberry.input(type(name, (), namespace), name=name, description=description, one_of=one_of or None)


def _operators(name: str, kind: Any, keys: tuple[str, ...]) -> Any:
    kinds = {"in_": list[Optional[kind]], "is_null": bool}  # noqa: UP045
    fields = {key: (kinds.get(key, kind), OPERATORS[key][1]) for key in keys}
    return make_input(name, f"Conditions on a {name.removesuffix('Filter')}; all that are given must hold.", fields)


_by_type: dict[Any, Any] = {
    str: _operators("StringFilter", str, EQUALITY + RANGE + TEXT),
    int: _operators("IntFilter", int, EQUALITY + RANGE),
    BigInt: _operators("BigIntFilter", BigInt, EQUALITY + RANGE),
    float: _operators("FloatFilter", float, EQUALITY + RANGE),
    bool: _operators("BooleanFilter", bool, ("eq", "is_null")),
    datetime: _operators("DateTimeFilter", datetime, EQUALITY + RANGE),
}


class OrderDirection(Enum):
    """Ascending or descending."""

    ASC = "ASC"
    DESC = "DESC"


describe_enum(
    OrderDirection,
    "Which way an order goes. Null counts as the smallest value.",
    ASC="From the smallest.",
    DESC="From the greatest.",
)


def operators_for(kind: Any) -> Any:
    """The filter input of a scalar or an enum."""
    if kind not in _by_type:
        _by_type[kind] = _operators(f"{kind.__name__}Filter", kind, EQUALITY)
    return _by_type[kind]


class Columns:
    """The columns that a list root may be filtered by, and (`orders`) those that it may be ordered by.

    And the inputs made from them, and their translation. `kinds` are the types of columns that say less: an enum, a
    BigInt. What a large list is ordered by needs an index: the first page
    must cost the same however many rows there are (tests/schema/test_growth.py).
    """

    def __init__(self, name: str, *attributes: Attribute, orders: Sequence[Attribute], **kinds: Any) -> None:
        self.attributes = {self._spell(attribute.key): attribute for attribute in attributes}
        fields: dict[str, tuple[Any, str]] = {
            "and_": (list[Annotated[f"{name}Filter", strawberry.lazy(__name__)]], "All of these hold."),  # type: ignore[misc]
            "or_": (list[Annotated[f"{name}Filter", strawberry.lazy(__name__)]], "One of these holds."),  # type: ignore[misc]
            "not_": (Annotated[f"{name}Filter", strawberry.lazy(__name__)], "This does not hold."),
        }
        for spelled, attribute in self.attributes.items():
            kind = kinds.get(attribute.key) or facts(attribute).python_type
            key = "database_id" if attribute.key == "id" else attribute.key
            fields[key] = (operators_for(kind), f"Condition on `{spelled}`.")
        self.where = make_input(f"{name}Filter", f"Which {name}s to return.", fields)
        globals()[f"{name}Filter"] = self.where
        names = {self._enum_name(s): s for s in map(self._spell, [each.key for each in orders])}
        self.order_field: Any = describe_enum(
            cast("type[Enum]", Enum(f"{name}OrderField", names)),
            f"What {name}s can be ordered by.",
            **{key: f"By `{spelled}`." for key, spelled in names.items()},
        )
        self.order: Any = strawberry.input(
            type(
                f"{name}Order",
                (),
                {
                    "__annotations__": {"field": self.order_field, "direction": OrderDirection},
                    "field": strawberry.field(description="The key."),
                    "direction": strawberry.field(description="Its direction.", default=OrderDirection.ASC),
                },
            ),
            description=f"A key to order {name}s by.",
        )
        self.orders: Any = list[self.order]  # type: ignore[name-defined]

    @staticmethod
    def _spell(key: str) -> str:
        return "databaseId" if key == "id" else to_camel_case(key)

    @staticmethod
    def _enum_name(spelled: str) -> str:
        return "".join("_" + c if c.isupper() else c.upper() for c in spelled)

    def filter_of(self, where: Any) -> dict[str, Any] | None:
        """The reading layer's form of a `where` argument as graphql-core gives it (GraphQL names)."""
        if where is None:
            return None
        made: dict[str, Any] = {}
        for name, value in where.items():
            if name in ("and", "or"):
                made[f"{name}_"] = None if value is None else [self.filter_of(each) for each in value]
            elif name == "not":
                made["not_"] = self.filter_of(value)
            elif value is not None:
                made[self.attributes[name].key] = {_OPERATOR_KEYS[op]: operand for op, operand in value.items()}
        return made

    def order_of(self, order_by: Any, default: Order) -> Order:
        """The reading layer's form of an `orderBy` argument."""
        if not order_by:
            return default
        columns: list[str] = []
        descending = set()
        for each in order_by:
            key = self.attributes[each["field"].value].key
            if key not in columns:
                columns.append(key)
                if each.get("direction", OrderDirection.ASC) is OrderDirection.DESC:
                    descending.add(key)
        return Order(tuple(columns), frozenset(descending))


_OPERATOR_KEYS = {spelled: key for key, (spelled, _) in OPERATORS.items()}
Translate = Callable[[Any], Any]
