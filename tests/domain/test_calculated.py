"""Calculated columns: kept current by everything that writes grades or changes columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import select, update

from app.context import Context
from app.domain.assessments.models import AssessmentCategory, GradingType
from app.domain.assessments.service import (
    create_assessment,
    create_category,
    delete_assessment,
    update_assessment,
)
from app.domain.gradebook.calculations import set_calculation, set_formula
from app.domain.gradebook.formulas import Term
from app.domain.gradebook.models import CalculationKind
from app.domain.grades.models import ColumnGrade, GradeChange
from app.domain.grades.overrides import exempt_grade, override_grade
from app.domain.grades.service import recompute_grades, release_scores
from app.errors import RuleBroken
from tests.factories import University, coursework, handed_in, scored, university

pytestmark = pytest.mark.anyio


@dataclass(frozen=True, slots=True)
class Book:
    """A gradebook: quizzes `q1` to `q3` of 10 points, an `essay` of 50, and columns to be calculated."""

    world: University
    columns: dict[str, int]
    categories: dict[str, int]

    async def give(self, **points: float | None) -> None:
        """Set sam's grades by hand."""
        for name, value in points.items():
            where: dict[str, Any] = {"assessment_id": self.columns[name], "user_id": self.world.student_id}
            await override_grade(self.world.instructor, **where, points=value)

    async def calculate(self, name: str, kind: CalculationKind, *terms: Term, is_running: bool = True) -> None:
        """Say how a column is computed."""
        column: dict[str, Any] = {"assessment_id": self.columns[name]}
        await set_calculation(self.world.instructor, **column, kind=kind, is_running=is_running, terms=terms)

    async def grade(self, name: str, user_id: int | None = None) -> Any:
        """sam's grade, or somebody's; None when there is none."""
        own = ColumnGrade.__table__.c
        mine = (own.assessment_id == self.columns[name], own.user_id == (user_id or self.world.student_id))
        rows = await self.world.admin.db.fetch(select(ColumnGrade.__table__).where(*mine))
        return rows[0] if rows else None

    async def points(self, name: str) -> tuple[float | None, float | None, float]:
        """(points, released points, maximum) of sam's grade."""
        row = await self.grade(name)
        return row.points, row.released_points, row.max_points


@pytest.fixture
async def book(ctx: Context) -> Book:
    world = await university(ctx)
    place = world.course_instance_id
    categories = {
        name: await create_category(world.admin, course_instance_id=place, name=name, abbreviation=name[0])
        for name in ("Quizzes", "Essays", "Totals")
    }
    columns = {}
    for name, category, points in (
        *((f"q{number}", "Quizzes", 10.0) for number in (1, 2, 3)),
        ("essay", "Essays", 50.0),
        ("total", "Totals", 0.0),
        ("final", "Totals", 100.0),
    ):
        kind = GradingType.CALCULATED if category == "Totals" else GradingType.MANUAL
        where: dict[str, Any] = {"course_instance_id": place, "category_id": categories[category]}
        told: dict[str, Any] = {"name": name, "title": name, "grading_type": kind, "max_points": points}
        columns[name] = await create_assessment(world.instructor, **where, **told)
    return Book(world, columns, categories)


async def refused(book: Book, name: str, kind: CalculationKind, *terms: Term) -> tuple[str, tuple[str, ...]]:
    with pytest.raises(RuleBroken) as error:
        await book.calculate(name, kind, *terms)
    return error.value.reason, tuple(error.value.field)


async def test_a_running_total_adds_what_is_graded(book: Book) -> None:
    await book.calculate("total", CalculationKind.TOTAL)
    assert await book.grade("total") is None
    await book.give(q1=8, essay=40)
    assert await book.points("total") == (48.0, 48.0, 60.0)
    await book.give(q1=None)
    assert await book.points("total") == (40.0, 40.0, 50.0)
    await book.give(essay=None)
    assert await book.points("total") == (None, None, 0.0)


async def test_a_total_that_does_not_run_counts_what_is_missing_as_nothing(book: Book) -> None:
    await book.give(q1=8, essay=40)
    await book.calculate("total", CalculationKind.TOTAL, is_running=False)
    assert await book.points("total") == (48.0, 48.0, 80.0)


async def test_a_weighted_total_drops_the_worst_of_a_category(book: Book) -> None:
    quizzes = Term(category_id=book.categories["Quizzes"], weight=40, drop_lowest=1)
    await book.calculate(
        "final", CalculationKind.WEIGHTED_TOTAL, quizzes, Term(column_id=book.columns["essay"], weight=60)
    )
    await book.give(q1=10, q2=2, q3=6)
    assert await book.points("final") == (80.0, 80.0, 100.0)
    await book.give(essay=25)
    assert await book.points("final") == (62.0, 62.0, 100.0)


