"""The latest submission of a learner is scored, whichever that is."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import or_, select

from app.context import Context
from app.db.sets import member_of
from app.domain.assessments.models import Assessment
from app.domain.attempts.models import AssessmentInstance, Submission
from app.domain.enrollment.policy import may_teach
from app.domain.enrollment.presence import standing_of
from app.domain.grades.service import NewScore, score_problems
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
    own = await _latest(ctx, assessment_id, user_id)
    if own is None:
        raise RuleBroken(UserErrorCode.NOT_FOUND, "nothing has been handed in", "userId")
    found = [own]
    if with_group:
        for mate in await _mates(ctx, assessment.group_set_id, user_id):
            theirs = await _latest(ctx, assessment_id, mate)
            found += [theirs] if theirs is not None and theirs not in found else []
    for submission_id in found:
        await score_problems(ctx, submission_id=submission_id, scores=scores)
    return assessment_id


async def _latest(ctx: Context, assessment_id: int, user_id: int) -> int | None:
    """The submission that somebody handed in last, or somebody of a group they are in now."""
    groups = (
        select(GroupMembership.group_id)
        .join(Group, Group.id == GroupMembership.group_id)
        .where(GroupMembership.user_id == user_id, GroupMembership.left_at.is_(None), Group.deleted_at.is_(None))
    )
    own = AssessmentInstance
    instances = select(own.id).where(
        own.assessment_id == assessment_id, or_(own.user_id == user_id, own.group_id.in_(groups))
    )
    statement = (
        select(Submission.id)
        .where(Submission.assessment_instance_id.in_(instances))
        .order_by(Submission.submitted_at.desc(), Submission.id.desc())
    )
    found: int | None = await ctx.db.scalar(statement.limit(1))
    return found


async def _mates(ctx: Context, group_set_id: int | None, user_id: int) -> list[int]:
    """The other members of somebody's group of a set."""
    mine = select(GroupMembership.group_id).where(
        GroupMembership.group_set_id == group_set_id,
        GroupMembership.user_id == user_id,
        GroupMembership.left_at.is_(None),
    )
    groups = [row[0] for row in await ctx.db.fetch(mine)]
    members = select(GroupMembership.user_id).where(
        member_of(GroupMembership.group_id, groups),
        GroupMembership.left_at.is_(None),
        GroupMembership.user_id != user_id,
    )
    return [row[0] for row in await ctx.db.fetch(members.order_by(GroupMembership.id))]
