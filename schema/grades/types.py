"""Score, ColumnGrade and its history, CourseGrade, the gradebook, statistics, and the event log."""

from __future__ import annotations

from datetime import datetime

import strawberry

from app.domain.assessments.models import Assessment as AssessmentRow
from app.domain.attempts.models import AssessmentInstance as InstanceRow
from app.domain.attempts.models import InstanceQuestion as InstanceQuestionRow
from app.domain.attempts.models import Submission as SubmissionRow
from app.domain.attempts.models import Variant as VariantRow
from app.domain.attempts.queries import Standing
from app.domain.catalog.models import CourseInstance as CourseInstanceRow
from app.domain.grades.gradebook import Cell, Line, gradebooks
from app.domain.grades.log import LogKind, event_logs
from app.domain.grades.models import ChangeKind
from app.domain.grades.models import ColumnGrade as ColumnGradeRow
from app.domain.grades.models import CourseGrade as CourseGradeRow
from app.domain.grades.models import GradeChange as GradeChangeRow
from app.domain.grades.models import Score as ScoreRow
from app.domain.grades.queries import percentages_of_questions, question_submissions
from app.domain.grades.statistics import statistics_of
from app.domain.identity.models import User as UserRow
from app.reading.relations import Order
from schema.assessments.types import Assessment
from schema.attempts.types import AssessmentInstance, InstanceQuestion, Submission
from schema.catalog.types import CourseInstance
from schema.core.declare import batch, column
from schema.core.enums import describe_enum
from schema.core.node import extend, flat, node
from schema.core.relate import many, one, page
from schema.core.scalars import BigInt, Json
from schema.identity.types import User

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


@node(ScoreRow, "The mark of one problem in one submission.")
class Score:
    """Learners see its value and feedback once it has been released."""

    submission = one(ScoreRow.submission_id, "What was marked.")
    problem = one(ScoreRow.problem_id, "For which problem.")
    value = column(ScoreRow.value, "Points; null: not released to you, or released without a value.")
    manual_value = column(ScoreRow.manual_value, "The part of them that a person awarded.")
    is_released = column(ScoreRow.is_released, "Whether the learner may see it.")
    feedback = column(ScoreRow.feedback, "What the grader says.")
    feedback_data = column(ScoreRow.feedback_data, "What the grading program says.", returns=Json)
    partial_scores = column(ScoreRow.partial_scores, "Scores of parts of the answer.", returns=Json)
    grader = one(ScoreRow.grader_id, "Who marked it; null: a program.")
    graded_at = column(ScoreRow.graded_at, "When.")


@node(ColumnGradeRow, "A learner's grade of one assessment: a cell of the gradebook.")
class ColumnGrade:
    """Learners see what follows from released scores; notes are for the staff."""

    course_instance = one(ColumnGradeRow.course_instance_id, "Where.")
    assessment = one(ColumnGradeRow.assessment_id, "The column.")
    user = one(ColumnGradeRow.user_id, "The learner.")
    assessment_instance = one(ColumnGradeRow.assessment_instance_id, "The instance that counts.")
    points = column(ColumnGradeRow.points, "Points: the override where there is one, else what the instance has.")
    max_points = column(ColumnGradeRow.max_points, "Points that are 100 %.")
    score_perc = column(ColumnGradeRow.score_perc, "Points in percent of `maxPoints`.")
    override_points = column(ColumnGradeRow.override_points, "Points that a grader set by hand.")
    overridden_at = column(ColumnGradeRow.overridden_at, "When they were set.")
    overridden_by = one(ColumnGradeRow.overridden_by_id, "Who set them.")
    is_exempt = column(ColumnGradeRow.is_exempt, "Whether the learner is exempted from the assessment.")
    feedback = column(ColumnGradeRow.feedback, "To the learner.")
    notes = column(ColumnGradeRow.notes, "Among graders. For the staff.")
    change_index = column(
        ColumnGradeRow.change_index,
        "Grows with every change of any grade: remember the greatest to ask what changed since.",
        returns=BigInt,
    )
    first_relevant_at = column(ColumnGradeRow.first_relevant_at, "When it was first affected by a submission.")
    last_relevant_at = column(ColumnGradeRow.last_relevant_at, "When it was last affected by a submission.")
    history = page(
        GradeChangeRow.column_grade_id, "What changed, the first first. For the staff.", order=Order(("change_index",))
    )


