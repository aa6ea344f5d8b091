"""Values of arguments: mostly such as exist, sometimes odd ones; as literals, as variables, with variables inside."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    get_named_type,
    is_non_null_type,
)

from tests.execution.chance import Bare, Chance, plain, spelled
from tests.execution.samples import Samples

ABSENT = object()
DEFAULT_SIZE = 20
SIZES = (3, 1, 0, 20, 100, None)
SMALL_SIZES = (1, 0, 3)
ODD_SIZES = (101, -1, 2_147_483_647)
ORDINARY: dict[str, tuple[Any, ...]] = {
    "Int": (1, 0, 2, 7, -1, 2_147_483_647),
    "BigInt": (1, 0, 7, 300, 2**62, -1),
    "Float": (1.0, 0.0, 87.5, -1.0, 100, 1e300),
    "String": ("a", "", "%", "_", "\\", "é", "'; --", "A"),
    "Boolean": (True, False),
    "ID": ("1", "0", "", "junk", "VXNlcjow", "VXNlcjo5OTk5OTk5OTk=", "Tm90aGluZzox", "VXNlcjo5OTk5OTk5OTk5OTk="),
    "DateTime": ("2026-10-01T00:00:00Z", "1970-01-01T00:00:00+00:00", "2999-12-31T23:59:59.999999Z"),
}
DEEPEST_FILTER = 3
OFTEN = {
    "first": 45,
    "after": 20,
    "where": 40,
    "orderBy": 30,
    "changedSince": 40,
    "enrolledOnly": 40,
    "includesUnposted": 40,
    "depth": 40,
    "groupSetKey": 20,
    "username": 20,
    "search": 20,
    "userId": 40,
    "address": 40,
}
"""Of a hundred fields that have the argument, how many are given it; `SELDOM` of the others."""
SELDOM = 10


@dataclass(slots=True)
class Declared:
    """A variable of an operation: its type, its default (a literal), and the value given (ABSENT: none)."""

    kind: str
    default: str | None
    value: Any


@dataclass(slots=True)
class Values:
    """Draws values, and declares the variables of one operation. `odd` collects what is wrong with them."""

    chance: Chance
    samples: Samples
    variables: dict[str, Declared] = field(default_factory=dict)
    odd: list[str] = field(default_factory=list)

    def argument(self, kind: str, name: str, key: str, argument: GraphQLArgument, width: int) -> tuple[str, Any] | None:
        """An argument of a field as it is written in a document, and its value; None to leave it out.

        `width` is how many parents there may be: where there are many, pages are small.
        """
        is_needed = is_non_null_type(argument.type)
        if not is_needed and not (key == "first" and width > 5) and not self.chance.happens(OFTEN.get(key, SELDOM)):
            return None
        as_variable = self.chance.happens(35)
        value: Any
        if key == "first":
            value = self.size(width)
        elif key == "after" and get_named_type(argument.type).name == "String":
            value = self.cursor(f"{kind}.{name}")
        else:
            value = self.of(argument.type, f"{kind}.{name}", nested=not as_variable)
        return (self.variable(str(argument.type), value) if as_variable else spelled(value)), value

    def size(self, width: int) -> int | None:
        """How many a page shall have."""
        if width <= 50 and self.chance.happens(6):
            self.odd.append("first")
            return self.chance.pick(ODD_SIZES)
        return self.chance.pick(SMALL_SIZES if width > 5 else SIZES)

    def cursor(self, coordinate: str) -> str | None:
        """Where a page shall begin."""
        known = self.samples.cursors.get(coordinate, [])
        if known and not self.chance.happens(15):
            return self.chance.pick(known)
        if self.chance.happens(50):
            return None
        self.odd.append("after")
        return self.chance.pick(("", "junk", "é", "W10", "WzEsMl0", "eyJhIjoxfQ", "WyJhIl0", "W251bGxd"))

    def of(self, kind: Any, hint: str, *, nested: bool, depth: int = 0) -> Any:
        """A value of an input type. `hint` says where: a coordinate of samples, or of a field."""
        if isinstance(kind, GraphQLNonNull):
            kind = kind.of_type
        elif self.chance.happens(6):
            return None
        if isinstance(kind, GraphQLList):
            return [self.of(kind.of_type, hint, nested=nested, depth=depth) for _ in range(self.chance.below(4))]
        if isinstance(kind, GraphQLInputObjectType):
            return self.input(kind, hint, nested=nested, depth=depth)
        if isinstance(kind, GraphQLEnumType):
            value: Any = Bare(self.chance.pick(list(kind.values)))
        else:
            value = self.leaf(kind.name, hint)
        return Bare(self.variable(f"{kind.name}!", value)) if nested and self.chance.happens(8) else value

    def leaf(self, kind: str, hint: str) -> Any:
        """A value of a scalar."""
        ordinary = ORDINARY[kind]
        known = [each for each in self.samples.values.get(hint, ()) if type(each) is type(ordinary[0])]
        if kind == "ID" and not known:
            known = self.chance.pick(list(self.samples.ids.values()))
        value = self.chance.pick(known if known and not self.chance.happens(20) else ordinary)
        if kind == "String" and self.chance.happens(10):
            return value[: self.chance.below(4)]
        return value

    def input(self, kind: GraphQLInputObjectType, hint: str, *, nested: bool, depth: int) -> dict[str, Any]:
        """A value of an input type: exactly one field where that is the rule, else all required ones and a few more."""
        made: dict[str, Any] = {}
        is_one_of = kind.extensions["strawberry-definition"].is_one_of
        if is_one_of and self.chance.happens(3):
            self.odd.append("keys")
            is_one_of = False
        chosen = self.chance.some(list(kind.fields), 1, 1 if is_one_of else 2)
        for name, each in kind.fields.items():
            is_filter = name in ("and", "or", "not")
            if (name not in chosen and not is_non_null_type(each.type)) or (is_filter and depth >= DEEPEST_FILTER):
                continue
            known = f"{kind.name}.{name}"
            place = known if known in self.samples.values else hint
            wanted = GraphQLNonNull(each.type) if is_one_of else each.type
            made[name] = self.of(wanted, place, nested=nested, depth=depth + is_filter)
        return made

    def variable(self, kind: str, value: Any) -> str:
        """A new variable of the type, with its `$`. It holds the value, or its default does."""
        name = f"v{len(self.variables)}"
        given, default = plain(value), None
        if value is not None and not kind.endswith("!") and self.chance.happens(30):
            kind += "!"
        if self.chance.happens(15) and not (value is None and kind.endswith("!")):
            default = spelled(value)
            given = ABSENT if self.chance.happens(60) else given
        if self.chance.happens(4):
            self.odd.append("variable")
            given = self.chance.pick((ABSENT, None, {"a": [1]}, [[]], "\0", 2**63, float("inf")))
        self.variables[name] = Declared(kind, default, given)
        return f"${name}"

    def condition(self) -> str:
        """The argument of a directive."""
        value = self.chance.happens(50)
        if not self.chance.happens(60):
            return spelled(value)
        if self.chance.happens(4):
            self.odd.append("condition")
            self.variables[f"v{len(self.variables)}"] = Declared("Boolean", "true", None)
            return f"$v{len(self.variables) - 1}"
        known = [name for name, each in self.variables.items() if each.kind == "Boolean!"]
        return f"${self.chance.pick(known)}" if known and self.chance.happens(50) else self.variable("Boolean!", value)

    def header(self) -> str:
        """The definitions of the variables."""
        each = [f"${n}: {v.kind}" + (f" = {v.default}" if v.default else "") for n, v in self.variables.items()]
        return f"({', '.join(each)})" if each else ""

    def given(self) -> dict[str, Any]:
        """The values to give."""
        return {name: each.value for name, each in self.variables.items() if each.value is not ABSENT}
