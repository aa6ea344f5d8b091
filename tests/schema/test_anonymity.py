"""Anonymous grading: while it lasts nobody who marks is told whose work it is (contracts/blackboard.md §4.4, §4.7)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from app.context import Context
from app.domain.assessments.models import AnonymousGrading
from app.domain.assessments.service import update_assessment
from app.domain.attempts.models import AttemptStatus
from app.domain.grades.attempts import grade_attempt
from app.domain.grades.overrides import override_grade
from tests.clock import NOW
from tests.factories import Coursework, University, at, coursework, handed_in, scored, team, university
from tests.schema.client import ask

pytestmark = pytest.mark.anyio

DAY = timedelta(days=1)
DATED: dict[str, Any] = {"anonymous_grading": AnonymousGrading.DATE, "anonymous_until": NOW + DAY}
GRADED: dict[str, Any] = {"anonymous_grading": AnonymousGrading.AFTER_ALL_GRADED}
NAMES = """{ assessmentInstances { nodes { user { username } submissions { nodes { submittedBy { username } } } } } }"""
WORK = """query ($id: Int!) { assessment(by: {databaseId: $id}) {
    assessmentInstances { nodes { user { username } group { name } log { actor { username } }
        submissions { nodes { submittedBy { username } points } } } }
    lastChanged { user { username } }
    columnGrades { nodes { user { username } points releasedPoints scorePerc firstRelevantAt lastRelevantAt
        assessmentInstance { databaseId } history { totalCount } displayGrade { score } } } } }"""
BOOK = """query ($id: Int!) { courseInstance(by: {databaseId: $id}) { gradebook {
    user { username } cells { assessmentInstanceId points startedAt } } } }"""
OF_USERS = "{ users { nodes { username assessmentInstances { totalCount nodes { databaseId } } } } }"
OF_GROUPS = "{ groups { nodes { name assessmentInstances { totalCount nodes { databaseId } } } } }"
BY_USER = """query ($user: Int!) {
    assessmentInstances(where: {userId: {eq: $user}}) { totalCount }
    several: assessmentInstances(where: {userId: {in: [$user]}}) { totalCount }
    submissions(where: {submittedById: {eq: $user}}) { totalCount } }"""


@pytest.fixture
async def world(ctx: Context) -> University:
    return await university(ctx)


async def essay(world: University, **details: Any) -> Coursework:
    """An assessment of 110 points at which sam has 55, posted."""
    work = await coursework(world, **details)
    await scored(world.assistant, await handed_in(world.student, work), work, release=True, Part_A=55)
    return work


async def names(ctx: Context) -> list[tuple[str | None, str | None]]:
    """(owner, sender) of all work that somebody sees, by username."""
    nodes = (await ask(ctx, NAMES))["assessmentInstances"]["nodes"]
    return [
        (_name(each["user"]), _name(sent["submittedBy"])) for each in nodes for sent in each["submissions"]["nodes"]
    ]


def _name(person: dict[str, Any] | None) -> str | None:
    return None if person is None else str(person["username"])


async def test_who_marks_does_not_learn_whose_work_it_is_until_the_date(world: University) -> None:
    await essay(world, **DATED)
    for who in (world.student, world.admin):
        assert await names(who) == [("sam", "sam")]
    for who in (world.assistant, world.instructor):
        assert await names(who) == [(None, None)]
        assert await names(at(who, NOW + DAY)) == [("sam", "sam")]
    for stranger in (world.second_student, world.outsider, world.loner):
        assert await names(stranger) == []


async def test_nothing_else_betrays_it(world: University) -> None:
    work = await essay(world, **DATED)
    sent = {"submittedBy": None, "points": 55.0}
    sitting = {"user": None, "group": None, "submissions": {"nodes": [sent]}}
    for who in (world.assistant, world.instructor):
        found = (await ask(who, WORK, id=work.assessment_id))["assessment"]
        (told,) = found["assessmentInstances"]["nodes"]
        assert {entry["actor"] and entry["actor"]["username"] for entry in told.pop("log")} == {None}
        assert (told, found["columnGrades"], found["lastChanged"]) == (sitting, {"nodes": []}, None)
        users = (await ask(who, OF_USERS))["users"]["nodes"]
        assert {each["assessmentInstances"]["totalCount"] for each in users} == {0}
        assert [node for each in users for node in each["assessmentInstances"]["nodes"]] == []
        none = {"totalCount": 0}
        counts = {"assessmentInstances": none, "several": none, "submissions": none}
        assert await ask(who, BY_USER, user=world.student_id) == counts


async def test_the_gradebook_does_not_betray_it_either(world: University) -> None:
    await essay(world, **DATED)
    await handed_in(world.second_student, await coursework(world, "lab2", **DATED))
    nothing = {"assessmentInstanceId": None, "points": None, "startedAt": None}
    book = (await ask(world.instructor, BOOK, id=world.course_instance_id))["courseInstance"]["gradebook"]
    assert [cell for line in book for cell in line["cells"]] == [nothing] * 2 * len(book)
    own = (await ask(world.student, BOOK, id=world.course_instance_id))["courseInstance"]["gradebook"]
    assert [(cell["points"], cell["assessmentInstanceId"] is None) for cell in own[0]["cells"]] == [
        (55.0, False),
        (None, True),
    ]


async def test_owners_are_told_all_of_their_own(world: University) -> None:
    work = await essay(world, **DATED)
    found = (await ask(world.student, WORK, id=work.assessment_id))["assessment"]
    (grade,) = found["columnGrades"]["nodes"]
    assert (grade["points"], grade["releasedPoints"], grade["displayGrade"]) == (55.0, 55.0, {"score": 55.0})
    assert grade["firstRelevantAt"] == grade["lastRelevantAt"] == NOW
    assert grade["assessmentInstance"] is not None
    one = {"totalCount": 1}
    found = await ask(world.student, BY_USER, user=world.student_id)
    assert found == {"assessmentInstances": one, "several": one, "submissions": one}


async def test_a_grade_that_is_set_by_name_is_no_secret(world: University) -> None:
    work = await essay(world, **DATED)
    here: dict[str, Any] = {"assessment_id": work.assessment_id}
    await override_grade(world.instructor, **here, user_id=world.student_id, points=66)
    (grade,) = (await ask(world.assistant, WORK, id=work.assessment_id))["assessment"]["columnGrades"]["nodes"]
    assert (grade["points"], grade["scorePerc"], grade["history"]) == (66.0, 60.0, {"totalCount": 2})
    assert (grade["assessmentInstance"], grade["firstRelevantAt"], grade["lastRelevantAt"]) == (None, None, None)
    await override_grade(world.instructor, **here, user_id=world.second_student_id, notes="Asked for more time.")
    grades = (await ask(world.assistant, WORK, id=work.assessment_id))["assessment"]["columnGrades"]["nodes"]
    assert [each["user"]["username"] for each in grades] == ["sam", "sue"]


async def test_groups_are_anonymous_too(world: University) -> None:
    pairs = await team(world)
    work = await coursework(world, group_set_id=pairs.group_set_id, **DATED)
    await handed_in(world.student, work)
    assert await names(world.assistant) == [(None, None)]
    (told,) = (await ask(world.assistant, WORK, id=work.assessment_id))["assessment"]["assessmentInstances"]["nodes"]
    assert told["group"] is None
    (group,) = (await ask(world.assistant, OF_GROUPS))["groups"]["nodes"]
    assert group["assessmentInstances"] == {"totalCount": 0, "nodes": []}
    for member in (world.student, world.second_student):
        (group,) = (await ask(member, OF_GROUPS))["groups"]["nodes"]
        assert group["assessmentInstances"]["totalCount"] == 1
        assert await names(member) == [(None, "sam")]


async def test_it_ends_once_all_is_graded(world: University) -> None:
    work = await coursework(world, **GRADED)
    first = await handed_in(world.student, work)
    assert await names(world.assistant) == [(None, None)]
    second = await handed_in(world.second_student, work)
    await scored(world.assistant, first, work, Part_A=55)
    assert await names(world.assistant) == [(None, None), (None, None)]
    await grade_attempt(world.assistant, submission_id=second, is_exempt=True)
    assert await names(world.assistant) == [("sam", "sam"), ("sue", "sue")]
    await grade_attempt(world.assistant, submission_id=second, is_exempt=False)
    assert await names(world.instructor) == [(None, None), (None, None)]
    await grade_attempt(world.assistant, submission_id=second, status=AttemptStatus.IN_PROGRESS)
    assert await names(world.instructor) == [("sam", "sam"), ("sue", "sue")]


async def test_it_does_not_end_before_the_due_date(world: University) -> None:
    work = await coursework(world, due_at=NOW + DAY, **GRADED)
    await scored(world.assistant, await handed_in(world.student, work), work, Part_A=55)
    assert await names(world.assistant) == [(None, None)]
    assert await names(at(world.assistant, NOW + DAY)) == [("sam", "sam")]


async def test_it_is_taken_back(world: University) -> None:
    work = await essay(world, **DATED)
    assert await names(world.assistant) == [(None, None)]
    await update_assessment(world.instructor, assessment_id=work.assessment_id, anonymous_grading=AnonymousGrading.NONE)
    assert await names(world.assistant) == [("sam", "sam")]
