"""What the database itself refuses, when somebody was faster than the look before the write."""

from __future__ import annotations

import pytest
from sqlalchemy.exc import IntegrityError

from app.context import Context
from app.domain.groups.models import GroupSet
from app.domain.identity.models import User
from app.domain.rows import insert_row, update_row
from app.errors import RuleBroken, UserErrorCode
from tests.factories import University

pytestmark = pytest.mark.anyio


async def test_a_unique_value_that_was_taken_meanwhile(ctx: Context, world: University) -> None:
    with pytest.raises(RuleBroken) as caught:
        async with ctx.db.transaction():
            await insert_row(ctx, User, {"uuid": "0" * 32, "username": "sam", "uid": "new"})
    assert (caught.value.reason, caught.value.field) == (UserErrorCode.TAKEN, [])
    with pytest.raises(RuleBroken) as caught:
        async with ctx.db.transaction():
            await update_row(ctx, User, world.student_id, {"username": "sue"})
    assert (caught.value.reason, caught.value.field) == (UserErrorCode.TAKEN, [])


async def test_another_broken_constraint_is_a_mistake_of_the_program(ctx: Context, world: University) -> None:
    with pytest.raises(IntegrityError):
        async with ctx.db.transaction():
            await insert_row(ctx, GroupSet, {"course_instance_id": None, "name": "x", "max_size": 1})
