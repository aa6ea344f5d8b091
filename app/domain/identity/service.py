"""People: made by administrators; they may call themselves what they like."""

from __future__ import annotations

import re
from typing import Any, TypedDict, Unpack
from uuid import uuid4

from app.context import Context
from app.domain.changes import UNSET, Change, given
from app.domain.identity.models import User
from app.domain.identity.policy import may_act_for, may_administer, may_write
from app.domain.rows import insert_row, require_free, update_row, visible_row
from app.domain.rules import fitted
from app.errors import Forbidden, RuleBroken, UserErrorCode

NAMES = {"name", "given_name", "family_name"}
UNIQUE = ("username", "email", "uid", "external_id")
EMAIL = re.compile(r"[^@\s]+@[^@\s]+")


class UserDetails(TypedDict, total=False):
    """What may be said of a person beside the username. Null empties; absent (or UNSET) stays as it is."""

    email: Change[str | None]
    uid: Change[str | None]
    name: Change[str | None]
    given_name: Change[str | None]
    family_name: Change[str | None]
    uin: Change[str | None]
    external_id: Change[str | None]
    school: Change[str | None]
    major: Change[str | None]
    year: Change[str | None]
    is_staff: Change[bool]
    is_active: Change[bool]


async def create_user(ctx: Context, *, username: str, **details: Unpack[UserDetails]) -> int:
    """A new person; the id. `uid` is the e-mail address, or else the username, when not given.

    Raises Forbidden unless an administrator asks; RuleBroken: TAKEN (in any capitals), REQUIRED, INVALID, TOO_LONG.
    """
    may_administer(ctx)
    values = given(username=username, **details)
    values["uid"] = values.get("uid") or values.get("email") or username
    values = _checked(values)
    await require_free(ctx, User, values, UNIQUE)
    return await insert_row(ctx, User, {"uuid": uuid4().hex, **values})


async def update_user(
    ctx: Context, *, user_id: int, username: Change[str] = UNSET, **details: Unpack[UserDetails]
) -> int:
    """Change a person; the id. People may change their own names, administrators everything of everybody.

    Raises NotFound, Forbidden; RuleBroken like `create_user`.
    """
    may_write(ctx)
    await visible_row(ctx, User, user_id, User.id, lock=True)
    may_act_for(ctx, user_id)
    changes = given(username=username, **details)
    if not ctx.principal.is_admin and not changes.keys() <= NAMES:
        raise Forbidden("only an institution administrator may change more than a person's names")
    values = _checked(changes)
    await require_free(ctx, User, values, UNIQUE, except_key=user_id)
    await update_row(ctx, User, user_id, values)
    return user_id


def _checked(values: dict[str, Any]) -> dict[str, Any]:
    checked = fitted(User, values)
    email = checked.get("email")
    if email is not None and not EMAIL.fullmatch(email):
        raise RuleBroken(UserErrorCode.INVALID, "not an e-mail address", "email")
    return checked
