"""Which grades and learners: the filter and the orders of lists and of subscriptions, and what a roster takes."""

from __future__ import annotations

from app.domain.enrollment.models import Role
from app.domain.grades.models import ColumnGrade
from schema.core.declare import argument
from schema.core.filters import Columns
from schema.core.scalars import BigInt

COLUMN_GRADES = Columns(
    "ColumnGrade",
    ColumnGrade.id,
    ColumnGrade.course_instance_id,
    ColumnGrade.assessment_id,
    ColumnGrade.user_id,
    ColumnGrade.points,
    ColumnGrade.released_points,
    ColumnGrade.is_exempt,
    ColumnGrade.change_index,
    ColumnGrade.overridden_at,
    ColumnGrade.first_relevant_at,
    ColumnGrade.last_relevant_at,
    orders=(ColumnGrade.id, ColumnGrade.assessment_id, ColumnGrade.user_id, ColumnGrade.change_index),
    change_index=BigInt,
)

CHANGED_SINCE = argument(
    "changedSince",
    BigInt | None,
    "Only grades with a greater change index, and who has any: those of manual columns and of who has left, too.",
)

ASKED = (
    argument("first", int | None, "How many, at most as `limits` says; 50 when not given."),
    argument("after", int | None, "`databaseId` of an enrolment: only those that follow."),
    argument("before", int | None, "`databaseId` of an enrolment: the last of those before it."),
    argument("username", str | None, "Of this name."),
    argument("usernameContains", str | None, "With this text in the name, in any case."),
    argument("nameContains", str | None, "With this text in name, address or external id, in any case."),
    argument("userId", int | None, "`databaseId` of the person."),
    argument("groupId", int | None, "`databaseId` of a group: its members now."),
    argument("track", str | None, "In the track of this slug, chosen or usual."),
    argument("exceptRoles", list[Role] | None, "Not who has one of these roles."),
    argument("assessmentId", int | None, "`databaseId` of what `assessmentMin` and `assessmentMax` are about."),
    argument("assessmentMin", float | None, "Percent; who has no grade is left out."),
    argument("assessmentMax", float | None, "Percent; who has no grade is left out."),
    argument("courseMin", float | None, "Percent of the whole; who has no grade has 0."),
    argument("courseMax", float | None, "Percent of the whole."),
)
