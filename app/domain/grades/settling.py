"""Column grades: what a learner's instances, or an override, come to, for the learner or every member of a group."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, func, or_, select, true

from app.context import Context
from app.db.sets import member_of
from app.domain.attempts.models import AssessmentInstance, Submission
from app.domain.grades.counting import Mark, counting, percentage
from app.domain.grades.history import PARTS, GradeWrite, record
from app.domain.grades.models import ChangeKind, ColumnGrade
from app.domain.groups.models import Group, GroupMembership

Pair = tuple[int, int]  # assessment id, user id
Columns = Mapping[int, Any]  # assessments (id, course_instance_id, scoring_model, max_points) by id
Owner = tuple[int, int | None, int | None]  # assessment id, user id or group id

MANY = 100
NEW = {"override_points": None, "is_exempt": False, "feedback": None, "notes": None}


class Sitting(NamedTuple):
    """A scored assessment instance, as one of its owners' results."""

    id: int
    number: int
    points: float
    released_points: float | None
    max_points: float
    first_at: datetime | None
    last_at: datetime | None


async def settle(ctx: Context, columns: Columns, owners: Iterable[Owner], kind: ChangeKind) -> None:
    """Bring the column grades of these owners, or of all current members of owning groups, up to date."""
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
    await regrade(ctx, columns, {pair: {} for pair in pairs}, kind)


async def regrade(
    ctx: Context, columns: Columns, edits: Mapping[Pair, Mapping[str, Any]], kind: ChangeKind
) -> dict[Pair, int]:
    """Compute the grades of (assessment, user) pairs again, after edits of overrides, exemptions and remarks.

    Ids of the grades that there are, by pair. Only what really changes is written, and noted as `kind`.
    """
    if not edits:
        return {}
    sittings = await _sittings(ctx, edits)
    old = await _grades(ctx, edits)
    writes, ids = [], {}
    for pair in sorted(edits):
        row = old.get(pair)
        if row is None and not sittings[pair] and not edits[pair]:
            continue
        values = _graded(columns[pair[0]], row, sittings[pair], edits[pair])
        before = None if row is None else {name: getattr(row, name) for name in PARTS}
        if before is None or any(before[name] != values[name] for name in PARTS):
            writes.append(GradeWrite(None if row is None else row.id, pair, before, values))
        if row is not None:
            ids[pair] = row.id
    made = await record(ctx, kind, {key: row.course_instance_id for key, row in columns.items()}, writes)
    return ids | made


def _graded(column: Any, row: Any, sittings: list[Sitting], edits: Mapping[str, Any]) -> dict[str, Any]:
    kept = NEW if row is None else {name: getattr(row, name) for name in NEW}
    values = {**kept, "overridden_at": row and row.overridden_at, "overridden_by_id": row and row.overridden_by_id}
    values |= edits
    model = column.scoring_model
    best = counting(model, [Mark(each.points, each.number, each.id) for each in sittings])
    released = counting(
        model,
        [Mark(each.released_points, each.number, each.id) for each in sittings if each.released_points is not None],
    )
    points, shown = best and best.value, released and released.value
    max_points = next((each.max_points for each in sittings if best and each.id == best.id), column.max_points)
    if values["override_points"] is not None:
        points = shown = values["override_points"]
        max_points = column.max_points
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
    member = and_(GroupMembership.group_id == own.group_id, GroupMembership.left_at.is_(None))
    statement = (
        select(own.assessment_id, func.coalesce(own.user_id, GroupMembership.user_id))
        .add_columns(own.id, own.number, own.points, own.released_points, own.max_points)
        .select_from(own)
        .join(GroupMembership, member, isouter=True)
        .join(Group, Group.id == own.group_id, isouter=True)
        .where(member_of(own.assessment_id, {assessment_id for assessment_id, _ in pairs}))
        .where(own.points.is_not(None), Group.deleted_at.is_(None), _is_of(pairs, own.user_id, GroupMembership.user_id))
    )
    rows = await ctx.db.fetch(statement)
    moments = await _moments(ctx, {row.id for row in rows})
    found: dict[Pair, list[Sitting]] = defaultdict(list)
    for assessment_id, user_id, *sitting in rows:
        found[assessment_id, user_id].append(Sitting(*sitting, *moments.get(sitting[0], (None, None))))
    return found


async def _moments(ctx: Context, instance_ids: Collection[int]) -> dict[int, tuple[datetime, datetime]]:
    """When the first and the last submission of each instance were handed in."""
    own, at = Submission.assessment_instance_id, Submission.submitted_at
    statement = select(own, func.min(at), func.max(at)).where(member_of(own, instance_ids)).group_by(own)
    return {row[0]: (row[1], row[2]) for row in await ctx.db.fetch(statement)}


def _is_of(pairs: Collection[Pair], *columns: Any) -> ColumnElement[bool]:
    """Whether one of the columns names a user of the pairs. Of many users at once everybody's rows are read."""
    users = {user_id for _, user_id in pairs}
    return true() if len(users) > MANY else or_(*(member_of(column, users) for column in columns))


async def _grades(ctx: Context, pairs: Collection[Pair]) -> dict[Pair, Any]:
    statement = select(ColumnGrade.__table__).where(
        member_of(ColumnGrade.assessment_id, {assessment_id for assessment_id, _ in pairs}),
        _is_of(pairs, ColumnGrade.user_id),
    )
    return {(row.assessment_id, row.user_id): row for row in await ctx.db.fetch(statement)}
