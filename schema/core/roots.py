"""Declarations of root fields: look-ups by a unique key and connections over everything the viewer may see."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import strawberry

from app.db.base import Base, facts, owner
from app.errors import LimitExceeded
from app.reading import relations, roots
from app.reading.relations import Order, Slice
from schema.core import context as graph_context
from schema.core.context import GraphContext
from schema.core.declare import Attribute, Declared, Resolver, argument, evaluate
from schema.core.filters import Columns, make_input
from schema.core.limits import page_size
from schema.core.node import parse_global_id
from schema.core.registry import connection_of, model_named, name_of, type_of
from schema.core.relate import AFTER, FIRST


class Roots(Declared):
    """A connection over all visible rows of a model, with filter and order."""

    kind = "roots"

    def __init__(self, model: type[Base], columns: Columns, description: str, order: Order) -> None:
        super().__init__(
            description,
            [
                argument("where", columns.where | None, "Which to return."),
                argument("orderBy", columns.orders | None, "Keys to order by."),
                FIRST,
                AFTER,
            ],
        )
        self.model, self.columns, self.order = model, columns, order

    def annotation(self) -> Any:
        return connection_of(self.model)

    async def load(
        self, context: GraphContext, arguments: dict[str, Any], names: tuple[str, ...] | None = None
    ) -> Slice:
        """The asked slice; `arguments` as graphql-core gives them. The columns `names` come first in its rows."""
        _ = context.domain.user_id
        order = self.columns.order_of(arguments.get("orderBy"), self.order)
        needed = context.columns(self.model) if names is None else names
        names = tuple(dict.fromkeys([*needed, *relations.order_names(self.model, order)]))
        size = page_size(arguments.get("first"), context.max_page)
        where = self.columns.filter_of(arguments.get("where"))
        found = await roots.page(context.domain, self.model, names, where, order, size, arguments.get("after"))
        found.counter = self
        return found

    async def totals(self, context: GraphContext, wheres: Sequence[Any]) -> list[int]:
        """The number of visible rows that satisfy each filter."""
        return [await roots.count(context.domain, self.model, where) for where in wheres]

    def total(self, context: GraphContext, where: Any) -> Any:
        """The number of visible rows that satisfy the filter."""
        return context.protected(lambda: roots.count(context.domain, self.model, where))

    def resolver(self) -> Resolver:
        def resolve(source: Any, info: Any, **arguments: Any) -> Any:
            context = graph_context.of(info)
            return context.protected(lambda: self.load(context, arguments))

        return resolve

    def empty(self, context: GraphContext, arguments: dict[str, Any]) -> Slice:
        """A slice of which only the total is asked."""
        _ = context.domain.user_id
        page_size(arguments.get("first"), context.max_page)
        return Slice([], (), False, False, self.columns.filter_of(arguments.get("where")), self)


class LookUp(Declared):
    """One object by one of its unique keys; null when there is none or it may not be seen."""

    kind = "look-up"

    def __init__(self, model: type[Base], keys: Sequence[Attribute], description: str) -> None:
        self.model = model
        self.keys: dict[str, Attribute] = {Columns._spell(key.key): key for key in keys}
        fields: dict[str, tuple[Any, str]] = {"id": (strawberry.ID, "Its global id.")}
        for spelled, key in self.keys.items():
            name = "database_id" if key.key == "id" else key.key
            fields[name] = (facts(key).python_type, f"Its `{spelled}`.")
        by = make_input(f"{model.__name__}By", f"Exactly one key of a {model.__name__}.", fields, one_of=True)
        super().__init__(description, [argument("by", by, "The key to look up.")])

    def annotation(self) -> Any:
        return type_of(self.model) | None

    async def load(self, context: GraphContext, by: dict[str, Any], names: tuple[str, ...] | None = None) -> Any:
        """The row of these columns, or None."""
        _ = context.domain.user_id
        ((name, value),) = by.items()
        if name == "id":
            parsed = parse_global_id(value)
            if parsed is None or parsed[0] != name_of(self.model):
                return None
            name, value = "databaseId", parsed[1]
        columns = context.columns(self.model) if names is None else names
        return await relations.look_up(context.domain, self.keys[name], columns, value)

    def resolver(self) -> Resolver:
        def resolve(source: Any, info: Any, by: dict[str, Any]) -> Any:
            context = graph_context.of(info)
            return context.protected(lambda: self.load(context, by))

        return resolve


async def load_nodes(context: GraphContext, ids: Sequence[str]) -> list[Any]:
    """For each global id its row or None; one statement for each type. Raises LimitExceeded above 100 ids."""
    _ = context.domain.user_id
    if context.max_page is not None and len(ids) > context.max_page:
        raise LimitExceeded(f"{len(ids)} ids: at most {context.max_page} at once", "page")
    parsed = [parse_global_id(each) for each in ids]
    keys: dict[type[Base], set[int]] = {}
    for each in parsed:
        model = model_named(each[0]) if each else None
        if each and model is not None:
            keys.setdefault(model, set()).add(each[1])
    found: dict[tuple[str, int], Any] = {}
    for model, wanted in keys.items():
        asked = sorted(wanted)
        target = model.id  # type: ignore[attr-defined]
        rows = await relations.one(context.domain, target, context.columns(model), asked)
        found |= {(name_of(model), key): row for key, row in zip(asked, rows, strict=True)}
    return [found.get(each) if each else None for each in parsed]


async def load_node(context: GraphContext, id: str) -> Any:
    """The row of a global id, or None."""
    return (await load_nodes(context, [id]))[0]


class Root(Declared):
    """A root field made by a function of the context and the arguments."""

    kind = "root"

    def __init__(self, function: Any, returns: Any, description: str, arguments: Any) -> None:
        super().__init__(description, arguments)
        self.function, self.returns = function, returns

    def annotation(self) -> Any:
        return evaluate(self.returns)

    def resolver(self) -> Resolver:
        def resolve(source: Any, info: Any, **arguments: Any) -> Any:
            context = graph_context.of(info)
            return context.protected(lambda: self.function(context, **arguments))

        return resolve


def root(function: Any, returns: Any, description: str, *arguments: Any) -> Any:
    """Declare a root field: `await function(context, **arguments)`."""
    return Root(function, returns, description, arguments)


def look_up(model: type[Base], *keys: Attribute, description: str) -> Any:
    """Declare `thing(by:)`; the integer key and the global id are always among the keys."""
    return LookUp(model, (model.id, *keys), description)  # type: ignore[attr-defined]


def roots_of(columns: Columns, description: str, *order: Attribute, descending: bool = False) -> Any:
    """Declare `things(where:, orderBy:, first:, after:)`, ordered by `order` when nothing else is asked."""
    model = owner(next(iter(columns.attributes.values())))
    names = tuple(each.key for each in order)
    return Roots(model, columns, description, Order(names, frozenset(names if descending else ())))
