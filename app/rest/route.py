"""A REST operation as data: where it is, which document answers it, how the document's data becomes the body."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from starlette.requests import Request

from app.context import Context
from app.errors import NotFound
from app.settings import Settings

OPTIONAL = re.compile(r"\[(.+)\]")
Row = dict[str, Any]
Schema = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Call:
    """One request to a route: the values of its variables, the moment, the settings."""

    variables: Mapping[str, Any]
    now: datetime
    settings: Settings


@dataclass(frozen=True, slots=True)
class Spelling:
    """A function that rewrites one object of a body, and what that does to the object's JSON schema.

    `changes` has a schema for each key that is set and None for each that is taken away.
    """

    rewrite: Callable[[Row, Call], Row]
    changes: Mapping[str, Schema | None]

    def schema(self, derived: Schema) -> Schema:
        """The schema of a rewritten object; where a change does not describe its key the derived description stays."""
        properties: Schema = dict(derived["properties"])
        for name, change in self.changes.items():
            before = properties.pop(name, {})
            if change is not None:
                known = {"description": before["description"]} if "description" in before else {}
                properties[name] = known | change
        return closed(properties)


def spells(**changes: Schema | None) -> Callable[[Callable[[Row, Call], Row]], Spelling]:
    """Make a Spelling of a function: `@spells(role={"enum": ["Staff", "Student"]}, kind=None)`."""
    return lambda rewrite: Spelling(rewrite, changes)


@dataclass(frozen=True, slots=True)
class Body:
    """What of a document's data is the body, and what schema it has. See `at`; systems may derive classes of it.

    One that `may_be_file` may be a Download instead (app/transfer/download.py).
    """

    path: tuple[str | int, ...] = ()
    spelling: Spelling | None = None
    keep: Callable[[Row, Call], bool] | None = None
    order: Callable[[Row], Any] | None = None
    one: bool = False
    may_be_file: bool = False

    @property
    def may_miss(self) -> bool:
        """Whether there may be nothing to answer with: NotFound."""
        return self.one or any(isinstance(step, int) for step in self.path)

    def __call__(self, data: Row, call: Call) -> Any:
        """The body."""
        value: Any = data
        for step in self.path:
            value = value[step] if isinstance(step, str) or step < len(value) else None
            if value is None:
                raise NotFound(f"nothing at {step}")
        if not isinstance(value, list):
            return self._spell(value, call)
        rows = [self._spell(row, call) for row in value if self.keep is None or self.keep(row, call)]
        if self.order is not None:
            rows.sort(key=self.order)
        if self.one and not rows:
            raise NotFound("none is left")
        return rows[0] if self.one else rows

    def schema(self, derived: Schema) -> Schema:
        """The body's JSON schema, from the one derived from the document."""
        for step in self.path:
            derived = derived["properties"][step] if isinstance(step, str) else derived["items"]
        derived = required(derived)
        if derived["type"] != "array":
            return self._respell(derived)
        items = self._respell(derived["items"])
        return items if self.one else {**derived, "items": items}

    def _spell(self, row: Any, call: Call) -> Any:
        return row if self.spelling is None else self.spelling.rewrite(row, call)

    def _respell(self, derived: Schema) -> Schema:
        return derived if self.spelling is None else self.spelling.schema(derived)


def at(
    *path: str | int,
    spelling: Spelling | None = None,
    keep: Callable[[Row, Call], bool] | None = None,
    order: Callable[[Row], Any] | None = None,
    one: bool = False,
) -> Body:
    """The value at a path of the data; NotFound when it, or something on the way, is null or beyond a list's end.

    `spelling` rewrites the object, or each object of the list. Of a list only what `keep` says is left, in the `order`
    of that key; with `one` the first of it is the body, NotFound when there is none.
    """
    return Body(path, spelling, keep, order, one)


def by(*names: str) -> Callable[[Row], Any]:
    """The key of an order by these values of a row, null last."""
    return lambda row: [(row[name] is None, row[name]) for name in names]


def closed(properties: Mapping[str, Schema]) -> Schema:
    """The schema of an object with exactly these keys."""
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(properties),
        "additionalProperties": False,
    }


def nullable(schema: Schema) -> Schema:
    """The schema that takes null, too."""
    if "type" not in schema or "null" in schema["type"]:
        return schema
    made = {**schema, "type": [schema["type"], "null"]}
    return {**made, "enum": [*schema["enum"], None]} if "enum" in schema else made


def required(schema: Schema) -> Schema:
    """The schema that takes no null."""
    if not isinstance(schema.get("type"), list):
        return schema
    made = {**schema, "type": schema["type"][0]}
    return {**made, "enum": schema["enum"][:-1]} if "enum" in schema else made


@dataclass(frozen=True, slots=True)
class Route:
    """An operation of a REST system.

    `path` is relative to the system's prefix; `{name}` fills the document's variable of that name; what stands in
    brackets may be left out. `operation` names
    the GraphQL operation in the family's `.graphql` file. `needs` is a permission that the dialect checks on the data.
    `empty` is the status of an answer without a body: the same as `status` where there never is one.
    `parameters` are of the request beside the path's and the document's, as OpenAPI describes them; `sent` is the JSON
    schema of a body that is needed, `form` has those of the parts of a multipart form.
    `answer` is the escape hatch: a function that answers by itself, inside the same Context, and `reason` says why.
    """

    method: str
    path: str
    operation: str
    body: Body = Body()
    needs: str | None = None
    status: int = 200
    empty: int | None = None
    parameters: Sequence[Schema] = ()
    sent: Schema | None = None
    form: Mapping[str, Schema] = field(default_factory=dict)
    answer: Callable[[Request, Context], Any] | None = None
    reason: str | None = None

    @property
    def paths(self) -> list[str]:
        """The path without and with what may be left out; whether a slash may is for the dialect to say."""
        without, whole = OPTIONAL.sub("", self.path), OPTIONAL.sub(r"\1", self.path)
        return [without] if whole.removesuffix("/") == without else [without, whole]
