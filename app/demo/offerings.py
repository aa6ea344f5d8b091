"""The course instances: one is over, four run (one of them merged of two), one is to come, one is for the staff."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import insert, select

from app.demo.calendar import AUTUMN_2026, FRIDAY, SPRING_2026, SPRING_2027, THURSDAY, WEDNESDAY, Term
from app.demo.chance import between, lot, pick
from app.demo.names import DOMAIN, REPEATER, STAR
from app.demo.pages import PAGES
from app.demo.people import learners
from app.demo.stage import Scene, Stage, scene
from app.domain.catalog.models import Availability, CourseView, Duration, EnrollmentMethod, PenaltyUnit
from app.domain.catalog.terms import create_term
from app.domain.enrollment.merging import merge_course_instance
from app.domain.enrollment.models import Enrollment, EnrollmentStatus, Role
from app.domain.enrollment.offerings import EntryRule, create_course_instance, set_course_instance_access_rules
from app.domain.enrollment.service import drop_enrollment, enroll
from app.domain.identity.models import DataSource

SECTIONS = ("A", "B", "C")
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Offering:
    """A course instance and the people in it, as planned."""

    course: str
    name: str
    long_name: str
    term: Term
    instructors: tuple[str, ...] = ()
    assistants: tuple[str, ...] = ()
    learners: tuple[str, ...] = ()
    more: tuple[tuple[str, Any], ...] = ()


OFFERINGS = (
    Offering(
        "CS101",
        "cs101-s26",
        "Introduction to Programming, Spring 2026",
        SPRING_2026,
        instructors=("icarvalho",),
        assistants=("praman",),
        learners=learners(0, 34),
        more=(
            ("short_name", "Sp26"),
            ("external_id", "NBU.2026S.CS101.01"),
            *(("is_complete", True), ("view", CourseView.CLASSIC)),
        ),
    ),
    Offering(
        "CS101",
        "cs101-f26",
        "Introduction to Programming, Autumn 2026",
        AUTUMN_2026,
        instructors=("icarvalho",),
        assistants=("jkeller", "praman"),
        learners=(REPEATER, *learners(34, 78)),
        more=(("short_name", "Au26"), ("external_id", "NBU.2026F.CS101.01")),
    ),
    Offering(
        "CS101",
        "cs101-sandbox",
        "Introduction to Programming, staff sandbox",
        AUTUMN_2026,
        instructors=("icarvalho", "slindqvist"),
        more=(
            ("short_name", "Sandbox"),
            ("is_hidden_in_enroll_page", True),
            ("availability", Availability.DISABLED),
            *(("start_at", None), ("end_at", None), ("duration", Duration.CONTINUOUS)),
            *(("view", CourseView.ULTRA_PREVIEW), ("is_organization", True)),
            *(("locale", "en_US"), ("is_locale_forced", True)),
        ),
    ),
    Offering(
        "SYS213",
        "sys213-f26",
        "Computer Systems, Autumn 2026",
        AUTUMN_2026,
        instructors=("tmansour",),
        assistants=("praman",),
        learners=(*learners(6, 34), STAR),
        more=(
            ("short_name", "Au26"),
            ("external_id", "NBU.2026F.SYS213.01"),
            ("is_disabled_at_end", True),
            ("late_slack_seconds", 300),
            ("grace_days", 3),
            ("max_unpenalized_submissions", 10),
            ("late_penalty", 10.0),
            ("late_penalty_unit", PenaltyUnit.PERCENT),
            ("version_penalty", 1.0),
        ),
    ),
    Offering(
        "STAT200",
        "stat200-f26",
        "Statistics for Scientists, Autumn 2026",
        AUTUMN_2026,
        instructors=("radeyemi",),
        assistants=("lsato",),
        more=(("short_name", "Au26"), ("external_id", "NBU.2026F.STAT200.00")),
    ),
    Offering(
        "STAT200",
        "stat200-f26-a",
        "Statistics for Scientists, section A",
        AUTUMN_2026,
        learners=(*learners(20, 38), "jkeller"),
        more=(("short_name", "Au26-A"), ("external_id", "NBU.2026F.STAT200.01")),
    ),
    Offering(
        "STAT200",
        "stat200-f26-b",
        "Statistics for Scientists, section B",
        AUTUMN_2026,
        learners=learners(60, 78),
        more=(("short_name", "Au26-B"), ("external_id", "NBU.2026F.STAT200.02")),
    ),
    Offering(
        "DATA1x",
        "data1x-2026t3",
        "Data Analysis for Everyone, third term 2026",
        AUTUMN_2026,
        instructors=("kmorita",),
        assistants=("dokello",),
        learners=(STAR, *learners(78, 126)),
        more=(
            ("key", "course-v1:NorthbridgeX+DATA1x+2026_T3"),
            ("description", "Open to everybody, for ninety days from one's enrolment."),
            ("end_at", SPRING_2027.start),
            ("duration", Duration.FIXED_DAYS),
            ("days_of_use", 90),
            ("view", CourseView.ULTRA),
            *(("allows_guests", True), ("allows_observers", True), ("is_self_paced", True)),
            ("enrollment_method", EnrollmentMethod.SELF_ENROLLMENT),
            ("enrollment_start_at", AUTUMN_2026.at(-2)),
            ("enrollment_end_at", AUTUMN_2026.at(8)),
            ("enrollment_access_code", "OPEN2026"),
        ),
    ),
    Offering(
        "PHIL110",
        "phil110-s27",
        "Logic and Argument, Spring 2027",
        SPRING_2027,
        instructors=("cwhitfield",),
        assistants=("nhaddad",),
        learners=learners(100, 135),
        more=(
            ("short_name", "Sp27"),
            ("availability", Availability.UNAVAILABLE),
            ("follows_term", True),
            ("duration", Duration.DATE_RANGE),
            ("enrollment_method", EnrollmentMethod.EMAIL_ENROLLMENT),
        ),
    ),
)
RULES = {
    "cs101-s26": (EntryRule("NBU", SPRING_2026.start, SPRING_2026.end),),
    "cs101-f26": (
        EntryRule("NBU", AUTUMN_2026.start, AUTUMN_2026.end),
        EntryRule(None, AUTUMN_2026.end, SPRING_2027.at(3), (f"{REPEATER}@{DOMAIN}", f"mreed@{DOMAIN}")),
    ),
    "cs101-sandbox": (EntryRule(uids=(f"icarvalho@{DOMAIN}", f"slindqvist@{DOMAIN}")),),
    "data1x-2026t3": (EntryRule("Any", AUTUMN_2026.start),),
}

DROPS = (
    ("cs101-s26", "olund", SPRING_2026.at(6, THURSDAY)),
    ("cs101-s26", "btran", SPRING_2026.at(9, WEDNESDAY)),
    ("cs101-f26", "gsantos", AUTUMN_2026.at(6, FRIDAY)),
    ("sys213-f26", "ykim", AUTUMN_2026.at(7, THURSDAY)),
    ("stat200-f26-b", "npierce", AUTUMN_2026.at(8, WEDNESDAY)),
)


def people_of(place: str) -> tuple[str, ...]:
    """The learners who are enrolled in a course instance, or in those merged into it."""
    return tuple(name for each in OFFERINGS if each.name.startswith(place) for name in each.learners)


async def plan_spring(stage: Stage) -> None:
    """The instances of spring."""
    await _plan(stage, SPRING_2026)


async def plan_autumn(stage: Stage) -> None:
    """The instances of autumn."""
    await _plan(stage, AUTUMN_2026)


async def plan_next(stage: Stage) -> None:
    """The instance of next spring, with those who have asked for a place."""
    await _plan(stage, SPRING_2027)
    await _enrol(stage, SPRING_2027)


async def enrol_spring(stage: Stage) -> None:
    """The learners of spring."""
    await _enrol(stage, SPRING_2026)


async def enrol_autumn(stage: Stage) -> None:
    """The learners of autumn; then the two sections of statistics are merged."""
    await _enrol(stage, AUTUMN_2026)
    ids = stage.cast.course_instances
    for child in ("stat200-f26-a", "stat200-f26-b"):
        await merge_course_instance(stage.program, parent_id=ids["stat200-f26"], child_id=ids[child])


async def drop(stage: Stage, place: str, username: str) -> None:
    """A learner leaves; what they have done stays."""
    here = Enrollment.course_instance_id == stage.cast.course_instances[place]
    who = Enrollment.user_id == stage.cast.people[username]
    enrollment_id = await stage.db.scalar(select(Enrollment.id).where(here, who))
    await drop_enrollment(stage.program, enrollment_id=enrollment_id)


async def _plan(stage: Stage, term: Term) -> None:
    sis = await stage.db.scalar(select(DataSource.id).order_by(DataSource.id).limit(1))
    term_id = await create_term(
        stage.program,
        external_id=f"NBU.{term.code}",
        name=term.name,
        description=f"{term.weeks} weeks",
        data_source_id=sis,
        duration=Duration.DATE_RANGE,
        start_at=term.start,
        end_at=term.end,
    )
    for each in OFFERINGS:
        if each.term is not term:
            continue
        details: dict[str, Any] = {"term_id": term_id, "data_source_id": sis, "duration": Duration.TERM}
        details |= {"start_at": term.start, "end_at": term.end, **dict(each.more)} | PAGES.get(each.name, {})
        made = await create_course_instance(
            stage.program,
            course_id=stage.cast.courses[each.course],
            name=each.name,
            long_name=each.long_name,
            **details,
        )
        stage.cast.course_instances[each.name] = made
        if each.name in RULES:
            await set_course_instance_access_rules(stage.program, course_instance_id=made, rules=RULES[each.name])
        for role, usernames in ((Role.INSTRUCTOR, each.instructors), (Role.COURSE_ASSISTANT, each.assistants)):
            for username in usernames:
                user_id = stage.cast.people[username]
                await enroll(stage.program, course_instance_id=made, user_id=user_id, role=role)


async def _enrol(stage: Stage, term: Term) -> None:
    """Enrol learners all at once, as `enroll` would one by one."""
    rows = [
        {
            "course_instance_id": stage.cast.course_instances[each.name],
            "user_id": stage.cast.people[username],
            "role": Role.STUDENT,
            "status": EnrollmentStatus.ACTIVE,
            "enrolled_at": between(stage.now - 3 * DAY, stage.now, each.name, username),
            "attributes": {"enrolled_as": "exchange" if lot("exchange", username) < 0.1 else "degree"},
            **_place(each.name, username),
            "created_at": stage.now,
            "updated_at": stage.now,
        }
        for each in OFFERINGS
        if each.term is term
        for username in each.learners
    ]
    await stage.db.execute(insert(Enrollment), rows)


def _place(course_instance: str, username: str) -> dict[str, Any]:
    """Where a learner sits, and how they are graded and called."""
    section = course_instance[-1].upper() if course_instance.startswith("stat200") else None
    return {
        "lecture": "1",
        "section": section or pick(SECTIONS, "section", course_instance, username),
        "grade_policy": "pass/fail" if lot("policy", course_instance, username) < 0.1 else "letter",
        "nickname": username[:4] if lot("nickname", username) < 0.15 else None,
    }


SCENES = (
    Scene(SPRING_2026.at(-1, WEDNESDAY), plan_spring),
    Scene(SPRING_2026.at(0, FRIDAY), enrol_spring),
    Scene(AUTUMN_2026.at(-1, WEDNESDAY), plan_autumn),
    Scene(AUTUMN_2026.at(0, FRIDAY), enrol_autumn),
    Scene(AUTUMN_2026.at(10, THURSDAY), plan_next),
    *(scene(at, drop, place=place, username=username) for place, username, at in DROPS),
)
