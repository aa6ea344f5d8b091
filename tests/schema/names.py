"""A name for every row that has a type in the graph, made of what it says: `sam lab1 1` is sam's first sitting."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from app.context import Context
from app.db.base import Base, model_of_table
from schema.core.node import global_id
from schema.core.registry import model_named, name_of

PARTS = {
    "Organization": ("key",),
    "DataSource": ("external_id",),
    "Term": ("external_id",),
    "EnrollmentRole": ("key",),
    "UserProfile": ("user_id",),
    "User": ("username",),
    "AccessToken": ("name",),
    "Course": ("key",),
    "CourseInstance": ("name",),
    "CourseInstanceAccessRule": ("course_instance_id", "number"),
    "Enrollment": ("user_id", "course_instance_id"),
    "EnrollmentInvitation": ("course_instance_id", "email"),
    "EnrollmentTrack": ("course_instance_id", "slug"),
    "CourseStaff": ("user_id", "course_id"),
    "GroupSet": ("course_instance_id", "name"),
    "Group": ("name",),
    "GroupMembership": ("user_id", "group_id"),
    "Block": ("course_instance_id", "name"),
    "BlockGroup": ("block_id", "group_id"),
    "Bookmark": ("user_id", "block_id"),
    "Library": ("slug",),
    "LibraryMember": ("user_id", "library_id"),
    "LibraryBlock": ("name",),
    "LibraryProgress": ("user_id", "library_block_id"),
    "LearnerRecord": ("user_id", "course_instance_id"),
    "Job": ("course_instance_id", "kind"),
    "CourseMessage": ("course_instance_id", "subject"),
    "AssessmentCategory": ("course_instance_id", "name"),
    "Assessment": ("name",),
    "Zone": ("assessment_id", "number"),
    "Question": ("name",),
    "Problem": ("assessment_id", "name"),
    "AssessmentAccessRule": ("assessment_id", "number"),
    "AssessmentExtension": ("user_id", "assessment_id"),
    "GradeSchema": ("course_instance_id", "title"),
    "GradeNotation": ("course_instance_id", "code"),
    "GradingPeriod": ("course_instance_id", "title"),
    "Calculation": ("assessment_id",),
    "CalculationTerm": ("calculation_id", "number"),
    "AssessmentInstance": ("user_id", "group_id", "assessment_id", "number"),
    "InstanceQuestion": ("assessment_instance_id", "problem_id"),
    "Variant": ("instance_question_id", "number"),
    "Submission": ("assessment_instance_id", "number"),
    "SubmissionFile": ("submission_id", "name"),
    "Score": ("submission_id", "problem_id"),
    "ColumnGrade": ("user_id", "assessment_id"),
    "GradeChange": ("column_grade_id", "kind"),
    "CourseGrade": ("user_id", "course_instance_id"),
    "Certificate": ("user_id", "course_instance_id"),
}
"""What the name of a row is made of; foreign keys stand for the name of what they refer to."""

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Names:
    """All rows of the types of the graph: by type and key, by type and name, and back."""

    rows: dict[str, dict[int, Row]]
    keys: dict[str, dict[str, int]]
    names: dict[str, dict[int, str]]

    def id(self, kind: str, name: str) -> str:
        """The global id of a row."""
        return global_id(kind, self.keys[kind][name])

    def row(self, kind: str, name: str) -> Row:
        """The columns of a row, as they are stored."""
        return self.rows[kind][self.keys[kind][name]]


def model_for(kind: str) -> type[Base]:
    """The model behind a type of the graph."""
    model = model_named(kind)
    assert model is not None
    return model


async def names_of(ctx: Context) -> Names:
    """Read all rows and name them. Fails when two rows of a type have the same name."""
    rows: dict[str, dict[int, Row]] = {}
    for kind in PARTS:
        table = model_for(kind).__table__
        found = await ctx.db.fetch(select(table).order_by(table.c.id))
        rows[kind] = {row.id: row._mapping for row in found}
    names = {kind: {key: _name(rows, kind, key) for key in rows[kind]} for kind in PARTS}
    keys = {kind: {name: key for key, name in named.items()} for kind, named in names.items()}
    assert {kind: len(named) for kind, named in keys.items()} == {kind: len(found) for kind, found in rows.items()}
    return Names(rows, keys, names)


def _name(rows: dict[str, dict[int, Row]], kind: str, key: int) -> str:
    table = model_for(kind).__table__
    parts: list[str] = []
    for column in PARTS[kind]:
        value = rows[kind][key][column]
        foreign = next(iter(table.c[column].foreign_keys), None)
        if value is not None:
            target = name_of(model_of_table(foreign.column.table.name)) if foreign is not None else None
            parts += (str(value) if target is None else _name(rows, target, value)).split(" ")
    return " ".join(dict.fromkeys(parts) if kind != "AssessmentInstance" else parts)
