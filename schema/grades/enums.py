"""What the enums of results are called in the graph."""

from __future__ import annotations

from app.domain.grades.attempts import GradeStatus
from app.domain.grades.log import LogKind
from app.domain.grades.models import CertificateStatus, ChangeKind
from schema.core.enums import describe_enum

__all__ = ["CertificateStatus", "ChangeKind", "GradeStatus", "LogKind"]

describe_enum(
    ChangeKind,
    "Why a grade changed.",
    SCORED="A submission was scored.",
    RELEASED="Scores were shown or hidden.",
    OVERRIDDEN="A grader set it by hand.",
    CLEARED="A grader took an override back.",
    EXEMPTED="The learner was exempted, or no longer is.",
    ANNOTATED="Feedback or notes changed.",
    IMPORTED="It came with an import.",
)


describe_enum(
    LogKind,
    "What an entry of the event log tells.",
    BEGIN="The instance was started.",
    NEW_VARIANT="A variant of a question was drawn.",
    SUBMISSION="Something was handed in.",
    MANUAL_GRADING="A person scored a submission.",
    GRADE_SUBMISSION="A program scored a submission.",
    SCORE_QUESTION="A question's points changed.",
    SCORE_ASSESSMENT="The instance's points changed.",
    OPEN="The instance was opened again.",
    CLOSE="The instance was closed.",
    VIEW_VARIANT="A variant was looked at.",
    VIEW_ASSESSMENT="The instance was looked at.",
    GROUP_JOIN="Somebody joined the group.",
    GROUP_LEAVE="Somebody left the group.",
)


describe_enum(
    GradeStatus,
    "Whether something of a grade waits for a mark.",
    GRADED="Nothing waits.",
    NEEDS_GRADING="Something that was handed in has no mark.",
)


describe_enum(
    CertificateStatus,
    "Whether a certificate may be shown.",
    DOWNLOADABLE="It says that the person has passed.",
    NOT_PASSING="The course grade is no pass any more.",
)
