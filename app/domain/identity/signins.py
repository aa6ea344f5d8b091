"""People signed in through a program by their password: a token of an hour, and what refreshes it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from uuid import uuid4

from sqlalchemy import select, update

from app.context import Context
from app.domain.identity.grants import end_pair, find_pair, find_refreshable, issue_pair
from app.domain.identity.models import AccessToken, User
from app.domain.identity.tokens import PERSONAL, REFRESH, new_text
from app.principal import ADMIN, READ, WRITE

LIFETIME = timedelta(hours=1)
UNUSED = timedelta(days=30)
"""How long a sign-in lasts that is not refreshed."""


@dataclass(frozen=True, slots=True)
class SignIn:
    """New tokens; `expires_in` are seconds of the access token."""

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_in: int


async def open_sign_in(ctx: Context, user_id: int) -> SignIn:
    """Sign a person in who has shown a password, for all that the person may do."""
    return await _issue(ctx, user_id, uuid4().hex)


async def refresh_sign_in(ctx: Context, refresh_token: str) -> SignIn | None:
    """New tokens for old ones, which end at once; None when they were not good.

    A refresh token that comes back ends all tokens of its sign-in: keep the transaction in that case, too.
    """
    pair = await find_refreshable(ctx, None, refresh_token, since=ctx.now - UNUSED)
    if pair is None or pair.family is None:
        return None
    await ctx.db.execute(update(AccessToken).where(AccessToken.id == pair.id).values(revoked_at=ctx.now))
    return await _issue(ctx, pair.user_id, pair.family)


async def sign_out(ctx: Context, access_token: str) -> None:
    """End a token, and all that come from the same sign-in or approval."""
    pair = await find_pair(ctx, access_token)
    if pair is not None:
        await end_pair(ctx, pair)


async def end_sign_ins(ctx: Context, user_id: int) -> None:
    """End all sign-ins of a person; tokens that were made by name, and those of clients, stay."""
    own = (AccessToken.user_id == user_id, AccessToken.client_id.is_(None), AccessToken.family.is_not(None))
    await ctx.db.execute(update(AccessToken).where(*own, AccessToken.revoked_at.is_(None)).values(revoked_at=ctx.now))


async def _issue(ctx: Context, user_id: int, family: str) -> SignIn:
    is_staff = await ctx.db.scalar(select(User.is_staff).where(User.id == user_id))
    made = SignIn(new_text(PERSONAL), new_text(REFRESH), int(LIFETIME.total_seconds()))
    await issue_pair(
        ctx,
        None,
        user_id=user_id,
        scopes=[READ, WRITE, ADMIN] if is_staff else [READ, WRITE],
        access_token=made.access_token,
        refresh_token=made.refresh_token,
        family=family,
        lifetime=LIFETIME,
    )
    return made
