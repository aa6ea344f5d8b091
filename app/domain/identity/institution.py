"""What an institution's own systems know: where records come from, and people's profiles."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypedDict, Unpack

from sqlalchemy import delete, select

from app.context import Context
from app.domain.changes import UNSET, Change, given
from app.domain.identity.models import DataSource, EducationLevel, Gender, User, UserProfile
from app.domain.identity.policy import may_act_for, may_administer, may_write
from app.domain.rows import insert_row, require_free, require_unused, update_row, visible_row
from app.domain.rules import email_address, fitted, web_address, zone_name
from app.errors import Forbidden

OWN = {"pronouns", "pronunciation", "preferred_name", "locale", "calendar", "first_day_of_week", "web_page"}
OWN |= {"shows_certificates", "time_zone"}


class ProfileDetails(TypedDict, total=False):
    """What may be said of a person beside the names. Null empties; absent (or UNSET) stays as it is."""

    middle_name: Change[str | None]
    other_name: Change[str | None]
    suffix: Change[str | None]
    title: Change[str | None]
    preferred_name: Change[str | None]
    pronouns: Change[str | None]
    pronunciation: Change[str | None]
    gender: Change[Gender]
    education_level: Change[EducationLevel]
    birth_date: Change[datetime | None]
    institution_email: Change[str | None]
    web_page: Change[str | None]
    home_phone: Change[str | None]
    mobile_phone: Change[str | None]
    business_phone: Change[str | None]
    business_fax: Change[str | None]
    job_title: Change[str | None]
    job_department: Change[str | None]
    job_company: Change[str | None]
    street: Change[str | None]
    street_more: Change[str | None]
    city: Change[str | None]
    state: Change[str | None]
    zip_code: Change[str | None]
    country: Change[str | None]
    locale: Change[str | None]
    calendar: Change[str | None]
    first_day_of_week: Change[str | None]
    time_zone: Change[str | None]
    institution_roles: Change[Sequence[str]]
    system_roles: Change[Sequence[str]]
    shows_certificates: Change[bool]


async def create_data_source(ctx: Context, *, external_id: str, description: str | None = None) -> int:
    """A new source of records; the id. Administrators.

    Raises Forbidden; RuleBroken: TAKEN at `externalId`, REQUIRED, INVALID, TOO_LONG.
    """
    may_administer(ctx)
    values = fitted(DataSource, {"external_id": external_id, "description": description})
    await require_free(ctx, DataSource, values, ["external_id"])
    return await insert_row(ctx, DataSource, values)


async def update_data_source(
    ctx: Context,
    *,
    data_source_id: int,
    external_id: Change[str] = UNSET,
    description: Change[str | None] = UNSET,
) -> int:
    """Change a source of records; the id. Raises NotFound, Forbidden; RuleBroken like `create_data_source`."""
    may_administer(ctx)
    await visible_row(ctx, DataSource, data_source_id, DataSource.id, lock=True)
    values = fitted(DataSource, given(external_id=external_id, description=description))
    await require_free(ctx, DataSource, values, ["external_id"], except_key=data_source_id)
    await update_row(ctx, DataSource, data_source_id, values)
    return data_source_id


async def delete_data_source(ctx: Context, *, data_source_id: int) -> int:
    """Delete a source that no record names; the id. Raises NotFound, Forbidden; RuleBroken IN_USE at `dataSourceId`."""
    may_administer(ctx)
    await visible_row(ctx, DataSource, data_source_id, DataSource.id, lock=True)
    await require_unused(ctx, DataSource, data_source_id, "dataSourceId")
    await ctx.db.execute(delete(DataSource).where(DataSource.id == data_source_id))
    return data_source_id


async def update_profile(ctx: Context, *, user_id: int, **details: Unpack[ProfileDetails]) -> int:
    """Change a person's profile, or begin it; the profile's id.

    People may say how they want to be addressed and shown, administrators everything. Raises NotFound, Forbidden;
    RuleBroken: INVALID at `institutionEmail`, `webPage`, `timeZone`, TOO_LONG, OUT_OF_RANGE.
    """
    may_write(ctx)
    await visible_row(ctx, User, user_id, User.id, lock=True)
    may_act_for(ctx, user_id)
    changes = given(**details)
    if not ctx.principal.is_admin and not changes.keys() <= OWN:
        raise Forbidden("only an institution administrator may change what the institution knows of a person")
    values = _checked(changes)
    found: int | None = await ctx.db.scalar(select(UserProfile.id).where(UserProfile.user_id == user_id))
    if found is None:
        roles: dict[str, Any] = {"institution_roles": [], "system_roles": []}
        return await insert_row(ctx, UserProfile, {"user_id": user_id, **roles, **values})
    await update_row(ctx, UserProfile, found, values)
    return found


def _checked(values: dict[str, Any]) -> dict[str, Any]:
    checked = fitted(UserProfile, values)
    email_address(checked.get("institution_email"), "institutionEmail")
    web_address(checked.get("web_page"), "webPage")
    if checked.get("time_zone") is not None:
        checked["time_zone"] = zone_name(checked["time_zone"], "timeZone")
    return checked
