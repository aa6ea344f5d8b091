"""Grades set by hand: overrides, exemptions, feedback and notes."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from app.context import Context
from app.db.sets import member_of
from app.domain.assessments.models import Assessment
from app.domain.attempts.models import AssessmentInstance
from app.domain.changes import UNSET, Change, given
from app.domain.enrollment.policy import may_teach
from app.domain.enrollment.presence import standing_of
from app.domain.grades.flow import lock_columns, propagate
from app.domain.grades.ledger import of_users, owned_sittings
from app.domain.grades.models import ChangeKind, ColumnGrade
from app.domain.grades.reckoning import Edits, Pair
from app.domain.grades.settling import Columns, regrade
from app.domain.groups.models import GroupMembership
from app.domain.identity.policy import may_write
from app.domain.rows import visible_row
from app.domain.rules import fitted, number
from app.errors import RuleBroken, UserErrorCode


async def override_grade(
    ctx: Context,
    *,
    assessment_id: int,
    user_id: int,
    points: Change[float | None] = UNSET,
    feedback: Change[str | None] = UNSET,
    notes: Change[str | None] = UNSET,
    is_exempt: Change[bool] = UNSET,
) -> int | None:
    """Set a learner's grade by hand, or (None) let it follow the scores again; exempt; or only write remarks.

    The column grade's id, None when there is none and nothing to note. Learners see an override at once. Changing
    nothing draws no change index (contracts/blackboard.md §5.7, §6). Instructors, administrators. Raises NotFound,
    Forbidden; RuleBroken: NOT_FOUND, NOT_ENROLLED at `userId`, INVALID, OUT_OF_RANGE at `points`, INVALID elsewhere.
    """
    column = await _column(ctx, assessment_id, user_id)
    old = await _grade(ctx, assessment_id, user_id)
    edits = fitted(ColumnGrade, given(feedback=feedback, notes=notes))
    kind = ChangeKind.ANNOTATED
    if is_exempt is not UNSET:
        edits["is_exempt"] = is_exempt
        kind = ChangeKind.EXEMPTED if is_exempt is not (old is not None and old.is_exempt) else kind
    before = None if old is None else old.override_points
    after = before if points is UNSET else points if points is None else number(points, "points", minimum=0)
    if after != before:
        kind = ChangeKind.CLEARED if after is None else ChangeKind.OVERRIDDEN
        edits |= {
            "override_points": after,
            "overridden_at": None if after is None else ctx.now,
            "overridden_by_id": None if after is None else ctx.principal.user_id,
        }
    return await _regrade(ctx, column, user_id, old, edits, kind)


async def exempt_grade(ctx: Context, *, assessment_id: int, user_id: int, is_exempt: bool = True) -> int | None:
    """Leave a learner's grade out of account, or not any more; the column grade's id, None as for `override_grade`.

    Instructors, administrators. Raises NotFound, Forbidden; RuleBroken: NOT_FOUND, NOT_ENROLLED at `userId`.
    """
    column = await _column(ctx, assessment_id, user_id)
    old = await _grade(ctx, assessment_id, user_id)
    return await _regrade(ctx, column, user_id, old, {"is_exempt": is_exempt}, ChangeKind.EXEMPTED)


async def amend(ctx: Context, columns: Columns, edits: Edits, kind: ChangeKind) -> dict[Pair, int]:
    """Edit overrides, exemptions and remarks of (assessment, user) pairs, and let follow what follows from them.

    Ids of the grades that there are, by pair. Checks no permission.
    """
    reckoning = {pair for pair in edits if columns[pair[0]].reckons}
    if reckoning:
        users = {user_id for _, user_id in reckoning}
        own = AssessmentInstance
        sat = owned_sittings(own.id).where(
            member_of(own.assessment_id, {assessment_id for assessment_id, _ in reckoning}),
            of_users(users, own.user_id, GroupMembership.user_id),
        )
        keys = {key for *pair, key in await ctx.db.fetch(sat) if tuple(pair) in reckoning}
        await propagate(ctx, keys, kind, edits=edits)
    return await regrade(ctx, columns, edits, kind)


async def _column(ctx: Context, assessment_id: int, user_id: int) -> Any:
    """The assessment, locked, if the caller grades there and the person is or was enrolled."""
    may_write(ctx)
    seen = await visible_row(ctx, Assessment, assessment_id, Assessment.course_instance_id)
    await may_teach(ctx, seen.course_instance_id)
    standing = await standing_of(ctx, seen.course_instance_id, [user_id], "userId")
    if standing[user_id] == (None, None):
        raise RuleBroken(UserErrorCode.NOT_ENROLLED, "the person does not take part in the course", "userId")
    return (await lock_columns(ctx, [assessment_id]))[assessment_id]


async def _grade(ctx: Context, assessment_id: int, user_id: int) -> Any:
    one = (ColumnGrade.assessment_id == assessment_id, ColumnGrade.user_id == user_id)
    rows = await ctx.db.fetch(select(ColumnGrade.__table__).where(*one))
    return rows[0] if rows else None


async def _regrade(
    ctx: Context, column: Any, user_id: int, old: Any, edits: dict[str, Any], kind: ChangeKind
) -> int | None:
    empty: dict[str, Any] = {"is_exempt": False}
    if old is None and all(value == empty.get(name) for name, value in edits.items()):
        return None
    pair = (column.id, user_id)
    return (await amend(ctx, {column.id: column}, {pair: edits}, kind))[pair]
