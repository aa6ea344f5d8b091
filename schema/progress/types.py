"""LearnerRecord, and what it adds to course instances."""

from __future__ import annotations

from app.domain.progress.models import LearnerRecord as LearnerRecordRow
from app.domain.progress.queries import active_days_this_week, is_own
from app.reading.relations import Order
from schema.catalog.types import CourseInstance
from schema.core.declare import batch, column
from schema.core.node import extend, node
from schema.core.relate import first, one, page

BY_ENTRY = Order(("id",))


@node(LearnerRecordRow, "What one person chose, was shown and agreed to in one course instance.")
class LearnerRecord:
    """Visible to the person, and to those who teach there."""

    course_instance = one(LearnerRecordRow.course_instance_id, "Where.")
    user = one(LearnerRecordRow.user_id, "Whose it is.")
    goal_days_per_week = column(
        LearnerRecordRow.goal_days_per_week,
        "On how many days of a week they mean to learn, 0 when they didn't say; null without a goal.",
    )
    has_goal_reminders = column(LearnerRecordRow.has_goal_reminders, "Whether mails remind them of the goal.")
    celebrates_first_section = column(
        LearnerRecordRow.celebrates_first_section,
        "Whether the end of the first section is still to be celebrated; null when nobody said.",
    )
    celebrates_weekly_goal = column(
        LearnerRecordRow.celebrates_weekly_goal,
        "Whether a week in which the goal was reached is still to be celebrated; null when nobody said.",
    )
    dismissed_update = column(
        LearnerRecordRow.dismissed_update, "The newest update when they dismissed the welcome message."
    )
    signed_at = column(LearnerRecordRow.signed_at, "When they promised to work honestly; null: they have not yet.")
    receives_email = column(LearnerRecordRow.receives_email, "Whether they want the mails that the staff writes.")
    schedule_start_at = column(
        LearnerRecordRow.schedule_start_at, "From when their own due dates count, where they began anew."
    )
    last_active_at = column(LearnerRecordRow.last_active_at, "When they last said that they are at work.")
    active_days_this_week = batch(
        active_days_this_week,
        LearnerRecordRow.id,
        int,
        "On how many days of this week, from Monday in their time zone, they were at work: visited or completed "
        "something, or said so.",
    )
    created_at = column(LearnerRecordRow.created_at, "When they first said something.")
    updated_at = column(LearnerRecordRow.updated_at, "When it last changed.")


@extend(CourseInstance)
class CourseInstanceRecords:
    """Its learners' records."""

    learner_record = first(
        LearnerRecordRow.course_instance_id,
        "Your own record; null as long as there is nothing to say, which means the same as default values.",
        order=BY_ENTRY,
        condition=is_own,
    )
    learner_records = page(LearnerRecordRow.course_instance_id, "The records that you may see, by entry.")
