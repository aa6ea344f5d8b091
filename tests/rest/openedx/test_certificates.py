"""Certificates of Open edX (contracts/edx-core.md §14; case 50 and more)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.domain.enrollment.models import Enrollment
from app.domain.enrollment.offerings import update_course_instance
from app.domain.enrollment.service import update_enrollment
from app.domain.grades.models import Certificate
from app.domain.grades.overrides import override_grade
from app.domain.identity.institution import update_profile
from app.domain.identity.service import update_user
from tests.clock import NOW
from tests.rest.openedx.conftest import CALLERS, OpenEdx, R

pytestmark = pytest.mark.anyio
LIST = "/api/certificates/v0/certificates/ann/"
ONE = f"{LIST}courses/{R}/"
NONE = {"error_code": "no_certificate_for_user"}


async def passed(edx: OpenEdx, points: float = 1.76) -> str:
    """Let ann, in a track with certificates, reach so many of two points; the certificate's uuid."""
    who = (Enrollment.user_id == edx.keys["ann"], Enrollment.course_instance_id == edx.keys["R"])
    key = await edx.filled.admin.db.scalar(select(Enrollment.id).where(*who))
    await update_enrollment(edx.filled.admin, enrollment_id=key, track="verified")
    keys: dict[str, Any] = {"assessment_id": edx.keys["assessment"], "user_id": edx.keys["ann"]}
    await override_grade(edx.filled.by("prof"), **keys, points=points)
    uuid = await edx.filled.admin.db.scalar(select(Certificate.uuid))
    assert isinstance(uuid, str)
    return uuid


async def test_nobody_has_one_yet(edx: OpenEdx) -> None:
    assert await edx.told(ONE, "ann") == (404, NONE)  # edx case 50
    assert await edx.body(LIST, "ann") == []
    assert await edx.told(ONE, "staff") == (404, NONE)


async def test_a_certificate(edx: OpenEdx) -> None:
    uuid = await passed(edx)
    one = await edx.body(ONE, "ann")
    told: dict[str, Any] = {"username": "ann", "course_id": R, "certificate_type": "verified", "grade": "0.88"}
    told |= {"status": "downloadable", "is_passing": True, "download_url": f"/certificates/{uuid}"}
    assert one == told | {"created_date": one["created_date"]}
    (row,) = await edx.body(LIST, "ann")
    more = {"course_display_name": "DemoX Course", "course_organization": "edX", "uuid": uuid}
    assert row == told | more | dict.fromkeys(("created_date", "modified_date"), one["created_date"])
    assert await edx.body(LIST, "staff") == [row]


async def test_a_run_without_certificates(edx: OpenEdx) -> None:
    uuid = await passed(edx)
    here: dict[str, Any] = {"course_instance_id": edx.keys["R"]}
    await update_course_instance(edx.filled.admin, **here, has_certificates=False)
    for who in ("ann", "staff"):
        assert await edx.told(ONE, who) == (404, {"error_code": "no_certificate_configuration_for_course"})
        assert await edx.body(LIST, who) == []
    assert (await edx.get(f"/certificates/{uuid}")).status_code == 404
    assert (await edx.body(f"/api/course_home/progress/{R}", "ann"))["certificate_data"] is None
    assert (await edx.body(f"/api/course_home/outline/{R}", "ann"))["cert_data"] is None
    await update_course_instance(edx.filled.admin, **here, has_certificates=True)
    assert [row["uuid"] for row in await edx.body(LIST, "ann")] == [uuid]


async def test_one_that_is_to_be_shown_later(edx: OpenEdx) -> None:
    uuid = await passed(edx)
    here: dict[str, Any] = {"course_instance_id": edx.keys["R"]}
    progress = f"/api/course_home/progress/{R}"
    shown = {"cert_status": "downloadable", "cert_web_view_url": f"/certificates/{uuid}", "download_url": None}
    later = {**shown, "cert_status": "earned_but_not_available", "cert_web_view_url": None}
    for days, is_self_paced, told in ((1, False, later), (0, False, shown), (1, True, shown)):
        date = NOW + timedelta(days=days)
        changes: dict[str, Any] = {"certificate_available_at": date, "is_self_paced": is_self_paced}
        await update_course_instance(edx.filled.admin, **here, **changes)
        said = f"{date:%Y-%m-%dT%H:%M:%SZ}"
        body = await edx.body(progress, "ann")
        assert body["certificate_data"] == {**told, "certificate_available_date": said}
        is_shown = told is shown
        assert [row["uuid"] for row in await edx.body(LIST, "ann")] == [uuid] * is_shown
        one = await edx.body(ONE, "ann")
        assert (one["is_passing"], one["download_url"]) == (True, told["cert_web_view_url"])
        assert (await edx.get(f"/certificates/{uuid}")).status_code == (200 if is_shown else 404)


