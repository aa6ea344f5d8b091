"""Who sees jobs, what they were asked for and what they wrote: those who see the learners' data."""

from __future__ import annotations

from sqlalchemy import ColumnElement, false

from app.domain.catalog.policy import deleted_course_instances
from app.domain.enrollment.policy import teaches
from app.domain.jobs.models import CourseMessage, EnrollmentNotice, Job, MessageDelivery
from app.policy import Viewing, exists_unless, visibility

exists_unless(Job.course_instance_id, deleted_course_instances)
exists_unless(CourseMessage.course_instance_id, deleted_course_instances)


@visibility(Job)
def job_visible(viewing: Viewing) -> ColumnElement[bool]:
    """Where one teaches."""
    return teaches(Job.course_instance_id, viewing)


@visibility(CourseMessage)
def message_visible(viewing: Viewing) -> ColumnElement[bool]:
    """Where one teaches."""
    return teaches(CourseMessage.course_instance_id, viewing)


@visibility(MessageDelivery)
def delivery_visible(viewing: Viewing) -> ColumnElement[bool]:
    """Nobody by itself: what came of a mail is told by its job."""
    return false()


@visibility(EnrollmentNotice)
def notice_visible(viewing: Viewing) -> ColumnElement[bool]:
    """Nobody by itself: it is an address, and its job tells how many there are."""
    return false()
