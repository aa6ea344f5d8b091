"""Who sees jobs, what they were asked for and what they wrote: those who see the learners' data."""

from __future__ import annotations

from sqlalchemy import ColumnElement

from app.domain.catalog.policy import deleted_course_instances
from app.domain.enrollment.policy import teaches
from app.domain.jobs.models import Job
from app.policy import Viewing, exists_unless, visibility

exists_unless(Job.course_instance_id, deleted_course_instances)


@visibility(Job)
def job_visible(viewing: Viewing) -> ColumnElement[bool]:
    """Where one teaches."""
    return teaches(Job.course_instance_id, viewing)
