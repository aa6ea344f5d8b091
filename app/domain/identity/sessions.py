"""People signed in with a browser, for twelve hours."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select

from app.context import Context
from app.db.session import Database
from app.domain.identity.models import BrowserSession, User
from app.domain.identity.tokens import digest
from app.domain.rows import insert_row, update_row
from app.principal import READ, SCOPES, WRITE, Principal

LIFETIME = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Whose browser it is, and as whom they look at which course instance: see `put_on`."""

    user_id: int
    username: str
    is_staff: bool
    masks: Mapping[str, Any] = field(default_factory=dict)

    @property
    def principal(self) -> Principal:
        """The person, without an administrator's rights: those need a token with the scope `admin`."""
        return Principal.of(self.user_id, is_staff=self.is_staff, scopes=frozenset({READ, WRITE}))

    @property
    def whole_principal(self) -> Principal:
        """The person with all that they may do, as after showing a password to a program."""
        return Principal.of(self.user_id, is_staff=self.is_staff, scopes=frozenset(SCOPES))


async def open_session(ctx: Context, user_id: int) -> str:
    """Sign a person in; the text for the cookie."""
    text = secrets.token_urlsafe(32)
    values = {"digest": digest(text), "user_id": user_id, "created_at": ctx.now, "expires_at": ctx.now + LIFETIME}
    await insert_row(ctx, BrowserSession, values)
    return text


async def find_session(ctx: Context, text: str) -> SignedIn | None:
    """Who is signed in with this cookie; None when nobody is any more."""
    return await session_of(ctx.db, digest(text), ctx.now)


async def session_of(db: Database, digest_of_text: str, now: datetime) -> SignedIn | None:
    """Who is signed in with the cookie that has this digest."""
    good = (BrowserSession.digest == digest_of_text, BrowserSession.expires_at > now, User.is_active)
    columns = (User.id, User.username, User.is_staff, BrowserSession.masks)
    statement = select(*columns).join(BrowserSession, BrowserSession.user_id == User.id)
    rows = await db.fetch(statement.where(*good))
    return SignedIn(*rows[0]) if rows else None


async def close_session(ctx: Context, text: str) -> None:
    """Sign out."""
    await ctx.db.execute(delete(BrowserSession).where(BrowserSession.digest == digest(text)))


async def close_all(ctx: Context, user_id: int) -> None:
    """Sign a person out of every browser."""
    await ctx.db.execute(delete(BrowserSession).where(BrowserSession.user_id == user_id))


async def put_on(
    ctx: Context, cookie: str, course_instance_id: int, *, user_id: int | None = None, group_id: int | None = None
) -> bool:
    """Look at a course instance as a learner would from now on: as this person, or as one of the group, or of none.

    Whoever reads by it checks that the person may still see what learners see. False when nobody is signed in.
    """
    return await _keep_mask(ctx, cookie, course_instance_id, {"user_id": user_id, "group_id": group_id})


async def take_off(ctx: Context, cookie: str, course_instance_id: int) -> bool:
    """Look at a course instance as oneself again; False when nobody is signed in."""
    return await _keep_mask(ctx, cookie, course_instance_id, None)


async def _keep_mask(ctx: Context, cookie: str, course_instance_id: int, mask: dict[str, Any] | None) -> bool:
    own = (BrowserSession.digest == digest(cookie), BrowserSession.user_id == ctx.user_id)
    statement = select(BrowserSession.id, BrowserSession.masks).where(*own, BrowserSession.expires_at > ctx.now)
    rows = await ctx.db.fetch(statement.with_for_update(key_share=True))
    for session_id, masks in rows:
        others = {key: value for key, value in masks.items() if key != str(course_instance_id)}
        made = others if mask is None else {**others, str(course_instance_id): mask}
        await update_row(ctx, BrowserSession, session_id, {"masks": made})
    return bool(rows)
