"""Organizations, courses, and who works on their content."""

from __future__ import annotations

from app.demo.calendar import FOUNDED, SPRING_2026, TIME_ZONE, WEDNESDAY
from app.demo.stage import Scene, Stage
from app.domain.catalog.service import create_course, create_organization
from app.domain.enrollment.models import CourseRole
from app.domain.enrollment.service import set_course_staff

ORGANIZATIONS = (
    ("NBU", "Northbridge University", "A university of some thousand people, made up for this demonstration."),
    ("NorthbridgeX", "Northbridge Online", "Open courses of Northbridge University, for anybody anywhere."),
)
COURSES = (
    (
        "NBU",
        "CS101",
        "CS 101",
        "Introduction to Programming",
        "Values, control flow, functions and small programs in Python; no experience needed.",
    ),
    (
        "NBU",
        "SYS213",
        "SYS 213",
        "Computer Systems",
        "How programs meet the machine: data, machine code, caches, processes and sockets, mostly in labs.",
    ),
    (
        "NBU",
        "STAT200",
        "STAT 200",
        "Statistics for Scientists",
        "Describing data, probability, estimation and tests, taught in two sections that share one gradebook.",
    ),
    (
        "NorthbridgeX",
        "DATA1x",
        "DATA1x",
        "Data Analysis for Everyone",
        "Tables, charts and careful conclusions. Open to all, at one's own pace.",
    ),
    (
        "NBU",
        "PHIL110",
        "PHIL 110",
        "Logic and Argument",
        "What follows from what, and how to say so: natural deduction and the writing of short essays.",
    ),
)
RIGHTS = (
    ("CS101", "icarvalho", CourseRole.OWNER),
    ("CS101", "slindqvist", CourseRole.EDITOR),
    ("CS101", "oprice", CourseRole.VIEWER),
    ("CS101", "nhaddad", CourseRole.PREVIEWER),
    ("SYS213", "tmansour", CourseRole.OWNER),
    ("SYS213", "oprice", CourseRole.EDITOR),
    ("STAT200", "radeyemi", CourseRole.OWNER),
    ("STAT200", "lsato", CourseRole.VIEWER),
    ("DATA1x", "kmorita", CourseRole.OWNER),
    ("PHIL110", "cwhitfield", CourseRole.OWNER),
)


async def publish(stage: Stage) -> None:
    """The catalogue."""
    keys = {}
    for key, name, description in ORGANIZATIONS:
        keys[key] = await create_organization(stage.program, key=key, name=name, description=description)
    for organization, key, short_name, title, description in COURSES:
        stage.cast.courses[key] = await create_course(
            stage.program,
            organization_id=keys[organization],
            key=key,
            short_name=short_name,
            title=title,
            description=description,
            time_zone=TIME_ZONE,
        )


async def entrust(stage: Stage) -> None:
    """Who may see and change the courses' content."""
    for key, username, role in RIGHTS:
        user_id = stage.cast.people[username]
        await set_course_staff(stage.program, course_id=stage.cast.courses[key], user_id=user_id, role=role)


SCENES = (Scene(FOUNDED, publish), Scene(SPRING_2026.at(-2, WEDNESDAY), entrust))
