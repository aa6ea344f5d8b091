"""What the story promises to show, seen by the people in it at its present."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select

from app.context import Context
from app.demo.calendar import PRESENT
from app.demo.names import ADMINISTRATOR, REPEATER, STAR
from app.demo.report import ROLES
from app.domain.assessments.models import Assessment, AssessmentAccessRule, AssessmentExtension, Problem
from app.domain.attempts.models import AssessmentInstance, InstanceQuestion, Submission
from app.domain.catalog.models import Availability, CourseInstance
from app.domain.enrollment.access import Access, accesses
from app.domain.enrollment.models import Enrollment, Role
from app.domain.grades.models import ChangeKind, ColumnGrade, CourseGrade, GradeChange, Score
from app.domain.groups.models import Group, GroupMembership, GroupSet
from app.domain.identity.models import User
from app.principal import SCOPES, Principal
from tests.demo.conftest import Filled

pytestmark = pytest.mark.anyio

NOTHING, ASSISTANT, INSTRUCTOR = Access(False, False, False), Access(True, True, False), Access(True, True, True)
EVERYTHING = Access(True, True, True, True)


async def person(filled: Filled, username: str) -> Context:
    """Somebody, signed in at the story's present."""
    statement = select(User.id, User.is_staff).where(User.username == username)
    user_id, is_staff = (await filled.program.db.fetch(statement))[0]
    principal = Principal.of(user_id, is_staff=is_staff, scopes=frozenset(SCOPES))
    return Context(principal, filled.program.db, clock=lambda: PRESENT)


async def place(filled: Filled, name: str) -> int:
    """The id of a course instance."""
    return int(await filled.program.db.scalar(select(CourseInstance.id).where(CourseInstance.name == name)))


async def assessment(filled: Filled, where: str, name: str) -> int:
    """The id of an assessment."""
    here = (Assessment.course_instance_id == await place(filled, where), Assessment.name == name)
    return int(await filled.program.db.scalar(select(Assessment.id).where(*here)))


async def scalar(filled: Filled, statement: Any) -> Any:
    """The first value of a statement."""
    return await filled.program.db.scalar(statement)


@pytest.mark.parametrize(
    ("username", "expected"),
    [
        (ADMINISTRATOR, [EVERYTHING] * 4),
        ("icarvalho", [INSTRUCTOR, NOTHING, NOTHING, INSTRUCTOR]),
        ("radeyemi", [NOTHING, INSTRUCTOR, NOTHING, NOTHING]),
        ("jkeller", [ASSISTANT, NOTHING, NOTHING, NOTHING]),
        (STAR, [NOTHING] * 4),
        (REPEATER, [NOTHING] * 4),
    ],
)
async def test_people_are_what_the_report_says(filled: Filled, username: str, expected: list[Access]) -> None:
    places = [await place(filled, name) for name in ("cs101-f26", "stat200-f26", "sys213-f26", "cs101-s26")]
    assert await accesses(await person(filled, username), places) == expected
    assert username in [name for name, _ in ROLES]


@pytest.mark.parametrize(
    ("username", "expected"),
    [
        ("jkeller", {"cs101-f26": "COURSE_ASSISTANT", "stat200-f26": "STUDENT", "stat200-f26-a": "STUDENT"}),
        (
            STAR,
            dict.fromkeys(("cs101-f26", "sys213-f26", "stat200-f26", "stat200-f26-a", "data1x-2026t3"), "STUDENT"),
        ),
        (REPEATER, {"cs101-s26": "STUDENT", "cs101-f26": "STUDENT"}),
    ],
)
async def test_people_are_where_the_report_says(filled: Filled, username: str, expected: dict[str, str]) -> None:
    statement = (
        select(CourseInstance.name, Enrollment.role)
        .join(Enrollment, Enrollment.course_instance_id == CourseInstance.id)
        .where(Enrollment.user_id == (await person(filled, username)).user_id)
    )
    assert {row.name: row.role for row in await filled.program.db.fetch(statement)} == expected


async def test_course_instances_of_every_kind(filled: Filled) -> None:
    own = CourseInstance
    columns = (own.name, own.parent_id, own.key, own.is_hidden_in_enroll_page, own.availability)
    found = {row.name: row for row in await filled.program.db.fetch(select(*columns))}
    parent = await place(filled, "stat200-f26")
    assert {name for name, row in found.items() if row.parent_id == parent} == {"stat200-f26-a", "stat200-f26-b"}
    assert [name for name, row in found.items() if row.is_hidden_in_enroll_page] == ["cs101-sandbox"]
    assert found["data1x-2026t3"].key == "course-v1:NorthbridgeX+DATA1x+2026_T3"
    assert found["phil110-s27"].availability == Availability.UNAVAILABLE
    before = select(own.name).where(own.end_at < PRESENT)
    after = select(own.name).where(own.start_at > PRESENT)
    assert [row.name for row in await filled.program.db.fetch(before)] == ["cs101-s26"]
    assert [row.name for row in await filled.program.db.fetch(after)] == ["phil110-s27"]


async def test_of_some_learners_less_is_known(filled: Filled) -> None:
    learners = select(func.count(User.id), func.count(User.name), func.count(User.email), func.count(User.school))
    found = await filled.program.db.fetch(learners.where(User.external_id.is_(None) | User.external_id.like("sis:%")))
    assert tuple(found[0]) == (135, 132, 131, 127)


