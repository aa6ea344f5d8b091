"""Many people into many course runs (contracts/edx-core.md §7, case 33 and more)."""

from __future__ import annotations

from typing import Any

import pytest

from app.domain.groups.cohorts import create_cohort
from app.domain.groups.models import Filling
from app.domain.identity.service import create_user
from tests.rest.openedx.conftest import CALLERS, OpenEdx, R, X

pytestmark = pytest.mark.anyio
PATH = "/api/bulk_enroll/v1/bulk_enroll"
ENROLLMENTS = "/api/enrollment/v1/enrollment?user="
NOBODY = {"user": False, "enrollment": False, "allowed": False, "auto_enroll": False}
KNOWN = NOBODY | {"user": True}
LEARNS = KNOWN | {"enrollment": True}
INVITED = NOBODY | {"allowed": True}
SAID: dict[str, Any] = {"action": "enroll", "auto_enroll": False}


def names(**changes: Any) -> dict[str, Any]:
    return {"identifiers": "bob,new@x.org,bad", "action": "enroll", "courses": R, **changes}


async def test_names_are_enrolled_or_invited(edx: OpenEdx) -> None:
    results = [
        {"identifier": "bob", "before": KNOWN, "after": LEARNS},
        {"identifier": "new@x.org", "before": NOBODY, "after": INVITED},
        {"identifier": "bad", "invalidIdentifier": True},
    ]
    made = await edx.body(PATH, "staff", "POST", json=names())  # edx case 33
    assert made == SAID | {"email_students": False, "courses": {R: SAID | {"results": results}}}
    again = await edx.body(PATH, "staff", "POST", json=names(identifiers="bob new@x.org", auto_enroll=True))
    assert again["courses"][R]["results"] == [
        {"identifier": "bob", "before": LEARNS, "after": LEARNS},
        {"identifier": "new@x.org", "before": INVITED, "after": INVITED | {"auto_enroll": True}},
    ]
    assert [each["mode"] for each in await edx.body(ENROLLMENTS + "bob", "staff")] == ["audit"]


async def test_who_registers_is_enrolled(edx: OpenEdx) -> None:
    form = names(identifiers="new@x.org\nold@x.org", courses=f"{R},{X}", auto_enroll="true", email_students="true")
    made = await edx.body(PATH, "staff", "POST", data=form)
    assert (list(made["courses"]), made["auto_enroll"], made["email_students"]) == ([R, X], True, True)
    await edx.body(PATH, "staff", "POST", json=names(identifiers="old@x.org", action="unenroll", courses=[f"{R},{X}"]))
    for name in ("new", "old"):
        await create_user(edx.filled.admin, username=name, email=f"{name}@x.org")
    found = await edx.body(ENROLLMENTS + "new", "staff")
    assert [each["course_details"]["course_id"] for each in found] == [R, X]
    assert await edx.body(ENROLLMENTS + "old", "staff") == []


async def test_names_leave(edx: OpenEdx) -> None:
    made = await edx.body(PATH, "staff", "POST", json=names(identifiers="ann, ANN@uni.example", action="unenroll"))
    assert made["courses"][R]["results"] == [
        {"identifier": "ann", "before": LEARNS, "after": KNOWN},
        {"identifier": "ANN@uni.example", "before": LEARNS, "after": KNOWN},
    ]
    assert await edx.body(ENROLLMENTS + "ann", "staff") == []


@pytest.mark.parametrize("who", CALLERS)
async def test_only_global_staff(edx: OpenEdx, who: str | None) -> None:
    status = {None: 401, "staff": 200}.get(who, 403)
    assert (await edx.told(PATH, who, "POST", json=names()))[0] == status
    assert len(await edx.body(ENROLLMENTS + "bob", "staff")) == (status == 200)


WRONG: list[tuple[Any, str]] = [
    ({}, "action"),
    ([], "action"),
    (names(action=None), "action"),
    (names(action="expel"), "action"),
    (names(action=["enroll"]), "action"),
    (names(identifiers=""), "identifiers"),
    (names(identifiers=["bob"]), "identifiers"),
    (names(courses=""), "courses"),
    (names(courses="no-key"), "courses"),
    (names(courses=[f"{R},course-v1:no+such+run"]), "courses"),
    (names(courses=[5]), "courses"),
    (names(courses={"a": 1}), "courses"),
    (names(courses=",".join(f"a/b/{number}" for number in range(200))), "courses"),
    (names(auto_enroll="perhaps"), "auto_enroll"),
    (names(email_students=[]), "email_students"),
    (names(identifiers="a " * 1001), "detail"),
]


@pytest.mark.parametrize(("sent", "field"), WRONG)
async def test_what_is_refused(edx: OpenEdx, sent: Any, field: str) -> None:
    status, told = await edx.told(PATH, "staff", "POST", json=sent)
    assert (status, field in told) == (400, True)
    assert await edx.body(ENROLLMENTS + "bob", "staff") == []


async def test_cohorts(edx: OpenEdx) -> None:
    for name in ("Red", "Blue"):
        await create_cohort(edx.filled.admin, course_instance_id=edx.keys["R"], name=name, filling=Filling.MANUAL)
    made = await edx.body(PATH, "staff", "POST", json=names(identifiers="bob bad", cohorts="Red"))
    assert made["courses"][R]["results"] == [
        {"identifier": "bob", "before": KNOWN | {"cohort": None}, "after": LEARNS | {"cohort": "Red"}},
        {"identifier": "bad", "invalidIdentifier": True},
    ]
    made = await edx.body(PATH, "staff", "POST", json=names(identifiers="BOB@uni.example", cohorts=["Blue"]))
    [result] = made["courses"][R]["results"]
    assert (result["before"]["cohort"], result["after"]["cohort"]) == ("Red", "Blue")
    for wrong in ({"cohorts": "Green"}, {"cohorts": "Red,Blue"}, {"cohorts": "Red", "action": "unenroll"}):
        status, told = await edx.told(PATH, "staff", "POST", json=names(**wrong))
        assert (status, list(told)) == (400, ["non_field_errors"])
    post = {"course_details": {"course_id": R}, "user": "ann"}
    for cohort, status in (("Red", 200), ("Green", 400), (5, 400), ("\x00", 400)):
        found = await edx.told("/api/enrollment/v1/enrollment", "staff", "POST", json={**post, "cohort": cohort})
        assert found[0] == status


async def test_junk_among_the_names(edx: OpenEdx) -> None:
    made = await edx.body(PATH, "staff", "POST", json=names(identifiers="\x01 q@q %00 ' " + "x" * 300))
    assert [list(each) for each in made["courses"][R]["results"]] == [["identifier", "invalidIdentifier"]] * 5
    assert (await edx.told(PATH, "staff", "POST", json=names(identifiers="\x00")))[0] == 400
