"""People: made by administrators; they may call themselves what they like."""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypedDict, Unpack
from uuid import uuid4

from sqlalchemy import delete, update

from app.context import Context
from app.domain.changes import UNSET, Change, given
from app.domain.identity.arrivals import welcome
from app.domain.identity.institution import ProfileDetails, update_profile
from app.domain.identity.models import AccessToken, BrowserSession, DataSource, User, UserProfile
from app.domain.identity.passwords import hashed_if_sound
from app.domain.identity.policy import may_act_for, may_administer, may_write
from app.domain.rows import insert_row, require_free, require_known, require_unused, update_row, visible_row
from app.domain.rules import email_address, fitted
from app.errors import Forbidden, RuleBroken

NAMES = {"name", "given_name", "family_name"}
UNIQUE = ("username", "email", "uid", "external_id")
OWNED = (AccessToken, BrowserSession, UserProfile)


class UserDetails(TypedDict, total=False):
    """What may be said of a person beside the username. Null empties; absent (or UNSET) stays as it is."""

    email: Change[str | None]
    uid: Change[str | None]
    name: Change[str | None]
    given_name: Change[str | None]
    family_name: Change[str | None]
    uin: Change[str | None]
    external_id: Change[str | None]
    data_source_id: Change[int | None]
    school: Change[str | None]
    major: Change[str | None]
    year: Change[str | None]
    is_staff: Change[bool]
    is_active: Change[bool]
    is_disabled: Change[bool]
    retirement_requested_at: Change[datetime | None]


async def create_user(
    ctx: Context,
    *,
    username: str,
    password: str | None = None,
    profile: ProfileDetails | None = None,
    **details: Unpack[UserDetails],
) -> int:
    """A new person; the id. `uid` is the e-mail address, or else the username, when not given.

    Raises Forbidden unless an administrator asks; RuleBroken: TAKEN (in any capitals), REQUIRED, INVALID, TOO_LONG,
    NOT_FOUND at `dataSourceId`; below `profile` like `update_profile`.
    """
    may_administer(ctx)
    values = given(username=username, **details)
    values["uid"] = values.get("uid") or values.get("email") or username
    values = await _checked(ctx, values)
    await require_free(ctx, User, values, UNIQUE)
    kept = None if password is None else await hashed_if_sound(password)
    made = await insert_row(ctx, User, {"uuid": uuid4().hex, "password_hash": kept, **values})
    await _write_profile(ctx, made, profile)
    await welcome(ctx, [made])
    return made


async def update_user(
    ctx: Context,
    *,
    user_id: int,
    username: Change[str] = UNSET,
    profile: ProfileDetails | None = None,
    **details: Unpack[UserDetails],
) -> int:
    """Change a person; the id. People may change their own names, administrators everything of everybody.

    Of the profile they may say what `update_profile` lets them.

    Raises NotFound, Forbidden; RuleBroken like `create_user`.
    """
    may_write(ctx)
    await visible_row(ctx, User, user_id, User.id, lock=True)
    may_act_for(ctx, user_id)
    changes = given(username=username, **details)
    if not ctx.principal.is_admin and not changes.keys() <= NAMES:
        raise Forbidden("only an institution administrator may change more than a person's names")
    values = await _checked(ctx, changes)
    await require_free(ctx, User, values, UNIQUE, except_key=user_id)
    await update_row(ctx, User, user_id, values)
    await _write_profile(ctx, user_id, profile)
    return user_id


async def delete_user(ctx: Context, *, user_id: int) -> int:
    """Forget a person of whom there is no record: no enrolment, no work, no grade; the id. Nothing else is lost.

    Their tokens, sessions and profile go too. Administrators. Raises NotFound, Forbidden; RuleBroken IN_USE at `userId`
    when something else refers to the person: then disable them.
    """
    may_administer(ctx)
    await visible_row(ctx, User, user_id, User.id, lock=True)
    await require_unused(ctx, User, user_id, "userId", apart_from=OWNED)
    await ctx.db.execute(update(AccessToken).where(AccessToken.user_id == user_id).values(replaces_id=None))
    for model in OWNED:
        await ctx.db.execute(delete(model).where(model.__table__.c.user_id == user_id))
    await ctx.db.execute(delete(User).where(User.id == user_id))
    return user_id


async def _write_profile(ctx: Context, user_id: int, profile: ProfileDetails | None) -> None:
    if profile:
        try:
            await update_profile(ctx, user_id=user_id, **profile)
        except RuleBroken as error:
            raise RuleBroken(error.reason, str(error), "profile", *error.field) from None


async def _checked(ctx: Context, values: dict[str, Any]) -> dict[str, Any]:
    await require_known(ctx, values, data_source_id=DataSource)
    checked = fitted(User, values)
    email_address(checked.get("email"), "email")
    return checked
