"""The root of reading: the viewer, nodes, look-ups and lists."""

from __future__ import annotations

from typing import Any

import strawberry

from app.domain.assessments.models import Assessment, AssessmentKind, GradingType
from app.domain.attempts.models import AssessmentInstance, Submission
from app.domain.blocks.models import Block, Bookmark
from app.domain.catalog.models import Availability, CatalogVisibility, Course, CourseInstance, Organization, Term
from app.domain.enrollment.models import Enrollment, EnrollmentRole, EnrollmentStatus, Role
from app.domain.grades.models import Certificate
from app.domain.groups.models import Group
from app.domain.identity.models import DataSource, User
from app.domain.jobs.models import Job
from app.domain.libraries.models import Library, LibraryBlock
from app.policy import Viewing
from app.reading import relations
from app.reading.statements import ANYBODY
from schema.core.bounds import Bounds, load_limits
from schema.core.context import GraphContext
from schema.core.declare import argument
from schema.core.filters import Columns
from schema.core.node import Node
from schema.core.roots import load_node, load_nodes, look_up, root, roots_of
from schema.grades.inputs import COLUMN_GRADES
from schema.identity.types import User as UserType
from schema.jobs.inputs import JOBS
from schema.libraries.inputs import LIBRARIES

ORGANIZATIONS = Columns(
    "Organization",
    Organization.id,
    Organization.key,
    Organization.name,
    orders=(Organization.id, Organization.key, Organization.name),
)
DATA_SOURCES = Columns("DataSource", DataSource.id, DataSource.external_id, orders=(DataSource.id,))
TERMS = Columns(
    "Term",
    Term.id,
    Term.external_id,
    Term.name,
    Term.data_source_id,
    Term.is_available,
    Term.created_at,
    orders=(Term.id, Term.name),
)
ENROLLMENT_ROLES = Columns("EnrollmentRole", EnrollmentRole.id, EnrollmentRole.key, orders=(EnrollmentRole.id,))
USERS = Columns(
    "User",
    User.id,
    User.uuid,
    User.username,
    User.uid,
    User.email,
    User.name,
    User.family_name,
    User.uin,
    User.external_id,
    User.data_source_id,
    User.is_active,
    User.is_disabled,
    User.created_at,
    User.updated_at,
    orders=(User.id, User.username, User.uid, User.created_at),
)
COURSES = Columns(
    "Course",
    Course.id,
    Course.key,
    Course.short_name,
    Course.title,
    Course.organization_id,
    Course.created_at,
    orders=(Course.id, Course.key, Course.short_name, Course.title),
)
COURSE_INSTANCES = Columns(
    "CourseInstance",
    CourseInstance.id,
    CourseInstance.uuid,
    CourseInstance.name,
    CourseInstance.external_id,
    CourseInstance.key,
    CourseInstance.long_name,
    CourseInstance.description,
    CourseInstance.term_id,
    CourseInstance.data_source_id,
    CourseInstance.course_id,
    CourseInstance.parent_id,
    CourseInstance.derived_from_id,
    CourseInstance.start_at,
    CourseInstance.end_at,
    CourseInstance.availability,
    CourseInstance.follows_term,
    CourseInstance.is_organization,
    CourseInstance.allows_guests,
    CourseInstance.catalog_visibility,
    CourseInstance.is_mobile_available,
    CourseInstance.created_at,
    CourseInstance.updated_at,
    orders=(
        CourseInstance.id,
        CourseInstance.name,
        CourseInstance.external_id,
        CourseInstance.key,
        CourseInstance.long_name,
        CourseInstance.start_at,
        CourseInstance.created_at,
        CourseInstance.updated_at,
    ),
    availability=Availability,
    catalog_visibility=CatalogVisibility,
)
ENROLLMENTS = Columns(
    "Enrollment",
    Enrollment.id,
    Enrollment.user_id,
    Enrollment.course_instance_id,
    Enrollment.child_course_instance_id,
    Enrollment.role,
    Enrollment.enrollment_role_id,
    Enrollment.status,
    Enrollment.track,
    Enrollment.is_available,
    Enrollment.data_source_id,
    Enrollment.enrolled_at,
    Enrollment.updated_at,
    orders=(Enrollment.id, Enrollment.enrolled_at),
    role=Role,
    status=EnrollmentStatus,
)
BLOCKS = Columns(
    "Block",
    Block.id,
    Block.course_instance_id,
    Block.parent_id,
    Block.usage_key,
    Block.kind,
    Block.position,
    Block.depth,
    Block.name,
    Block.format,
    Block.is_graded,
    Block.start_at,
    Block.due_at,
    Block.updated_at,
    orders=(Block.id, Block.position, Block.due_at),
)
BOOKMARKS = Columns(
    "Bookmark",
    Bookmark.id,
    Bookmark.user_id,
    Bookmark.course_instance_id,
    Bookmark.block_id,
    Bookmark.created_at,
    orders=(Bookmark.id, Bookmark.created_at),
)
ASSESSMENTS = Columns(
    "Assessment",
    Assessment.id,
    Assessment.course_instance_id,
    Assessment.category_id,
    Assessment.external_id,
    Assessment.name,
    Assessment.title,
    Assessment.kind,
    Assessment.grading_type,
    Assessment.display_name,
    Assessment.content_id,
    Assessment.is_visible,
    Assessment.is_external_grade,
    Assessment.weight,
    Assessment.start_at,
    Assessment.due_at,
    Assessment.end_at,
    Assessment.created_at,
    Assessment.updated_at,
    orders=(Assessment.id, Assessment.title, Assessment.start_at, Assessment.due_at),
    kind=AssessmentKind,
    grading_type=GradingType,
)
ASSESSMENT_INSTANCES = Columns(
    "AssessmentInstance",
    AssessmentInstance.id,
    AssessmentInstance.assessment_id,
    AssessmentInstance.course_instance_id,
    AssessmentInstance.user_id,
    AssessmentInstance.group_id,
    AssessmentInstance.is_open,
    AssessmentInstance.points,
    AssessmentInstance.score_perc,
    AssessmentInstance.started_at,
    AssessmentInstance.modified_at,
    orders=(AssessmentInstance.id, AssessmentInstance.modified_at),
)
SUBMISSIONS = Columns(
    "Submission",
    Submission.id,
    Submission.course_instance_id,
    Submission.assessment_instance_id,
    Submission.submitted_by_id,
    Submission.uuid,
    Submission.number,
    Submission.submitted_at,
    Submission.is_late,
    Submission.is_banked,
    orders=(Submission.id, Submission.submitted_at),
)
GROUPS = Columns(
    "Group",
    Group.id,
    Group.course_instance_id,
    Group.group_set_id,
    Group.name,
    Group.created_at,
    orders=(Group.id, Group.name),
)


