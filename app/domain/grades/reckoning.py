"""What late days and many versions cost learners: grace days used in order of the due dates (contracts/autolab.md §5).

Days and versions are those of the newest submission that has a mark (of ScoringModel.FIRST the oldest), among released
marks for what learners see; never of the values of marks, so that they betray none.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple, TypeVar

from app.domain.assessments.lateness import (
    Penalty,
    after_penalties,
    cost,
    days_late,
    surplus_versions,
    usable_grace_days,
)
from app.domain.assessments.models import GradingType

Pair = tuple[int, int]  # assessment id, user id
Points = TypeVar("Points", float, float | None)
Edits = Mapping[Pair, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Rule:
    """What an assessment and its course instance say of lateness and versions; None of `unpenalized` is any number."""

    id: int
    course_instance_id: int
    name: str
    scoring_model: str
    max_points: float
    due_at: datetime | None
    max_grace_days: int | None
    grace_days: int
    slack_seconds: int
    time_zone: str
    unpenalized: int | None
    late: Penalty
    version: Penalty
    reckons: bool = True
    grading_type: str = GradingType.ATTEMPTS


class Marked(NamedTuple):
    """A submission with a mark: its owner's how many-th of the assessment, and when it was handed in."""

    number: int
    submitted_at: datetime


class Sat(NamedTuple):
    """One person's sitting, alone or in a group, and the submissions that decide: of all, of those with shown marks."""

    id: int
    pair: Pair
    group_id: int | None
    marked: Marked | None
    released: Marked | None


class Reckoning(NamedTuple):
    """What a submission's days and versions cost, in points: None as long as there are no raw points to take from."""

    days_late: int
    grace_days_used: int
    penalized_days: int
    raw_points: float | None
    late_penalty: float | None
    version_penalty: float | None


@dataclass(frozen=True, slots=True)
class Ledger:
    """The grace days of some learners in some course instances; the empty one takes nothing from anybody.

    `versions` numbers what each handed in to each assessment, alone and in groups: by user and submission id.
    """

    rules: Mapping[int, Rule] = field(default_factory=dict)
    due: Mapping[Pair, datetime | None] = field(default_factory=dict)
    usable: Mapping[Pair, int] = field(default_factory=dict)
    sat: Sequence[Sat] = ()
    versions: Mapping[tuple[int, int], int] = field(default_factory=dict)

    def reckon(self, pair: Pair, marked: Marked, raw_points: float | None) -> Reckoning:
        """What a submission of somebody costs."""
        rule = self.rules[pair[0]]
        late = days_late(marked.submitted_at, self.due[pair], rule.slack_seconds, rule.time_zone)
        used = min(late, self.usable[pair])
        days = Reckoning(late, used, late - used, raw_points, None, None)
        if raw_points is None:
            return days
        surplus = surplus_versions(marked.number, rule.unpenalized)
        return days._replace(
            late_penalty=cost(rule.late, raw_points, days.penalized_days),
            version_penalty=cost(rule.version, raw_points, surplus),
        )

    def after(self, pair: Pair, marked: Marked | None, raw_points: Points) -> Points:
        """What is left of raw points; None of None, all of them where no submission decides."""
        if marked is None or raw_points is None:
            return raw_points
        found = self.reckon(pair, marked, raw_points)
        return after_penalties(raw_points, found.late_penalty or 0.0, found.version_penalty or 0.0)

    def following(self, keys: Collection[int]) -> list[Sat]:
        """The sittings that are due after these ones of the same learners, where there are grace days to share."""
        places = {key: place for place, key in enumerate(self.rules)}
        first: dict[tuple[int, int], int] = {}
        for each in self.sat:
            rule = self.rules[each.pair[0]]
            if each.id in keys and rule.grace_days:
                whose = (rule.course_instance_id, each.pair[1])
                first[whose] = min(places[rule.id], first.get(whose, len(places)))
        return [
            each
            for each in self.sat
            if self.due[each.pair] is not None
            and (whose := (self.rules[each.pair[0]].course_instance_id, each.pair[1])) in first
            and places[each.pair[0]] > first[whose]
        ]


NOTHING_TAKEN = Ledger()


def usable_days(
    rules: Mapping[int, Rule], due: Mapping[Pair, datetime | None], sat: Iterable[Sat], user_ids: Collection[int]
) -> dict[Pair, int]:
    """Grace days that each learner may use on each assessment; of several sittings the latest takes from them."""
    late: dict[Pair, int] = defaultdict(int)
    for each in sat:
        if each.marked is not None:
            rule = rules[each.pair[0]]
            days = days_late(each.marked.submitted_at, due[each.pair], rule.slack_seconds, rule.time_zone)
            late[each.pair] = max(late[each.pair], days)
    usable = {}
    for user_id in user_ids:
        used: dict[int, int] = defaultdict(int)
        for rule in rules.values():
            pair, place = (rule.id, user_id), rule.course_instance_id
            usable[pair] = usable_grace_days(rule.grace_days, used[place], rule.max_grace_days)
            used[place] += min(late[pair], usable[pair])
    return usable
