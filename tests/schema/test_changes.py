"""What changed last, and what changed since an index: of a column, of a course instance, of the institution."""

from __future__ import annotations

from typing import Any

import pytest

from app.context import Context
from app.domain.assessments.models import GradingType
from app.domain.enrollment.models import Enrollment
from app.domain.enrollment.service import drop_enrollment
from app.domain.grades.models import ColumnGrade
from app.domain.grades.overrides import exempt_grade, override_grade
from app.domain.grades.service import release_scores
from app.domain.rows import update_row
from tests.domain.proof import key_of
from tests.factories import Coursework, University, anonymous, coursework, handed_in, scored, university
from tests.schema.client import ask, execute

pytestmark = pytest.mark.anyio

LAST = "{ assessments { nodes { name lastChanged { user { username } changeIndex points } } } }"
SINCE = """query ($since: BigInt) { courseInstances { nodes { name gradebook(changedSince: $since) {
    user { username } standing cells { assessmentName points changeIndex } } } } }"""
POLL = """query ($since: BigInt) { columnGrades(
    where: {changeIndex: {gt: $since}}, orderBy: [{field: CHANGE_INDEX}], first: 100
) { nodes { changeIndex user { username } assessment { name } } } }"""


@pytest.fixture
async def world(ctx: Context) -> University:
    return await university(ctx)


async def last(ctx: Context, document: str = LAST) -> dict[str, Any]:
    """(username, index, points) of the grade that changed last, by column."""
    nodes = (await ask(ctx, document))["assessments"]["nodes"]
    return {each["name"]: each["lastChanged"] and _flat(each["lastChanged"]) for each in nodes}


def _flat(grade: dict[str, Any]) -> tuple[str, int, float | None]:
    return grade["user"]["username"], grade["changeIndex"], grade["points"]


async def since(ctx: Context, index: int) -> list[tuple[Any, ...]]:
    """(username, assessment, points, index) of the cells of all visible gradebooks that changed since."""
    places = (await ask(ctx, SINCE, since=index))["courseInstances"]["nodes"]
    lines = [line for place in places for line in place["gradebook"]]
    assert all(line["cells"] for line in lines)
    return [(line["user"]["username"], *cell.values()) for line in lines for cell in line["cells"]]


async def polled(ctx: Context, index: int) -> list[tuple[int, str, str]]:
    """(index, username, assessment) of all visible grades that changed since."""
    nodes = (await ask(ctx, POLL, since=index))["columnGrades"]["nodes"]
    return [(each["changeIndex"], each["user"]["username"], each["assessment"]["name"]) for each in nodes]


def given(work: Coursework, user_id: int) -> dict[str, Any]:
    """Which grade, as the services ask."""
    return {"assessment_id": work.assessment_id, "user_id": user_id}


async def test_nothing_has_changed_in_an_empty_column(world: University) -> None:  # blackboard case 23
    await coursework(world)
    assert await last(world.instructor) == {"lab1": None}
    assert await since(world.instructor, 0) == []


async def test_the_last_change_is_the_one_with_the_greatest_index(world: University) -> None:  # blackboard case 22
    first, second = await coursework(world), await coursework(world, "lab2")
    await override_grade(world.instructor, **given(first, world.student_id), points=1)
    await override_grade(world.instructor, **given(first, world.second_student_id), points=2)
    await override_grade(world.instructor, **given(second, world.student_id), points=3)
    assert await last(world.instructor) == {"lab1": ("sue", 2, 2.0), "lab2": ("sam", 3, 3.0)}
    await override_grade(world.instructor, **given(first, world.student_id), feedback="ok")
    assert (await last(world.instructor))["lab1"] == ("sam", 4, 1.0)
    await override_grade(world.instructor, **given(first, world.second_student_id), points=None)
    assert (await last(world.instructor))["lab1"] == ("sue", 5, None)
    await exempt_grade(world.instructor, **given(first, world.student_id))
    assert (await last(world.instructor))["lab1"] == ("sam", 6, 1.0)
    assert await last(world.instructor) == await last(world.admin) == await last(world.assistant)