async def test_columns_have_weights_of_their_own(book: Book) -> None:
    for name, weight in (("q1", 25.0), ("essay", 75.0)):
        await update_assessment(book.world.instructor, assessment_id=book.columns[name], weight=weight)
    await book.calculate("final", CalculationKind.WEIGHTED_TOTAL)
    await book.give(q1=10, q2=0, essay=0)
    assert await book.points("final") == (25.0, 25.0, 100.0)
    await update_assessment(book.world.instructor, assessment_id=book.columns["essay"], weight=25.0)
    assert await book.points("final") == (50.0, 50.0, 100.0)


async def test_an_average_may_include_a_calculated_column(book: Book) -> None:
    await book.calculate("total", CalculationKind.TOTAL, Term(category_id=book.categories["Quizzes"]))
    parts = [Term(column_id=book.columns[name]) for name in ("total", "essay")]
    await book.calculate("final", CalculationKind.AVERAGE, *parts)
    await book.give(q1=10, q2=5, essay=0)
    assert await book.points("final") == (37.5, 37.5, 100.0)


async def test_what_cannot_be_computed_is_corrupt(book: Book) -> None:
    parts = (Term(column_id=book.columns["q1"], weight=0), Term(column_id=book.columns["q2"], weight=100))
    await book.calculate("final", CalculationKind.WEIGHTED_TOTAL, *parts)
    await book.give(q1=10)
    row = await book.grade("final")
    assert (row.points, row.is_corrupt) == (None, True)
    await book.give(q2=10)
    row = await book.grade("final")
    assert (row.points, row.is_corrupt) == (100.0, False)


async def test_exempted_grades_are_left_out(book: Book) -> None:
    await book.calculate("total", CalculationKind.TOTAL, is_running=False)
    await book.give(q1=8, essay=40)
    where: dict[str, Any] = {"assessment_id": book.columns["essay"], "user_id": book.world.student_id}
    await exempt_grade(book.world.instructor, **where)
    assert await book.points("total") == (8.0, 8.0, 30.0)


async def test_an_override_of_a_calculated_grade_stays_until_it_is_cleared(book: Book) -> None:
    await book.calculate("total", CalculationKind.TOTAL)
    await book.give(q1=8)
    await book.give(total=9)
    assert await book.points("total") == (9.0, 9.0, 10.0)
    await book.give(essay=40)
    assert (await book.points("total"))[:2] == (9.0, 9.0)
    await book.give(total=None)
    assert await book.points("total") == (48.0, 48.0, 60.0)


async def test_calculated_grades_have_no_index_and_only_the_history_that_people_made(book: Book) -> None:
    """Blackboard case 24."""
    await book.calculate("total", CalculationKind.TOTAL)
    await book.give(q1=8)
    where: dict[str, Any] = {"assessment_id": book.columns["total"], "user_id": book.world.student_id}
    await override_grade(book.world.instructor, **where, feedback="Nearly there.")
    row = await book.grade("total")
    assert (row.change_index, row.points, row.feedback) == (0, 8.0, "Nearly there.")
    await book.give(total=9)
    assert (await book.grade("total")).change_index == 0
    own = GradeChange
    statement = select(own.kind, own.points_after).where(own.column_grade_id == row.id).order_by(own.change_index)
    lines = [tuple(each) for each in await book.world.admin.db.fetch(statement)]
    assert lines == [("ANNOTATED", 8.0), ("OVERRIDDEN", 9.0)]


async def test_learners_see_only_what_follows_from_released_scores(book: Book) -> None:
    lab = await coursework(book.world, "lab1", {"A": 20.0})
    await book.calculate("total", CalculationKind.TOTAL)
    await book.give(q1=8)
    await scored(book.world.instructor, await handed_in(book.world.student, lab), lab, A=15.0)
    row = await book.grade("total")
    assert (row.points, row.max_points, row.released_points, row.released_max_points) == (23.0, 30.0, 8.0, 10.0)
    assert (row.released_score_perc, row.change_index) == (80.0, 0)
    await release_scores(book.world.instructor, assessment_id=lab.assessment_id)
    assert await book.points("total") == (23.0, 23.0, 30.0)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"is_included_in_calculations": False}, (8.0, 8.0, 10.0)),
        ({"is_visible": False}, (48.0, 8.0, 60.0)),
        ({"title": "Essay"}, (48.0, 48.0, 60.0)),
    ],
)
async def test_a_column_that_changes_takes_them_along(book: Book, change: dict[str, Any], expected: Any) -> None:
    await book.calculate("total", CalculationKind.TOTAL)
    await book.give(q1=8, essay=40)
    await update_assessment(book.world.instructor, assessment_id=book.columns["essay"], **change)
    assert await book.points("total") == expected


