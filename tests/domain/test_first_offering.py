"""An installation in which nothing is yet."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.context import Context
from app.domain.catalog.models import Course, CourseInstance, Organization
from app.domain.enrollment.offerings import create_course_instance
from tests.domain.proof import only_row

pytestmark = pytest.mark.anyio


async def test_the_first_offering_of_all_gets_a_course_and_an_organization(ctx: Context) -> None:
    made = await create_course_instance(ctx, name="MATH1", long_name="Algebra")
    course = await only_row(ctx, Course, (await only_row(ctx, CourseInstance, made)).course_id)
    assert (course.key, course.title, course.time_zone) == ("MATH1", "Algebra", "UTC")
    keys = await ctx.db.fetch(select(Organization.key).where(Organization.id == course.organization_id))
    assert [row.key for row in keys] == ["institution"]
