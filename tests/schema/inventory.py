"""Seven rows of everything that lists hold: with ties, without values, with characters that mean something to SQL."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from app.context import Context
from app.db.base import Base
from app.domain.assessments.models import Assessment, AssessmentCategory, Problem, Question
from app.domain.attempts.models import AssessmentInstance, InstanceQuestion, Submission
from app.domain.blocks.models import Block, BlockGroup, Bookmark
from app.domain.catalog.models import Course, CourseInstance, Organization, Term
from app.domain.enrollment.models import Enrollment, EnrollmentInvitation, EnrollmentRole, EnrollmentTrack
from app.domain.grades.models import Certificate, ColumnGrade, CourseGrade, GradeChange
from app.domain.groups.models import Group, GroupSet
from app.domain.identity.models import DataSource, User
from app.domain.jobs.models import Job
from app.domain.libraries.models import Library, LibraryBlock, LibraryMember, LibraryProgress
from app.domain.progress.models import LearnerRecord
from app.principal import SCOPES, Principal
from tests.clock import NOW
from tests.conftest import RolledBackDatabase

Row = Mapping[str, Any]
SIZE = 7
TEXTS = ["beta", "Alpha", "beta", "50% off", "a_b", "a\\b", "axb"]
NAMES = ["beta", None, "Åsa", "50% off", "a_b", "a\\b", None]


def days(*numbers: int | None) -> list[datetime | None]:
    """So many days before the tests' moment, and a microsecond less: cursors must not round."""
    return [None if each is None else NOW - timedelta(days=each) + timedelta(microseconds=1) for each in numbers]


MOMENTS = days(3, 1, 3, 2, 1, 9, 3)
MAYBE = days(3, None, 3, 2, None, 9, 3)
CATALOGUE = {
    "external_id": ["sis2", None, "sis1", "sis3", None, "sis0", "sis4"],
    "key": ["k2", None, "k1", "k3", None, "k0", "k4"],
    "catalog_visibility": ["BOTH", "ABOUT", "NONE", "BOTH", "BOTH", "ABOUT", "BOTH"],
}


async def put(ctx: Context, model: type[Base], **columns: Any) -> list[int]:
    """Seven rows of these columns, each a list of seven or a value for all; their keys."""
    rows = [
        {name: value[place] if isinstance(value, list) else value for name, value in columns.items()}
        for place in range(SIZE)
    ]
    for row in rows:
        await ctx.db.execute(insert(model).values(**row))
    table = model.__table__
    return [row[0] for row in await ctx.db.fetch(select(table.c.id).order_by(table.c.id))][-SIZE:]


def numbered(prefix: str) -> list[str]:
    """Unique texts that do not sort as they are entered."""
    return [f"{prefix}{(place * 5) % SIZE}" for place in range(SIZE)]


async def build(ctx: Context) -> None:
    """All of it. Most rows hang on one parent, so that every connection has a long page."""
    stamps = {"created_at": MOMENTS, "updated_at": NOW}
    organization, *_ = await put(ctx, Organization, key=numbered("o"), name=TEXTS, **stamps)
    sources = await put(ctx, DataSource, external_id=numbered("s"), description=NAMES, **stamps)
    from_them = {"data_source_id": [sources[2], None, *sources[:4], None]}
    open_or_not = [True, False, True, True, False, True, True]
    terms = await put(ctx, Term, external_id=numbered("t"), name=TEXTS, is_available=open_or_not, **from_them, **stamps)
    private: dict[str, Any] = {"email": numbered("e"), "family_name": NAMES, "uin": TEXTS}
    private |= {"external_id": [*numbered("k")[:5], None, None]}
    private |= {"is_active": open_or_not, "is_disabled": [not each for each in open_or_not], **from_them}
    people = {"uid": numbered("uid"), "uuid": numbered("u"), "username": TEXTS[:2] + numbered("n")[2:]}
    users = await put(ctx, User, name=NAMES, **people, **private, **stamps)
    taught = {"short_name": TEXTS, "title": [*TEXTS[1:], "beta"], "time_zone": "UTC"}
    course, *_ = await put(ctx, Course, organization_id=organization, key=numbered("c"), **taught, **stamps)
    offered: dict[str, Any] = {"name": numbered("ci"), "uuid": numbered("x"), "long_name": TEXTS, "time_zone": "UTC"}
    offered |= CATALOGUE | {"description": NAMES, "term_id": [None, *[terms[1]] * 6]}
    offered |= {"is_mobile_available": open_or_not}
    offered |= {"is_organization": open_or_not, "allows_guests": open_or_not, "follows_term": open_or_not, **from_them}
    dates = {"start_at": MAYBE, "end_at": days(None, 2, 2, 2, 2, None, 1)}
    available = ["AVAILABLE", "DISABLED", "UNAVAILABLE", "AVAILABLE", "AVAILABLE", "DISABLED", "AVAILABLE"]
    places = await put(ctx, CourseInstance, course_id=course, **offered, **dates, availability=available, **stamps)
    merged = update(CourseInstance).where(CourseInstance.id.in_(places[3:5])).values(parent_id=places[0])
    await ctx.db.execute(merged)
    derived = update(CourseInstance).where(CourseInstance.id.in_(places[1:3])).values(derived_from_id=places[0])
    await ctx.db.execute(derived)
    await put(ctx, Question, course_id=course, uuid="q", name=numbered("q"), title="Q", kind="EXTERNAL", **stamps)
    await _enrolled(ctx, places, users, {"is_available": open_or_not, **from_them, **stamps})
    group_set = (await put(ctx, GroupSet, course_instance_id=places[0], name=numbered("g"), max_size=2, **stamps))[0]
    where = {"group_set_id": group_set, "course_instance_id": places[0]}
    groups = await put(ctx, Group, name=TEXTS, **where, **stamps)
    await _assessed(ctx, places, users, groups)
    await _shelved(ctx, organization, users)


