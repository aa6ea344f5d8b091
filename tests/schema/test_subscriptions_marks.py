"""What subscriptions to a submission tell, and what tells them that there is something."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from app.context import Context
from app.domain.assessments.service import delete_assessment
from app.domain.grades.overrides import override_grade
from app.domain.grades.service import release_scores
from app.domain.grades.watching import GRADES, Topic, signs_of
from app.errors import NotFound
from schema.core.node import global_id
from tests.clock import NOW
from tests.factories import University, at, coursework, handed_in, scored, university
from tests.schema.following import SCORED, Follower


@pytest.fixture
async def world(ctx: Context) -> University:
    return await university(ctx)


async def test_a_submission_is_told_at_once_and_when_its_marks_change(world: University) -> None:
    lab = await coursework(world)
    submission_id = await handed_in(world.student, lab)
    staff = Follower.of(world.assistant, SCORED, id=str(submission_id))
    learner = Follower.of(world.student, SCORED, id=global_id("Submission", submission_id))
    assert await staff.marks() == await learner.marks() == ("NEEDS_GRADING", [])
    assert await staff.marks() is await learner.marks() is None
    await scored(world.assistant, submission_id, lab, Part_A=50)
    assert (await staff.marks())[1] == [("Part A", 50.0, False)]
    assert (await learner.marks())[1] == [("Part A", None, False)]
    await release_scores(world.instructor, assessment_id=lab.assessment_id)
    assert (await staff.marks())[1] == (await learner.marks())[1] == [("Part A", 50.0, True)]
    assert await staff.marks() is await learner.marks() is None


async def test_a_mark_that_is_hidden_is_no_event_for_its_learner(world: University) -> None:
    lab = await coursework(world)
    submission_id = await handed_in(world.student, lab)
    await scored(world.assistant, submission_id, lab, Part_A=50)
    staff, learner = (Follower.of(ctx, SCORED, id=str(submission_id)) for ctx in (world.assistant, world.student))
    assert (await staff.marks())[1] == [("Part A", 50.0, False)]
    assert (await learner.marks())[1] == [("Part A", None, False)]
    later = NOW + timedelta(minutes=1)
    await scored(at(world.assistant, later), submission_id, lab, Part_A=50)
    assert (await staff.marks())[1] == [("Part A", 50.0, False)]
    assert await learner.marks() is None
    await release_scores(world.instructor, assessment_id=lab.assessment_id)
    assert (await learner.marks())[1] == [("Part A", 50.0, True)]
    await scored(at(world.assistant, later + timedelta(minutes=1)), submission_id, lab, Part_A=50)
    assert (await learner.marks())[1] == [("Part A", 50.0, True)]


@pytest.mark.parametrize("who", ["second_student", "outsider", "previewer", "loner"])
async def test_a_submission_that_one_does_not_see_is_not_found(world: University, who: str) -> None:
    submission_id = await handed_in(world.student, await coursework(world))
    for key in (str(submission_id), global_id("User", submission_id), "0", "x", str(2**70)):
        with pytest.raises(NotFound):
            await Follower.of(getattr(world, who), SCORED, id=key).step()


async def test_a_submission_that_is_gone_is_not_found(world: University) -> None:
    lab = await coursework(world)
    follower = Follower.of(world.student, SCORED, id=str(await handed_in(world.student, lab)))
    assert await follower.marks() == ("NEEDS_GRADING", [])
    await delete_assessment(world.admin, assessment_id=lab.assessment_id)
    with pytest.raises(NotFound):
        await follower.step()


async def test_signs_differ_when_something_has_changed(world: University) -> None:
    lab = await coursework(world)
    submission_id = await handed_in(world.student, lab)
    marks, absent = Topic(submission_id), Topic(submission_id + 1)
    program = world.admin

    async def changed(before: dict[Topic, Any]) -> set[Topic]:
        return {
            topic for topic, sign in (await signs_of(program, [GRADES, marks, absent])).items() if before[topic] != sign
        }

    before = await signs_of(program, [GRADES, marks, absent])
    assert set(before) == {GRADES, marks, absent}
    assert await changed(before) == set()
    sue: dict[str, Any] = {"assessment_id": lab.assessment_id, "user_id": world.second_student_id}
    await override_grade(world.instructor, **sue, points=1)
    assert await changed(before) == {GRADES}
    before = await signs_of(program, [GRADES, marks, absent])
    await scored(world.assistant, submission_id, lab, Part_A=50)
    assert await changed(before) == {GRADES, marks}
    assert set(await signs_of(program, [marks])) == {marks}


async def test_how_many_statements_marks_take(world: University) -> None:
    submission_id = await handed_in(world.student, await coursework(world))
    follower = Follower.of(world.student, SCORED, id=str(submission_id))
    db = world.student.db
    counts = []
    for step in (follower.step, follower.step, lambda: signs_of(world.admin, [GRADES, Topic(submission_id)])):
        before = db.statements
        await step()
        counts.append(db.statements - before)
    assert counts == [5, 2, 3]
