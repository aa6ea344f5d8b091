"""A sitting begins and ends: a learner's, or one that a group has together."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from app.context import Context
from app.domain.assessments.models import Assessment, GradingType
from app.domain.assessments.terms import terms_for
from app.domain.attempts.models import AssessmentInstance, Event, EventKind
from app.domain.attempts.policy import may_work_for
from app.domain.attempts.sittings import RULES, Owner, Start, begin, open_one, sittings_of
from app.domain.attempts.teams import team_of
from app.domain.enrollment.policy import STAFF_ROLES
from app.domain.enrollment.presence import require_present
from app.domain.groups.models import GroupSet
from app.domain.identity.policy import may_write
from app.domain.rows import insert_row, update_row, visible_row
from app.errors import RuleBroken, UserErrorCode


async def start_assessment_instance(
    ctx: Context, *, assessment_id: int, user_id: int | None = None, password: str | None = None
) -> int:
    """A sitting of an assessment for oneself or, by the staff, for a learner; the id of the open one if there is one.

    It belongs to the person's group when groups have sittings of the assessment (decision 0008). Raises NotFound
    (learners: also before the release), Forbidden; RuleBroken at `userId` (`assessmentId` for oneself): NOT_FOUND,
    NOT_ENROLLED, DROPPED, NOT_IN_GROUP; at `assessmentId`: NOT_OPEN, and for learners NOT_RELEASED, PAST_DEADLINE,
    LIMIT_REACHED.
    """
    may_write(ctx)
    learner = ctx.user_id if user_id is None else user_id
    field = "assessmentId" if user_id is None else "userId"
    assessment = await visible_row(ctx, Assessment, assessment_id, *RULES)
    as_staff = await may_work_for(ctx, assessment.course_instance_id, learner)
    await require_present(ctx, assessment.course_instance_id, [learner], field)
    if assessment.grading_type != GradingType.ATTEMPTS:
        raise RuleBroken(UserErrorCode.NOT_OPEN, "grades of this assessment do not come from work", "assessmentId")
    owner = await _owner(ctx, assessment, learner, field)
    earlier = await sittings_of(ctx, assessment_id, [learner], owner.get("group_id"))
    found = open_one(ctx, earlier)
    if found is not None:
        return found
    terms = await terms_for(ctx, assessment_id, learner, password=password or "")
    starts = [Start(owner, earlier, terms)]
    return (await begin(ctx, assessment, starts, as_staff=as_staff, field="assessmentId"))[0]


async def close_assessment_instance(ctx: Context, *, assessment_instance_id: int) -> int:
    """End a sitting: nothing more is handed in; the id. Ending it twice changes nothing. Its owners, the staff.

    Raises NotFound, Unauthenticated, InsufficientScope.
    """
    may_write(ctx)
    columns = (AssessmentInstance.id, AssessmentInstance.is_open)
    found = await visible_row(ctx, AssessmentInstance, assessment_instance_id, *columns, lock=True)
    if found.is_open:
        closed = {"is_open": False, "closed_at": ctx.now, "modified_at": ctx.now}
        await update_row(ctx, AssessmentInstance, assessment_instance_id, closed)
        event = {"assessment_instance_id": assessment_instance_id, "kind": EventKind.CLOSE, "happened_at": ctx.now}
        await insert_row(ctx, Event, {**event, "actor_id": ctx.principal.user_id})
    return assessment_instance_id


async def _owner(ctx: Context, assessment: Any, user_id: int, field: str) -> Owner:
    """Whose a sitting is: the group's where groups have sittings, else the learner's. One start at a time."""
    team = await team_of(ctx, assessment.course_instance_id, assessment.group_set_id, user_id)
    if not assessment.has_group_sittings or assessment.group_set_id is None:
        return {"user_id": user_id}
    if team.group_id is not None:
        return {"group_id": team.group_id}
    role, _ = team.standings[user_id]
    if role not in STAFF_ROLES:
        max_size = await ctx.db.scalar(select(GroupSet.max_size).where(GroupSet.id == assessment.group_set_id))
        if max_size > 1:
            raise RuleBroken(UserErrorCode.NOT_IN_GROUP, "the assessment is done in groups", field)
    return {"user_id": user_id}