async def _asked_for(ctx: Context, places: list[int], users: list[int]) -> None:
    """Seven jobs of the first course instance, by six people and the program."""
    stamps = {"created_at": MOMENTS, "updated_at": NOW, "due_at": MOMENTS, "finished_at": MAYBE}
    states = ["SUCCESS", "FAILURE", "SUCCESS", "REVOKED", "SUCCESS", "SUCCESS", "REVOKED"]
    said = {
        "kind": ["GRADES", *["PROBLEM_RESPONSES"] * 6],
        "state": states,
        "file_name": NAMES,
        "input": {},
        "output": {},
    }
    own = Block.course_instance_id == places[0]
    blocks = [row[0] for row in await ctx.db.fetch(select(Block.id).where(own).order_by(Block.id))]
    people = {"requester_id": [None, *users[:6]], "learner_id": [*users[:5], None, None], "block_id": blocks[:7]}
    await put(ctx, Job, course_instance_id=places[0], uuid=numbered("j"), **said, **people, **stamps)


async def _enrolled(ctx: Context, places: list[int], users: list[int], more: dict[str, Any]) -> None:
    """Seven enrolments in the first course instance, of the first person, in the first child; seven tracks."""
    roles = ["STUDENT", "STUDENT", "INSTRUCTOR", "STUDENT", "COURSE_ASSISTANT", "STUDENT", "STUDENT"]
    states = ["ACTIVE", "DROPPED", "ACTIVE", "ACTIVE", "ACTIVE", "COMPLETED", "DROPPED"]
    called = await ctx.db.fetch(select(EnrollmentRole.id).order_by(EnrollmentRole.id))
    joined: dict[str, Any] = {"role": roles, "status": states, "enrolled_at": MOMENTS, **more}
    joined |= {
        "enrollment_role_id": [None, *(row[0] for row in called[1:])],
        "track": NAMES,
    }
    await put(ctx, Enrollment, course_instance_id=places[0], user_id=users, **joined)
    await put(ctx, EnrollmentTrack, course_instance_id=places[0], slug=numbered("t"), name=TEXTS)
    await put(ctx, EnrollmentInvitation, course_instance_id=places[0], email=numbered("i"))
    others = {"course_instance_id": [*places[1:], places[1]], "user_id": [users[0]] * 6 + [users[1]]}
    await put(ctx, Enrollment, child_course_instance_id=[None, None, *places[2:]], **others, **joined)


