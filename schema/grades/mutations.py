"""Writes of scores and grades."""

from __future__ import annotations

import strawberry

from app.domain.attempts import attempting
from app.domain.grades import answering, attempts, batches, latest, overrides, rubrics, service
from app.domain.grades.models import ColumnGrade as ColumnGradeRow
from app.errors import UserErrorCode
from schema.assessments.types import Assessment, Problem
from schema.attempts.mutations import ANSWER
from schema.attempts.types import Submission
from schema.catalog.types import CourseInstance
from schema.core.inputs import Shape, key, parts
from schema.core.mutations import mutation, shown, shows
from schema.core.node import flat
from schema.core.relate import one
from schema.grades.queries import CriterionScore
from schema.grades.types import ColumnGrade, Score
from schema.identity.types import User

SCORE = Shape(
    "ScoreInput",
    service.NewScore,
    Score,
    "A mark of one problem. Feedback and partial scores that are absent stay as they are.",
    value="Points; null scores nothing.",
)
CHOICE = Shape(
    "CriterionChoiceInput",
    rubrics.CriterionChoice,
    CriterionScore,
    "What a grader says by a criterion.",
    option="The name of an option; absent where the criterion has none.",
)
RELEASED = {
    **shows(Assessment, key="assessment_id"),
    "changed_count": shown(lambda: int | None, "How many scores were shown or hidden.", lambda source: source.result),
}
OVERRIDE = Shape(
    "OverrideInput",
    batches.NewOverride,
    ColumnGrade,
    "A grade to set by hand; what is left out is as the scores have it.",
    user_id=key(User, "Whose."),
    block_key="The key of the graded block.",
    points="Points of what is graded.",
    max_points="Points that these are of.",
    all_points="Points of everything, what is not graded too.",
    all_max_points="Points that those are of.",
    reason="Why.",
)


@flat(batches.OverrideOutcome, "What became of one of many grades that were to be set.")
class OverrideOutcome:
    """An OverrideOutcome of app.domain.grades.batches."""

    column_grade = one("column_grade_id", "The grade; null: it was not set.", to=ColumnGradeRow.id)
    code: UserErrorCode | None = strawberry.field(description="Why not.")
    field: str | None = strawberry.field(description="At which of its fields.")
    message: str | None = strawberry.field(description="For people.")


OUTCOMES = {
    **shows(CourseInstance, key="course_instance_id"),
    "outcomes": shown(lambda: list[OverrideOutcome] | None, "One for each override.", lambda source: source.outcomes),
}
GRADE = shows(ColumnGrade, "The grade; null when there is none and nothing to note.")


@strawberry.type
class Mutations:
    """Fields of the mutation root."""

    submit_answers = mutation(
        answering.submit_answers,
        Submission,
        "Answer a whole assessment at once, for yourself: every question that a rule scores is marked immediately, one "
        "that is not answered as wrong. Who is actively enrolled, as often as `maxSubmissions` says.",
        assessment_id=key(Assessment, "Which assessment."),
        answers=parts(ANSWER, "Answers, one for each problem."),
    )
    score_problems = mutation(
        service.score_problems,
        Submission,
        "Mark problems of a submission, over earlier marks. Grades follow. Assistants, instructors, administrators.",
        scores=parts(SCORE, "The marks, one for each problem."),
        release="Whether the learner shall see them; what was shown already is shown in any case.",
    )
    score_latest_submission = mutation(
        latest.score_latest_submission,
        Assessment,
        "Mark what a learner handed in last. Grades follow. Assistants, instructors, administrators.",
        user_id=key(User, "Whose latest submission."),
        scores=parts(SCORE, "The marks, one for each problem."),
        with_group="Whether the latest submissions of the learner's group are marked alike.",
    )
    release_scores = mutation(
        service.release_scores,
        Assessment,
        "Show the scores of an assessment to the learners, or hide them again. Instructors, administrators.",
        gives=RELEASED,
        problem_ids=key(Problem, "Of these problems; of all when absent."),
        user_ids=key(User, "Of these learners and their groups; of all when absent."),
        is_released="Whether learners shall see them.",
    )
    override_grade = mutation(
        overrides.override_grade,
        ColumnGrade,
        "Set a learner's grade by hand, let it follow the scores again, or write remarks. Instructors, administrators.",
        gives=GRADE,
        points="The grade in points, which the learner sees at once; null: what the scores come to.",
        text="The grade in words, if `points` are absent: a number, a symbol of a tabular schema, or any text of a "
        "schema of texts; null, `-` and nothing: what the scores come to.",
        max_points="Points that `points` are of; those of the assessment when absent.",
        all_points="The same with what is not graded.",
        all_max_points="Points that those are of.",
        reason="Why, to the learner.",
        source="On whose behalf, such as GRADEBOOK or PROCTORING.",
    )
    override_grades = mutation(
        batches.override_grades,
        CourseInstance,
        "Set grades of graded blocks by hand; one that cannot be set is no hindrance to the others. Instructors, "
        "administrators.",
        gives=OUTCOMES,
        overrides=parts(OVERRIDE, "The grades."),
        source="On whose behalf, such as GRADEBOOK.",
    )
    exempt_grade = mutation(
        overrides.exempt_grade,
        ColumnGrade,
        "Leave a learner's grade out of account, or not any more. Instructors, administrators.",
        gives=GRADE,
    )
    create_attempt = mutation(
        attempting.create_attempt,
        Submission,
        "Attempt a whole assessment, for yourself or, as staff, for a learner; as often as `maxSubmissions` says.",
        assessment_id=key(Assessment, "Which assessment."),
        user_id=key(User, "Whose it shall be; yours when absent."),
        status="NEEDS_GRADING or IN_PROGRESS.",
    )
    grade_attempt = mutation(
        attempts.grade_attempt,
        Submission,
        "Mark an attempt as a whole; COMPLETED shows the marks to the learner. Grades follow. "
        "Assistants, instructors, administrators.",
        points="Points of the whole; null: no mark.",
    )
    grade_open_response = mutation(
        rubrics.grade_open_response,
        Submission,
        "Mark an open response that you have claimed, by its rubric; the learner sees it, and the claim is given up. "
        "Grades follow. Assistants, instructors, administrators.",
        criteria=parts(CHOICE, "What is said by each criterion."),
        feedback="What is said of the whole.",
    )
    recompute_grades = mutation(
        service.recompute_grades,
        Assessment,
        "Let all grades follow the problems, zones, scoring model, dates, penalties and groups of today. "
        "Instructors, editors and owners of the course, administrators.",
    )
