"""A gradebook's file in our words, whatever its form: columns, and a row for each learner."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from app.domain.cells import unguarded
from app.importers.columns import decimal
from app.importers.tables import EMAIL, Table

LIMIT = 10**9
POINTS = decimal(-LIMIT, LIMIT)
EXEMPT = "EX"
COURSE_GRADE = "Course grade"
NAME = 255


@dataclass(frozen=True, slots=True)
class Column:
    """A column with grades: `heading` is all of its header, `title` without the `key` that it ends with."""

    place: int
    heading: str
    title: str
    key: str | None
    max_points: float | None

    @property
    def told(self) -> str:
        """How messages call it."""
        return repr(self.heading)


@dataclass(slots=True)
class Row:
    """A learner's row. `ids` are the names by which the person may be known, `weak_id` one of another system.

    `points` are by the column's place, None for exempt; `result` is a course grade.
    """

    index: int
    ids: list[str]
    email: str | None = None
    given_name: str | None = None
    family_name: str | None = None
    name: str | None = None
    username: str | None = None
    uin: str | None = None
    weak_id: str | None = None
    points: dict[int, float | None] = field(default_factory=dict)
    result: str | None = None

    @property
    def told(self) -> str:
        """How messages call it: its place in the file and who it is about."""
        who = self.name or " ".join(filter(None, (self.given_name, self.family_name)))
        known = ", ".join(dict.fromkeys(filter(None, (*self.ids, self.weak_id, self.email))))
        return f"row {self.index + 1} {who} ({known})".replace("  ", " ")


@dataclass(slots=True)
class Sheet:
    """A file, read. `counts_again` is whether a number takes an exemption back; `notes` say what was not taken."""

    table: Table
    columns: list[Column]
    rows: list[Row]
    notes: list[str] = field(default_factory=list)
    counts_again: bool = False


def written(points: float | None) -> str:
    """Points as files have them: two decimals, or as many as they need; nothing for None."""
    if points is None:
        return ""
    short = f"{points:.2f}"
    return short if float(short) == points else format(Decimal(repr(points)), "f")


def text(table: Table, index: int, place: int | None, limit: int) -> str | None:
    """A cell's text, None when it is empty or when there is no such column."""
    if place is None:
        return None
    found = table.text(index, repr(table.rows[0][place]), place, limit)
    return None if found is None else unguarded(found)


def email(table: Table, index: int, place: int | None) -> str | None:
    """A cell with an e-mail address, None when it has none."""
    found = text(table, index, place, NAME)
    return found if found is not None and EMAIL.fullmatch(found) else None


def points(table: Table, index: int, columns: list[Column]) -> dict[int, float | None]:
    """The points of a row by the column's place; empty cells are left out."""
    found: dict[int, float | None] = {}
    for column in columns:
        cell = table.rows[index][column.place].strip()
        if cell:
            found[column.place] = table.parsed(index, column.told, column.place, _points)
    return found


def _points(cell: str) -> float | None:
    return None if cell.upper() == EXEMPT else POINTS(cell)


def header(table: Table) -> dict[str, int]:
    """The place of each header in small letters. Raises ImportFailure for a header that is there twice."""
    places: dict[str, int] = {}
    for place, heading in enumerate(table.rows[0]):
        name = heading.strip().lower()
        if name and places.setdefault(name, place) != place and heading.strip() in table.rows[0][:place]:
            table.fail(0, f"has the column {heading.strip()!r} twice")
    return places
