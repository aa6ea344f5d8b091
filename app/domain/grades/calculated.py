"""Calculated columns, kept current by whatever writes grades, in its transaction.

Their grades have the change index 0 and no history but of what people set by hand (contracts/blackboard.md §6). Two
writers never compute from half of each other's grades: both have drawn change indices, for which one waits.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from graphlib import TopologicalSorter
from typing import Any, NamedTuple

from sqlalchemy import and_, insert, or_, select

from app.context import Context
from app.db.sets import member_of
from app.domain.assessments.following import follows_columns
from app.domain.assessments.models import Assessment, GradingType
from app.domain.blocks.following import follows_hiding
from app.domain.blocks.policy import for_staff
from app.domain.gradebook.models import Calculation, CalculationKind, CalculationTerm
from app.domain.grades.calculating import Part, Portion, outcome
from app.domain.grades.counting import percentage
from app.domain.grades.course_grades import store_course_grades
from app.domain.grades.history import draw
from app.domain.grades.ledger import of_users
from app.domain.grades.models import ColumnGrade
from app.domain.rows import update_rows

COMPUTED = (
    "points",
    "released_points",
    "max_points",
    "released_max_points",
    "score_perc",
    "released_score_perc",
    "is_corrupt",
    "change_index",
)


class Grade(NamedTuple):
    """What of a grade others are computed from."""

    points: float | None
    released_points: float | None
    max_points: float
    released_max_points: float | None
    is_exempt: bool


class Drawn(NamedTuple):
    """A term of a calculation: the columns that it stands for, and what a `Portion` says of them."""

    columns: Sequence[Any]
    category_id: int | None = None
    weight: float = 0.0
    drop_lowest: int = 0
    drop_highest: int = 0
    min_count: int = 0


@dataclass(frozen=True, slots=True)
class Recipe:
    """A calculated column, and which columns its terms stand for."""

    column: Any
    kind: str
    is_running: bool
    terms: Sequence[Drawn]

    @property
    def is_final(self) -> bool:
        """Whether the course grade follows it: an external grade, the weighted total of all, shown by a schema."""
        column = self.column
        is_shown = column.is_external_grade and column.grade_schema_id is not None
        return is_shown and self.kind == CalculationKind.WEIGHTED_TOTAL and not self.is_running

    def portions(self, grades: Mapping[int, Grade], *, released: bool) -> list[Portion]:
        """A learner's grades by term; learners see nothing computed from columns that are hidden from them."""
        return [
            Portion(
                list(_parts(each.columns, grades, released=released)),
                each.weight,
                each.drop_lowest,
                each.drop_highest,
                each.min_count,
            )
            for each in self.terms
        ]

    def computed(self, grades: Mapping[int, Grade], old: Any) -> dict[str, Any]:
        """The parts of a learner's grade; an override is kept."""
        own = self.column
        whole, shown = (
            outcome(self.kind, self.is_running, self.portions(grades, released=released), own.max_points)
            for released in (False, True)
        )
        points, released, possible, shown_possible = whole.points, shown.points, whole.max_points, shown.max_points
        if old is not None and (old.override_points is not None or old.override_text is not None):
            points = released = old.override_points
            said = old.override_max_points
            possible = shown_possible = (own.max_points or possible) if said is None else said
        return {
            "points": points,
            "released_points": released,
            "max_points": possible,
            "released_max_points": shown_possible,
            "score_perc": percentage(points, possible),
            "released_score_perc": percentage(released, shown_possible),
            "is_corrupt": whole.is_corrupt and points is None,
            "change_index": 0,
        }


async def recalculate(ctx: Context, course_instance_ids: Collection[int], user_ids: Collection[int]) -> None:
    """Compute the calculated columns of these learners anew; change indices must have been drawn before.

    One statement where no column is calculated, else at most five. Checks no permission.
    """
    for place, recipes in (await recipes_of(ctx, course_instance_ids)).items():
        await _recalculate(ctx, place, recipes, user_ids)


@follows_hiding
@follows_columns
async def recalculate_all(ctx: Context, course_instance_id: int) -> None:
    """Compute the calculated columns of all learners of a course instance anew. Checks no permission.

    What they are computed from is read once no other change of grades or columns is under way.
    """
    any_of_them = select(Calculation.id).where(Calculation.course_instance_id == course_instance_id).limit(1)
    if await ctx.db.scalar(any_of_them) is not None:
        await draw(ctx, 0)
        for place, recipes in (await recipes_of(ctx, [course_instance_id])).items():
            await _recalculate(ctx, place, recipes, None)


