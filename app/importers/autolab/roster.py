"""Rosters: who takes part in a course, and where they sit. Who is missing from a later roster has dropped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from app.context import Context
from app.domain.enrollment.models import Enrollment, EnrollmentStatus, Role
from app.importers.autolab.people import Person, merge_people
from app.importers.failure import ImportFailure
from app.importers.merge import merge, overwrite
from app.importers.places import Place
from app.importers.summary import Summary
from app.importers.tables import Table

FIELDS = ("email", "last_name", "first_name", "school", "major", "year", "grading_policy", "lecture", "section")
LIMITS = dict(zip(FIELDS, (150, 150, 150, 150, 150, 32, 255, 255, 255), strict=True))
OWN = (1, 2, 3, 4, 5, 6, 7, 9, 10)
FORMS = {11: OWN, 29: (8, 5, 6, 10, 11, 12, 14, 1, 2), 32: (8, 5, 6, 10, 12, 13, 16, 3, 2)}
FORMS[34] = FORMS[32]  # the registrar's forms have a header and give the name of the account, not the address
REGISTRAR = "@andrew.cmu.edu"
HEADER = "Semester"
ACTIVE, COMPLETED, DROPPED = (each.value for each in EnrollmentStatus)


@dataclass(frozen=True, slots=True)
class Listed:
    """A row of a roster."""

    person: Person
    lecture: str | None
    section: str
    grade_policy: str


def read_roster(table: Table) -> list[Listed]:
    """The rows of a roster in one of the four forms, told apart by the number of columns. Raises ImportFailure."""
    width = len(table.rows[0])
    if width not in FORMS:
        known = "11, 29, 32 or 34"
        raise ImportFailure(table.file, f"is no gradesheet, and as a roster has {width} columns, not {known}", "row 1")
    first = 1 if width != len(OWN) + 2 and table.rows[0][0] == HEADER else 0
    places = dict(zip(FIELDS, FORMS[width], strict=True))
    seen: dict[str, int] = {}
    listed = []
    for index in table.filled(first):
        cells = {name: table.text(index, name, places[name], LIMITS[name]) for name in FIELDS}
        if width != len(OWN) + 2 and cells["email"] and "@" not in cells["email"]:
            email = f"{cells['email']}{REGISTRAR}".lower()
        else:
            email = table.email(index, places["email"])
        if (earlier := seen.setdefault(email, index)) != index:
            table.fail(index, f"repeats email {email} of row {earlier + 1}")
        told = (cells["first_name"], cells["last_name"], cells["school"], cells["major"], cells["year"])
        person = Person(email, *told)
        listed.append(Listed(person, cells["lecture"], cells["section"] or "", cells["grading_policy"] or ""))
    if not listed:
        raise ImportFailure(table.file, "lists nobody")
    return listed


async def merge_roster(ctx: Context, file: str, listed: Sequence[Listed], place: Place, summary: Summary) -> None:
    """Merge the people of a roster and their enrolments. Roles stay; only students who are missing drop."""
    users = await merge_people(ctx, [each.person for each in listed], summary)
    within = Enrollment.course_instance_id == place.id
    columns = (Enrollment.id, Enrollment.user_id, Enrollment.role, Enrollment.status, Enrollment.ended_at)
    found = await ctx.db.fetch(select(*columns, Enrollment.child_course_instance_id).where(within))
    completed = {row.user_id: (row.status, row.ended_at) for row in found if row.status == COMPLETED}
    rows = []
    for each in listed:
        user_id = users[each.person.email]
        standing = completed.get(user_id, (ACTIVE, None))
        seat = (each.lecture, each.section, each.grade_policy)
        rows.append((place.id, user_id, *standing, *seat, Role.STUDENT.value, ctx.now))
    merged = await merge(
        ctx,
        Enrollment,
        rows,
        key=("course_instance_id", "user_id"),
        compared=("status", "ended_at", "lecture", "section", "grade_policy"),
        initial=("role", "enrolled_at"),
        within=within,
    )
    present = set(users.values())
    gone = [
        row.id
        for row in found
        if row.user_id not in present
        and (row.role, row.status, row.child_course_instance_id) == (Role.STUDENT.value, ACTIVE, None)
    ]
    await overwrite(ctx, Enrollment, ("status", "ended_at"), [(id_, DROPPED, ctx.now) for id_ in gone])
    summary.add("enrollments", **merged.counts)
    summary.add("enrollments", changed=len(gone))
    summary.notes.append(f"{file}: not taken, the course instance has them: semester, course number")
