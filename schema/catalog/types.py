"""Organization, Term, Course, CourseInstance and its access rules."""

from __future__ import annotations

from app.context import Context
from app.domain.catalog.mailing import mail_preferences
from app.domain.catalog.models import (
    Availability,
    CatalogVisibility,
    CourseView,
    Duration,
    EnrollmentMethod,
    PenaltyUnit,
)
from app.domain.catalog.models import Course as CourseRow
from app.domain.catalog.models import CourseInstance as CourseInstanceRow
from app.domain.catalog.models import CourseInstanceAccessRule as AccessRuleRow
from app.domain.catalog.models import Organization as OrganizationRow
from app.domain.catalog.models import Term as TermRow
from app.domain.catalog.spelling import System, spell_all
from app.reading.relations import Order
from schema.core.declare import argument, batch, column
from schema.core.enums import describe_enum
from schema.core.node import node
from schema.core.relate import many, one, page

describe_enum(
    Availability,
    "Whether learners may enter a course instance.",
    AVAILABLE="Learners may enter.",
    UNAVAILABLE="Only the staff may enter.",
    DISABLED="Closed by its instructor.",
)
describe_enum(
    Duration,
    "How long a course instance or a term may be used.",
    CONTINUOUS="Without end.",
    DATE_RANGE="From its start to its end.",
    FIXED_DAYS="So many days after one's enrolment.",
    TERM="As long as the term of the course instance.",
)
describe_enum(
    CourseView,
    "Which of Blackboard's interfaces shows a course instance.",
    UNDECIDED="Not decided.",
    CLASSIC="The older one.",
    ULTRA="The newer one.",
    ULTRA_PREVIEW="The newer one, on trial.",
)
describe_enum(
    EnrollmentMethod,
    "How people get into a course instance.",
    INSTRUCTOR_LED="Its staff enrol them.",
    SELF_ENROLLMENT="They enrol themselves.",
    EMAIL_ENROLLMENT="They ask by e-mail.",
)
describe_enum(
    CatalogVisibility,
    "Where people who are not enrolled find a course instance.",
    BOTH="In the catalogue, and by the address of its page.",
    ABOUT="By the address of its page.",
    NONE="Nowhere.",
)
describe_enum(
    PenaltyUnit,
    "What a penalty is counted in.",
    POINTS="Points.",
    PERCENT="Percent of the points before penalties.",
)
describe_enum(
    System,
    "A system whose spelling of ids is asked for.",
    PRAIRIELEARN="PrairieLearn: the integer.",
    AUTOLAB="Autolab: the unique name.",
    BLACKBOARD="Blackboard Learn: `_12_1`.",
    ASSESSMENTS="The assessments API: `crs_12`.",
    OPEN_EDX="Open edX: the opaque key.",
)
SYSTEM = argument("system", System, "Whose spelling.")


async def ids_for(ctx: Context, keys: list[int], system: System) -> list[str | None]:
    """For each course instance the way a system spells its id."""
    return await spell_all(ctx, keys, system)


@node(OrganizationRow, "A university, school or department that gives courses.")
class Organization:
    """Visible to everybody who is signed in."""

    key = column(OrganizationRow.key, "Short unique name.")
    name = column(OrganizationRow.name, "Full name.")
    description = column(OrganizationRow.description, "What it is.")
    courses = page(CourseRow.organization_id, "Its courses, by key.", order=Order(("key",)))
    receives_mail = batch(
        mail_preferences,
        OrganizationRow.id,
        lambda: bool | None,
        "Whether somebody takes its mails; null when they never said. For themselves and administrators.",
        arguments=(argument("userId", int | None, "`databaseId` of the person; you when absent."),),
    )


@node(TermRow, "A semester or another stretch of time that course instances belong to.")
class Term:
    """Visible to everybody who is signed in."""

    external_id = column(TermRow.external_id, "Unique name.")
    name = column(TermRow.name, "Name for people.")
    description = column(TermRow.description, "What it is.")
    data_source = one(TermRow.data_source_id, "Where the record comes from.")
    is_available = column(TermRow.is_available, "Whether learners may enter what follows the term.")
    duration = column(TermRow.duration, "How long it may be used.", enum=Duration)
    start_at = column(TermRow.start_at, "When it starts.")
    end_at = column(TermRow.end_at, "When it ends.")
    days_of_use = column(TermRow.days_of_use, "Days that it lasts, with FIXED_DAYS.")
    created_at = column(TermRow.created_at, "When it was entered.")
    updated_at = column(TermRow.updated_at, "When it last changed.")
    course_instances = page(
        CourseInstanceRow.term_id, "Its course instances that you may see.", order=Order(("name", "id"))
    )


