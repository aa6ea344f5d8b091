"""Enrollment, EnrollmentRole, CourseStaff, and what they add to users, courses and course instances."""

from __future__ import annotations

import strawberry

from app.domain.catalog.models import CourseInstance as CourseInstanceRow
from app.domain.enrollment.access import accesses
from app.domain.enrollment.countries import closures
from app.domain.enrollment.models import CourseRole, DiscussionRole, EnrollmentStatus, Role
from app.domain.enrollment.models import CourseStaff as CourseStaffRow
from app.domain.enrollment.models import Enrollment as EnrollmentRow
from app.domain.enrollment.models import EnrollmentInvitation as EnrollmentInvitationRow
from app.domain.enrollment.models import EnrollmentRole as EnrollmentRoleRow
from app.domain.enrollment.models import EnrollmentTrack as EnrollmentTrackRow
from app.domain.enrollment.tracks import effective_tracks, expired_tracks
from app.reading.relations import Order
from schema.catalog.types import Course, CourseInstance
from schema.core.declare import argument, batch, column
from schema.core.enums import describe_enum
from schema.core.node import extend, node
from schema.core.relate import many, one, page
from schema.core.scalars import Json
from schema.identity.types import User

describe_enum(
    Role,
    "What a person is in a course instance.",
    STUDENT="Learns. Sees their own work and results.",
    COURSE_ASSISTANT="Sees learners' data and scores submissions.",
    INSTRUCTOR="Sees and changes everything in the course instance.",
)
describe_enum(
    DiscussionRole,
    "Who looks after the discussions of a course instance. Each sees all cohorts, and runs the teams that are listed.",
    ADMINISTRATOR="Runs the discussions.",
    MODERATOR="Keeps them in order.",
    COMMUNITY_ASSISTANT="Helps in them: one of the learners, as a rule.",
)
describe_enum(
    EnrollmentStatus,
    "The life of an enrolment.",
    ACTIVE="Takes part.",
    COMPLETED="Has finished.",
    DROPPED="Has left; the record stays.",
)
describe_enum(
    CourseRole,
    "Rights to a course's content in all its instances; none shows a learner's data.",
    PREVIEWER="May see the content.",
    VIEWER="May see the content and its sources.",
    EDITOR="May change the content.",
    OWNER="May change the content and who has rights to it.",
)


@node(EnrollmentRoleRow, "What the institution calls those who take part in a role: Blackboard's course role.")
class EnrollmentRole:
    """Visible to everybody who is signed in."""

    key = column(EnrollmentRoleRow.key, "Unique name, such as `TeachingAssistant`.")
    name = column(EnrollmentRoleRow.name, "Name for people.")
    role = column(EnrollmentRoleRow.role, "The role whose rights it gives.", enum=Role)
    is_custom = column(EnrollmentRoleRow.is_custom, "Whether the institution made it.")
    is_available = column(EnrollmentRoleRow.is_available, "Whether people may be enrolled with it.")
    created_at = column(EnrollmentRoleRow.created_at, "When it was entered.")
    updated_at = column(EnrollmentRoleRow.updated_at, "When it last changed.")


@node(EnrollmentRow, "A person in a course instance: Blackboard's membership, Autolab's course_user_data.")
class Enrollment:
    """Learners see their own and the staff's."""

    user = one(EnrollmentRow.user_id, "The person.")
    course_instance = one(EnrollmentRow.course_instance_id, "What they take part in.")
    child_course_instance = one(
        EnrollmentRow.child_course_instance_id, "In a merged course instance, the child they came in by."
    )
    role = column(EnrollmentRow.role, "As what.", enum=Role)
    enrollment_role = one(
        EnrollmentRow.enrollment_role_id, "What the institution calls that; null: as usual for the role."
    )
    discussion_role = column(
        EnrollmentRow.discussion_role,
        "As what they look after discussions, beside what they are; null: not at all.",
        enum=DiscussionRole,
    )
    data_source = one(EnrollmentRow.data_source_id, "Where the record comes from.")
    is_available = column(EnrollmentRow.is_available, "Whether the person may enter at present.")
    display_order = column(EnrollmentRow.display_order, "Place in a list of the staff, from 1.")
    status = column(EnrollmentRow.status, "Whether they still do.", enum=EnrollmentStatus)
    track = column(EnrollmentRow.track, "Slug of the track they chose, such as `verified`; null for the usual one.")
    effective_track = batch(
        effective_tracks,
        EnrollmentRow.id,
        lambda: str | None,
        "Slug of their track; the usual one of learners who chose none, null of staff who do not learn.",
    )
    discount_percent = column(EnrollmentRow.discount_percent, "What they pay less for a track, in percent. Private.")
    enrolled_at = column(EnrollmentRow.enrolled_at, "Since when.")
    ended_at = column(EnrollmentRow.ended_at, "When they left.")
    lecture = column(EnrollmentRow.lecture, "Lecture they are in.")
    section = column(EnrollmentRow.section, "Section they are in; empty for none.")
    grade_policy = column(EnrollmentRow.grade_policy, "How they are graded, such as `letter`; empty for as usual.")
    nickname = column(EnrollmentRow.nickname, "What they are called on scoreboards.")
    attributes = column(EnrollmentRow.attributes, "Further data of the registrar. Private.", returns=Json)
    created_at = column(EnrollmentRow.created_at, "When it was entered.")
    updated_at = column(EnrollmentRow.updated_at, "When it last changed.")