async def _contained(ctx: Context, places: list[int], users: list[int], groups: list[int]) -> None:
    """A root in each course instance, seven blocks below that of the first, and its learners' records."""
    stamps = {"created_at": MOMENTS, "updated_at": MOMENTS}
    kinds = {"kind": ["html", "video", *["problem"] * 5], "is_graded": [True, False, *[True] * 5]}
    said: dict[str, Any] = {**kinds, "name": TEXTS, "format": NAMES, "start_at": MAYBE, "due_at": MAYBE, **stamps}
    roots = await put(ctx, Block, course_instance_id=places, position=0, depth=0, **said)
    below = {"course_instance_id": places[0], "parent_id": roots[0], "position": [3, 1, 2, 7, 6, 5, 4], "depth": 1}
    blocks = await put(ctx, Block, usage_key=numbered("b"), **below, **said)
    of_group = {"group_set_id": await ctx.db.scalar(select(Group.group_set_id).where(Group.id == groups[0]))}
    await put(ctx, BlockGroup, block_id=blocks, group_id=groups[0], **of_group)
    marked = {"course_instance_id": places[0], "block_id": blocks, "user_id": [*[users[0]] * 5, *users[1:3]]}
    await put(ctx, Bookmark, **marked, created_at=MOMENTS)
    await put(ctx, LearnerRecord, course_instance_id=places[0], user_id=users, signed_at=MAYBE, **stamps)
    await _asked_for(ctx, places, users)


async def _shelved(ctx: Context, organization_id: int, users: list[int]) -> None:
    """Seven libraries of an organization; of the first seven blocks, members, and people who came half through."""
    stamps = {"created_at": MOMENTS, "updated_at": MOMENTS}
    flags = [True, False, True, True, False, True, True]
    public = {"allows_public_learning": flags, "allows_public_read": [not each for each in flags]}
    named = {"organization_id": organization_id, "slug": TEXTS, "key": numbered("l"), "title": TEXTS}
    libraries = await put(ctx, Library, **named, **public, **stamps)
    said = {"kind": "html", "position": [3, 1, 2, 7, 6, 5, 4], "name": TEXTS}
    blocks = await put(ctx, LibraryBlock, library_id=libraries[0], usage_key=numbered("lb"), **said, **stamps)
    await put(ctx, LibraryMember, library_id=libraries[0], user_id=users, level="READ")
    whose = {"library_block_id": blocks, "user_id": [*[users[0]] * 5, *users[1:3]]}
    await put(ctx, LibraryProgress, **whose, completion=0.5, changed_at=MOMENTS)


async def _assessed(ctx: Context, places: list[int], users: list[int], groups: list[int]) -> None:
    await _contained(ctx, places, users, groups)
    stamps = {"created_at": MOMENTS, "updated_at": NOW}
    here = {"course_instance_id": places[0]}
    named = {"name": numbered("h"), "abbreviation": "H", "heading": "H"}
    category, *_ = await put(ctx, AssessmentCategory, number=1, **named, **here, **stamps)
    kinds = {"kind": ["EXAM", "QUIZ", *["HOMEWORK"] * 5], "grading_type": ["ATTEMPTS"] * 5 + ["MANUAL", "CALCULATED"]}
    dates = {"start_at": MAYBE, "due_at": days(None, 2, 2, None, 1, 1, 1), "end_at": MOMENTS}
    sizes = {"max_points": 8.0, "weight": [None, 0.1, 0.3, 0.30000000000000004, 0.1, -2.5, None]}
    names: dict[str, Any] = {
        "uuid": numbered("y"),
        "name": numbered("a"),
        "title": TEXTS,
        "number": "1",
        "external_id": NAMES,
        "display_name": NAMES,
        "content_id": TEXTS,
        "is_visible": [True] * 3 + [False] * 4,
    }
    order = {"category_id": category, "position": [3, 1, 2, 1, 2, 2, 0]}
    assessments = await put(ctx, Assessment, **here, **order, **names, **kinds, **sizes, **dates, **stamps)
    values = {"points": [None, 1.5, 0.1, 1.5, 0.2, 0.30000000000000004, 7.0], "max_points": 8.0}
    values["score_perc"] = [None, 20.0, 10.0, 20.0, 33.333333333333336, 0.0, 100.0]
    moments = {"started_at": MAYBE, "modified_at": MOMENTS, "is_open": [True, False, True, False, False, True, True]}
    work = {"assessment_id": assessments[0], **here, **values, **moments}
    own = [*users[:4], None, None, None]
    in_groups = [None, None, None, None, *groups[:3]]
    sittings = await put(ctx, AssessmentInstance, user_id=own, group_id=in_groups, **work)
    more = work | {"assessment_id": assessments[1], "number": [2, 5, 3, 7, 1, 4, 6]}
    await put(ctx, AssessmentInstance, user_id=users[0], **more)
    await put(ctx, AssessmentInstance, group_id=groups[0], **more)
    problem, *_ = await put(
        ctx, Problem, assessment_id=assessments[0], number=1, name=numbered("p"), **_worth, **stamps
    )
    questions = await put(ctx, InstanceQuestion, assessment_instance_id=sittings, problem_id=problem)
    handed = {"instance_question_id": questions[0], "submitted_by_id": [None, *users[:5], users[0]]}
    flags = {"is_late": [True, *[False] * 6], "is_banked": [False] * 6 + [True], "number": [4, 2, 7, 1, 6, 3, 5]}
    handed["uuid"] = [None, *numbered("w")[1:]]
    await put(ctx, Submission, assessment_instance_id=sittings[0], submitted_at=MOMENTS, **here, **handed, **flags)
    await _graded(ctx, places, users, assessments)


