"""The gradebook (contracts/prairielearn.md §3.2)."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import delete, update

from app.context import Context
from app.domain.assessments.models import Assessment
from app.domain.attempts.models import AssessmentInstance, InstanceQuestion, Submission
from app.domain.enrollment.models import CourseStaff, Enrollment, EnrollmentStatus
from app.domain.grades.flow import propagate
from app.domain.grades.models import ChangeKind, ColumnGrade, Score
from app.domain.groups.models import Group, GroupMembership, GroupSet
from app.domain.identity.models import User
from tests.rest.prairielearn import examples
from tests.rest.prairielearn.conftest import CI, PrairieLearn
from tests.rest.prairielearn.world import add, answer, assessment, instant, mark, sitting

GRADEBOOK = CI + "/gradebook"
pytestmark = pytest.mark.anyio


async def cells(pl: PrairieLearn, uid: str) -> list[dict[str, Any]]:
    """A person's line."""
    found: list[dict[str, Any]] = next(e["assessments"] for e in await pl.body(GRADEBOOK) if e["user_uid"] == uid)
    return found


async def test_everybody_has_every_assessment_started_or_not(pl: PrairieLearn) -> None:
    exam = examples.ENTRY["assessments"][1]
    homework = {**examples.ENTRY["assessments"][0], **{k: v for k, v in exam.items() if v is None}}
    kim = {"user_id": 506, "user_uid": "kim@uni.example", "user_uin": None, "user_name": "Kim"}
    found = await pl.body(GRADEBOOK)
    assert found[0] == {**kim, "user_role": "Student", "assessments": [homework, exam]}
    assert found[1] == examples.ENTRY
    assert [[cell["assessment_id"] for cell in each["assessments"]] for each in found] == [[7, 8]] * 4


async def test_a_course_instance_without_assessments_has_an_empty_gradebook(pl: PrairieLearn) -> None:
    await pl.ctx.db.execute(update(Assessment).values(deleted_at=pl.ctx.now))
    assert await pl.body(GRADEBOOK) == []


async def test_assessments_come_by_set_then_place_then_id(pl: PrairieLearn) -> None:
    rows = [assessment(key, f"a{key}", "", category_id=2, position=place) for key, place in ((24, 2), (22, 2), (23, 0))]
    await add(pl.ctx, Assessment, *rows)
    assert [cell["assessment_id"] for cell in await cells(pl, "rin@uni.example")] == [23, 7, 22, 24, 8]


async def test_who_has_left_without_work_is_not_there_and_who_has_work_has_no_role(pl: PrairieLearn) -> None:
    gone = update(Enrollment).where(Enrollment.user_id.in_([502, 506])).values(status=EnrollmentStatus.DROPPED)
    await pl.ctx.db.execute(gone)
    assert [(each["user_uid"], each["user_role"]) for each in await pl.body(GRADEBOOK)] == [
        ("ida@uni.example", "Staff"),
        ("tom@uni.example", "Staff"),
        ("rin@uni.example", "None"),
    ]


async def test_a_student_who_works_on_the_content_is_staff(pl: PrairieLearn) -> None:
    await add(pl.ctx, CourseStaff, {"course_id": 9, "user_id": 502, "role": "VIEWER"})
    assert [(each["user_uid"], each["user_role"]) for each in await pl.body(GRADEBOOK)] == [
        ("kim@uni.example", "Student"),
        ("ida@uni.example", "Staff"),
        ("rin@uni.example", "Staff"),
        ("tom@uni.example", "Staff"),
    ]


async def test_uids_come_in_the_order_of_their_characters(pl: PrairieLearn) -> None:
    for key, uid in ((601, "Zoe"), (602, "élan"), (603, "a-b"), (604, "a_b"), (605, "aa")):
        await add(pl.ctx, User, {"id": key, "uuid": uuid4().hex, "username": uid, "uid": uid})
        await add(pl.ctx, Enrollment, {"course_instance_id": 41, "user_id": key, "enrolled_at": instant("08-20 12:00")})
    students = [each["user_uid"] for each in await pl.body(GRADEBOOK) if each["user_role"] == "Student"]
    assert students == ["Zoe", "a-b", "a_b", "aa", "kim@uni.example", "rin@uni.example", "élan"]


