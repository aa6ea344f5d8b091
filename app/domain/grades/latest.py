"""The latest submission of a learner is scored, whichever that is."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import func, select, union_all

from app.context import Context
from app.db.sets import member_of
from app.domain.assessments.models import Assessment
from app.domain.attempts.models import AssessmentInstance, Submission
from app.domain.enrollment.policy import may_teach
from app.domain.enrollment.presence import standing_of
from app.domain.grades.service import MARKED, NewScore, write_scores
from app.domain.groups.models import Group, GroupMembership
from app.domain.identity.policy import may_write
from app.domain.rows import visible_row
from app.errors import RuleBroken, UserErrorCode


async def score_latest_submission(
    ctx: Context, *, assessment_id: int, user_id: int, scores: Sequence[NewScore], with_group: bool = False
) -> int:
    """Mark the latest submission of a learner, alone or in a group, and with `with_group` that of each group member.

    All or none; the assessment's id. Course assistants, instructors, administrators. Raises NotFound, Forbidden;
    RuleBroken like `score_problems`, NOT_FOUND at `userId` for somebody unknown or who has handed in nothing.
    """
    may_write(ctx)
    columns = (Assessment.course_instance_id, Assessment.group_set_id)
    assessment = await visible_row(ctx, Assessment, assessment_id, *columns, lock=True)
    await may_teach(ctx, assessment.course_instance_id, assistants=True)
    await standing_of(ctx, assessment.course_instance_id, [user_id], "userId")
    mates = await _mates(ctx, assessment.group_set_id, user_id) if with_group else []
    found = await _latest(ctx, assessment_id, [user_id, *mates])
    if user_id not in found:
        raise RuleBroken(UserErrorCode.NOT_FOUND, "nothing has been handed in", "userId")
    if not scores:
        raise RuleBroken(UserErrorCode.REQUIRED, "no scores", "scores")
    submissions = {row.id: row for row in found.values()}
    await write_scores(ctx, submissions, scores, release=False, grader_id=ctx.principal.user_id)
    return assessment_id


async def _latest(ctx: Context, assessment_id: int, user_ids: Collection[int]) -> dict[int, Any]:
    """What people handed in last, they or somebody of a group they are in now: rows with `id` and MARKED, by person."""
    own, member = AssessmentInstance, GroupMembership
    alone = select(own.user_id, own.id).where(own.assessment_id == assessment_id, member_of(own.user_id, user_ids))
    together = (
        select(member.user_id, own.id)
        .select_from(own)
        .join(Group, Group.id == own.group_id)
        .join(member, member.group_id == Group.id)
        .where(own.assessment_id == assessment_id, Group.deleted_at.is_(None))
        .where(member_of(member.user_id, user_ids), member.left_at.is_(None))
    )
    sittings = union_all(alone, together).subquery()
    person, sitting = sittings.c
    newest = (Submission.submitted_at.desc(), Submission.id.desc())
    place = func.row_number().over(partition_by=person, order_by=newest).label("place")
    ranked = (
        select(person.label("person"), Submission.id, *MARKED, place)
        .join(Submission, Submission.assessment_instance_id == sitting)
        .subquery()
    )
    rows = await ctx.db.fetch(select(ranked).where(ranked.c.place == 1))
    return {row.person: row for row in rows}


async def _mates(ctx: Context, group_set_id: int | None, user_id: int) -> list[int]:
    """The other members of somebody's group of a set."""
    mine = select(GroupMembership.group_id).where(
        GroupMembership.group_set_id == group_set_id,
        GroupMembership.user_id == user_id,
        GroupMembership.left_at.is_(None),
    )
    members = select(GroupMembership.user_id).where(
        GroupMembership.group_id.in_(mine), GroupMembership.left_at.is_(None), GroupMembership.user_id != user_id
    )
    return [row[0] for row in await ctx.db.fetch(members.order_by(GroupMembership.id))]
