from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import select

from app.context import Context
from app.domain.enrollment.countries import closures, country_code
from app.domain.enrollment.invitations import invite_by_email
from app.domain.enrollment.joining import join_course_instance
from app.domain.enrollment.models import Enrollment, EnrollmentInvitation, Role
from app.domain.enrollment.offerings import update_course_instance
from app.domain.enrollment.rosters import NamedPerson, NameState, drop_everywhere, enlist_people
from app.domain.enrollment.service import enroll, update_enrollment
from app.domain.identity.institution import update_profile
from app.domain.identity.service import create_user
from app.errors import Forbidden, NotFound, UserErrorCode
from tests.domain.proof import denied, key_of, nothing_changes, only_row, refused
from tests.domain.tracks import verified
from tests.factories import University

pytestmark = pytest.mark.anyio

NOBODY = NameState(has_account=False, is_enrolled=False, is_invited=False, is_automatic=False)
KNOWN = NameState(has_account=True, is_enrolled=False, is_invited=False, is_automatic=False)
LEARNS = NameState(has_account=True, is_enrolled=True, is_invited=False, is_automatic=False)
INVITED = NameState(has_account=False, is_enrolled=False, is_invited=True, is_automatic=False)
AWAITED = NameState(has_account=False, is_enrolled=False, is_invited=True, is_automatic=True)


def here(world: University) -> dict[str, Any]:
    return {"course_instance_id": world.course_instance_id}


async def enlisted(ctx: Context, world: University, names: Sequence[str], **more: Any) -> list[NamedPerson]:
    """What becomes of names in the first course instance."""
    made = await enlist_people(ctx, course_instance_ids=[world.course_instance_id], names=names, **more)
    assert [each.course_instance_id for each in made.enlistments] == [world.course_instance_id]
    return made.enlistments[0].people


async def test_names_are_enrolled_or_invited(ctx: Context, world: University) -> None:
    names = ["lou", " New@x.org ", "bad", "q@q", "sam@uni.example", "\0", "x" * 300]
    assert await enlisted(world.instructor, world, names) == [
        NamedPerson("lou", False, KNOWN, LEARNS),
        NamedPerson("New@x.org", False, NOBODY, INVITED),
        *(NamedPerson(name, False, None, None) for name in ("bad", "q@q")),
        NamedPerson("sam@uni.example", False, LEARNS, LEARNS),
        *(NamedPerson(name, False, None, None) for name in ("\0", "x" * 300)),
    ]
    invited = await only_row(ctx, EnrollmentInvitation, await key_of(ctx, EnrollmentInvitation, **here(world)))
    assert (invited.email, invited.is_automatic) == ("new@x.org", False)
    enrolled = await only_row(ctx, Enrollment, await key_of(ctx, Enrollment, **here(world), user_id=world.loner_id))
    assert (enrolled.role, enrolled.status, enrolled.track) == ("STUDENT", "ACTIVE", "audit")
    [again] = await enlisted(ctx, world, ["NEW@x.org"], is_automatic=True)
    assert (again.before, again.after) == (INVITED, AWAITED)


async def test_names_leave(ctx: Context, world: University) -> None:
    await enlisted(ctx, world, ["new@x.org"])
    made = await enlisted(world.instructor, world, ["SAM", "ida", "new@x.org", "lou"], is_leaving=True)
    assert [(each.before, each.after) for each in made] == [
        (LEARNS, KNOWN),
        (KNOWN, KNOWN),
        (INVITED, NOBODY),
        (KNOWN, KNOWN),
    ]
    sam = await only_row(ctx, Enrollment, await key_of(ctx, Enrollment, **here(world), user_id=world.student_id))
    ida = await only_row(ctx, Enrollment, await key_of(ctx, Enrollment, **here(world), user_id=world.instructor_id))
    assert (sam.status, ida.status) == ("DROPPED", "ACTIVE")


async def test_a_track_is_kept(ctx: Context, world: University) -> None:
    await verified(world)
    key = await key_of(ctx, Enrollment, **here(world), user_id=world.student_id)
    await update_enrollment(ctx, enrollment_id=key, track="verified")
    async with nothing_changes(ctx):
        await enlisted(ctx, world, ["sam"])


async def test_there_is_an_end_to_names(ctx: Context, world: University) -> None:
    await refused(ctx, enlisted(ctx, world, ["a"] * 1001), UserErrorCode.TOO_LONG, "names")
    assert await enlisted(ctx, world, []) == []
    assert (await enlist_people(ctx, course_instance_ids=[], names=["sam"])).enlistments == []


