"""Which jobs: the filter and the orders of the list."""

from __future__ import annotations

from app.domain.jobs.models import Job, JobKind, JobState
from schema.core.filters import Columns

JOBS = Columns(
    "Job",
    Job.id,
    Job.uuid,
    Job.course_instance_id,
    Job.kind,
    Job.state,
    Job.requester_id,
    Job.block_id,
    Job.learner_id,
    Job.due_at,
    Job.finished_at,
    Job.file_name,
    Job.created_at,
    orders=(Job.id,),
    kind=JobKind,
    state=JobState,
)
