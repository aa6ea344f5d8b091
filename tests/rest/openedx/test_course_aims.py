"""What learners ask of a course home (contracts/edx-core.md §4.5, cases 18, 19 and more)."""

from __future__ import annotations

import pytest

from app.domain.blocks.service import update_block
from app.domain.progress.models import LearnerRecord
from tests.rest.openedx.conftest import OpenEdx, R
from tests.rest.openedx.test_course_home import HOME, NO_RUN, PREFIXES, announce

pytestmark = pytest.mark.anyio


async def records(edx: OpenEdx) -> int:
    """How many records of learners there are."""
    return len(await edx.filled.admin.db.fetch(LearnerRecord.__table__.select()))


@pytest.mark.parametrize("prefix", PREFIXES)
async def test_the_welcome_message(edx: OpenEdx, prefix: str) -> None:
    news = "<article><h2>May 2</h2><p>Two <article>x</article></p></article><article><h2>May 1</h2>One</article>"
    block_id = await announce(edx, "updates", news)
    shown = "<p>Two <article>x</article></p>"
    assert (await edx.body(f"{prefix}outline/{R}", "ann"))["welcome_message_html"] == shown
    path = f"{prefix}dismiss_welcome_message"
    body = await edx.body(path, "ann", "POST", json={"course_id": R})
    assert list(body) == ["message"]
    assert (await edx.body(f"{prefix}outline/{R}", "ann"))["welcome_message_html"] is None
    assert (await edx.body(f"{prefix}outline/{R}", "prof"))["welcome_message_html"] == shown
    await update_block(edx.filled.admin, block_id=block_id, content="<ol><li><h2>May 3</h2>Three</li></ol>")
    assert (await edx.body(f"{prefix}outline/{R}", "ann"))["welcome_message_html"] == "Three"
    await update_block(edx.filled.admin, block_id=block_id, content="<p>All</p>")
    assert (await edx.body(f"{prefix}outline/{R}", "ann"))["welcome_message_html"] == "<p>All</p>"


async def test_dismissals_that_fail(edx: OpenEdx) -> None:
    path, unable = f"{HOME}dismiss_welcome_message", {"detail": "Unable to dismiss welcome message."}
    required = {"detail": "'course_id' is required."}
    assert await edx.told(path, "ann", "POST", json={}) == (400, required)  # edx case 18
    assert await edx.told(path, "ann", "POST", json={"course_id": ""}) == (400, required)
    for who, sent in (
        ("bob", {"course_id": R}),
        ("staff", {"course_id": R}),
        ("ann", {"course_id": NO_RUN}),
        ("ann", {"course_id": 7}),
        ("ann", {"course_id": "\0"}),
        ("ann", {"course_id": R, "more": 1}),
        ("ann", [R]),
    ):
        assert await edx.told(path, who, "POST", json=sent) == (400, unable)
    assert (await edx.told(path, None, "POST", json={"course_id": R}))[0] == 401
    assert await records(edx) == 0


@pytest.mark.parametrize("prefix", PREFIXES)
async def test_goals(edx: OpenEdx, prefix: str) -> None:
    said = {"course_id": R, "days_per_week": 3, "subscribed_to_reminders": True}
    body = await edx.body(f"{prefix}save_course_goal", "ann", "POST", json=said)  # edx case 19
    assert list(body) == ["header", "message"]
    told = (await edx.body(f"{prefix}outline/{R}", "ann"))["course_goals"]
    chosen = {"days_per_week": 3, "subscribed_to_reminders": True}
    assert told == {"selected_goal": chosen, "weekly_learning_goal_enabled": True}
    said = {"course_id": R, "days_per_week": 0, "subscribed_to_reminders": False}
    await edx.body(f"{prefix}save_course_goal", "ann", "POST", json=said)
    told = (await edx.body(f"{prefix}outline/{R}", "ann"))["course_goals"]["selected_goal"]
    assert told == {"days_per_week": 3, "subscribed_to_reminders": False}
    form = {"course_id": R, "days_per_week": "5", "subscribed_to_reminders": "true"}
    await edx.body(f"{prefix}save_course_goal", "ann", "POST", data=form)
    row = (await edx.filled.admin.db.fetch(LearnerRecord.__table__.select()))[0]
    assert (row.goal_days_per_week, row.has_goal_reminders) == (5, True)
    path = f"{prefix}unsubscribe_from_course_goal/{row.reminder_token}"
    for _ in range(2):
        assert await edx.body(path, None, "POST") == {"course_title": "DemoX Course"}
    told = (await edx.body(f"{prefix}outline/{R}", "ann"))["course_goals"]["selected_goal"]
    assert told == {"days_per_week": 5, "subscribed_to_reminders": False}
    for token in ("0" * 32, "junk", "%00", "a" * 400):
        assert await edx.told(f"{prefix}unsubscribe_from_course_goal/{token}", None, "POST") == (
            404,
            {"detail": "Not found."},
        )


async def test_goals_that_fail(edx: OpenEdx) -> None:
    path, unable = f"{HOME}save_course_goal", "Unable to save course goal"
    good = {"course_id": R, "days_per_week": 3, "subscribed_to_reminders": True}
    for who, changes, message in (
        ("ann", {"course_id": None}, "'course_id' is required."),
        ("ann", {"subscribed_to_reminders": None}, "'subscribed_to_reminders' is required."),
        ("ann", {"subscribed_to_reminders": "maybe"}, unable),
        ("ann", {"subscribed_to_reminders": [True]}, unable),
        ("ann", {"days_per_week": 8}, unable),
        ("ann", {"days_per_week": -1}, unable),
        ("ann", {"days_per_week": 10**30}, unable),
        ("ann", {"days_per_week": "many"}, unable),
        ("ann", {"days_per_week": {"x": 1}}, unable),
        ("ann", {"course_id": NO_RUN}, unable),
        ("bob", {}, unable),
    ):
        assert await edx.told(path, who, "POST", json={**good, **changes}) == (400, {"detail": message})
    assert (await edx.told(path, None, "POST", json=good))[0] == 401
    assert (await edx.told(path, "ann", "POST", content=b"{"))[0] == 415
    assert await records(edx) == 0
