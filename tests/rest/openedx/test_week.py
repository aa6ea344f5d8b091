"""What the pages of a run tell of a learner's week: where days begin, and whether its goal is reached."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.domain.identity.institution import update_profile
from app.domain.progress.service import record_activity, set_celebrations, set_course_goal
from tests.clock import NOW
from tests.factories import at
from tests.rest.openedx.conftest import OpenEdx, R
from tests.rest.openedx.test_mobile_enrollments import set_run

pytestmark = pytest.mark.anyio
METADATA, COURSE = f"/api/course_home/course_metadata/{R}", f"/api/courseware/course/{R}"
MONDAY = NOW - timedelta(days=NOW.weekday())


async def test_the_time_zone_that_one_chose(edx: OpenEdx) -> None:
    await set_run(edx, is_mobile_available=True)

    async def told() -> list[str | None]:
        pages = [await edx.body(f"/api/course_home/{page}/{R}", "ann") for page in ("course_metadata", "dates")]
        outline = (await edx.body(f"/api/course_home/outline/{R}", "ann"))["dates_widget"]
        mobile = [f"/api/mobile/{version}/users/ann/course_enrollments/" for version in ("v2", "v3", "v4")]
        pages += [outline, await edx.body(COURSE, "ann"), *[await edx.body(path, "ann") for path in mobile]]
        return [page["user_timezone"] for page in pages]

    assert await told() == [None] * 7
    await update_profile(edx.filled.by("ann"), user_id=edx.keys["ann"], pronouns="she")
    assert await told() == [None] * 7
    await update_profile(edx.filled.by("ann"), user_id=edx.keys["ann"], time_zone="Asia/Tokyo")
    assert await told() == ["Asia/Tokyo"] * 7
    for who in (None, "prof"):
        assert [(await edx.body(path, who))["user_timezone"] for path in (METADATA, COURSE)] == [None] * 2


async def celebrated(edx: OpenEdx, who: str = "ann") -> bool:
    """Whether the goal of the week is to be celebrated."""
    here, there = [(await edx.body(path, who))["celebrations"]["weekly_goal"] for path in (METADATA, COURSE)]
    assert here is there
    return bool(here)


async def test_the_goal_of_a_week(edx: OpenEdx) -> None:
    ann, place = edx.filled.by("ann"), edx.keys["R"]
    assert NOW.weekday() > 0
    for moment in (MONDAY - timedelta(days=1), MONDAY):
        await record_activity(at(ann, moment), course_instance_id=place)
    assert await celebrated(edx) is False
    await set_course_goal(ann, course_instance_id=place, has_goal_reminders=False)
    assert await celebrated(edx) is False
    await set_course_goal(ann, course_instance_id=place, has_goal_reminders=False, goal_days_per_week=2)
    assert await celebrated(edx) is False
    sent = {"user_id": edx.keys["ann"], "course_key": R}
    path = "/api/mobile/v1/course_info/record_user_activity"
    assert await edx.told(path, "ann", "POST", json=sent) == (200, None)
    assert await celebrated(edx) is True
    assert await celebrated(edx, "prof") is False
    await set_celebrations(ann, course_instance_id=place, celebrates_weekly_goal=False)
    assert await celebrated(edx) is False
