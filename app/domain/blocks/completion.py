"""How much of blocks people have done, and where they go on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import aliased

from app.context import Context
from app.db.sets import member_of
from app.domain.blocks.models import NEVER_COUNTED, STRUCTURE, Block, BlockCompletion, BlockPath
from app.domain.blocks.policy import foreseen
from app.domain.blocks.visits import be_at_work
from app.domain.catalog.models import CourseInstance
from app.domain.enrollment.presence import require_present
from app.domain.identity.policy import may_write
from app.domain.rows import INSERTS, is_key, visible_row
from app.domain.rules import number
from app.errors import Forbidden, RuleBroken, UserErrorCode

UNCOUNTED = (*NEVER_COUNTED, *STRUCTURE)


@dataclass(frozen=True, slots=True)
class NewCompletion:
    """How much of a block has been done, from 0 to 1."""

    block_id: int
    completion: float


async def record_completion(
    ctx: Context, *, course_instance_id: int, completions: Sequence[NewCompletion], user_id: int | None = None
) -> int:
    """Say how much of blocks without children a person (oneself, when none is named) has done; the course instance.

    The last of them is where the person goes on. People for themselves, administrators for everybody. Raises NotFound,
    Forbidden; RuleBroken at `userId`: NOT_FOUND, NOT_ENROLLED, DROPPED; at (`completions`, index, `blockId`): NOT_FOUND
    (of another course instance too), INVALID for a block with children; OUT_OF_RANGE at `completion`.
    """
    may_write(ctx)
    await visible_row(ctx, CourseInstance, course_instance_id, CourseInstance.id)
    person = ctx.user_id if user_id is None else user_id
    if person != ctx.principal.user_id and not ctx.principal.is_admin:
        raise Forbidden("only an administrator may say what somebody else has done")
    await require_present(ctx, course_instance_id, [person], "userId")
    await _require_leaves(ctx, course_instance_id, completions)
    rows: dict[int, dict[str, Any]] = {}
    for index, each in enumerate(completions):
        path = ("completions", str(index), "completion")
        fraction = number(each.completion, *path, minimum=0, maximum=1)
        rows.pop(each.block_id, None)
        rows[each.block_id] = {
            "course_instance_id": course_instance_id,
            "block_id": each.block_id,
            "user_id": person,
            "completion": fraction,
            "completed_at": ctx.now,
        }
    await _store(ctx, list(rows.values()))
    if rows and person == ctx.principal.user_id:
        await be_at_work(ctx, course_instance_id)
    return course_instance_id


async def _store(ctx: Context, rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        table: Any = BlockCompletion.__table__
        statement = INSERTS[ctx.db.dialect](table)
        newer = {name: statement.excluded[name] for name in ("completion", "completed_at")}
        keys = ["block_id", "user_id"]
        await ctx.db.execute(statement.on_conflict_do_update(index_elements=keys, set_=newer), rows)


async def _require_leaves(ctx: Context, course_instance_id: int, completions: Sequence[NewCompletion]) -> None:
    child = aliased(Block)
    has_children = select(child.id).where(child.parent_id == Block.id).exists()
    keys = {each.block_id for each in completions}
    statement = select(Block.id, or_(has_children, Block.kind.in_(STRUCTURE))).where(
        member_of(Block.id, filter(is_key, keys)),
        Block.course_instance_id == course_instance_id,
        ctx.visible(Block),
    )
    found = {row[0]: bool(row[1]) for row in await ctx.db.fetch(statement)}
    for index, each in enumerate(completions):
        path = ("completions", str(index), "blockId")
        if each.block_id not in found:
            raise RuleBroken(UserErrorCode.NOT_FOUND, "no such block in this course instance", *path)
        if found[each.block_id]:
            raise RuleBroken(UserErrorCode.INVALID, "it is complete with the blocks below it", *path)


async def completions_of(ctx: Context, keys: Sequence[int]) -> list[float | None]:
    """For each block how much of it the caller has done: of one without children the fraction, else 1 or 0.

    One with children is complete when all that lie below it, discussions left aside, are, also behind gates; an empty
    unit is complete. None of a discussion, and where nobody is signed in. One statement.
    """
    if ctx.principal.user_id is None:
        return [None] * len(keys)
    own, child, mine = Block, aliased(Block), BlockCompletion
    below = select(BlockPath.block_id).where(member_of(BlockPath.ancestor_id, keys))
    has_children = select(child.id).where(child.parent_id == own.id).exists()
    done = func.coalesce(mine.completion, 0.0)
    statement = (
        select(own.id, own.parent_id, own.kind, has_children, done, ctx.visible(own))
        .join(mine, and_(mine.block_id == own.id, mine.user_id == ctx.user_id), isouter=True)
        .where(own.id.in_(below), foreseen(ctx.viewing))
        .order_by(own.depth.desc())
    )
    found: dict[int, float | None] = {}
    missing: Counter[int | None] = Counter()
    for key, parent_id, kind, has_any, fraction, is_seen in await ctx.db.fetch(statement):
        is_counted = kind not in UNCOUNTED and not has_any
        missing[key] += is_counted and fraction < 1
        missing[parent_id] += missing[key]
        if is_seen and kind not in NEVER_COUNTED:
            found[key] = fraction if is_counted else float(not missing[key])
    return [found.get(key) for key in keys]
