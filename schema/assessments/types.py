"""Assessment and what it is made of."""

from __future__ import annotations

import strawberry

from app.domain.assessments.models import AnonymousGrading, AssessmentKind, GradingType, QuestionKind, ScoringModel
from app.domain.assessments.models import Assessment as AssessmentRow
from app.domain.assessments.models import AssessmentAccessRule as AccessRuleRow
from app.domain.assessments.models import AssessmentCategory as CategoryRow
from app.domain.assessments.models import AssessmentExtension as ExtensionRow
from app.domain.assessments.models import Problem as ProblemRow
from app.domain.assessments.models import Question as QuestionRow
from app.domain.assessments.models import Zone as ZoneRow
from app.domain.assessments.queries import DocumentFormat, handouts_of, labels_of, writeups_of
from app.domain.catalog.models import PenaltyUnit
from app.reading.relations import Order
from schema.catalog.types import Course, CourseInstance
from schema.core.declare import batch, column
from schema.core.enums import describe_enum
from schema.core.node import extend, node
from schema.core.relate import many, one, page
from schema.core.scalars import Json
from schema.groups.types import GroupSet

BY_PLACE = Order(("category_id", "position", "id"))

describe_enum(
    AssessmentKind,
    "What an assessment is to its course.",
    HOMEWORK="Work at home, retried at will.",
    EXAM="An examination.",
    QUIZ="A short test, marked by computer.",
)
describe_enum(
    GradingType,
    "Where the grades of an assessment come from.",
    ATTEMPTS="From submissions.",
    MANUAL="Entered by hand.",
    CALCULATED="Computed from other assessments.",
)
describe_enum(
    ScoringModel,
    "Which of several submissions, and of several instances, counts.",
    HIGHEST="The best.",
    LAST="The last.",
    FIRST="The first.",
    LOWEST="The worst.",
    AVERAGE="Their mean.",
)
describe_enum(
    AnonymousGrading,
    "Until when graders do not learn whose work they mark.",
    NONE="They always know.",
    AFTER_ALL_GRADED="Until everything is graded.",
    DATE="Until a date.",
)
describe_enum(
    QuestionKind,
    "How a question is answered.",
    SINGLE_CHOICE="One of the choices.",
    MULTIPLE_CHOICE="Any of the choices.",
    TRUE_FALSE="True or false.",
    NUMERIC="A number.",
    SHORT_TEXT="A few words.",
    MATCHING="Pairs.",
    FILES="Files.",
    EXTERNAL="By a program of its own, which also scores it.",
)


describe_enum(
    DocumentFormat,
    "What a writeup or a handout is.",
    NONE="There is none.",
    URL="An address elsewhere.",
    FILE="A file that is kept here.",
)


@strawberry.type(description="A file that is a writeup or a handout.")
class AssessmentFile:
    """A row of app.domain.assessments.queries."""

    name: str = strawberry.field(description="Name.")
    content_type: str = strawberry.field(description="Media type.")
    size: int = strawberry.field(description="Bytes.")
    sha256: str = strawberry.field(description="SHA-256 of the content, in hexadecimal.")
    url: str = strawberry.field(description="Where to download it: a path on this server.")


@strawberry.type(description="The writeup or the handout of an assessment.")
class AssessmentDocument:
    """A row of app.domain.assessments.queries."""

    format: DocumentFormat = strawberry.field(description="What it is.")
    url: str | None = strawberry.field(description="Its address, when it is elsewhere.")
    file: AssessmentFile | None = strawberry.field(description="The file, when it is kept here.")


