"""What people grant to OAuth clients: authorization codes, and the pairs of tokens that these are exchanged for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import and_, or_, select

from app.context import Context
from app.domain.identity.clients import Client
from app.domain.identity.models import AccessToken, AuthorizationCode, User
from app.domain.identity.tokens import OAUTH, SHOWN_LENGTH, derived_text, digest, end_family, new_text
from app.domain.rows import insert_row, update_row

CODE = "cgc_"
OWN = "signed in with a password"
CODE_LIFETIME = timedelta(minutes=10)
ACCESS_LIFETIME = timedelta(hours=2)
SECOND = timedelta(seconds=1)


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
    """The signed-in person's approval as a new code. Raises Unauthenticated when nobody is signed in."""
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


async def find_refreshable(
    ctx: Context, client: Client | None, refresh_token: str, *, since: datetime | None = None
) -> Pair | None:
    """The client's pair of this refresh token (or a person's own), made after `since`, if it is still good; locked.

    A refresh token that was replaced and is used again is a stolen one, or its thief's victim's: its family ends.
    """
    young = [] if since is None else [AccessToken.created_at > since]
    found = await _find_pair(ctx, and_(AccessToken.refresh_digest == digest(refresh_token), *young))
    if found is None or found[0].client_id != (None if client is None else client.id):
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
    client: Client | None,
    *,
    user_id: int,
    scopes: Sequence[str],
    access_token: str,
    refresh_token: str | None = None,
    family: str | None = None,
    replaces_id: int | None = None,
    lifetime: timedelta = ACCESS_LIFETIME,
) -> int:
    """Keep a client's new access token, or a person's own, and, if there is one, what refreshes it; the id."""
    values: dict[str, Any] = {
        "user_id": user_id,
        "client_id": None if client is None else client.id,
        "name": OWN if client is None else client.name,
        "prefix": access_token[:SHOWN_LENGTH],
        "digest": digest(access_token),
        "refresh_digest": None if refresh_token is None else digest(refresh_token),
        "scopes": list(scopes),
        "family": family,
        "replaces_id": replaces_id,
        "created_at": ctx.now,
        "expires_at": ctx.now + lifetime,
    }
    return await insert_row(ctx, AccessToken, values)


async def uuid_of_holder(ctx: Context, access_token: str) -> str:
    """The uuid of the person that a token which there is acts for."""
    same = AccessToken.digest == digest(access_token)
    rows = await ctx.db.fetch(select(User.uuid).join(AccessToken, AccessToken.user_id == User.id).where(same))
    return str(rows[0][0])


async def own_token(ctx: Context, client: Client, secret: str, lifetime: timedelta) -> tuple[str, timedelta]:
    """The client's token of its own and how long it still lives: the one that it has, else a new one.

    The text can be made again from the client's secret, so that it need not be kept. `client` is locked.
    """
    token = AccessToken.__table__.c
    own = (token.client_id == client.id, token.family.is_(None), token.revoked_at.is_(None))
    living = select(token.digest, token.created_at, token.expires_at).where(*own, token.expires_at > ctx.now + SECOND)
    for kept, created_at, expires_at in await ctx.db.fetch(living.order_by(token.id.desc())):
        text = derived_text(OAUTH, secret, f"{client.uid} {created_at.astimezone(UTC).isoformat()}")
        if digest(text) == kept:
            return text, expires_at - ctx.now
    text = derived_text(OAUTH, secret, f"{client.uid} {ctx.now.astimezone(UTC).isoformat()}")
    scopes, user_id = client.scopes, client.user_id or 0
    await issue_pair(ctx, client, user_id=user_id, scopes=scopes, access_token=text, lifetime=lifetime)
    return text, lifetime


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
