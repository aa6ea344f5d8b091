from __future__ import annotations

from typing import Any

import pytest

from app.context import Context
from app.domain.identity.models import User, UserProfile
from app.domain.identity.passwords import find_by_password
from app.domain.identity.service import create_user, update_user
from app.errors import Forbidden, InsufficientScope, NotFound, Unauthenticated, UserErrorCode
from tests.domain.proof import CALLERS, context_of, denied, key_of, only_row, refused
from tests.factories import as_user, person, university

pytestmark = pytest.mark.anyio


async def test_a_user_is_known_by_the_email_when_no_uid_is_given(ctx: Context) -> None:
    made = await only_row(ctx, User, await create_user(ctx, username="ida", email="ida@uni.example", name=" Ida Ng "))
    assert (made.username, made.uid, made.email, made.name) == ("ida", "ida@uni.example", "ida@uni.example", "Ida Ng")
    assert len(made.uuid) == 32
    assert (made.is_staff, made.is_active, made.created_at, made.updated_at) == (False, True, ctx.now, ctx.now)


async def test_a_user_without_email_is_known_by_the_username(ctx: Context) -> None:
    made = await only_row(ctx, User, await create_user(ctx, username="f13"))
    assert (made.uid, made.email) == ("f13", None)


@pytest.mark.parametrize(
    ("values", "reason", "field"),
    [
        ({"username": "IDA"}, UserErrorCode.TAKEN, "username"),
        ({"username": "x", "email": "Ida@Uni.Example"}, UserErrorCode.TAKEN, "email"),
        ({"username": "x", "uid": "ida@uni.example"}, UserErrorCode.TAKEN, "uid"),
        ({"username": "x", "external_id": "e1"}, UserErrorCode.TAKEN, "externalId"),
        ({"username": " "}, UserErrorCode.REQUIRED, "username"),
        ({"username": "x" * 151}, UserErrorCode.TOO_LONG, "username"),
        ({"username": "a\0b"}, UserErrorCode.INVALID, "username"),
        ({"username": "a\nb"}, UserErrorCode.INVALID, "username"),
        ({"username": "\ud800"}, UserErrorCode.INVALID, "username"),
        ({"username": "x", "given_name": "\x7f"}, UserErrorCode.INVALID, "givenName"),
        ({"username": "x", "email": "nobody"}, UserErrorCode.INVALID, "email"),
        ({"username": "x", "email": "no body@uni.example"}, UserErrorCode.INVALID, "email"),
        ({"username": "x", "family_name": "x" * 151}, UserErrorCode.TOO_LONG, "familyName"),
        ({"username": "x", "year": "x" * 33}, UserErrorCode.TOO_LONG, "year"),
    ],
)
async def test_a_user_that_breaks_a_rule_is_not_made(
    ctx: Context, values: dict[str, Any], reason: UserErrorCode, field: str
) -> None:
    await person(ctx, "ida", external_id="e1")
    await refused(ctx, create_user(ctx, **values), reason, field)


@pytest.mark.parametrize("caller", CALLERS)
async def test_only_administrators_make_users(ctx: Context, caller: str) -> None:
    world = await university(ctx)
    write = create_user(context_of(world, caller), username="new")
    if caller == "admin":
        assert (await only_row(ctx, User, await write)).username == "new"
    else:
        await denied(ctx, write, Unauthenticated if caller == "anonymous" else Forbidden)


@pytest.mark.parametrize(
    ("caller", "error"),
    [
        ("anonymous", Unauthenticated),
        ("loner", NotFound),
        ("outsider", NotFound),
        ("second_student", NotFound),
        ("previewer", NotFound),
        ("assistant", Forbidden),
        ("instructor", Forbidden),
    ],
)
async def test_nobody_else_changes_a_user(ctx: Context, caller: str, error: type[Forbidden]) -> None:
    world = await university(ctx)
    await denied(ctx, update_user(context_of(world, caller), user_id=world.student_id, name="X"), error)


async def test_people_change_their_names_and_nothing_else(ctx: Context) -> None:
    world = await university(ctx)
    await update_user(world.student, user_id=world.student_id, name="Samuel", given_name=None)
    changed = await only_row(ctx, User, world.student_id)
    assert (changed.name, changed.given_name, changed.family_name) == ("Samuel", None, "Ng")
    more: list[dict[str, Any]] = [{"username": "samuel"}, {"is_staff": True}, {"name": "x", "uin": "1"}]
    for values in more:
        await denied(ctx, update_user(world.student, user_id=world.student_id, **values), Forbidden)


async def test_administrators_change_everything(ctx: Context) -> None:
    world = await university(ctx)
    changes: dict[str, Any] = {"username": "S2", "email": None, "uin": None, "is_staff": True, "is_active": False}
    assert await update_user(world.admin, user_id=world.student_id, **changes) == world.student_id
    changed = (await only_row(ctx, User, world.student_id))._asdict()
    assert {name: changed[name] for name in changes} == changes


async def test_a_user_may_keep_the_own_name_but_not_take_another(ctx: Context) -> None:
    world = await university(ctx)
    await update_user(world.admin, user_id=world.student_id, username="SAM")
    await refused(
        ctx, update_user(world.admin, user_id=world.student_id, username="Sue"), UserErrorCode.TAKEN, "username"
    )
    nothing: Any = None
    write = update_user(world.admin, user_id=world.student_id, uid=nothing)
    await refused(ctx, write, UserErrorCode.REQUIRED, "uid")


@pytest.mark.parametrize("user_id", [0, -1, 999_999, 2**31, 2**63, 2**70])
async def test_an_unknown_user_is_not_found(ctx: Context, user_id: int) -> None:
    await denied(ctx, update_user(ctx, user_id=user_id, name="X"), NotFound)


async def test_a_token_that_only_reads_cannot_write(ctx: Context) -> None:
    world = await university(ctx)
    reader = as_user(ctx, world.admin_id, is_staff=True, scopes=frozenset({"read", "admin"}))
    await denied(ctx, create_user(reader, username="new"), InsufficientScope)
    plain = as_user(ctx, world.admin_id, is_staff=True, scopes=frozenset({"read", "write"}))
    await denied(ctx, create_user(plain, username="new"), Forbidden)


async def test_an_account_comes_with_a_password_and_a_profile(ctx: Context) -> None:
    made = await create_user(ctx, username="ida", password="correct horse", profile={"city": "Aachen"})
    assert await find_by_password(ctx, "ida", password="correct horse") == made
    assert await find_by_password(ctx, "ida", password="correct mule") is None
    await update_user(ctx, user_id=made, name="Ida", profile={"city": "Bonn", "suffix": "PhD"})
    profile = await only_row(ctx, UserProfile, await key_of(ctx, UserProfile, user_id=made))
    assert (profile.city, profile.suffix) == ("Bonn", "PhD")


async def test_an_account_is_not_made_without_what_comes_with_it(ctx: Context) -> None:
    for password in ("", "1234567", "x" * 1025):
        await refused(ctx, create_user(ctx, username="ida", password=password), UserErrorCode.INVALID, "password")


async def test_people_do_not_say_of_themselves_what_the_institution_knows(ctx: Context) -> None:
    ida = as_user(ctx, await person(ctx, "ida"))
    own = ida.principal.user_id
    assert own is not None
    await denied(ctx, update_user(ida, user_id=own, profile={"city": "Aachen"}), Forbidden)
    await update_user(ida, user_id=own, name="Ida", profile={"pronouns": "she"})
    assert (await only_row(ctx, UserProfile, await key_of(ctx, UserProfile, user_id=own))).pronouns == "she"
