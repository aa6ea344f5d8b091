"""What a calculated column makes of one learner's grades: by table, and whatever the grades are."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as some

from app.domain.gradebook.models import CalculationKind
from app.domain.grades.calculating import Outcome, Part, Portion, outcome

TOTAL, WEIGHTED, AVERAGE = CalculationKind.TOTAL, CalculationKind.WEIGHTED_TOTAL, CalculationKind.AVERAGE
HALF, FULL, NOTHING, MISSING = Part(5.0, 10.0), Part(50.0, 50.0), Part(0.0, 10.0), Part(None, 20.0)

CASES = [
    (TOTAL, True, [Portion([HALF, FULL, MISSING])], Outcome(55.0, 60.0)),
    (TOTAL, False, [Portion([HALF, FULL, MISSING])], Outcome(55.0, 80.0)),
    (TOTAL, True, [Portion([HALF, FULL, NOTHING], drop_lowest=1)], Outcome(55.0, 60.0)),
    (TOTAL, True, [Portion([HALF, FULL, NOTHING], drop_highest=1)], Outcome(5.0, 20.0)),
    (TOTAL, True, [Portion([HALF, FULL, NOTHING], drop_lowest=9, drop_highest=9)], Outcome(50.0, 50.0)),
    (TOTAL, False, [Portion([HALF, MISSING], drop_lowest=1)], Outcome(5.0, 10.0)),
    (TOTAL, True, [Portion([HALF, MISSING], drop_lowest=1)], Outcome(5.0, 10.0)),
    (TOTAL, True, [Portion([HALF, Part(3.0, 0.0)])], Outcome(8.0, 10.0)),
    (TOTAL, False, [Portion([MISSING])], Outcome(None, 200.0)),
    (TOTAL, True, [], Outcome(None, 200.0)),
    (AVERAGE, True, [Portion([HALF, FULL, MISSING])], Outcome(150.0, 200.0)),
    (AVERAGE, False, [Portion([HALF, FULL, MISSING])], Outcome(100.0, 200.0)),
    (AVERAGE, True, [Portion([Part(3.0, 0.0)])], Outcome(None, 200.0, is_corrupt=True)),
    (WEIGHTED, True, [Portion([HALF], 40.0), Portion([FULL], 60.0)], Outcome(160.0, 200.0)),
    (WEIGHTED, True, [Portion([HALF], 40.0), Portion([MISSING], 60.0)], Outcome(100.0, 200.0)),
    (WEIGHTED, False, [Portion([HALF], 40.0), Portion([MISSING], 60.0)], Outcome(40.0, 200.0)),
    (WEIGHTED, False, [Portion([HALF], 40.0), Portion([], 60.0)], Outcome(100.0, 200.0)),
    (WEIGHTED, True, [Portion([HALF, FULL], 100.0, drop_lowest=1)], Outcome(200.0, 200.0)),
    (WEIGHTED, True, [Portion([HALF], 0.0)], Outcome(None, 200.0, is_corrupt=True)),
]


@pytest.mark.parametrize(("kind", "is_running", "portions", "expected"), CASES)
def test_by_table(kind: CalculationKind, is_running: bool, portions: Sequence[Portion], expected: Outcome) -> None:
    assert outcome(kind, is_running, portions, 200.0) == expected


def test_without_a_maximum_it_is_of_100() -> None:
    assert outcome(AVERAGE, True, [Portion([HALF])], 0.0) == Outcome(50.0, 100.0)


numbers = some.floats(0, 1e6)
parts = some.builds(Part, some.none() | numbers, numbers)
portions = some.lists(
    some.builds(Portion, some.lists(parts, max_size=5), numbers, *[some.integers(0, 3)] * 3), max_size=4
)


@given(some.sampled_from(CalculationKind), some.booleans(), portions)
def test_the_order_of_grades_means_nothing(kind: str, is_running: bool, asked: list[Portion]) -> None:
    turned = [each._replace(parts=list(reversed(each.parts))) for each in reversed(asked)]
    assert outcome(kind, is_running, turned, 100.0) == outcome(kind, is_running, asked, 100.0)


@given(some.booleans(), some.lists(some.builds(Part, some.floats(0, 10), some.just(10.0)), min_size=1, max_size=6))
def test_dropping_the_worst_never_harms(is_running: bool, graded: list[Part]) -> None:
    whole, better = (
        outcome(AVERAGE, is_running, [Portion(graded, drop_lowest=lowest)], 100.0).points for lowest in (0, 1)
    )
    assert whole is not None
    assert better is not None
    assert better >= whole - 1e-9


@given(some.booleans(), portions)
def test_an_average_lies_within_its_parts(is_running: bool, asked: list[Portion]) -> None:
    fair = [
        each._replace(parts=[Part(None if p.points is None else p.points % 11, 10.0) for p in each.parts])
        for each in asked
    ]
    for kind in (AVERAGE, WEIGHTED):
        found = outcome(kind, is_running, fair, 100.0)
        assert found.points is None or -1e-9 <= found.points <= 110 + 1e-9
