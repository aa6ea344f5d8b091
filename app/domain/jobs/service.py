"""Jobs are asked for, and taken back before they begin, by those who see the learners' data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import select, update

from app.context import Context
from app.db.sets import member_of
from app.domain.blocks.models import Block
from app.domain.catalog.models import CourseInstance
from app.domain.enrollment.policy import may_teach
from app.domain.enrollment.presence import standing_of
from app.domain.identity.policy import may_write
from app.domain.jobs.models import OPEN, Job, JobKind, JobState
from app.domain.rows import insert_row, is_key, visible_row
from app.domain.rules import text
from app.errors import RuleBroken, UserErrorCode

MAX_BLOCKS = 1000
KIND_LENGTH = 64
REPORTS = (JobKind.PROBLEM_RESPONSES, JobKind.GRADES)


async def request_report(
    ctx: Context,
    *,
    course_instance_id: int,
    kind: JobKind,
    block_ids: Sequence[int] = (),
    block_kinds: Sequence[str] = (),
    learner_id: int | None = None,
) -> int:
    """Have a report written; the job's id.

    Of `PROBLEM_RESPONSES` the blocks below which the problems are, if given only those of some kinds or of one learner.
    Assistants, instructors and administrators (contracts/edx-core.md §16). Raises NotFound, Forbidden; RuleBroken:
    REQUIRED at `blockIds`, NOT_FOUND at (`blockIds`, index) (of another course instance too), TOO_LONG; INVALID for
    blocks, kinds or a learner where the report is about everything; NOT_FOUND at `learnerId`; IN_USE at `kind` while
    the same report is being written.
    """
    await may_teach(ctx, course_instance_id, assistants=True)
    await visible_row(ctx, CourseInstance, course_instance_id, CourseInstance.id, lock=True)
    wanted: dict[str, Any] = {}
    if kind == JobKind.PROBLEM_RESPONSES:
        wanted["block_ids"] = await _blocks(ctx, course_instance_id, block_ids)
        wanted["kinds"] = _kinds(block_kinds)
        if learner_id is not None:
            await standing_of(ctx, course_instance_id, [learner_id], "learnerId")
    elif kind != JobKind.GRADES:
        raise RuleBroken(UserErrorCode.INVALID, "no report", "kind")
    else:
        _require_all(block_ids, block_kinds, learner_id)
    await _require_new(ctx, course_instance_id, kind, wanted, learner_id)
    blocks = wanted.get("block_ids", [])
    only = blocks[0] if len(blocks) == 1 else None
    return await add_job(ctx, course_instance_id, kind, wanted, block_id=only, learner_id=learner_id)


async def add_job(
    ctx: Context,
    course_instance_id: int,
    kind: JobKind,
    wanted: Mapping[str, Any],
    *,
    due_at: datetime | None = None,
    block_id: int | None = None,
    learner_id: int | None = None,
    input_sha256: str | None = None,
) -> int:
    """A new job of the caller's, due now if not said otherwise; its id. No permissions."""
    values = {"course_instance_id": course_instance_id, "uuid": str(uuid4()), "kind": kind, "input": wanted}
    values |= {"state": JobState.SCHEDULED, "output": {}, "due_at": due_at or ctx.now}
    values |= {"block_id": block_id, "learner_id": learner_id, "input_sha256": input_sha256}
    values |= {"requester_id": ctx.principal.user_id, "is_administrative": ctx.principal.is_admin}
    ctx.db.ring_on_commit()
    return await insert_row(ctx, Job, values)


async def revoke_job(ctx: Context, *, job_id: int) -> int:
    """Take back a job that has not begun; its id. Raises NotFound, Forbidden; RuleBroken NOT_OPEN at `jobId`."""
    may_write(ctx)
    job = await visible_row(ctx, Job, job_id, Job.course_instance_id, Job.kind)
    await may_teach(ctx, job.course_instance_id, assistants=job.kind in REPORTS)
    await end_scheduled(ctx, job_id, "jobId")
    return job_id


async def end_scheduled(ctx: Context, job_id: int, *field: str) -> None:
    """Make a job that waits one that is revoked. Raises RuleBroken NOT_OPEN at `field` when it does not wait any more.

    One statement: a worker that takes the job at the same moment either is too late or makes this be too late.
    """
    ended = {"state": JobState.REVOKED, "finished_at": ctx.now, "updated_at": ctx.now}
    waits = (Job.id == job_id, Job.state == JobState.SCHEDULED)
    done = await ctx.db.execute(update(Job).where(*waits).values(**ended))
    if done.rowcount != 1:
        raise RuleBroken(UserErrorCode.NOT_OPEN, "the job has begun, or is over", *field)


async def _blocks(ctx: Context, place: int, block_ids: Sequence[int]) -> list[int]:
    if not block_ids:
        raise RuleBroken(UserErrorCode.REQUIRED, "say which blocks it is about", "blockIds")
    if len(block_ids) > MAX_BLOCKS:
        raise RuleBroken(UserErrorCode.TOO_LONG, f"more than {MAX_BLOCKS} blocks", "blockIds")
    here = (member_of(Block.id, filter(is_key, block_ids)), Block.course_instance_id == place, ctx.visible(Block))
    found = {row[0] for row in await ctx.db.fetch(select(Block.id).where(*here))}
    for index, each in enumerate(block_ids):
        if each not in found:
            raise RuleBroken(UserErrorCode.NOT_FOUND, "no such block in this course instance", "blockIds", str(index))
    return sorted(found)


def _kinds(block_kinds: Sequence[str]) -> list[str]:
    if len(block_kinds) > MAX_BLOCKS:
        raise RuleBroken(UserErrorCode.TOO_LONG, f"more than {MAX_BLOCKS} kinds", "blockKinds")
    path = "blockKinds"
    return sorted({text(each, path, str(place), max_length=KIND_LENGTH) for place, each in enumerate(block_kinds)})


def _require_all(block_ids: Sequence[int], block_kinds: Sequence[str], learner_id: int | None) -> None:
    """Raise INVALID at what narrows a report that cannot be narrowed."""
    given = {"blockIds": bool(block_ids), "blockKinds": bool(block_kinds), "learnerId": learner_id is not None}
    for name, is_given in given.items():
        if is_given:
            raise RuleBroken(UserErrorCode.INVALID, "the report is about everything", name)


async def _require_new(ctx: Context, place: int, kind: JobKind, wanted: dict[str, Any], learner_id: int | None) -> None:
    own = Job
    same = (own.course_instance_id == place, own.kind == kind, own.state.in_(OPEN))
    of = own.learner_id.is_(None) if learner_id is None else own.learner_id == learner_id
    if any(row[0] == wanted for row in await ctx.db.fetch(select(own.input).where(*same, of))):
        raise RuleBroken(UserErrorCode.IN_USE, "the same report is being written", "kind")
