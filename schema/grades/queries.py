"""The gradebook of a course instance: rows of people, cells of assessments; what learners have, by enrolment."""

from __future__ import annotations

from datetime import datetime

import strawberry

from app.domain.assessments.models import Assessment as AssessmentRow
from app.domain.assessments.models import AssessmentCategory as CategoryRow
from app.domain.assessments.models import Problem as ProblemRow
from app.domain.attempts.queries import Standing
from app.domain.blocks.models import Block as BlockRow
from app.domain.catalog.models import CourseInstance as CourseInstanceRow
from app.domain.enrollment.models import Enrollment as EnrollmentRow
from app.domain.grades.breakdown import BreakdownEntry as Entry
from app.domain.grades.breakdown import breakdowns
from app.domain.grades.certificates import certificates_of, is_passing, shown
from app.domain.grades.course_results import CourseResult as Result
from app.domain.grades.freezing import frozen_places
from app.domain.grades.gradebook import Cell, Line, gradebooks
from app.domain.grades.learners import ProblemScore as ScoreOfProblem
from app.domain.grades.learners import SubsectionGrade as GradeOfSubsection
from app.domain.grades.learners import course_results, problem_scores, subsection_grades
from app.domain.grades.models import Certificate as CertificateRow
from app.domain.grades.models import ColumnGrade as ColumnGradeRow
from app.domain.grades.models import CourseGrade as CourseGradeRow
from app.domain.grades.models import Score as ScoreRow
from app.domain.grades.roster import Roster as Page
from app.domain.grades.roster import RosterLine as RosterRow
from app.domain.grades.roster import rosters
from app.domain.grades.rubrics import rubric_scores
from app.domain.grades.sections import CourseGradeSection as Section
from app.domain.grades.sections import sections_of
from app.domain.identity.models import User as UserRow
from schema.catalog.types import CourseInstance
from schema.core.declare import batch, column, computed, expecting
from schema.core.node import extend, flat, node
from schema.core.relate import one, page
from schema.core.scalars import BigInt
from schema.enrollment.types import Enrollment
from schema.grades.enums import CertificateStatus
from schema.grades.inputs import ASKED, CHANGED_SINCE
from schema.grades.types import CourseGrade, Score
from schema.identity.types import User


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
    cells: list[GradebookCell] = strawberry.field(
        description="One for each assessment, in order, started or not.", metadata=expecting(40)
    )


@extend(CourseInstance)
class CourseInstanceGrades:
    """Results."""

    gradebook = batch(
        gradebooks,
        CourseInstanceRow.id,
        lambda: list[GradebookRow],
        "Students by uid, then staff, then others; learners see their own row. One cell for each assessment.",
        arguments=(CHANGED_SINCE,),
        narrows=True,
        metadata=expecting(300),
    )
    has_final_grades = batch(
        frozen_places, CourseInstanceRow.id, bool, "Whether it ended so long ago that nobody sets grades by hand."
    )
    column_grades = page(ColumnGradeRow.course_instance_id, "All grades that you may see, by entry.")
    course_grades = page(CourseGradeRow.course_instance_id, "Results of the whole course instance.")


@flat(Section, "A learner's part of a course grade: that of a category, such as all homework, or of one column.")
class CourseGradeSection:
    """A row of app.domain.grades.sections."""

    category_id: int | None = strawberry.field(description="Integer key of the category; null: a column.")
    category = one("category_id", "The category; null: a column.", to=CategoryRow.id)
    weight: float = strawberry.field(description="Percent of the whole.")
    percentage: float = strawberry.field(description="Mean of what counts, in percent; what is not graded counts 0.")
    counted: int = strawberry.field(description="How many columns count, those that are missing too.")
    dropped: int = strawberry.field(description="How many of the worst and best do not.")


@extend(CourseGrade)
class CourseGradeSections:
    """How it came about."""

    sections = batch(
        sections_of,
        CourseGradeRow.id,
        lambda: list[CourseGradeSection],
        "What it is made of, where a final column that is a weighted total of everything computes it.",
    )


@flat(Result, "A learner's result of a whole course instance, also of who has none yet.")
class CourseResult:
    """A CourseResult of app.domain.grades.course_results."""

    fraction: float = strawberry.field(description="Fraction of the whole, in hundredths; 0 without a grade.")
    letter: str | None = strawberry.field(description="The best letter that is reached; null: none.")
    is_passed: bool = strawberry.field(description="Whether it is a pass.")


@flat(ScoreOfProblem, "What a learner has of a problem of a graded block, in points.")
class ProblemScore:
    """A ProblemScore of app.domain.grades.learners."""

    problem = one("problem_id", "The problem.", to=ProblemRow.id)
    points: float = strawberry.field(description="Points; 0 where there is no score that you may see.")
    max_points: float = strawberry.field(description="Points that these are of.")


