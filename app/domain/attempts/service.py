"""Assessment instances are started and closed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import insert, select

from app.context import Context
from app.domain.assessments.models import Assessment, GradingType
from app.domain.assessments.terms import require_open, terms_for
from app.domain.attempts.drawing import draw_questions
from app.domain.attempts.models import AssessmentInstance, Event, EventKind
from app.domain.attempts.policy import may_work_for
from app.domain.enrollment.models import Enrollment
from app.domain.enrollment.policy import STAFF_ROLES
from app.domain.enrollment.presence import require_present
from app.domain.groups.models import Group, GroupMembership, GroupSet
from app.domain.identity.policy import may_write
from app.domain.rows import insert_row, update_row, update_rows, visible_row
from app.errors import RuleBroken, UserErrorCode


async def start_assessment_instance(
    ctx: Context, *, assessment_id: int, user_id: int | None = None, password: str | None = None
) -> int:
    """A sitting of an assessment for oneself or, by the staff, for a learner; the id of the open one if there is one.

    It belongs to the person's group when the assessment is done in groups. Raises NotFound (learners: also before the
    release), Forbidden; RuleBroken at `userId` (`assessmentId` for oneself): NOT_FOUND, NOT_ENROLLED, DROPPED,
    NOT_IN_GROUP; at `assessmentId`: NOT_OPEN, and for learners NOT_RELEASED, PAST_DEADLINE, LIMIT_REACHED.
    """
    may_write(ctx)
    learner = ctx.user_id if user_id is None else user_id
    field = "assessmentId" if user_id is None else "userId"
    columns = (Assessment.id, Assessment.course_instance_id, Assessment.group_set_id, Assessment.grading_type)
    more = (Assessment.max_instances, Assessment.max_points, Assessment.max_bonus_points)
    assessment = await visible_row(ctx, Assessment, assessment_id, *columns, *more)
    as_staff = await may_work_for(ctx, assessment.course_instance_id, learner)
    await require_present(ctx, assessment.course_instance_id, [learner], field)
    if assessment.grading_type != GradingType.ATTEMPTS:
        raise RuleBroken(UserErrorCode.NOT_OPEN, "grades of this assessment do not come from work", "assessmentId")
    owner = await _owner(ctx, assessment, learner, field)
    earlier = await _sittings(ctx, assessment_id, owner)
    for each in earlier:
        if each.is_open and (each.closes_at is None or each.closes_at > ctx.now):
            return int(each.id)
    terms = await terms_for(ctx, assessment_id, learner, password=password or "")
    if not as_staff:
        require_open(ctx, terms, "assessmentId")
        if assessment.max_instances is not None and len(earlier) >= assessment.max_instances:
            raise RuleBroken(UserErrorCode.LIMIT_REACHED, "started as often as allowed", "assessmentId")
    await _close_expired(ctx, [each for each in earlier if each.is_open])
    number = max((each.number for each in earlier), default=0) + 1
    return await _start(ctx, assessment, {**owner, "number": number}, terms.time_limit_minutes)


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


async def _start(ctx: Context, assessment: Any, owner: dict[str, Any], minutes: int | None) -> int:
    values = {
        "assessment_id": assessment.id,
        "course_instance_id": assessment.course_instance_id,
        "max_points": assessment.max_points,
        "max_bonus_points": assessment.max_bonus_points,
        "started_at": ctx.now,
        "modified_at": ctx.now,
        "closes_at": None if minutes is None else ctx.now + timedelta(minutes=minutes),
    }
    made = await insert_row(ctx, AssessmentInstance, owner | values)
    max_points = await draw_questions(ctx, assessment.id, made)
    if max_points not in (None, assessment.max_points):
        await update_row(ctx, AssessmentInstance, made, {"max_points": max_points})
    return made


async def _owner(ctx: Context, assessment: Any, user_id: int, field: str) -> dict[str, Any]:
    """The `user_id` or the `group_id` that a sitting belongs to. Its row is locked: one start at a time."""
    if assessment.group_set_id is not None:
        group = (
            select(Group.id)
            .join(GroupMembership, GroupMembership.group_id == Group.id)
            .join(GroupSet, GroupSet.id == Group.group_set_id)
            .where(Group.group_set_id == assessment.group_set_id, Group.deleted_at.is_(None), GroupSet.max_size > 1)
            .where(GroupMembership.user_id == user_id, GroupMembership.left_at.is_(None))
            .with_for_update(key_share=True, of=Group)
        )
        group_id = await ctx.db.scalar(group)
        if group_id is not None:
            return {"group_id": group_id}
    here = (Enrollment.course_instance_id == assessment.course_instance_id, Enrollment.user_id == user_id)
    role = await ctx.db.scalar(select(Enrollment.role).where(*here).with_for_update(key_share=True))
    if assessment.group_set_id is not None and role not in STAFF_ROLES:
        max_size = await ctx.db.scalar(select(GroupSet.max_size).where(GroupSet.id == assessment.group_set_id))
        if max_size > 1:
            raise RuleBroken(UserErrorCode.NOT_IN_GROUP, "the assessment is done in groups", field)
    return {"user_id": user_id}


async def _sittings(ctx: Context, assessment_id: int, owner: dict[str, Any]) -> Sequence[Any]:
    own = AssessmentInstance
    statement = select(own.id, own.number, own.is_open, own.closes_at).where(own.assessment_id == assessment_id)
    whose = own.group_id == owner["group_id"] if "group_id" in owner else own.user_id == owner["user_id"]
    return await ctx.db.fetch(statement.where(whose).order_by(own.number.desc()))


async def _close_expired(ctx: Context, sittings: Sequence[Any]) -> None:
    """Close sittings whose time is over, as of then."""
    if sittings:
        closed = [{"id": each.id, "is_open": False, "closed_at": each.closes_at} for each in sittings]
        await update_rows(ctx, AssessmentInstance, closed)
        events = [
            {"assessment_instance_id": each.id, "kind": EventKind.CLOSE, "happened_at": each.closes_at}
            for each in sittings
        ]
        await ctx.db.execute(insert(Event), events)
