"""Open edX's LMS APIs, `/api`."""

from __future__ import annotations

from app.rest.family import Family, System
from app.rest.openedx import (
    agreements,
    bookmarks,
    bulk_enroll,
    ccx,
    certificates,
    change_email_settings,
    cohorts,
    completion,
    course_experience,
    course_home,
    course_modes,
    courses,
    courseware,
    courseware_run,
    discounts,
    embargo,
    enrollment,
    gradebook,
    grades,
    instructor,
    learning_sequences,
    mobile,
    mobile_enrollments,
    ora_staff_grader,
    subsections,
    team_memberships,
    team_sheets,
    team_topics,
    teams,
)
from app.rest.openedx.dialect import OpenEdx
from app.rest.openedx.endpoint import OpenEdxEndpoint

MODULES = (
    agreements,
    bookmarks,
    bulk_enroll,
    ccx,
    certificates,
    change_email_settings,
    cohorts,
    completion,
    course_experience,
    course_home,
    course_modes,
    courses,
    courseware,
    courseware_run,
    discounts,
    embargo,
    enrollment,
    gradebook,
    grades,
    instructor,
    learning_sequences,
    mobile,
    mobile_enrollments,
    ora_staff_grader,
    subsections,
    team_memberships,
    team_sheets,
    team_topics,
    teams,
)

SYSTEM = System(
    name="openedx",
    title="Open edX",
    prefix="/api",
    dialect=OpenEdx(),
    families=[Family.of(module) for module in MODULES],
    endpoint=OpenEdxEndpoint,
)
