"""Writes of jobs."""

from __future__ import annotations

import strawberry

from app.domain.jobs import cohorts, messages, service
from schema.assessments.mutations import FILE
from schema.blocks.types import Block
from schema.core.inputs import key, parts
from schema.core.mutations import mutation
from schema.jobs.types import CourseMessage, Job


@strawberry.type
class Mutations:
    """Fields of the mutation root."""

    request_report = mutation(
        service.request_report,
        Job,
        "Have a report written in the background. Assistants, instructors, administrators.",
        block_ids=key(Block, "The blocks below which the problems are; of other reports none."),
        block_kinds="Kinds of blocks, such as `problem`; none: all that have a problem.",
    )
    revoke_job = mutation(
        service.revoke_job,
        Job,
        "Take back a job that has not begun. Instructors, administrators; of a report assistants, too.",
    )
    place_in_cohorts_by_file = mutation(
        cohorts.place_in_cohorts_by_file,
        Job,
        "Have the people of a file put into cohorts in the background. Instructors, administrators.",
        file=parts(FILE, "CSV in UTF-8, of at most 2 MB: the column `cohort`, and `email` or `username`."),
    )
    schedule_message = mutation(
        messages.schedule_message,
        CourseMessage,
        "Have a mail sent to people of a course instance, at once or later. Instructors, administrators.",
        due_at="When to send it; at once when absent.",
        text="What it says, for those who read no HTML; what the HTML says when absent.",
    )
    update_message = mutation(
        messages.update_message,
        CourseMessage,
        "Change a mail that is not being sent yet. Instructors, administrators.",
        due_at="When to send it.",
        text="What it says, for those who read no HTML; what the HTML says when null, or when only that is given.",
    )
