"""What subscriptions to grades tell: every change once and in order, to whoever may see it then."""

from __future__ import annotations

from typing import Any

import pytest

from app.context import Context
from app.domain.enrollment.models import Enrollment
from app.domain.enrollment.service import drop_enrollment
from app.domain.grades.overrides import override_grade
from app.domain.grades.service import release_scores
from app.errors import LimitExceeded, Unauthenticated
from schema.core.subscriptions import Unanswerable
from schema.grades import subscriptions
from schema.graph import build
from tests.domain.proof import key_of
from tests.factories import Coursework, University, coursework, handed_in, scored, university
from tests.schema.client import LIMITS, execute
from tests.schema.following import CHANGES, SCORED, Follower


@pytest.fixture
async def world(ctx: Context) -> University:
    return await university(ctx)


async def give(world: University, work: Coursework, user_id: int, points: float) -> None:
    """Give a grade by hand."""
    await override_grade(world.instructor, assessment_id=work.assessment_id, user_id=user_id, points=points)


async def test_each_change_is_told_once_and_in_order(world: University) -> None:
    lab = await coursework(world)
    follower = Follower.of(world.instructor, CHANGES, after=1)
    assert await follower.changes() is None
    for points, user_id in enumerate([world.student_id, world.second_student_id, world.student_id], 1):
        await give(world, lab, user_id, points)
    assert await follower.changes() == [(2, "sue", "lab1", 2.0), (3, "sam", "lab1", 3.0)]
    assert await follower.changes() is None
    await give(world, lab, world.second_student_id, 4)
    assert await follower.changes() == [(4, "sue", "lab1", 4.0)]
    assert await follower.changes() is None


async def test_who_begins_without_an_index_follows_from_now_on(world: University) -> None:
    lab = await coursework(world)
    await give(world, lab, world.student_id, 1)
    follower = Follower.of(world.instructor, CHANGES)
    assert await follower.changes() is None
    await give(world, lab, world.second_student_id, 2)
    assert await follower.changes() == [(2, "sue", "lab1", 2.0)]


async def test_who_comes_back_with_an_index_has_missed_nothing(world: University) -> None:
    lab, talk = await coursework(world), await coursework(world, "talk")
    await give(world, lab, world.student_id, 1)
    before = await Follower.of(world.instructor, CHANGES, after=0).step()
    await give(world, talk, world.student_id, 2)
    await give(world, lab, world.second_student_id, 3)
    back = Follower.of(world.instructor, CHANGES, after=before["columnGradesChanged"]["changeIndex"])
    assert await back.changes() == [(2, "sam", "talk", 2.0), (3, "sue", "lab1", 3.0)]


async def test_many_changes_come_in_several_events(world: University, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subscriptions, "MAX_PAGE", 2)
    for name in ("one", "two", "three"):
        await give(world, await coursework(world, name), world.student_id, 1)
    follower = Follower.of(world.instructor, CHANGES, after=0)
    assert follower.following.is_more is True
    assert await follower.changes() == [(1, "sam", "one", 1.0), (2, "sam", "two", 1.0)]
    assert follower.following.is_more is True
    assert await follower.changes() == [(3, "sam", "three", 1.0)]
    assert follower.following.is_more is False


async def test_only_what_was_asked_for_is_told(world: University) -> None:
    lab, talk = await coursework(world), await coursework(world, "talk")
    here = Follower.of(world.admin, CHANGES, after=0, where={"assessmentId": {"eq": talk.assessment_id}})
    there = Follower.of(world.admin, CHANGES, where={"courseInstanceId": {"eq": world.other_course_instance_id}})
    for work in (lab, talk):
        await give(world, work, world.student_id, 5)
    assert await here.changes() == [(2, "sam", "talk", 5.0)]
    assert await there.changes() is None


EVERYTHING = [(1, "sam", "lab1", 5.0), (2, "sue", "lab1", 6.0)]
TOLD: dict[str, Any] = {
    "admin": EVERYTHING,
    "instructor": EVERYTHING,
    "assistant": EVERYTHING,
    "student": EVERYTHING[:1],
    "second_student": EVERYTHING[1:],
    "outsider": None,
    "previewer": None,
    "loner": None,
}


