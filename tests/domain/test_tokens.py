from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import update

from app.context import Context
from app.domain.identity.models import AccessToken, User
from app.domain.identity.tokens import authenticate, is_token, issue_token, parse_duration, revoke_token
from app.errors import ConfigurationError, Forbidden, InsufficientScope, NotFound, Unauthenticated, UserErrorCode
from app.principal import ADMIN, READ, SCOPES, WRITE, Principal
from tests.clock import NOW
from tests.domain.proof import denied, nothing_changes, only_row, refused
from tests.factories import as_user, person, university

pytestmark = pytest.mark.anyio

SECOND = timedelta(seconds=1)


async def test_a_token_is_kept_as_its_digest_only(ctx: Context) -> None:
    world = await university(ctx)
    issued = await issue_token(world.student, name=" laptop ")
    stored = (await only_row(ctx, AccessToken, issued.id))._asdict()
    assert re.fullmatch(r"cgp_[0-9A-Za-z]{38}", issued.text)
    assert (stored["name"], stored["user_id"], stored["prefix"]) == ("laptop", world.student_id, issued.text[:10])
    assert (stored["scopes"], stored["created_at"], stored["expires_at"]) == (list(SCOPES), NOW, None)
    assert len(stored["digest"]) == 64
    assert issued.text not in [str(value) for value in stored.values()]
    assert issued.text not in repr(issued)


async def test_a_token_tells_who_asks(ctx: Context) -> None:
    world = await university(ctx)
    issued = await issue_token(world.student, name="laptop")
    assert await authenticate(ctx.db, issued.text, NOW) == Principal(world.student_id, False, frozenset(SCOPES))


async def test_an_administrator_needs_the_scope_admin(ctx: Context) -> None:
    world = await university(ctx)
    narrow = await issue_token(world.admin, name="narrow", scopes=[WRITE, READ])
    wide = await issue_token(world.admin, name="wide")
    assert (await only_row(ctx, AccessToken, narrow.id)).scopes == [READ, WRITE]
    assert not (await authenticate(ctx.db, narrow.text, NOW)).is_admin
    assert (await authenticate(ctx.db, wide.text, NOW)).is_admin


async def test_a_token_never_has_more_scopes_than_its_maker(ctx: Context) -> None:
    world = await university(ctx)
    maker = as_user(ctx, world.admin_id, is_staff=True, scopes=frozenset({READ, WRITE}))
    await denied(ctx, issue_token(maker, name="wide", scopes=[ADMIN]), InsufficientScope)
    assert (await only_row(ctx, AccessToken, (await issue_token(maker, name="same")).id)).scopes == [READ, WRITE]


async def test_an_administrator_makes_a_token_for_somebody_else(ctx: Context) -> None:
    world = await university(ctx)
    issued = await issue_token(ctx, user_id=world.student_id, name="robot", scopes=[READ])
    assert await authenticate(ctx.db, issued.text, NOW) == Principal(world.student_id, False, frozenset({READ}))


async def test_an_unusable_token_is_not_made(ctx: Context) -> None:
    me = as_user(ctx, await person(ctx, "sam"))
    await refused(ctx, issue_token(me, name=" "), UserErrorCode.REQUIRED, "name")
    await refused(ctx, issue_token(me, name="x" * 101), UserErrorCode.TOO_LONG, "name")
    await refused(ctx, issue_token(me, name="x", scopes=[]), UserErrorCode.REQUIRED, "scopes")
    await refused(ctx, issue_token(me, name="x", scopes=["root"]), UserErrorCode.INVALID, "scopes")
    await refused(ctx, issue_token(me, name="x", expires_at=NOW), UserErrorCode.OUT_OF_RANGE, "expiresAt")
    naive = NOW.replace(tzinfo=None)
    await refused(ctx, issue_token(me, name="x", expires_at=naive), UserErrorCode.INVALID, "expiresAt")


async def test_a_token_ends(ctx: Context) -> None:
    me = as_user(ctx, await person(ctx, "sam"))
    issued = await issue_token(me, name="day", expires_at=NOW + timedelta(days=1))
    await authenticate(ctx.db, issued.text, NOW + timedelta(days=1) - SECOND)
    with pytest.raises(Unauthenticated):
        await authenticate(ctx.db, issued.text, NOW + timedelta(days=1))