async def test_a_learner_who_has_passed_changes_to_a_track_with_certificates(edx: OpenEdx) -> None:
    keys: dict[str, Any] = {"assessment_id": edx.keys["assessment"], "user_id": edx.keys["ann"]}
    await override_grade(edx.filled.by("prof"), **keys, points=1.76)
    assert await edx.told(ONE, "ann") == (404, NONE)
    sent = {"user": "ann", "course_details": {"course_id": R}, "mode": "verified"}
    await edx.body("/api/enrollment/v1/enrollment", "staff", "POST", json=sent)
    one = await edx.body(ONE, "ann")
    assert (one["certificate_type"], one["grade"], one["status"]) == ("verified", "0.88", "downloadable")


async def test_the_page_of_a_certificate(edx: OpenEdx) -> None:
    uuid = await passed(edx)
    for who in (None, "ann", "other"):
        page = await edx.get(f"/certificates/{uuid}", who)
        assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
        policy = page.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; style-src 'sha256-")
        for text in ("Ann", "DemoX Course", "edX", f'<time datetime="{NOW:%Y-%m-%d}">1 October 2024</time>', uuid):
            assert text in page.text
        assert "0.88" not in page.text
    assert (await edx.get(f"/certificates/{uuid}/")).status_code == 200


async def test_names_on_the_page_are_escaped(edx: OpenEdx) -> None:
    uuid = await passed(edx)
    await update_user(edx.filled.admin, user_id=edx.keys["ann"], name="<b>Ann & Bo</b>")
    assert "&lt;b&gt;Ann &amp; Bo&lt;/b&gt;" in (await edx.get(f"/certificates/{uuid}")).text


async def test_pages_of_no_certificate(edx: OpenEdx) -> None:
    uuid = await passed(edx)
    await passed(edx, 0.0)
    for path in (uuid, "0" * 32, "junk", "x" * 5000, "%F0%9F%8E%93", "ann"):
        page = await edx.get(f"/certificates/{path}")
        assert (page.status_code, page.headers["content-type"]) == (404, "text/html; charset=utf-8")
        assert "No such certificate" in page.text
        assert "Ann" not in page.text
    for path in ("%00", "%0a", "a/b", ""):
        assert (await edx.get(f"/certificates/{path}")).status_code == 404
    assert (await edx.send("POST", f"/certificates/{uuid}", "ann")).status_code == 405


async def test_a_certificate_that_is_no_pass_any_more(edx: OpenEdx) -> None:
    await passed(edx)
    await passed(edx, 0.0)
    one = await edx.body(ONE, "ann")
    assert (one["status"], one["is_passing"], one["download_url"], one["grade"]) == ("notpassing", False, None, "0.0")
    assert await edx.body(LIST, "ann") == []


@pytest.mark.parametrize("who", CALLERS)
async def test_certificates_are_ones_own(edx: OpenEdx, who: str | None) -> None:
    await passed(edx)
    status = {None: 401, "ann": 200, "staff": 200}.get(who, 403)
    assert (await edx.told(LIST, who))[0] == status
    assert (await edx.told(ONE, who))[0] == status
    await update_profile(edx.filled.by("ann"), user_id=edx.keys["ann"], shows_certificates=True)
    found, rows = await edx.told(LIST, who)
    assert found == (401 if who is None else 200)
    assert who is None or [row["grade"] for row in rows] == ["0.88"]
    assert (await edx.told(ONE, who))[0] == status


async def test_people_and_runs_that_are_not_there(edx: OpenEdx) -> None:
    nobody = "/api/certificates/v0/certificates/nobody/"
    assert await edx.body(nobody, "staff") == []
    assert (await edx.told(nobody, "ann"))[0] == 403
    assert (await edx.told(LIST.replace("ann", "%00"), "ann"))[0] == 404
    for path, who, code in (
        (f"{nobody}courses/{R}/", "staff", "no_certificate_for_user"),
        (f"{LIST}courses/course-v1:no+such+run/", "ann", "no_certificate_for_user"),
        (f"{LIST}courses/a+b+c/", "ann", "course_id_not_valid"),
    ):
        assert await edx.told(path, who) == (404, {"error_code": code})
