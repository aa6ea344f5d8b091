"""Runs a plan: each branch once for all rows of its selection, children before the objects that hold them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import orjson
from graphql import get_argument_values
from orjson import Fragment

from app import turns
from app.db.compiled import Processors
from app.reading import relations
from schema.core.context import GraphContext
from schema.core.limits import page_size
from schema.execution.build import Retreat, builder
from schema.execution.pages import Pages, cut, page_info
from schema.execution.plan import Branch, Connection, Part, Selection, Source

Objects = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Level:
    """The rows of all parents of a selection."""

    selection: Selection
    rows: Sequence[Any]
    processors: Processors

    def read(self, branch: Branch) -> list[Any]:
        """What a branch reads of each row: a key, or a nested value."""
        name = branch.reads
        assert name is not None
        if self.selection.source is Source.OBJECTS:
            return [getattr(row, name) for row in self.rows]
        place = self.selection.names.index(name) + (self.selection.source is Source.KEYED)
        process = self.processors[place] if self.processors else None
        return [row[place] for row in self.rows] if process is None else [process(row[place]) for row in self.rows]


class Run:
    """One execution of a plan."""

    def __init__(self, context: GraphContext, variables: Any) -> None:
        self.context = context
        self.domain = context.domain
        self.variables = variables
        self.rows = 0

    async def selection(self, selection: Selection, rows: Sequence[Any], processors: Processors = ()) -> Objects:
        """The objects of rows; `processors` as the database gave the rows, none for Python values."""
        if not rows:
            return []
        self.rows += len(rows)
        level = Level(selection, rows, processors)
        values = [await self.branch(branch, level) for branch in selection.branches]
        build = builder(selection, processors)
        if len(rows) <= turns.SLICE:
            return build(rows, *values)
        made: Objects = []
        async for part in turns.slices(range(len(rows))):
            place = slice(part[0], part[-1] + 1)
            made += build(rows[place], *(each[place] for each in values))
        return made

    async def branch(self, branch: Branch, level: Level) -> Sequence[Any]:
        """A value for each row of a level."""
        values = await STEPS[branch.kind](self, branch, level)
        if branch.is_required and None in values:
            raise Retreat(f"{branch.key} is required")
        return values

    def arguments(self, branch: Branch) -> dict[str, Any]:
        """The arguments of a branch's field."""
        if branch.constant_arguments is not None:
            return branch.constant_arguments
        return get_argument_values(branch.definition, branch.node, self.variables)

    async def one(self, branch: Branch, level: Level) -> Sequence[Any]:
        keys = level.read(branch)
        wanted = [key for key in dict.fromkeys(keys) if key is not None]
        child = _child(branch)
        if not wanted:
            return [None] * len(keys)
        found = await branch.declaration.rows(self.context, child.names, wanted, **self.arguments(branch))
        objects = await self.selection(child, found.rows, found.processors)
        by_key = {row[0]: made for row, made in zip(found.rows, objects, strict=True)}
        return [by_key.get(key) for key in keys]

    async def many(self, branch: Branch, level: Level) -> Sequence[Any]:
        keys = level.read(branch)
        child = _child(branch)
        if self.context.as_json and branch.written:
            texts = await self.texts(branch, list(dict.fromkeys(keys)), None)
            return [texts[key] for key in keys]
        found = await branch.declaration.rows(self.context, child.names, list(dict.fromkeys(keys)))
        groups: dict[Any, Objects] = {key: [] for key in keys}
        for row, made in zip(found.rows, await self.selection(child, found.rows, found.processors), strict=True):
            groups[row[0]].append(made)
        return [groups[key] for key in keys]

    async def page(self, branch: Branch, level: Level) -> Sequence[Any]:
        keys = level.read(branch)
        asked = list(dict.fromkeys(keys))
        arguments, declaration, connection = self.arguments(branch), branch.declaration, _connection(branch)
        size, cursor = page_size(arguments.get("first"), self.context.max_page), arguments.get("after")
        order = declaration.order_names
        pages = Pages(
            [], connection.names, [(0, 0)] * len(asked), [False] * len(asked), cursor is not None, order, asked
        )
        if self.context.as_json and branch.written and cursor is None:
            texts = await self.texts(branch, asked, size)
            pages.texts = [texts[key] for key in asked]
        elif connection.needs_rows or cursor is not None:
            found = await relations.page_rows(
                self.domain, declaration.foreign, connection.names, asked, declaration.order, size, cursor
            )
            pages.processors = found.processors
            cut(found.rows, asked, size, pages)
        made = await self.connection(connection, pages, declaration, Source.KEYED)
        by_key = dict(zip(asked, made, strict=True))
        return [by_key[key] for key in keys]

    async def texts(self, branch: Branch, keys: list[Any], size: int | None) -> dict[Any, Fragment]:
        """For each key the list that the database has written."""
        declaration, written = branch.declaration, branch.written
        assert written is not None
        found = await relations.list_texts(self.domain, declaration.foreign, written, keys, declaration.order, size)
        self.rows += len(found)
        return {key: Fragment(text) for key, text in found.items()}

    async def roots(self, branch: Branch, level: Level) -> Sequence[Any]:
        connection, declaration = _connection(branch), branch.declaration
        arguments = self.arguments(branch)
        if connection.needs_rows or arguments.get("after") is not None:
            found = await declaration.load(self.context, arguments, connection.names)
        else:
            found = declaration.empty(self.context, arguments)
        names = found.rows[0]._fields if found.rows else ()
        bounds, more = [(0, len(found.rows))], [found.has_next]
        pages = Pages(found.rows, names, bounds, more, found.has_previous, found.order, [found.count_key])
        return await self.connection(connection, pages, declaration, Source.PLAIN)

    async def look_up(self, branch: Branch, level: Level) -> Sequence[Any]:
        child = _child(branch)
        found = await branch.declaration.load(self.context, self.arguments(branch)["by"], child.names)
        return await self.selection(child, [found]) if found is not None else [None]

    async def root(self, branch: Branch, level: Level) -> Sequence[Any]:
        found = await branch.declaration.function(self.context, **self.arguments(branch))
        child = _child(branch)
        return await (self.lists(child, [found]) if branch.is_list else self.objects(child, [found]))

    async def batch(self, branch: Branch, level: Level) -> Sequence[Any]:
        keys = level.read(branch)
        asked = list(dict.fromkeys(keys))
        arguments = self.arguments(branch)
        if branch.asked is not None:
            arguments = {**arguments, "asked": branch.asked}
        found = await branch.declaration.batch(self.context, asked, arguments)
        if branch.child is None:
            values = found
        elif branch.is_list:
            values = await self.lists(branch.child, found)
        else:
            values = await self.objects(branch.child, found)
        by_key = dict(zip(asked, values, strict=True))
        return [by_key[key] for key in keys]

    async def attribute(self, branch: Branch, level: Level) -> Sequence[Any]:
        values = level.read(branch)
        child = _child(branch)
        return await self.lists(child, values) if branch.is_list else await self.objects(child, values)

    async def lists(self, child: Selection, values: Sequence[Any]) -> list[Any]:
        """Lists of objects, for lists of what they are made from."""
        objects = await self.selection(child, list(chain.from_iterable(each for each in values if each is not None)))
        bounds: list[tuple[int, int] | None] = []
        start = 0
        for each in values:
            bounds.append(None if each is None else (start, start := start + len(each)))
        return await self.cut(objects, bounds)

    async def cut(self, objects: Objects, bounds: Sequence[tuple[int, int] | None]) -> list[Any]:
        """The objects within each bounds; where they are many and will only be written, they are written now."""
        if not self.context.as_json or len(objects) <= turns.SLICE:
            return [None if each is None else objects[each[0] : each[1]] for each in bounds]
        made: list[Any] = []
        written = 0
        for each in bounds:
            if each is None:
                made.append(None)
                continue
            place = slice(*each)
            made.append(Fragment(orjson.dumps(objects[place])))
            objects[place] = [{}] * (each[1] - each[0])  # frees them now: all of them in the end would take too long
            if each[1] - written > turns.SLICE:
                written = each[1]
                await asyncio.sleep(0)
        await asyncio.sleep(0)
        return made

    async def objects(self, child: Selection, values: Sequence[Any]) -> list[Any]:
        """Objects or None, for what they are made from or None."""
        objects = iter(await self.selection(child, [each for each in values if each is not None]))
        return [None if each is None else next(objects) for each in values]

    async def connection(self, connection: Connection, pages: Pages, declaration: Any, source: Source) -> list[Any]:
        """The connections of pages, one for each."""
        if not connection.parts:
            return [{} for _ in pages.bounds]
        columns = [await self.part(part, pages, declaration, source) for part in connection.parts]
        keys = [part.key for part in connection.parts]
        return [dict(zip(keys, values, strict=True)) for values in zip(*columns, strict=True)]

    async def part(self, part: Part, pages: Pages, declaration: Any, source: Source) -> Sequence[Any]:
        """A key of each connection."""
        match part.name:
            case "nodes" if pages.texts is not None:
                return pages.texts
            case "nodes":
                objects = await self.selection(_child(part), pages.rows, pages.processors)
                return await self.cut(objects, pages.bounds)
            case "edges":
                return await self.cut(await self.edges(part, pages, source), pages.bounds)
            case "totalCount":
                if pages.totals is None:
                    pages.totals = await declaration.totals(self.context, pages.count_keys)
                return pages.totals
            case "pageInfo":
                return [page_info(part, pages, place, source) for place in range(len(pages.bounds))]
        return [part.type_name] * len(pages.bounds)

    async def edges(self, part: Part, pages: Pages, source: Source) -> Objects:
        """The edges of all pages, one after another."""
        if not part.parts:
            return [{} for _ in pages.rows]
        columns: list[Sequence[Any]] = []
        for each in part.parts:
            if each.name == "node":
                columns.append(await self.selection(_child(each), pages.rows, pages.processors))
            elif each.name == "cursor":
                columns.append([pages.cursor(place, source) for place in range(len(pages.rows))])
            else:
                columns.append([each.type_name] * len(pages.rows))
        keys = [each.key for each in part.parts]
        return [dict(zip(keys, values, strict=True)) for values in zip(*columns, strict=True)]


STEPS: dict[str, Callable[[Run, Branch, Level], Awaitable[Sequence[Any]]]] = {
    "one": Run.one,
    "first": Run.one,
    "many": Run.many,
    "through": Run.many,
    "page": Run.page,
    "roots": Run.roots,
    "look-up": Run.look_up,
    "root": Run.root,
    "batch": Run.batch,
    "attribute": Run.attribute,
}


def _child(branch: Branch | Part) -> Selection:
    assert branch.child is not None
    return branch.child


def _connection(branch: Branch) -> Connection:
    assert branch.connection is not None
    return branch.connection
