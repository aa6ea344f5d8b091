"""Pages by number of rows that are told by a function."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from app.rest.openedx.asking import Asked
from app.rest.openedx.paging import Paged
from app.rest.route import Call, Row, Schema, Spelling


@dataclass(frozen=True, slots=True)
class Listed(Paged):
    """Pages whose rows `tell` says in the API's words, for the request; `item` is the schema of one."""

    tell: Callable[[Row, Asked], Any] = lambda row, asked: row
    item: Schema = field(default_factory=dict)

    def __call__(self, data: Row, call: Call) -> Any:
        asked: Asked = data["asked"]
        spelling = Spelling(lambda row, call: self.tell(row, asked), {})
        return Paged.__call__(replace(self, spelling=spelling), data, call)

    def _respell(self, derived: Schema) -> Schema:
        return self.item
