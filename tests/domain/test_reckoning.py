"""Grace days over a term, for any learner (contracts/autolab.md §5): properties of the pure part."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from app.domain.assessments.lateness import Penalty
from app.domain.assessments.models import ScoringModel
from app.domain.catalog.models import PenaltyUnit
from app.domain.grades.reckoning import Ledger, Marked, Reckoning, Rule, Sat, usable_days
from tests.clock import NOW

DAY = timedelta(days=1)
SAM = 7
NOTHING = Penalty(0.0, PenaltyUnit.POINTS)
A_POINT_A_DAY = Penalty(1.0, PenaltyUnit.POINTS)

Term = list[tuple[int, int | None]]
"""Of each assessment in order of the due dates the days late and its `max_grace_days`."""
TERMS = st.lists(st.tuples(st.integers(0, 6), st.none() | st.integers(0, 4)), min_size=1, max_size=8)


def ledger(grace_days: int, term: Term) -> Ledger:
    """Sam hands in half a day before each day late is full."""
    rules, sat = {}, []
    for key, (late, most) in enumerate(term, 1):
        due_at = NOW + key * 7 * DAY
        facts = (key, 1, f"lab{key}", ScoringModel.LAST, 100.0, due_at, most, grace_days, 0, "UTC", None)
        rules[key] = Rule(*facts, A_POINT_A_DAY, NOTHING)
        marked = Marked(1, due_at + (late - 0.5) * DAY)
        sat.append(Sat(key * 10, (key, SAM), None, marked, None))
    due = {(key, SAM): rule.due_at for key, rule in rules.items()}
    return Ledger(rules, due, usable_days(rules, due, sat, [SAM]), sat)


def reckoned(grace_days: int, term: Term) -> list[Reckoning]:
    """What each assessment comes to."""
    found = ledger(grace_days, term)
    return [found.reckon(each.pair, each.marked, 100.0) for each in found.sat if each.marked is not None]


@given(st.integers(0, 12), TERMS)
def test_no_more_grace_days_are_used_than_there_are(grace_days: int, term: Term) -> None:
    found = reckoned(grace_days, term)
    assert [each.days_late for each in found] == [late for late, _ in term]
    assert [each.grace_days_used + each.penalized_days for each in found] == [late for late, _ in term]
    assert all(
        each.grace_days_used <= (late if most is None else min(late, most))
        for each, (late, most) in zip(found, term, strict=True)
    )
    assert sum(each.grace_days_used for each in found) <= grace_days
    assert [each.late_penalty for each in found] == [float(each.penalized_days) for each in found]


@given(st.integers(0, 12), TERMS)
def test_no_grace_day_is_left_where_one_would_help(grace_days: int, term: Term) -> None:
    found = reckoned(grace_days, term)
    left = grace_days - sum(each.grace_days_used for each in found)
    for each, (_, most) in zip(found, term, strict=True):
        assert left == 0 or each.penalized_days == 0 or each.grace_days_used == most


@given(st.integers(0, 12), TERMS, st.integers(0, 7))
def test_what_is_due_later_does_not_matter(grace_days: int, term: Term, place: int) -> None:
    assert reckoned(grace_days, term[: place + 1]) == reckoned(grace_days, term)[: place + 1]


@given(st.integers(0, 12), TERMS, st.integers(0, 7))
def test_what_is_due_later_follows(grace_days: int, term: Term, place: int) -> None:
    """All of it, and nothing where there are no grace days to share."""
    found = ledger(grace_days, term)
    keys = [each.id for each in found.sat]
    following = [each.id for each in found.following(set(keys[place : place + 1]))]
    assert following == (keys[place + 1 :] if grace_days and place < len(keys) else [])


def test_an_empty_ledger_takes_nothing() -> None:
    assert Ledger().following({1}) == []
    assert ledger(0, [(3, None)]).after((1, SAM), None, 50.0) == 50.0
    assert ledger(0, [(3, None)]).after((1, SAM), Marked(1, NOW), None) is None
