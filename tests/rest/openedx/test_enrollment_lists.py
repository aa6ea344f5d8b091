"""Lists of enrolments, roles, and servers that ask by their key (contracts/edx-core.md §6, cases 30, 32 and more)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from starlette.applications import Starlette

from app.domain.enrollment.models import Role
from app.domain.enrollment.service import create_enrollment_role, enroll
from app.domain.enrollment.tracks import create_enrollment_track
from app.domain.identity.service import update_user
from tests.clock import NOW
from tests.rest.openedx.conftest import OpenEdx, R
from tests.rest.openedx.test_enrollment import ANN, BOB, ONE, TIME, V1, body, post

pytestmark = pytest.mark.anyio


async def test_the_list_for_global_staff(edx: OpenEdx) -> None:
    path = V1 + "/enrollments"
    await post(edx, "bob")
    await post(edx, "staff", user="ann", is_active=False)
    ann = {"created": TIME, "mode": "audit", "is_active": False, "user": "ann", "course_id": R}
    bob = ann | {"is_active": True, "user": "bob"}
    everything = await edx.body(path, "staff")
    assert (everything["next"], everything["previous"]) == (None, None)
    assert sorted(everything["results"], key=lambda each: each["user"]) == [ann, bob]
    first = await edx.body(path + "/?page_size=1", "staff")
    second = await edx.body(first["next"], "staff")
    assert sorted([*first["results"], *second["results"]], key=lambda each: each["user"]) == [ann, bob]
    for query, found in (
        (f"username=ann&course_id={R.replace('+', '%2B')}", [ann]),
        ("username=ann,nobody", [ann]),
        ("course_ids=Demo_Course,zzz&email=bob@uni.example", [bob]),
        ("course_id=a/b/c", []),  # edx case 30
        ("username=nobody", []),
        ("email=no@x.org", []),
    ):
        assert (await edx.body(f"{path}?{query}", "staff"))["results"] == found
    wrong: list[tuple[str, str]] = [("course_id=1", "course_id"), ("username=1*2", "username")]  # edx case 30
    wrong += [("username=" + ",".join(["a"] * 101), "username"), ("email=%00", "email"), ("course_id=", "course_id")]
    for query, name in wrong:
        status, told = await edx.told(f"{path}?{query}", "staff")
        assert (status, list(told["field_errors"])) == (400, [name])
    for who, status in ((None, 401), ("ann", 403), ("prof", 403), ("ta", 403)):  # edx case 30
        assert (await edx.told(path + "?course_id=a/b/c", who))[0] == status


async def test_roles(edx: OpenEdx) -> None:
    staff = {"org": "edX", "course_id": R, "role": "staff"}
    quoted = R.replace("+", "%2B")
    found = await edx.body(f"{V1}/roles/?course_id={quoted}", "prof")
    assert found == {"roles": [staff], "is_staff": False}  # edx case 32
    assert await edx.body(f"{V1}/roles/?courseId=whatever", "prof") == {"roles": [staff], "is_staff": False}
    assert await edx.body(f"{V1}/roles/?course_id=%00", "prof") == {"roles": [], "is_staff": False}
    assert (await edx.body(f"{V1}/roles/", "ta"))["roles"] == [staff | {"role": "limited_staff"}]
    assert await edx.body(f"{V1}/roles/", "ann") == {"roles": [], "is_staff": False}
    assert await edx.body(f"{V1}/roles/", "staff") == {"roles": [], "is_staff": True}
    assert (await edx.told(f"{V1}/roles/"))[0] == 401
    admin = edx.filled.admin
    tester = await create_enrollment_role(admin, key="beta_testers", name="Tester", role=Role.STUDENT)
    here: dict[str, Any] = {"course_instance_id": edx.keys["R"], "user_id": edx.keys["bob"]}
    await enroll(admin, **here, enrollment_role_id=tester)
    assert (await edx.body(f"{V1}/roles/", "bob"))["roles"] == [staff | {"role": "beta_testers"}]


async def test_who_is_to_be_forgotten_leaves_everything(edx: OpenEdx) -> None:
    path = V1 + "/unenroll/"
    assert await edx.told(path, "staff", "POST", json={}) == (404, "Username not specified.")
    for name in ("ann", "nobody", "\x00", 5, ["ann"]):
        found = await edx.told(path, "staff", "POST", json={"username": name})
        assert found == (404, "No retirement request status for username.")
    await update_user(edx.filled.admin, user_id=edx.keys["ann"], retirement_requested_at=NOW)
    for who, status in ((None, 401), ("ann", 403), ("prof", 403)):
        assert (await edx.told(path, who, "POST", json={"username": "ann"}))[0] == status
    assert await edx.body(ONE, "ann") == [ANN]
    assert await edx.told(path, "staff", "POST", json={"username": "ann"}) == (200, ["edX"])
    assert await edx.body(ONE, "ann") == []
    assert await edx.told(path, "staff", "POST", data={"username": "ann"}) == (204, None)


async def test_another_server_asks_by_its_key(app: Starlette, edx: OpenEdx) -> None:
    app.state.settings = replace(app.state.settings, openedx_api_key="right")
    key = {"X-Edx-Api-Key": "right"}
    assert await edx.body(ONE + "?user=ann", headers=key) == [ANN]
    assert await edx.body(ONE, headers=key) == []
    assert await edx.body(f"{ONE}/ann,{R}", headers=key) == ANN
    assert await edx.told(f"{ONE}/{R}", headers=key) == (404, None)
    assert await edx.body(ONE, None, "POST", headers=key, json=body(user="bob", mode="verified")) == BOB | {
        "mode": "verified"
    }
    assert await edx.told(ONE, None, "POST", headers=key, json=body()) == (
        406,
        {"message": "The user None does not exist."},
    )
    for wrong in ("wrong", ""):
        assert (await edx.told(ONE + "?user=ann", headers={"X-Edx-Api-Key": wrong}))[0] == 401
    for path in (V1 + "/enrollments", V1 + "/roles/", f"/api/course_modes/v1/courses/{R}/"):
        assert (await edx.told(path, headers=key))[0] == 401


async def test_an_expired_mode_is_good_enough_for_another_server(app: Starlette, edx: OpenEdx) -> None:
    app.state.settings = replace(app.state.settings, openedx_api_key="right")
    ends: dict[str, Any] = {"name": "Honor", "expires_at": NOW - timedelta(days=1)}
    await create_enrollment_track(edx.filled.admin, course_instance_id=edx.keys["R"], slug="honor", **ends)
    assert (await post(edx, "staff", user="ann", mode="honor"))[0] == 400
    key = {"X-Edx-Api-Key": "right"}
    found = await edx.body(ONE, None, "POST", headers=key, json=body(user="ann", mode="honor"))
    assert (found["mode"], found["is_active"], found["created"]) == ("honor", True, TIME)
