"""What people grant to OAuth clients: authorization codes, and the pairs of tokens that these are exchanged for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import delete, exists, or_, select

from app.context import Context
from app.domain.identity.clients import Client
from app.domain.identity.models import AccessToken, AuthorizationCode, DeviceRequest, User
from app.domain.identity.tokens import SHOWN_LENGTH, digest, end_family, new_text
from app.domain.rows import insert_row, update_row

CODE = "cgc_"
CODE_LIFETIME = timedelta(minutes=10)
ACCESS_LIFETIME = timedelta(hours=2)
KEPT = timedelta(days=1)  # used codes, so that they are known when they come back


@dataclass(frozen=True, slots=True)
class Code:
    """An authorization code that is good now."""

    id: int
    user_id: int
    redirect_uri: str
    scopes: Sequence[str]
    code_challenge: str | None
    family: str


@dataclass(frozen=True, slots=True)
class Pair:
    """A pair of tokens. `family` is None for a token without a refresh token."""

    id: int
    client_id: int | None
    user_id: int
    scopes: Sequence[str]
    family: str | None


async def issue_code(
    ctx: Context, client: Client, *, redirect_uri: str, scopes: Sequence[str], code_challenge: str | None = None
) -> str:
    """The signed-in person's approval as a new code. Raises Unauthenticated when nobody is signed in.

    The person's codes that ended a day ago are removed, unless a device may still ask for them.
    """
    old = (AuthorizationCode.user_id == ctx.user_id, AuthorizationCode.expires_at <= ctx.now - KEPT)
    is_asked_for = exists().where(DeviceRequest.code_id == AuthorizationCode.id)
    await ctx.db.execute(delete(AuthorizationCode).where(*old, ~is_asked_for))
    text = new_text(CODE)
    values = {
        "digest": digest(text),
        "client_id": client.id,
        "user_id": ctx.user_id,
        "redirect_uri": redirect_uri,
        "scopes": list(scopes),
        "code_challenge": code_challenge,
        "family": uuid4().hex,
        "created_at": ctx.now,
        "expires_at": ctx.now + CODE_LIFETIME,
    }
    await insert_row(ctx, AuthorizationCode, values)
    return text


async def renew_code(ctx: Context, code_id: int) -> str:
    """The code under a new text, good for another ten minutes; the old text is good for nothing."""
    text = new_text(CODE)
    await update_row(ctx, AuthorizationCode, code_id, {"digest": digest(text), "expires_at": ctx.now + CODE_LIFETIME})
    return text


async def find_code(ctx: Context, client: Client, text: str) -> Code | None:
    """The client's code of this text, if it is still good; locked. A code that is used again ends what it gave."""
    code = AuthorizationCode.__table__.c
    columns = (code.id, code.user_id, code.redirect_uri, code.scopes, code.code_challenge, code.family)
    statement = (
        select(*columns, code.expires_at, code.used_at, User.is_active)
        .join(User, User.id == code.user_id)
        .where(code.digest == digest(text), code.client_id == client.id)
    )
    rows = await ctx.db.fetch(statement.with_for_update(key_share=True, of=AuthorizationCode))
    if not rows:
        return None
    *found, expires_at, used_at, is_active = rows[0]
    if used_at is not None:
        await end_family(ctx, found[-1])
        return None
    return Code(*found) if is_active and ctx.now < expires_at else None


async def use_code(ctx: Context, code: Code) -> None:
    """Note that the code was exchanged: it is good for nothing from now on."""
    await update_row(ctx, AuthorizationCode, code.id, {"used_at": ctx.now})


async def find_refreshable(ctx: Context, client: Client, refresh_token: str) -> Pair | None:
    """The client's pair of this refresh token, if it is still good; locked.

    A refresh token that was replaced and is used again is a stolen one, or its thief's victim's: its family ends.
    """
    found = await _find_pair(ctx, AccessToken.refresh_digest == digest(refresh_token))
    if found is None or found[0].client_id != client.id:
        return None
    pair, revoked_at, is_active = found
    if revoked_at is not None and pair.family is not None:
        await end_family(ctx, pair.family)
    return pair if revoked_at is None and is_active else None


async def find_pair(ctx: Context, text: str) -> Pair | None:
    """The pair that has this access token or this refresh token, in whatever state; locked."""
    same = digest(text)
    found = await _find_pair(ctx, or_(AccessToken.digest == same, AccessToken.refresh_digest == same))
    return None if found is None else found[0]


async def issue_pair(
    ctx: Context,
    client: Client,
    *,
    user_id: int,
    scopes: Sequence[str],
    access_token: str,
    refresh_token: str | None = None,
    family: str | None = None,
    replaces_id: int | None = None,
) -> int:
    """Keep a new access token of two hours and, if there is one, what refreshes it; the id."""
    values: dict[str, Any] = {
        "user_id": user_id,
        "client_id": client.id,
        "name": client.name,
        "prefix": access_token[:SHOWN_LENGTH],
        "digest": digest(access_token),
        "refresh_digest": None if refresh_token is None else digest(refresh_token),
        "scopes": list(scopes),
        "family": family,
        "replaces_id": replaces_id,
        "created_at": ctx.now,
        "expires_at": ctx.now + ACCESS_LIFETIME,
    }
    return await insert_row(ctx, AccessToken, values)


async def end_pair(ctx: Context, pair: Pair) -> None:
    """End a pair and all that come from the same approval."""
    await update_row(ctx, AccessToken, pair.id, {"revoked_at": ctx.now})
    if pair.family is not None:
        await end_family(ctx, pair.family)


async def _find_pair(ctx: Context, condition: Any) -> tuple[Pair, datetime | None, bool] | None:
    token = AccessToken.__table__.c
    columns = (token.id, token.client_id, token.user_id, token.scopes, token.family, token.revoked_at)
    statement = select(*columns, User.is_active).join(User, User.id == token.user_id).where(condition)
    rows = await ctx.db.fetch(statement.with_for_update(key_share=True, of=AccessToken))
    if not rows:
        return None
    *found, revoked_at, is_active = rows[0]
    return Pair(*found), revoked_at, is_active