@pytest.mark.parametrize("who", TOLD)
async def test_everybody_is_told_what_they_may_see(world: University, who: str) -> None:
    lab = await coursework(world)
    await give(world, lab, world.student_id, 5)
    await give(world, lab, world.second_student_id, 6)
    assert await Follower.of(getattr(world, who), CHANGES, after=0).changes() == TOLD[who]


@pytest.mark.parametrize(("document", "variables"), [(CHANGES, {}), (SCORED, {"id": "1"})], ids=["grades", "marks"])
async def test_nobody_in_particular_follows_nothing(world: University, document: str, variables: Any) -> None:
    with pytest.raises(Unauthenticated):
        await Follower.of(world.anonymous, document, **variables).step()


async def test_who_loses_the_role_is_told_no_more(world: University) -> None:
    lab = await coursework(world)
    follower = Follower.of(world.assistant, CHANGES, after=0)
    await give(world, lab, world.student_id, 5)
    assert await follower.changes() == [(1, "sam", "lab1", 5.0)]
    place = world.course_instance_id
    key = await key_of(world.admin, Enrollment, user_id=world.assistant_id, course_instance_id=place)
    await drop_enrollment(world.admin, enrollment_id=key, including_staff=True)
    await give(world, lab, world.student_id, 6)
    assert await follower.changes() is None


async def test_learners_are_told_of_a_grade_what_is_released(world: University) -> None:
    lab = await coursework(world)
    follower = Follower.of(world.student, CHANGES, after=0)
    await scored(world.assistant, await handed_in(world.student, lab), lab, Part_A=50)
    assert await follower.changes() == [(1, "sam", "lab1", None)]
    await release_scores(world.instructor, assessment_id=lab.assessment_id)
    assert await follower.changes() == [(2, "sam", "lab1", 50.0)]


STATEMENTS = {
    "nothing new": (CHANGES, {"after": 2}, 1),
    "from now on": (CHANGES, {}, 1),
    "changed grades, with learners and assessments": (CHANGES, {"after": 0}, 3),
}


@pytest.mark.parametrize("case", STATEMENTS)
async def test_how_many_statements_a_step_takes(world: University, case: str) -> None:
    lab = await coursework(world)
    await give(world, lab, world.student_id, 5)
    await give(world, lab, world.second_student_id, 6)
    document, variables, count = STATEMENTS[case]
    before = world.instructor.db.statements
    await Follower.of(world.instructor, document, **variables).step()
    assert world.instructor.db.statements - before == count


@pytest.mark.parametrize("after", ["x", 1.5, str(2**63)])
async def test_variables_that_do_not_fit(world: University, after: Any) -> None:
    with pytest.raises(Unanswerable, match=r"Variable '\$after' has invalid value"):
        Follower.of(world.instructor, CHANGES, after=after)


async def test_variables_that_no_database_could_store(world: University) -> None:
    with pytest.raises(Unanswerable, match="NUL"):
        Follower.of(world.instructor, SCORED, id="\0")


async def test_arguments_that_are_missing_at_run_time(world: University) -> None:
    document = 'subscription ($id: ID = "1") { submissionScored(submissionId: $id) { id } }'
    with pytest.raises(Unanswerable, match="submissionId"):
        Follower.of(world.instructor, document, id=None)


async def test_a_filter_that_is_too_large(world: University) -> None:
    follower = Follower.of(world.instructor, CHANGES, after=0, where={"databaseId": {"in": list(range(1001))}})
    with pytest.raises(LimitExceeded):
        await follower.step()


async def test_a_subscription_is_no_request(world: University) -> None:
    answer = await execute(world.instructor, CHANGES)
    assert (answer.data, [each["message"] for each in answer.errors]) == (
        None,
        ["Subscriptions are answered over WebSocket."],
    )


@pytest.mark.parametrize(
    "document",
    [
        "subscription { a: columnGradesChanged { changeIndex } b: columnGradesChanged { changeIndex } }",
        "subscription { __typename }",
        "subscription { columnGradesChanged @skip(if: true) { changeIndex } }",
    ],
)
def test_a_subscription_has_one_field(document: str) -> None:
    assert len(build().prepare(document, LIMITS).errors) == 1
