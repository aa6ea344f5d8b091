"""Signed texts with which a page goes on to tell how far a learner came in one block, for days, without signing in.

They hold who asked for them, or that nobody was signed in, and the block's key; and open nothing else.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import select

from app.context import Context
from app.db.session import Database
from app.domain.identity.jwts import Signing, signed, verified
from app.domain.identity.models import User
from app.errors import TokenExpired, Unauthenticated
from app.principal import SCOPES, Principal

LIFETIME = timedelta(days=4)
AUDIENCE = "library-block"
NOT_VALID = "the ticket is not valid"


async def ticket(ctx: Context, usage_key: str, signing: Signing) -> str:
    """A ticket of the caller's, or of nobody's, for a block; within a transaction."""
    claims = {
        "aud": AUDIENCE,
        "iat": int(ctx.now.timestamp()),
        "exp": int((ctx.now + LIFETIME).timestamp()),
        "jti": usage_key,
        "user_id": ctx.principal.user_id,
    }
    return await signed(ctx, claims, signing)


async def holder_of_ticket(db: Database, text: str, usage_key: str, now: datetime, signing: Signing) -> Principal:
    """Who got a ticket for this block. Raises TokenExpired, Unauthenticated: of a person who may do nothing, too."""
    claims = await verified(db, text, replace(signing, audience=AUDIENCE))
    user_id = claims.get("user_id")
    if claims["jti"] != usage_key or not isinstance(user_id, int | None):
        raise Unauthenticated(NOT_VALID)
    if not isinstance(claims["exp"], int) or claims["exp"] <= now.timestamp():
        raise TokenExpired(NOT_VALID)
    if user_id is None:
        return Principal.anonymous
    rows = await db.fetch(select(User.is_staff).where(User.id == user_id, User.is_active))
    if not rows:
        raise Unauthenticated(NOT_VALID)
    return Principal.of(user_id, is_staff=rows[0].is_staff, scopes=frozenset(SCOPES))