async def test_a_revoked_token_opens_nothing(ctx: Context) -> None:
    me = as_user(ctx, await person(ctx, "sam"))
    issued = await issue_token(me, name="lost")
    assert await revoke_token(me, token_id=issued.id) == issued.id
    assert (await only_row(ctx, AccessToken, issued.id)).revoked_at == NOW
    async with nothing_changes(ctx):
        await revoke_token(as_user(ctx, me.user_id, now=NOW + SECOND), token_id=issued.id)
        with pytest.raises(Unauthenticated):
            await authenticate(ctx.db, issued.text, NOW)


async def test_the_token_of_an_inactive_person_opens_nothing(ctx: Context) -> None:
    me = as_user(ctx, await person(ctx, "sam"))
    issued = await issue_token(me, name="laptop")
    await ctx.db.execute(update(User).values(is_active=False))
    with pytest.raises(Unauthenticated):
        await authenticate(ctx.db, issued.text, NOW)


async def test_nobody_sees_or_ends_another_persons_token(ctx: Context) -> None:
    world = await university(ctx)
    issued = await issue_token(world.student, name="laptop")
    await denied(ctx, revoke_token(world.instructor, token_id=issued.id), NotFound)
    await denied(ctx, issue_token(world.instructor, user_id=world.student_id, name="x"), Forbidden)
    await denied(ctx, issue_token(world.loner, user_id=world.student_id, name="x"), NotFound)


async def test_the_last_use_is_noted_once_a_minute(ctx: Context) -> None:
    me = as_user(ctx, await person(ctx, "sam"))
    issued = await issue_token(me, name="laptop")
    for at, noted in ((0, 0), (59, 0), (60, 60), (100, 60), (120, 120)):
        await authenticate(ctx.db, issued.text, NOW + at * SECOND)
        assert (await only_row(ctx, AccessToken, issued.id)).last_used_at == NOW + noted * SECOND


@pytest.mark.parametrize(
    "junk",
    [
        "",
        "cgp_",
        "\0",
        "\ud800",
        "cgp_" + "\ud800" * 38,
        "cgp_" + "0" * 38 + "\n",
        "cgp_" + "٣" * 38,
        "cgp_" + "0" * 38,
        "x" * 1_000_000,
        "cgp_" + "x" * 1_000_000,
        "Bearer cgp_",
        "' OR 1=1 --",
    ],
    ids=repr,
)
async def test_what_is_no_token_is_refused_before_any_sql(ctx: Context, junk: str) -> None:
    asked = ctx.db.statements
    with pytest.raises(Unauthenticated):
        await authenticate(ctx.db, junk, NOW)
    assert ctx.db.statements == asked


async def test_a_token_that_was_never_issued_is_refused(ctx: Context) -> None:
    me = as_user(ctx, await person(ctx, "sam"))
    issued = await issue_token(me, name="laptop")
    await ctx.db.execute(update(AccessToken).values(digest="0" * 64))
    with pytest.raises(Unauthenticated):
        await authenticate(ctx.db, issued.text, NOW)


async def test_the_checksum_finds_a_mistyped_letter(ctx: Context) -> None:
    issued = (await issue_token(as_user(ctx, await person(ctx, "sam")), name="laptop")).text
    assert is_token(issued)
    for place in range(4, len(issued)):
        assert not is_token(issued[:place] + ("a" if issued[place] != "a" else "b") + issued[place + 1 :])


@pytest.mark.parametrize(
    ("written", "duration"),
    [
        ("30m", timedelta(minutes=30)),
        ("12h", timedelta(hours=12)),
        ("90d", timedelta(days=90)),
        ("2w", timedelta(weeks=2)),
        ("9999w", timedelta(weeks=9999)),
    ],
)
def test_durations(written: str, duration: timedelta) -> None:
    assert parse_duration(written) == duration


@pytest.mark.parametrize("written", ["", "d", "90", "0d", "-1d", "1.5h", "1 d", "1d ", "1y", "10000w", "٣d", "1D"])
def test_what_is_no_duration(written: str) -> None:
    with pytest.raises(ConfigurationError):
        parse_duration(written)
