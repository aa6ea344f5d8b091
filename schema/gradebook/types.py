"""How a gradebook shows and combines grades."""

from __future__ import annotations

import strawberry

from app.domain.assessments.models import Assessment as AssessmentRow
from app.domain.gradebook.models import Calculation as CalculationRow
from app.domain.gradebook.models import CalculationKind, ScaleType
from app.domain.gradebook.models import CalculationTerm as TermRow
from app.domain.gradebook.models import GradeNotation as NotationRow
from app.domain.gradebook.models import GradeSchema as SchemaRow
from app.domain.gradebook.models import GradingPeriod as PeriodRow
from app.domain.gradebook.service import symbols_of
from app.reading.relations import Order
from schema.assessments.types import Assessment
from schema.catalog.types import CourseInstance
from schema.core.declare import batch, column
from schema.core.enums import describe_enum
from schema.core.node import extend, node
from schema.core.relate import many, one
from schema.core.scalars import Json

describe_enum(
    ScaleType,
    "How a grade is shown.",
    PERCENT="In percent.",
    SCORE="In points.",
    TABULAR="By the symbol of the percentage, such as a letter.",
    TEXT="In words.",
    COMPLETE="As complete or not.",
)
describe_enum(
    CalculationKind,
    "What a calculated column makes of others.",
    TOTAL="The sum of their points.",
    WEIGHTED_TOTAL="The mean of their percentages, by weight.",
    AVERAGE="The mean of their percentages.",
)


@strawberry.type(description="A letter or a word for an interval of percentages.")
class GradeSymbol:
    """A Symbol of app.domain.gradebook.scales."""

    text: str = strawberry.field(description="The letter or the word, unique in its schema.")
    lower_bound: float = strawberry.field(description="From this percentage.")
    upper_bound: float = strawberry.field(description="To below this one; the best also stands for what is above.")
    absolute_value: float | None = strawberry.field(description="What it is worth when it is given as a grade.")


@strawberry.type(description="A grade as its column shows it.")
class DisplayGrade:
    """A DisplayGrade of app.domain.gradebook.scales."""

    scale_type: ScaleType = strawberry.field(description="On which scale; points when the column has no schema.")
    score: float | None = strawberry.field(description="Points; null: a text stands for them.")
    possible: float = strawberry.field(description="Points that are 100 %.")
    text: str | None = strawberry.field(
        description="What its notation means, or the text that it was overridden by; else the symbol on a tabular "
        "scale, the points on a scale of texts, `Complete` on a scale of that."
    )


@node(SchemaRow, "How the grades of columns are shown.")
class GradeSchema:
    """Visible to everybody in the course instance."""

    course_instance = one(SchemaRow.course_instance_id, "Where it is used.")
    external_id = column(SchemaRow.external_id, "Its key in another system.")
    title = column(SchemaRow.title, "Title, unique in the course instance.")
    description = column(SchemaRow.description, "What it is for.")
    scale_type = column(SchemaRow.scale_type, "On which scale.", enum=ScaleType)
    symbols = batch(
        symbols_of,
        SchemaRow.id,
        lambda: list[GradeSymbol],
        "Of a tabular scale: letters or words that cover 0 to 100 percent without gaps, the best first.",
    )


@node(NotationRow, "A remark that stands for a grade, such as `I` for incomplete.")
class GradeNotation:
    """Visible to everybody in the course instance."""

    course_instance = one(NotationRow.course_instance_id, "Where it is used.")
    code = column(NotationRow.code, "Short form, unique in the course instance.")
    description = column(NotationRow.description, "What it means.")


@node(PeriodRow, "A part of a course that columns may be grouped by.")
class GradingPeriod:
    """Visible to everybody in the course instance."""

    course_instance = one(PeriodRow.course_instance_id, "Of what.")
    title = column(PeriodRow.title, "Title, unique in the course instance.")
    description = column(PeriodRow.description, "What it is for.")
    position = column(PeriodRow.position, "Place among the periods.")
    start_at = column(PeriodRow.start_at, "From when; null with `endAt` null: not by date.")
    end_at = column(PeriodRow.end_at, "Until when.")


@node(CalculationRow, "How a calculated column is computed. Exempted grades are left out.")
class Calculation:
    """Visible with the column."""

    assessment = one(CalculationRow.assessment_id, "The column.")
    kind = column(CalculationRow.kind, "What it makes of the others.", enum=CalculationKind)
    is_running = column(CalculationRow.is_running, "Whether what is not graded is left out; else it counts 0.")
    formula = column(CalculationRow.formula, "The same as Blackboard writes it: JSON in a text.")
    aliases = column(CalculationRow.aliases, "What the aliases in the formula stand for.", returns=Json)
    terms = many(
        TermRow.calculation_id,
        "What it is computed from; empty: from all columns that are not calculated, a weighted total by their weights.",
        order=Order(("number",)),
    )


@node(TermRow, "A column, or all columns of a category that are not calculated, as a part of a calculation.")
class CalculationTerm:
    """Visible with the calculation."""

    calculation = one(TermRow.calculation_id, "Of what.")
    number = column(TermRow.number, "Position, from 1.")
    category = one(TermRow.category_id, "The category; null: a column.")
    assessment = one(TermRow.column_id, "The column; null: a category, or a column that you may not see.")
    weight = column(TermRow.weight, "Percent of the whole, of a weighted total.")
    drop_lowest = column(TermRow.drop_lowest, "How many of the category's worst grades do not count.")
    drop_highest = column(TermRow.drop_highest, "How many of the category's best grades do not count.")
    min_count = column(TermRow.min_count, "How many columns the category has at least; those missing count 0.")


@extend(CourseInstance)
class CourseInstanceGradebook:
    """How its gradebook shows grades."""

    grade_schemas = many(SchemaRow.course_instance_id, "Its grade schemas, by title.", order=Order(("title",)))
    grade_notations = many(NotationRow.course_instance_id, "Its grade notations, by code.", order=Order(("code",)))
    grading_periods = many(PeriodRow.course_instance_id, "Its grading periods.", order=Order(("position", "id")))


@extend(Assessment)
class AssessmentGradebook:
    """How its column is shown and computed."""

    grade_schema = one(AssessmentRow.grade_schema_id, "How its grades are shown; null: in points.")
    calculation = one(
        AssessmentRow.id,
        "How it is computed; null: it is not, or nobody said how.",
        to=CalculationRow.assessment_id,
    )
