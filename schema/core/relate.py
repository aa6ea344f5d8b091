"""Relations, declared: `one`, `many`, `first`, `through` and `page` say which foreign key to follow."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from app.db.base import Base, facts, model_of_table, owner
from app.db.compiled import Raw
from app.reading import relations
from app.reading.relations import Order
from schema.core import context as graph_context
from schema.core.context import GraphContext
from schema.core.declare import Attribute, Declared, Resolver, argument, spelled
from schema.core.limits import page_size
from schema.core.registry import connection_of, type_of

FIRST = argument("first", int | None, "How many to return, at most as `limits` says; 20 when not given.")
AFTER = argument("after", str | None, "Return what follows this cursor.")


class One(Declared):
    """The object whose unique column equals a key of this one; null where there is none or it may not be seen."""

    kind = "one"

    def __init__(self, key: Attribute | str, target: Attribute | None, description: str) -> None:
        super().__init__(description)
        self.key = key if isinstance(key, str) else key.key
        self.needs = () if isinstance(key, str) else (key,)
        self._target = target

    @property
    def target(self) -> Attribute:
        """The unique column that is looked up."""
        if self._target is None:
            table = facts(self.needs[0]).target
            if table is None:
                raise TypeError(f"{self.key} is no foreign key: say which column it refers to")
            self._target = model_of_table(table).id  # type: ignore[attr-defined]
        assert self._target is not None
        return self._target

    def annotation(self) -> Any:
        return type_of(owner(self.target)) | None

    async def rows(self, context: GraphContext, names: tuple[str, ...], keys: list[Any], **arguments: Any) -> Raw:
        """The rows of the keys that have one; each begins with its key."""
        return await relations.one_rows(context.domain, self.target, names, keys)

    async def batch(self, context: GraphContext, keys: list[Any]) -> list[Any]:
        """For each key the row or None."""
        return await relations.one(context.domain, self.target, context.columns(owner(self.target)), keys)

    def resolver(self) -> Resolver:
        name, target = self.key, self.target

        def resolve(source: Any, info: Any) -> Any:
            key = getattr(source, name)
            if key is None:
                return None
            context = graph_context.of(info)
            return context.loader(("one", target), lambda keys: self.batch(context, keys)).load(key)

        return resolve


class Children(Declared):
    """Rows whose foreign key names this one."""

    def __init__(
        self, foreign: Attribute, description: str, order: Order, key: Attribute | str | None, arguments: Any = ()
    ) -> None:
        super().__init__(description, arguments)
        self.foreign = foreign
        self.order = order
        self._key = key

    @property
    def key(self) -> str:
        """The name of this object's attribute that the foreign key refers to."""
        return self._key if isinstance(self._key, str) else self._key.key if self._key is not None else "id"

    @property
    def model(self) -> type[Base]:
        """The model of the children."""
        return owner(self.foreign)


class Many(Children):
    """All children, for lists that are short by nature."""

    kind = "many"

    def annotation(self) -> Any:
        return list[type_of(self.model)]  # type: ignore[misc]

    async def rows(self, context: GraphContext, names: tuple[str, ...], keys: list[Any]) -> Raw:
        """The children of all keys, in order; each row begins with its key."""
        return await relations.many_rows(context.domain, self.foreign, names, keys, self.order)

    async def batch(self, context: GraphContext, keys: list[Any]) -> list[list[Any]]:
        """For each key its children in order."""
        return await relations.many(context.domain, self.foreign, context.columns(self.model), keys, self.order)

    def resolver(self) -> Resolver:
        name = self.key

        def resolve(source: Any, info: Any) -> Any:
            context = graph_context.of(info)
            return context.loader(self, lambda keys: self.batch(context, keys)).load(getattr(source, name))

        return resolve


class Through(Many):
    """All objects that a link table joins to this one."""

    kind = "through"

    def __init__(
        self, near: Attribute, far: Attribute, description: str, order: Order, condition: Callable[[], Any]
    ) -> None:
        super().__init__(near, description, order, None)
        self.far = far
        self.condition = condition

    @property
    def model(self) -> type[Base]:
        return model_of_table(facts(self.far).target or "")

    async def rows(self, context: GraphContext, names: tuple[str, ...], keys: list[Any]) -> Raw:
        """The joined objects of all keys, in order; each row begins with its key."""
        return await relations.through_rows(
            context.domain, self.foreign, self.far, names, keys, self.order, self.condition
        )

    async def batch(self, context: GraphContext, keys: list[Any]) -> list[list[Any]]:
        """For each key the joined objects in order."""
        names = context.columns(self.model)
        return await relations.through(context.domain, self.foreign, self.far, names, keys, self.order, self.condition)