@node(EnrollmentTrackRow, "A way to take part in a course instance, such as for a certificate.")
class EnrollmentTrack:
    """Visible with the course instance."""

    course_instance = one(EnrollmentTrackRow.course_instance_id, "In what one takes part.")
    slug = column(
        EnrollmentTrackRow.slug, "Short name, such as `verified`; unique in the course instance and currency."
    )
    name = column(EnrollmentTrackRow.name, "Name for people.")
    min_price = column(EnrollmentTrackRow.min_price, "What it costs at least, in whole units of `currency`.")
    suggested_prices = column(EnrollmentTrackRow.suggested_prices, "Prices to choose from.", returns=list[int])
    currency = column(EnrollmentTrackRow.currency, "Currency of the prices, in small letters: `usd`.")
    expires_at = column(EnrollmentTrackRow.expires_at, "Until when one may choose it.")
    is_expiry_explicit = column(
        EnrollmentTrackRow.is_expiry_explicit, "Whether somebody set `expiresAt`, and not a rule."
    )
    is_expired = batch(expired_tracks, EnrollmentTrackRow.id, bool, "Whether one may choose it no more.")
    description = column(EnrollmentTrackRow.description, "What one gets.")
    sku = column(EnrollmentTrackRow.sku, "Key of what is sold.")
    bulk_sku = column(EnrollmentTrackRow.bulk_sku, "Key of what is sold to many at once.")
    created_at = column(EnrollmentTrackRow.created_at, "When it was entered.")
    updated_at = column(EnrollmentTrackRow.updated_at, "When it last changed.")


@node(EnrollmentInvitationRow, "An e-mail address of nobody yet who may enrol in a course instance.")
class EnrollmentInvitation:
    """Visible to those who teach."""

    course_instance = one(EnrollmentInvitationRow.course_instance_id, "In what.")
    email = column(EnrollmentInvitationRow.email, "The address, in small letters; unique in the course instance.")
    is_automatic = column(EnrollmentInvitationRow.is_automatic, "Whether who has the address is enrolled at once.")
    created_at = column(EnrollmentInvitationRow.created_at, "When it was entered.")
    updated_at = column(EnrollmentInvitationRow.updated_at, "When it last changed.")


@node(CourseStaffRow, "A person's right to a course's content in all its instances.")
class CourseStaff:
    """Visible to its holder and to the course's owners."""

    user = one(CourseStaffRow.user_id, "Who has it.")
    course = one(CourseStaffRow.course_id, "To what.")
    role = column(CourseStaffRow.role, "Which right.", enum=CourseRole)


@extend(User)
class UserEnrollments:
    """What a person takes part in."""

    enrollments = page(
        EnrollmentRow.user_id,
        "Their enrolments that you may see, the latest first.",
        order=Order(("enrolled_at", "id"), frozenset({"enrolled_at", "id"})),
    )
    course_roles = many(CourseStaffRow.user_id, "Their rights to courses' content.")


@strawberry.type(description="What you may do in a course instance.")
class ViewerAccess:
    """A row of app.domain.enrollment.access."""

    sees_content: bool = strawberry.field(description="See its content as staff, released or not.")
    sees_learners: bool = strawberry.field(description="See learners' data and score submissions.")
    instructs: bool = strawberry.field(description="Change everything in it.")
    moderates: bool = strawberry.field(description="Look after its discussions: see all cohorts, run listed teams.")


@extend(CourseInstance)
class CourseInstanceEnrollments:
    """Who takes part."""

    coach = one(CourseInstanceRow.coach_id, "Who runs it, where it is derived from another.")
    viewer_access = batch(accesses, CourseInstanceRow.id, ViewerAccess, "What you may do here.")

    enrollments = page(EnrollmentRow.course_instance_id, "Who takes part, by entry.")
    enrollment_invitations = page(
        EnrollmentInvitationRow.course_instance_id, "Addresses that are invited, by entry. For those who teach."
    )
    is_closed = batch(
        closures,
        CourseInstanceRow.id,
        bool,
        "Whether it is closed to somebody's country or address.",
        arguments=(
            argument("userId", int | None, "`databaseId` of the person, whose profile you may see; you when absent."),
            argument("address", str | None, "Address on the internet, such as `192.0.2.1`."),
        ),
    )
    tracks = many(EnrollmentTrackRow.course_instance_id, "The ways to take part, by entry; none: `audit`, for nothing.")


@extend(Course)
class CourseStaffList:
    """Who works on the content."""

    staff = many(CourseStaffRow.course_id, "Who has rights to the content.")
