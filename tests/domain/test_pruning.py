"""What is over is forgotten after a while, and not before."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from app.context import Context
from app.domain.identity.clients import Client, create_client, find_client
from app.domain.identity.devices import start_device
from app.domain.identity.grants import find_code, find_refreshable, issue_code, issue_pair, use_code
from app.domain.identity.models import AccessToken
from app.domain.identity.pruning import Forgotten, forget_ended
from app.domain.identity.sessions import open_session
from app.domain.identity.signins import open_sign_in, refresh_sign_in
from app.domain.identity.tokens import issue_token, revoke_token
from app.errors import Forbidden, Unauthenticated
from tests.clock import NOW
from tests.factories import University, at, university

pytestmark = pytest.mark.anyio

DAY = timedelta(days=1)
NOTHING = Forgotten(0, 0, 0, 0)


@pytest.fixture
async def world(ctx: Context) -> University:
    return await university(ctx)


@pytest.fixture
async def client(ctx: Context) -> Client:
    made = await create_client(ctx, "Web", redirect_uris=[], scopes=["read"])
    found = await find_client(ctx, made.uid)
    assert found is not None
    return found


async def pair(ctx: Context, client: Client, name: str, **more: object) -> int:
    """A pair of one family, `cgo_<name>` and `cgr_<name>`."""
    texts = {"access_token": f"cgo_{name}", "refresh_token": f"cgr_{name}"}
    made = {"user_id": ctx.user_id, "scopes": ["read"], "family": "f" * 32, **texts, **more}
    return await issue_pair(ctx, client, **made)  # type: ignore[arg-type]


async def names(ctx: Context) -> list[str]:
    rows = await ctx.db.fetch(select(AccessToken.name).order_by(AccessToken.id))
    return [row[0] for row in rows]


@pytest.mark.parametrize("who", ["student", "instructor", "anonymous"])
async def test_only_administrators_may(world: University, who: str) -> None:
    with pytest.raises((Forbidden, Unauthenticated)):
        await forget_ended(getattr(world, who))


async def test_personal_tokens_go_a_month_after_their_end(world: University, ctx: Context) -> None:
    await issue_token(world.student, name="lasting")
    await issue_token(world.student, name="expired", expires_at=NOW + DAY)
    ended = await issue_token(world.student, name="revoked")
    await revoke_token(world.student, token_id=ended.id)
    assert await forget_ended(at(ctx, NOW + 30 * DAY - timedelta(seconds=1))) == NOTHING
    assert await forget_ended(at(ctx, NOW + 30 * DAY)) == Forgotten(1, 0, 0, 0)
    assert await forget_ended(at(ctx, NOW + 31 * DAY)) == Forgotten(1, 0, 0, 0)
    assert await names(ctx) == ["lasting"]


async def test_a_family_is_kept_while_any_of_it_could_be_refreshed(
    world: University, ctx: Context, client: Client
) -> None:
    first = await pair(world.student, client, "1")
    await revoke_token(world.student, token_id=await pair(world.student, client, "x", family="e" * 32))
    second = await pair(at(world.student, NOW + 400 * DAY), client, "2", replaces_id=first)
    late = at(ctx, NOW + 900 * DAY)
    await ctx.db.execute(update(AccessToken).where(AccessToken.id == first).values(revoked_at=NOW))
    assert await forget_ended(late) == Forgotten(1, 0, 0, 0)
    assert len(await names(ctx)) == 2
    assert await find_refreshable(late, client, "cgr_1") is None
    assert await find_refreshable(late, client, "cgr_2") is None
    assert (await forget_ended(at(ctx, NOW + 929 * DAY)), second > first) == (NOTHING, True)
    assert await forget_ended(at(ctx, NOW + 930 * DAY)) == Forgotten(2, 0, 0, 0)


async def test_sign_ins_go_a_month_after_they_cannot_be_refreshed(world: University, ctx: Context) -> None:
    made = await open_sign_in(world.student, world.student_id)
    assert await refresh_sign_in(at(world.student, NOW + DAY), made.refresh_token) is not None
    assert await forget_ended(at(ctx, NOW + 60 * DAY)) == NOTHING
    assert await forget_ended(at(ctx, NOW + 61 * DAY)) == Forgotten(2, 0, 0, 0)


async def test_codes_devices_and_sessions(world: University, ctx: Context, client: Client) -> None:
    text = await issue_code(world.student, client, redirect_uri="https://x.example/", scopes=["read"])
    code = await find_code(world.student, client, text)
    assert code is not None
    await use_code(world.student, code)
    await start_device(ctx, client)
    await open_session(ctx, world.student_id)
    minutes = timedelta(minutes=1)
    assert await forget_ended(at(ctx, NOW + 14 * minutes)) == NOTHING
    assert await forget_ended(at(ctx, NOW + 15 * minutes)) == Forgotten(0, 0, 1, 0)
    assert await forget_ended(at(ctx, NOW + DAY)) == Forgotten(0, 0, 0, 1)
    assert await forget_ended(at(ctx, NOW + DAY + 10 * minutes)) == Forgotten(0, 1, 0, 0)
