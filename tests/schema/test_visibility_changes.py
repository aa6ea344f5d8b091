"""What becomes visible and what stays so when something happens: time passes, people leave, rights come and go."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from app.domain.assessments.service import delete_assessment, update_assessment
from app.domain.enrollment.models import CourseRole, Enrollment, Role
from app.domain.enrollment.offerings import delete_course_instance
from app.domain.enrollment.service import drop_enrollment, set_course_staff, update_enrollment
from app.domain.groups.service import add_group_member, delete_group, remove_group_member
from tests.clock import NOW
from tests.domain.proof import key_of
from tests.factories import University, at
from tests.schema.client import ask
from tests.schema.semester import READERS, Semester, semester


@pytest.fixture(scope="module")
async def term(engine: AsyncEngine) -> AsyncIterator[Semester]:
    async with semester(engine) as made:
        yield made


@pytest.fixture
async def here(term: Semester) -> AsyncIterator[Semester]:
    """The module's semester, which forgets what the test writes."""
    savepoint = await (await term.world.admin.db.connection()).begin_nested()
    yield term
    await savepoint.rollback()


async def enrollment(world: University, user_id: int) -> int:
    """The key of a person's enrolment in the first course instance."""
    return await key_of(world.admin, Enrollment, user_id=user_id, course_instance_id=world.course_instance_id)


RECORD = """{ viewer {
    columnGrades { nodes { points } } enrollments { nodes { status } } assessmentInstances { totalCount }
} submissions { nodes { scores { value } } } }"""


async def test_who_drops_the_course_keeps_reading_their_own_record(here: Semester) -> None:
    world = here.world
    before = await ask(world.student, RECORD)
    await drop_enrollment(world.instructor, enrollment_id=await enrollment(world, world.student_id))
    after = await ask(world.student, RECORD)
    assert after["viewer"].pop("enrollments") == {"nodes": [{"status": "DROPPED"}]}
    assert before["viewer"].pop("enrollments") == {"nodes": [{"status": "ACTIVE"}]}
    assert after == before
    assert after["submissions"]["nodes"][0]["scores"] == [{"value": 92.5}, {"value": None}]


async def test_an_assessment_is_seen_from_the_moment_that_it_starts(here: Semester) -> None:
    document = "{ assessments { nodes { name problems { name question { title } } zones { number } } } }"
    exam = {"name": "exam1", "problems": [{"name": "Q1", "question": {"title": "Secret"}}], "zones": [{"number": 1}]}
    starts = NOW + timedelta(days=7)
    for moment, is_seen in ((starts, False), (starts + timedelta(microseconds=1), True)):
        found = (await ask(at(here.reader("S"), moment), document))["assessments"]["nodes"]
        assert [each for each in found if each["name"] == "exam1"] == ([exam] if is_seen else [])
    assert exam in (await ask(here.reader("P"), document))["assessments"]["nodes"]
    await update_assessment(here.world.admin, assessment_id=here.lab.assessment_id, start_at=NOW + timedelta(days=1))
    names = [each["name"] for each in (await ask(here.reader("S"), document))["assessments"]["nodes"]]
    assert names == ["pair1", "sum1", "Quiz"]


async def test_a_sitting_of_what_is_not_released_does_not_tell_of_what(here: Semester) -> None:
    """The staff has started exam1 for sam already."""
    document = """query ($id: ID!) { node(id: $id) { ... on AssessmentInstance {
        assessment { name } instanceQuestions { problem { name } variants { seed } } } } }"""
    key = here.names.id("AssessmentInstance", "sam exam1 1")
    hidden: Any = {"assessment": None, "instanceQuestions": [{"problem": None, "variants": []}]}
    assert (await ask(here.reader("S"), document, id=key))["node"] == hidden
    shown = {"assessment": {"name": "exam1"}, "instanceQuestions": [{"problem": {"name": "Q1"}, "variants": []}]}
    assert (await ask(here.reader("A"), document, id=key))["node"] == shown


ACCESS = """query ($id: ID!) { node(id: $id) { ... on CourseInstance {
    viewerAccess { seesContent seesLearners instructs } } } }"""
RIGHTS = {"S": (), "Q": (), "P": (True,), "W": (True,), "A": (True, True), "I": (True, True, True), "D": (True,) * 3}


@pytest.mark.parametrize("reader", RIGHTS, ids=READERS.get)
async def test_the_rights_of_the_viewer(here: Semester, reader: str) -> None:
    found = (await ask(here.reader(reader), ACCESS, id=here.names.id("CourseInstance", "sig-f24")))["node"]
    assert list(found["viewerAccess"].values()) == [*RIGHTS[reader], False, False, False][:3]