@node(CategoryRow, "A family of assessments: PrairieLearn's assessment set, Autolab's and Blackboard's category.")
class AssessmentCategory:
    """Visible to everybody in the course instance."""

    course_instance = one(CategoryRow.course_instance_id, "Where it is used.")
    number = column(CategoryRow.number, "Position among the categories, from 1.")
    name = column(CategoryRow.name, "Name, such as `Homework`.")
    abbreviation = column(CategoryRow.abbreviation, "Short form, such as `HW`.")
    heading = column(CategoryRow.heading, "Heading over its assessments.")
    color = column(CategoryRow.color, "Colour name of PrairieLearn's palette.")
    assessments = page(AssessmentRow.category_id, "Its assessments in order.", order=Order(("position", "id")))


@node(AssessmentRow, "Whatever has a column in the gradebook: an exam, a homework, a lab, a column kept by hand.")
class Assessment:
    """Learners see it once it has been released."""

    course_instance = one(AssessmentRow.course_instance_id, "Where it is set.")
    category = one(AssessmentRow.category_id, "The family it is of.")
    group_set = one(AssessmentRow.group_set_id, "The division into groups it is done in; null: alone.")
    uuid = column(AssessmentRow.uuid, "32 hexadecimal digits, without dashes.")
    external_id = column(AssessmentRow.external_id, "Its key in the system it was imported from.")
    name = column(AssessmentRow.name, "Name, unique in the course instance; PrairieLearn's tid, Autolab's name.")
    label = batch(labels_of, AssessmentRow.id, str, "The category's abbreviation and the number, such as `HW1`.")
    number = column(AssessmentRow.number, "Number in its category, as text.")
    position = column(AssessmentRow.position, "Place in its category.")
    title = column(AssessmentRow.title, "Title.")
    description = column(AssessmentRow.description, "What it is about.")
    module = column(AssessmentRow.module, "The part of the course it belongs to.")
    kind = column(AssessmentRow.kind, "What it is to the course.", enum=AssessmentKind)
    grading_type = column(AssessmentRow.grading_type, "Where its grades come from.", enum=GradingType)
    scoring_model = column(AssessmentRow.scoring_model, "Which submission and instance count.", enum=ScoringModel)
    weight = column(AssessmentRow.weight, "Weight in the course, in percent.")
    max_points = column(AssessmentRow.max_points, "Points that are 100 %.")
    max_bonus_points = column(AssessmentRow.max_bonus_points, "Points that may be had beyond 100 %.")
    passing_percentage = column(AssessmentRow.passing_percentage, "Percentage needed to pass.")
    start_at = column(AssessmentRow.start_at, "When learners first see it; null: at once.")
    due_at = column(AssessmentRow.due_at, "Until when work is on time.")
    end_at = column(AssessmentRow.end_at, "Until when work is taken at all.")
    time_limit_minutes = column(AssessmentRow.time_limit_minutes, "Minutes that an instance stays open.")
    max_instances = column(AssessmentRow.max_instances, "How many instances a learner may start; null: any number.")
    max_submissions = column(AssessmentRow.max_submissions, "How often a learner may hand in, alone and in groups.")
    max_unpenalized_submissions = column(
        AssessmentRow.max_unpenalized_submissions,
        "Submissions that cost nothing; -1: any number; null: as the course instance says.",
    )
    max_grace_days = column(AssessmentRow.max_grace_days, "Grace days that may be used; null: all that are left.")
    late_penalty = column(AssessmentRow.late_penalty, "What each day late costs; null: as the course instance says.")
    late_penalty_unit = column(AssessmentRow.late_penalty_unit, "Unit of `latePenalty`.", enum=PenaltyUnit)
    version_penalty = column(
        AssessmentRow.version_penalty, "What each submission too many costs; null: as the course instance says."
    )
    version_penalty_unit = column(AssessmentRow.version_penalty_unit, "Unit of `versionPenalty`.", enum=PenaltyUnit)
    are_handins_disabled = column(AssessmentRow.are_handins_disabled, "Whether nobody can hand in files.")
    max_size_mb = column(AssessmentRow.max_size_mb, "Largest file that is taken, in units of 2^20 bytes.")
    has_group_sittings = column(
        AssessmentRow.has_group_sittings,
        "How groups work: each as one, in an instance of the group; or each member in their own, where what one hands "
        "in is handed in for all, and who is in no group works alone.",
    )
    handin_filename = column(AssessmentRow.handin_filename, "What files handed in are called.")
    writeup_url = column(AssessmentRow.writeup_url, "Address of the description.")
    handout_url = column(AssessmentRow.handout_url, "Address of the files to start from.")
    writeup = batch(writeups_of, AssessmentRow.id, lambda: AssessmentDocument, "What describes it.")
    handout = batch(handouts_of, AssessmentRow.id, lambda: AssessmentDocument, "What learners start from.")
    has_scoreboard = column(AssessmentRow.has_scoreboard, "Whether learners see a ranking.")
    has_autograder = column(AssessmentRow.has_autograder, "Whether a program scores it.")
    is_embedded_quiz = column(AssessmentRow.is_embedded_quiz, "Whether it is a form that is filled in.")
    display_name = column(AssessmentRow.display_name, "What its column is called in the gradebook; null: the title.")
    content_id = column(AssessmentRow.content_id, "Key of the content that it is about, in another system.")
    score_provider = column(AssessmentRow.score_provider, "What gives its grades: `resource/x-bb-assignment`.")
    external_tool_id = column(AssessmentRow.external_tool_id, "Key of the tool that it is done with.")
    is_visible = column(AssessmentRow.is_visible, "Whether learners see its column; else they see nothing of it.")
    is_included_in_calculations = column(
        AssessmentRow.is_included_in_calculations, "Whether calculated columns are computed from it."
    )
    shows_statistics = column(AssessmentRow.shows_statistics, "Whether learners are shown its statistics.")
    is_external_grade = column(AssessmentRow.is_external_grade, "Whether it is the course's final grade: one column.")
    anonymous_grading = column(
        AssessmentRow.anonymous_grading, "Until when graders do not know whose work it is.", enum=AnonymousGrading
    )
    anonymous_until = column(AssessmentRow.anonymous_until, "That date.")
    created_at = column(AssessmentRow.created_at, "When it was entered.")
    updated_at = column(AssessmentRow.updated_at, "When it last changed.")
    zones = many(ZoneRow.assessment_id, "Its parts.", order=Order(("number",)))
    problems = many(ProblemRow.assessment_id, "What is graded in it.", order=Order(("number", "id")))
    access_rules = many(AccessRuleRow.assessment_id, "When it may be worked on.", order=Order(("number",)))
    extensions = many(ExtensionRow.assessment_id, "Learners with more time.")


