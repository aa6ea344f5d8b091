"""What a gradebook is without: a course run that has none, grades that are final, a limit of pages (§9.3–§9.5)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from app.domain.enrollment.offerings import update_course_instance
from app.domain.enrollment.service import enroll
from tests.clock import NOW
from tests.factories import person
from tests.rest.openedx.conftest import CALLERS, OpenEdx
from tests.rest.openedx.test_gradebook import BOOK, INFO, UPDATE, item, written

pytestmark = pytest.mark.anyio
DAY = timedelta(days=1)


async def change(edx: OpenEdx, **said: Any) -> None:
    """Change the course run."""
    await update_course_instance(edx.filled.admin, course_instance_id=edx.keys["R"], **said)


async def ended(edx: OpenEdx, end_at: datetime) -> None:
    await change(edx, start_at=NOW - 100 * DAY, end_at=end_at)


@pytest.mark.parametrize("who", CALLERS)
async def test_a_run_without_a_gradebook(edx: OpenEdx, who: str | None) -> None:
    await change(edx, has_gradebook=False)
    for path, method, more in ((f"{BOOK}/", "GET", {}), (UPDATE, "POST", {"json": [item(edx)]})):
        status, body = await edx.told(path, who, method, **more)
        assert status == (401 if who is None else 403)
        assert who is None or body["error_code"] == "feature_not_enabled"
    assert await written(edx) == (0, 0)
    status, _ = await edx.told(INFO, who)
    assert status == {None: 401, "prof": 200, "staff": 200}.get(who, 403)


async def test_many_grades_at_once_are_offered(edx: OpenEdx) -> None:
    for offered in (False, True):
        await change(edx, offers_bulk_grading=offered)
        assert (await edx.body(INFO, "prof"))["can_see_bulk_management"] is offered


@pytest.mark.usefixtures("freezing")
@pytest.mark.parametrize("who", CALLERS)
async def test_grades_are_final_some_time_after_the_end(edx: OpenEdx, who: str | None) -> None:
    await ended(edx, NOW - 30 * DAY - timedelta(seconds=1))
    status, body = await edx.told(UPDATE, who, "POST", json=[item(edx)])
    assert status == (401 if who is None else 403)
    code = {"prof": "grades_frozen", "staff": "grades_frozen"}.get(str(who), "user_permissions")
    assert who is None or body["error_code"] == code
    assert await written(edx) == (0, 0)


@pytest.mark.usefixtures("freezing")
async def test_until_then_they_are_not(edx: OpenEdx) -> None:
    assert (await edx.body(INFO, "prof"))["grades_frozen"] is False
    await ended(edx, NOW - 30 * DAY)
    assert (await edx.body(INFO, "prof"))["grades_frozen"] is False
    assert (await edx.told(UPDATE, "prof", "POST", json=[item(edx)]))[0] == 202
    await ended(edx, NOW - 31 * DAY)
    assert (await edx.body(INFO, "prof"))["grades_frozen"] is True
    assert (await edx.told(UPDATE, "prof", "POST", json=[item(edx)]))[0] == 403
    assert await written(edx) == (2, 1)


async def test_grades_are_never_final_without_the_setting(edx: OpenEdx) -> None:
    await ended(edx, NOW - 60 * DAY)
    assert (await edx.body(INFO, "prof"))["grades_frozen"] is False
    assert (await edx.told(UPDATE, "prof", "POST", json=[item(edx)]))[0] == 202


@pytest.mark.parametrize(
    ("size", "count"),
    [("101", 101), ("1000", 102), ("999999999", 102), ("9" * 30, 50), ("0", 50), ("-1", 50), ("junk", 50), ("", 50)],
)
async def test_pages_as_large_as_is_asked_for(edx: OpenEdx, size: str, count: int) -> None:
    for number in range(101):
        learner = await person(edx.filled.admin, f"more{number}")
        await enroll(edx.filled.admin, course_instance_id=edx.keys["R"], user_id=learner)
    found = await edx.body(f"{BOOK}/?page_size={size}", "prof")
    assert (len(found["results"]), found["total_users_count"]) == (count, 102)
    assert (found["next"] is None) is (count == 102)
    names = {each["username"] for each in found["results"]}
    if found["next"] is not None:
        rest = await edx.body(found["next"], "prof")
        assert not names & {each["username"] for each in rest["results"]}
        assert len(rest["results"]) == min(102 - count, count)
