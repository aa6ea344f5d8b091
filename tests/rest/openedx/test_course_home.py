"""The home of a run: what it is, its contents, its dates (contracts/edx-core.md §4, cases 15 to 17 and more)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.domain.blocks.completion import NewCompletion, record_completion
from app.domain.blocks.service import create_block, update_block
from app.domain.catalog.models import Availability, EnrollmentMethod
from app.domain.enrollment.models import EnrollmentTrack
from app.domain.enrollment.offerings import update_course_instance
from app.domain.enrollment.tracks import update_enrollment_track
from app.domain.groups.service import create_group_set
from tests.clock import NOW
from tests.rest.openedx.conftest import BLOCK, CALLERS, ROOT, C, H, OpenEdx, P, R, U
from tests.rest.openedx.test_learning_sequences import spelled

pytestmark = pytest.mark.anyio
HOME = "/api/course_home/"
PREFIXES = (HOME, f"{HOME}v1/")
DAY = timedelta(days=1)
MODES = [{"slug": "audit", "name": "Audit"}, {"slug": "verified", "name": "Verified Certificate"}]
NO_RUN = "course-v1:no+such+run"


async def change(edx: OpenEdx, **details: Any) -> None:
    """The course run says something else."""
    await update_course_instance(edx.filled.admin, course_instance_id=edx.keys["R"], **details)


async def announce(edx: OpenEdx, name: str, content: str) -> int:
    """A page beside the tree."""
    key = BLOCK.format("course_info", name)
    here: dict[str, Any] = {"course_instance_id": edx.keys["R"], "parent_id": edx.keys["ROOT"]}
    return await create_block(edx.filled.admin, kind="course_info", usage_key=key, content=content, **here)


async def finish(edx: OpenEdx) -> None:
    """Ann does the problem."""
    done = [NewCompletion(edx.keys["P"], 1.0)]
    await record_completion(edx.filled.by("ann"), course_instance_id=edx.keys["R"], completions=done)


@pytest.mark.parametrize("prefix", PREFIXES)
async def test_what_a_run_is(edx: OpenEdx, prefix: str) -> None:
    await change(edx, start_at=NOW)
    body = await edx.body(f"{prefix}course_metadata/{R}", "ann")
    site = f"http://test/courses/{R}"
    assert body == {
        "course_id": R,
        "username": "ann",
        **{"is_enrolled": True, "is_self_paced": False, "is_staff": False, "original_user_is_staff": False},
        **{"number": "DemoX", "org": "edX", "start": spelled(NOW), "title": "DemoX Course"},
        "tabs": [
            {"tab_id": "courseware", "title": "Course", "url": f"{site}/course/"},
            {"tab_id": "progress", "title": "Progress", "url": f"{site}/progress"},
            {"tab_id": "dates", "title": "Dates", "url": f"{site}/dates"},
        ],
        "celebrations": {
            **{"first_section": True, "streak_length_to_celebrate": None},
            **{"streak_discount_enabled": False, "weekly_goal": False},
        },
        **{"user_timezone": None, "can_view_certificate": False},
        "course_access": {
            **{"has_access": True, "error_code": None, "developer_message": None, "user_message": None},
            **{"additional_context_user_message": None, "user_fragment": None},
        },
        **{"verified_mode": None, "can_show_upgrade_sock": False, "can_load_courseware": True},
        **{"studio_access": False, "is_new_discussion_sidebar_view_enabled": False},
        **{"course_modes": MODES, "has_course_author_access": False},
    }


@pytest.mark.parametrize(
    ("who", "enrolled", "staff", "code"),
    [
        (None, False, False, "authentication_required"),
        ("bob", False, False, "enrollment_required"),  # edx case 15
        ("other", False, False, "enrollment_required"),
        ("ann", True, False, None),
        ("ta", False, True, None),
        ("prof", False, True, None),
        ("staff", False, True, None),
    ],
)
async def test_who_has_access(edx: OpenEdx, who: str | None, enrolled: bool, staff: bool, code: str | None) -> None:
    body = await edx.body(f"{HOME}course_metadata/{R}", who)
    access = body["course_access"]
    assert (body["username"], body["is_enrolled"], body["is_staff"]) == (who, enrolled, staff)
    assert (access["has_access"], access["error_code"]) == (code is None, code)
    assert ("instructor" in [each["tab_id"] for each in body["tabs"]]) is staff
    await change(edx, allows_guests=True)
    assert (await edx.body(f"{HOME}course_metadata/{R}", who))["course_access"]["has_access"] is True


@pytest.mark.parametrize("who", [None, "bob", "other", "ann", "ta", "prof", "staff"])
async def test_pages_are_the_same_wherever_they_are_told(edx: OpenEdx, who: str | None) -> None:
    is_staff, site = who in ("ta", "prof", "staff"), f"http://test/courses/{R}"

    async def told() -> list[tuple[str, str, str]]:
        here = (await edx.body(f"{HOME}course_metadata/{R}", who))["tabs"]
        there = (await edx.body(f"/api/courseware/course/{R}", who))["tabs"]
        found = [(each["tab_id"], each["title"], each["url"]) for each in here]
        assert [(each["slug"], each["title"], each["url"]) for each in there] == found
        assert [(each["priority"], each["type"]) for each in there] == list(enumerate(each[0] for each in found))
        return found

    learns = [("progress", "Progress", f"{site}/progress"), ("dates", "Dates", f"{site}/dates")]
    teaches = [("instructor", "Instructor", f"{site}/instructor")] if is_staff else []
    course = ("courseware", "Course", f"{site}/course/")
    is_in = is_staff or who == "ann"
    assert await told() == [course, *(learns if is_in else []), *teaches]
    about: dict[str, Any] = {"course_instance_id": edx.keys["R"], "max_size": 2}
    await create_group_set(edx.filled.admin, **about, name="No topic")
    await change(edx, hides_progress=True)
    assert await told() == [course, *(learns[1:] if is_in else []), *teaches]
    await create_group_set(edx.filled.admin, **about, name="Topic", key="topic")
    teams = ("teams", "Teams", f"{site}/teams/")
    assert await told() == [course, *([learns[1], teams] if is_in else []), *teaches]


@pytest.mark.parametrize(
    ("details", "code"),
    [
        ({"start_at": NOW + DAY}, "course_not_started"),
        ({"availability": Availability.UNAVAILABLE}, "not_visible_to_user"),
    ],
)
async def test_a_run_that_is_closed(edx: OpenEdx, details: dict[str, Any], code: str) -> None:
    await change(edx, hides_progress=True, **details)
    body = await edx.body(f"{HOME}course_metadata/{R}", "ann")
    assert body["course_access"]["error_code"] == code
    assert [each["tab_id"] for each in body["tabs"]] == ["courseware", "dates"]
    for page in ("dates", "outline"):
        status, told = await edx.told(f"{HOME}{page}/{R}", "ann")
        assert (status, list(told)) == (403, ["detail"])
        assert (await edx.told(f"{HOME}{page}/{R}", "prof"))[0] == 200
    early = await edx.told(f"{HOME}dates/{R}?allow_not_started_courses=1", "ann")
    assert early[0] == (200 if code == "course_not_started" else 403)


@pytest.mark.parametrize("prefix", PREFIXES)
async def test_dates(edx: OpenEdx, prefix: str) -> None:
    await change(edx, start_at=NOW - DAY, end_at=NOW + 3 * DAY, certificate_available_at=NOW + 4 * DAY)
    await update_block(edx.filled.admin, block_id=edx.keys["H"], due_at=NOW + DAY)
    body = await edx.body(f"{prefix}dates/{R}", "ann")
    blocks = body.pop("course_date_blocks")
    assert body == {
        "dates_banner_info": {
            **{"missed_deadlines": False, "content_type_gating_enabled": False},
            **{"missed_gated_content": False, "verified_upgrade_link": None},
        },
        **{"has_ended": False, "learner_is_full_access": True, "user_timezone": None},
    }
    kinds = [(each["date_type"], each["date"]) for each in blocks]
    assert kinds == [
        ("course-start-date", spelled(NOW - DAY)),
        ("assignment-due-date", spelled(NOW + DAY)),
        ("course-end-date", spelled(NOW + 3 * DAY)),
        ("certificate-available-date", spelled(NOW + 4 * DAY)),
    ]
    assert blocks[1] == {
        **{"assignment_type": "Homework", "complete": False, "date": spelled(NOW + DAY), "description": ""},
        **{"date_type": "assignment-due-date", "learner_has_access": True, "link_text": "", "extra_info": None},
        **{"link": f"http://test/courses/{R}/jump_to/{H}", "title": "Homework 1"},
        "first_component_block_id": P,
    }
    await finish(edx)
    assert (await edx.body(f"{prefix}dates/{R}", "ann"))["course_date_blocks"][1]["complete"] is True


@pytest.mark.parametrize("who", [*CALLERS, "bob"])
async def test_who_reads_dates(edx: OpenEdx, who: str | None) -> None:
    status, body = await edx.told(f"{HOME}dates/{R}", who)
    if who in ("bob", "other"):
        assert (status, body) == (401, "User not enrolled.")  # edx case 16
    elif who is None:
        assert (status, list(body)) == (401, ["detail"])
    else:
        assert status == 200


async def test_who_is_behind(edx: OpenEdx) -> None:
    await update_block(edx.filled.admin, block_id=edx.keys["H"], due_at=NOW - DAY)
    await change(edx, is_self_paced=True)
    for page in ("dates", "outline"):
        assert (await edx.body(f"{HOME}{page}/{R}", "ann"))["dates_banner_info"]["missed_deadlines"] is True
    await finish(edx)
    assert (await edx.body(f"{HOME}dates/{R}", "ann"))["dates_banner_info"]["missed_deadlines"] is False


@pytest.mark.parametrize("prefix", PREFIXES)
async def test_the_table_of_contents(edx: OpenEdx, prefix: str) -> None:
    await update_block(edx.filled.admin, block_id=edx.keys["H"], due_at=NOW + DAY)
    body = await edx.body(f"{prefix}outline/{R}", "ann")
    blocks = body["course_blocks"]["blocks"]
    assert list(blocks) == [ROOT, C, H]
    link = f"http://test/courses/{R}/jump_to/{H}"
    assert blocks[H] == {
        **{"id": H, "type": "sequential", "display_name": "Homework 1 (1 Question)", "children": []},
        **{"complete": False, "description": "Homework", "due": spelled(NOW + DAY), "effort_activities": None},
        **{"effort_time": None, "icon": "fa-pencil-square-o", "lms_web_url": link, "resume_block": False},
        **{"legacy_web_url": f"{link}?experience=legacy", "has_scheduled_content": None, "hide_from_toc": False},
    }
    assert (blocks[ROOT]["children"], blocks[C]["children"]) == ([C], [H])
    unit = f"http://test/courses/{R}/jump_to/{U}"
    assert body["resume_course"] == {"has_visited_course": False, "url": unit}
    assert [each["analytics_id"] for each in body["course_tools"]] == ["edx.bookmarks"]
    await finish(edx)
    body = await edx.body(f"{prefix}outline/{R}", "ann")
    assert body["resume_course"]["url"] == f"http://test/courses/{R}/jump_to/{P}"
    assert {(each["complete"], each["resume_block"]) for each in body["course_blocks"]["blocks"].values()} == {
        (True, True)
    }


async def test_strangers_and_the_table_of_contents(edx: OpenEdx) -> None:
    await announce(edx, "handouts", "<ol><li>A</li></ol>")
    for who in (None, "bob", "other"):
        body = await edx.body(f"{HOME}outline/{R}", who)  # edx case 17
        assert (body["course_blocks"], body["course_tools"], body["handouts_html"]) == (None, [], None)
        assert body["dates_widget"]["course_date_blocks"] == []
        assert body["course_goals"]["selected_goal"] is None
    await change(edx, has_public_outline=True)
    body = await edx.body(f"{HOME}outline/{R}")
    assert list(body["course_blocks"]["blocks"]) == [ROOT, C, H]
    assert body["course_blocks"]["blocks"][H]["lms_web_url"] is None
    await update_block(edx.filled.admin, block_id=edx.keys["C"], is_staff_only=True)
    assert list((await edx.body(f"{HOME}outline/{R}", "bob"))["course_blocks"]["blocks"]) == [ROOT]
    await change(edx, allows_guests=True)
    body = await edx.body(f"{HOME}outline/{R}")
    assert body["course_blocks"]["blocks"][ROOT]["lms_web_url"].endswith(ROOT)
    assert (body["handouts_html"], body["welcome_message_html"]) == ("<ol><li>A</li></ol>", None)
    assert body["resume_course"] == {"has_visited_course": False, "url": None}


@pytest.mark.parametrize(
    ("details", "can"),
    [
        ({}, True),
        ({"enrollment_method": EnrollmentMethod.INSTRUCTOR_LED}, False),
        ({"max_learners": 1}, False),
        ({"max_learners": 2}, True),
        ({"enrollment_end_at": NOW}, False),
        ({"enrollment_start_at": NOW + DAY}, False),
    ],
)
async def test_who_may_enrol(edx: OpenEdx, details: dict[str, Any], can: bool) -> None:
    await change(edx, **details)
    body = await edx.body(f"{HOME}outline/{R}", "bob")
    assert body["enroll_alert"] == {"can_enroll": can, "extra_text": None}


@pytest.mark.parametrize("page", ["course_metadata", "dates", "outline"])
async def test_what_is_not_there(edx: OpenEdx, page: str) -> None:
    for key in (NO_RUN, "course-v1:a+b+%00", "a/b/c", "course-v1:a+b+c%20d"):
        assert await edx.told(f"{HOME}{page}/{key}", "ann") == (404, {"detail": "Not found."})
    assert (await edx.told(f"{HOME}{page}/foo", "ann"))[0] == 404


async def test_the_last_day_to_upgrade(edx: OpenEdx) -> None:
    track = select(EnrollmentTrack.id).where(EnrollmentTrack.slug == "verified")
    track_id = await edx.filled.admin.db.scalar(track)
    await update_enrollment_track(edx.filled.admin, enrollment_track_id=track_id, expires_at=NOW + DAY)
    last = [("verified-upgrade-deadline", spelled(NOW + DAY))]
    body = await edx.body(f"{HOME}dates/{R}", "ann")
    assert [(each["date_type"], each["date"]) for each in body["course_date_blocks"]] == last
    assert (await edx.body(f"{HOME}dates/{R}", "prof"))["course_date_blocks"] == []
    assert (await edx.body(f"{HOME}outline/{R}", "ann"))["enrollment_mode"] == "audit"