@node(ZoneRow, "A part of an assessment.")
class Zone:
    """Visible with the assessment."""

    assessment = one(ZoneRow.assessment_id, "What it is a part of.")
    number = column(ZoneRow.number, "Position, from 1.")
    title = column(ZoneRow.title, "Title.")
    max_points = column(ZoneRow.max_points, "At most this many of its points count.")
    best_problems = column(ZoneRow.best_problems, "Only this many of its problems count, the best.")


@node(ProblemRow, "A gradable part of an assessment: a question placed in it, or just a named mark.")
class Problem:
    """Visible with the assessment."""

    assessment = one(ProblemRow.assessment_id, "What it is a part of.")
    zone = one(ProblemRow.zone_id, "The zone it is in.")
    question = one(ProblemRow.question_id, "The question of the bank that it places.")
    number = column(ProblemRow.number, "Position in the assessment, from 1.")
    name = column(ProblemRow.name, "Name, unique in the assessment.")
    description = column(ProblemRow.description, "What it asks; empty where nothing is said.")
    max_points = column(ProblemRow.max_points, "Points that are 100 %.")
    max_auto_points = column(ProblemRow.max_auto_points, "The part of them that a program awards.")
    max_manual_points = column(ProblemRow.max_manual_points, "The part of them that a person awards.")
    points_by_try = column(ProblemRow.points_by_try, "What each try is worth, in an exam.", returns=list[float])
    alternative_group = column(ProblemRow.alternative_group, "Number of the set of alternatives it is one of.")
    alternatives_chosen = column(ProblemRow.alternatives_chosen, "How many of these alternatives a learner gets.")
    is_optional = column(ProblemRow.is_optional, "Whether it may be left out.")
    is_starred = column(ProblemRow.is_starred, "Whether its author marked it.")


