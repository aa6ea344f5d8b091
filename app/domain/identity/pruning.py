"""What is over is forgotten after a while: tokens, codes, devices that wait, browsers' sessions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import and_, delete, exists, or_, select
from sqlalchemy.orm import aliased

from app.context import Context
from app.db.base import Base
from app.domain.identity.models import AccessToken, AuthorizationCode, BrowserSession, DeviceRequest
from app.domain.identity.policy import may_administer
from app.domain.identity.signins import UNUSED

KEPT = timedelta(days=30)
"""How long a token is kept after its end, so that people can see what acted for them."""
CODES_KEPT = timedelta(days=1)
"""How long a code is known to have been used when it comes back."""


@dataclass(frozen=True, slots=True)
class Forgotten:
    """How many of each were removed."""

    tokens: int
    codes: int
    devices: int
    sessions: int


async def forget_ended(ctx: Context) -> Forgotten:
    """Remove what has been over for long. Raises Forbidden unless an administrator or the program asks.

    Tokens of one approval go together, when none of them can be used or refreshed any more: until then a refresh token
    that comes back must be known, to end the others.
    """
    may_administer(ctx)
    devices = await _remove(ctx, DeviceRequest, DeviceRequest.expires_at <= ctx.now)
    is_asked_for = exists().where(DeviceRequest.code_id == AuthorizationCode.id)
    old_code = and_(AuthorizationCode.expires_at <= ctx.now - CODES_KEPT, ~is_asked_for)
    codes = await _remove(ctx, AuthorizationCode, old_code)
    sessions = await _remove(ctx, BrowserSession, BrowserSession.expires_at <= ctx.now)
    relative = aliased(AccessToken)
    alive = select(relative.id).where(relative.family == AccessToken.family, ~_is_over(ctx, relative))
    over = and_(_is_over(ctx, AccessToken), or_(AccessToken.family.is_(None), ~alive.exists()))
    return Forgotten(await _remove(ctx, AccessToken, over), codes, devices, sessions)


def _is_over(ctx: Context, token: Any) -> Any:
    """Whether a token has been of no use for as long as it is kept: revoked, or over and without what refreshes it."""
    ended = ctx.now - KEPT
    is_own = and_(token.client_id.is_(None), token.created_at <= ended - UNUSED)
    lasts = and_(token.refresh_digest.is_not(None), ~is_own)
    return or_(
        and_(token.revoked_at.is_not(None), token.revoked_at <= ended),
        and_(token.revoked_at.is_(None), token.expires_at.is_not(None), token.expires_at <= ended, ~lasts),
    )


async def _remove(ctx: Context, table: type[Base], condition: Any) -> int:
    result = await ctx.db.execute(delete(table).where(condition))
    return int(result.rowcount)