TOTALS = "{ users { totalCount } enrollments { totalCount } submissions { totalCount } assessments { totalCount } }"


async def totals(here: Semester, reader: str) -> list[int]:
    """How many users, enrolments, submissions and assessments a reader sees."""
    return [each["totalCount"] for each in (await ask(here.reader(reader), TOTALS)).values()]


async def test_rights_given_and_taken_are_seen_at_once(here: Semester) -> None:
    """A learner becomes an assistant and an instructor loses the course; sight follows in the next request."""
    world = here.world
    assert (await totals(here, "T"), await totals(here, "I")) == ([4, 3, 1, 3], [7, 7, 4, 6])
    key = await enrollment(world, world.second_student_id)
    await update_enrollment(world.admin, enrollment_id=key, role=Role.COURSE_ASSISTANT)
    assert await totals(here, "T") == [7, 7, 4, 6]
    key = await enrollment(world, world.instructor_id)
    await update_enrollment(world.admin, enrollment_id=key, role=Role.STUDENT)
    assert await totals(here, "I") == [3, 3, 0, 3]
    await set_course_staff(world.admin, course_id=world.course_id, user_id=world.loner_id, role=CourseRole.VIEWER)
    assert await totals(here, "L") == [1, 0, 0, 6]
    await set_course_staff(world.admin, course_id=world.course_id, user_id=world.loner_id, role=None)
    assert await totals(here, "L") == [1, 0, 0, 0]


MATES = "{ groups { nodes { name members { username } } } submissions { totalCount } users { nodes { username } } }"


def told(found: Any) -> tuple[list[Any], int, set[str]]:
    """The groups of the project with members, the number of submissions, everybody who is seen."""
    own = [each for each in found["groups"]["nodes"] if each["name"] in ("g1", "g2")]
    groups = [(each["name"], [member["username"] for member in each["members"]]) for each in own]
    return groups, found["submissions"]["totalCount"], {each["username"] for each in found["users"]["nodes"]}


async def test_a_group_is_seen_as_long_as_one_is_in_it(here: Semester) -> None:
    """Its work, and its other members, are seen with it."""
    world, group_id = here.world, here.names.keys["Group"]["g1"]
    staff = {"ida", "tom"}
    assert told(await ask(world.student, MATES)) == ([("g1", ["gil", "sam"])], 2, {*staff, "sam", "gil"})
    await remove_group_member(world.admin, group_id=group_id, user_id=world.student_id)
    assert told(await ask(world.student, MATES)) == ([], 1, {*staff, "sam"})
    await add_group_member(world.admin, group_id=group_id, user_id=world.second_student_id)
    expected = ([("g1", ["gil", "sue"])], 2, {*staff, "sue", "gil", "sam"})
    assert told(await ask(world.second_student, MATES)) == expected
    await delete_group(world.admin, group_id=group_id)
    assert told(await ask(world.second_student, MATES)) == ([], 1, {*staff, "sue"})
    assert told(await ask(world.instructor, MATES))[:2] == ([("g2", [])], 3)


@pytest.mark.parametrize("reader", ["S", "I", "D"], ids=READERS.get)
async def test_what_is_deleted_is_gone_with_all_that_is_in_it(here: Semester, reader: str) -> None:
    """What stays is what is in the other course instance, and the people whom one sees elsewhere: nobody."""
    world = here.world
    before = {"S": [4, 3, 2, 4], "I": [7, 7, 4, 6], "D": [14, 9, 5, 7]}
    assert await totals(here, reader) == before[reader]
    await delete_assessment(world.admin, assessment_id=here.lab.assessment_id)
    assert (await totals(here, reader))[2:] == {"S": [1, 3], "I": [1, 5], "D": [2, 6]}[reader]
    await delete_course_instance(world.admin, course_instance_id=world.course_instance_id)
    assert await totals(here, reader) == {"S": [1, 0, 0, 0], "I": [1, 0, 0, 0], "D": [14, 2, 1, 1]}[reader]
    everything = "{ courseInstances { totalCount } assessmentInstances { totalCount } groups { totalCount } }"
    left = [each["totalCount"] for each in (await ask(here.reader(reader), everything)).values()]
    assert left == {"S": [0, 0, 0], "I": [0, 0, 0], "D": [1, 1, 0]}[reader]
