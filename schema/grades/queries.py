"""The gradebook of a course instance: rows of people, cells of assessments; what course grades are made of."""

from __future__ import annotations

from datetime import datetime

import strawberry

from app.domain.assessments.models import AssessmentCategory as CategoryRow
from app.domain.attempts.queries import Standing
from app.domain.catalog.models import CourseInstance as CourseInstanceRow
from app.domain.grades.gradebook import Cell, Line, gradebooks
from app.domain.grades.models import ColumnGrade as ColumnGradeRow
from app.domain.grades.models import CourseGrade as CourseGradeRow
from app.domain.grades.sections import CourseGradeSection as Section
from app.domain.grades.sections import sections_of
from app.domain.identity.models import User as UserRow
from schema.catalog.types import CourseInstance
from schema.core.declare import argument, batch, expecting
from schema.core.node import extend, flat
from schema.core.relate import one, page
from schema.core.scalars import BigInt
from schema.grades.types import CourseGrade

CHANGED_SINCE = argument(
    "changedSince",
    BigInt | None,
    "Only grades with a greater change index, and who has any: those of manual columns and of who has left, too.",
)


@flat(Cell, "One learner and one assessment in a gradebook: ids and numbers only.")
class GradebookCell:
    """A row of app.domain.grades.gradebook."""

    assessment_id: int = strawberry.field(description="Integer key of the assessment.")
    assessment_name: str = strawberry.field(description="Its name.")
    assessment_label: str = strawberry.field(description="Its label, such as `HW1`.")
    category_abbreviation: str = strawberry.field(description="Its category's short form.")
    assessment_number: str = strawberry.field(description="Its number, as text.")
    assessment_instance_id: int | None = strawberry.field(description="The instance that counts; null: not started.")
    points: float | None = strawberry.field(description="Points.")
    max_points: float | None = strawberry.field(description="Points that are 100 %; null: not started.")
    score_perc: float | None = strawberry.field(description="Points in percent.")
    started_at: datetime | None = strawberry.field(description="When that instance was started.")
    duration_seconds: float | None = strawberry.field(description="Seconds worked on it.")
    is_overridden: bool = strawberry.field(description="Whether a grader set the points by hand.")
    is_exempt: bool = strawberry.field(description="Whether the learner is exempted.")
    change_index: BigInt | None = strawberry.field(description="The grade's change index; null: no grade yet.")


@flat(Line, "One person in a gradebook.")
class GradebookRow:
    """A row of app.domain.grades.gradebook."""

    user_id: int = strawberry.field(description="Integer key of the person.")
    user = one("user_id", "The person.", to=UserRow.id)
    standing: Standing = strawberry.field(description="What the person is to the course instance.")
    cells: list[GradebookCell] = strawberry.field(
        description="One for each assessment, in order, started or not.", metadata=expecting(40)
    )


@extend(CourseInstance)
class CourseInstanceGrades:
    """Results."""

    gradebook = batch(
        gradebooks,
        CourseInstanceRow.id,
        lambda: list[GradebookRow],
        "Students by uid, then staff, then others; learners see their own row. One cell for each assessment.",
        arguments=(CHANGED_SINCE,),
        narrows=True,
        metadata=expecting(300),
    )
    column_grades = page(ColumnGradeRow.course_instance_id, "All grades that you may see, by entry.")
    course_grades = page(CourseGradeRow.course_instance_id, "Results of the whole course instance.")


@flat(Section, "A learner's part of a course grade: that of a category, such as all homework, or of one column.")
class CourseGradeSection:
    """A row of app.domain.grades.sections."""

    category_id: int | None = strawberry.field(description="Integer key of the category; null: a column.")
    category = one("category_id", "The category; null: a column.", to=CategoryRow.id)
    weight: float = strawberry.field(description="Percent of the whole.")
    percentage: float = strawberry.field(description="Mean of what counts, in percent; what is not graded counts 0.")
    counted: int = strawberry.field(description="How many columns count, those that are missing too.")
    dropped: int = strawberry.field(description="How many of the worst and best do not.")


@extend(CourseGrade)
class CourseGradeSections:
    """How it came about."""

    sections = batch(
        sections_of,
        CourseGradeRow.id,
        lambda: list[CourseGradeSection],
        "What it is made of, where a final column that is a weighted total of everything computes it.",
    )
