"""The catalogue (contracts/edx-core.md §1.1 to §1.4, cases 1 to 6 and more)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest

from app.domain.catalog.models import Availability, CatalogVisibility, EnrollmentMethod
from app.domain.enrollment.offerings import update_course_instance
from tests.clock import NOW
from tests.rest.openedx.conftest import BLOCK, CALLERS, OpenEdx, Q, R, X

pytestmark = pytest.mark.anyio
COURSES, IDS = "/api/courses/v1/courses/", "/api/courses/v1/course_ids/"
NO_RUN = "course-v1:no+such+run"
PAGE: dict[str, Any] = {
    "effort": "3 hours",
    "short_description": "Short.",
    "overview": "<p>All of it.</p>",
    "advertised_start": "Soon",
    "display_organization": "The X",
    "display_number": "D-1",
    "image_url": "/asset/image.png",
    "banner_url": "https://cdn.example.org/banner.png",
    "video_url": "//video.example.org/v",
    "certificate_available_at": NOW,
    "is_mobile_available": True,
    "enrollment_method": EnrollmentMethod.SELF_ENROLLMENT,
    "end_at": NOW,
}


async def change(edx: OpenEdx, run: str = "R", **details: Any) -> None:
    """The course run says something else."""
    await update_course_instance(edx.filled.admin, course_instance_id=edx.keys[run], **details)


async def found(edx: OpenEdx, query: str = "", who: str | None = None) -> list[str]:
    """The numbers in the keys of the runs that are listed."""
    body = await edx.body(f"{COURSES}?{query}", who)
    assert body["pagination"]["count"] == len(body["results"])
    return [each["id"].split("+")[1] for each in body["results"]]


async def test_the_catalogue_by_pages(edx: OpenEdx) -> None:
    first = await edx.body(f"{COURSES}?page_size=1")  # edx case 1
    assert [each["id"] for each in first["results"]] == [R]
    links = first["pagination"]
    assert (links["count"], links["num_pages"], links["previous"]) == (2, 2, None)
    assert "page=2" in links["next"]
    second = await edx.body(links["next"])
    assert [each["id"] for each in second["results"]] == [X]
    assert second["pagination"]["next"] is None
    assert (await edx.told(f"{COURSES}?page=3"))[0] == 404
    assert (await edx.told(f"{COURSES}?page=x"))[0] == 404


async def test_a_run_that_says_nothing(edx: OpenEdx) -> None:
    body = await edx.body(f"{COURSES}{R}")  # edx case 2
    assert body == {
        "blocks_url": f"http://test/api/courses/v2/blocks/?course_id={Q}",
        "effort": None,
        "start": "2030-01-01T00:00:00Z",
        "end": None,
        "enrollment_start": None,
        "enrollment_end": None,
        "id": R,
        "course_id": R,
        "name": "DemoX Course",
        "number": "DemoX",
        "org": "edX",
        "short_description": None,
        "start_display": None,
        "start_type": "empty",
        "pacing": "instructor",
        "mobile_available": False,
        "hidden": False,
        "invitation_only": False,
        "media": {
            "banner_image": {"uri": "", "uri_absolute": ""},
            "course_image": {"uri": ""},
            "course_video": {"uri": None},
            "image": {"raw": "", "small": "", "large": ""},
        },
        "overview": None,
    }


async def test_a_run_that_says_much(edx: OpenEdx) -> None:
    start = NOW.replace(microsecond=123456) - timedelta(days=400)
    await change(edx, long_name="R & D <1>", is_self_paced=True, start_at=start, **PAGE)
    body = await edx.body(f"{COURSES}{R}?username=", "ann")
    told = {name: body[name] for name in ("effort", "overview", "short_description", "number", "org", "name", "pacing")}
    assert told == {
        "effort": "3 hours",
        "overview": "<p>All of it.</p>",
        "short_description": "Short.",
        "number": "D-1",
        "org": "The X",
        "name": "R &amp; D &lt;1&gt;",
        "pacing": "self",
    }
    assert (body["start_display"], body["start_type"]) == ("Soon", "string")
    assert body["start"] == f"{start:%Y-%m-%dT%H:%M:%S}Z"
    assert body["certificate_available_date"] == f"{NOW:%Y-%m-%dT%H:%M:%S}Z"
    assert (body["mobile_available"], body["invitation_only"], body["hidden"]) == (True, False, False)
    image = "http://test/asset/image.png"
    banner = "https://cdn.example.org/banner.png"
    assert body["media"] == {
        "banner_image": {"uri": banner, "uri_absolute": banner},
        "course_image": {"uri": "/asset/image.png"},
        "course_video": {"uri": "//video.example.org/v"},
        "image": {"raw": image, "small": image, "large": image},
    }
    await change(edx, advertised_start=None)
    body = await edx.body(f"{COURSES}{R}")
    assert (body["start_display"], body["start_type"]) == (f"{start:%B} {start.day}, {start.year}", "timestamp")


@pytest.mark.parametrize("who", CALLERS)
async def test_whom_one_may_look_as(edx: OpenEdx, who: str | None) -> None:
    status, body = await edx.told(f"{COURSES}?username=staff", who)  # edx case 4
    assert status == (200 if who == "staff" else 403)
    assert who == "staff" or list(body) == ["developer_message"]
    status, body = await edx.told(f"{COURSES}{R}?username=ann", who)
    assert status == (200 if who in ("ann", "staff") else 403)
    assert status == 403 or body["is_enrolled"] is True


async def test_runs_that_are_not_there(edx: OpenEdx) -> None:
    status, body = await edx.told(f"{COURSES}{NO_RUN}?username=staff", "staff")  # edx case 3
    assert (status, body) == (404, {"developer_message": "Course not found."})
    assert (await edx.told(f"{COURSES}{R}?username=nobody", "staff"))[0] == 404
    status, body = await edx.told(f"{COURSES}course-v1:a+b+c%20d")
    assert (status, list(body["field_errors"])) == (400, ["course_key"])
    assert (await edx.told(f"{COURSES}foo"))[0] == 404


@pytest.mark.parametrize(
    ("details", "listed", "told"),
    [
        ({"catalog_visibility": CatalogVisibility.BOTH}, True, 200),
        ({"catalog_visibility": CatalogVisibility.ABOUT}, False, 200),
        ({"catalog_visibility": CatalogVisibility.NONE}, False, 404),
        ({"availability": Availability.UNAVAILABLE}, False, 404),
    ],
)
async def test_strangers_find_what_is_shown(edx: OpenEdx, details: dict[str, Any], listed: bool, told: int) -> None:
    await change(edx, **details)
    for who in (None, "bob", "ann", "staff"):
        assert await found(edx, "", who) == (["DemoX", "Empty"] if listed else ["Empty"])
        assert (await edx.told(f"{COURSES}{R}", who))[0] == told
    assert await found(edx, "username=bob", "bob") == (["DemoX", "Empty"] if listed else ["Empty"])
    for who in ("ann", "prof", "staff"):
        assert await found(edx, f"username={who}", who) == ["DemoX", "Empty"]
        hidden = (await edx.body(f"{COURSES}{R}?username={who}", who))["hidden"]
        assert hidden is ("catalog_visibility" in details and not listed)


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("org=EDX", ["DemoX", "Empty"]),
        ("org=the%20x", ["DemoX"]),
        ("org=y", []),
        ("search_term=demox", ["DemoX"]),
        ("search_term=short.%20D-1", ["DemoX"]),
        ("mobile=true", ["DemoX"]),
        ("mobile=0", ["Empty"]),
        ("mobile_search=1", ["DemoX"]),
        ("active_only=True", ["Empty"]),
        ("active_only=false", ["DemoX", "Empty"]),
        (f"course_keys={Q}", ["DemoX"]),
        (f"course_keys={Q},{quote(X)}&course_keys={quote(NO_RUN, safe='')}", ["DemoX", "Empty"]),
        ("permissions=enroll", ["DemoX", "Empty"]),
        ("permissions=see_in_catalog,see_about_page", ["DemoX", "Empty"]),
        ("permissions=staff", []),
        ("permissions=fly", []),
        ("username=prof&permissions=staff", ["DemoX"]),
        ("username=prof&permissions=instructor&permissions=load", ["DemoX"]),
        ("username=PROF", ["DemoX", "Empty"]),
    ],
)
async def test_filters(edx: OpenEdx, query: str, names: list[str]) -> None:
    await change(edx, **PAGE)
    assert await found(edx, query, "prof") == names


@pytest.mark.parametrize(
    ("query", "field"), [("mobile=maybe", "mobile"), ("active_only=2", "active_only"), ("course_keys=x", "course_keys")]
)
async def test_bad_filters(edx: OpenEdx, query: str, field: str) -> None:
    status, body = await edx.told(f"{COURSES}?{query}")
    assert (status, list(body["field_errors"])) == (400, [field])


async def test_course_ids(edx: OpenEdx) -> None:
    status, body = await edx.told(IDS, "ann")  # edx case 5
    assert (status, list(body["field_errors"]["role"])) == (400, ["developer_message"])
    body = await edx.body(f"{IDS}?role=staff&username=prof", "prof")  # edx case 6
    assert (body["results"], body["pagination"]["count"]) == ([R], 1)
    assert (await edx.body(f"{IDS}?role=staff", "prof"))["results"] == []
    assert (await edx.body(f"{IDS}?role=staff&username=ann", "ann"))["results"] == []
    assert (await edx.body(f"{IDS}?role=staff&username=ta", "ta"))["results"] == [R]
    assert (await edx.body(f"{IDS}?role=instructor&username=ta", "ta"))["results"] == []
    assert (await edx.body(f"{IDS}?role=finance", "staff"))["results"] == [R, X]
    assert (await edx.told(f"{IDS}?role=staff&username=prof", "ann"))[0] == 403
    assert (await edx.told(f"{IDS}?role=staff"))[0] == 401


@pytest.mark.parametrize("junk", ["%00", "x%0A", "%F0%9F%92%A9", "a" * 400, "1" * 40, "i4x:%2F%2Fa%2Fb%2Fc%2Fd", "%ff"])
@pytest.mark.parametrize("who", [None, "ann", "staff"])
async def test_junk_is_refused(edx: OpenEdx, junk: str, who: str | None) -> None:
    for path in (
        f"{COURSES}?username={junk}",
        f"{COURSES}?org={junk}&search_term={junk}&page_size={junk}",
        f"{COURSES}{junk}",
        f"{COURSES}course-v1:a+b+{junk}",
        f"{IDS}?role={junk}&username={junk}",
        f"/api/courses/v1/blocks/?course_id={junk}&username={junk}",
        f"/api/courses/v1/blocks/?course_id={Q}&username={junk}&requested_fields={junk}&block_counts={junk}",
        f"/api/courses/v1/blocks/{junk}?username={junk}",
        f"/api/courses/v1/blocks/{BLOCK.format('html', junk)}?all_blocks=1",
        f"/api/courses/v2/block_metadata/{junk}?include={junk}",
    ):
        status, _ = await edx.told(path, who)
        assert status in (200, 400, 401, 403, 404), path
