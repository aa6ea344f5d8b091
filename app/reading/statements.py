"""Statements of the reading layer, each compiled once for a database and a kind of reader."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from typing import Any

from sqlalchemy import Integer

from app.context import Context
from app.db.compiled import Raw, Read, compile_read, given
from app.db.types import Instant
from app.policy import Viewing
from app.principal import Principal

KEPT = 2_000
MOST_PARAMETERS = 200
"""Statements of more are not kept: they are large, and seldom asked twice."""

ANYBODY: Any = given("viewer_id", Integer())
NOW: Any = given("moment", Instant())
PLACE: Any = given("learns_in", Integer())
GROUP: Any = given("learns_with", Integer())
VIEWINGS = {
    "administrator": Viewing(Principal(None, is_admin=True), NOW),
    "user": Viewing(Principal(ANYBODY), NOW),
    "nobody": Viewing(Principal.anonymous, NOW),
    "learner": Viewing(Principal(ANYBODY, learns_in=PLACE, learns_with=GROUP), NOW),
}
"""A viewing for each kind of reader, with parameters where a request has values: predicates are the same for all."""

_reads: OrderedDict[tuple[Hashable, ...], Read] = OrderedDict()


def reader(ctx: Context) -> str:
    """The kind of reader that asks."""
    if ctx.principal.is_admin:
        return "administrator"
    if ctx.principal.user_id is None:
        return "nobody"
    return "user" if ctx.principal.learns_in is None else "learner"


def prepared(ctx: Context, name: tuple[Hashable, ...], build: Callable[[Viewing], Any]) -> Read:
    """The statement known by `name`, which `build` makes when it is not kept: the last that ran are."""
    kind = reader(ctx)
    full = (ctx.db.dialect, kind, *name)
    read = _reads.get(full)
    if read is not None:
        _reads.move_to_end(full)
        return read
    read = compile_read(build(VIEWINGS[kind]), ctx.db.sqlalchemy_dialect)
    if len(read.parameters) <= MOST_PARAMETERS:
        _reads[full] = read
        if len(_reads) > KEPT:
            _reads.popitem(last=False)
    return read


def _given(ctx: Context, values: dict[str, Any]) -> dict[str, Any]:
    who = ctx.principal
    learning = {"learns_in": who.learns_in, "learns_with": who.learns_with}
    return {"viewer_id": who.user_id, "moment": ctx.now, **learning, **values}


async def fetch(
    ctx: Context, name: tuple[Hashable, ...], build: Callable[[Viewing], Any], /, **values: Any
) -> Sequence[Any]:
    """The rows of the statement known by `name`, as tuples of Python values."""
    return await ctx.db.read(prepared(ctx, name, build), _given(ctx, values))


async def fetch_raw(ctx: Context, name: tuple[Hashable, ...], build: Callable[[Viewing], Any], /, **values: Any) -> Raw:
    """The rows of the statement known by `name`, as the driver gives them."""
    read = prepared(ctx, name, build)
    return Raw(await ctx.db.read_raw(read, _given(ctx, values)), read.processors, read.convert)
