"""What the institution has: data sources, terms, roles of members (contracts/blackboard.md §4.8)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from app.rest.blackboard import filters
from app.rest.blackboard.asking import ADMINISTER, Asked
from app.rest.blackboard.endpoint import Operation, Plan, Spelled
from app.rest.blackboard.filters import Filter
from app.rest.blackboard.parameters import LISTED, ONE, described
from app.rest.blackboard.refusals import required
from app.rest.blackboard.spelling import Thing
from app.rest.blackboard.things import COURSE_ROLE, DATA_SOURCE, TERM

MOST = 100
OF_SOURCES = {"externalId": filters.contains("externalId")}
OF_TERMS = {
    **OF_SOURCES,
    "name": filters.contains("name"),
    "availability.available": filters.one_of("isAvailable", {"Yes": True, "No": False}),
}


def listing(known: Mapping[str, Filter], *, refers: bool) -> Plan:
    """What plans a collection with these filters; one of which records may be of a data source, if it `refers`."""

    async def plan(asked: Asked) -> Mapping[str, Any]:
        conditions = [*filters.where(dict(asked.query), known), *(await asked.conditions() if refers else ())]
        return {"where": {"and": conditions}, "first": asked.page.first}

    return plan


async def every(asked: Asked) -> Mapping[str, Any]:
    """All of them."""
    return {"first": asked.page.first}


def creating(thing: Thing, *needed: str) -> Plan:
    """What plans a new object; the keys `needed` are called alike in the input. Raises BadRequest."""

    async def plan(asked: Asked) -> Mapping[str, Any]:
        made = await asked.settle(thing.read(asked.sent))
        for name in needed:
            required(made, name)
        return {"input": made}

    return plan


def changing(thing: Thing, key: str, name: str) -> Plan:
    """What plans a change of the object of the path."""

    async def plan(asked: Asked) -> Mapping[str, Any]:
        return {"input": {**await asked.settle(thing.read(asked.sent)), name: str(asked.ids[key])}}

    return plan


def deleting(key: str, name: str) -> Plan:
    """What plans the end of the object of the path."""

    async def plan(asked: Asked) -> Mapping[str, Any]:
        return {"input": {name: str(asked.ids[key])}}

    return plan


def routes(
    path: str, slot: str, noun: str, thing: Thing, known: Mapping[str, Filter], *needed: str
) -> Iterator[Operation]:
    """The five operations on a collection of things."""
    one = f"{path}/{{{slot}}}"
    key, field = slot.removesuffix("Id"), f"{noun[0].lower()}{noun[1:]}"
    key = "".join("_" + each.lower() if each.isupper() else each for each in key) + "_id"
    collection = Spelled((f"{field}s", "nodes"), thing=thing, most=MOST)
    listed = listing(known, refers=thing is TERM)
    written = Spelled(("done", "made"), thing=thing)
    yield Operation("GET", path, f"{noun}s", collection, plan=listed, parameters=(*described(known), *LISTED))
    yield Operation(
        "POST",
        path,
        f"Create{noun}",
        written,
        needs=ADMINISTER,
        status=201,
        plan=creating(thing, *needed),
        parameters=ONE,
    )
    yield Operation("GET", one, noun, Spelled((field,), thing=thing), parameters=ONE)
    change = changing(thing, key, slot)
    yield Operation("PATCH", one, f"Update{noun}", written, needs=ADMINISTER, plan=change, parameters=ONE)
    end = deleting(key, slot)
    yield Operation("DELETE", one, f"Delete{noun}", needs=ADMINISTER, status=204, empty=204, plan=end)


ROUTES = [
    *routes("/v1/dataSources", "dataSourceId", "DataSource", DATA_SOURCE, OF_SOURCES, "externalId"),
    *routes("/v1/terms", "termId", "Term", TERM, OF_TERMS, "externalId", "name"),
    Operation(
        "GET",
        "/v1/courseRoles",
        "CourseRoles",
        Spelled(("enrollmentRoles", "nodes"), thing=COURSE_ROLE, most=MOST),
        plan=every,
        parameters=LISTED,
    ),
]
