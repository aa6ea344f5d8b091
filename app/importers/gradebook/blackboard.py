"""Blackboard's grade centre: columns such as `Quiz [Total Pts: 100 Score] |1752`; downloads are UTF-16 between tabs.

Uploads are UTF-8, between tabs or commas. The plain form of exports is this one, in UTF-8 and between commas.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from app.domain.cells import guarded, unguarded
from app.importers.gradebook.sheet import (
    NAME,
    POINTS,
    Column,
    Row,
    Sheet,
    email,
    header,
    points,
    text,
    written,
)
from app.importers.tables import Table

LAST, FIRST, USERNAME, STUDENT_ID, EMAIL = "Last Name", "First Name", "Username", "Student ID", "Email"
ACCESS, AVAILABILITY = "Last Access", "Availability"
PEOPLE = (LAST, FIRST, USERNAME, STUDENT_ID, ACCESS, AVAILABILITY)
KNOWN = {name.lower() for name in (*PEOPLE, EMAIL, "Child Course ID")}
HEADING = re.compile(r"(.+) \[Total Pts: (up to )?([0-9.,]+)( [^\]|]*)?\](?: *\|([^|\s]+))?", re.DOTALL)
TOTALS = ("total", "weighted total", "running total")
UUID = re.compile("[0-9a-f]{32}")
PERCENTAGE = "percentage"


def is_blackboard(headings: Sequence[str]) -> bool:
    """Whether a first row is this form's."""
    return USERNAME in headings or any(HEADING.fullmatch(heading) for heading in headings)


def read_blackboard(table: Table) -> Sheet:
    """Read a file in Blackboard's form, or in our plain one. Raises ImportFailure."""
    places = header(table)
    if USERNAME.lower() not in places and STUDENT_ID.lower() not in places:
        table.fail(0, f"has neither a column {USERNAME!r} nor {STUDENT_ID!r}")
    columns, skipped = [], 0
    for place, cell in enumerate(table.rows[0]):
        heading = unguarded(cell.strip())
        if not heading or heading.lower() in KNOWN:
            continue
        if is_grade(heading):
            columns.append(_column(table, place, heading))
        else:
            skipped += 1
    rows = [_row(table, index, places, columns) for index in table.filled(1) if any(table.rows[index])]
    notes = [f"totals, not taken: {skipped:,}"] if skipped else []
    untaken = [name for name in (ACCESS, AVAILABILITY) if name.lower() in places]
    notes += [f"columns, not taken: {', '.join(untaken)}"] if untaken else []
    return Sheet(table, columns, rows, notes)


def is_grade(heading: str) -> bool:
    """Whether a header is a column's with grades, and no total's: those are known by a uuid, where we wrote them."""
    found = HEADING.fullmatch(heading)
    if found is None:
        return heading.lower() not in KNOWN
    title, is_total, *_, key = found.groups()
    return is_total is None and (title.lower() not in TOTALS or bool(UUID.fullmatch(key or "")))


def column_of(place: int, heading: str) -> Column:
    """A column from its header. Raises ValueError."""
    found = HEADING.fullmatch(heading)
    if found is None:
        title, _, key = heading.rpartition("|") if "|" in heading[1:] else (heading, "", None)
        return Column(place, heading, title.rstrip(), key or None, None)
    title, _, maximum, kind, key = found.groups()
    if (kind or "").strip().lower() == PERCENTAGE:
        raise ValueError("holds percentages, not points")
    return Column(place, heading, title, key, POINTS(maximum.replace(",", "")))


def _column(table: Table, place: int, heading: str) -> Column:
    try:
        column = column_of(place, heading)
    except ValueError as error:
        table.fail(0, f"the column {heading[:80]!r}: {error}")
    if len(column.title) > NAME or len(column.key or "") > NAME:
        table.fail(0, f"the column {heading[:40]!r} has more than {NAME} characters")
    return column


def _row(table: Table, index: int, places: dict[str, int], columns: list[Column]) -> Row:
    username = text(table, index, places.get(USERNAME.lower()), 150)
    student_id = text(table, index, places.get(STUDENT_ID.lower()), NAME)
    given_name = text(table, index, places.get(FIRST.lower()), 150)
    family_name = text(table, index, places.get(LAST.lower()), 150)
    return Row(
        index,
        [each for each in (student_id, username) if each],
        email(table, index, places.get(EMAIL.lower())),
        given_name,
        family_name,
        " ".join(filter(None, (given_name, family_name)))[:NAME] or None,
        username or student_id,
        student_id,
        points=points(table, index, columns),
    )


def heading_of(title: str, key: str | None, max_points: float) -> str:
    """A column's header."""
    maximum = written(max_points).removesuffix(".00")
    return f"{title} [Total Pts: {maximum} Score]" + (f" |{key}" if key else "")


def blackboard_table(headings: Sequence[str], people: Sequence[tuple[Row, Sequence[str]]]) -> list[list[str]]:
    """The rows of a file of Blackboard's: of people with their cells."""
    rows = [[*PEOPLE, *map(guarded, headings)]]
    for person, cells in people:
        own = (*_names(person), person.username or "", person.uin or "", "", "Yes")
        rows.append([*map(guarded, own), *cells])
    return rows


def plain_table(headings: Sequence[str], people: Sequence[tuple[Row, Sequence[str]]]) -> list[list[str]]:
    """The rows of a plain file: of people with their cells."""
    rows = [[LAST, FIRST, USERNAME, STUDENT_ID, EMAIL, *map(guarded, headings)]]
    for person, cells in people:
        own = (*_names(person), person.username or "", person.uin or "", person.email or "")
        rows.append([*map(guarded, own), *cells])
    return rows


def _names(person: Row) -> tuple[str, str]:
    """The family and the given name; the whole name stands for the first where the parts are not known."""
    if person.given_name or person.family_name:
        return person.family_name or "", person.given_name or ""
    return person.name or "", ""