@node(GradeChangeRow, "A line of a grade's append-only history.")
class GradeChange:
    """Visible to the staff."""

    column_grade = one(GradeChangeRow.column_grade_id, "The grade that changed.")
    change_index = column(GradeChangeRow.change_index, "The index that the change took.", returns=BigInt)
    kind = column(GradeChangeRow.kind, "Why.", enum=ChangeKind)
    changed_by = one(GradeChangeRow.changed_by_id, "Who; null: a program.")
    changed_at = column(GradeChangeRow.changed_at, "When.")
    points_before = column(GradeChangeRow.points_before, "Points before.")
    points_after = column(GradeChangeRow.points_after, "Points after.")
    before = column(GradeChangeRow.before, "All that changed, as it was.", returns=Json)
    after = column(GradeChangeRow.after, "All that changed, as it became.", returns=Json)


@node(CourseGradeRow, "A learner's result of a whole course instance.")
class CourseGrade:
    """Visible to the learner and the staff."""

    course_instance = one(CourseGradeRow.course_instance_id, "Of what.")
    user = one(CourseGradeRow.user_id, "Whose.")
    result = column(CourseGradeRow.result, "A letter or a word.")
    percentage = column(CourseGradeRow.percentage, "Percent, where there is a number.")
    is_passed = column(CourseGradeRow.is_passed, "Whether it is a pass.")


@flat(Cell, "One learner and one assessment in a gradebook: ids and numbers only.")
class GradebookCell:
    """A row of app.domain.grades.gradebook."""

    assessment_id: int = strawberry.field(description="Integer key of the assessment.")
    assessment_name: str = strawberry.field(description="Its name.")
    assessment_label: str = strawberry.field(description="Its label, such as `HW1`.")
    category_abbreviation: str = strawberry.field(description="Its category's short form.")
    assessment_number: str = strawberry.field(description="Its number, as text.")
    assessment_instance_id: int | None = strawberry.field(description="The instance that counts; null: not started.")
    points: float | None = strawberry.field(description="Points.")
    max_points: float | None = strawberry.field(description="Points that are 100 %; null: not started.")
    score_perc: float | None = strawberry.field(description="Points in percent.")
    started_at: datetime | None = strawberry.field(description="When that instance was started.")
    duration_seconds: float | None = strawberry.field(description="Seconds worked on it.")
    is_overridden: bool = strawberry.field(description="Whether a grader set the points by hand.")
    is_exempt: bool = strawberry.field(description="Whether the learner is exempted.")
    change_index: BigInt | None = strawberry.field(description="The grade's change index; null: no grade yet.")


@flat(Line, "One person in a gradebook.")
class GradebookRow:
    """A row of app.domain.grades.gradebook."""

    user_id: int = strawberry.field(description="Integer key of the person.")
    user = one("user_id", "The person.", to=UserRow.id)
    standing: Standing = strawberry.field(description="What the person is to the course instance.")
    cells: list[GradebookCell] = strawberry.field(description="One for each assessment, in order, started or not.")


@strawberry.type(description="Learners whose percentage lies in an interval.")
class HistogramBin:
    """A bin of a histogram."""

    lower: float = strawberry.field(description="From this percentage.")
    upper: float | None = strawberry.field(description="To below this one; null: and everything above.")
    count: int = strawberry.field(description="How many.")


