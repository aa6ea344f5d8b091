"""The course grade by a grading policy: slots, drops, weights, rounding, cut-offs (contracts/edx-core.md §9.8)."""

from __future__ import annotations

import pytest

from app.domain.grades.calculating import Part, Portion
from app.domain.grades.course_results import CourseResult, Section, course_result, rounded, section

LETTERS = [{"text": text, "lower_bound": bound} for text, bound in (("A", 90.0), ("B", 80.0), ("F", 0.0))]
PASS = [{"text": "Pass", "lower_bound": 50.0}, {"text": "F", "lower_bound": 0.0}]


def parts(*points: float | None) -> list[Part]:
    """Grades of ten points each; None is not graded."""
    return [Part(each, 10.0) for each in points]


@pytest.mark.parametrize(
    ("total", "expected"),
    [
        (0.0, 0.0),
        (0.4944, 0.49),
        (0.4945, 0.5),
        (0.49449999, 0.49),
        (0.4945 - 1e-15, 0.5),
        (0.5, 0.5),
        (0.8945, 0.9),
        (0.9995, 1.0),
        (1.0, 1.0),
        (1.1, 1.1),
    ],
)
def test_rounding(total: float, expected: float) -> None:
    assert rounded(total) == expected


@pytest.mark.parametrize(
    ("portion", "expected"),
    [
        (Portion(parts(10, 5)), Section(75.0, 2, 0)),
        (Portion(parts(10, None)), Section(50.0, 2, 0)),
        (Portion(parts(10, 5), min_count=4), Section(37.5, 4, 0)),
        (Portion(parts(10, 5), min_count=4, drop_lowest=2), Section(75.0, 2, 2)),
        (Portion(parts(10, 5, 0), drop_lowest=1), Section(75.0, 2, 1)),
        (Portion(parts(10, 5, 0), min_count=2), Section(50.0, 3, 0)),
        (Portion([Part(1.0, 2.0), Part(9.0, 10.0)]), Section(70.0, 2, 0)),
        (Portion([]), Section(0.0, 0, 0)),
        (Portion([], min_count=2), Section(0.0, 2, 0)),
    ],
)
def test_an_assignment_type(portion: Portion, expected: Section) -> None:
    assert section(portion) == expected


@pytest.mark.parametrize(
    ("portions", "expected"),
    [
        ([Portion(parts(9), 100.0)], CourseResult(0.9, "A", True)),
        ([Portion(parts(8.94), 100.0)], CourseResult(0.89, "B", True)),
        ([Portion(parts(8.945), 100.0)], CourseResult(0.9, "A", True)),
        ([Portion(parts(7.94), 100.0)], CourseResult(0.79, None, False)),
        ([Portion(parts(10), 60.0), Portion(parts(5), 40.0)], CourseResult(0.8, "B", True)),
        ([Portion(parts(10), 60.0), Portion([], 40.0)], CourseResult(0.6, None, False)),
        ([Portion(parts(10), 50.0)], CourseResult(0.5, None, False)),
        ([], CourseResult(0.0, None, False)),
    ],
)
def test_a_course(portions: list[Portion], expected: CourseResult) -> None:
    assert course_result(portions, LETTERS) == expected


def test_a_course_is_passed_at_its_cut_off() -> None:
    assert course_result([Portion(parts(4.945), 100.0)], PASS) == CourseResult(0.5, "Pass", True)
    assert course_result([Portion(parts(4.944), 100.0)], PASS) == CourseResult(0.49, None, False)
