"""A course run as its learning pages show it (contracts/edx-core.md §3.1)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from app.domain.catalog.models import CourseInstance
from app.domain.progress.service import record_activity, set_celebrations, set_course_goal, sign_integrity
from tests.clock import NOW
from tests.rest.openedx.conftest import CALLERS, OpenEdx, Q, R
from tests.rest.openedx.test_authentication import sent, session
from tests.rest.openedx.test_masquerade import DONE, choose

pytestmark = pytest.mark.anyio
PATH = f"/api/courseware/course/{R}"


async def set_run(edx: OpenEdx, **values: Any) -> None:
    """What R says of itself."""
    own = CourseInstance
    await edx.filled.admin.db.execute(update(own).where(own.id == edx.keys["R"]).values(**values))


async def test_a_run(edx: OpenEdx) -> None:
    start = NOW - timedelta(days=9)
    await set_run(edx, start_at=start, effort="3 hours", image_url="/static/a.png", license="cc")
    found = await edx.body(PATH, "ann")
    told: dict[str, Any] = {
        "id": R,
        "name": "DemoX Course",
        "number": "DemoX",
        "org": "edX",
        "effort": "3 hours",
        "license": "cc",
    }
    told |= {"start_type": "timestamp", "pacing": "instructor", "end": None, "offer": None, "access_expiration": None}
    assert {name: found[name] for name in told} == told
    personal: dict[str, Any] = {"enrollment": {"mode": "audit", "is_active": True}, "user_has_passing_grade": False}
    personal |= {"course_goals": {"selected_goal": None, "weekly_learning_goal_enabled": True}}
    personal |= {"user_needs_integrity_signature": True, "is_integrity_signature_enabled": True, "is_staff": False}
    personal |= {"notes": {"enabled": False, "visible": True}, "verification_status": "none"}
    assert {name: found[name] for name in personal} == personal
    assert (found["media"]["course_image"], sorted(found["media"])) == (
        {"uri": "/static/a.png"},
        ["course_image", "course_video", "image"],
    )
    assert [each["slug"] for each in found["tabs"]] == ["courseware", "progress", "dates"]
    assert found["course_access"]["has_access"] is True
    assert await edx.body(PATH.replace(R, Q), "ann") == found


async def test_what_one_chose(edx: OpenEdx) -> None:
    ann, here = edx.filled.by("ann"), {"course_instance_id": edx.keys["R"]}
    first = {"first_section": True, "streak_length_to_celebrate": None, "streak_discount_enabled": False}
    assert (await edx.body(PATH, "ann"))["celebrations"] == {**first, "weekly_goal": False}
    place = here["course_instance_id"]
    await set_course_goal(ann, course_instance_id=place, has_goal_reminders=True, goal_days_per_week=1)
    await set_celebrations(ann, course_instance_id=place, celebrates_first_section=False, celebrates_weekly_goal=True)
    await record_activity(ann, course_instance_id=place)
    await sign_integrity(ann, course_instance_id=place)
    found = await edx.body(PATH, "ann")
    assert found["course_goals"]["selected_goal"] == {"days_per_week": 1, "subscribed_to_reminders": True}
    assert found["celebrations"] == {**first, "first_section": False, "weekly_goal": True}
    assert found["user_needs_integrity_signature"] is False


@pytest.mark.parametrize("who", [*CALLERS, "bob"])
async def test_who_sees_it(edx: OpenEdx, who: str | None) -> None:
    found = await edx.body(PATH, who)
    is_staff = who in ("prof", "ta", "staff")
    mode = {"mode": "audit" if who == "ann" else None, "is_active": who == "ann"}
    assert (found["enrollment"], found["is_staff"], found["original_user_is_staff"]) == (mode, is_staff, is_staff)
    reason = None if is_staff or who == "ann" else "enrollment_required" if who else "authentication_required"
    assert found["course_access"]["error_code"] == reason
    assert ("instructor" in [each["slug"] for each in found["tabs"]]) is is_staff
    assert found["user_needs_integrity_signature"] is (who == "ann")


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"start_at": NOW + timedelta(days=1)}, "course_not_started"),
        ({"availability": "UNAVAILABLE"}, "not_visible_to_user"),
    ],
)
async def test_who_may_not_enter(edx: OpenEdx, values: dict[str, Any], reason: str) -> None:
    await set_run(edx, **values)
    for who, expected in (("ann", reason), ("prof", None)):
        access = (await edx.body(PATH, who))["course_access"]
        assert (access["error_code"], access["has_access"]) == (expected, expected is None)


async def test_keys_that_are_asked_for(edx: OpenEdx) -> None:
    assert await edx.body(f"{PATH}?requested_fields=id,junk&requested_fields=is_staff", "ann") == {
        "id": R,
        "is_staff": False,
    }
    assert await edx.body(f"{PATH}?requested_fields=junk", "ann") == {}


async def test_global_staff_may_name_somebody(edx: OpenEdx) -> None:
    await sign_integrity(edx.filled.by("ann"), course_instance_id=edx.keys["R"])
    own = await edx.body(PATH, "ann")
    found = await edx.body(f"{PATH}?username=ann", "staff")
    assert found == {**own, "original_user_is_staff": True}
    assert (await edx.body(f"{PATH}?username=ann", "prof"))["is_staff"] is True
    assert (await edx.told(f"{PATH}?username=nobody", "staff"))[0] == 404
    for key in ("course-v1:no+such+run", "a+b+%00"):
        assert await edx.told(f"/api/courseware/course/{key}", "ann") == (404, {"developer_message": "Not found."})


async def test_staff_look_as_a_learner_would(edx: OpenEdx) -> None:
    cookies = await session(edx, "prof")
    for chosen in ({}, {"user_name": "ann"}):
        assert await choose(edx, cookies, **chosen) == DONE
        found = await edx.body(PATH, headers=sent(cookies))
        assert (found["is_staff"], found["original_user_is_staff"]) == (False, True)
        assert found["enrollment"] == {"mode": "audit", "is_active": True}
        assert found["course_access"]["has_access"] is True
