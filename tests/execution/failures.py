"""Batch functions that fail on purpose: they raise, or give nothing, for some of their keys."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from graphql import GraphQLObjectType, GraphQLSchema

from app.errors import BadRequest
from schema.core.needs import declared
from tests.execution.chance import Chance

MODES = ("raises", "refuses", "gives nothing")


@dataclass(frozen=True, slots=True)
class Failure:
    """How a field's batch function fails: for each key that leaves no rest when divided by `every`."""

    coordinate: str
    mode: str
    every: int

    def strikes(self, key: Any) -> bool:
        """Whether it fails for the key."""
        return key is None or (key if isinstance(key, int) else len(repr(key))) % self.every == 0

    async def apply(self, function: Any, ctx: Any, keys: list[Any], arguments: dict[str, Any]) -> list[Any]:
        """Call the function, and fail."""
        if self.mode != "gives nothing" and any(map(self.strikes, keys)):
            raise BadRequest("refused on purpose") if self.mode == "refuses" else RuntimeError("failed on purpose")
        values = await function(ctx, keys, **arguments)
        return [None if self.strikes(key) else value for key, value in zip(keys, values, strict=True)]


def any_failure(chance: Chance, batched: list[str]) -> Failure | None:
    """A failure of one of these fields, now and then."""
    if not batched or not chance.happens(50):
        return None
    return Failure(chance.pick(batched), chance.pick(MODES), 1 + chance.below(3))


@contextmanager
def failing(schema: GraphQLSchema, failure: Failure | None) -> Iterator[None]:
    """Let a field fail, in both ways of executing it."""
    if failure is None:
        yield
        return
    kind, name = failure.coordinate.split(".")
    owner = schema.type_map[kind]
    assert isinstance(owner, GraphQLObjectType)
    definition = owner.fields[name]
    declaration: Any = declared(definition)
    function, resolver = declaration.function, definition.resolve

    async def failed(ctx: Any, keys: list[Any], **arguments: Any) -> list[Any]:
        return await failure.apply(function, ctx, keys, arguments)

    declaration.function = failed
    definition.resolve = declaration.resolver()
    try:
        yield
    finally:
        declaration.function, definition.resolve = function, resolver
