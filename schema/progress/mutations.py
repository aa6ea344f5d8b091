"""Writes of what people choose and agree to."""

from __future__ import annotations

import strawberry

from app.domain.progress import service
from schema.catalog.types import CourseInstance
from schema.core.mutations import mutation, shown, shows
from schema.progress.types import LearnerRecord

SELF = "Who takes part in the course instance, about themselves."
READER = "Who sees the course instance, about themselves."


@strawberry.type
class Mutations:
    """Fields of the mutation root."""

    set_course_goal = mutation(
        service.set_course_goal,
        LearnerRecord,
        f"Aim at so many days a week in a course instance. {SELF}",
        goal_days_per_week="How many, up to 7; 0 or absent: as before.",
    )
    stop_goal_reminders = mutation(
        service.stop_goal_reminders,
        CourseInstance,
        "End the reminders of the goal that a mail is about. Whoever has the mail.",
        token="What the mail's link ends with.",
    )
    set_celebrations = mutation(
        service.set_celebrations,
        LearnerRecord,
        f"Say what is still to be celebrated. {SELF}",
        gives={
            **shows(LearnerRecord, key="record_id"),
            "is_first": shown(lambda: bool | None, "Whether nothing had been said before.", lambda s: s.is_first),
        },
    )
    dismiss_welcome_message = mutation(
        service.dismiss_welcome_message,
        LearnerRecord,
        f"Don't show the message of the newest update any more. {SELF}",
    )
    sign_integrity = mutation(
        service.sign_integrity,
        LearnerRecord,
        f"Promise to work honestly in a course instance; the first time counts. {READER}",
    )
    set_course_email = mutation(
        service.set_course_email,
        LearnerRecord,
        f"Say whether you want the mails that the staff of a course instance writes. {READER}",
    )
    reset_deadlines = mutation(
        service.reset_deadlines,
        LearnerRecord,
        f"Let your due dates count from now, where everybody goes at their own pace. {SELF}",
    )
    record_activity = mutation(
        service.record_activity, LearnerRecord, f"Say that you are at work in a course instance. {SELF}"
    )
