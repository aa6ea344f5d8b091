"""Grades on scales, symbols, and formulas as Blackboard writes them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from app.domain.gradebook.formulas import Recipe, Term, parsed, written
from app.domain.gradebook.models import CalculationKind, ScaleType
from app.domain.gradebook.scales import Symbol, checked_symbols, meant, shown
from app.errors import RuleBroken

LETTERS = [Symbol("F", 0.0, 60.0), Symbol("A", 90.0, 100.0), Symbol("B", 60.0, 90.0, 77.0)]
STORED = checked_symbols(ScaleType.TABULAR, LETTERS)


def test_symbols_are_stored_the_best_first_with_what_they_are_worth() -> None:
    assert [(each["text"], each["absolute_value"]) for each in STORED] == [("A", 95.0), ("B", 77.0), ("F", 30.0)]


@pytest.mark.parametrize(
    ("percentage", "letter"),
    [(-5.0, "F"), (0.0, "F"), (59.99, "F"), (60.0, "B"), (89.99, "B"), (90.0, "A"), (100.0, "A"), (130.0, "A")],
)
def test_a_percentage_has_one_letter(percentage: float, letter: str) -> None:
    found = shown(ScaleType.TABULAR, STORED, 1.0, 2.0, percentage)
    assert found == (ScaleType.TABULAR, 1.0, 2.0, letter)


@pytest.mark.parametrize(
    ("scale", "points", "text"),
    [
        (ScaleType.SCORE, 1.5, None),
        (ScaleType.PERCENT, 1.5, None),
        (ScaleType.TEXT, 1.5, "1.5"),
        (ScaleType.TEXT, 85.0, "85"),
        (ScaleType.TEXT, 1234567.25, "1234567.25"),
        (ScaleType.COMPLETE, 1.5, "Complete"),
        (ScaleType.COMPLETE, 0.0, "Complete"),
    ],
)
def test_the_text_of_other_scales(scale: ScaleType, points: float, text: str | None) -> None:
    assert shown(scale, (), points, 2.0, 75.0) == (scale, points, 2.0, text)
    assert shown(scale, (), points, 2.0, 75.0, "Ill") == (scale, points, 2.0, "Ill")
    assert shown(scale, (), None, 2.0, None, "Ill") == (scale, None, 2.0, "Ill")
    assert shown(scale, (), None, 2.0, None) is None


def test_what_a_grade_in_words_means() -> None:
    assert meant(ScaleType.TABULAR, STORED, "B", 20.0, "text") == (15.4, "B")
    assert meant(ScaleType.TEXT, [], "well done", 20.0, "text") == (None, "well done")


@pytest.mark.parametrize(
    ("scale", "said", "message"),
    [
        (ScaleType.TABULAR, "b", "a number is asked for, or one of A, B, F"),
        (ScaleType.SCORE, "A", "a number is asked for: the column's schema has no texts"),
        (ScaleType.PERCENT, "A", "a number is asked for: the column's schema has no texts"),
        (ScaleType.COMPLETE, "Complete", "a number is asked for: the column's schema has no texts"),
    ],
)
def test_words_that_mean_nothing(scale: ScaleType, said: str, message: str) -> None:
    with pytest.raises(RuleBroken, match=message) as error:
        meant(scale, STORED if scale == ScaleType.TABULAR else [], said, 20.0, "text")
    assert (error.value.reason, list(error.value.field)) == ("INVALID", ["text"])


@pytest.mark.parametrize(
    ("symbols", "expected"),
    [
        ([], ("REQUIRED", ("symbols",))),
        ([Symbol("A", 50, 100)], ("INVALID", ("symbols",))),
        ([Symbol("A", 50, 100), Symbol("B", 0, 49)], ("INVALID", ("symbols",))),
        ([Symbol("A", 50, 100), Symbol("B", 0, 60)], ("INVALID", ("symbols",))),
        ([Symbol("A", 50, 99), Symbol("B", 0, 50)], ("INVALID", ("symbols",))),
        ([Symbol("A", 50, 100), Symbol("A", 0, 50)], ("TAKEN", ("symbols", "1", "text"))),
        ([Symbol(" ", 0, 100)], ("REQUIRED", ("symbols", "0", "text"))),
        ([Symbol("A", -1, 100)], ("OUT_OF_RANGE", ("symbols", "0", "lowerBound"))),
        ([Symbol("A", 0, float("nan"))], ("INVALID", ("symbols", "0", "upperBound"))),
        ([Symbol("A", 60, 50)], ("OUT_OF_RANGE", ("symbols", "0", "upperBound"))),
    ],
)
def test_symbols_that_are_refused(symbols: list[Symbol], expected: tuple[str, tuple[str, ...]]) -> None:
    with pytest.raises(RuleBroken) as error:
        checked_symbols(ScaleType.TABULAR, symbols)
    assert (error.value.reason, tuple(error.value.field)) == expected


def test_only_a_tabular_scale_has_symbols() -> None:
    with pytest.raises(RuleBroken):
        checked_symbols(ScaleType.PERCENT, LETTERS)


keys = some.integers(1, 2**30)
drops = some.integers(0, 9)
terms = some.builds(Term, some.none(), keys) | some.builds(Term, keys, some.none(), some.none(), drops, drops)
recipes = some.builds(
    Recipe, some.sampled_from(CalculationKind), some.booleans(), some.lists(terms, max_size=4).map(tuple)
)


@given(recipes)
def test_what_is_written_is_parsed(recipe: Recipe) -> None:
    assert parsed(*written(recipe)) == recipe


@pytest.mark.parametrize(
    ("formula", "aliases"),
    [
        ("", {}),
        ("A + B", {"A": "_1_1"}),
        ("[]", {}),
        ("{}", {}),
        ('{"all": {}, "total": {}}', {}),
        ('{"all": 1}', {}),
        ('{"all": {"median": true}}', {}),
        ('{"running": 1, "all": {}}', {}),
        ('{"total": {"elements": []}}', {}),
        ('{"total": {"elements": [1]}}', {}),
        ('{"total": {"elements": [{"alias": "A"}]}}', {}),
        ('{"total": {"elements": [{"alias": "A"}]}}', {"A": "junk"}),
        ('{"total": {"elements": [{"alias": "A"}]}}', {"A": "_99999999999999999999_1"}),
        ('{"total": {"elements": [{"alias": "A", "dropLowest": -1}]}}', {"A": "category:_1_1"}),
        ('{"weighted": {"elements": [{"alias": "A", "weight": "heavy"}]}}', {"A": "_1_1"}),
    ],
)
def test_formulas_that_are_refused(formula: str, aliases: dict[str, Any]) -> None:
    with pytest.raises(RuleBroken) as error:
        parsed(formula, aliases)
    assert error.value.reason == "INVALID"
    assert error.value.field in (["formula"], ["aliases"])