async def test_staff_who_try_an_assessment_have_a_score(pl: PrairieLearn) -> None:
    await scored(pl.ctx, 33, 6.0, user_id=501)
    first = (await cells(pl, "ida@uni.example"))[0]
    assert (first["assessment_instance_id"], first["points"], first["score_perc"]) == (33, 6, 37.5)


async def test_of_several_instances_the_best_is_shown(pl: PrairieLearn) -> None:
    await scored(pl.ctx, 33, 6.0, user_id=506)
    await scored(pl.ctx, 35, 11.0, user_id=506, number=2)
    await scored(pl.ctx, 34, 7.0, user_id=506, number=3)
    first = (await cells(pl, "kim@uni.example"))[0]
    assert first == examples.ENTRY["assessments"][0] | {
        "assessment_instance_id": 35,
        "points": 11,
        "score_perc": 68.75,
        "duration_seconds": 12.5,
    }


async def test_of_equal_instances_the_latest_is_shown(pl: PrairieLearn) -> None:
    await scored(pl.ctx, 33, 6.0, user_id=506)
    await scored(pl.ctx, 34, 6.0, user_id=506, number=2)
    assert (await cells(pl, "kim@uni.example"))[0]["assessment_instance_id"] == 34


async def test_a_groups_instance_is_credited_to_each_member(pl: PrairieLearn) -> None:
    await pl.ctx.db.execute(delete(ColumnGrade))
    await add(pl.ctx, GroupSet, {"id": 1, "course_instance_id": 41, "name": "Pairs", "max_size": 2})
    await add(pl.ctx, Group, {"id": 5, "group_set_id": 1, "course_instance_id": 41, "name": "red"})
    member = {"group_id": 5, "group_set_id": 1, "joined_at": instant("09-01 12:00")}
    await add(pl.ctx, GroupMembership, {"user_id": 502, **member}, {"user_id": 506, **member})
    await scored(pl.ctx, 33, 11.0, assessment_id=8, problem_id=204, group_id=5, user_id=None)
    for uid in ("kim@uni.example", "rin@uni.example"):
        second = (await cells(pl, uid))[1]
        assert (second["assessment_instance_id"], second["points"]) == (33, 11)
    assert (await cells(pl, "ida@uni.example"))[1]["assessment_instance_id"] is None


async def test_a_score_set_by_hand_without_an_instance(pl: PrairieLearn) -> None:
    grade = {"course_instance_id": 41, "assessment_id": 8, "user_id": 506, "max_points": 10.0, "change_index": 2}
    given = {"points": 9.0, "score_perc": 90.0, "override_points": 9.0}
    await add(pl.ctx, ColumnGrade, {**grade, **given})
    second = (await cells(pl, "kim@uni.example"))[1]
    assert second == examples.ENTRY["assessments"][1] | {"points": 9, "max_points": 10, "score_perc": 90}


async def test_learners_see_released_points_and_the_staff_all(pl: PrairieLearn) -> None:
    await pl.ctx.db.execute(update(ColumnGrade).values(released_points=None, released_score_perc=None))
    assert (await cells(pl, "rin@uni.example"))[0]["points"] == 14


async def scored(
    ctx: Context, key: int, points: float, *, assessment_id: int = 7, problem_id: int = 201, **values: Any
) -> None:
    """An instance with one marked submission, and all that follows from it."""
    row = sitting(key, assessment_id, **{"user_id": None, **values}, duration_seconds=12.5)
    await add(ctx, AssessmentInstance, row)
    await add(ctx, InstanceQuestion, {"id": 10 * key, "assessment_instance_id": key, "problem_id": problem_id})
    handed = {"assessment_instance_id": key, "course_instance_id": 41}
    await add(ctx, Submission, answer(100 * key, 10 * key, 1, "09-03 15:05"), **handed)
    await add(ctx, Score, mark(100 * key, problem_id, points, "09-03 15:06"))
    await propagate(ctx, [key], ChangeKind.SCORED)