async def test_members_of_a_section_are_in_the_merged_course_instance(filled: Filled) -> None:
    parent, child = await place(filled, "stat200-f26"), await place(filled, "stat200-f26-a")
    own = Enrollment
    through = (own.course_instance_id == parent, own.child_course_instance_id == child)
    assert await scalar(filled, select(func.count()).where(own.course_instance_id == child)) == 19
    assert await scalar(filled, select(func.count()).where(*through, own.role == Role.STUDENT)) == 19


async def test_an_exam_is_hidden_from_learners_until_it_begins(filled: Filled) -> None:
    key = await assessment(filled, "cs101-f26", "exam02")
    learner, teacher = await person(filled, STAR), await person(filled, "icarvalho")
    for ctx, expected in ((learner, None), (teacher, key)):
        assert (
            await scalar(filled, select(Assessment.id).where(Assessment.id == key, ctx.visible(Assessment))) == expected
        )


async def test_an_exam_is_being_sat_against_the_clock(filled: Filled) -> None:
    own = AssessmentInstance
    running = select(own.user_id).where(own.is_open, own.closes_at > PRESENT)
    assert [row.user_id for row in await filled.program.db.fetch(running)] == [(await person(filled, "mreed")).user_id]


async def test_an_exam_has_rules_zones_and_alternatives(filled: Filled) -> None:
    key = await assessment(filled, "cs101-f26", "exam01")
    rules = select(AssessmentAccessRule.__table__).where(AssessmentAccessRule.assessment_id == key)
    exam, make_up, after = await filled.program.db.fetch(rules.order_by(AssessmentAccessRule.number))
    assert (exam.mode, exam.exam_uuid is None, make_up.mode, make_up.password) == (
        "Exam",
        False,
        "Public",
        "kestrel-4831",
    )
    assert (after.credit, after.shows_closed_assessment) == (0, False)
    drawn = (
        select(func.count())
        .select_from(InstanceQuestion)
        .join(Problem, Problem.id == InstanceQuestion.problem_id)
        .where(Problem.assessment_id == key, Problem.alternative_group.is_not(None))
    )
    sittings = select(func.count(), func.min(AssessmentInstance.max_points), func.max(AssessmentInstance.max_points))
    found = await filled.program.db.fetch(sittings.where(AssessmentInstance.assessment_id == key))
    assert tuple(found[0]) == (await scalar(filled, drawn), 40.0, 40.0)


async def test_learners_see_less_than_there_is(filled: Filled) -> None:
    """Marks that are not released, or only in part."""
    own = AssessmentInstance
    hidden = select(func.count()).where(own.points.is_not(None), own.released_points.is_(None))
    partly = select(func.count()).where(own.released_points < own.points)
    assert (await scalar(filled, hidden), await scalar(filled, partly)) == (38, 28)
    assert await scalar(filled, select(func.count()).where(Score.is_released.is_(False))) == 69


async def test_grades_by_hand(filled: Filled) -> None:
    """Standing overrides, one that was taken back, exemptions; remarks on them."""
    own = ColumnGrade
    overridden = select(func.count()).where(own.override_points.is_not(None))
    cleared = select(GradeChange.column_grade_id).where(GradeChange.kind == ChangeKind.CLEARED)
    assert await scalar(filled, overridden) == 59
    assert await scalar(filled, select(func.count()).where(own.is_exempt)) == 2
    [row] = await filled.program.db.fetch(select(own.override_points, own.notes).where(own.id.in_(cleared)))
    assert tuple(row) == (None, "Scored by hand until the grader runs again.")


async def test_groups_form_change_and_end(filled: Filled) -> None:
    member = GroupMembership
    sets = dict(map(tuple, await filled.program.db.fetch(select(GroupSet.name, GroupSet.is_self_assigned))))
    assert sets == {
        "Paths": False,
        "Project pairs": True,
        "Shell teams": False,
        "Cohorts": False,
        "Reading clubs": True,
        "Projects": True,
        "Reviewers": False,
        "Mentoring": False,
    }
    gone = select(Group.name).where(Group.deleted_at.is_not(None))
    assert [row.name for row in await filled.program.db.fetch(gone)] == ["Test"]
    moved = (
        select(Group.name)
        .join(member, member.group_id == Group.id)
        .where(member.user_id == (await person(filled, "hpark")).user_id)
        .order_by(member.id)
    )
    assert [row.name for row in await filled.program.db.fetch(moved)] == ["Night Train", "The Attic"]
    assert await scalar(filled, select(func.count()).where(member.is_confirmed.is_(False))) == 1


async def test_one_repeats_the_course_and_carries_work_over(filled: Filled) -> None:
    user_id = (await person(filled, REPEATER)).user_id
    grades = select(CourseGrade.result, CourseGrade.is_passed).where(CourseGrade.user_id == user_id)
    assert [tuple(row) for row in await filled.program.db.fetch(grades)] == [("F", False)]
    banked = (
        select(AssessmentInstance.user_id)
        .join(Submission, Submission.assessment_instance_id == AssessmentInstance.id)
        .where(Submission.is_banked)
    )
    assert [row.user_id for row in await filled.program.db.fetch(banked)] == [user_id]


async def test_extensions_of_every_form(filled: Filled) -> None:
    own = AssessmentExtension
    found = await filled.program.db.fetch(select(own.due_at, own.end_at))
    forms = sorted((row.due_at is not None, row.end_at is not None) for row in found)
    assert forms == [(False, False), (False, False), (True, False), (True, False), (True, True)]
