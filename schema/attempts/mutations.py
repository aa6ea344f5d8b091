"""Writes of learners' work."""

from __future__ import annotations

import strawberry

from app.domain.attempts import files, service, submitting
from schema.assessments.types import Problem
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
FILE = Shape(
    "FileInput",
    files.NewFile,
    SubmissionFile,
    "A file: its content of at most 1 MiB, or one that you uploaded.",
    name="Name, unique among the files; of a path the last part.",
    content=renamed("contents", "The content."),
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
