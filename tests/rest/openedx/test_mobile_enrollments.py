"""The courses that the apps for phones show (contracts/edx-core.md §18, case 54 and more)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from app.domain.blocks.completion import NewCompletion, record_completion
from app.domain.blocks.models import Block
from app.domain.catalog.models import CourseInstance
from app.domain.enrollment.models import Enrollment, EnrollmentStatus
from app.domain.enrollment.service import enroll
from tests.clock import NOW
from tests.factories import at
from tests.rest.openedx.conftest import CALLERS, ROOT, C, H, OpenEdx, R, X

pytestmark = pytest.mark.anyio
PATH = "/api/mobile/{}/users/ann/course_enrollments/"


@pytest.fixture
async def mobile(edx: OpenEdx) -> OpenEdx:
    """Both runs are for mobile devices."""
    await edx.filled.admin.db.execute(update(CourseInstance).values(is_mobile_available=True))
    return edx


async def enroll_ann(edx: OpenEdx) -> None:
    """ann learns in X, too, which began later."""
    admin = at(edx.filled.admin, NOW + timedelta(days=1))
    await enroll(admin, course_instance_id=edx.keys["X"], user_id=edx.keys["ann"])


async def set_run(edx: OpenEdx, **values: Any) -> None:
    """What R says of itself."""
    own = CourseInstance
    await edx.filled.admin.db.execute(update(own).where(own.id == edx.keys["R"]).values(**values))


async def test_an_enrolment(mobile: OpenEdx) -> None:
    start = NOW - timedelta(days=9)
    await set_run(mobile, start_at=start, end_at=NOW + timedelta(days=9), image_url="/static/a.png")
    [item] = await mobile.body(PATH.format("v0.5"), "ann")
    assert sorted(item) == ["certificate", "course", "created", "is_active", "mode"]
    assert (item["mode"], item["is_active"], item["certificate"]) == ("audit", True, {})
    course = item["course"]
    told: dict[str, Any] = {
        "id": R,
        "name": "DemoX Course",
        "number": "DemoX",
        "org": "edX",
        "org_logo": "",
        "video_outline": None,
    }
    told |= {"subscription_id": "course-v1_edX_DemoX_Demo_Course", "course_image": "/static/a.png"}
    told |= {"start_type": "timestamp", "is_self_paced": False, "dynamic_upgrade_deadline": None}
    assert {name: course[name] for name in told} == told
    assert course["media"]["course_image"]["name"] == "Course Image"
    assert course["media"]["course_image"]["uri"].endswith("/static/a.png")
    assert course["course_updates"].endswith(f"/api/mobile/v0.5/course_info/{R}/updates")
    assert course["course_handouts"].endswith(f"/api/mobile/v0.5/course_info/{R}/handouts")
    assert course["courseware_access"]["has_access"] is True
    await set_run(mobile, start_at=NOW + timedelta(days=1))
    [item] = await mobile.body(PATH.format("v1"), "ann")
    assert item["course"]["courseware_access"]["error_code"] == "course_not_started"
    assert item["audit_access_expires"] is None
    assert "audit" in [each["slug"] for each in item["course_modes"]]


async def test_the_form_of_each_version(mobile: OpenEdx) -> None:
    await enroll_ann(mobile)
    keys = [X, R]
    for version in ("v0.5", "v1"):
        found = await mobile.body(PATH.format(version), "ann")  # edx case 54
        assert [each["course"]["id"] for each in found] == keys
    found = await mobile.body(PATH.format("v2"), "ann")
    assert (found["configs"], [each["course"]["id"] for each in found["enrollments"]]) == ({"iap_configs": {}}, keys)
    found = await mobile.body(PATH.format("v3"), "ann")  # edx case 54
    assert (found["enrollments"]["count"], found["configs"]) == (2, {"iap_configs": {}})
    assert [each["course"]["id"] for each in found["enrollments"]["results"]] == keys
    page = (await mobile.body(PATH.format("v3") + "?page_size=1&page=2", "ann"))["enrollments"]
    assert ([each["course"]["id"] for each in page["results"]], page["num_pages"], page["next"]) == ([R], 2, None)
    assert (await mobile.told(PATH.format("v3") + "?page=3", "ann"))[0] == 404


async def test_one_learner_of_one_run(mobile: OpenEdx) -> None:
    found = await mobile.body(PATH.format("v3"), "ann")
    assert found["enrollments"]["results"][0]["course"]["id"] == R  # edx case 54
    assert found["enrollments"]["count"] == 1  # edx case 54


async def test_the_run_to_go_on_with(mobile: OpenEdx) -> None:
    path = PATH.format("v4")
    await mobile.filled.admin.db.execute(update(Block).where(Block.id == mobile.keys["H"]).values(due_at=NOW))
    found = await mobile.body(path, "ann")
    assert (found["enrollments"]["results"], found["primary"]["course"]["id"]) == ([], R)
    assert found["primary"]["course_status"]["last_visited_module_path"] == [H, C, ROOT]
    assert found["primary"]["course_progress"] == {"total_assignments_count": 1, "assignments_completed": 0}
    assignments = found["primary"]["course_assignments"]
    assert [each["title"] for each in assignments["past_assignments"]] == ["Homework 1"]
    assert assignments["future_assignments"] == []
    await enroll_ann(mobile)
    done = [NewCompletion(mobile.keys["P"], 1.0)]
    await record_completion(mobile.filled.by("ann"), course_instance_id=mobile.keys["R"], completions=done)
    found = await mobile.body(path + "?requested_fields=course_progress", "ann")
    assert found["primary"]["course"]["id"] == X
    [other] = found["enrollments"]["results"]
    assert (other["course"]["id"], found["enrollments"]["count"]) == (R, 1)
    assert other["course_progress"] == {"total_assignments_count": 1, "assignments_completed": 1}


@pytest.mark.parametrize(
    ("status", "expected"), [("in_progress", [X]), ("expired", [R]), ("completed", []), ("all", [X, R])]
)
async def test_states_of_enrolments(mobile: OpenEdx, status: str, expected: list[str]) -> None:
    await enroll_ann(mobile)
    await set_run(mobile, end_at=NOW - timedelta(days=1))
    found = await mobile.body(PATH.format("v4") + f"?status={status}", "ann")
    assert "primary" not in found
    assert [each["course"]["id"] for each in found["enrollments"]["results"]] == expected


async def test_what_is_left_out(mobile: OpenEdx) -> None:
    path, own = PATH.format("v1"), Enrollment
    assert len(await mobile.body(f"{path}?org=EDX", "ann")) == 1
    assert await mobile.body(f"{path}?org=MITx", "ann") == []
    await set_run(mobile, is_mobile_available=False)
    assert await mobile.body(path, "ann") == []
    assert "primary" not in await mobile.body(PATH.format("v4"), "ann")
    await set_run(mobile, is_mobile_available=True)
    gone = update(own).where(own.user_id == mobile.keys["ann"]).values(status=EnrollmentStatus.DROPPED)
    await mobile.filled.admin.db.execute(gone)
    assert await mobile.body(path, "ann") == []


@pytest.mark.parametrize("who", CALLERS)
async def test_they_are_ones_own(mobile: OpenEdx, who: str | None) -> None:
    expected = {None: 401, "ann": 200}.get(who, 403)
    assert (await mobile.told(PATH.format("v3"), who))[0] == expected
    if who not in (None, "ann"):
        assert await mobile.body(f"/api/mobile/v1/users/{who}/course_enrollments/", who) == []
    assert (await mobile.told(PATH.format("v9"), "ann"))[0] == 404
