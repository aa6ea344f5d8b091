"""Assessment instances and their questions (contracts/prairielearn.md §3.5, §3.7)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from app.context import Context
from app.domain.assessments.models import Zone
from app.domain.attempts.models import AssessmentInstance, InstanceQuestion
from app.domain.enrollment.models import Enrollment, EnrollmentStatus
from app.domain.groups.models import Group, GroupMembership, GroupSet
from tests.clock import NOW
from tests.rest.prairielearn import examples
from tests.rest.prairielearn.conftest import CI, PrairieLearn
from tests.rest.prairielearn.world import add, instant, sitting

INSTANCES = CI + "/assessments/7/assessment_instances"
QUESTIONS = CI + "/assessment_instances/31/instance_questions"
NOBODY = dict.fromkeys(("user_id", "user_uid", "user_uin", "user_name"))
pytestmark = pytest.mark.anyio


async def keys(pl: PrairieLearn) -> list[int]:
    """The ids of the listed instances of HW1."""
    return [each["assessment_instance_id"] for each in await pl.body(INSTANCES)]


async def add_group(ctx: Context, key: int, name: str, *members: int) -> None:
    """A group of the group set 1."""
    await add(ctx, Group, {"id": key, "group_set_id": 1, "course_instance_id": 41, "name": name})
    for user_id in members:
        row = {"group_id": key, "group_set_id": 1, "user_id": user_id, "joined_at": instant("09-01 12:00")}
        await add(ctx, GroupMembership, row)


async def add_groups(ctx: Context) -> None:
    """A group with two members, one without, one that is deleted, each with an instance of HW1."""
    await add(ctx, GroupSet, {"id": 1, "course_instance_id": 41, "name": "Pairs", "max_size": 2})
    await add_group(ctx, 5, "red", 502, 506)
    await add_group(ctx, 6, "blue")
    await add_group(ctx, 7, "gone")
    await ctx.db.execute(update(Group).where(Group.id == 7).values(deleted_at=NOW))
    rows = [sitting(key, 7, None, group_id=group) for key, group in ((47, 7), (46, 6), (45, 5))]
    await add(ctx, AssessmentInstance, *rows)


async def test_roles_fall_and_groups_come_last(pl: PrairieLearn) -> None:
    await add_groups(pl.ctx)
    rows = [sitting(40, 7, 504), sitting(39, 7, 506, number=2), sitting(38, 7, 506, number=1), sitting(37, 7, 501)]
    await add(pl.ctx, AssessmentInstance, *rows)
    assert await keys(pl) == [38, 39, 31, 37, 40, 45, 46]
    await pl.ctx.db.execute(update(Enrollment).where(Enrollment.user_id == 506).values(status=EnrollmentStatus.DROPPED))
    assert await keys(pl) == [31, 37, 40, 38, 39, 45, 46]


async def test_a_groups_instance_has_no_user(pl: PrairieLearn) -> None:
    await add_groups(pl.ctx)
    unscored = {"points": None, "score_perc": None, "duration_seconds": 0}
    red = {"group_id": 5, "group_name": "red", "group_uids": ["kim@uni.example", "rin@uni.example"]}
    empty = {"assessment_instance_id": 46, "group_id": 6, "group_name": "blue", "group_uids": []}
    expected = examples.INSTANCE | NOBODY | unscored | red | {"assessment_instance_id": 45, "user_role": "None"}
    assert (await pl.body(INSTANCES))[1:] == [expected, expected | empty]
    assert await pl.body(CI + "/assessment_instances/45") == expected


@pytest.mark.parametrize("path", ["", "/log", "/submissions", "/instance_questions"])
async def test_a_deleted_groups_instance_is_not_there(pl: PrairieLearn, path: str) -> None:
    await add_groups(pl.ctx)
    response = await pl.get(CI + "/assessment_instances/47" + path)
    is_list = path in ("/submissions", "/instance_questions")
    assert (response.status_code, response.json()) == ((200, []) if is_list else (404, {"message": "Not Found"}))


@pytest.mark.parametrize(
    ("is_open", "left", "told"),
    [
        (True, None, "Open"),
        (True, timedelta(minutes=50), "50 min"),
        (True, timedelta(minutes=49, seconds=59), "49 min"),
        (True, timedelta(seconds=59), "0 min"),
        (True, timedelta(0), "0 min"),
        (True, timedelta(days=-1), "0 min"),
        (True, timedelta(days=2), "2880 min"),
        (False, None, "Closed"),
        (False, timedelta(minutes=50), "Closed"),
    ],
)
async def test_the_time_that_is_left(pl: PrairieLearn, is_open: bool, left: timedelta | None, told: str) -> None:
    ends = {"is_open": is_open, "closes_at": None if left is None else NOW + left}
    await pl.ctx.db.execute(update(AssessmentInstance).where(AssessmentInstance.id == 31).values(**ends))
    for found in (await pl.body(CI + "/assessment_instances/31"), *await pl.body(INSTANCES)):
        assert (found["open"], found["time_remaining"]) == (is_open, told)


async def test_the_best_instance_of_each_owner(pl: PrairieLearn) -> None:
    def own(key: int, number: int, score: float | None, started: str = "09-03 15:00") -> dict[str, Any]:
        return sitting(key, 7, 506, number=number, score_perc=score, started_at=instant(started))

    rows = [own(52, 1, 40.0), own(53, 2, 60.0), own(54, 3, 60.0, "09-02 15:00"), own(55, 4, None, "09-09 15:00")]
    await add(pl.ctx, AssessmentInstance, *rows, sitting(56, 7, 501))
    found = {each["assessment_instance_id"]: each["highest_score"] for each in await pl.body(INSTANCES)}
    assert found == {52: False, 53: True, 54: False, 55: False, 31: True, 56: True}
    assert (await pl.body(CI + "/assessment_instances/52"))["highest_score"] is True


async def test_instances_of_other_assessments_are_not_listed(pl: PrairieLearn) -> None:
    await add(pl.ctx, AssessmentInstance, sitting(52, 8, 502, started_at=None))
    assert await keys(pl) == [31]
    (exam,) = await pl.body(CI + "/assessments/8/assessment_instances")
    assert (exam["assessment_instance_id"], exam["assessment_label"], exam["start_date"]) == (52, "E1", None)


async def test_all_questions(pl: PrairieLearn) -> None:
    second = {
        "zone_number": 2,
        "zone_title": None,
        "question_id": 115,
        "question_name": "vectors/dot",
        "instance_question_id": 62,
        "assessment_question_max_points": 6,
        "assessment_question_max_auto_points": 6,
        "instance_question_points": 4,
        "instance_question_auto_points": 4,
        "instance_question_score_perc": 200 / 3,
        "highest_submission_score": 2 / 3,
        "duration_seconds": None,
    }
    third = {
        "zone_title": None,
        "question_id": 2**31 + 203,
        "question_name": "essay",
        "instance_question_id": 63,
        "assessment_question_max_auto_points": 0,
        "assessment_question_max_manual_points": 5,
        "instance_question_auto_points": 0,
        "instance_question_manual_points": 5,
        "number_attempts": 1,
        "duration_seconds": None,
    }
    assert await pl.body(QUESTIONS) == [examples.QUESTION, examples.QUESTION | second, examples.QUESTION | third]


async def test_a_question_that_nobody_has_answered(pl: PrairieLearn) -> None:
    nothing: dict[str, Any] = {"points": None, "manual_points": None, "number_attempts": 0, "duration_seconds": None}
    nothing |= {"highest_submission_score": None, "last_submission_score": None, "number": 4}
    await pl.ctx.db.execute(update(InstanceQuestion).where(InstanceQuestion.id == 61).values(**nothing))
    untouched = dict.fromkeys(name for name in examples.QUESTION if name.startswith("instance_question_"))
    expected = untouched | {
        "instance_question_id": 61,
        "instance_question_number": 4,
        "highest_submission_score": None,
        "last_submission_score": None,
        "number_attempts": 0,
        "duration_seconds": None,
    }
    assert (await pl.body(QUESTIONS))[0] == examples.QUESTION | expected


async def test_zones_are_numbered_as_in_the_assessment(pl: PrairieLearn) -> None:
    await pl.ctx.db.execute(update(Zone).where(Zone.id == 72).values(number=7, title="Harder"))
    found = [(each["zone_number"], each["zone_title"]) for each in await pl.body(QUESTIONS)]
    assert found == [(1, "Warm-up"), (7, "Harder"), (1, None)]


async def test_an_instance_without_questions(pl: PrairieLearn) -> None:
    await add(pl.ctx, AssessmentInstance, sitting(52, 8, 506))
    assert await pl.body(CI + "/assessment_instances/52/instance_questions") == []
    assert await pl.body(CI + "/assessment_instances/52/submissions") == []
    assert [each["event_name"] for each in await pl.body(CI + "/assessment_instances/52/log")] == ["Begin"]