class First(Children):
    """The first of the children that satisfy a condition, in order; null where there is none.

    The field's arguments are the condition's.
    """

    kind = "first"

    def __init__(
        self, foreign: Attribute, description: str, order: Order, condition: Callable[..., Any], arguments: Any
    ) -> None:
        super().__init__(foreign, description, order, None, arguments)
        self.condition = condition

    def annotation(self) -> Any:
        return type_of(self.model) | None

    async def rows(self, context: GraphContext, names: tuple[str, ...], keys: list[Any], **arguments: Any) -> Raw:
        """The child of each key that has one; each row begins with its key."""
        said = spelled(arguments)
        return await relations.first_rows(context.domain, self.foreign, names, keys, self.order, self.condition, **said)

    async def batch(self, context: GraphContext, keys: list[Any], arguments: dict[str, Any]) -> list[Any]:
        """For each key the child or None."""
        names, said = context.columns(self.model), spelled(arguments)
        return await relations.first(context.domain, self.foreign, names, keys, self.order, self.condition, **said)

    def resolver(self) -> Resolver:
        name = self.key

        def resolve(source: Any, info: Any, **arguments: Any) -> Any:
            context = graph_context.of(info)
            asked = repr(sorted(arguments.items()))
            loader = context.loader((self, asked), lambda keys: self.batch(context, keys, arguments))
            return loader.load(getattr(source, name))

        return resolve


class Page(Children):
    """A connection over children."""

    kind = "page"

    def annotation(self) -> Any:
        return connection_of(self.model)

    async def batch(self, context: GraphContext, keys: list[Any], first: int, after: str | None) -> list[Any]:
        """For each key a slice of its children."""
        names = context.columns(self.model, *self.order.columns, "id")
        slices = await relations.page(context.domain, self.foreign, names, keys, self.order, first, after)
        for each in slices:
            each.counter = self
        return slices

    @property
    def order_names(self) -> tuple[str, ...]:
        """The columns that a cursor holds."""
        return relations.order_names(self.model, self.order)

    async def totals(self, context: GraphContext, keys: Sequence[Any]) -> list[int]:
        """The number of children of each parent."""
        return await relations.count(context.domain, self.foreign, keys)

    def total(self, context: GraphContext, key: Any) -> Any:
        """The number of children of one parent, loaded together with its siblings'."""
        return context.loader(("count", self.foreign), lambda keys: self.totals(context, keys)).load(key)

    def resolver(self) -> Resolver:
        name = self.key

        def resolve(source: Any, info: Any, first: int | None = None, after: str | None = None) -> Any:
            context = graph_context.of(info)
            size = page_size(first, context.max_page)
            loader = context.loader((self, size, after), lambda keys: self.batch(context, keys, size, after))
            return loader.load(getattr(source, name))

        return resolve


def one(key: Attribute | str, description: str, *, to: Attribute | None = None) -> Any:
    """Declare a relation to one: the foreign key to follow, or an attribute's name and the column it refers `to`."""
    return One(key, to, description)


def many(
    foreign: Attribute, description: str, *, order: Order | None = None, key: Attribute | str | None = None
) -> Any:
    """Declare a short list of children: the foreign key of theirs that names this object."""
    return Many(foreign, description, order or Order(("id",)), key)


def first(
    foreign: Attribute, description: str, *, order: Order, condition: Callable[..., Any], arguments: Any = ()
) -> Any:
    """Declare the first of the children, in an order, that satisfy a condition; it takes the field's arguments."""
    return First(foreign, description, order, condition, arguments)


def through(near: Attribute, far: Attribute, description: str, *, order: Order, condition: Callable[[], Any]) -> Any:
    """Declare a list through a link table: its key of this object, its key of the other, which links count."""
    return Through(near, far, description, order, condition)


def page(
    foreign: Attribute, description: str, *, order: Order | None = None, key: Attribute | str | None = None
) -> Any:
    """Declare a connection of children: the foreign key of theirs that names this object, and their order."""
    return Page(foreign, description, order or Order(("id",)), key, (FIRST, AFTER))
