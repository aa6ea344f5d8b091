"""The envelopes of pages: by number, flat or in `pagination`, and by cursor (contracts/edx-core.md §0.7)."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from app.rest.binding import INT32
from app.rest.openedx.asking import Asked
from app.rest.openedx.kinds import WHOLE
from app.rest.openedx.refusals import NOT_FOUND, Refused
from app.rest.route import Body, Call, Row, Schema, closed, nullable

URL = nullable({"type": "string"})
BAD_PAGE, BAD_CURSOR = "Invalid page.", "Invalid cursor"


def size_of(asked: Asked, size: int, most: int) -> int:
    """How many a page has: what is asked for up to the most, the usual number for junk."""
    text = asked.given("page_size") or ""
    number = int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0
    return min(number, most) if number > 0 else size


@dataclass(frozen=True, slots=True)
class Paged(Body):
    """Pages by number of a list, or of a connection that selects `totalCount` and `nodes`, and takes `$first`.

    `size` is the usual one, `most` the largest. `is_namespaced` puts all but the results into `pagination`. `more`
    gives further keys of the envelope, of which `told` are the schemas.
    """

    size: int = 10
    most: int = 100
    is_namespaced: bool = False
    more: Callable[[Row, Call], Row] | None = None
    told: Mapping[str, Schema] = field(default_factory=dict)

    @property
    def may_miss(self) -> bool:
        return True

    def variables(self, asked: Asked) -> Row:
        """How many to read: up to the end of the page, all for the last."""
        if asked.given("page") == "last":
            return {"first": INT32 - 2}
        return {"first": min(self._number(asked, 1) * size_of(asked, self.size, self.most), INT32 - 2)}

    def __call__(self, data: Row, call: Call) -> Any:
        asked: Asked = data["asked"]
        value: Any = data
        for step in self.path:
            value = value[step] if isinstance(step, str) or step < len(value) else None
            if value is None:
                raise Refused(404, NOT_FOUND)
        rows: Sequence[Any] = value if isinstance(value, list) else value["nodes"]
        count = len(rows) if isinstance(value, list) else value["totalCount"]
        size = size_of(asked, self.size, self.most)
        pages = max(1, -(-count // size))
        number = self._number(asked, pages)
        if number > pages:
            raise Refused(404, BAD_PAGE)
        shown = [self._spell(row, call) for row in rows[(number - 1) * size : number * size]]
        links = {
            "next": asked.at(page=str(number + 1)) if number < pages else None,
            "previous": asked.at(page=str(number - 1) if number > 2 else None) if number > 1 else None,
            "count": count,
            "num_pages": pages,
        }
        more = self.more(data, call) if self.more is not None else {}
        if self.is_namespaced:
            return {"results": shown, "pagination": links, **more}
        return {**links, "current_page": number, "start": (number - 1) * size, "results": shown, **more}

    def schema(self, derived: Schema) -> Schema:
        items = self._respell(_items(derived, self.path))
        links = {"next": URL, "previous": URL, "count": WHOLE, "num_pages": WHOLE}
        results = {"type": "array", "items": items}
        if self.is_namespaced:
            return closed({"results": results, "pagination": closed(links), **self.told})
        return closed({**links, "current_page": WHOLE, "start": WHOLE, "results": results, **self.told})

    def _number(self, asked: Asked, pages: int) -> int:
        text = asked.given("page")
        if text is None:
            return 1
        if text == "last":
            return pages
        if not (text.isascii() and text.isdecimal() and len(text) < 10 and int(text)):
            raise Refused(404, BAD_PAGE)
        return int(text)


@dataclass(frozen=True, slots=True)
class Cursored(Body):
    """Pages by cursor of a connection that selects `pageInfo { hasNextPage endCursor }` and `nodes`, and takes
    `$first` and `$after`.

    `more` gives further keys of the envelope, of which `told` are the schemas.
    """

    size: int = 50
    most: int = INT32 - 2
    more: Callable[[Row, Call], Row] | None = None
    told: Mapping[str, Schema] = field(default_factory=dict)

    @property
    def may_miss(self) -> bool:
        return True

    def variables(self, asked: Asked) -> Row:
        """How many to read after which one. Raises Refused for a cursor that is none of ours."""
        passed = _passed(asked)
        return {"first": size_of(asked, self.size, self.most), "after": passed[-1] if passed else None}

    def __call__(self, data: Row, call: Call) -> Any:
        asked: Asked = data["asked"]
        value: Any = data
        for step in self.path:
            value = value[step]
        passed, info = _passed(asked), value["pageInfo"]
        made = {
            "next": asked.at(cursor=_cursor([*passed, info["endCursor"]])) if info["hasNextPage"] else None,
            "previous": asked.at(cursor=_cursor(passed[:-1]) if passed[:-1] else None) if passed else None,
            "results": [self._spell(row, call) for row in value["nodes"]],
        }
        return {**made, **(self.more(data, call) if self.more is not None else {})}

    def schema(self, derived: Schema) -> Schema:
        items = super(Cursored, self)._respell(_items(derived, self.path))
        return closed({"next": URL, "previous": URL, "results": {"type": "array", "items": items}, **self.told})


def _items(derived: Schema, path: Sequence[str | int]) -> Schema:
    for step in path:
        derived = derived["properties"][step] if isinstance(step, str) else derived["items"]
    nodes = derived["properties"]["nodes"] if "properties" in derived else derived
    items: Schema = nodes["items"]
    return items


def _cursor(passed: Sequence[str]) -> str:
    """Which cursors of the graph the pages before ended at."""
    return base64.urlsafe_b64encode(orjson.dumps(list(passed))).decode()


def _passed(asked: Asked) -> list[str]:
    text = asked.given("cursor")
    if not text:
        return []
    try:
        passed = orjson.loads(base64.urlsafe_b64decode(text.encode()))
    except (binascii.Error, ValueError):
        raise Refused(404, BAD_CURSOR) from None
    if not (isinstance(passed, list) and all(isinstance(each, str) for each in passed)):
        raise Refused(404, BAD_CURSOR)
    return passed
