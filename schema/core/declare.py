"""Declarations: the fields of the graph as data, from which resolvers and loaders are made (house, §3).

`column` and `computed` read the row that is there; `batch` calls a function of the domain with the keys of many
parents; relations are in schema/core/relate.py. Each says in `needs` which columns of its parent it reads.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from types import FunctionType
from typing import Any, ClassVar, get_args

from sqlalchemy.orm import InstrumentedAttribute
from strawberry import UNSET
from strawberry.annotation import StrawberryAnnotation
from strawberry.types import has_object_definition
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.field import UNRESOLVED, StrawberryField

from app.db.base import facts
from app.errors import ConfigurationError
from app.policy import is_masked
from schema.core import context as graph_context
from schema.core.limits import page_size

Attribute = InstrumentedAttribute[Any]
Resolver = Callable[..., Any]
SNAKE = re.compile("[A-Z]")
OPAQUE = StrawberryAnnotation(object)
EXPECTED, EXPECTED_LENGTH = "expected", 10


def argument(name: str, annotation: Any, description: str, default: Any = UNSET) -> StrawberryArgument:
    """An argument of a declared field; `name` as in the schema."""
    return StrawberryArgument(name, name, StrawberryAnnotation(annotation), description=description, default=default)


def spelled(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments as graphql-core gives them, by the names that functions of the domain have for them."""
    return {SNAKE.sub(r"_\g<0>", name).lower(): value for name, value in arguments.items()}


def evaluate(annotation: Any) -> Any:
    """A Python type, or what a function without arguments gives as one once all types are known."""
    return annotation() if isinstance(annotation, FunctionType) else annotation


def leaf(annotation: Any, declared: str) -> Any:
    """The annotation of what plans write as it is. Raises ConfigurationError where it holds objects, in lists, too."""
    parts = get_args(annotation)
    if not parts and has_object_definition(annotation):
        raise ConfigurationError(
            f"{declared} returns {annotation.__name__} objects: only scalars and enums; use batch()"
        )
    for part in parts:
        leaf(part, declared)
    return annotation


def expecting(length: int) -> dict[str, int]:
    """The `metadata` of a list without pages: how many elements costs take it for, 10 where nothing is said."""
    return {EXPECTED: length}


def expected_length(declared: StrawberryField) -> int:
    """How many elements a list without pages is taken for."""
    return int(declared.metadata.get(EXPECTED, EXPECTED_LENGTH))


class Declared(StrawberryField):
    """A field that says what it is. `annotation` is evaluated when the schema is built, so types may come later."""

    needs: tuple[Attribute, ...] = ()
    kind: ClassVar[str] = "declared"
    known: Any = UNRESOLVED

    def __init__(
        self,
        description: str,
        arguments: Sequence[StrawberryArgument] = (),
        name: str | None = None,
        metadata: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(description=description, type_annotation=OPAQUE, graphql_name=name, metadata=metadata)
        self.arguments = list(arguments)

    def annotation(self) -> Any:
        """The Python type of the field's values."""
        raise NotImplementedError

    def resolve_type(self, *, type_definition: Any = None) -> Any:
        """The Strawberry type of `annotation`; unresolved as long as a type that it names is not registered.

        Strawberry asks seven times for each field of a type.
        """
        if self.known is UNRESOLVED:
            try:
                annotation = self.annotation()
            except LookupError:
                return UNRESOLVED
            self.known = StrawberryAnnotation(annotation).resolve(type_definition=type_definition)
        return self.known

    def resolver(self) -> Resolver:
        """The graphql-core resolver, made once when the schema is built."""
        raise NotImplementedError


class Column(Declared):
    """A column of the row."""

    kind = "column"

    def __init__(self, attribute: Attribute, description: str, enum: type[StrEnum] | None, returns: Any) -> None:
        super().__init__(description)
        self.needs = (attribute,)
        self.attribute = attribute
        self.value_type = enum or leaf(returns, f"the column {attribute}")

    def annotation(self) -> Any:
        known = facts(self.attribute)
        kind = self.value_type or known.python_type
        return kind | None if known.nullable or is_masked(self.attribute) else kind

    def resolver(self) -> Resolver:
        key = self.attribute.key
        return lambda source, info: getattr(source, key)


class Computed(Declared):
    """A pure function of some columns of the row."""

    kind = "computed"

    def __init__(self, function: Callable[..., Any], attributes: Sequence[Attribute], description: str, returns: Any):
        super().__init__(description)
        self.function = function
        self.needs = tuple(attributes)
        self.returns = leaf(returns, f"the computed field {function.__name__}")

    def annotation(self) -> Any:
        return self.returns

    def resolver(self) -> Resolver:
        function = self.function
        keys = [attribute.key for attribute in self.needs]
        return lambda source, info: function(*[getattr(source, key) for key in keys])


class Batched(Declared):
    """A value for each parent from one call of a domain function: `await function(ctx, keys, **arguments)`.

    One that `narrows` also takes `asked`: the names of the attributes that will be read of what it returns. It may
    then leave the others out and give plain tuples instead of named ones.
    """

    kind = "batch"

    def __init__(
        self,
        function: Callable[..., Any],
        key: Attribute | str,
        returns: Any,
        description: str,
        arguments: Any,
        narrows: bool,
        metadata: Mapping[str, Any] | None,
    ) -> None:
        super().__init__(description, arguments, metadata=metadata)
        self.function = function
        self.narrows = narrows
        self.key = key if isinstance(key, str) else key.key
        self.needs = () if isinstance(key, str) else (key,)
        self.returns = returns

    def annotation(self) -> Any:
        return evaluate(self.returns)

    async def batch(self, context: Any, keys: list[Any], arguments: dict[str, Any]) -> Sequence[Any]:
        """The value of each key; `arguments` as graphql-core gives them. Raises LimitExceeded for too large a page."""
        page_size(arguments.get("first"), context.max_page)
        found: Sequence[Any] = await self.function(context.domain, keys, **spelled(arguments))
        return found

    def resolver(self) -> Resolver:
        name = self.key

        def resolve(source: Any, info: Any, **arguments: Any) -> Any:
            context = graph_context.of(info)
            asked = tuple(sorted(arguments.items(), key=lambda each: each[0]))
            loader = context.loader((self, repr(asked)), lambda keys: self.batch(context, keys, arguments))
            return loader.load(getattr(source, name))

        return resolve


def column(attribute: Attribute, description: str, *, enum: type[StrEnum] | None = None, returns: Any = None) -> Any:
    """Declare a column as a field; `enum` for text columns that hold one, `returns` for another scalar."""
    return Column(attribute, description, enum, returns)


def computed(function: Callable[..., Any], *attributes: Attribute, returns: Any, description: str) -> Any:
    """Declare a pure function of columns as a field."""
    return Computed(function, attributes, description, returns)


def batch(
    function: Callable[..., Any],
    key: Attribute | str,
    returns: Any,
    description: str,
    *,
    arguments: Any = (),
    narrows: bool = False,
    metadata: Mapping[str, Any] | None = None,
) -> Any:
    """Declare a computed field of many parents at once; `returns` may be a function that gives the type later."""
    return Batched(function, key, returns, description, arguments, narrows, metadata)
