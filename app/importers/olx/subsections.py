"""What is graded: assignment types as categories, graded subsections as assessments, and the course's grade."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from sqlalchemy import select

from app.context import Context
from app.db.bulk import Row
from app.db.sets import member_of
from app.domain.assessments.models import Assessment, AssessmentCategory, GradingType, Problem, ScoringModel
from app.domain.assessments.open_responses import KIND
from app.domain.assessments.service import create_assessment, update_assessment
from app.domain.assessments.subsections import SCORED
from app.domain.gradebook.calculations import set_calculation
from app.domain.gradebook.formulas import Term
from app.domain.gradebook.models import Calculation, CalculationKind, CalculationTerm, GradeSchema, ScaleType
from app.domain.gradebook.scales import Symbol
from app.domain.gradebook.service import create_grade_schema, update_grade_schema
from app.importers.merge import merge
from app.importers.olx.course import ReadBlock, ReadCourse
from app.importers.olx.policy import AssignmentType, Grading
from app.importers.olx.settings import Settings, open_response, worth
from app.importers.summary import Summary

OTHER = "Other"
COURSE_GRADE = "course-grade"
BELOW = "F"
PERCENT = 100.0
COMPARED = ("course_instance_id", "category_id", "title", "number", "position", "start_at", "due_at", "max_points")
INITIAL = ("name", "uuid", "external_id", "scoring_model", "grading_type")
PROBLEM = ("assessment_id", "number", "name", "max_points", "max_auto_points", "max_manual_points", "open_response")


async def merge_subsections(
    ctx: Context, course: ReadCourse, grading: Grading, place: int, ids: Mapping[str, int], summary: Summary
) -> None:
    """Merge what of a course is graded, and how."""
    graded = [each for each in course.blocks if each.kind == "sequential" and Settings(each).flag("graded")]
    categories = await _merge_categories(ctx, graded, grading, place, summary)
    graded = await _living(ctx, graded, place, summary)
    points = {each.key: [(part, worth(part)) for part in _scored(each)] for each in graded}
    rows: list[Row] = []
    for position, each in enumerate(graded, start=1):
        said, name = Settings(each), _category(each)
        dates = (said.instant("start"), said.instant("due"))
        number = sum(_category(other) == name for other in graded[:position])
        titled = (said.text("display_name", 255) or each.name, str(number), position)
        whole = sum(value for _, value in points[each.key])
        models = (ScoringModel.LAST.value, GradingType.ATTEMPTS.value)
        named = (each.name, uuid5(NAMESPACE_URL, each.key).hex, each.key)
        rows.append((ids[each.key], place, categories[name], *titled, *dates, whole, *named, *models))
    within = Assessment.course_instance_id == place
    merged = await merge(
        ctx, Assessment, rows, key=("block_id",), compared=COMPARED, initial=INITIAL, within=within & _of_blocks()
    )
    summary.add_merged("assessments", merged)
    await _merge_problems(ctx, {merged.ids[ids[key],]: parts for key, parts in points.items()}, ids, summary)
    if grading.types:
        await _merge_course_grade(ctx, grading, categories, place, summary)


def _of_blocks() -> Any:
    return Assessment.block_id.is_not(None)


def _category(block: ReadBlock) -> str:
    return Settings(block).text("format", 150) or OTHER


def _scored(block: ReadBlock) -> Iterator[ReadBlock]:
    return (each for each in block.walk() if each.kind in SCORED)


async def _living(ctx: Context, graded: Sequence[ReadBlock], place: int, summary: Summary) -> list[ReadBlock]:
    """The subsections whose assessments were not deleted here: what was stays deleted."""
    own = Assessment
    gone = {
        row[0]
        for row in await ctx.db.fetch(
            select(own.name).where(own.course_instance_id == place, own.deleted_at.is_not(None))
        )
    }
    living = [each for each in graded if each.name not in gone]
    if len(living) < len(graded):
        summary.notes.append(f"assessments that were deleted here, not taken: {len(graded) - len(living):,}")
    return living


async def _merge_categories(
    ctx: Context, graded: Sequence[ReadBlock], grading: Grading, place: int, summary: Summary
) -> Mapping[str, int]:
    """The assignment types in their order, then what subsections are called beside them."""
    known = {each.name: each.abbreviation for each in grading.types}
    known |= {name: name[:32] for name in sorted({_category(each) for each in graded}) if name not in known}
    merged = await merge(
        ctx,
        AssessmentCategory,
        [(place, name, number, short, name) for number, (name, short) in enumerate(known.items(), start=1)],
        key=("course_instance_id", "name"),
        compared=("number", "abbreviation", "heading"),
        within=AssessmentCategory.course_instance_id == place,
    )
    summary.add("assessment categories", **merged.counts)
    return {name: merged.ids[place, name] for name in known}


async def _merge_problems(
    ctx: Context,
    parts: Mapping[int, Sequence[tuple[ReadBlock, float]]],
    ids: Mapping[str, int],
    summary: Summary,
) -> None:
    rows: list[Row] = []
    for assessment_id, blocks in parts.items():
        names: set[str] = set()
        for number, (block, points) in enumerate(blocks, start=1):
            said = Settings(block).text("display_name", 240) or block.kind
            name = said if said not in names else f"{said} ({number})"
            names.add(name)
            asked = open_response(block).stored() if block.kind == KIND else None
            manual = points if asked else 0.0
            rows.append((ids[block.key], assessment_id, number, name, points, points - manual, manual, asked))
    within = member_of(Problem.assessment_id, parts) & Problem.block_id.is_not(None)
    merged = await merge(ctx, Problem, rows, key=("block_id",), compared=PROBLEM, within=within)
    summary.add_merged("problems", merged)


async def _merge_course_grade(
    ctx: Context, grading: Grading, categories: Mapping[str, int], place: int, summary: Summary
) -> None:
    """The column of the course's grade: the weighted total of the assignment types, shown by the cut-offs."""
    schema_id, is_new, is_other = await _merge_schema(ctx, grading, place)
    summary.add("grade schemas", created=is_new, changed=is_other, unchanged=1 - is_new - is_other)
    own = Assessment
    statement = select(own.id, own.grade_schema_id, own.deleted_at).where(own.course_instance_id == place)
    rows = await ctx.db.fetch(statement.where(own.name == COURSE_GRADE))
    if rows and rows[0].deleted_at is not None:
        return
    said: dict[str, Any] = {"grade_schema_id": schema_id, "is_external_grade": True}
    if rows:
        column_id, changed = rows[0].id, int(rows[0].grade_schema_id != schema_id)
        if changed:
            await update_assessment(ctx, assessment_id=column_id, grade_schema_id=schema_id)
    else:
        changed = 0
        said |= {"grading_type": GradingType.CALCULATED, "max_points": PERCENT, "number": "1"}
        first = categories[grading.types[0].name]
        told: dict[str, Any] = {"category_id": first, "name": COURSE_GRADE, "title": "Course grade", **said}
        column_id = await create_assessment(ctx, course_instance_id=place, **told)
    summary.add("course grades' columns", created=not rows, changed=changed, unchanged=int(bool(rows)) - changed)
    terms = [_term(each, categories) for each in grading.types]
    if await _terms(ctx, column_id) != terms:
        kind = CalculationKind.WEIGHTED_TOTAL
        await set_calculation(ctx, assessment_id=column_id, kind=kind, is_running=False, terms=terms)
        summary.add("course grades' columns", changed=1 if rows else 0)