@flat(GradeOfSubsection, "A learner's grade of a graded block, in points, also of who has none yet.")
class SubsectionGrade:
    """A SubsectionGrade of app.domain.grades.learners."""

    block = one("block_id", "The block.", to=BlockRow.id)
    assessment = one("assessment_id", "The assessment that it is.", to=AssessmentRow.id)
    category = one("category_id", "Its assignment type.", to=CategoryRow.id)
    category_name: str = strawberry.field(description="The name of its assignment type.")
    label: str = strawberry.field(description="The type's short form, and its number among those of the type: `HW 01`.")
    name: str = strawberry.field(description="Its name.")
    column_grade = one("column_grade_id", "The grade; null: none yet.", to=ColumnGradeRow.id)
    is_attempted: bool = strawberry.field(description="Whether anything has a score.")
    is_overridden: bool = strawberry.field(description="Whether it was set by hand.")
    is_withheld: bool = strawberry.field(description="Whether you are told nothing of it for now: see its block.")
    fraction: float = strawberry.field(description="`points` as a fraction of `maxPoints`.")
    points: float = strawberry.field(description="Points in force.")
    max_points: float = strawberry.field(description="Points that these are of.")
    all_points: float = strawberry.field(description="Points in force, with what is not graded.")
    all_max_points: float = strawberry.field(description="Points that those are of.")
    original_points: float = strawberry.field(description="Points by the scores alone.")
    original_max_points: float = strawberry.field(description="Points that those are of.")
    override_reason: str | None = strawberry.field(description="Why it was set by hand.")
    override_source: str | None = strawberry.field(description="On whose behalf.")
    problem_scores = batch(
        problem_scores,
        "sitting",
        lambda: list[ProblemScore],
        "By the scores alone, in the problems' order.",
    )


@flat(Entry, "An entry of what a course grade is made of: a slot of an assignment type, or what its slots come to.")
class BreakdownEntry:
    """A BreakdownEntry of app.domain.grades.breakdown."""

    category: str = strawberry.field(description="The assignment type.")
    label: str = strawberry.field(description="`HW 01`, `HW Avg`, or `HW` where there is one slot only.")
    detail: str = strawberry.field(description="In a sentence.")
    fraction: float = strawberry.field(description="Fraction of the maximum.")
    is_total: bool = strawberry.field(description="Whether it is what the type comes to.")
    dropped: str | None = strawberry.field(description="Why it does not count; null: it does.")


@node(CertificateRow, "That a person has passed a course instance, in a track that promises it.")
class Certificate:
    """It follows the course grade. Who shows theirs shows those of what they have passed to everybody."""

    course_instance = one(CertificateRow.course_instance_id, "What was passed.")
    user = one(CertificateRow.user_id, "By whom.")
    uuid = column(CertificateRow.uuid, "Unique; nobody could guess it.")
    status = column(CertificateRow.status, "Whether it may be shown.", enum=CertificateStatus)
    is_passing = computed(
        is_passing, CertificateRow.status, returns=bool, description="Whether the course grade is a pass."
    )
    is_shown = batch(
        shown,
        CertificateRow.id,
        lambda: bool,
        "Whether it may be shown: of a pass, where there are certificates, and from when on the course instance says.",
    )
    track = column(CertificateRow.track, "The track that it was made in.")
    grade = column(CertificateRow.grade, "The fraction of the whole, as text: `0.88`.")
    created_at = column(CertificateRow.created_at, "When it was made.")
    updated_at = column(CertificateRow.updated_at, "When it last changed.")


@extend(User)
class UserCertificates:
    """Certificates."""

    certificates = page(CertificateRow.user_id, "Their certificates that you may see, by entry.")


@extend(Enrollment)
class EnrollmentGrades:
    """Results."""

    certificate = batch(
        certificates_of, EnrollmentRow.id, lambda: Certificate | None, "The certificate; null: none now.", narrows=True
    )
    course_result = batch(
        course_results,
        EnrollmentRow.id,
        CourseResult,
        "What the learner has of the whole, less marks withheld from you.",
    )
    subsection_grades = batch(
        subsection_grades,
        EnrollmentRow.id,
        lambda: list[SubsectionGrade],
        "The learner's grade of each graded block that learners see, in the order of the course.",
        metadata=expecting(20),
    )
    breakdown = batch(
        breakdowns,
        EnrollmentRow.id,
        lambda: list[BreakdownEntry],
        "What the course grade is made of, by the grading policy, where a final column says one.",
        metadata=expecting(20),
    )


@flat(RosterRow, "A learner in a page of learners.")
class RosterLine:
    """A RosterLine of app.domain.grades.roster."""

    enrollment = one("enrollment_id", "The learner's enrolment.", to=EnrollmentRow.id)


@flat(Page, "A page of the active learners of a course instance, by enrolment.")
class Roster:
    """A Roster of app.domain.grades.roster."""

    total_count: int = strawberry.field(description="How many learners there are.")
    filtered_count: int = strawberry.field(description="How many of them are what was asked for.")
    has_next: bool = strawberry.field(description="Whether more follow.")
    has_previous: bool = strawberry.field(description="Whether some come before.")
    learners: list[RosterLine] = strawberry.field(description="The page.", metadata=expecting(50))


@extend(CourseInstance)
class CourseInstanceRoster:
    """Learners."""

    roster = batch(rosters, CourseInstanceRow.id, lambda: Roster, "Its active learners, by enrolment.", arguments=ASKED)


@strawberry.type(description="What a grader said by a criterion.")
class CriterionScore:
    """A CriterionScore of app.domain.grades.rubrics."""

    name: str = strawberry.field(description="The criterion.")
    option: str | None = strawberry.field(
        description="The name of the option that was chosen; null where there is none."
    )
    points: int | None = strawberry.field(description="What it was worth then.")
    feedback: str = strawberry.field(description="What the grader says; empty where nothing.")


@strawberry.type(description="What a mark by a rubric is the sum of.")
class RubricScore:
    """A RubricScore of app.domain.grades.rubrics."""

    points: int = strawberry.field(description="Sum of the chosen options' points.")
    max_points: int = strawberry.field(description="Points of the best options.")
    criteria: list[CriterionScore] = strawberry.field(description="What was said, in the order of the rubric.")


@extend(Score)
class ScoreRubric:
    """What it is made of."""

    rubric = batch(
        rubric_scores,
        ScoreRow.id,
        lambda: RubricScore | None,
        "What was chosen by a rubric; null where it was not marked by one, or is not released to you.",
    )
