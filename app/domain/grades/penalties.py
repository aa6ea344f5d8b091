"""What late days and versions cost a submission, or a sitting, as far as the caller may see its marks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import func, select, true

from app.context import Context
from app.db.sets import member_of
from app.domain.assessments.models import Problem
from app.domain.assessments.zones import counted, zones_of
from app.domain.attempts.models import AssessmentInstance, InstanceQuestion, Submission
from app.domain.enrollment.policy import teaches
from app.domain.grades.ledger import ledger_of
from app.domain.grades.models import Score
from app.domain.grades.reckoning import Ledger, Marked, Reckoning
from app.domain.groups.models import GroupMembership

Own = AssessmentInstance


async def penalties_of_submissions(ctx: Context, keys: Sequence[int]) -> list[Reckoning | None]:
    """For each submission id what it costs, were it the one that counts; raw points are the sum of its visible marks.

    Of a group's submission the days are those of the caller where they are a member, else of who handed it in, else of
    the first member; None without members. Eight statements.
    """
    statement = (
        select(Submission.id, Submission.submitted_at, Submission.submitted_by_id)
        .add_columns(Own.assessment_id, Own.course_instance_id, Own.user_id, Own.group_id)
        .join(Own, Own.id == Submission.assessment_instance_id)
        .where(member_of(Submission.id, keys), ctx.visible(Submission))
    )
    rows = await ctx.db.fetch(statement)
    sums = (
        select(Score.submission_id, func.sum(ctx.readable(Score.value)))
        .where(member_of(Score.submission_id, keys), ctx.visible(Score))
        .group_by(Score.submission_id)
    )
    points = {row[0]: row[1] for row in await ctx.db.fetch(sums)}
    members = await _members(ctx, rows)
    owners = {row.id: _owner(ctx, row, members[row.group_id], row.submitted_by_id) for row in rows}
    ledger = await _ledger(ctx, rows, owners.values())
    found = {}
    for row in rows:
        owner = owners[row.id]
        number = None if owner is None else ledger.versions.get((owner, row.id))
        if owner is not None and number is not None:
            marked = Marked(number, row.submitted_at)
            found[row.id] = ledger.reckon((row.assessment_id, owner), marked, points.get(row.id))
    return [found.get(key) for key in keys]


async def penalties_of_sittings(ctx: Context, keys: Sequence[int]) -> list[Reckoning | None]:
    """For each assessment instance id what its points have lost; None as long as the caller sees no mark of it.

    The caller's where a group's is theirs, else those of its first member. Nine statements.
    """
    is_staff = true() if ctx.principal.is_admin else teaches(Own.course_instance_id, ctx.viewing)
    statement = (
        select(Own.id, Own.assessment_id, Own.course_instance_id, Own.user_id, Own.group_id)
        .add_columns(is_staff.label("is_staff"))
        .where(member_of(Own.id, keys), ctx.visible(Own))
    )
    rows = {row.id: row for row in await ctx.db.fetch(statement)}
    points = await _raw_points(ctx, list(rows.values()))
    members = await _members(ctx, rows.values())
    owners = {key: _owner(ctx, row, members[row.group_id], None) for key, row in rows.items()}
    ledger = await _ledger(ctx, rows.values(), owners.values())
    found = {}
    for each in ledger.sat:
        if each.id in rows and each.pair[1] == owners[each.id]:
            marked = each.marked if rows[each.id].is_staff else each.released
            if marked is not None and points.get(each.id) is not None:
                found[each.id] = ledger.reckon(each.pair, marked, points[each.id])
    return [found.get(key) for key in keys]


async def _raw_points(ctx: Context, rows: Collection[Any]) -> dict[int, float]:
    """The sums of the points that the caller sees, within zones, by assessment instance."""
    own = InstanceQuestion
    statement = (
        select(own.assessment_instance_id, Problem.zone_id, ctx.readable(own.points))
        .join(Problem, Problem.id == own.problem_id)
        .where(member_of(own.assessment_instance_id, [row.id for row in rows]))
    )
    pairs: dict[int, list[tuple[int | None, float]]] = defaultdict(list)
    for key, zone_id, value in await ctx.db.fetch(statement):
        if value is not None:
            pairs[key].append((zone_id, value))
    zones = await zones_of(ctx, {row.assessment_id for row in rows})
    return {key: counted(several, zones) for key, several in pairs.items()}


async def _members(ctx: Context, rows: Iterable[Any]) -> dict[int | None, list[int]]:
    """The current members of the groups that own something, in order of joining, by group."""
    groups = {row.group_id for row in rows if row.group_id is not None}
    own = GroupMembership
    statement = select(own.group_id, own.user_id).where(member_of(own.group_id, groups), own.left_at.is_(None))
    members: dict[int | None, list[int]] = defaultdict(list)
    for group_id, user_id in await ctx.db.fetch(statement.order_by(own.id)):
        members[group_id].append(user_id)
    return members


def _owner(ctx: Context, row: Any, members: Sequence[int], submitted_by_id: int | None) -> int | None:
    """Whose days count: the owner's, or those of a member of the owning group."""
    if row.user_id is not None:
        return int(row.user_id)
    for user_id in (ctx.principal.user_id, submitted_by_id):
        if user_id in members:
            return user_id
    return members[0] if members else None


async def _ledger(ctx: Context, rows: Iterable[Any], owners: Iterable[int | None]) -> Ledger:
    places = {row.course_instance_id for row in rows}
    return await ledger_of(ctx, places, {user_id for user_id in owners if user_id is not None})
