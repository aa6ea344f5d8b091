"""Who may do what (contracts/autolab.md §3): every caller, every operation; who may not changes nothing."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select

from app.domain.assessments.models import Problem
from app.domain.catalog.models import Availability
from app.domain.enrollment.models import Enrollment
from app.domain.enrollment.offerings import update_course_instance
from app.domain.grades.models import Score
from app.domain.groups.models import Group, GroupSet
from app.rest.systems import system_named
from tests.rest.autolab.conftest import Autolab, C

pytestmark = pytest.mark.anyio

LAB, SAM = C + "/assessments/lab1", "sam@uni.example"
NOT_INSTRUCTOR = (403, "User does not have instructor privileges for this course")
NOT_IN_COURSE = (403, "User is not in this course")
NEW = {"email": "lou@uni.example", "lecture": "1", "section": "A", "auth_level": "student"}
Request = tuple[str, str, dict[str, Any]]
ANYBODY: dict[str, Request] = {"CurrentUser": ("GET", "/user", {}), "Courses": ("GET", "/courses", {})}
MEMBERS: dict[str, Request] = {
    "Assessments": ("GET", C + "/assessments", {}),
    "Assessment": ("GET", LAB, {}),
    "Problems": ("GET", LAB + "/problems", {}),
    "Submissions": ("GET", LAB + "/submissions", {}),
    "Feedback": ("GET", LAB + "/submissions/1/feedback", {}),
}
INSTRUCTORS: dict[str, Request] = {
    "CreateProblem": ("POST", LAB + "/problems", {"name": "Extra", "max_score": 5}),
    "SetGroupSettings": (
        "POST",
        LAB + "/set_group_settings",
        {"group_size": 4, "allow_student_assign_group": True},
    ),
    "Groups": ("GET", LAB + "/groups", {}),
    "CreateGroups": ("POST", LAB + "/groups", {"groups": [{"group_members": [SAM]}]}),
    "Group": ("GET", LAB + "/groups/999999", {}),
    "DeleteGroup": ("DELETE", LAB + "/groups/999999", {}),
    "Scores": ("GET", LAB + "/scores", {}),
    "ScoresOfUser": ("GET", f"{LAB}/scores/{SAM}", {}),
    "UpdateLatest": ("PUT", f"{LAB}/scores/{SAM}/update_latest", {"problems": {"Part A": 1}}),
    "Members": ("GET", C + "/course_user_data", {}),
    "Member": ("GET", f"{C}/course_user_data/{SAM}", {}),
    "CreateMember": ("POST", C + "/course_user_data", NEW),
    "UpdateMember": ("PUT", f"{C}/course_user_data/{SAM}", {"lecture": "9"}),
    "DropMember": ("DELETE", f"{C}/course_user_data/{SAM}", {}),
}
OPERATIONS = ANYBODY | MEMBERS | INSTRUCTORS


async def state(al: Autolab) -> list[Any]:
    """What the operations could change."""
    db = al.world.admin.db
    counts = [await db.scalar(select(func.count()).select_from(each)) for each in (Problem, Group, Score)]
    members = await db.fetch(select(Enrollment.id, Enrollment.status, Enrollment.lecture).order_by(Enrollment.id))
    sets = await db.fetch(select(GroupSet.id, GroupSet.max_size).order_by(GroupSet.id))
    return [counts, [tuple(each) for each in members], [tuple(each) for each in sets]]


def test_the_matrix_has_every_operation() -> None:
    assert {route.operation for route in system_named("autolab").routes} == set(OPERATIONS)


@pytest.mark.parametrize("who", [None, "OTHER", "NC", "ST", "TA"])
@pytest.mark.parametrize("operation", OPERATIONS)
async def test_who_may_not(al: Autolab, operation: str, who: str | None) -> None:
    method, path, sent = OPERATIONS[operation]
    before = await state(al)
    response = await al.send(method, path, who, json=sent)
    found = response.status_code, response.json().get("error") if isinstance(response.json(), dict) else None
    if who is None:
        assert found == (401, "OAuth2 authorization failed")
    elif operation in ANYBODY:
        assert found == (200, None)
    elif who in ("OTHER", "NC"):
        assert found == NOT_IN_COURSE
    elif operation in INSTRUCTORS:
        assert found == NOT_INSTRUCTOR
    elif operation == "Feedback":
        assert found == (400, "Required parameter 'problem' not found")
    else:
        assert found == (200, None)
    assert await state(al) == before


@pytest.mark.parametrize("who", ["INS", "ADM"])
@pytest.mark.parametrize("operation", INSTRUCTORS)
async def test_instructors_and_administrators_may(al: Autolab, operation: str, who: str) -> None:
    method, path, sent = INSTRUCTORS[operation]
    response = await al.send(method, path, who, json=sent)
    missing = {
        "Group": "Couldn't find group with id 999999",
        "DeleteGroup": "Couldn't find group 999999",
        "UpdateLatest": "nothing has been handed in",
    }
    if operation in missing:
        assert (response.status_code, response.json()) == (400, {"error": missing[operation]})
    else:
        assert response.status_code == 200, response.text


async def test_a_disabled_course_is_for_its_instructors(al: Autolab) -> None:
    here = al.world.course_instance_id
    await update_course_instance(al.world.admin, course_instance_id=here, availability=Availability.DISABLED)
    sentence = "Your course has been disabled by your instructor."
    for who in ("ST", "TA"):
        status, error = await al.refusal(C + "/assessments", who)
        assert (status, error.startswith(sentence)) == (403, True)
    assert len(await al.body(C + "/assessments", "INS")) == 4
    assert [each["name"] for each in await al.body("/courses?state=disabled", "ST")] == ["sig-f24"]


@pytest.mark.parametrize(
    "path",
    [
        "/courses/%00/assessments",
        "/courses/%ff%fe/assessments",
        C + "/assessments/%00",
        C + "/course_user_data/%00",
        LAB + "/groups/99999999999999999999",
        LAB + "/submissions/%F0%9F%92%A9/feedback?problem=%00",
        LAB + "/scores/%ed%a0%80",
        LAB + "/submissions/99999999999999999999/feedback?problem=Part%20A",
    ],
)
async def test_junk_is_refused(al: Autolab, path: str) -> None:
    assert (await al.send("GET", path, "INS")).status_code in (400, 404)


@pytest.mark.parametrize("kind", ["application/json", "multipart/form-data", "multipart/form-data; boundary=x"])
async def test_junk_in_a_body_is_refused(al: Autolab, kind: str) -> None:
    headers = {"Content-Type": kind}
    for content in (b"\xff\x00{", b"--x\r\n\r\n", b"[1", b"{" * 5000):
        response = await al.send("POST", LAB + "/problems", "INS", content=content, headers=headers)
        assert response.status_code == 400