async def _recalculate(ctx: Context, place: int, recipes: Sequence[Recipe], user_ids: Collection[int] | None) -> None:
    statement = select(ColumnGrade.__table__).where(ColumnGrade.course_instance_id == place)
    if user_ids is not None:
        statement = statement.where(of_users(user_ids, ColumnGrade.user_id))
    rows: dict[int, dict[int, Any]] = defaultdict(dict)
    for row in await ctx.db.fetch(statement):
        rows[row.user_id][row.assessment_id] = row
    inserts, updates = [], []
    portions: dict[int, list[Portion]] = {}
    overrides: dict[int, Any] = {}
    final = next((each for each in recipes if each.is_final), None)
    for user_id in sorted(rows if user_ids is None else rows.keys() & set(user_ids)):
        grades = {key: Grade._make(getattr(row, name) for name in Grade._fields) for key, row in rows[user_id].items()}
        changes = list(_changes(recipes, grades, rows[user_id]))
        if final is not None:
            portions[user_id] = final.portions(grades, released=True)
            overrides[user_id] = rows[user_id].get(final.column.id)
        for column_id, old, values in changes:
            if old is None:
                where = {"course_instance_id": place, "assessment_id": column_id, "user_id": user_id}
                inserts.append({**where, **values})
            else:
                updates.append({"id": old.id, **values})
    if inserts:
        await ctx.db.execute(insert(ColumnGrade), inserts)
    await update_rows(ctx, ColumnGrade, updates)
    if final is not None:
        await store_course_grades(ctx, place, final.column, portions, overrides)


def _changes(
    recipes: Sequence[Recipe], grades: dict[int, Grade], rows: Mapping[int, Any]
) -> Iterator[tuple[int, Any, dict[str, Any]]]:
    """(column, old row, new values) of what changes for one learner, whose grades are brought up to date."""
    for recipe in recipes:
        column_id = recipe.column.id
        old = rows.get(column_id)
        values = recipe.computed(grades, old)
        is_exempt = old is not None and old.is_exempt
        grades[column_id] = Grade._make({**values, "is_exempt": is_exempt}[name] for name in Grade._fields)
        is_needed = values["points"] is not None or values["is_corrupt"]
        if is_needed if old is None else any(getattr(old, name) != values[name] for name in COMPUTED):
            yield column_id, old, values


def _parts(columns: Iterable[Any], grades: Mapping[int, Grade], *, released: bool) -> Iterator[Part]:
    for column in columns:
        grade = grades.get(column.id)
        if released and not column.is_visible:
            continue
        if grade is None:
            yield Part(None, column.max_points)
        elif grade.is_exempt:
            continue
        elif released:
            possible = grade.max_points if grade.released_max_points is None else grade.released_max_points
            yield Part(grade.released_points, possible)
        else:
            yield Part(grade.points, grade.max_points)


async def recipes_of(ctx: Context, course_instance_ids: Collection[int]) -> dict[int, list[Recipe]]:
    """The calculated columns by course instance, each after those that it is computed from. At most two statements."""
    own, term, column = Calculation, CalculationTerm, Assessment
    statement = (
        select(own.assessment_id, own.course_instance_id, own.kind, own.is_running, term.number)
        .add_columns(term.category_id, term.column_id, term.weight, term.drop_lowest, term.drop_highest, term.min_count)
        .select_from(own)
        .join(column, and_(column.id == own.assessment_id, column.deleted_at.is_(None)))
        .join(term, term.calculation_id == own.id, isouter=True)
        .where(member_of(own.course_instance_id, course_instance_ids), column.grading_type == GradingType.CALCULATED)
        .order_by(own.assessment_id, term.number)
    )
    said: dict[int, list[Any]] = defaultdict(list)
    for row in await ctx.db.fetch(statement):
        said[row.assessment_id].append(row)
    if not said:
        return {}
    columns = await _columns(ctx, {rows[0].course_instance_id for rows in said.values()})
    uses = {key: {row.column_id for row in rows if row.column_id in said} for key, rows in said.items()}
    found: dict[int, list[Recipe]] = defaultdict(list)
    for key in TopologicalSorter(uses).static_order():
        here = [each for each in columns.values() if each.course_instance_id == said[key][0].course_instance_id]
        found[said[key][0].course_instance_id].append(_recipe(columns[key], said[key], here))
    return found


async def _columns(ctx: Context, course_instance_ids: Collection[int]) -> dict[int, Any]:
    """What counts, or is computed: nothing of blocks that are for the staff alone."""
    own = Assessment
    statement = (
        select(own.id, own.course_instance_id, own.category_id, own.grading_type, own.max_points, own.weight)
        .add_columns(own.is_visible, own.is_included_in_calculations, own.is_external_grade, own.grade_schema_id)
        .where(member_of(own.course_instance_id, course_instance_ids), own.deleted_at.is_(None))
        .where(or_(own.block_id.is_(None), own.grading_type == GradingType.CALCULATED, ~for_staff(own.block_id)))
        .order_by(own.id)
    )
    return {row.id: row for row in await ctx.db.fetch(statement)}


def _recipe(column: Any, rows: Sequence[Any], here: Sequence[Any]) -> Recipe:
    """Categories, and `all`, stand for columns that are not calculated themselves."""
    included = [each for each in here if each.is_included_in_calculations]
    plain = [each for each in included if each.grading_type != GradingType.CALCULATED]
    terms: list[Drawn] = []
    if rows[0].number is None and rows[0].kind == CalculationKind.WEIGHTED_TOTAL:
        terms = [Drawn([each], None, each.weight) for each in plain if each.weight is not None]
    elif rows[0].number is None:
        terms = [Drawn(plain)]
    for row in rows if rows[0].number is not None else ():
        of = [each for each in included if each.id == row.column_id]
        if row.category_id is not None:
            of = [each for each in plain if each.category_id == row.category_id]
        terms.append(Drawn(of, row.category_id, row.weight or 0.0, row.drop_lowest, row.drop_highest, row.min_count))
    return Recipe(column, rows[0].kind, rows[0].is_running, terms)