@node(CourseRow, "A course of the catalogue, given many times.")
class Course:
    """Visible to everybody who is signed in."""

    organization = one(CourseRow.organization_id, "Who gives it.")
    key = column(CourseRow.key, "Unique name.")
    short_name = column(CourseRow.short_name, "Short name, such as `CS 101`.")
    title = column(CourseRow.title, "Title.")
    description = column(CourseRow.description, "What it is about.")
    time_zone = column(CourseRow.time_zone, "IANA time zone of its instances, unless they say otherwise.")
    created_at = column(CourseRow.created_at, "When it was entered.")
    updated_at = column(CourseRow.updated_at, "When it last changed.")
    course_instances = page(
        CourseInstanceRow.course_id,
        "Its instances that you may see, the latest first.",
        order=Order(("start_at", "id"), frozenset({"start_at", "id"})),
    )


@node(CourseInstanceRow, "One offering of a course: edX's course run, Blackboard's course.")
class CourseInstance:
    """Every name that a system knows it by is a field (decision 0002)."""

    course = one(CourseInstanceRow.course_id, "The course that is given.")
    parent = one(CourseInstanceRow.parent_id, "The merged course instance that this one is a child of.")
    children = many(CourseInstanceRow.parent_id, "The children merged into this one.")
    uuid = column(CourseInstanceRow.uuid, "32 hexadecimal digits, without dashes.")
    name = column(CourseInstanceRow.name, "Unique URL-safe name: Autolab's course name, Blackboard's courseId.")
    external_id = column(CourseInstanceRow.external_id, "Unique key in the system it was imported from.")
    key = column(CourseInstanceRow.key, "Unique opaque key, `course-v1:org+course+run`, where it has one.")
    short_name = column(CourseInstanceRow.short_name, "Short name such as `Sp24`; not unique.")
    long_name = column(CourseInstanceRow.long_name, "Name for people, such as `Spring 2024`.")
    description = column(CourseInstanceRow.description, "What it is about, where it differs from its course.")
    term = one(CourseInstanceRow.term_id, "The semester or other term it belongs to.")
    data_source = one(CourseInstanceRow.data_source_id, "Where the record comes from.")
    time_zone = column(CourseInstanceRow.time_zone, "IANA time zone of its dates.")
    start_at = column(CourseInstanceRow.start_at, "When it starts.")
    end_at = column(CourseInstanceRow.end_at, "When it ends.")
    duration = column(CourseInstanceRow.duration, "How long it may be used.", enum=Duration)
    days_of_use = column(CourseInstanceRow.days_of_use, "Days that it may be used, with FIXED_DAYS.")
    availability = column(CourseInstanceRow.availability, "Whether learners may enter.", enum=Availability)
    follows_term = column(CourseInstanceRow.follows_term, "Whether its term says so instead.")
    is_organization = column(CourseInstanceRow.is_organization, "Whether it is a club or another group, no course.")
    is_self_paced = column(CourseInstanceRow.is_self_paced, "Whether due dates count from each learner's own start.")
    is_complete = column(CourseInstanceRow.is_complete, "Whether it is over for good: what is in it stays as it is.")
    allows_guests = column(CourseInstanceRow.allows_guests, "Whether people may look who are not enrolled.")
    allows_observers = column(CourseInstanceRow.allows_observers, "Whether parents and mentors may look.")
    view = column(CourseInstanceRow.view, "In which interface it is shown.", enum=CourseView)
    enrollment_method = column(CourseInstanceRow.enrollment_method, "How people get into it.", enum=EnrollmentMethod)
    enrollment_start_at = column(CourseInstanceRow.enrollment_start_at, "From when they may enrol themselves.")
    enrollment_end_at = column(CourseInstanceRow.enrollment_end_at, "Until when they may enrol themselves.")
    closed_countries = column(
        CourseInstanceRow.closed_countries, "Countries to whose people it is closed, by two letters.", returns=list[str]
    )
    closed_networks = column(
        CourseInstanceRow.closed_networks, "Networks to which it is closed, such as `192.0.2.0/24`.", returns=list[str]
    )
    enrollment_access_code = column(
        CourseInstanceRow.enrollment_access_code, "The code that lets people enrol. For the staff."
    )
    locale = column(CourseInstanceRow.locale, "Language and region, such as `en_US`.")
    is_locale_forced = column(CourseInstanceRow.is_locale_forced, "Whether its language beats everybody's own.")
    is_hidden_in_enroll_page = column(
        CourseInstanceRow.is_hidden_in_enroll_page, "Whether it is kept off the list that one enrols from."
    )
    is_disabled_at_end = column(
        CourseInstanceRow.is_disabled_at_end, "Whether it closes itself to learners and assistants when it ends."
    )
    catalog_visibility = column(
        CourseInstanceRow.catalog_visibility,
        "Where people who are not enrolled find it, in systems with a public catalogue.",
        enum=CatalogVisibility,
    )
    short_description = column(CourseInstanceRow.short_description, "A sentence or two for the catalogue.")
    overview = column(CourseInstanceRow.overview, "Its page in the catalogue, HTML.")
    effort = column(CourseInstanceRow.effort, "How much work it is, such as `5 hours a week`.")
    advertised_start = column(CourseInstanceRow.advertised_start, "What to say instead of `startAt`.")
    display_organization = column(CourseInstanceRow.display_organization, "What to call who gives it, if not so.")
    display_number = column(CourseInstanceRow.display_number, "What to show as its number, if not its course's.")
    image_url = column(CourseInstanceRow.image_url, "Its picture; the address on this site, or elsewhere.")
    banner_url = column(CourseInstanceRow.banner_url, "A wide picture of it.")
    video_url = column(CourseInstanceRow.video_url, "A film about it.")
    license = column(CourseInstanceRow.license, "Under which licence its content is given, such as `CC BY`.")
    derived_from = one(CourseInstanceRow.derived_from_id, "What it has its contents from, with people of its own.")
    allows_derived = column(CourseInstanceRow.allows_derived, "Whether others may be derived from it.")
    chapter_keys = column(
        CourseInstanceRow.chapter_keys,
        "Of a derived one the keys of the original's chapters that may be shown; null: all.",
        returns=list[str],
    )
    max_learners = column(CourseInstanceRow.max_learners, "How many may learn in it; null: any number.")
    days_early_for_testers = column(
        CourseInstanceRow.days_early_for_testers,
        "Days before its blocks open that its testers see them. Told to systems that know testers.",
    )
    certificate_available_at = column(
        CourseInstanceRow.certificate_available_at, "From when its certificates are given."
    )
    is_mobile_available = column(CourseInstanceRow.is_mobile_available, "Whether apps for phones offer it.")
    has_public_outline = column(
        CourseInstanceRow.has_public_outline, "Whether everybody may read its table of contents; see `allowsGuests`."
    )
    hides_progress = column(CourseInstanceRow.hides_progress, "Whether learners see no page of their progress.")
    has_gradebook = column(
        CourseInstanceRow.has_gradebook, "Whether its staff have a gradebook page. Told to systems that know such."
    )
    offers_bulk_grading = column(
        CourseInstanceRow.offers_bulk_grading, "Whether that page offers to set many grades at once, by a file."
    )
    has_certificates = column(
        CourseInstanceRow.has_certificates, "Whether who passes it in a track that promises a certificate gets one."
    )
    late_slack_seconds = column(CourseInstanceRow.late_slack_seconds, "Seconds after a deadline that are not late.")
    grace_days = column(CourseInstanceRow.grace_days, "Days that a learner may be late in all, without a penalty.")
    max_unpenalized_submissions = column(
        CourseInstanceRow.max_unpenalized_submissions, "Submissions that cost nothing; null: any number."
    )
    late_penalty = column(CourseInstanceRow.late_penalty, "What each day late costs.")
    late_penalty_unit = column(CourseInstanceRow.late_penalty_unit, "Unit of `latePenalty`.", enum=PenaltyUnit)
    version_penalty = column(CourseInstanceRow.version_penalty, "What each submission too many costs.")
    version_penalty_unit = column(CourseInstanceRow.version_penalty_unit, "Unit of `versionPenalty`.", enum=PenaltyUnit)
    deleted_at = column(CourseInstanceRow.deleted_at, "Always null: a deleted one can't be seen.")
    created_at = column(CourseInstanceRow.created_at, "When it was entered.")
    updated_at = column(CourseInstanceRow.updated_at, "When it last changed.")
    access_rules = many(
        AccessRuleRow.course_instance_id, "Who may enter and when. For the staff.", order=Order(("number",))
    )
    id_for = batch(
        ids_for,
        CourseInstanceRow.id,
        lambda: str | None,
        "Its id as another system spells it; null where it has none there.",
        arguments=(SYSTEM,),
    )


@node(AccessRuleRow, "Who may enter a course instance, and when.")
class CourseInstanceAccessRule:
    """Visible to the staff."""

    course_instance = one(AccessRuleRow.course_instance_id, "What may be entered.")
    number = column(AccessRuleRow.number, "Position, from 1.")
    institution = column(AccessRuleRow.institution, "Institution whose members it is for; `Any` for all.")
    start_at = column(AccessRuleRow.start_at, "From when.")
    end_at = column(AccessRuleRow.end_at, "Until when.")
    uids = column(AccessRuleRow.uids, "The people it is for; null for everybody.", returns=list[str])