async def test_what_is_not_posted_does_not_count(world: University) -> None:
    work = await coursework(world)
    await override_grade(world.instructor, **given(work, world.second_student_id), points=2)
    await scored(world.assistant, await handed_in(world.student, work), work, Part_A=50)
    assert (await last(world.instructor))["lab1"] == ("sue", 1, 2.0)
    await release_scores(world.instructor, assessment_id=work.assessment_id)
    assert (await last(world.instructor))["lab1"] == ("sam", 3, 50.0)


async def test_calculated_grades_never_change(ctx: Context, world: University) -> None:  # blackboard case 24
    work = await coursework(world, grading_type=GradingType.CALCULATED)
    made = await override_grade(world.instructor, **given(work, world.student_id), points=1)
    assert made is not None
    await update_row(ctx, ColumnGrade, made, {"change_index": 0})
    assert await last(world.admin) == {"lab1": None}
    assert await polled(world.admin, 0) == []


async def test_only_what_changed_is_in_a_polled_gradebook(world: University) -> None:  # blackboard case 25
    lab = await coursework(world)
    manual = await coursework(world, "talk", grading_type=GradingType.MANUAL)
    for work in (lab, manual):
        for user_id in (world.student_id, world.second_student_id):
            await override_grade(world.instructor, **given(work, user_id), points=5)
    everything = [("sam", "lab1", 5.0, 1), ("sam", "talk", 5.0, 3), ("sue", "lab1", 5.0, 2), ("sue", "talk", 5.0, 4)]
    assert await since(world.instructor, 0) == everything
    assert await since(world.instructor, 2) == [("sam", "talk", 5.0, 3), ("sue", "talk", 5.0, 4)]
    assert await since(world.instructor, 4) == []
    await override_grade(world.instructor, **given(lab, world.second_student_id), points=None)
    assert await since(world.instructor, 4) == [("sue", "lab1", None, 5)]
    assert await polled(world.instructor, 3) == [(4, "sue", "talk"), (5, "sue", "lab1")]


async def test_grades_of_who_has_left_are_polled_too(world: University) -> None:
    work = await coursework(world)
    place = world.course_instance_id
    key = await key_of(world.admin, Enrollment, user_id=world.student_id, course_instance_id=place)
    await drop_enrollment(world.admin, enrollment_id=key)
    await override_grade(world.instructor, **given(work, world.second_student_id), points=4)
    await override_grade(world.instructor, **given(work, world.student_id), points=5)
    assert await since(world.instructor, 1) == [("sam", "lab1", 5.0, 2)]
    assert await last(world.instructor) == {"lab1": ("sam", 2, 5.0)}
    enrolled = LAST.replace("lastChanged", "lastChanged(enrolledOnly: true)")
    assert await last(world.instructor, enrolled) == {"lab1": ("sue", 1, 4.0)}


async def test_learners_poll_their_own(world: University) -> None:
    work = await coursework(world)
    await override_grade(world.instructor, **given(work, world.student_id), points=5)
    await override_grade(world.instructor, **given(work, world.second_student_id), points=6)
    assert await last(world.student) == {"lab1": ("sam", 1, 5.0)}
    assert await since(world.student, 0) == [("sam", "lab1", 5.0, 1)]
    assert await polled(world.student, 0) == [(1, "sam", "lab1")]
    assert await polled(world.admin, 0) == [(1, "sam", "lab1"), (2, "sue", "lab1")]
    for stranger in (world.outsider, world.loner):
        assert await last(stranger) == {}
        assert await since(stranger, 0) == await polled(stranger, 0) == []
    for document in (LAST, SINCE, POLL):
        assert (await execute(anonymous(world.loner), document)).codes == ["UNAUTHENTICATED"]


async def test_learners_may_know_that_something_happened_but_not_what(world: University) -> None:
    """The index is the learner's to see (contracts/blackboard.md §7); what is not released stays hidden."""
    work = await coursework(world)
    await scored(world.assistant, await handed_in(world.student, work), work, Part_A=50)
    assert await last(world.student) == {"lab1": None}
    assert await since(world.student, 0) == [("sam", "lab1", None, 1)]


@pytest.mark.parametrize("index", ["x", 1.5, 2**63, 2**80, -(2**70)])
async def test_an_index_is_a_64_bit_integer(world: University, index: Any) -> None:
    answer = await execute(world.instructor, SINCE, {"since": index})
    assert answer.codes == ["BAD_USER_INPUT"]
