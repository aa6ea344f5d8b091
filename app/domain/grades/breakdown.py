"""A course grade entry by entry: each slot of each assignment type, and their averages (contracts/edx-core.md §9.7)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from math import fsum
from typing import Any, NamedTuple

from sqlalchemy import select

from app.context import Context
from app.db.sets import member_of
from app.domain.assessments.models import AssessmentCategory
from app.domain.grades.calculated import Drawn, recipes_of
from app.domain.grades.learners import SubsectionGrade, places_of, subsection_grades


class BreakdownEntry(NamedTuple):
    """A slot, or (`is_total`) what a type's slots come to; `dropped` says why it does not count."""

    category: str
    label: str
    detail: str
    fraction: float
    is_total: bool = False
    dropped: str | None = None


async def breakdowns(ctx: Context, keys: Sequence[int]) -> list[list[BreakdownEntry]]:
    """For each enrolment id the entries of the assignment types of the grading policy, in its order.

    Six statements; none are there where no final column computes the course grade.
    """
    places = await places_of(ctx, keys)
    recipes = await recipes_of(ctx, {place for place, _ in places.values()})
    terms = {place: each.terms for place, listed in recipes.items() for each in listed if each.is_final}
    names = await _categories(ctx, {term.category_id for each in terms.values() for term in each if term.category_id})
    found: list[list[BreakdownEntry]] = []
    for key, grades in zip(keys, await subsection_grades(ctx, keys), strict=True):
        by_category: dict[int | None, list[SubsectionGrade]] = defaultdict(list)
        for each in grades:
            if not each.is_withheld:
                by_category[each.category_id].append(each)
        own = terms.get(places.get(key, (0, 0))[0], ())
        found.append(
            [
                entry
                for term in own
                if term.category_id in names
                for entry in entries(term, *names[term.category_id], by_category[term.category_id])
            ]
        )
    return found


def entries(term: Drawn, category: str, short: str, grades: Sequence[SubsectionGrade]) -> list[BreakdownEntry]:
    """The entries of one assignment type."""
    slots = max(term.min_count, len(grades))
    fractions = [each.fraction for each in grades] + [0.0] * (slots - len(grades))
    dropped = set(sorted(range(slots), key=lambda slot: (fractions[slot], slot))[: min(term.drop_lowest, slots - 1)])
    counted = [fractions[slot] for slot in range(slots) if slot not in dropped]
    mean = fsum(counted) / len(counted) if counted else 0.0
    if slots == 1:
        return [BreakdownEntry(category, short, f"{category} = {mean:.2%}", mean, is_total=True)]
    why = f"The lowest {term.drop_lowest} {category} scores are dropped."
    listed = [
        BreakdownEntry(
            category,
            f"{short} {slot + 1:02d}",
            _detail(category, slot, grades),
            fractions[slot],
            dropped=why if slot in dropped else None,
        )
        for slot in range(slots)
    ]
    return [*listed, BreakdownEntry(category, f"{short} Avg", f"{category} Average = {mean:.2%}", mean, is_total=True)]


def _detail(category: str, slot: int, grades: Sequence[SubsectionGrade]) -> str:
    if slot >= len(grades):
        return f"{category} {slot + 1} Unreleased - 0% (?/?)"
    own = grades[slot]
    return f"{category} {slot + 1} - {own.name} - {own.fraction:.0%} ({own.points:.3n}/{own.max_points:.3n})"


async def _categories(ctx: Context, keys: Any) -> dict[int | None, tuple[str, str]]:
    own = AssessmentCategory
    statement = select(own.id, own.name, own.abbreviation).where(member_of(own.id, keys), ctx.visible(own))
    return {row[0]: (row[1], row[2]) for row in await ctx.db.fetch(statement)}
