"""Deadlines at one's own pace (contracts/edx-core.md §5)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update

from app.domain.blocks.models import Block
from app.domain.catalog.models import CourseInstance
from app.domain.enrollment.models import Enrollment
from app.domain.progress.models import LearnerRecord
from tests.clock import NOW
from tests.rest.openedx.conftest import CALLERS, OpenEdx, R

pytestmark = pytest.mark.anyio
RESET = "/api/course_experience/v1/reset_course_deadlines"
INFO = f"/api/course_experience/v1/course_deadlines_info/{R}"
NOTHING = {
    "missed_deadlines": False,
    "content_type_gating_enabled": False,
    "missed_gated_content": False,
    "verified_upgrade_link": None,
}
UNABLE = {"detail": "Unable to reset deadlines."}


async def restarts(edx: OpenEdx) -> int:
    """How many have begun anew."""
    own = LearnerRecord
    found: int = await edx.filled.admin.db.scalar(select(func.count(own.id)).where(own.schedule_start_at.is_not(None)))
    return found


async def behind(edx: OpenEdx) -> None:
    """Everybody goes at their own pace, enrolled three weeks ago, and had a week for the homework."""
    db, long_ago = edx.filled.admin.db, NOW - timedelta(weeks=3)
    await db.execute(update(CourseInstance).where(CourseInstance.id == edx.keys["R"]).values(is_self_paced=True))
    await db.execute(update(Enrollment).values(enrolled_at=long_ago))
    await db.execute(update(Block).where(Block.id == edx.keys["H"]).values(weeks_due=1))


async def test_who_is_behind_begins_anew(edx: OpenEdx) -> None:
    assert await edx.body(INFO, "ann") == {"dates_banner_info": NOTHING, "has_ended": False}
    await behind(edx)
    late = {"dates_banner_info": {**NOTHING, "missed_deadlines": True}, "has_ended": False}
    assert await edx.body(INFO, "ann") == late
    told = await edx.body(RESET, "ann", "POST", json={"course_key": R, "research_event_data": {"a": 1}})
    assert told["message"] == "Deadlines successfully reset."
    assert told["link"].endswith(f"/courses/{R}/dates")
    assert f'href="{told["link"]}"' in told["body"]
    assert sorted(told) == ["body", "header", "link", "link_text", "message"]
    assert await edx.body(INFO, "ann") == {"dates_banner_info": NOTHING, "has_ended": False}
    assert await edx.body(INFO, "ta") == late
    assert await restarts(edx) == 1


async def test_an_end_is_an_end(edx: OpenEdx) -> None:
    await behind(edx)
    over = update(CourseInstance).where(CourseInstance.id == edx.keys["R"]).values(end_at=NOW - timedelta(days=1))
    await edx.filled.admin.db.execute(over)
    assert await edx.body(INFO, "ann") == {"dates_banner_info": NOTHING, "has_ended": True}


@pytest.mark.parametrize("who", CALLERS)
async def test_who_begins_anew(edx: OpenEdx, who: str | None) -> None:
    status = {None: 401, "other": 400, "staff": 400}.get(who, 200)
    found, body = await edx.told(RESET, who, "POST", json={"course_key": R})
    assert (found, await restarts(edx)) == (status, int(status == 200))
    assert status != 400 or body == UNABLE
    assert (await edx.told(INFO, who))[0] == (401 if who is None else 200)


@pytest.mark.parametrize(
    ("sent", "detail"),
    [
        ({}, "'course_key' is required."),
        ({"course_key": None}, "'course_key' is required."),
        ([], "'course_key' is required."),
        ({"course_key": "junk"}, UNABLE["detail"]),
        ({"course_key": 7}, UNABLE["detail"]),
        ({"course_key": "course-v1:no+such+run"}, UNABLE["detail"]),
        ({"course_key": "course-v1:edX+Empty+1"}, UNABLE["detail"]),
        ({"course_key": f"{R}\0"}, UNABLE["detail"]),
    ],
)
async def test_refusals(edx: OpenEdx, sent: Any, detail: str) -> None:
    assert await edx.told(RESET, "ann", "POST", json=sent) == (400, {"detail": detail})
    assert await restarts(edx) == 0


async def test_an_unknown_run(edx: OpenEdx) -> None:
    for key in ("course-v1:no+such+run", "a+b+c", "a+b+%00"):
        path = f"/api/course_experience/v1/course_deadlines_info/{key}"
        assert await edx.told(path, "ann") == (404, {"detail": "Not found."})
