"""Course runs derived from others (contracts/edx-core.md §20, case 56)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import select

from app.domain.catalog.models import CourseInstance
from app.domain.enrollment.offerings import update_course_instance
from tests.domain.proof import everything
from tests.rest.openedx.conftest import CALLERS, C, H, OpenEdx, Q, R, X

pytestmark = pytest.mark.anyio
PATH = "/api/ccx/v0/ccx/"
NEW = {
    "master_course_id": R,
    "coach_email": "bob@uni.example",
    "display_name": "Small",
    "max_students_allowed": 10,
}
KEY = "ccx-v1:edX+DemoX+Demo_Course+ccx@{}"


@dataclass(frozen=True, slots=True)
class Ccx:
    """Requests about course runs derived from R."""

    edx: OpenEdx

    async def create(self, who: str | None = "prof", **changes: Any) -> tuple[int, Any]:
        sent = {name: value for name, value in {**NEW, **changes}.items() if value != "absent"}
        return await self.edx.told(PATH, who, "POST", json=sent)

    async def made(self, **changes: Any) -> str:
        """The address of a new one."""
        status, body = await self.create(**changes)
        assert status == 201, body
        return f"{PATH}{body['ccx_course_id']}/"

    async def listed(self, who: str | None, query: str = f"master_course_id={Q}") -> tuple[int, Any]:
        return await self.edx.told(f"{PATH}?{query}", who)


@pytest.fixture
async def ccx(edx: OpenEdx) -> Ccx:
    """Of R others may be derived."""
    await update_course_instance(edx.filled.admin, course_instance_id=edx.keys["R"], allows_derived=True)
    return Ccx(edx)


def wrong(**fields: str) -> tuple[int, Any]:
    """The refusal of fields."""
    return 400, {"field_errors": {name: {"error_code": code} for name, code in fields.items()}}


async def test_one_is_made_read_changed_and_deleted(ccx: Ccx) -> None:
    status, body = await ccx.create()
    newest = select(CourseInstance.id).order_by(CourseInstance.id.desc()).limit(1)
    key = KEY.format(await ccx.edx.filled.admin.db.scalar(newest))
    expected: dict[str, Any] = {
        "ccx_course_id": key,
        "master_course_id": R,
        "display_name": "Small",
        "coach_email": "bob@uni.example",
        "start": "2024-10-01 12:00:00+00:00",
        "due": None,
        "max_students_allowed": 10,
        "course_modules": [C],
    }
    assert (status, body) == (201, expected)
    for who in ("prof", "ta", "staff", "bob"):
        assert await ccx.edx.body(f"{PATH}{key}/", who) == expected
        assert await ccx.edx.body(f"{PATH}{key}", who) == expected
    change = {
        "display_name": "Tiny",
        "coach_email": "ann@uni.example",
        "max_students_allowed": "7",
        "course_modules": [],
    }
    assert await ccx.edx.told(f"{PATH}{key}", "prof", "PATCH", json={**change, "max_students_allowed": "7"}) == (
        204,
        None,
    )
    expected |= {**change, "max_students_allowed": 7}
    assert await ccx.edx.body(f"{PATH}{key}", "ann") == expected
    assert await ccx.edx.told(f"{PATH}{key}", "prof", "PATCH", json={"course_modules": None}) == (204, None)
    assert (await ccx.edx.body(f"{PATH}{key}", "prof"))["course_modules"] == [C]
    assert await ccx.edx.told(f"{PATH}{key}", "prof", "DELETE") == (204, None)
    for method in ("GET", "PATCH", "DELETE"):
        sent: dict[str, Any] = {"json": {}} if method == "PATCH" else {}
        told = await ccx.edx.told(f"{PATH}{key}", "prof", method, **sent)
        assert told == (404, {"error_code": "ccx_course_id_does_not_exist"})


async def test_the_list(ccx: Ccx) -> None:
    """edx case 56"""
    empty: dict[str, Any] = {
        "next": None,
        "previous": None,
        "count": 0,
        "num_pages": 1,
        "current_page": 1,
        "start": 0,
        "results": [],
    }
    assert await ccx.listed("prof") == (200, empty)
    for name in ("B", "C", "A"):
        await ccx.made(display_name=name)
    orders = {
        "": "BCA",
        "&order_by=id&sort_order=desc": "ACB",
        "&order_by=display_name": "ABC",
        "&order_by=display_name&sort_order=desc": "CBA",
        "&order_by=junk&sort_order=junk": "BCA",
    }
    for query, names in orders.items():
        status, body = await ccx.listed("prof", f"master_course_id={Q}{query}")
        assert (status, "".join(each["display_name"] for each in body["results"])) == (200, names)
    _, body = await ccx.listed("staff", f"master_course_id={Q}&page_size=2")
    assert (body["count"], body["num_pages"], len(body["results"])) == (3, 2, 2)
    assert body["next"].endswith(f"{PATH}?master_course_id={Q}&page_size=2&page=2")
    _, body = await ccx.listed("ta", f"master_course_id={Q}&page_size=2&page=2")
    assert [each["display_name"] for each in body["results"]] == ["A"]
    assert (await ccx.listed("prof", f"master_course_id={Q}&page=9"))[0] == 404


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("", (403, None)),
        ("master_course_id=junk", (404, None)),
        ("master_course_id=%00", (404, None)),
        (f"master_course_id={R}", (404, None)),
        ("master_course_id=course-v1%3Ano%2Bsuch%2Brun", (404, {"error_code": "course_id_does_not_exist"})),
    ],
)
async def test_what_has_no_list(ccx: Ccx, query: str, told: tuple[int, Any]) -> None:
    status, body = await ccx.listed("prof", query)
    assert status == told[0]
    assert told[1] is None or body == told[1]


@pytest.mark.parametrize("who", CALLERS)
async def test_who_may(ccx: Ccx, who: str | None) -> None:
    address = await ccx.made()
    before = await everything(ccx.edx.filled.admin)
    read = {None: 401, "ann": 403, "other": 403}.get(who, 200)
    assert (await ccx.listed(who))[0] == read
    assert (await ccx.edx.told(address, who))[0] == read
    may_write = who in ("prof", "staff")
    denied = 401 if who is None else 403
    told = [
        (await ccx.edx.told(address, who, "PATCH", json={"display_name": "New"}))[0],
        (await ccx.create(who))[0],
        (await ccx.edx.told(address, who, "DELETE"))[0],
    ]
    assert told == ([204, 201, 204] if may_write else [denied] * 3)
    assert may_write or await everything(ccx.edx.filled.admin) == before


async def test_the_coach_reads_and_no_more(ccx: Ccx) -> None:
    address = await ccx.made()
    assert (await ccx.edx.told(address, "bob"))[0] == 200
    assert (await ccx.listed("bob"))[0] == 403
    assert (await ccx.edx.told(address, "bob", "PATCH", json={"display_name": "Mine"}))[0] == 403
    assert (await ccx.edx.told(address, "bob", "DELETE"))[0] == 403


async def test_the_coach_is_told_so(ccx: Ccx) -> None:
    address = await ccx.made()
    key = address.removeprefix(PATH).removesuffix("/")
    told = await ccx.edx.body("/api/enrollment/v1/roles/", "bob")
    assert told == {"roles": [{"org": "edX", "course_id": key, "role": "ccx_coach"}], "is_staff": False}
    told = await ccx.edx.body("/api/enrollment/v1/roles/", "prof")
    assert told["roles"] == [{"org": "edX", "course_id": each, "role": "staff"} for each in (R, key)]


async def test_it_has_grades_of_its_own_and_room_for_so_many(ccx: Ccx) -> None:
    address = await ccx.made(max_students_allowed=1)
    key = address.removeprefix(PATH).removesuffix("/")
    book = f"/api/grades/v1/gradebook/{key}/"
    for who, status in (("ann", 200), ("other", 400)):
        sent = {"user": who, "course_details": {"course_id": key}, "mode": "audit", "force_enrollment": True}
        assert (await ccx.edx.told("/api/enrollment/v1/enrollment", "staff", "POST", json=sent))[0] == status
    body = await ccx.edx.body(book, "bob")
    assert [(row["username"], row["percent"], row["section_breakdown"]) for row in body["results"]] == [
        ("ann", 0.0, [])
    ]
    info = await ccx.edx.body(f"{book}grading-info", "bob")
    assert (info["grade_cutoffs"], [each["graded"] for each in info["subsections"]]) == ({"Pass": 0.5}, [True])


FIELDS = [
    ({"coach_email": "absent"}, {"coach_email": "missing_field_coach_email"}),
    ({"coach_email": None}, {"coach_email": "null_field_coach_email"}),
    ({"coach_email": "bob"}, {"coach_email": "invalid_coach_email"}),
    ({"coach_email": 7}, {"coach_email": "invalid_coach_email"}),
    ({"coach_email": "a\0@b.c"}, {"coach_email": "invalid_coach_email"}),
    ({"display_name": "absent"}, {"display_name": "missing_field_display_name"}),
    ({"display_name": None}, {"display_name": "null_field_display_name"}),
    ({"display_name": " "}, {"display_name": "invalid_display_name"}),
    ({"display_name": "a" * 256}, {"display_name": "invalid_display_name"}),
    ({"display_name": ["a"]}, {"display_name": "invalid_display_name"}),
    ({"max_students_allowed": "absent"}, {"max_students_allowed": "missing_field_max_students_allowed"}),
    ({"max_students_allowed": None}, {"max_students_allowed": "null_field_max_students_allowed"}),
    *(
        ({"max_students_allowed": junk}, {"max_students_allowed": "invalid_max_students_allowed"})
        for junk in (0, -1, "many", 1.5, True, 2**70, "²")
    ),
    ({"course_modules": "all"}, {"course_modules": "invalid_course_module_list"}),
    ({"course_modules": ["junk"]}, {"course_modules": "invalid_course_module_keys"}),
    ({"course_modules": [C, 7]}, {"course_modules": "invalid_course_module_keys"}),
    (
        {"display_name": "", "max_students_allowed": None, "coach_email": "absent"},
        {
            "coach_email": "missing_field_coach_email",
            "display_name": "invalid_display_name",
            "max_students_allowed": "null_field_max_students_allowed",
        },
    ),
]


@pytest.mark.parametrize(("changes", "fields"), FIELDS)
async def test_fields_that_are_wrong(ccx: Ccx, changes: dict[str, Any], fields: dict[str, str]) -> None:
    assert await ccx.create(**changes) == wrong(**fields)
    if "absent" not in changes.values():
        address = await ccx.made()
        assert await ccx.edx.told(address, "prof", "PATCH", json=changes) == wrong(**fields)


async def test_only_the_master_is_sent(ccx: Ccx) -> None:
    """edx case 56"""
    status, body = await ccx.edx.told(PATH, "prof", "POST", json={"master_course_id": R})
    assert (status, list(body["field_errors"])) == (400, ["coach_email", "display_name", "max_students_allowed"])
    assert body["field_errors"]["coach_email"]["error_code"] == "missing_field_coach_email"


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"coach_email": "nobody@uni.example"}, 404, "coach_user_does_not_exist"),
        ({"course_modules": [H]}, 400, "course_module_list_not_belonging_to_master_course"),
        ({"course_modules": [C.replace("@c", "@x")]}, 400, "course_module_list_not_belonging_to_master_course"),
    ],
)
async def test_what_is_not_there(ccx: Ccx, changes: dict[str, Any], status: int, code: str) -> None:
    assert await ccx.create(**changes) == (status, {"error_code": code})
    address = await ccx.made()
    assert await ccx.edx.told(address, "prof", "PATCH", json=changes) == (status, {"error_code": code})


async def test_masters_of_which_nothing_is_derived(ccx: Ccx) -> None:
    admin, here = ccx.edx.filled.admin, ccx.edx.keys["R"]
    assert await ccx.create("staff", master_course_id=X) == (403, {"error_code": "ccx_not_enabled_for_master_course"})
    assert (await ccx.create(master_course_id="absent"))[0] == 403
    assert (await ccx.create(master_course_id="junk"))[0] == 404
    assert (await ccx.create(master_course_id=7))[0] == 404
    unknown = await ccx.create(master_course_id="course-v1:no+such+run")
    assert unknown == (404, {"error_code": "course_id_does_not_exist"})
    await update_course_instance(admin, course_instance_id=here, key="edX/DemoX/Demo")
    told = await ccx.create(master_course_id="edX/DemoX/Demo")
    assert told == (400, {"error_code": "deprecated_master_course_id"})


@pytest.mark.parametrize(
    ("key", "status", "code"),
    [
        ("junk", 400, "course_id_not_valid"),
        ("%00", 404, None),
        ("é" * 300, 400, "course_id_not_valid"),
        (R, 400, "course_id_not_valid_ccx_id"),
        (KEY.format(999), 404, "ccx_course_id_does_not_exist"),
        (KEY.format(2**70), 404, "ccx_course_id_does_not_exist"),
    ],
)
@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
async def test_keys_of_nothing(ccx: Ccx, method: str, key: str, status: int, code: str | None) -> None:
    sent: dict[str, Any] = {"json": {}} if method == "PATCH" else {}
    found, body = await ccx.edx.told(f"{PATH}{key}", "prof", method, **sent)
    assert found == status
    assert code is None or body == {"error_code": code}


async def test_the_master_does_not_change(ccx: Ccx) -> None:
    address = await ccx.made()
    told = await ccx.edx.told(address, "prof", "PATCH", json={"master_course_id": X})
    assert told == (403, {"error_code": "master_course_id_change_not_allowed"})
    assert await ccx.edx.told(address, "prof", "PATCH", json={"master_course_id": R}) == (204, None)
    assert (await ccx.edx.told(address, "prof", "PATCH", json=[1]))[0] == 400
