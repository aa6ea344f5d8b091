"""Cohorts of a course run (contracts/edx-core.md §10, cases 42 to 44 and more)."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select

from app.domain.enrollment.models import DiscussionRole, Enrollment
from app.domain.enrollment.service import drop_enrollment, enroll, update_enrollment
from app.domain.groups.cohorts import create_cohort
from app.domain.groups.models import Filling, Group, GroupInvitation, GroupMembership, GroupSetKind
from app.domain.groups.service import create_group, create_group_set
from app.domain.identity.service import update_user
from tests.domain.proof import key_of
from tests.factories import person
from tests.rest.openedx.conftest import CALLERS, OpenEdx, Q, R, X

pytestmark = pytest.mark.anyio
SETTINGS, COURSE = f"/api/cohorts/v1/settings/{R}", f"/api/cohorts/v1/courses/{R}"
COHORTS = f"{COURSE}/cohorts/"
NONE: dict[str, Any] = {
    "success": True,
    **{name: [] for name in ("added", "changed", "present", "unknown", "preassigned", "invalid")},
}
ANN = {"username": "ann", "email": "ann@uni.example"}
DENIED = {"developer_message": "You do not have permission to perform this action."}


async def made(edx: OpenEdx, name: str = "A", kind: str = "manual") -> int:
    """A new cohort of R."""
    body = await edx.body(COHORTS, "staff", "POST", json={"name": name, "assignment_type": kind})
    key: int = body["id"]
    return key


async def stored(edx: OpenEdx) -> list[int]:
    """How many groups, memberships and invitations there are."""
    tables = (Group, GroupMembership, GroupInvitation)
    return [await edx.filled.admin.db.scalar(select(func.count()).select_from(each)) for each in tables]


async def test_a_cohort_is_made(edx: OpenEdx) -> None:
    status, body = await edx.told(COHORTS, "staff", "POST", json={"name": "A"})  # edx case 42
    assert (status, body["error_code"]) == (400, "missing-assignment-type")
    said = {"name": "A", "assignment_type": "random"}
    body = await edx.body(COHORTS, "staff", "POST", json=said)  # edx case 42
    key = body.pop("id")
    assert body == {**said, "user_count": 0, "user_partition_id": None, "group_id": None}
    assert await edx.body(f"{COHORTS}{key}", "staff") == {"id": key, **body}
    assert await edx.body(f"/api/cohorts/v1/courses/{Q}/cohorts", "staff") == [{"id": key, **body}]


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({}, "missing-cohort-name"),
        ({"assignment_type": "manual"}, "missing-cohort-name"),
        ({"name": "", "assignment_type": "manual"}, "missing-cohort-name"),
        ({"name": ["A"], "assignment_type": "manual"}, "missing-cohort-name"),
        ({"name": "B", "assignment_type": None}, "missing-assignment-type"),
        ({"name": "B", "assignment_type": "lucky"}, "invalid-assignment-type"),
        ({"name": "B", "assignment_type": {"a": 1}}, "invalid-assignment-type"),
        ({"name": "A", "assignment_type": "manual"}, "cohort-name-exists"),
        ({"name": "x" * 256, "assignment_type": "manual"}, None),
        ({"name": "a\0b", "assignment_type": "manual"}, None),
        ([1], "missing-cohort-name"),
    ],
)
async def test_what_cannot_be_made(edx: OpenEdx, said: Any, code: str | None) -> None:
    await made(edx)
    before = await stored(edx)
    status, body = await edx.told(COHORTS, "staff", "POST", json=said)
    assert (status, body.get("error_code"), next(iter(body))) == (400, code, "developer_message")
    assert await stored(edx) == before


async def test_a_cohort_is_changed(edx: OpenEdx) -> None:
    first, second = await made(edx, "A", "random"), await made(edx, "B")
    path = f"{COHORTS}{first}"
    assert await edx.told(path, "staff", "PATCH", json={"name": "C"}) == (204, None)
    for said, code in (
        ({}, "missing-fields"),
        ({"name": "B"}, "cohort-name-exists"),
        ({"assignment_type": "manual"}, "last-random-cohort"),
        ({"assignment_type": "x"}, "invalid-assignment-type"),
    ):
        status, body = await edx.told(path, "staff", "PATCH", json=said)
        assert (status, body["error_code"]) == (400, code)
    assert await edx.told(f"{COHORTS}{second}", "staff", "PATCH", json={"assignment_type": "random"}) == (204, None)
    both = {"name": "D", "assignment_type": "manual"}
    assert await edx.told(path, "staff", "PATCH", json=both) == (204, None)
    found = await edx.body(COHORTS, "staff")
    assert [(each["name"], each["assignment_type"]) for each in found] == [("D", "manual"), ("B", "random")]


async def test_cohorts_come_in_pages_without_an_envelope(edx: OpenEdx) -> None:
    keys = [await made(edx, f"c{number}") for number in range(12)]
    assert [each["id"] for each in await edx.body(COHORTS, "staff")] == keys[:10]
    assert [each["id"] for each in await edx.body(f"{COHORTS}?page=2&page_size=5", "staff")] == keys[5:10]
    assert (await edx.told(f"{COHORTS}?page=3", "staff"))[0] == 404


async def test_people_are_put_into_a_cohort(edx: OpenEdx) -> None:
    first, second = await made(edx), await made(edx, "B")
    said = {"users": ["ann", "", "zed@x.org", "zed", "q@q"]}
    body = await edx.body(f"{COHORTS}{first}/users/", "staff", "POST", json=said)  # edx case 43
    assert body == NONE | {"added": [ANN], "preassigned": ["zed@x.org"], "unknown": ["zed"], "invalid": ["q@q"]}
    body = await edx.body(f"{COHORTS}{second}/users", "staff", "POST", json={"users": ["ANN@uni.example"]})
    assert body == NONE | {"changed": [{**ANN, "previous_cohort": "A"}]}
    assert await edx.body(f"{COHORTS}{second}/users/ann", "staff", "POST") == NONE | {"present": ["ann"]}
    assert await edx.body(f"{COHORTS}{second}/users/zed", "staff", "POST") == NONE | {"unknown": ["zed"]}
    odd: list[Any] = [{}, {"users": []}, {"users": None}, {"users": [1]}, {"users": {"a": 1}}]
    for wrong in odd:
        status, body = await edx.told(f"{COHORTS}{second}/users/", "staff", "POST", json=wrong)
        assert (status, body["error_code"]) == (400, "missing-users")
    found = await edx.body(COHORTS, "staff")
    assert [(each["name"], each["user_count"]) for each in found] == [("A", 0), ("B", 1)]


async def test_whoever_is_invited_enrols_into_the_cohort(edx: OpenEdx) -> None:
    cohort = await made(edx)
    await edx.body(f"{COHORTS}{cohort}/users/", "staff", "POST", json={"users": ["zed@uni.example"]})
    admin = edx.filled.admin
    await enroll(admin, course_instance_id=edx.keys["R"], user_id=await person(admin, "zed"))
    page = await edx.body(f"{COHORTS}{cohort}/users/", "staff")
    assert [each["username"] for each in page["results"]] == ["zed"]


async def test_who_is_in_a_cohort(edx: OpenEdx) -> None:
    cohort = await made(edx)
    await edx.body(f"{COHORTS}{cohort}/users/", "staff", "POST", json={"users": ["bob", "ann"]})
    await update_user(edx.filled.admin, user_id=edx.keys["ann"], given_name="Ann", family_name="Lee")
    await update_user(edx.filled.admin, user_id=edx.keys["bob"], given_name=None, family_name=None)
    page = await edx.body(f"{COHORTS}{cohort}/users/", "staff")
    results = page.pop("results")
    assert results == [
        {**ANN, "name": "Ann Lee"},
        {"username": "bob", "email": "bob@uni.example", "name": " "},
    ]
    assert page == {"next": None, "previous": None, "count": 2, "num_pages": 1, "current_page": 1, "start": 0}
    page = await edx.body(f"{COHORTS}{cohort}/users/?page_size=1", "staff")
    assert [each["username"] for each in page["results"]] == ["ann"]
    assert page["next"].endswith("/users/?page_size=1&page=2")


async def test_a_person_is_taken_out(edx: OpenEdx) -> None:
    cohort = await made(edx)
    users = f"{COHORTS}{cohort}/users/"
    status, body = await edx.told(f"{users}bob", "staff", "DELETE")  # edx case 44
    assert (status, body["error_code"]) == (400, "user-not-in-cohort")
    status, body = await edx.told(f"{users}nobody", "staff", "DELETE")
    assert (status, body["error_code"]) == (404, "user-not-found")
    status, body = await edx.told(users, "staff", "DELETE")
    assert (status, body["error_code"]) == (405, "missing-username")
    await edx.body(users, "staff", "POST", json={"users": ["ann"]})
    assert await edx.told(f"{users}ann", "staff", "DELETE") == (204, None)
    assert (await edx.body(users, "staff"))["count"] == 0


async def test_what_is_asked_of_no_cohort_or_another(edx: OpenEdx) -> None:
    cohort = await made(edx)
    status, body = await edx.told(f"{COHORTS}{cohort}", "staff", "POST", json={})
    assert (status, body["error_code"]) == (405, "wrong-endpoint")
    status, body = await edx.told(COHORTS, "staff", "PATCH", json={})
    assert (status, body["error_code"]) == (405, "missing-cohort-id")
    admin = edx.filled.admin
    place: dict[str, Any] = {"course_instance_id": edx.keys["R"]}
    teams = await create_group_set(admin, **place, name="Teams")
    team = await create_group(admin, group_set_id=teams, name="Team")
    foreign = await create_cohort(admin, course_instance_id=edx.keys["X"], name="F", filling=Filling.MANUAL)
    for key in (team, foreign, 999_999, 2**31, 2**70, "x", "-1", "%00", "1.0", "٣"):
        path = f"{COHORTS}{key}"
        for method, where, said in (
            ("GET", path, None),
            ("PATCH", path, {"name": "x"}),
            ("GET", f"{path}/users/", None),
            ("POST", f"{path}/users/", {"users": ["ann"]}),
            ("DELETE", f"{path}/users/ann", None),
        ):
            assert (await edx.told(where, "staff", method, json=said))[0] == 404, where
    assert (await stored(edx))[1] == 0


async def test_whether_there_are_cohorts(edx: OpenEdx) -> None:
    key = edx.keys["R"]
    assert await edx.body(SETTINGS, "staff") == {"id": key, "is_cohorted": False}
    assert await edx.body(SETTINGS, "staff", "PUT", json={"is_cohorted": True}) == {"id": key, "is_cohorted": True}
    for wrong in ({}, {"is_cohorted": "yes"}, {"is_cohorted": None}, {"is_cohorted": 1}, [True], "x"):
        status, body = await edx.told(SETTINGS, "staff", "PUT", json=wrong)
        assert (status, list(body)) == (400, ["developer_message"])
    broken = await edx.told(SETTINGS, "staff", "PUT", content=b"{", headers={"Content-Type": "application/json"})
    assert broken[0] == 400
    assert await edx.body(SETTINGS, "staff") == {"id": key, "is_cohorted": True}
    admin = edx.filled.admin
    await enroll(admin, course_instance_id=key, user_id=edx.keys["bob"])
    [default] = await edx.body(COHORTS, "staff")
    assert (default["name"], default["assignment_type"], default["user_count"]) == ("Default Group", "random", 2)


@pytest.mark.parametrize("who", CALLERS)
async def test_only_global_staff(edx: OpenEdx, who: str | None) -> None:
    cohort = await made(edx)
    expected = {None: 401, "staff": 200}.get(who, 403)
    before = await stored(edx)
    one, users = f"{COHORTS}{cohort}", f"{COHORTS}{cohort}/users/"
    for method, path, said in (
        ("GET", SETTINGS, None),
        ("PUT", SETTINGS, {"is_cohorted": False}),
        ("GET", COHORTS, None),
        ("GET", one, None),
        ("GET", users, None),
    ):
        status, body = await edx.told(path, who, method, json=said)
        assert (status, path) == (expected, path)
        if status == 403:
            assert body == DENIED
    if who == "staff":
        return
    writes: list[tuple[str, str, Any]] = [
        ("POST", COHORTS, {"name": "N", "assignment_type": "manual"}),
        ("PATCH", one, {"name": "N"}),
        ("POST", users, {"users": ["ann"]}),
        ("DELETE", f"{users}bob", None),  # edx case 44
        ("POST", f"{COURSE}/users", {}),
    ]
    for method, path, sent in writes:
        assert (await edx.told(path, who, method, json=sent))[0] == expected
    assert await stored(edx) == before


async def test_who_looks_after_discussions_sees_cohorts(edx: OpenEdx) -> None:
    """contracts/edx-core.md §10: reads of cohorts; neither settings nor writes, nor who is in them."""
    cohort, admin = await made(edx), edx.filled.admin
    enrollment_id = await key_of(admin, Enrollment, user_id=edx.keys["ann"])
    await update_enrollment(admin, enrollment_id=enrollment_id, discussion_role=DiscussionRole.COMMUNITY_ASSISTANT)
    before = await stored(edx)
    assert await edx.body(COHORTS, "ann") == await edx.body(COHORTS, "staff")
    assert (await edx.body(f"{COHORTS}{cohort}", "ann"))["name"] == "A"
    writes: list[tuple[str, str, Any]] = [
        ("GET", SETTINGS, None),
        ("GET", f"{COHORTS}{cohort}/users/", None),
        ("PUT", SETTINGS, {"is_cohorted": True}),
        ("POST", COHORTS, {"name": "N", "assignment_type": "manual"}),
        ("PATCH", f"{COHORTS}{cohort}", {"name": "N"}),
        ("POST", f"{COHORTS}{cohort}/users/", {"users": ["ann"]}),
        ("POST", f"{COURSE}/users", {}),
    ]
    for method, path, sent in writes:
        assert await edx.told(path, "ann", method, json=sent) == (403, DENIED)
    assert await stored(edx) == before
    await drop_enrollment(admin, enrollment_id=enrollment_id)
    assert (await edx.told(COHORTS, "ann"))[0] == 403


async def test_no_such_run(edx: OpenEdx) -> None:
    for run in ("course-v1:no+such+run", "course-v1:a+b+c/d", "a/b/c", "a+b+%00"):
        for path in (f"/api/cohorts/v1/settings/{run}", f"/api/cohorts/v1/courses/{run}/cohorts/"):
            assert (await edx.told(path, "staff"))[0] == 404
    assert await edx.body(f"/api/cohorts/v1/courses/{X}/cohorts/", "staff") == []


async def test_a_cohort_tells_its_content_group(edx: OpenEdx) -> None:
    admin = edx.filled.admin
    place: dict[str, Any] = {"course_instance_id": edx.keys["R"]}
    parts = await create_group_set(admin, **place, name="Parts", kind=GroupSetKind.AUDIENCES)
    part = await create_group(admin, group_set_id=parts, name="Part")
    cohort = await create_cohort(admin, **place, name="A", filling=Filling.MANUAL, audience_id=part)
    body = await edx.body(f"{COHORTS}{cohort}", "staff")
    assert (body["user_partition_id"], body["group_id"]) == (parts, part)
