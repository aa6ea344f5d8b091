"""Gradescope's export: four columns for each assignment, and the registrar's list of final grades."""

from __future__ import annotations

from collections.abc import Sequence

from app.domain.cells import unguarded
from app.importers.gradebook.sheet import NAME, POINTS, Column, Row, Sheet, email, header, points, text
from app.importers.tables import Table

FIRST, LAST, WHOLE, SID, EMAIL = "first name", "last name", "name", "sid", "email"
MAXIMUM, TIME, LATENESS = " - Max Points", " - Submission Time", " - Lateness (H:M:S)"


def is_gradescope(headings: Sequence[str]) -> bool:
    """Whether a first row is this form's."""
    return "SID" in headings and any(heading.endswith(MAXIMUM) for heading in headings)


def read_gradescope(table: Table) -> Sheet:
    """Read an export of Gradescope. Raises ImportFailure."""
    places = header(table)
    if SID not in places and EMAIL not in places:
        table.fail(0, "has neither a column 'SID' nor 'Email'")
    filled = [index for index in table.filled(1) if any(table.rows[index])]
    columns = _columns(table, filled)
    rows = []
    for index in filled:
        sid, address = text(table, index, places.get(SID), 64), email(table, index, places.get(EMAIL))
        given_name = text(table, index, places.get(FIRST), 150)
        family_name = text(table, index, places.get(LAST), 150)
        name = text(table, index, places.get(WHOLE), NAME) or " ".join(filter(None, (given_name, family_name)))
        ids, own = [sid] if sid else [], points(table, index, columns)
        username = address or sid
        rows.append(Row(index, ids, address, given_name, family_name, name[:NAME] or None, username, sid, points=own))
    return Sheet(table, columns, rows, _notes(table, filled))


def _columns(table: Table, filled: list[int]) -> list[Column]:
    """The columns with points; the maximum is the largest of a column's, since every row repeats it."""
    headings = [unguarded(cell.strip()) for cell in table.rows[0]]
    columns = []
    for place, heading in enumerate(headings):
        if heading + MAXIMUM not in headings:
            continue
        if len(heading) > NAME:
            table.fail(0, f"the column {heading[:40]!r} has more than {NAME} characters")
        maximum = headings.index(heading + MAXIMUM)
        told = [
            table.parsed(index, repr(headings[maximum]), maximum, POINTS)
            for index in filled
            if table.rows[index][maximum].strip()
        ]
        columns.append(Column(place, heading, heading, None, max(told, default=None)))
    return columns


def _notes(table: Table, filled: list[int]) -> list[str]:
    """What the model has no place for: a column of grades has no submissions."""
    notes = []
    for ending, what in ((TIME, "submission times"), (LATENESS, "latenesses of more than nothing")):
        places = [place for place, heading in enumerate(table.rows[0]) if heading.strip().endswith(ending)]
        told = (table.rows[index][place].strip() for index in filled for place in places)
        if count := sum(bool(cell.strip("0:")) for cell in told):
            notes.append(f"{what}, not taken: {count:,}")
    return notes