def _term(each: AssignmentType, categories: Mapping[str, int]) -> Term:
    weight = round(each.weight * PERCENT, 6)
    return Term(categories[each.name], None, weight, each.drop_count, 0, each.min_count)


async def _terms(ctx: Context, column_id: int) -> list[Term]:
    """The terms that a column is computed from."""
    own = CalculationTerm
    statement = (
        select(own.category_id, own.column_id, own.weight, own.drop_lowest, own.drop_highest, own.min_count)
        .join(Calculation, Calculation.id == own.calculation_id)
        .where(Calculation.assessment_id == column_id)
    )
    return [Term(*row) for row in await ctx.db.fetch(statement.order_by(own.number))]


async def _merge_schema(ctx: Context, grading: Grading, place: int) -> tuple[int, int, int]:
    """The schema of the cut-offs: (id, 1 when it is new, 1 when it was another)."""
    title, symbols = "Grade cut-offs", _symbols(grading.cutoffs)
    own = GradeSchema
    rows = await ctx.db.fetch(select(own.id, own.symbols).where(own.course_instance_id == place, own.title == title))
    if not rows:
        scale: dict[str, Any] = {"scale_type": ScaleType.TABULAR, "symbols": symbols}
        return await create_grade_schema(ctx, course_instance_id=place, title=title, **scale), 1, 0
    stored = [(each["text"], each["lower_bound"]) for each in rows[0].symbols]
    if stored == [(each.text, each.lower_bound) for each in symbols]:
        return rows[0].id, 0, 0
    await update_grade_schema(ctx, grade_schema_id=rows[0].id, symbols=symbols)
    return rows[0].id, 0, 1


def _symbols(cutoffs: Sequence[tuple[str, float]]) -> list[Symbol]:
    """The grades from the best to the worst, in percent; below the last cut-off nothing is passed."""
    least = [(name, round(bound * PERCENT, 6)) for name, bound in cutoffs]
    if not least or least[-1][1] > 0:
        least.append((BELOW if BELOW not in dict(least) else "–", 0.0))
    tops = [PERCENT, *(bound for _, bound in least[:-1])]
    return [Symbol(name, bound, top) for (name, bound), top in zip(least, tops, strict=True)]
