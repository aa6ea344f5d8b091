"""Parameters of queries as OpenAPI describes them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from app.rest.blackboard.filters import Filter
from app.rest.route import Schema

INTEGER, TEXT = "integer", "string"


def parameter(name: str, description: str, kind: str = TEXT) -> Schema:
    """One that may be given."""
    return {"name": name, "in": "query", "required": False, "schema": {"type": kind}, "description": description}


def described(filters: Mapping[str, Filter]) -> Iterable[Schema]:
    """Those of a collection's filters."""
    for name, each in filters.items():
        yield parameter(name, f"Only with such a value of `{name}`.")
        if each.compared:
            yield parameter(name + "Compare", "`greaterOrEqual`, or `lessThan`.")


FIELDS = parameter("fields", "The keys that are wanted, by commas; dots lead into objects.")
ONE = (FIELDS,)
LISTED = (FIELDS, parameter("offset", "Rows to skip.", INTEGER), parameter("limit", "Rows a page.", INTEGER))
SORT = parameter("sort", "Keys to order by, by commas; `(desc)` after one that falls.")
EXPAND = parameter("expand", "What to put into each object.")
