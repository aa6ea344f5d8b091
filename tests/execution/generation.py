"""Operations made from the schema: valid by construction, and as strange as the language allows."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from graphql import GraphQLField, GraphQLSchema, get_named_type, is_leaf_type, is_list_type, is_non_null_type

from schema.core.declare import Batched
from schema.core.needs import declared
from tests.execution.chance import Chance
from tests.execution.failures import Failure, any_failure
from tests.execution.samples import Samples
from tests.execution.values import DEFAULT_SIZE, Values

DEPTH = 6
FIELDS = 40
WIDTH = 400
"""At most so many objects of a level, about."""
LISTS = 8
"""How long a list without pages is taken to be."""
NAMES = ("a", "b", "id", "nodes", "name")
INTROSPECTION = (
    ("__schema", "", "{ queryType { name } }"),
    ("__type", '(name: "User")', "{ name kind fields { name type { kind ofType { name } } } }"),
    ("__type", '(name: "Nothing")', "{ name }"),
    ("__type", '(name: "Role")', "{ enumValues { name description } }"),
)


@dataclass(slots=True)
class Entry:
    """What a response key holds: a field with its arguments, and what is below."""

    name: str
    arguments: str
    kind: str
    width: int
    below: Scope


Scope = dict[str, Entry]


@dataclass(slots=True)
class Fragment:
    """A named fragment, and what it adds to the scope that it is spread in."""

    name: str
    kind: str
    depth: int
    width: int
    scope: Scope
    text: str


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation to execute, who asks, what shall fail, and what is odd about it."""

    document: str
    name: str | None
    variables: dict[str, Any]
    role: str
    max_page: int | None
    failure: Failure | None
    odd: tuple[str, ...]

    @property
    def is_clean(self) -> bool:
        """Whether nothing but a mistake of the executor can make it give its plan up."""
        return self.failure is None and not self.odd


@dataclass(slots=True)
class Generator:
    """Generates one operation."""

    schema: GraphQLSchema
    chance: Chance
    values: Values
    left: int
    fragments: list[Fragment] = field(default_factory=list)
    batched: list[str] = field(default_factory=list)

    def selections(self, kind: Any, scope: Scope, depth: int, width: int) -> str:
        """Some selections on a type, one at least; `depth` levels may be below."""
        chosen: list[str] = []
        while not chosen or (self.left > 0 and len(chosen) < 6 and self.chance.happens(70)):
            with self.chance.part():
                chosen.append(self.selection(kind, scope, depth, width))
        return " ".join(chosen)

    def selection(self, kind: Any, scope: Scope, depth: int, width: int) -> str:
        """A field, an inline fragment or the spread of a named one."""
        self.left -= 1
        if self.chance.happens(14):
            return self.inline(kind, scope, depth, width)
        if self.chance.happens(12):
            return self.spread(kind, scope, depth, width)
        if self.chance.happens(8):
            return self.typename(scope)
        if kind is self.schema.query_type and self.chance.happens(6):
            return self.introspection(scope)
        return self.field(kind, scope, depth, width)

    def directives(self) -> str:
        """None, mostly; one or two otherwise."""
        made = ""
        for name in ("include", "skip"):
            if self.chance.happens(7):
                made += f" @{name}(if: {self.values.condition()})"
        return made

    def typename(self, scope: Scope) -> str:
        return self.placed(scope, Entry("__typename", "", "String!", 0, {}))[0] + self.directives()

    def introspection(self, scope: Scope) -> str:
        name, arguments, below = self.chance.pick(INTROSPECTION)
        return f"{self.placed(scope, Entry(name, arguments, below, 0, {}))[0]}{arguments} {below}"

    def field(self, kind: Any, scope: Scope, depth: int, width: int) -> str:
        """A field of the type: one that is there already, or another."""
        again = [key for key, each in scope.items() if each.below and kind.fields.get(each.name)]
        if again and depth > 0 and self.chance.happens(12):
            key = self.chance.pick(again)
            entry = scope[key]
            if str(kind.fields[entry.name].type) == entry.kind:
                alias = "" if key == entry.name else f"{key}: "
                return f"{alias}{entry.name}{entry.arguments}{self.below(kind, entry, depth)}"
        name = self.chosen(kind, depth, width)
        if name is None:
            return self.typename(scope)
        definition = kind.fields[name]
        if isinstance(declared(definition), Batched):
            self.batched.append(f"{kind.name}.{name}")
        arguments, size = self.arguments(kind.name, name, definition, width)
        selected, entry = self.placed(scope, Entry(name, arguments, str(definition.type), min(width * size, 9999), {}))
        return selected + entry.arguments + self.directives() + self.below(kind, entry, depth)

    def chosen(self, kind: Any, depth: int, width: int) -> str | None:
        """The name of a field that may stand here."""
        leaves: list[str] = []
        others: list[str] = []
        batched: list[str] = []
        for name, each in kind.fields.items():
            if isinstance(declared(each), Batched) and (width < WIDTH or not _is_many(each)):
                batched.append(name)
            if is_leaf_type(get_named_type(each.type)):
                leaves.append(name)
            elif depth > 0 and self.left > 0 and (width < WIDTH or not _is_many(each)):
                others.append(name)
        if batched and depth > 0 and self.chance.happens(12):
            return self.chance.pick(batched)
        if others and (not leaves or self.chance.happens(55)):
            return self.chance.pick(others)
        return self.chance.pick(leaves) if leaves else None

    def below(self, kind: Any, entry: Entry, depth: int) -> str:
        """The selection set of a field, if it has one."""
        below = get_named_type(kind.fields[entry.name].type)
        if is_leaf_type(below):
            return ""
        return f" {{ {self.selections(below, entry.below, depth - 1, entry.width)} }}"

    def arguments(self, kind: str, name: str, definition: GraphQLField, width: int) -> tuple[str, int]:
        """The arguments of a field as text, and how many objects it may give a parent."""
        made, size = [], LISTS if is_list_type(_nullable(definition.type)) else 1
        if "first" in definition.args:
            size = DEFAULT_SIZE
        for key, each in definition.args.items():
            argument = self.values.argument(kind, name, key, each, width)
            if argument is not None:
                made.append(f"{key}: {argument[0]}")
                if key == "first" and isinstance(argument[1], int):
                    size = max(0, min(argument[1], 100))
                if key == "after" and argument[1] is not None and any(each.startswith("orderBy") for each in made):
                    self.values.odd.append("a cursor of another order")
        return f"({', '.join(made)})" if made else "", size if name not in ("nodes", "edges") else 1

    def placed(self, scope: Scope, entry: Entry) -> tuple[str, Entry]:
        """A field under a key of the scope that is free, or that holds the very same."""
        key = self.chance.pick(NAMES) if self.chance.happens(20) else entry.name
        for place in range(len(scope) + 2):
            tried = key if place == 0 else f"{key}_{place}"
            there = scope.setdefault(tried, entry)
            if (there.name, there.arguments, there.kind) == (entry.name, entry.arguments, entry.kind):
                return (entry.name if tried == entry.name else f"{tried}: {entry.name}"), there
        raise AssertionError("one of the keys is free")

    def inline(self, kind: Any, scope: Scope, depth: int, width: int) -> str:
        """An inline fragment: with no condition, the type itself, its interface, a type of the interface."""
        condition = self.condition(kind)
        on = f" on {condition.name}" if condition is not kind or self.chance.happens(50) else ""
        return f"...{on}{self.directives()} {{ {self.selections(condition, scope, depth, width)} }}"

    def spread(self, kind: Any, scope: Scope, depth: int, width: int) -> str:
        """The spread of a named fragment, an earlier one or a new one."""
        condition = self.condition(kind)
        known = [
            each
            for each in self.fragments
            if each.kind == condition.name and each.depth <= depth and each.width >= width and _fit(scope, each.scope)
        ]
        if known and self.chance.happens(60):
            fragment = self.chance.pick(known)
            _merge(scope, deepcopy(fragment.scope))
        else:
            inside = deepcopy(scope)
            text = self.selections(condition, inside, depth, width)
            name = f"F{len(self.fragments)}"
            fragment = Fragment(name, condition.name, depth, width, deepcopy(inside), text)
            self.fragments.append(fragment)
            _merge(scope, inside)
        return f"...{fragment.name}{self.directives()}"

    def condition(self, kind: Any) -> Any:
        """A type that an object of the type may be of."""
        if self.schema.is_sub_type(self.schema.type_map["Node"], kind) and self.chance.happens(30):  # type: ignore[arg-type]
            return self.schema.type_map["Node"]
        if kind.name == "Node" and self.chance.happens(90):
            return self.chance.pick(self.schema.get_possible_types(kind))
        return kind


