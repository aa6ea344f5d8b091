"""Who takes mails of organizations."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from app.context import Context
from app.domain.catalog.mailing import mail_preferences, set_mail_preference
from app.domain.catalog.models import MailPreference
from app.domain.catalog.service import create_organization
from app.errors import Forbidden, NotFound
from tests.domain.proof import denied, nothing_changes
from tests.factories import University

pytestmark = pytest.mark.anyio


async def test_people_say_whether_they_take_mails(ctx: Context, world: University) -> None:
    other = await create_organization(ctx, key="other", name="Other")
    keys = [world.organization_id, other]
    assert await mail_preferences(world.student, keys) == [None, None]
    assert await set_mail_preference(world.student, organization_id=other, receives_mail=False) == other
    assert await mail_preferences(world.student, keys) == [None, False]
    await set_mail_preference(world.student, organization_id=other, receives_mail=True)
    await set_mail_preference(world.student, organization_id=world.organization_id, receives_mail=False)
    assert await mail_preferences(world.student, keys) == [False, True]
    async with nothing_changes(ctx):
        await set_mail_preference(world.student, organization_id=other, receives_mail=True)
    assert await ctx.db.scalar(select(func.count()).select_from(MailPreference)) == 2


async def test_nobody_else_sees_or_says_it(ctx: Context, world: University) -> None:
    here, sam = world.organization_id, world.student_id
    await set_mail_preference(world.admin, organization_id=here, user_id=sam, receives_mail=True)
    assert await mail_preferences(world.admin, [here], sam) == [True]
    for caller in (world.instructor, world.second_student, world.anonymous):
        assert await mail_preferences(caller, [here], sam) == [None]
    assert await mail_preferences(world.student, [here, 999_999], sam) == [True, None]
    assert await mail_preferences(world.admin, [here], 2**70) == [None]
    mine = set_mail_preference(world.instructor, organization_id=here, user_id=sam, receives_mail=False)
    await denied(world.instructor, mine, Forbidden)
    for unknown in (2**70, 0, 2**31 - 2):
        await denied(ctx, set_mail_preference(world.student, organization_id=unknown, receives_mail=True), NotFound)
