"""Mails, closed countries, prices (contracts/edx-core.md §21, case 58 and more)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import jwt
import pytest
from sqlalchemy import select
from starlette.applications import Starlette

from app.domain.enrollment.models import Enrollment
from app.domain.enrollment.offerings import update_course_instance
from app.domain.enrollment.service import update_enrollment
from app.domain.identity.institution import update_profile
from app.domain.progress.models import LearnerRecord
from tests.domain.proof import key_of
from tests.rest.openedx.conftest import CALLERS, OpenEdx, R, X

pytestmark = pytest.mark.anyio
MAILS, ACCESS = "/api/change_email_settings", "/api/embargo/v1/course_access/"
NO_RUN = "course-v1:no+such+run"


async def wishes(edx: OpenEdx) -> list[bool]:
    """Whether people want mails, as it is stored."""
    found = await edx.filled.admin.db.fetch(select(LearnerRecord.receives_email).order_by(LearnerRecord.id))
    return [row[0] for row in found]


async def test_mails_are_wanted_or_not(edx: OpenEdx) -> None:
    for sent, wanted in (({}, False), ({"receive_emails": "on"}, True), ({"receive_emails": False}, False)):
        assert await edx.body(MAILS, "ann", "POST", json={"course_id": R, **sent}) == {"success": True}
        assert await wishes(edx) == [wanted]
    assert await edx.body(MAILS, "ann", "POST", data={"course_id": R, "receive_emails": "on"}) == {"success": True}
    assert await wishes(edx) == [True]


@pytest.mark.parametrize("who", CALLERS)
async def test_who_may_want_mails(edx: OpenEdx, who: str | None) -> None:
    status = {None: 401, "other": 404}.get(who, 200)
    assert (await edx.told(MAILS, who, "POST", json={"course_id": R}))[0] == status
    assert await wishes(edx) == [False] * (status == 200)


@pytest.mark.parametrize("key", [None, "", "no-key", NO_RUN, 5, [R], "\x00"])
async def test_mails_of_no_course_run(edx: OpenEdx, key: Any) -> None:
    assert (await edx.told(MAILS, "ann", "POST", json={"course_id": key}))[0] == 400
    assert await wishes(edx) == []


async def test_countries_and_networks(edx: OpenEdx) -> None:
    params: dict[str, Any] = {"course_ids": [R, X], "user": "ann", "ip_address": "192.0.2.1"}
    assert await edx.body(ACCESS, "staff", params=params) == {"access": True}
    here: dict[str, Any] = {"course_instance_id": edx.keys["X"]}
    await update_course_instance(edx.filled.admin, **here, closed_countries=["NO"], closed_networks=["198.51.100.0/24"])
    assert await edx.body(ACCESS, "staff", params=params) == {"access": True}
    address = params | {"ip_address": "198.51.100.9"}
    assert await edx.body(ACCESS, "staff", params=address) == {"access": False}
    assert await edx.body(ACCESS, "staff", params=address | {"course_ids": R}) == {"access": True}
    await update_profile(edx.filled.admin, user_id=edx.keys["ann"], country="Norway")
    assert await edx.body(ACCESS, "staff", params=params) == {"access": False}
    assert await edx.body(ACCESS, "staff", params=params | {"user": "bob"}) == {"access": True}


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"course_ids": None}, "Missing parameters"),
        ({"user": None}, "Missing parameters"),
        ({"user": "nobody"}, "Missing parameters"),
        ({"user": "\x00"}, "Missing parameters"),
        ({"ip_address": None}, "Missing parameters"),
        ({"course_ids": "no-key"}, "Invalid course_ids"),
        ({"course_ids": [R, "\x00"]}, "Invalid course_ids"),
    ],
)
async def test_what_is_missing(edx: OpenEdx, changes: dict[str, Any], told: str) -> None:
    params = {"course_ids": R, "user": "ann", "ip_address": "192.0.2.1", **changes}
    given = {name: value for name, value in params.items() if value is not None}
    assert await edx.told(ACCESS, "staff", params=given) == (400, [told])


async def test_only_global_staff_ask_for_others(edx: OpenEdx) -> None:
    assert await edx.told(ACCESS, "staff") == (400, ["Missing parameters"])  # edx case 58
    for who in CALLERS[1:-1]:
        assert (await edx.told(ACCESS, who))[0] == 403  # edx case 58
    assert (await edx.told(ACCESS))[0] == 401  # edx case 58


async def test_discounts(edx: OpenEdx) -> None:
    own, of_ann = f"/api/discounts/course/{R}", f"/api/discounts/user/{edx.keys['ann']}/course/{R}"
    for path, who in ((own, "ann"), (own, "bob"), (of_ann, "staff")):
        found = await edx.body(path, who)
        claims = jwt.decode(found["jwt"], options={"verify_signature": False})
        told = (found["discount_applicable"], claims["discount_applicable"], claims["discount_percent"])
        assert told == (False, False, 15)
    key = await key_of(edx.filled.admin, Enrollment, user_id=edx.keys["ann"], course_instance_id=edx.keys["R"])
    await update_enrollment(edx.filled.admin, enrollment_id=key, discount_percent=20.0)
    for path, who, is_applicable in ((own, "ann", True), (own, "bob", False), (of_ann, "staff", True)):
        found = await edx.body(path, who)
        claims = jwt.decode(found["jwt"], options={"verify_signature": False})
        assert found["discount_applicable"] is is_applicable
        assert claims["discount_percent"] == (20 if is_applicable else 15)


async def test_who_sees_discounts(edx: OpenEdx) -> None:
    for who in CALLERS:
        assert (await edx.told(f"/api/discounts/course/{R}", who))[0] == (200 if who else 401)
        status = {None: 401, "staff": 200}.get(who, 403)
        assert (await edx.told(f"/api/discounts/user/{edx.keys['ann']}/course/{R}", who))[0] == status
    for path in (
        f"course/{NO_RUN}",
        f"user/{edx.keys['ann']}/course/{NO_RUN}",
        f"user/0/course/{R}",
        f"user/x/course/{R}",
    ):
        status, told = await edx.told(f"/api/discounts/{path}", "staff")
        assert (status, list(told)) == (404, ["developer_message"])
    assert (await edx.told(f"/api/discounts/user/{2**80}/course/{R}", "staff"))[0] == 404


async def test_another_server_asks_by_its_key(app: Starlette, edx: OpenEdx) -> None:
    app.state.settings = replace(app.state.settings, openedx_api_key="right")
    key = {"X-Edx-Api-Key": "right"}
    assert (await edx.body(f"/api/discounts/course/{R}", headers=key))["discount_applicable"] is False
    assert (await edx.told(f"/api/discounts/user/{edx.keys['ann']}/course/{R}", headers=key))[0] == 401
