"""Who takes mails of organizations (contracts/edx-core.md §6.3)."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from app.context import Context
from app.db.sets import member_of
from app.domain.catalog.models import MailPreference, Organization
from app.domain.identity.models import User
from app.domain.identity.policy import may_act_for, may_write
from app.domain.rows import insert_missing, is_key, update_row, visible_row


async def set_mail_preference(
    ctx: Context, *, organization_id: int, receives_mail: bool, user_id: int | None = None
) -> int:
    """Say whether a person (oneself, when nobody is named) takes mails of an organization; its id.

    Everybody for themselves, administrators for all. Raises NotFound, Forbidden.
    """
    may_write(ctx)
    person = ctx.user_id if user_id is None else user_id
    await visible_row(ctx, User, person, User.id)
    may_act_for(ctx, person)
    await visible_row(ctx, Organization, organization_id, Organization.id)
    own = MailPreference
    row = {"user_id": person, "organization_id": organization_id, "receives_mail": receives_mail}
    await insert_missing(ctx, own, [{**row, "created_at": ctx.now, "updated_at": ctx.now}])
    mine = select(own.id).where(own.user_id == person, own.organization_id == organization_id)
    stored = await ctx.db.scalar(mine.where(own.receives_mail.is_not(receives_mail)))
    if stored is not None:
        await update_row(ctx, own, stored, {"receives_mail": receives_mail})
    return organization_id


async def mail_preferences(ctx: Context, keys: Sequence[int], user_id: int | None = None) -> list[bool | None]:
    """For each organization id whether a person (the caller, if none is named) takes its mails.

    None where they never said, and where the caller does not see it. One statement.
    """
    own = MailPreference
    person = ctx.principal.user_id if user_id is None else user_id
    if person is None or not is_key(person):
        return [None] * len(keys)
    statement = select(own.organization_id, own.receives_mail).where(own.user_id == person, ctx.visible(own))
    found = dict(map(tuple, await ctx.db.fetch(statement.where(member_of(own.organization_id, keys)))))
    return [found.get(key) for key in keys]