@strawberry.type(description="Statistics of an assessment's grades, in percent of the maximum points.")
class AssessmentStatistics:
    """Computed in SQL over the learners' grades that have a value and are not exempted."""

    count: int = strawberry.field(description="How many grades.")
    mean: float | None = strawberry.field(description="Arithmetic mean; null without grades.")
    standard_deviation: float | None = strawberry.field(description="Standard deviation of the population.")
    minimum: float | None = strawberry.field(description="The least.")
    lower_quartile: float | None = strawberry.field(description="A quarter is below (linear interpolation).")
    median: float | None = strawberry.field(description="A half is below.")
    upper_quartile: float | None = strawberry.field(description="Three quarters are below.")
    maximum: float | None = strawberry.field(description="The greatest.")
    histogram: list[HistogramBin] = strawberry.field(description="Ten bins of ten percent.")


@strawberry.type(description="The part of a submission that answers one instance question.")
class QuestionSubmission:
    """A submission of the whole assessment has one for each of its instance's questions."""

    submission = one("submission_id", "The submission.", to=SubmissionRow.id)
    instance_question = one("instance_question_id", "What this part answers.", to=InstanceQuestionRow.id)
    variant = one("variant_id", "The variant it answers.", to=VariantRow.id)
    score = one("score_id", "Its mark.", to=ScoreRow.id)
    fraction: float | None = strawberry.field(description="Its mark as a fraction of the problem's points.")
    is_final_of_variant: bool = strawberry.field(description="Whether it is the latest of its variant.")
    is_best_of_variant: bool = strawberry.field(description="Whether it is the best (then latest) of its variant.")


@strawberry.type(description="An entry of the event log of an assessment instance.")
class LogEntry:
    """Partly stored, partly told by the other tables (app/domain/grades/log.py)."""

    kind: LogKind = strawberry.field(description="What happened.")
    happened_at: datetime = strawberry.field(description="When.")
    actor = one("actor_id", "Who did it.", to=UserRow.id)
    instance_question = one("instance_question_id", "At which question.", to=InstanceQuestionRow.id)
    variant = one("variant_id", "At which variant.", to=VariantRow.id)
    submission = one("submission_id", "With which submission.", to=SubmissionRow.id)
    data: Json | None = strawberry.field(description="Further data of the event.")


@extend(CourseInstance)
class CourseInstanceGrades:
    """Results."""

    gradebook = batch(
        gradebooks,
        CourseInstanceRow.id,
        lambda: list[GradebookRow],
        "Students by uid, then staff, then others; learners see their own row. One cell for each assessment.",
        narrows=True,
    )
    column_grades = page(ColumnGradeRow.course_instance_id, "All grades that you may see, by entry.")
    course_grades = page(CourseGradeRow.course_instance_id, "Results of the whole course instance.")


@extend(Assessment)
class AssessmentGrades:
    """Results."""

    column_grades = page(
        ColumnGradeRow.assessment_id, "Its grades that you may see, by learner.", order=Order(("user_id",))
    )
    statistics = batch(
        statistics_of,
        AssessmentRow.id,
        lambda: AssessmentStatistics | None,
        "Statistics over all learners. For the staff.",
    )


@extend(User)
class UserGrades:
    """Results."""

    column_grades = page(ColumnGradeRow.user_id, "Their grades that you may see, by entry.")
    course_grades = page(CourseGradeRow.user_id, "Their results of whole course instances.")


@extend(Submission)
class SubmissionScores:
    """Marks."""

    scores = many(ScoreRow.submission_id, "Its marks, by problem.", order=Order(("problem_id",)))


@extend(InstanceQuestion)
class InstanceQuestionGrades:
    """Results."""

    score_perc = batch(
        percentages_of_questions, InstanceQuestionRow.id, lambda: float | None, "Points in percent of the problem's."
    )


@extend(AssessmentInstance)
class AssessmentInstanceGrades:
    """Results."""

    question_submissions = batch(
        question_submissions,
        InstanceRow.id,
        lambda: list[QuestionSubmission],
        "Its submissions question by question, by question name, variant and time.",
    )
    log = batch(event_logs, InstanceRow.id, lambda: list[LogEntry], "What happened, in order. For the staff.")
