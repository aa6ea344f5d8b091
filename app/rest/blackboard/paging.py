"""Pages by offset: `{"results": […], "paging": {"nextPage": …}}` (contract, §1.4)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from app.errors import BadRequest
from app.rest.binding import INT32

WHOLE = re.compile(r"[+]?[0-9]+", re.ASCII)


@dataclass(frozen=True, slots=True)
class Page:
    """Which rows are asked for."""

    offset: int
    limit: int

    @property
    def first(self) -> int:
        """How many rows to read: one more than are shown tells whether there is another page."""
        return min(self.offset + self.limit + 1, INT32 - 2)

    def shown(self, rows: Sequence[Any]) -> Sequence[Any]:
        """The page of these rows, which begin with the first of all."""
        return rows[self.offset : self.offset + self.limit]

    def next(self, count: int, path: str, query: Sequence[tuple[str, str]]) -> dict[str, Any]:
        """The key `paging` where more than the page is among so many rows. `offset` is the last parameter."""
        end = self.offset + self.limit
        if count <= end:
            return {}
        kept = [(name, value) for name, value in query if name != "offset"]
        return {"paging": {"nextPage": f"{path}?{urlencode([*kept, ('offset', str(end))])}"}}


def parse(query: Sequence[tuple[str, str]], most: int) -> Page:
    """The page that a query asks for, of `most` rows where it does not say. Raises BadRequest."""
    given = dict(query)
    limit = _whole(given.get("limit"), "limit", most)
    if limit > most:
        raise BadRequest(f"Paging limit cannot exceed {most}.")
    if limit < 1:
        raise BadRequest("Paging limit must be at least 1.")
    return Page(_whole(given.get("offset"), "offset", 0), limit)


def _whole(text: str | None, name: str, default: int) -> int:
    if text is None or not text.strip():
        return default
    digits = text.strip()
    if not WHOLE.fullmatch(digits):
        raise BadRequest(f"{name} must be a whole number.")
    return int(digits) if len(digits) < 19 else INT32