@node(QuestionRow, "An entry of a course's question bank.")
class Question:
    """Right answers are null to learners."""

    course = one(QuestionRow.course_id, "Whose bank it is in.")
    uuid = column(QuestionRow.uuid, "32 hexadecimal digits, without dashes.")
    name = column(QuestionRow.name, "Name, unique in the course; may contain slashes. PrairieLearn's qid.")
    title = column(QuestionRow.title, "Title.")
    topic = column(QuestionRow.topic, "What it is about.")
    tags = column(QuestionRow.tags, "Words to find it by.", returns=list[str])
    kind = column(QuestionRow.kind, "How it is answered.", enum=QuestionKind)
    prompt = column(QuestionRow.prompt, "What is asked.")
    choices = column(QuestionRow.choices, "What may be chosen.", returns=Json)
    correct_answer = column(QuestionRow.correct_answer, "The right answer. For the staff.", returns=Json)
    options = column(QuestionRow.options, "How it is drawn and scored. For the staff.", returns=Json)


@node(AccessRuleRow, "When an assessment may be worked on, by whom, and for how much credit.")
class AssessmentAccessRule:
    """Passwords and lists of people are null to learners."""

    assessment = one(AccessRuleRow.assessment_id, "What it rules.")
    number = column(AccessRuleRow.number, "Position, from 1.")
    mode = column(AccessRuleRow.mode, "`Public` or `Exam`; null: any.")
    credit = column(AccessRuleRow.credit, "Percent of the points; 0: only to look at.")
    start_at = column(AccessRuleRow.start_at, "From when.")
    end_at = column(AccessRuleRow.end_at, "Until when.")
    time_limit_minutes = column(AccessRuleRow.time_limit_minutes, "Minutes that an instance stays open.")
    password = column(AccessRuleRow.password, "What must be entered to start. For the staff.")
    exam_uuid = column(AccessRuleRow.exam_uuid, "The reserved examination it is for. For the staff.")
    shows_closed_assessment = column(AccessRuleRow.shows_closed_assessment, "Whether closed work may be looked at.")
    shows_closed_assessment_score = column(
        AccessRuleRow.shows_closed_assessment_score, "Whether the score of closed work may be looked at."
    )
    uids = column(AccessRuleRow.uids, "The people it is for; null for everybody. For the staff.", returns=list[str])


@node(ExtensionRow, "More time for one learner.")
class AssessmentExtension:
    """Visible to the learner and the staff."""

    assessment = one(ExtensionRow.assessment_id, "For what.")
    user = one(ExtensionRow.user_id, "For whom.")
    due_at = column(ExtensionRow.due_at, "The learner's own due date; null with `endAt` null: no end.")
    end_at = column(ExtensionRow.end_at, "The learner's own end.")


@extend(CourseInstance)
class CourseInstanceAssessments:
    """What is assessed."""

    assessment_categories = many(
        CategoryRow.course_instance_id, "Its families of assessments.", order=Order(("number", "id"))
    )
    assessments = page(AssessmentRow.course_instance_id, "Its assessments, by category and place.", order=BY_PLACE)


@extend(Course)
class CourseQuestions:
    """The question bank."""

    questions = page(QuestionRow.course_id, "Its question bank, by name.", order=Order(("name",)))


@extend(GroupSet)
class GroupSetAssessments:
    """What the groups do."""

    assessments = many(AssessmentRow.group_set_id, "The assessments done in these groups.", order=BY_PLACE)
