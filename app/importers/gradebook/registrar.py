"""The registrar's list of final grades (`egrades.tsv`): a course grade for each learner, or nothing yet."""

from __future__ import annotations

from collections.abc import Sequence

from app.importers.gradebook.sheet import NAME, Row, Sheet, header, text
from app.importers.tables import Table

STUDENT_ID, GRADE = "Student ID", "Final_Assigned_Egrade"
LAST, FIRST = "last name", "first name"
UNTAKEN = ("Pronoun", "SectionId", "Grade Option", "Concurrent Flag")


def is_registrar(headings: Sequence[str]) -> bool:
    """Whether a first row is this form's."""
    return STUDENT_ID in headings and GRADE in headings


def read_registrar(table: Table) -> Sheet:
    """Read a list of final grades. Raises ImportFailure."""
    places = header(table)
    if not is_registrar([heading.strip() for heading in table.rows[0]]):
        table.fail(0, f"has no columns {STUDENT_ID!r} and {GRADE!r}")
    rows = []
    for index in table.filled(1):
        student_id = text(table, index, places[STUDENT_ID.lower()], 64)
        given_name, family_name = (text(table, index, places.get(name), 150) for name in (FIRST, LAST))
        name = " ".join(filter(None, (given_name, family_name)))[:NAME] or None
        result = text(table, index, places[GRADE.lower()], 64)
        ids = [student_id] if student_id else []
        rows.append(Row(index, ids, None, given_name, family_name, name, student_id, student_id, result=result))
    untaken = [name for name in UNTAKEN if name.lower() in places]
    return Sheet(table, [], rows, [f"columns, not taken: {', '.join(untaken)}"] if untaken else [])