async def test_who_comes_is_enrolled_where_the_address_is_awaited(ctx: Context, world: University) -> None:
    elsewhere: dict[str, Any] = {"course_instance_id": world.other_course_instance_id}
    await invite_by_email(ctx, **here(world), email="New@x.org", is_automatic=True)
    await invite_by_email(ctx, **elsewhere, email="new@x.org")
    made = await create_user(ctx, username="new", email="NEW@x.org")
    found = await ctx.db.fetch(
        select(Enrollment.course_instance_id, Enrollment.role, Enrollment.track).where(Enrollment.user_id == made)
    )
    assert [tuple(row) for row in found] == [(world.course_instance_id, "STUDENT", "audit")]
    other = await create_user(ctx, username="other", email="other@x.org")
    assert await ctx.db.scalar(select(Enrollment.id).where(Enrollment.user_id == other)) is None


async def test_the_usual_track_need_not_be_offered(ctx: Context, world: University) -> None:
    await verified(world)
    await refused(
        ctx, join_course_instance(ctx, **here(world), user_id=world.loner_id), UserErrorCode.NOT_FOUND, "track"
    )
    [lou] = await enlisted(world.instructor, world, ["lou"])
    assert (lou.is_refused, lou.after) == (False, LEARNS)
    await invite_by_email(ctx, **here(world), email="new@x.org", is_automatic=True)
    made = await create_user(ctx, username="new", email="new@x.org")
    for user_id in (world.loner_id, made):
        row = await only_row(ctx, Enrollment, await key_of(ctx, Enrollment, **here(world), user_id=user_id))
        assert (row.status, row.track) == ("ACTIVE", None)


async def test_a_person_leaves_everything(ctx: Context, world: University) -> None:
    await enroll(ctx, course_instance_id=world.other_course_instance_id, user_id=world.student_id, role=Role.INSTRUCTOR)
    left = await drop_everywhere(ctx, user_id=world.student_id)
    assert (left.user_id, left.organization_names) == (world.student_id, ["University"])
    states = select(Enrollment.status).where(Enrollment.user_id == world.student_id)
    assert [row[0] for row in await ctx.db.fetch(states)] == ["DROPPED", "DROPPED"]
    async with nothing_changes(ctx):
        assert (await drop_everywhere(ctx, user_id=world.student_id)).organization_names == []
    await denied(ctx, drop_everywhere(ctx, user_id=2**80), NotFound)


async def test_only_administrators_give_discounts(ctx: Context, world: University) -> None:
    key = await key_of(ctx, Enrollment, **here(world), user_id=world.student_id)
    await denied(ctx, update_enrollment(world.instructor, enrollment_id=key, discount_percent=5.0), Forbidden)
    for percent in (-1.0, 100.5):
        write = update_enrollment(ctx, enrollment_id=key, discount_percent=percent)
        await refused(ctx, write, UserErrorCode.OUT_OF_RANGE, "discountPercent")
    await update_enrollment(ctx, enrollment_id=key, discount_percent=15.0)
    assert (await only_row(ctx, Enrollment, key)).discount_percent == 15.0


def test_countries_have_codes() -> None:
    names = ("US", "united states", " Norway ", "no", "Atlantis", "", None, "001")
    assert [country_code(each) for each in names] == ["US", "US", "NO", "NO", None, None, None, None]


async def test_closures(ctx: Context, world: University) -> None:
    keys = [world.course_instance_id, world.other_course_instance_id, 999_999]
    assert await closures(ctx, keys, world.student_id, "192.0.2.7") == [False, False, False]
    await update_course_instance(
        ctx, **here(world), closed_countries=["Norway"], closed_networks=["192.0.2.7/24", "2001:db8::/32"]
    )
    await update_profile(ctx, user_id=world.student_id, country="NO")
    assert await closures(ctx, keys, world.student_id) == [True, False, False]
    assert await closures(world.student, keys) == [True, False, False]
    assert await closures(world.second_student, keys, world.student_id) == [False, False, False]
    for address, is_closed in (("192.0.2.200", True), ("192.0.3.1", False), ("2001:db8::1", True), ("junk", False)):
        assert await closures(ctx, keys, world.loner_id, address) == [is_closed, False, False]
    assert await closures(ctx, keys, 2**80) == [False, False, False]


@pytest.mark.parametrize(
    ("details", "field"),
    [
        ({"closed_countries": ["NO", "Atlantis"]}, ("closedCountries", "1")),
        ({"closed_networks": ["10.0.0.0/8", "10.0.0.0/99"]}, ("closedNetworks", "1")),
    ],
)
async def test_rules_that_are_none(
    ctx: Context, world: University, details: dict[str, Any], field: tuple[str, ...]
) -> None:
    write = update_course_instance(world.instructor, **here(world), **details)
    await refused(ctx, write, UserErrorCode.INVALID, *field)
