"""Course instances derived from another: its contents, at first hidden from learners, with people of their own.

Open edX's custom courses (contracts/edx-core.md §20).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any, NoReturn
from uuid import uuid4

from sqlalchemy import insert, select, update

from app.context import Context
from app.db.sets import member_of
from app.domain.blocks.following import derived, hiding_changed
from app.domain.blocks.models import Block, BlockPath, BlockPrerequisite
from app.domain.blocks.service import tree_of
from app.domain.catalog.keys import RUN, parse_usage, usage_key
from app.domain.catalog.models import CourseInstance
from app.domain.changes import UNSET, Change, given
from app.domain.enrollment.models import Enrollment, EnrollmentRole, EnrollmentStatus, Role
from app.domain.enrollment.policy import STAFF_ROLES, may_teach
from app.domain.identity.models import User
from app.domain.identity.policy import may_write
from app.domain.rows import insert_row, insert_rows, is_key, update_row, visible_row
from app.domain.rules import at_least, fitted
from app.errors import NotFound, RuleBroken, UserErrorCode

CHAPTER = "chapter"
PREFIX = "course-v1:"
COACH = "ccx_coach"
"""The key of the role that coaches have by the name that the institution gives it; it is made when it is not there."""
COPIED = (
    *(CourseInstance.course_id, CourseInstance.term_id, CourseInstance.time_zone, CourseInstance.locale),
    *(CourseInstance.is_self_paced, CourseInstance.late_slack_seconds, CourseInstance.grace_days),
)
OWN = ("id", "course_instance_id", "parent_id", "usage_key", "created_at", "updated_at")
"""Columns of a block that are the copy's own."""


async def derive_course_instance(
    ctx: Context,
    *,
    course_instance_id: int,
    coach_id: int,
    long_name: str,
    max_learners: int,
    chapter_keys: Sequence[str] | None = None,
) -> int:
    """A course instance with the contents of another, which begins now; the id of the new one.

    Its staff are the staff of the other and the coach, an instructor; its chapters are for the staff until somebody
    shows them. What is graded there is graded in it, too (app/domain/gradebook/deriving.py). `chapter_keys` are those
    that the coach may show, all when None. Instructors, administrators. Raises NotFound, Forbidden; RuleBroken:
    NOT_OPEN at `courseInstanceId` where nothing may be derived, INVALID for a derived one and one without a key of Open
    edX's present form; NOT_FOUND at `coachId` and (`chapterKeys`, index); OUT_OF_RANGE at `maxLearners`; REQUIRED,
    TOO_LONG at `longName`.
    """
    await may_teach(ctx, course_instance_id)
    own = CourseInstance
    columns = (*COPIED, own.name, own.key, own.allows_derived, own.derived_from_id)
    origin = await visible_row(ctx, own, course_instance_id, *columns, lock=True)
    if not origin.allows_derived:
        raise RuleBroken(UserErrorCode.NOT_OPEN, "nothing may be derived from it", "courseInstanceId")
    if origin.derived_from_id is not None or RUN.fullmatch(origin.key or "") is None or len(origin.key) > 200:
        raise RuleBroken(UserErrorCode.INVALID, "nothing can be derived from it", "courseInstanceId")
    said = _checked(given(long_name=long_name, max_learners=max_learners))
    await _require_person(ctx, coach_id)
    keys = await _chapters(ctx, course_instance_id, chapter_keys)
    copied = {each.key: getattr(origin, each.key) for each in COPIED}
    place = {"uuid": uuid4().hex, "name": f"ccx-{uuid4().hex}", "start_at": ctx.now, "chapter_keys": keys}
    whose = {"derived_from_id": course_instance_id, "coach_id": coach_id}
    made = await insert_row(ctx, own, {**copied, **said, **place, **whose})
    key = f"ccx-v1:{origin.key.removeprefix(PREFIX)}+ccx@{made}"
    await update_row(ctx, own, made, {"key": key, "name": f"{origin.name[:130]}-ccx-{made}"})
    await _enter(ctx, made, await _staff(ctx, course_instance_id), coach_id)
    await derived(ctx, course_instance_id, made, await _copy(ctx, course_instance_id, made, key))
    return made


