"""Organizations and courses. What hangs on rights in a course is written by app/domain/enrollment/offerings.py."""

from __future__ import annotations

from app.context import Context
from app.domain.catalog.models import Course, Organization
from app.domain.catalog.policy import may_create_courses, may_create_organizations
from app.domain.rows import insert_row, require_free, visible_row
from app.domain.rules import fitted, zone_name


async def create_organization(ctx: Context, *, key: str, name: str, description: str | None = None) -> int:
    """A new organization; the id. Raises Forbidden; RuleBroken: TAKEN at `key`, REQUIRED, INVALID, TOO_LONG."""
    may_create_organizations(ctx)
    values = fitted(Organization, {"key": key, "name": name, "description": description})
    await require_free(ctx, Organization, values, ["key"])
    return await insert_row(ctx, Organization, values)


async def create_course(
    ctx: Context,
    *,
    organization_id: int,
    key: str,
    short_name: str,
    title: str,
    description: str | None = None,
    time_zone: str = "UTC",
) -> int:
    """A new course of an organization; the id.

    Raises Forbidden, NotFound; RuleBroken: TAKEN at `key`, INVALID at `timeZone`, REQUIRED, INVALID, TOO_LONG.
    """
    may_create_courses(ctx)
    await visible_row(ctx, Organization, organization_id, Organization.id)
    values = fitted(Course, {"key": key, "short_name": short_name, "title": title, "description": description})
    values["time_zone"] = zone_name(time_zone, "timeZone")
    await require_free(ctx, Course, values, ["key"])
    return await insert_row(ctx, Course, {"organization_id": organization_id, **values})
