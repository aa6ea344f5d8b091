from __future__ import annotations

import pytest

from app.domain.assessments.models import ScoringModel
from app.domain.assessments.zones import ZoneLimit, counted
from app.domain.grades.counting import Counting, Mark, counting, percentage

MARKS = [Mark(3, 1, 10, 1), Mark(7, 2, 11), Mark(7, 3, 12, 2), Mark(5, 4, 13), Mark(3, 5, 14)]


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        (ScoringModel.HIGHEST, Counting(7, 2, 12)),
        (ScoringModel.LOWEST, Counting(3, None, 14)),
        (ScoringModel.FIRST, Counting(3, 1, 10)),
        (ScoringModel.LAST, Counting(3, None, 14)),
        (ScoringModel.AVERAGE, Counting(5, 1.5, 14)),
    ],
)
def test_which_result_counts(model: ScoringModel, expected: Counting) -> None:
    assert counting(model, MARKS) == expected
    assert counting(model, MARKS[::-1]) == expected


@pytest.mark.parametrize("model", ScoringModel)
def test_of_nothing_nothing_counts(model: ScoringModel) -> None:
    assert counting(model, []) is None


@pytest.mark.parametrize("model", ScoringModel)
def test_the_only_result_counts(model: ScoringModel) -> None:
    assert counting(model, [Mark(4, 1, 1, 2)]) == Counting(4, 2, 1)


def test_the_average_of_what_people_awarded_is_none_when_they_awarded_nothing() -> None:
    assert counting(ScoringModel.AVERAGE, [Mark(4, 1, 1), Mark(2, 2, 2)]) == Counting(3, None, 2)


def test_percentages() -> None:
    assert percentage(5, 20) == 25
    assert percentage(30, 20) == 150
    assert percentage(5, 0) == 0
    assert percentage(None, 20) is None


def test_zones_limit_what_counts() -> None:
    zones = {1: ZoneLimit(2, None), 2: ZoneLimit(None, 10), 3: ZoneLimit(1, 3), 4: ZoneLimit(None, None)}
    assert counted([], zones) == 0
    assert counted([(None, 1), (None, 2)], zones) == 3
    assert counted([(1, 5), (1, 1), (1, 7)], zones) == 12
    assert counted([(2, 8), (2, 8)], zones) == 10
    assert counted([(3, 4), (3, 2)], zones) == 3
    assert counted([(4, 4), (9, 2)], zones) == 6
    assert counted([(None, 1), (1, 1), (2, 20), (3, 1), (4, 1)], zones) == 14
