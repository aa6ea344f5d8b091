"""Enrolments (contracts/edx-core.md §6, cases 24 to 32 and more)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from app.domain.catalog.mailing import mail_preferences
from app.domain.catalog.models import EnrollmentMethod, Organization
from app.domain.enrollment.models import Enrollment
from app.domain.enrollment.offerings import delete_course_instance, update_course_instance
from app.domain.enrollment.service import enroll
from app.domain.enrollment.tracks import create_enrollment_track
from app.domain.identity.institution import update_profile
from tests.clock import NOW
from tests.domain.proof import key_of, only_row
from tests.rest.openedx.conftest import CALLERS, OpenEdx, R, X

pytestmark = pytest.mark.anyio
V1 = "/api/enrollment/v1"
ONE = V1 + "/enrollment"
MODE = {
    "slug": "audit",
    "name": "Audit",
    "min_price": 0,
    "suggested_prices": "",
    "currency": "usd",
    "expiration_datetime": None,
    "description": None,
    "sku": None,
    "bulk_sku": None,
}
VERIFIED = MODE | {"slug": "verified", "name": "Verified Certificate", "min_price": 49}
COURSE = {
    "course_id": R,
    "course_name": "DemoX Course",
    "enrollment_start": None,
    "enrollment_end": None,
    "course_start": None,
    "course_end": None,
    "invite_only": False,
    "course_modes": [MODE, VERIFIED],
    "pacing_type": "Instructor Paced",
}
TIME = "2024-10-01T12:00:00Z"
ANN = {"created": TIME, "mode": "audit", "is_active": True, "user": "ann", "course_details": COURSE}
BOB = ANN | {"user": "bob"}


def body(**changes: Any) -> dict[str, Any]:
    """To be enrolled in R."""
    return {"course_details": {"course_id": R}, **changes}


async def post(edx: OpenEdx, who: str | None, **changes: Any) -> tuple[int, Any]:
    """Status and body of the answer to who wants to be enrolled in R."""
    return await edx.told(ONE, who, "POST", json=body(**changes))


async def test_a_course_run_is_told_to_anybody(edx: OpenEdx) -> None:
    assert await edx.body(f"{V1}/course/{R}") == COURSE
    none = COURSE | {"course_id": X, "course_name": "Empty Course", "course_modes": [MODE]}
    assert await edx.body(f"{V1}/course/{X}", "ann") == none
    for key in ("some/fake/course", "course-v1:no+such+run", "course-v1:a+b+c d"):  # edx case 31
        found = await edx.told(f"{V1}/course/{key}")
        assert found == (400, {"message": f"No course found for course ID '{key}'"})


async def test_expired_modes_are_told_on_request(edx: OpenEdx) -> None:
    here: dict[str, Any] = {"course_instance_id": edx.keys["R"]}
    prices: dict[str, Any] = {"suggested_prices": [10, 20], "expires_at": NOW - timedelta(days=1)}
    await create_enrollment_track(edx.filled.admin, **here, slug="honor", name="Honor", **prices)
    await update_course_instance(
        edx.filled.admin, **here, enrollment_method=EnrollmentMethod.INSTRUCTOR_LED, is_self_paced=True
    )
    changed = COURSE | {"invite_only": True, "pacing_type": "Self Paced"}
    assert await edx.body(f"{V1}/course/{R}") == changed
    honor = MODE | {"slug": "honor", "name": "Honor", "suggested_prices": "10,20"}
    modes = [MODE, VERIFIED, honor | {"expiration_datetime": "2024-09-30T12:00:00Z"}]
    assert await edx.body(f"{V1}/course/{R}?include_expired=1") == changed | {"course_modes": modes}


async def test_ones_enrolments(edx: OpenEdx) -> None:
    assert await edx.body(ONE, "ann") == [ANN]
    assert await edx.body(ONE, "bob") == []
    assert await edx.body(ONE, "prof") == []
    for who, seen in (("staff", [ANN]), ("prof", [ANN]), ("other", []), ("bob", []), ("ann", [ANN])):
        assert await edx.body(ONE + "?user=ann", who) == seen
    assert await edx.body(ONE + "?user=nobody", "staff") == []
    assert await edx.body(ONE + "?user=%00", "staff") == []
    status, told = await edx.told(ONE)
    assert (status, list(told)) == (401, ["detail"])


async def test_course_runs_that_are_gone_are_passed_over(edx: OpenEdx) -> None:
    await enroll(edx.filled.admin, course_instance_id=edx.keys["X"], user_id=edx.keys["ann"])
    assert [each["course_details"]["course_id"] for each in await edx.body(ONE, "ann")] == [R, X]
    await delete_course_instance(edx.filled.admin, course_instance_id=edx.keys["X"])
    assert await edx.body(ONE, "ann") == [ANN]
    await update_course_instance(edx.filled.admin, course_instance_id=edx.keys["R"], key=None)
    assert await edx.body(ONE, "ann") == []


async def test_one_enrolment(edx: OpenEdx) -> None:
    assert await edx.body(f"{ONE}/{R}", "ann") == ANN
    assert await edx.body(f"{ONE}/ann,{R}", "ann") == ANN
    assert await edx.body(f"{ONE}/ann,{R}", "staff") == ANN
    assert await edx.told(f"{ONE}/bob,{R}", "staff") == (200, None)  # edx case 24
    assert await edx.told(f"{ONE}/bob,{R}", "ann") == (404, None)  # edx case 24
    assert await edx.told(f"{ONE}/ann,{R}", "prof") == (404, None)
    assert await edx.told(f"{ONE}/nobody,{R}", "staff") == (200, None)
    assert await edx.told(f"{ONE}/{R}", "prof") == (200, None)
    assert await edx.told(f"{ONE}/course-v1:no+such+run", "ann") == (200, None)
    assert await edx.told(f"{ONE}/course-v1:a+b+c d", "ann") == (404, None)
    assert (await edx.told(f"{ONE}/{R}"))[0] == 401
    response = await edx.get(f"{ONE}/{R}", "bob")
    assert (response.status_code, response.content, "content-type" in response.headers) == (200, b"", False)


async def test_people_enrol_themselves(edx: OpenEdx) -> None:
    assert await post(edx, "bob") == (200, BOB)  # edx case 25
    assert await post(edx, "bob") == (200, BOB)  # edx case 25
    assert await post(edx, "bob", user="bob", mode="honor", is_active=False) == (200, BOB)
    assert await edx.body(ONE, "bob") == [BOB]
    message = "User does not have permission to create enrollment with mode [verified]."
    assert await post(edx, "bob", mode="verified") == (403, {"message": message})  # edx case 26
    assert await post(edx, "staff", user="bob", mode="verified") == (200, BOB | {"mode": "verified"})  # edx case 26
    assert await post(edx, "bob") == (200, BOB | {"mode": "verified"})
    assert await edx.body(ONE, "bob") == [BOB | {"mode": "verified"}]


async def test_an_enrolment_ends_and_begins_again(edx: OpenEdx) -> None:
    ended = ANN | {"is_active": False}
    assert await post(edx, "staff", user="ann", is_active=False) == (200, ended)  # edx case 27
    assert await edx.body(ONE, "ann") == []  # edx case 27
    assert await edx.body(f"{ONE}/{R}", "ann") == ended
    assert await post(edx, "staff", user="ann", is_active=False) == (200, ended)
    assert await post(edx, "ann") == (200, ANN)
    found = await post(edx, "staff", email="ann@uni.example", mode="verified", is_active=False)
    assert (found[0], found[1]["message"].startswith("Enrollment mode mismatch")) == (400, True)
    assert await edx.body(f"{ONE}/{R}", "ann") == ANN


@pytest.mark.parametrize("who", CALLERS)
async def test_who_enrols_whom(edx: OpenEdx, who: str | None) -> None:
    status, told = await post(edx, who, user="bob")
    if who is None:
        assert (status, list(told)) == (401, ["detail"])
    elif who == "staff":
        assert (status, told) == (200, BOB)
    else:
        assert (status, told) == (404, None)  # edx case 29
    assert await edx.body(ONE + "?user=bob", "staff") == ([BOB] if who == "staff" else [])


REFUSED: list[tuple[str, dict[str, Any], int, Any]] = [
    ("bob", {"is_active": "no"}, 400, {"message": "'no' is an invalid enrollment activation status."}),  # edx case 28
    ("bob", {"force_enrollment": 1}, 400, {"message": "'1' is an invalid force enrollment status."}),
    ("staff", {"user": "nobody"}, 406, {"message": "The user nobody does not exist."}),  # edx case 29
    ("bob", {"user": "ann"}, 404, None),  # edx case 29
    ("bob", {"email": "bob@uni.example"}, 404, None),
    ("staff", {"email": "no@x.org"}, 406, {"message": "The user with the email address no@x.org does not exist."}),
    ("staff", {"user": 5}, 406, {"message": "The user 5 does not exist."}),
    ("staff", {"email": ["x"]}, 406, {"message": "The user with the email address ['x'] does not exist."}),
    ("staff", {"user": "\x00"}, 406, {"message": "The user \x00 does not exist."}),
    ("bob", {"mode": ["audit"]}, 403, None),
    ("bob", {"course_details": None}, 400, {"message": "Course ID must be specified to create a new enrollment."}),
    ("bob", {"course_details": "x"}, 400, {"message": "Course ID must be specified to create a new enrollment."}),
    ("bob", {"course_details": {"course_id": "x"}}, 400, {"message": "No course 'x' found for enrollment"}),
    ("bob", {"course_details": {"course_id": 5}}, 400, {"message": "No course '5' found for enrollment"}),
    ("bob", {"course_details": {"course_id": "a/b/c"}}, 400, {"message": "No course 'a/b/c' found for enrollment"}),
    ("bob", {"enrollment_attributes": "x"}, 400, None),
    ("bob", {"enrollment_attributes": [{"namespace": "a", "name": "b"}]}, 400, None),
    ("bob", {"enrollment_attributes": [{"namespace": "a", "name": "b", "value": "\x00"}]}, 400, None),
]


@pytest.mark.parametrize(("who", "changes", "status", "told"), REFUSED)
async def test_what_is_refused(edx: OpenEdx, who: str, changes: dict[str, Any], status: int, told: Any) -> None:
    found = await post(edx, who, **changes)
    assert found[0] == status
    assert found == (status, told) or (told is None and found[1] is not None)
    assert await edx.body(ONE + "?user=bob", "staff") == []


async def test_bodies_that_are_none(edx: OpenEdx) -> None:
    missing = {"message": "Course ID must be specified to create a new enrollment."}
    for content in (b"", b"[]", b"5", b"null", b'"x"'):
        json = {"Content-Type": "application/json"}
        assert await edx.told(ONE, "bob", "POST", content=content, headers=json) == (400, missing)


async def test_a_mode_that_is_not_offered(edx: OpenEdx) -> None:
    text = f"The [masters] course mode is expired or otherwise unavailable for course run [{R}]."
    refusal = {"message": text, "course_details": COURSE}
    assert await post(edx, "staff", user="bob", mode="masters") == (400, refusal)
    honor = refusal | {"message": text.replace("masters", "honor")}
    assert await post(edx, "bob", mode="honor") == (400, honor)
    ends: dict[str, Any] = {"name": "Honor", "expires_at": NOW - timedelta(days=1)}
    await create_enrollment_track(edx.filled.admin, course_instance_id=edx.keys["R"], slug="honor", **ends)
    assert await post(edx, "bob", mode="honor", force_enrollment=True) == (400, honor)
    found = await post(edx, "staff", user="bob", mode="honor", force_enrollment=True)
    assert found == (200, BOB | {"mode": "honor"})


async def test_a_run_that_is_closed(edx: OpenEdx) -> None:
    here: dict[str, Any] = {"course_instance_id": edx.keys["R"]}
    await update_course_instance(edx.filled.admin, **here, enrollment_end_at=NOW)
    text = f"An error occurred while creating the new course enrollment for user 'bob' in course '{R}'"
    assert await post(edx, "bob") == (400, {"message": text})
    assert await post(edx, "staff", user="bob") == (400, {"message": text})
    status, told = await post(edx, "staff", user="bob", force_enrollment=True)
    assert (status, told["is_active"]) == (200, True)
    await update_course_instance(edx.filled.admin, **here, closed_countries=["NO"])
    await update_profile(edx.filled.admin, user_id=edx.keys["ann"], country="NO")
    status, told = await post(edx, "ann")
    assert (status, set(told)) == (403, {"message", "user_message_url"})


async def test_attributes_are_kept(edx: OpenEdx) -> None:
    place: dict[str, Any] = {"course_instance_id": edx.keys["R"]}
    await create_enrollment_track(edx.filled.admin, **place, slug="credit", name="Credit")
    order = {"namespace": "order", "name": "order_number", "value": "EDX-1"}
    status, told = await post(edx, "staff", user="ann", mode="credit", enrollment_attributes=[order])
    assert (status, told["message"].startswith("Missing enrollment attributes")) == (400, True)
    provider = {"namespace": "credit", "name": "provider_id", "value": "uni"}
    status, told = await post(edx, "staff", user="ann", mode="credit", enrollment_attributes=[order, provider])
    assert (status, told["mode"]) == (200, "credit")


async def preference(edx: OpenEdx, who: str) -> bool | None:
    """Whether somebody takes mails of R's organization."""
    ctx = edx.filled.by(who)
    [found] = await mail_preferences(ctx, [await key_of(ctx, Organization, key="edX")])
    return found