def _uuids(letter: str) -> list[str]:
    return [f"{letter}{number}" for number in range(SIZE)]


_worth = {"max_points": 8.0, "max_auto_points": 8.0}


async def _graded(ctx: Context, places: list[int], users: list[int], assessments: list[int]) -> None:
    here = {"course_instance_id": places[0], "max_points": 8.0, "points": [None, 1.5, 0.1, 1.5, 0.2, 0.5, 7.0]}
    here |= {"released_points": [None, 1.5, None, 1.5, 0.2, 0.5, 7.0], "overridden_at": MAYBE}
    here |= {"first_relevant_at": MAYBE, "last_relevant_at": MAYBE}
    turned = [*users[3:], *users[:3]]
    grades = await put(
        ctx, ColumnGrade, assessment_id=assessments[0], user_id=turned, change_index=list(range(1, 8)), **here
    )
    later = {"assessment_id": [*assessments[3:], *assessments[1:3], assessments[1]], "change_index": list(range(8, 15))}
    await put(ctx, ColumnGrade, user_id=[users[0]] * 6 + [users[1]], **later, **here)
    changes = {"change_index": [19, 2**40, 17, 15, 2**62, 16, 18], "kind": "SCORED", "changed_at": NOW}
    await put(ctx, GradeChange, column_grade_id=grades[0], **changes)
    stamps = {"created_at": MOMENTS, "updated_at": NOW}
    await put(ctx, CourseGrade, course_instance_id=places[0], user_id=users, result="A", **stamps)
    said = {"status": "DOWNLOADABLE", "track": "honor", "grade": "0.9", **stamps}
    await put(ctx, Certificate, course_instance_id=places[0], user_id=users, uuid=_uuids("a"), **said)
    elsewhere = {"course_instance_id": [*places[1:], places[1]], "user_id": [users[0]] * 6 + [users[1]]}
    await put(ctx, Certificate, **elsewhere, uuid=_uuids("b"), **said)
    await put(
        ctx,
        CourseGrade,
        course_instance_id=[*places[1:], places[1]],
        user_id=[users[0]] * 6 + [users[1]],
        result="B",
        **stamps,
    )


@asynccontextmanager
async def inventory(engine: AsyncEngine) -> AsyncIterator[Context]:
    """An administrator on a connection of its own, which is rolled back in the end."""
    async with engine.connect() as connection:
        outer = await connection.begin()
        db = RolledBackDatabase(connection, asyncio.Lock())
        await build(Context(Principal(None, is_admin=True), db, clock=lambda: NOW))
        user_id = await db.scalar(select(User.id).order_by(User.id).limit(1))
        yield Context(Principal.of(user_id, is_staff=True, scopes=frozenset(SCOPES)), db, clock=lambda: NOW)
        await outer.rollback()


async def rows_of(ctx: Context, model: type[Base]) -> list[Row]:
    """All rows of a table, by entry."""
    table = model.__table__
    return [row._mapping for row in await ctx.db.fetch(select(table).order_by(table.c.id))]


def ordered(rows: list[Row], *keys: tuple[str, bool]) -> list[int]:
    """The ids of rows in an order of (column, whether it falls): null is the smallest, ties follow the last key."""
    falls = keys[-1][1] if keys else False
    found = sorted(rows, key=lambda row: row["id"], reverse=falls)
    for column, is_falling in reversed(keys):
        found.sort(key=lambda row, name=column: (row[name] is not None, row[name]), reverse=is_falling)  # type: ignore[misc]
    return [row["id"] for row in found]
