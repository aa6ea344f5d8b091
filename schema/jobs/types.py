"""Job and CourseMessage, and what they add to course instances."""

from __future__ import annotations

from app.domain.jobs.models import CourseMessage as CourseMessageRow
from app.domain.jobs.models import Job as JobRow
from app.domain.jobs.models import JobKind, JobState
from app.reading.relations import Order
from schema.catalog.types import CourseInstance
from schema.core.declare import column, computed
from schema.core.enums import describe_enum
from schema.core.node import extend, node
from schema.core.relate import one, page
from schema.core.scalars import Json

LATEST_FIRST = Order(("created_at", "id"), frozenset({"created_at", "id"}))

describe_enum(
    JobKind,
    "What a job does.",
    PROBLEM_RESPONSES="Writes a report about what learners answered to problems.",
    GRADES="Writes a report about the learners' grades.",
    COURSE_MESSAGE="Sends a mail to people of the course instance.",
    ENROLLMENT_NOTICES="Sends mails to people who were enrolled, were invited or left by a list.",
    COHORT_PLACEMENT="Puts the people of a file into cohorts, and writes a report of what became of them.",
)
describe_enum(
    JobState,
    "How far a job is.",
    SCHEDULED="It waits until it is due and somebody is free.",
    PROGRESS="It is being done.",
    SUCCESS="It is done.",
    FAILURE="It was given up.",
    REVOKED="It was taken back before it began.",
)


def _address(key: int, file_name: str | None) -> str | None:
    return None if file_name is None else f"/files/jobs/{key}"


@node(JobRow, "Something that is done in the background for a course instance, such as a report.")
class Job:
    """Visible to those who see the learners' data."""

    course_instance = one(JobRow.course_instance_id, "What it is done for.")
    uuid = column(JobRow.uuid, "Unique, unguessable name.")
    kind = column(JobRow.kind, "What it does.", enum=JobKind)
    state = column(JobRow.state, "How far it is.", enum=JobState)
    requester = one(JobRow.requester_id, "Who asked for it; null for the program itself.")
    block = one(JobRow.block_id, "The block that it is about; null when it is about several, or none.")
    learner = one(JobRow.learner_id, "The learner that it is about; null when it is about all.")
    input = column(JobRow.input, "What was asked for.", returns=Json)
    output = column(JobRow.output, "What came of it, in numbers; empty until then.", returns=Json)
    message = column(JobRow.message, "What came of it, or why nothing did, in a sentence.")
    progress = column(JobRow.progress, "How much of it is done, from 0 to 1.")
    attempts = column(JobRow.attempts, "How often it was begun.")
    due_at = column(JobRow.due_at, "Before this it is not begun.")
    started_at = column(JobRow.started_at, "When it was last begun.")
    finished_at = column(JobRow.finished_at, "When it ended, or was taken back.")
    file_name = column(JobRow.file_name, "The name of the file that it wrote.")
    file_size = column(JobRow.file_size, "The file's bytes.")
    file_url = computed(
        _address,
        JobRow.id,
        JobRow.file_name,
        returns=str | None,
        description="Where to download the file: a path on this server.",
    )
    course_message = one(JobRow.id, "The mail that it sends, if it sends one.", to=CourseMessageRow.job_id)
    created_at = column(JobRow.created_at, "When it was asked for.")
    updated_at = column(JobRow.updated_at, "When it last changed.")


@node(CourseMessageRow, "A mail to people of a course instance.")
class CourseMessage:
    """Visible to those who see the learners' data."""

    course_instance = one(CourseMessageRow.course_instance_id, "To whose people it goes.")
    job = one(CourseMessageRow.job_id, "What sends it: it says when, and what came of it.")
    sender = one(CourseMessageRow.sender_id, "Who wrote it.")
    targets = column(
        CourseMessageRow.targets,
        "To whom: `myself` (the sender), `staff`, `learners`, `cohort-{name}`, `track-{slug}`.",
        returns=list[str],
    )
    subject = column(CourseMessageRow.subject, "One line.")
    html = column(CourseMessageRow.html, "What it says, as HTML.")
    text = column(CourseMessageRow.text, "What it says, for those who read no HTML.")
    created_at = column(CourseMessageRow.created_at, "When it was written.")
    updated_at = column(CourseMessageRow.updated_at, "When it last changed.")


@extend(CourseInstance)
class CourseInstanceJobs:
    """What is done in the background."""

    jobs = page(JobRow.course_instance_id, "Its jobs, the latest first.", order=LATEST_FIRST)