async def test_mails_of_the_organization(edx: OpenEdx) -> None:
    """`email_opt_in` is the person's wish about all that the organization sends; nothing is said without it."""
    said = {"course_details": {"course_id": R}}
    await edx.body(ONE, "bob", "POST", json=said)
    assert await preference(edx, "bob") is None
    for wish, kept in ((True, True), (False, False), ("true", True), ("false", False), (1, True), ([], False)):
        await edx.body(ONE, "bob", "POST", json=said | {"email_opt_in": wish})
        assert await preference(edx, "bob") is kept
    await edx.body(ONE, "bob", "POST", json=said | {"email_opt_in": None})
    assert await preference(edx, "bob") is False
    await edx.body(ONE, "staff", "POST", json=said | {"email_opt_in": True, "user": "ann"})
    assert (await preference(edx, "ann"), await preference(edx, "staff")) == (True, None)
    refused = {"email_opt_in": True, "is_active": "no"}
    assert (await edx.told(ONE, "bob", "POST", json=said | refused))[0] == 400
    assert await preference(edx, "bob") is False


async def test_an_enterprise_is_kept_as_an_attribute(edx: OpenEdx) -> None:
    """Of global staff and other servers only; it changes nothing else (contracts/edx-core.md §23)."""
    admin = edx.filled.admin
    said = {"course_details": {"course_id": R}, "linked_enterprise_customer": "acme", "enterprise_uuid": "5c0d"}
    await edx.body(ONE, "bob", "POST", json=said)
    bob = await key_of(admin, Enrollment, user_id=edx.keys["bob"])
    assert (await only_row(admin, Enrollment, bob)).attributes == {}
    more = {"user": "bob", "enrollment_attributes": [{"namespace": "credit", "name": "provider_id", "value": "asu"}]}
    await edx.body(ONE, "staff", "POST", json=said | more)
    kept = {"enterprise:linked_enterprise_customer": "acme", "enterprise:enterprise_uuid": "5c0d"}
    assert (await only_row(admin, Enrollment, bob)).attributes == kept | {"credit:provider_id": "asu"}
    for wrong in (5, ["acme"], {"a": 1}, True):
        told = said | {"user": "bob", "linked_enterprise_customer": wrong}
        assert (await edx.told(ONE, "staff", "POST", json=told))[0] == 400
