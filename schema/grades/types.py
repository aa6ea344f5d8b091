"""Score, ColumnGrade and its history, CourseGrade, statistics, and the event log."""

from __future__ import annotations

from datetime import datetime

import strawberry

from app.domain.assessments.models import Assessment as AssessmentRow
from app.domain.attempts.models import AssessmentInstance as InstanceRow
from app.domain.attempts.models import AttemptStatus
from app.domain.attempts.models import InstanceQuestion as InstanceQuestionRow
from app.domain.attempts.models import Submission as SubmissionRow
from app.domain.attempts.models import Variant as VariantRow
from app.domain.grades.attempts import attempt_statuses, grade_statuses, points_of_attempts
from app.domain.grades.display import display_grades
from app.domain.grades.log import event_logs
from app.domain.grades.models import ColumnGrade as ColumnGradeRow
from app.domain.grades.models import CourseGrade as CourseGradeRow
from app.domain.grades.models import GradeChange as GradeChangeRow
from app.domain.grades.models import Score as ScoreRow
from app.domain.grades.penalties import penalties_of_sittings, penalties_of_submissions
from app.domain.grades.queries import counts_as_change, percentages_of_questions, question_submissions
from app.domain.grades.statistics import statistics_of
from app.domain.identity.models import User as UserRow
from app.reading.relations import Order
from schema.assessments.types import Assessment
from schema.attempts.types import AssessmentInstance, InstanceQuestion, Submission
from schema.core.declare import argument, batch, column, expecting
from schema.core.node import extend, node
from schema.core.relate import first, many, one, page
from schema.core.scalars import BigInt, Json
from schema.gradebook.types import DisplayGrade
from schema.grades.enums import ChangeKind, GradeStatus, LogKind
from schema.identity.types import User

INCLUDES_UNPOSTED = argument(
    "includesUnposted",
    bool,
    "Whether a calculated one counts what learners do not see yet, as far as you see it.",
    True,
)
ENROLLED_ONLY = argument("enrolledOnly", bool, "Whether grades of learners who have left do not count.", False)


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
    released_points = column(ColumnGradeRow.released_points, "Points that the learner may see.")
    max_points = column(ColumnGradeRow.max_points, "Points that are 100 %.")
    score_perc = column(ColumnGradeRow.score_perc, "Points in percent of `maxPoints`.")
    override_points = column(ColumnGradeRow.override_points, "Points that a grader set by hand.")
    override_text = column(ColumnGradeRow.override_text, "What a grader said instead of points, or of which symbol.")
    override_max_points = column(
        ColumnGradeRow.override_max_points, "Points that these are of; null: the maximum of the assessment."
    )
    override_all_points = column(
        ColumnGradeRow.override_all_points, "The same with what is not graded; null: nothing was said of it."
    )
    override_all_max_points = column(ColumnGradeRow.override_all_max_points, "Points that those are of.")
    override_reason = column(ColumnGradeRow.override_reason, "Why they were set.")
    override_source = column(ColumnGradeRow.override_source, "On whose behalf, such as GRADEBOOK or PROCTORING.")
    grade_notation = one(ColumnGradeRow.grade_notation_id, "The remark that stands for it.")
    overridden_at = column(ColumnGradeRow.overridden_at, "When they were set.")
    overridden_by = one(ColumnGradeRow.overridden_by_id, "Who set them.")
    status = batch(
        grade_statuses,
        ColumnGradeRow.id,
        lambda: GradeStatus | None,
        "Whether something handed in has no mark; null where there are neither points nor work.",
    )
    display_grade = batch(
        display_grades,
        ColumnGradeRow.id,
        lambda: DisplayGrade | None,
        "As its column shows it; null without points and words.",
        arguments=(INCLUDES_UNPOSTED,),
    )
    is_corrupt = column(ColumnGradeRow.is_corrupt, "Whether it should be calculated and could not be.")
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
    histogram: list[HistogramBin] = strawberry.field(description="Ten bins of ten percent.", metadata=expecting(10))


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


@strawberry.type(description="What late days and versions cost, of the marks that you may see.")
class Penalties:
    """A Reckoning of app.domain.grades.reckoning."""

    days_late: int = strawberry.field(description="Days after its owner's due date, rounded up, less the slack.")
    grace_days_used: int = strawberry.field(description="Of them those that the learner's grace days pay for.")
    penalized_days: int = strawberry.field(description="Of them those that cost points.")
    raw_points: float | None = strawberry.field(description="Points before penalties; null: no mark that you may see.")
    late_penalty: float | None = strawberry.field(
        description="Points that the penalized days cost, taken first; null without raw points."
    )
    version_penalty: float | None = strawberry.field(
        description="Points that the versions too many cost, taken after them; null without raw points."
    )


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


@extend(Assessment)
class AssessmentGrades:
    """Results."""

    column_grades = page(
        ColumnGradeRow.assessment_id, "Its grades that you may see, by learner.", order=Order(("user_id",))
    )
    last_changed = first(
        ColumnGradeRow.assessment_id,
        "The grade that changed last, of those that you may see and that are not hidden from the learner. Null when "
        "there is none, and for calculated columns.",
        order=Order(("change_index",), frozenset({"change_index"})),
        condition=counts_as_change,
        arguments=(ENROLLED_ONLY,),
    )
    statistics = batch(
        statistics_of,
        AssessmentRow.id,
        lambda: AssessmentStatistics | None,
        "Statistics over all learners. To who does not teach, of what is posted, where `showsStatistics`; else null.",
    )


@extend(User)
class UserGrades:
    """Results."""

    column_grades = page(ColumnGradeRow.user_id, "Their grades that you may see, by entry.")
    course_grades = page(CourseGradeRow.user_id, "Their results of whole course instances.")


@extend(Submission)
class SubmissionScores:
    """Marks."""

    status = batch(
        attempt_statuses,
        SubmissionRow.id,
        AttemptStatus,
        "How far it has come: what was said, else whether it has a mark.",
    )
    points = batch(
        points_of_attempts,
        SubmissionRow.id,
        lambda: float | None,
        "Sum of its marks that you may see; null without any.",
    )
    scores = many(ScoreRow.submission_id, "Its marks, by problem.", order=Order(("problem_id",)))
    penalties = batch(
        penalties_of_submissions,
        SubmissionRow.id,
        lambda: Penalties | None,
        "How late it is and what that costs, were it the one that counts. Of a group's: for you, else for whoever "
        "handed it in; null for a group without members.",
    )


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
    penalties = batch(
        penalties_of_sittings,
        InstanceRow.id,
        lambda: Penalties | None,
        "What is taken from its points; null before you may see a mark. Of a group's: from yours, else its first "
        "member's grade.",
    )
    log = batch(event_logs, InstanceRow.id, lambda: list[LogEntry], "What happened, in order. For the staff.")
