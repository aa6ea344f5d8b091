"""What learners have of a course instance, by enrolment: the course grade, and each graded subsection.

Nothing is written for who has no grade: it is computed, as 0 (contracts/edx-core.md §9.1, §9.3).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import and_, false, select

from app.context import Context
from app.db.sets import member_of
from app.domain.assessments.models import Assessment, AssessmentCategory, Problem
from app.domain.assessments.withholding import incomplete, withheld
from app.domain.attempts.models import AssessmentInstance, InstanceQuestion
from app.domain.blocks.models import Block
from app.domain.blocks.policy import for_staff
from app.domain.enrollment.models import Enrollment
from app.domain.grades.course_results import EXACT, WHOLE, CourseResult
from app.domain.grades.models import ColumnGrade, CourseGrade
from app.domain.grades.withheld import shown_results

Sitting = tuple[int, int | None]  # assessment id, the assessment instance that counts
NOTHING = CourseResult(0.0, None, is_passed=False)
Place = tuple[int, int]  # course instance id, user id


class SubsectionGrade(NamedTuple):
    """A learner's grade of a graded block, in points: in force, with what is not graded, and by the scores alone.

    `label` is the type's short form and a number; `fraction` is of what is in force. `sitting` is what counts. Of one
    that is withheld from the caller nothing is told.
    """

    block_id: int
    assessment_id: int
    category_id: int
    category_name: str
    label: str
    name: str
    column_grade_id: int | None
    is_attempted: bool
    is_overridden: bool
    is_withheld: bool
    fraction: float
    points: float
    max_points: float
    all_points: float
    all_max_points: float
    original_points: float
    original_max_points: float
    override_reason: str | None
    override_source: str | None
    sitting: Sitting


class ProblemScore(NamedTuple):
    """What a learner has of a problem, in points."""

    problem_id: int
    points: float
    max_points: float


async def course_results(ctx: Context, keys: Sequence[int]) -> list[CourseResult]:
    """For each enrolment id what the learner has of the whole: nothing, and not passed, without a grade.

    Marks that are withheld from the caller are left out. One statement; five more where there are any. A result that
    says not whether it is a pass is its letter.
    """
    own, grade = Enrollment, CourseGrade
    here = and_(grade.course_instance_id == own.course_instance_id, grade.user_id == own.user_id)
    mine = false() if ctx.principal.is_admin else own.user_id == ctx.principal.user_id
    statement = (
        select(own.id, own.course_instance_id, grade.percentage, grade.result, grade.is_passed)
        .add_columns(and_(mine, own.course_instance_id.in_(incomplete(ctx.viewing))))
        .join(grade, and_(here, ctx.visible(grade)), isouter=True)
        .where(member_of(own.id, keys), ctx.visible(own))
    )
    found: dict[int, CourseResult] = {}
    places: dict[int, int] = {}
    for key, place, percentage, result, is_passed, is_incomplete in await ctx.db.fetch(statement):
        letter = None if is_passed is False else result
        found[key] = CourseResult(round((percentage or 0.0) / WHOLE, EXACT), letter, bool(is_passed))
        if is_incomplete:
            places[key] = place
    shown = await shown_results(ctx, set(places.values())) if places else {}
    return [shown.get(places.get(key, 0)) or found.get(key, NOTHING) for key in keys]


async def subsection_grades(ctx: Context, keys: Sequence[int]) -> list[list[SubsectionGrade]]:
    """For each enrolment id the learner's grade of each graded block, in the order of the course.

    Blocks that are for the staff alone are left out. Three statements.
    """
    places = await places_of(ctx, keys)
    columns = await _columns(ctx, {place for place, _ in places.values()})
    grades = await _grades(ctx, columns, {user_id for _, user_id in places.values()})
    found: list[list[SubsectionGrade]] = []
    for key in keys:
        place, user_id = places.get(key, (0, 0))
        numbers: Counter[int] = Counter()
        found.append([_graded(each, grades.get((each.id, user_id)), numbers) for each in columns[place]])
    return found


async def problem_scores(ctx: Context, keys: Sequence[Sitting]) -> list[list[ProblemScore]]:
    """For each sitting what the scores of each problem of its assessment come to, in their order. Two statements."""
    own, asked = Problem, InstanceQuestion
    statement = select(own.assessment_id, own.id, own.max_points).order_by(own.number, own.id)
    here = (member_of(own.assessment_id, {each for each, _ in keys}), ctx.visible(own))
    problems: dict[int, list[Any]] = defaultdict(list)
    for row in await ctx.db.fetch(statement.where(*here)):
        problems[row.assessment_id].append(row)
    sittings = {each for _, each in keys if each is not None}
    scores = select(asked.assessment_instance_id, asked.problem_id, ctx.readable(asked.points))
    rows = await ctx.db.fetch(scores.where(member_of(asked.assessment_instance_id, sittings), ctx.visible(asked)))
    points = {(row[0], row[1]): row[2] for row in rows}
    return [
        [ProblemScore(row.id, points.get((sitting, row.id)) or 0.0, row.max_points) for row in problems[assessment]]
        for assessment, sitting in keys
    ]


async def places_of(ctx: Context, keys: Sequence[int]) -> dict[int, Place]:
    """Of what enrolments that the caller sees are, by id."""
    own = Enrollment
    statement = select(own.id, own.course_instance_id, own.user_id)
    rows = await ctx.db.fetch(statement.where(member_of(own.id, keys), ctx.visible(own)))
    return {row[0]: (row[1], row[2]) for row in rows}


async def _columns(ctx: Context, course_instance_ids: Collection[int]) -> dict[int, list[Any]]:
    """The graded blocks of course instances, in order."""
    own, category = Assessment, AssessmentCategory
    kept = false() if ctx.principal.is_admin else own.id.in_(withheld(ctx.viewing))
    statement = (
        select(own.course_instance_id, own.id, own.block_id, own.title, own.max_points, own.category_id)
        .add_columns(category.name, category.abbreviation, kept.label("is_withheld"))
        .join(Block, Block.id == own.block_id)
        .join(category, category.id == own.category_id)
        .where(member_of(own.course_instance_id, course_instance_ids), ctx.visible(own), ~for_staff(own.block_id))
        .order_by(Block.position, own.id)
    )
    found: dict[int, list[Any]] = defaultdict(list)
    for row in await ctx.db.fetch(statement):
        found[row.course_instance_id].append(row)
    return found


async def _grades(
    ctx: Context, columns: Mapping[int, Sequence[Any]], user_ids: Collection[int]
) -> dict[tuple[int, int], Any]:
    """What there is of these columns and people, by assessment and user."""
    own, sat = ColumnGrade, AssessmentInstance
    points, max_points = ctx.readable(own.points), ctx.readable(own.max_points)
    statement = (
        select(own.assessment_id, own.user_id, own.id, points.label("points"), max_points.label("max_points"))
        .add_columns(own.override_points, own.override_all_points, own.override_all_max_points)
        .add_columns(own.override_text, own.override_reason, own.override_source)
        .add_columns(sat.id.label("sat_id"), ctx.readable(sat.points).label("sat"), sat.max_points.label("sat_of"))
        .join(sat, and_(sat.id == own.assessment_instance_id, ctx.visible(sat)), isouter=True)
        .where(member_of(own.assessment_id, {each.id for rows in columns.values() for each in rows}))
        .where(member_of(own.user_id, user_ids), ctx.visible(own))
    )
    return {(row.assessment_id, row.user_id): row for row in await ctx.db.fetch(statement)}


def _graded(column: Any, grade: Any, numbers: Counter[int]) -> SubsectionGrade:
    numbers[column.category_id] += 1
    label = f"{column.abbreviation} {numbers[column.category_id]:02d}"
    whole = column.max_points
    is_attempted = grade is not None and grade.sat is not None
    is_overridden = grade is not None and (grade.override_points is not None or grade.override_text is not None)
    points, possible = (0.0, whole) if grade is None else (grade.points or 0.0, grade.max_points)
    all_points, all_possible = points, possible
    if is_overridden and grade.override_all_points is not None:
        said = grade.override_all_max_points
        all_points, all_possible = grade.override_all_points, whole if said is None else said
    return SubsectionGrade(
        block_id=column.block_id,
        assessment_id=column.id,
        category_id=column.category_id,
        category_name=column.name,
        label=label,
        name=column.title,
        column_grade_id=None if grade is None else grade.id,
        is_attempted=is_attempted,
        is_overridden=is_overridden,
        is_withheld=bool(column.is_withheld),
        fraction=round(points / possible, EXACT) if possible else 0.0,
        points=points,
        max_points=possible,
        all_points=all_points,
        all_max_points=all_possible,
        original_points=grade.sat if is_attempted else 0.0,
        original_max_points=grade.sat_of if is_attempted else whole,
        override_reason=None if grade is None else grade.override_reason,
        override_source=None if grade is None else grade.override_source,
        sitting=(column.id, None if grade is None else grade.sat_id),
    )
