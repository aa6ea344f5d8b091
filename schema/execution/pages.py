"""Pages of connections: rows of many parents divided into pages, cursors, page infos."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from orjson import Fragment

from app.db.compiled import Processors
from app.db.paging import encode_cursor
from schema.execution.plan import Part, Source


@dataclass(slots=True)
class Pages:
    """Pages of many parents: their rows one after another, and where each page stands in them."""

    rows: Sequence[Any]
    names: Sequence[str]
    bounds: list[tuple[int, int]]
    has_next: list[bool]
    has_previous: bool
    order: tuple[str, ...]
    count_keys: Sequence[Any]
    processors: Processors = ()
    texts: list[Fragment] | None = None
    """The pages' nodes, where the database has written them."""
    totals: Sequence[int] | None = None
    """The totals, once they were asked for."""

    def cursor(self, place: int, source: Source) -> str:
        """The cursor of the row at a place."""
        shift = source is Source.KEYED
        places = [self.names.index(name) + shift for name in self.order]
        return encode_cursor([_value(self.rows[place], each, self.processors) for each in places])


def _value(row: Any, place: int, processors: Processors) -> Any:
    """The Python value of a column of a row."""
    process = processors[place] if processors else None
    return row[place] if process is None else process(row[place])


def cut(found: Sequence[Any], asked: list[Any], size: int, pages: Pages) -> None:
    """Divide rows, sorted by their parent's key, into pages of at most `size`; one row more says that more follow."""
    places = {key: place for place, key in enumerate(asked)}
    start, whole = 0, True
    while start < len(found):
        stop = _end(found, start, size)
        place = places[found[start][0]]
        pages.has_next[place] = stop - start > size
        pages.bounds[place] = (start, min(stop, start + size))
        whole = whole and not pages.has_next[place]
        start = stop
    pages.rows = found if whole else _kept(found, pages)


def _end(found: Sequence[Any], start: int, size: int) -> int:
    """Where the rows of the parent that begins at `start` end: at most `size` + 1 of them, found by bisection."""
    key = found[start][0]
    low, high = start + 1, min(start + size + 1, len(found))
    while low < high:
        middle = (low + high) // 2
        if found[middle][0] == key:
            low = middle + 1
        else:
            high = middle
    return low


def _kept(found: Sequence[Any], pages: Pages) -> list[Any]:
    """The rows within the pages' bounds, which are moved to where these rows then are."""
    kept: list[Any] = []
    for place, (start, stop) in enumerate(pages.bounds):
        pages.bounds[place] = (len(kept), len(kept) + stop - start)
        kept += found[start:stop]
    return kept


def page_info(part: Part, pages: Pages, place: int, source: Source) -> dict[str, Any]:
    """The page info of one of the pages."""
    start, stop = pages.bounds[place]
    made: dict[str, Any] = {}
    for each in part.parts:
        match each.name:
            case "hasNextPage":
                made[each.key] = pages.has_next[place]
            case "hasPreviousPage":
                made[each.key] = pages.has_previous
            case "startCursor" | "endCursor" if start == stop:
                made[each.key] = None
            case "startCursor":
                made[each.key] = pages.cursor(start, source)
            case "endCursor":
                made[each.key] = pages.cursor(stop - 1, source)
            case _:
                made[each.key] = each.type_name
    return made