ID = argument("id", strawberry.ID, "Its `id`.")
IDS = argument("ids", list[strawberry.ID], "Their `id`s, at most as many as a page may have.")


def _oneself(viewing: Viewing) -> Any:
    """The user who asks, whom policies let everybody see."""
    return User.id == ANYBODY


async def load_viewer(context: GraphContext) -> Any:
    """The signed-in user's row."""
    user_id = context.domain.principal.user_id
    if user_id is None:
        return None
    return await relations.look_up(context.domain, User.id, context.columns(User), user_id, _oneself)


@strawberry.type(description="Everything that can be read. Lists hold what you may see; counts count it.")
class Query:
    """Root fields; all but `viewer` and `limits` need somebody to be signed in."""

    viewer = root(load_viewer, lambda: UserType | None, "Who you are; null when nobody is signed in.")
    limits = root(load_limits, lambda: Bounds, "What a request may ask; told to everybody.")
    node = root(load_node, lambda: Node | None, "Any object by its global id; null when there is none.", ID)
    nodes = root(
        load_nodes, lambda: list[Node | None], "Objects by their global ids, in the order asked; null for none.", IDS
    )

    organization = look_up(Organization, Organization.key, description="An organization.")
    user = look_up(User, User.uuid, User.username, User.uid, User.email, description="A person that you may see.")
    data_source = look_up(DataSource, DataSource.external_id, description="A source of records.")
    term = look_up(Term, Term.external_id, description="A term.")
    enrollment_role = look_up(EnrollmentRole, EnrollmentRole.key, description="An institution's name for a role.")
    course = look_up(Course, Course.key, description="A course of the catalogue.")
    course_instance = look_up(
        CourseInstance,
        CourseInstance.name,
        CourseInstance.external_id,
        CourseInstance.uuid,
        CourseInstance.key,
        description="A course instance, by any name that a system knows it by.",
    )
    block = look_up(Block, Block.usage_key, description="A block of a course instance.")
    library = look_up(Library, Library.key, description="A library of blocks.")
    library_block = look_up(LibraryBlock, LibraryBlock.usage_key, description="A block of a library.")
    assessment = look_up(Assessment, description="An assessment.")
    assessment_instance = look_up(AssessmentInstance, description="An assessment instance.")
    submission = look_up(Submission, Submission.uuid, description="A submission.")
    group = look_up(Group, Group.key, description="A group.")
    certificate = look_up(Certificate, Certificate.uuid, description="A certificate.")
    job = look_up(Job, Job.uuid, description="A job.")

    organizations = roots_of(ORGANIZATIONS, "Organizations, by entry.")
    users = roots_of(USERS, "People, by entry.")
    data_sources = roots_of(DATA_SOURCES, "Sources of records, by entry.")
    terms = roots_of(TERMS, "Terms, by entry.")
    enrollment_roles = roots_of(ENROLLMENT_ROLES, "The institution's names for roles, by entry.")
    courses = roots_of(COURSES, "Courses of the catalogue, by entry.")
    course_instances = roots_of(COURSE_INSTANCES, "Course instances, by entry.")
    enrollments = roots_of(ENROLLMENTS, "Enrolments, by entry.")
    blocks = roots_of(BLOCKS, "Blocks, by entry.")
    bookmarks = roots_of(BOOKMARKS, "Bookmarks, by entry.")
    libraries = roots_of(LIBRARIES, "Libraries of blocks, by entry.")
    assessments = roots_of(ASSESSMENTS, "Assessments, by entry.")
    assessment_instances = roots_of(ASSESSMENT_INSTANCES, "Assessment instances, by entry.")
    submissions = roots_of(SUBMISSIONS, "Submissions, by entry.")
    column_grades = roots_of(COLUMN_GRADES, "Grades, by entry: ask for what changed since a `changeIndex`.")
    groups = roots_of(GROUPS, "Groups, by entry.")
    jobs = roots_of(JOBS, "Jobs, by entry.")
