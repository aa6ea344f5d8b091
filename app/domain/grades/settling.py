"""Column grades: what a learner's instances, or an override, come to, for the learner or every member of a group."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, func, select, update

from app.context import Context
from app.db.sets import member_of
from app.domain.assessments.models import GradingType
from app.domain.attempts.models import AssessmentInstance, Submission
from app.domain.grades.calculated import recalculate
from app.domain.grades.counting import Mark, counting, percentage
from app.domain.grades.history import PARTS, GradeWrite, draw, record
from app.domain.grades.ledger import ledger_of, of_users, owned_sittings
from app.domain.grades.models import ChangeKind, ColumnGrade
from app.domain.grades.reckoning import Edits, Ledger, Pair
from app.domain.groups.models import GroupMembership

Columns = Mapping[int, Any]  # assessments by id: what lock_columns of flow.py reads
Owner = tuple[int, int | None, int | None]  # assessment id, user id or group id

COMPUTED_PARTS = ("points", "released_points", "max_points", "score_perc", "released_score_perc")
OVERRIDE = ("override_points", "override_text")
BESIDE = (
    "override_max_points",
    "override_all_points",
    "override_all_max_points",
    "override_reason",
    "override_source",
)
"""What is said of an override; it goes with it."""
MEASURED = (*OVERRIDE, "override_max_points")
NEW = {
    **dict.fromkeys(OVERRIDE + BESIDE),
    "is_exempt": False,
    "feedback": None,
    "notes": None,
    "grade_notation_id": None,
}


class Sitting(NamedTuple):
    """A scored assessment instance, as one of its owners' results."""

    id: int
    group_id: int | None
    number: int
    points: float
    released_points: float | None
    max_points: float
    first_at: datetime | None
    last_at: datetime | None


async def settle(
    ctx: Context, columns: Columns, owners: Iterable[Owner], kind: ChangeKind, edits: Edits, ledger: Ledger
) -> None:
    """Bring the column grades of these owners, or of all current members of owning groups, up to date, with edits."""
    pairs: set[Pair] = set()
    groups: dict[int, set[int]] = defaultdict(set)
    for assessment_id, user_id, group_id in owners:
        if user_id is not None:
            pairs.add((assessment_id, user_id))
        elif group_id is not None:
            groups[group_id].add(assessment_id)
    if groups:
        members = select(GroupMembership.group_id, GroupMembership.user_id).where(
            member_of(GroupMembership.group_id, groups), GroupMembership.left_at.is_(None)
        )
        for group_id, user_id in await ctx.db.fetch(members):
            pairs |= {(assessment_id, user_id) for assessment_id in groups[group_id]}
    await regrade(ctx, columns, {pair: edits.get(pair, {}) for pair in pairs}, kind, ledger)


async def regrade(
    ctx: Context, columns: Columns, edits: Edits, kind: ChangeKind, ledger: Ledger | None = None
) -> dict[Pair, int]:
    """Compute the grades of (assessment, user) pairs again, after edits of overrides, exemptions and remarks.

    Ids of the grades that there are, by pair. Only what really changes is written, and noted as `kind`. `ledger` is
    that of the users, if it is known. Calculated columns follow; what follows for other assessments is left to `amend`
    of overrides.py.
    """
    if not edits:
        return {}
    if any(_is_calculated(columns[assessment_id]) for assessment_id, _ in edits):
        await draw(ctx, 0)  # others compute these grades meanwhile
    sittings = await _after_penalties(ctx, columns, edits, await _sittings(ctx, edits), ledger)
    old = await _grades(ctx, edits)
    writes, ids = [], {}
    for pair in sorted(edits):
        row = old.get(pair)
        if row is None and not sittings[pair] and not edits[pair]:
            continue
        values = _graded(columns[pair[0]], row, sittings[pair], edits[pair])
        is_same = row is not None and all(getattr(row, name) == values[name] for name in MEASURED)
        if is_same and _is_calculated(columns[pair[0]]):
            values |= {name: getattr(row, name) for name in COMPUTED_PARTS}
        before = None if row is None else {name: getattr(row, name) for name in PARTS}
        if before is None or any(before[name] != values[name] for name in PARTS):
            writes.append(GradeWrite(None if row is None else row.id, pair, before, values))
        if row is not None:
            ids[pair] = row.id
    places = {key: row.course_instance_id for key, row in columns.items()}
    ids |= await record(ctx, kind, places, writes)
    if writes:
        computed = [ids[write.pair] for write in writes if _is_calculated(columns[write.pair[0]])]
        await _forget_indices(ctx, computed)
        await recalculate(ctx, {places[write.pair[0]] for write in writes}, {write.pair[1] for write in writes})
    return ids


def _is_calculated(column: Any) -> bool:
    return bool(column.grading_type == GradingType.CALCULATED)


