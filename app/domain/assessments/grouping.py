"""In which groups an assessment is done."""

from __future__ import annotations

from app.context import Context
from app.domain.assessments.models import Assessment
from app.domain.assessments.service import changeable_assessment
from app.domain.enrollment.policy import may_teach
from app.domain.groups.models import GroupSet
from app.domain.groups.service import create_group_set, update_group_set
from app.domain.rows import free_name, update_row


async def set_assessment_groups(ctx: Context, *, assessment_id: int, max_size: int, is_self_assigned: bool) -> int:
    """Say how large the groups of an assessment may be, and who makes them; the assessment's id.

    One without a group set gets its own, called after it, and its members hand in each for all (decision 0008). A set
    that several assessments share changes for all of them. Instructors, administrators. Raises NotFound, Forbidden;
    RuleBroken OUT_OF_RANGE at `maxSize` below 1 or below the set's smallest size.
    """
    old = await changeable_assessment(ctx, assessment_id, Assessment.group_set_id, Assessment.name)
    await may_teach(ctx, old.course_instance_id)
    if old.group_set_id is not None:
        await update_group_set(ctx, group_set_id=old.group_set_id, max_size=max_size, is_self_assigned=is_self_assigned)
        return assessment_id
    made = await create_group_set(
        ctx,
        course_instance_id=old.course_instance_id,
        name=await free_name(ctx, GroupSet.name, old.name, GroupSet.course_instance_id == old.course_instance_id),
        max_size=max_size,
        is_self_assigned=is_self_assigned,
    )
    await update_row(ctx, Assessment, assessment_id, {"group_set_id": made, "has_group_sittings": False})
    return assessment_id
