"""Writes of jobs."""

from __future__ import annotations

import strawberry

from app.domain.jobs import service
from schema.blocks.types import Block
from schema.core.inputs import key
from schema.core.mutations import mutation
from schema.jobs.types import Job


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
        service.revoke_job, Job, "Take back a job that has not begun. Assistants, instructors, administrators."
    )
