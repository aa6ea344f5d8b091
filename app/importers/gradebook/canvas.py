"""Canvas' gradebook: commas, a row `Points Possible`, columns such as `Midterm 01 (157892)`, totals that are not taken.

The form: https://community.canvaslms.com/docs/DOC-12801, and files that the product wrote.
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

STUDENT, ID, SIS_ID, LOGIN, SECTION = "Student", "ID", "SIS User ID", "SIS Login ID", "Section"
PEOPLE = (STUDENT, ID, SIS_ID, LOGIN, SECTION)
KNOWN = {name.lower() for name in (*PEOPLE, "Root Account", "Integration ID", "Notes")}
POSSIBLE, READ_ONLY, TEST_STUDENT = "Points Possible", "(read only)", "Student, Test"
POSTING = re.compile(r"(manual|automatic) posting.*", re.IGNORECASE)
KEYED = re.compile(r"(.+) \((\d+|[0-9a-f]{32})\)", re.DOTALL | re.ASCII)
TOTAL = re.compile(r"(.+ )?(Unposted )?(Current|Final|Override) (Points|Score|Grade)")


def is_canvas(headings: Sequence[str]) -> bool:
    """Whether a first row is this form's."""
    return STUDENT in headings and ID in headings and (SIS_ID in headings or LOGIN in headings)


def read_canvas(table: Table) -> Sheet:
    """Read a file in Canvas' form. Raises ImportFailure."""
    places = header(table)
    student = places.get(STUDENT.lower())
    if student is None:
        table.fail(0, f"has no column {STUDENT!r}")
    first = 1
    while first < len(table.rows) and _is_posting(table.rows[first]):
        first += 1
    has_maxima = first < len(table.rows) and table.rows[first] and table.rows[first][student].strip() == POSSIBLE
    maxima = first if has_maxima else None
    columns, skipped = _columns(table, maxima)
    rows, tests = [], 0
    for index in table.filled(first + 1 if has_maxima else first):
        if not any(cell.strip() for cell in table.rows[index]):
            continue
        if table.rows[index][student].strip() == TEST_STUDENT:
            tests += 1
            continue
        rows.append(_row(table, index, places, columns))
    notes = [f"columns that are only read in Canvas, not taken: {skipped:,}"] if skipped else []
    notes += [f"rows of Canvas' test student, not taken: {tests:,}"] if tests else []
    notes += ["sections, not taken"] if SECTION.lower() in places else []
    return Sheet(table, columns, rows, notes, counts_again=True)


def _is_posting(cells: Sequence[str]) -> bool:
    told = [cell.strip() for cell in cells if cell.strip()]
    return not told or all(POSTING.fullmatch(cell) for cell in told)


def _columns(table: Table, maxima: int | None) -> tuple[list[Column], int]:
    """The columns of assignments, and how many others there are."""
    columns, skipped = [], 0
    for place, cell in enumerate(table.rows[0]):
        heading = unguarded(cell.strip())
        if not heading or heading.lower() in KNOWN:
            continue
        possible = "" if maxima is None else table.rows[maxima][place].strip()
        if possible == READ_ONLY or (not possible and TOTAL.fullmatch(heading)):
            skipped += 1
            continue
        limit = table.parsed(maxima, repr(heading), place, POINTS) if maxima is not None and possible else None
        column = column_of(place, heading, limit)
        if len(column.title) > NAME:
            table.fail(0, f"the column {heading[:40]!r} has more than {NAME} characters")
        columns.append(column)
    return columns, skipped


def _row(table: Table, index: int, places: dict[str, int], columns: list[Column]) -> Row:
    sis_id = text(table, index, places.get(SIS_ID.lower()), NAME)
    login = text(table, index, places.get(LOGIN.lower()), 150)
    family_name, comma, given_name = (text(table, index, places[STUDENT.lower()], 2 * NAME) or "").partition(", ")
    own = text(table, index, places.get(ID.lower()), 64)
    return Row(
        index,
        [each for each in (sis_id, login) if each],
        email(table, index, places.get(LOGIN.lower())),
        given_name[:150] or None,
        family_name[:150] if comma else None,
        (f"{given_name} {family_name}" if comma else family_name)[:NAME] or None,
        login or sis_id or own,
        sis_id,
        own,
        points(table, index, columns),
    )


def is_grade(heading: str) -> bool:
    """Whether a header can be a column's with grades."""
    return heading.lower() not in KNOWN and not TOTAL.fullmatch(heading)


def column_of(place: int, heading: str, max_points: float | None = None) -> Column:
    """A column from its header."""
    keyed = KEYED.fullmatch(heading)
    title, key = keyed.groups() if keyed else (heading, None)
    return Column(place, heading, title, key, max_points)


def heading_of(title: str, key: str | None, max_points: float) -> str:
    """A column's header, which does not tell the maximum."""
    return f"{title} ({key})" if key else title


def canvas_table(
    headings: Sequence[str], maxima: Sequence[float], people: Sequence[tuple[Row, Sequence[str]]]
) -> list[list[str]]:
    """The rows of a file: of people with their cells."""
    rows = [
        [*PEOPLE, *map(guarded, headings)],
        [f"    {POSSIBLE}", *[""] * (len(PEOPLE) - 1), *map(written, maxima)],
    ]
    for person, cells in people:
        own = (_listed(person), person.weak_id or "", person.uin or "", person.username or "", "")
        rows.append([*map(guarded, own), *cells])
    return rows


def _listed(person: Row) -> str:
    if person.family_name and person.given_name:
        return f"{person.family_name}, {person.given_name}"
    return person.name or person.family_name or person.username or ""
