"""Writes of learners' work."""

from __future__ import annotations

import strawberry

from app.domain.attempts import locking, responding, service, submitting
from app.domain.attempts.files import DescribedFile
from schema.assessments.mutations import FILE
from schema.assessments.types import Assessment, Problem
from schema.attempts.types import AssessmentInstance, Submission, SubmissionFile
from schema.core.inputs import Shape, key, parts, renamed
from schema.core.mutations import mutation

ANSWER = Shape(
    "AnswerInput",
    submitting.Answer,
    None,
    "What is answered to one problem.",
    problem_id=key(Problem, "Which problem."),
    value=renamed("answer", "Any JSON."),
)
DESCRIBED_FILE = Shape(
    "DescribedFileInput",
    DescribedFile,
    SubmissionFile,
    "A file of an open response: its content of at most 1 MiB, or one that you uploaded.",
    name="Name, unique among the files; of a path the last part.",
    content=renamed("contents", "The content."),
    content_type="Media type.",
    sha256="SHA-256, in hexadecimal, of a file that you sent to `/files` within a day, instead of the content.",
)


@strawberry.type
class Mutations:
    """Fields of the mutation root."""

    start_assessment_instance = mutation(
        service.start_assessment_instance,
        AssessmentInstance,
        "Start an assessment, or find the sitting that is open, for yourself or, as staff, for a learner. "
        "It belongs to the learner's group when the assessment is done in groups.",
        user_id="Whose it shall be; yours when absent.",
        password="What an access rule asks for.",
    )
    hand_in = mutation(
        submitting.hand_in,
        Submission,
        "Hand in files to a whole assessment for yourself, in your open sitting or a new one. Where each member of a "
        "group has a sitting, it is handed in for all of yours. Dates and limits bind learners.",
        assessment_id=key(Assessment, "Which assessment."),
        files=parts(FILE, "At most 20 files."),
    )
    close_assessment_instance = mutation(
        service.close_assessment_instance,
        AssessmentInstance,
        "End a sitting: nothing more is handed in. Its owners, the staff.",
    )
    submit = mutation(
        submitting.submit,
        Submission,
        "Hand in answers, files or both. Its owners, and the staff, whom dates and limits do not bind.",
        answers=parts(ANSWER, "Answers, one for each problem."),
        files=parts(FILE, "At most 20 files."),
        problem_id=key(Problem, "The one problem that is answered; when absent, the whole assessment is."),
    )
    submit_open_response = mutation(
        responding.submit_open_response,
        Submission,
        "Hand in an open response for yourself or your group, in the open sitting or a new one.",
        problem_id=key(Problem, "What it responds to."),
        texts="A text for each prompt.",
        files=parts(DESCRIBED_FILE, "At most 20 files."),
    )
    lock_submission = mutation(
        locking.lock_submission,
        Submission,
        "Claim an open response for marking, for eight hours from now. Assistants, instructors, administrators.",
    )
    unlock_submission = mutation(
        locking.unlock_submission,
        Submission,
        "Give up your claim of an open response. Assistants, instructors, administrators.",
    )
    unlock_submissions = mutation(
        locking.unlock_submissions,
        Problem,
        "Give up your claims of open responses to a problem. Assistants, instructors, administrators.",
        problem_id=key(Problem, "To which problem."),
        submission_ids=key(Submission, "Of which submissions; what is none, and what others claim, stays."),
    )
