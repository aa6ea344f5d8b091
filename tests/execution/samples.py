"""Values that exist, to be given as arguments: ids, values of columns, cursors."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from graphql import GraphQLObjectType, GraphQLSchema
from sqlalchemy import select

from app.context import Context
from schema.core.needs import declared
from schema.core.node import global_id
from schema.core.registry import model_named
from schema.core.relate import Page
from schema.core.roots import LookUp, Roots
from schema.graph import build

FEW = 6


@dataclass(frozen=True, slots=True)
class Samples:
    """Global ids by type, values of columns by `<input type>.<field>`, cursors by `<type>.<connection>`."""

    ids: dict[str, list[str]]
    values: dict[str, list[Any]]
    cursors: dict[str, list[str]]


async def samples_of(ctx: Context) -> Samples:
    """Samples of everything that the reader of the context sees."""
    schema = build().schema
    ids = {name: await _ids(ctx, name) for name in _nodes(schema)}
    values: dict[str, list[Any]] = {}
    cursors: dict[str, list[str]] = {}
    for kind, name, declaration in _declarations(schema):
        match declaration:
            case Roots():
                where = f"{declaration.model.__name__}Filter"
                for spelled, attribute in declaration.columns.attributes.items():
                    values[f"{where}.{spelled}"] = await _values(ctx, attribute)
                cursors[f"{kind}.{name}"] = await _cursors(ctx, f"{{ {name}(first: 3) {{ edges {{ cursor }} }} }}", [])
            case LookUp():
                by = f"{declaration.model.__name__}By"
                values[f"{by}.id"] = ids[declaration.model.__name__]
                for spelled, attribute in declaration.keys.items():
                    values[f"{by}.{spelled}"] = await _values(ctx, attribute)
            case Page():
                below = f"... on {kind} {{ id {name}(first: 2) {{ edges {{ cursor }} }} }}"
                document = f"query ($ids: [ID!]!) {{ nodes(ids: $ids) {{ {below} }} }}"
                cursors[f"{kind}.{name}"] = await _cursors(ctx, document, ids[kind])
    return Samples(ids, values, cursors)


def _nodes(schema: GraphQLSchema) -> list[str]:
    return [kind.name for kind in schema.get_possible_types(schema.type_map["Node"])]  # type: ignore[arg-type]


def _declarations(schema: GraphQLSchema) -> Iterator[tuple[str, str, Any]]:
    for kind in schema.type_map.values():
        if isinstance(kind, GraphQLObjectType):
            yield from ((kind.name, name, declared(field)) for name, field in kind.fields.items())


async def _ids(ctx: Context, name: str) -> list[str]:
    model: Any = model_named(name)
    rows = await ctx.db.fetch(select(model.id).where(ctx.visible(model)).order_by(model.id))
    return [global_id(name, key) for (key,) in _spread(rows)]


async def _values(ctx: Context, attribute: Any) -> list[Any]:
    rows = await ctx.db.fetch(select(attribute).distinct().order_by(attribute))
    values = [value for (value,) in rows if value is not None]
    return [value.isoformat() if isinstance(value, datetime) else value for value in _spread(values)]


def _spread(found: Sequence[Any]) -> list[Any]:
    """A few, from the first to the last."""
    return list(found[:: max(1, len(found) // FEW)])[:FEW]


async def _cursors(ctx: Context, document: str, ids: list[str]) -> list[str]:
    graph = build()
    prepared = graph.prepare(document)
    assert not prepared.errors, prepared.errors
    result = await graph.execute(prepared, ctx, {"ids": ids} if ids else {}, planned=False)
    assert result.data is not None, result.errors
    return list(_texts(result.data, "cursor"))[:FEW]


def _texts(data: Any, name: str) -> Iterator[str]:
    if isinstance(data, list):
        for each in data:
            yield from _texts(each, name)
    elif isinstance(data, dict):
        for key, value in data.items():
            if key == name:
                yield value
            else:
                yield from _texts(value, name)
