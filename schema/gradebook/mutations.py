"""Writes of how a gradebook shows and combines grades."""

from __future__ import annotations

import strawberry

from app.domain.gradebook import calculations, columns, formulas, scales, service
from schema.assessments.mutations import MAX_POINTS
from schema.assessments.types import Assessment, AssessmentCategory
from schema.core.inputs import Shape, key, parts
from schema.core.mutations import deletes, mutation
from schema.gradebook.types import (
    CalculationTerm,
    GradeNotation,
    GradeSchema,
    GradeSymbol,
    GradingPeriod,
)

SYMBOL = Shape(
    "GradeSymbolInput",
    scales.Symbol,
    GradeSymbol,
    "A letter or a word for percentages from its lower to below its upper bound.",
    absolute_value="What it is worth when it is given as a grade; null: the middle of its bounds.",
)
TERM = Shape(
    "CalculationTermInput",
    formulas.Term,
    CalculationTerm,
    "A column, or all columns of a category without its worst and best.",
    category_id=key(AssessmentCategory, "The category."),
    column_id=key(Assessment, "The column, which may be a calculated one.", name="assessmentId"),
    weight="Percent of the whole, of a weighted total; what counts of the weights is 100 %.",
)
SYMBOLS = "Letters or words that cover 0 to 100 percent without gaps, of a tabular scale."
FORMULA = 'JSON in a text, such as `{"running": "true", "all": {"average": "false"}}`.'
ALIASES = "What the aliases in the formula stand for."
WHO = "Instructors, editors and owners of the course, administrators."


@strawberry.type
class Mutations:
    """Fields of the mutation root."""

    create_column = mutation(
        columns.create_column,
        Assessment,
        f"Make a column of a gradebook, with its formula if it is a calculated one. {WHO}",
        name="Name, unique in the course instance; made up when absent.",
        category_id=key(AssessmentCategory, "The family it is of; `Columns` when absent."),
        number="Number in its category, as text; the next when absent.",
        position="Place in its category; the last when absent.",
        max_points=MAX_POINTS,
        formula=FORMULA,
        aliases=ALIASES,
    )
    update_column = mutation(
        columns.update_column,
        Assessment,
        f"Change a column of a gradebook, and how it is computed. {WHO}",
        max_points=MAX_POINTS,
        formula=FORMULA,
        aliases=ALIASES,
    )
    create_grade_schema = mutation(
        service.create_grade_schema,
        GradeSchema,
        f"Make a schema that columns are shown by. {WHO}",
        symbols=parts(SYMBOL, SYMBOLS),
    )
    update_grade_schema = mutation(
        service.update_grade_schema,
        GradeSchema,
        f"Change a grade schema, and at once how grades are shown. {WHO}",
        symbols=parts(SYMBOL, SYMBOLS),
    )
    delete_grade_schema = mutation(
        service.delete_grade_schema,
        GradeSchema,
        f"Delete a grade schema of no column. {WHO}",
        gives=deletes(GradeSchema),
    )
    create_grade_notation = mutation(service.create_grade_notation, GradeNotation, f"Make a grade notation. {WHO}")
    update_grade_notation = mutation(service.update_grade_notation, GradeNotation, f"Change a grade notation. {WHO}")
    delete_grade_notation = mutation(
        service.delete_grade_notation,
        GradeNotation,
        f"Delete a grade notation of no grade. {WHO}",
        gives=deletes(GradeNotation),
    )
    create_grading_period = mutation(service.create_grading_period, GradingPeriod, f"Make a grading period. {WHO}")
    update_grading_period = mutation(service.update_grading_period, GradingPeriod, f"Change a grading period. {WHO}")
    delete_grading_period = mutation(
        service.delete_grading_period, GradingPeriod, f"Delete a grading period. {WHO}", gives=deletes(GradingPeriod)
    )
    set_calculation = mutation(
        calculations.set_calculation,
        Assessment,
        f"Say how a calculated column is computed, and compute it. {WHO}",
        kind="What it makes of the others.",
        is_running="Whether what is not graded is left out; else it counts 0.",
        terms=parts(TERM, "What it is computed from; none: from all columns that are not calculated."),
    )
    set_formula = mutation(
        calculations.set_formula,
        Assessment,
        f"Say how a calculated column is computed as Blackboard writes it, and compute it. {WHO}",
        formula=FORMULA,
        aliases=ALIASES,
    )
