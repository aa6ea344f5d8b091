"""Enrolling, claim by claim: what is checked first, which track, what stays (contracts/edx-core.md §6.2, §6.3)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from app.domain.catalog.models import EnrollmentMethod
from app.domain.enrollment.models import Enrollment, EnrollmentTrack
from app.domain.enrollment.offerings import update_course_instance
from app.domain.enrollment.service import enroll
from app.domain.enrollment.tracks import create_enrollment_track, update_enrollment_track
from app.domain.groups.cohorts import create_cohort
from app.domain.groups.models import Filling
from tests.clock import NOW
from tests.domain.proof import key_of
from tests.factories import person
from tests.rest.openedx.conftest import OpenEdx, R, X
from tests.rest.openedx.test_enrollment import ANN, BOB, ONE, V1, post

pytestmark = pytest.mark.anyio
LIST = V1 + "/enrollments/"
DAY = timedelta(days=1)
CLOSED = {
    "message": f"An error occurred while creating the new course enrollment for user 'bob' in course '{R}'",
}


async def change(edx: OpenEdx, **details: Any) -> None:
    """R says something else."""
    await update_course_instance(edx.filled.admin, course_instance_id=edx.keys["R"], **details)


async def offer(edx: OpenEdx, *slugs: str) -> None:
    """These are the tracks of R."""
    await edx.filled.admin.db.execute(delete(EnrollmentTrack))
    for slug in slugs:
        price: dict[str, Any] = {"min_price": 49} if slug == "verified" else {}
        await create_enrollment_track(
            edx.filled.admin, course_instance_id=edx.keys["R"], slug=slug, name=slug.title(), **price
        )


@pytest.mark.parametrize(
    ("who", "changes", "status"),
    [
        ("bob", {"course_details": {}, "user": "ann"}, 400),
        ("bob", {"course_details": {"course_id": "junk"}, "user": "ann"}, 400),
        ("bob", {"user": "ann", "mode": "verified"}, 404),
        ("bob", {"email": "no@x.org", "mode": "verified"}, 404),
        ("bob", {"mode": "verified", "is_active": "no"}, 403),
        ("staff", {"email": "no@x.org", "is_active": "no"}, 406),
        ("staff", {"user": "nobody", "is_active": "no", "mode": "gold"}, 406),
        ("staff", {"user": "bob", "is_active": "no", "mode": "gold"}, 400),
    ],
)
async def test_what_is_checked_first(edx: OpenEdx, who: str, changes: dict[str, Any], status: int) -> None:
    assert (await post(edx, who, **changes))[0] == status
    assert await edx.body(ONE + "?user=bob", "staff") == []


async def test_a_closed_country_comes_after_an_unknown_user_and_before_flags(edx: OpenEdx) -> None:
    await change(edx, closed_networks=["0.0.0.0/0"])
    assert (await post(edx, "staff", user="nobody"))[0] == 406
    status, body = await post(edx, "bob", is_active="no")
    assert (status, body["user_message_url"].startswith("http://test/")) == (403, True)


@pytest.mark.parametrize(
    ("slugs", "mode"), [(("audit", "honor"), "audit"), (("verified", "honor"), "honor"), ((), "audit")]
)
async def test_the_track_of_who_names_none(edx: OpenEdx, slugs: tuple[str, ...], mode: str) -> None:
    await offer(edx, *slugs)
    status, body = await post(edx, "bob")
    assert (status, body["mode"], body["is_active"]) == (200, mode, True)


async def test_a_run_of_paid_tracks_is_not_entered_for_nothing(edx: OpenEdx) -> None:
    await offer(edx, "verified")
    status, body = await post(edx, "bob")
    text = f"The [audit] course mode is expired or otherwise unavailable for course run [{R}]."
    assert (status, body["message"], body["course_details"]["course_id"]) == (400, text, R)
    assert await edx.body(ONE + "?user=bob", "staff") == []


@pytest.mark.parametrize(
    "details",
    [
        {"enrollment_end_at": NOW},
        {"enrollment_start_at": NOW + DAY},
        {"enrollment_method": EnrollmentMethod.INSTRUCTOR_LED},
        {"max_learners": 1},
    ],
)
async def test_runs_that_take_nobody_in(edx: OpenEdx, details: dict[str, Any]) -> None:
    await change(edx, **details)
    assert await post(edx, "bob") == (400, CLOSED)
    assert await post(edx, "bob", force_enrollment=True) == (400, CLOSED)
    assert await edx.body(ONE + "?user=bob", "staff") == []
    assert (await post(edx, "staff", user="bob", force_enrollment=True))[0] == 200
    status, body = await post(edx, "ann")
    assert (status, body["mode"], body["is_active"], body["created"]) == (200, "audit", True, ANN["created"])


async def test_who_comes_back_began_when_they_began(edx: OpenEdx) -> None:
    long_ago = NOW - 300 * DAY
    await edx.filled.admin.db.execute(update(Enrollment).values(enrolled_at=long_ago))
    began = {**ANN, "created": long_ago.isoformat().replace("+00:00", "Z")}
    for active in (False, True, False):
        assert await post(edx, "staff", user="ann", is_active=active) == (200, {**began, "is_active": active})
    assert await post(edx, "ann") == (200, began)
    assert await post(edx, "ann", is_active=False) == (200, began)


async def test_a_track_that_is_over_can_be_left_and_not_entered(edx: OpenEdx) -> None:
    admin = edx.filled.admin
    track = await key_of(admin, EnrollmentTrack, slug="verified")
    assert (await post(edx, "staff", user="ann", mode="verified"))[0] == 200
    await update_enrollment_track(admin, enrollment_track_id=track, expires_at=NOW - DAY)
    status, body = await post(edx, "staff", user="ann", mode="verified", is_active=False)
    assert (status, body["mode"], body["is_active"]) == (200, "verified", False)
    assert (await post(edx, "staff", user="ann", mode="verified"))[0] == 400
    assert (await edx.body(f"{ONE}/ann,{R}", "staff"))["is_active"] is False


async def test_attributes_that_are_none(edx: OpenEdx) -> None:
    for wrong in ("x", [1], [{"namespace": "a", "name": "b"}], [{"namespace": "a", "name": 1, "value": "c"}]):
        status, body = await post(edx, "bob", enrollment_attributes=wrong)
        assert (status, list(body)) == (400, ["message", "localizedMessage"])
    assert await edx.body(ONE, "bob") == []


async def test_an_unknown_cohort_is_told_when_the_enrolment_is_made(edx: OpenEdx) -> None:
    await create_cohort(edx.filled.admin, course_instance_id=edx.keys["R"], name="Red", filling=Filling.MANUAL)
    status, body = await post(edx, "staff", user="bob", cohort="Green")
    assert (status, list(body)) == (400, ["message"])
    assert await edx.body(ONE + "?user=bob", "staff") == [BOB]
    assert await post(edx, "staff", user="bob", cohort="Red") == (200, BOB)


async def test_the_newest_enrolments_come_first_in_pages(edx: OpenEdx) -> None:
    admin, own = edx.filled.admin, Enrollment
    keys = {"ann": edx.keys["ann"], "bob": edx.keys["bob"], "cat": await person(admin, "cat")}
    for name in ("bob", "cat"):
        await enroll(admin, course_instance_id=edx.keys["R"], user_id=keys[name])
    for days, name in enumerate(keys):
        await admin.db.execute(update(own).where(own.user_id == keys[name]).values(enrolled_at=NOW - days * DAY))
    names: list[str] = []
    place: str | None = f"{LIST}?page_size=2&course_ids=Demo"
    while place:
        page = await edx.body(place, "staff")
        names += [each["user"] for each in page["results"]]
        assert len(page["results"]) <= 2
        place = page["next"]
    assert names == ["ann", "bob", "cat"]
    assert len((await edx.body(f"{LIST}?page_size=1000", "staff"))["results"]) == 3
    assert (await edx.body(f"{LIST}?course_ids=Empty,zzz", "staff"))["results"] == []
    assert [each["user"] for each in (await edx.body(f"{ONE}?user=cat", "staff"))] == ["cat"]


@pytest.mark.parametrize("name", ["course_ids", "email", "username"])
async def test_lists_of_names_have_an_end(edx: OpenEdx, name: str) -> None:
    status, body = await edx.told(LIST, "staff", params={name: ",".join(["a"] * 101)})
    assert (status, list(body["field_errors"])) == (400, [name])
    assert (await edx.told(LIST, "staff", params={name: ",".join(["a"] * 100)}))[0] == 200


async def test_junk_cursors_are_not_found(edx: OpenEdx) -> None:
    for junk in ("junk", "WyJ4Il0=", "W10", "bnVsbA==", "\0", "é"):
        assert await edx.told(LIST, "staff", params={"cursor": junk}) == (
            404,
            {"developer_message": "Invalid cursor"},
        )


async def test_ones_enrolments_are_told_from_the_oldest(edx: OpenEdx) -> None:
    admin, own = edx.filled.admin, Enrollment
    await enroll(admin, course_instance_id=edx.keys["X"], user_id=edx.keys["ann"])
    await admin.db.execute(update(own).where(own.course_instance_id == edx.keys["X"]).values(enrolled_at=NOW - DAY))
    assert [each["course_details"]["course_id"] for each in await edx.body(ONE, "ann")] == [X, R]
    assert await admin.db.scalar(select(own.id).where(own.user_id == edx.keys["bob"])) is None