def operation(schema: GraphQLSchema, chance: Chance, samples: Samples, roles: list[str]) -> Operation:
    """An operation, maybe with another one beside it in its document."""
    values = Values(chance, samples)
    generator = Generator(schema, chance, values, left=2 + chance.below(FIELDS))
    body = generator.selections(schema.query_type, {}, DEPTH, 1)
    others = [f"fragment {each.name} on {each.kind} {{ {each.text} }}" for each in generator.fragments]
    name = "A" if chance.happens(50) else None
    text = f"query {name or ''}{values.header()} {{ {body} }}"
    if name is not None and chance.happens(20):
        beside = Values(chance, samples)
        other = Generator(schema, chance, beside, left=5)
        more = other.selections(schema.query_type, {}, 1, 1)
        others += [] if other.fragments else [f"query B{beside.header()} {{ {more} }}"]
    role = chance.pick([*roles, *roles[:3], roles[0]])
    failure = any_failure(chance, generator.batched)
    odd = [*values.odd, *(["nobody"] if role == "anonymous" else [])]
    max_page = None if chance.happens(10) else 100
    return Operation("\n".join([text, *others]), name, values.given(), role, max_page, failure, tuple(odd))


def _nullable(kind: Any) -> Any:
    return kind.of_type if is_non_null_type(kind) else kind


def _is_many(definition: GraphQLField) -> bool:
    return "first" in definition.args or is_list_type(_nullable(definition.type))


def _fit(scope: Scope, other: Scope) -> bool:
    """Whether two scopes can be one."""
    return all(
        (there := scope.get(key)) is None
        or (
            (there.name, there.arguments, there.kind) == (each.name, each.arguments, each.kind)
            and _fit(there.below, each.below)
        )
        for key, each in other.items()
    )


def _merge(scope: Scope, other: Scope) -> None:
    for key, each in other.items():
        if key in scope:
            _merge(scope[key].below, each.below)
        else:
            scope[key] = each