async def update_derived_course_instance(
    ctx: Context,
    *,
    course_instance_id: int,
    coach_id: Change[int] = UNSET,
    long_name: Change[str] = UNSET,
    max_learners: Change[int] = UNSET,
    chapter_keys: Change[Sequence[str] | None] = UNSET,
) -> int:
    """Change a derived course instance; its id. Chapters that may not be shown any more are for the staff again.

    Instructors of the one that it is derived from, administrators. Raises NotFound, Forbidden; RuleBroken like
    `derive_course_instance`.
    """
    old = await _derived(ctx, course_instance_id)
    values = _checked(given(long_name=long_name, max_learners=max_learners))
    if chapter_keys is not UNSET:
        values["chapter_keys"] = await _chapters(ctx, old.derived_from_id, chapter_keys)
    if coach_id is not UNSET and coach_id != old.coach_id:
        await _require_person(ctx, coach_id)
        values["coach_id"] = coach_id
        await _change_coach(ctx, course_instance_id, old, coach_id)
    await update_row(ctx, CourseInstance, course_instance_id, values)
    if values.get("chapter_keys") is not None:
        await _hide(ctx, course_instance_id, values["chapter_keys"])
    return course_instance_id


async def delete_derived_course_instance(ctx: Context, *, course_instance_id: int) -> int:
    """Hide a derived course instance, and who is in it, from everybody for good; its id.

    Instructors of the one that it is derived from, administrators. Raises NotFound, Forbidden.
    """
    await _derived(ctx, course_instance_id)
    await update_row(ctx, CourseInstance, course_instance_id, {"deleted_at": ctx.now})
    return course_instance_id


async def _derived(ctx: Context, course_instance_id: int) -> Any:
    """What a derived course instance is derived from, and its coach; locked. Raises NotFound, Forbidden."""
    may_write(ctx)
    own = CourseInstance
    if not is_key(course_instance_id):
        _missing()
    known = (own.id == course_instance_id, own.derived_from_id.is_not(None), own.deleted_at.is_(None))
    statement = select(own.derived_from_id, own.coach_id).where(*known).with_for_update(key_share=True)
    rows = await ctx.db.fetch(statement)
    if not rows:
        _missing()
    await may_teach(ctx, rows[0].derived_from_id)
    return rows[0]


def _missing() -> NoReturn:
    raise NotFound("no such derived course instance")


def _checked(values: dict[str, Any]) -> dict[str, Any]:
    """The name and the number as they are kept."""
    checked = fitted(CourseInstance, values)
    at_least(1, checked, "max_learners")
    return checked


async def _require_person(ctx: Context, user_id: int) -> None:
    """Any person may be named, seen or not. Raises NOT_FOUND at `coachId`."""
    if not is_key(user_id) or await ctx.db.scalar(select(User.id).where(User.id == user_id)) is None:
        raise RuleBroken(UserErrorCode.NOT_FOUND, "no such person", "coachId")


async def _chapters(ctx: Context, origin_id: int, keys: Sequence[str] | None) -> list[str] | None:
    """The keys, each once, of chapters of a course instance. Raises NOT_FOUND at (`chapterKeys`, index)."""
    if keys is None:
        return None
    own = Block
    here = select(own.usage_key).where(own.course_instance_id == origin_id, own.kind == CHAPTER)
    known = {row[0] for row in await ctx.db.fetch(here)}
    for index, each in enumerate(keys):
        if each not in known:
            raise RuleBroken(UserErrorCode.NOT_FOUND, "no such chapter", "chapterKeys", str(index))
    return list(dict.fromkeys(keys))


async def _staff(ctx: Context, course_instance_id: int) -> dict[int, str]:
    """The roles of the staff of a course instance by person."""
    own = Enrollment
    active = (own.role.in_(STAFF_ROLES), own.status == EnrollmentStatus.ACTIVE)
    statement = select(own.user_id, own.role).where(own.course_instance_id == course_instance_id, *active)
    return {row[0]: row[1] for row in await ctx.db.fetch(statement.order_by(own.id))}


async def _enter(ctx: Context, course_instance_id: int, staff: Mapping[int, str], coach_id: int) -> None:
    """Enrol the staff, in their roles, and the coach."""
    same = {"course_instance_id": course_instance_id, "enrolled_at": ctx.now}
    named: dict[int, dict[str, Any]] = {who: {"role": role, "enrollment_role_id": None} for who, role in staff.items()}
    named[coach_id] = await _coaching(ctx)
    await insert_rows(ctx, Enrollment, [{**same, "user_id": who, **each} for who, each in named.items()])