async def test_a_column_that_moves_or_goes_takes_them_along(book: Book) -> None:
    await book.calculate("total", CalculationKind.TOTAL, Term(category_id=book.categories["Quizzes"]))
    await book.give(q1=8, q2=3, essay=40)
    ctx = book.world.instructor
    await update_assessment(ctx, assessment_id=book.columns["essay"], category_id=book.categories["Quizzes"])
    assert await book.points("total") == (51.0, 51.0, 70.0)
    await delete_assessment(ctx, assessment_id=book.columns["q1"])
    assert await book.points("total") == (43.0, 43.0, 60.0)


async def test_recomputing_gives_the_same(book: Book) -> None:
    await book.calculate("total", CalculationKind.TOTAL)
    await book.give(q1=8, essay=40)
    own = ColumnGrade
    await book.world.admin.db.execute(
        update(own).where(own.assessment_id == book.columns["total"]).values(points=1.0, score_perc=None)
    )
    await recompute_grades(book.world.instructor, assessment_id=book.columns["total"])
    assert await book.points("total") == (48.0, 48.0, 60.0)
    assert (await book.grade("total")).score_perc == 80.0


async def test_a_course_without_calculated_columns_pays_one_statement(book: Book) -> None:
    db = book.world.admin.db
    counts = []
    for kind in (None, CalculationKind.TOTAL):
        if kind is not None:
            await book.calculate("total", kind)
        await book.give(q1=1)
        before = db.statements
        await book.give(q1=2 if kind is None else 3)
        counts.append(db.statements - before)
    assert counts == [12, 15]


async def test_what_is_refused(book: Book) -> None:
    quiz, essay, total = (Term(column_id=book.columns[name]) for name in ("q1", "essay", "total"))
    total_of = CalculationKind.TOTAL
    assert await refused(book, "q1", total_of) == ("INVALID", ("assessmentId",))
    assert await refused(book, "total", total_of, total) == ("INVALID", ("terms", "0", "columnId"))
    await book.calculate("final", total_of, quiz, total)
    circle = Term(column_id=book.columns["final"])
    assert await refused(book, "total", total_of, essay, circle) == ("INVALID", ("terms", "1", "columnId"))
    assert await refused(book, "total", total_of, quiz, quiz) == ("INVALID", ("terms", "1"))
    assert await refused(book, "total", total_of, Term()) == ("INVALID", ("terms", "0"))
    assert await refused(book, "total", total_of, Term(column_id=2**70)) == ("NOT_FOUND", ("terms", "0", "columnId"))
    unknown = Term(category_id=-1)
    assert await refused(book, "total", total_of, unknown) == ("NOT_FOUND", ("terms", "0", "categoryId"))
    weighted = CalculationKind.WEIGHTED_TOTAL
    assert await refused(book, "total", weighted, quiz) == ("REQUIRED", ("terms", "0", "weight"))
    heavy = Term(column_id=book.columns["q1"], weight=10)
    assert await refused(book, "total", total_of, heavy) == ("INVALID", ("terms", "0", "weight"))
    assert await book.grade("total") is None


async def test_other_course_instances_columns_are_not_found(book: Book) -> None:
    here = (AssessmentCategory.course_instance_id == book.world.course_instance_id,)
    assert len(await book.world.admin.db.fetch(select(AssessmentCategory.id).where(*here))) == 3
    there: dict[str, Any] = {"course_instance_id": book.world.other_course_instance_id}
    category_id = await create_category(book.world.admin, **there, name="X", abbreviation="X")
    found = await refused(book, "total", CalculationKind.TOTAL, Term(category_id=category_id))
    assert found == ("NOT_FOUND", ("terms", "0", "categoryId"))


async def test_a_formula_of_blackboard(book: Book) -> None:
    await book.give(q1=8, essay=40)
    column = {"assessment_id": book.columns["total"]}
    formula = '{ "running":"true", "all":{"average":"false"}}'
    await set_formula(book.world.instructor, **column, formula=formula, aliases={})
    assert await book.points("total") == (48.0, 48.0, 60.0)
    with pytest.raises(RuleBroken) as error:
        await set_formula(book.world.instructor, **column, formula="A + B", aliases={"A": "_1_1"})
    assert (error.value.reason, error.value.field) == ("INVALID", ["formula"])
    assert await book.points("total") == (48.0, 48.0, 60.0)
