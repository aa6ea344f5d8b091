"""Terms: the stretches of time that course instances belong to."""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypedDict, Unpack

from sqlalchemy import delete

from app.context import Context
from app.domain.catalog.models import Duration, Term
from app.domain.changes import UNSET, Change, given
from app.domain.identity.models import DataSource
from app.domain.identity.policy import may_administer
from app.domain.rows import insert_row, require_free, require_known, require_unused, update_row, visible_row
from app.domain.rules import at_least, fitted, in_order
from app.errors import RuleBroken, UserErrorCode


class TermDetails(TypedDict, total=False):
    """What may be said of a term beside its names. Null empties; absent (or UNSET) stays as it is."""

    data_source_id: Change[int | None]
    description: Change[str | None]
    is_available: Change[bool]
    duration: Change[Duration]
    start_at: Change[datetime | None]
    end_at: Change[datetime | None]
    days_of_use: Change[int | None]


async def create_term(ctx: Context, *, external_id: str, name: str, **details: Unpack[TermDetails]) -> int:
    """A new term; the id. Administrators.

    Raises Forbidden; RuleBroken: TAKEN at `externalId`, NOT_FOUND at `dataSourceId`, INVALID at `duration`,
    OUT_OF_RANGE at `endAt`, `daysOfUse`; REQUIRED, INVALID, TOO_LONG.
    """
    may_administer(ctx)
    values = await _checked(ctx, given(external_id=external_id, name=name, **details))
    in_order({"start_at": values.get("start_at"), "end_at": values.get("end_at")})
    await require_free(ctx, Term, values, ["external_id"])
    return await insert_row(ctx, Term, values)


async def update_term(
    ctx: Context,
    *,
    term_id: int,
    external_id: Change[str] = UNSET,
    name: Change[str] = UNSET,
    **details: Unpack[TermDetails],
) -> int:
    """Change a term; the id. Administrators. Raises NotFound, Forbidden; RuleBroken like `create_term`."""
    may_administer(ctx)
    old = await visible_row(ctx, Term, term_id, Term.start_at, Term.end_at, lock=True)
    values = await _checked(ctx, given(external_id=external_id, name=name, **details))
    in_order({"start_at": values.get("start_at", old.start_at), "end_at": values.get("end_at", old.end_at)})
    await require_free(ctx, Term, values, ["external_id"], except_key=term_id)
    await update_row(ctx, Term, term_id, values)
    return term_id


async def delete_term(ctx: Context, *, term_id: int) -> int:
    """Delete a term of no course instance; the id. Raises NotFound, Forbidden; RuleBroken IN_USE at `termId`."""
    may_administer(ctx)
    await visible_row(ctx, Term, term_id, Term.id, lock=True)
    await require_unused(ctx, Term, term_id, "termId")
    await ctx.db.execute(delete(Term).where(Term.id == term_id))
    return term_id


async def _checked(ctx: Context, values: dict[str, Any]) -> dict[str, Any]:
    await require_known(ctx, values, data_source_id=DataSource)
    checked = fitted(Term, values)
    at_least(1, checked, "days_of_use")
    if checked.get("duration") == Duration.TERM:
        raise RuleBroken(UserErrorCode.INVALID, "a term cannot last as long as its term", "duration")
    return checked