async def _change_coach(ctx: Context, course_instance_id: int, old: Any, coach_id: int) -> None:
    """The new coach is an instructor; the old one has left, unless they are of the staff of both."""
    own = Enrollment
    here = own.course_instance_id == course_instance_id
    role = (await _staff(ctx, old.derived_from_id)).get(old.coach_id)
    gone = {"status": EnrollmentStatus.DROPPED, "ended_at": ctx.now} if role is None else {"role": role}
    now = {"enrollment_role_id": None, "updated_at": ctx.now}
    await ctx.db.execute(update(own).where(here, own.user_id == old.coach_id).values(**gone, **now))
    known = await ctx.db.scalar(select(own.id).where(here, own.user_id == coach_id))
    place = {**await _coaching(ctx), "status": EnrollmentStatus.ACTIVE, "ended_at": None}
    if known is None:
        whose = {"course_instance_id": course_instance_id, "user_id": coach_id, "enrolled_at": ctx.now}
        await insert_row(ctx, own, {**whose, **place})
    else:
        await update_row(ctx, own, known, place)


async def _coaching(ctx: Context) -> dict[str, Any]:
    """What a coach is in an enrolment: an instructor whom the institution calls so."""
    own = EnrollmentRole
    rows = await ctx.db.fetch(select(own.id, own.role).where(own.key == COACH))
    if rows:
        return {"role": rows[0].role, "enrollment_role_id": rows[0].id}
    said = {"key": COACH, "name": "Coach", "role": Role.INSTRUCTOR}
    return {"role": Role.INSTRUCTOR, "enrollment_role_id": await insert_row(ctx, own, said)}


async def _copy(ctx: Context, origin_id: int, made_id: int, key: str) -> dict[int, int]:
    """Copy the blocks of a course instance, level by level; the chapters for the staff alone. The copies by block."""
    names = [column.name for column in Block.__table__.c if column.name not in OWN]
    own = Block
    columns = [own.id, own.parent_id, own.usage_key, *(getattr(own, name) for name in names)]
    statement = select(*columns).where(own.course_instance_id == origin_id).order_by(own.depth, own.position)
    copies: dict[int, int] = {}
    for depth, level in groupby(await ctx.db.fetch(statement), lambda row: row.depth):
        rows = list(level)
        new = [
            {
                **{name: getattr(row, name) for name in names},
                "course_instance_id": made_id,
                "parent_id": None if row.parent_id is None else copies[row.parent_id],
                "usage_key": _copied_key(key, row.usage_key),
                "is_staff_only": row.is_staff_only or depth == 1,
            }
            for row in rows
        ]
        copies |= zip((row.id for row in rows), await insert_rows(ctx, own, new), strict=True)
    await _copy_prerequisites(ctx, origin_id, made_id, copies)
    tree = await tree_of(ctx, made_id)
    words = ("block_id", "ancestor_id", "distance")
    paths = [dict(zip(words, path, strict=True)) for path in tree.paths(tree.parents)]
    if paths:
        await ctx.db.execute(insert(BlockPath), paths)
    return copies


async def _copy_prerequisites(ctx: Context, origin_id: int, made_id: int, copies: Mapping[int, int]) -> None:
    own = BlockPrerequisite
    statement = select(own.block_id, own.required_block_id, own.min_score, own.min_completion)
    rows = await ctx.db.fetch(statement.where(own.course_instance_id == origin_id).order_by(own.id))
    made = [
        {
            "course_instance_id": made_id,
            "block_id": copies[row.block_id],
            "required_block_id": copies[row.required_block_id],
            "min_score": row.min_score,
            "min_completion": row.min_completion,
        }
        for row in rows
    ]
    await insert_rows(ctx, own, made)


def _copied_key(run_key: str, usage: str | None) -> str | None:
    """The key of a block's copy."""
    parsed = None if usage is None else parse_usage(usage)
    return None if parsed is None else usage_key(run_key, parsed.kind, parsed.name)


async def _hide(ctx: Context, course_instance_id: int, chapter_keys: Sequence[str]) -> None:
    """Let the chapters that are not among these be for the staff."""
    own = Block
    names = {parsed.name for each in chapter_keys if (parsed := parse_usage(each)) is not None}
    here = select(own.id, own.usage_key).where(own.course_instance_id == course_instance_id, own.kind == CHAPTER)
    rows = [(row[0], parse_usage(row[1] or "")) for row in await ctx.db.fetch(here)]
    hidden = [key for key, parsed in rows if parsed is None or parsed.name not in names]
    changed = {"is_staff_only": True, "updated_at": ctx.now}
    await ctx.db.execute(update(own).where(member_of(own.id, hidden)).values(**changed))
    await hiding_changed(ctx, course_instance_id)