async def _forget_indices(ctx: Context, grade_ids: Collection[int]) -> None:
    """Grades of calculated columns have no change index, whatever people do to them."""
    if grade_ids:
        own = ColumnGrade
        await ctx.db.execute(update(own).where(member_of(own.id, grade_ids)).values(change_index=0))


def _graded(column: Any, row: Any, sittings: list[Sitting], edits: Mapping[str, Any]) -> dict[str, Any]:
    kept = NEW if row is None else {name: getattr(row, name) for name in NEW}
    values = {**kept, "overridden_at": row and row.overridden_at, "overridden_by_id": row and row.overridden_by_id}
    if "override_points" in edits:
        values |= dict.fromkeys(("override_text", *BESIDE))
    values |= edits
    model = column.scoring_model
    best = counting(model, [Mark(each.points, each.number, each.id) for each in sittings])
    released = counting(
        model,
        [Mark(each.released_points, each.number, each.id) for each in sittings if each.released_points is not None],
    )
    points, shown = best and best.value, released and released.value
    max_points = next((each.max_points for each in sittings if best and each.id == best.id), column.max_points)
    if any(values[name] is not None for name in OVERRIDE):
        points = shown = values["override_points"]
        said = values["override_max_points"]
        max_points = column.max_points if said is None else said
    moments = [each.first_at for each in sittings] + [each.last_at for each in sittings] + [values["overridden_at"]]
    known = sorted(moment for moment in moments if moment is not None)
    return values | {
        "assessment_instance_id": best and best.id,
        "points": points,
        "released_points": shown,
        "max_points": max_points,
        "score_perc": percentage(points, max_points),
        "released_score_perc": percentage(shown, max_points),
        "first_relevant_at": known[0] if known else None,
        "last_relevant_at": known[-1] if known else None,
    }


async def _sittings(ctx: Context, pairs: Collection[Pair]) -> dict[Pair, list[Sitting]]:
    """The scored instances that people own, alone or as current members of a group, by pair."""
    own = AssessmentInstance
    statement = (
        owned_sittings(own.id, own.group_id, own.number, own.points, own.released_points, own.max_points)
        .where(member_of(own.assessment_id, {assessment_id for assessment_id, _ in pairs}))
        .where(own.points.is_not(None), _is_of(pairs, own.user_id, GroupMembership.user_id))
    )
    rows = await ctx.db.fetch(statement)
    moments = await _moments(ctx, {row.id for row in rows})
    found: dict[Pair, list[Sitting]] = defaultdict(list)
    for assessment_id, user_id, *sitting in rows:
        found[assessment_id, user_id].append(Sitting(*sitting, *moments.get(sitting[0], (None, None))))
    return found


async def _after_penalties(
    ctx: Context, columns: Columns, edits: Edits, sittings: dict[Pair, list[Sitting]], ledger: Ledger | None
) -> dict[Pair, list[Sitting]]:
    """The sittings with what is left to each member of a group's points; those of one person have it already."""
    shared = {
        (each.id, pair)
        for pair, several in sittings.items()
        for each in several
        if each.group_id is not None and columns[pair[0]].reckons
    }
    if not shared:
        return sittings
    if ledger is None:
        places = {columns[pair[0]].course_instance_id for _, pair in shared}
        ledger = await ledger_of(ctx, places, {pair[1] for _, pair in shared}, edits)
    for sat in ledger.sat:
        if (sat.id, sat.pair) in shared:
            sittings[sat.pair] = [
                each._replace(
                    points=ledger.after(sat.pair, sat.marked, each.points),
                    released_points=ledger.after(sat.pair, sat.released, each.released_points),
                )
                if each.id == sat.id
                else each
                for each in sittings[sat.pair]
            ]
    return sittings


async def _moments(ctx: Context, instance_ids: Collection[int]) -> dict[int, tuple[datetime, datetime]]:
    """When the first and the last submission of each instance were handed in."""
    own, at = Submission.assessment_instance_id, Submission.submitted_at
    statement = select(own, func.min(at), func.max(at)).where(member_of(own, instance_ids)).group_by(own)
    return {row[0]: (row[1], row[2]) for row in await ctx.db.fetch(statement)}


def _is_of(pairs: Collection[Pair], *columns: Any) -> ColumnElement[bool]:
    return of_users({user_id for _, user_id in pairs}, *columns)


async def _grades(ctx: Context, pairs: Collection[Pair]) -> dict[Pair, Any]:
    statement = select(ColumnGrade.__table__).where(
        member_of(ColumnGrade.assessment_id, {assessment_id for assessment_id, _ in pairs}),
        _is_of(pairs, ColumnGrade.user_id),
    )
    return {(row.assessment_id, row.user_id): row for row in await ctx.db.fetch(statement)}
