"""Jobs: asked for, taken by one worker at a time, held, given back, ended."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update

from app.context import Context
from app.domain.blocks.service import create_block
from app.domain.enrollment.offerings import delete_course_instance
from app.domain.jobs import claiming
from app.domain.jobs.kinds import Outcome, Task, Written
from app.domain.jobs.models import Job, JobKind, JobState
from app.domain.jobs.service import MAX_BLOCKS, request_report, revoke_job
from app.errors import UserErrorCode
from tests.clock import NOW
from tests.domain.proof import only_row, refused
from tests.factories import University, at

pytestmark = pytest.mark.anyio

LATER = NOW + claiming.LEASE


async def asked(world: University, ctx: Context | None = None, **about: Any) -> int:
    """A report about grades that somebody wants."""
    here = {"course_instance_id": world.course_instance_id, "kind": JobKind.GRADES}
    return await request_report(ctx or world.instructor, **{**here, **about})


async def state_of(ctx: Context, job_id: int) -> tuple[str, str | None, int]:
    """State, worker and attempts of a job."""
    row = await only_row(ctx, Job, job_id)
    return row.state, row.worker, row.attempts


async def claimed(ctx: Context, worker: str = "one") -> Task:
    task = await claiming.claim(ctx, worker)
    assert task is not None
    return task


async def test_a_job_waits_until_somebody_takes_it(world: University) -> None:
    job_id = await asked(world)
    row = await only_row(world.admin, Job, job_id)
    assert (row.state, row.kind, row.input, row.due_at) == ("SCHEDULED", "GRADES", {}, NOW)
    assert (row.requester_id, row.is_administrative, len(row.uuid)) == (world.instructor_id, False, 36)
    task = await claimed(world.admin)
    assert (task.id, task.worker, task.attempts) == (job_id, "one", 1)
    assert await state_of(world.admin, job_id) == ("PROGRESS", "one", 1)
    assert await claiming.claim(world.admin, "two") is None


async def test_the_oldest_first_and_none_before_it_is_due(world: University) -> None:
    first = await asked(world)
    elsewhere: dict[str, Any] = {"course_instance_id": world.other_course_instance_id, "kind": JobKind.GRADES}
    second = await request_report(world.outsider, **elsewhere)
    third = await asked(world, kind=JobKind.PROBLEM_RESPONSES, block_ids=[await root(world)])
    await due(world, first, NOW + timedelta(minutes=2))
    await due(world, second, NOW - timedelta(minutes=1))
    assert [(await claimed(world.admin)).id for _ in range(2)] == [second, third]
    assert await claiming.claim(world.admin, "one") is None
    soon = at(world.admin, NOW + timedelta(minutes=2))
    await world.admin.db.execute(update(Job).where(Job.id != first).values(state=JobState.SUCCESS))
    assert (await claimed(soon)).id == first


async def root(world: University) -> int:
    return await create_block(world.admin, course_instance_id=world.course_instance_id, kind="course", name="Course")


async def due(world: University, job_id: int, moment: Any) -> None:
    await world.admin.db.execute(update(Job).where(Job.id == job_id).values(due_at=moment))


async def test_the_job_of_a_worker_that_fell_silent_is_begun_anew(world: University) -> None:
    job_id, just_before = await asked(world), LATER - timedelta(microseconds=1)
    first = await claimed(world.admin)
    assert await claiming.claim(at(world.admin, just_before), "two") is None
    second = await claimed(at(world.admin, LATER), "two")
    assert (second.id, second.attempts) == (job_id, 2)
    late = at(world.admin, LATER)
    assert [await claiming.renew(late, first), await claiming.fail(late, first, "no")] == [False, False]
    assert await claiming.succeed(late, first, Outcome("done")) is False
    assert await state_of(world.admin, job_id) == ("PROGRESS", "two", 2)
    assert await claiming.succeed(late, second, Outcome("done", {"rows": 2})) is True
    row = await only_row(world.admin, Job, job_id)
    assert (row.state, row.message, row.output, row.progress) == ("SUCCESS", "done", {"rows": 2}, 1.0)
    assert (row.started_at, row.finished_at, row.worker, row.leased_until) == (LATER, LATER, None, None)


async def test_who_says_so_in_time_keeps_it(world: University) -> None:
    await asked(world)
    task = await claimed(world.admin)
    assert await claiming.renew(at(world.admin, LATER - timedelta(seconds=1)), task) is True
    assert await claiming.claim(at(world.admin, LATER), "two") is None


async def test_what_workers_die_of_is_given_up(world: University) -> None:
    job_id, moment = await asked(world), NOW
    for attempt in range(1, claiming.MAX_ATTEMPTS + 1):
        assert (await claimed(at(world.admin, moment))).attempts == attempt
        moment += claiming.LEASE
    assert await claiming.claim(at(world.admin, moment), "one") is None
    row = await only_row(world.admin, Job, job_id)
    assert (row.state, row.message, row.finished_at) == ("FAILURE", claiming.TOO_OFTEN, moment)


async def test_a_worker_that_stops_gives_it_back_as_it_was(world: University) -> None:
    job_id = await asked(world)
    task = await claimed(world.admin)
    assert await claiming.give_up(world.admin, task) is True
    assert await state_of(world.admin, job_id) == ("SCHEDULED", None, 0)
    assert (await claimed(world.admin, "two")).attempts == 1


async def test_what_cannot_be_done_now_is_done_later(world: University) -> None:
    job_id = await asked(world)
    assert await claiming.postpone(world.admin, await claimed(world.admin), "no mail server", 30) is True
    row = await only_row(world.admin, Job, job_id)
    assert (row.state, row.message, row.due_at) == ("SCHEDULED", "no mail server", NOW + timedelta(seconds=30))
    assert await claiming.claim(world.admin, "one") is None
    assert (await claimed(at(world.admin, NOW + timedelta(seconds=30)))).attempts == 2


async def test_a_file_comes_with_the_end(world: University) -> None:
    job_id = await asked(world)
    task, stored = await claimed(world.admin), await world.admin.files.put_bytes(b"a,b\r\n")
    await claiming.succeed(world.admin, task, Outcome("done", file=Written("grades.csv", stored)))
    row = await only_row(world.admin, Job, job_id)
    assert (row.file_name, row.file_size, row.sha256) == ("grades.csv", 5, stored.sha256)


async def test_what_has_not_begun_can_be_taken_back(world: University) -> None:
    job_id = await asked(world)
    assert await revoke_job(world.assistant, job_id=job_id) == job_id
    row = await only_row(world.admin, Job, job_id)
    assert (row.state, row.finished_at) == ("REVOKED", NOW)
    assert await claiming.claim(world.admin, "one") is None
    await refused(world.instructor, revoke_job(world.instructor, job_id=job_id), UserErrorCode.NOT_OPEN, "jobId")
    other = await asked(world)
    await claimed(world.admin)
    await refused(world.instructor, revoke_job(world.instructor, job_id=other), UserErrorCode.NOT_OPEN, "jobId")


async def test_the_same_report_is_not_written_twice_at_a_time(world: University) -> None:
    block_id = await root(world)
    responses: dict[str, Any] = {"kind": JobKind.PROBLEM_RESPONSES, "block_ids": [block_id]}
    await asked(world)
    await asked(world, **responses)
    await asked(world, **responses, block_kinds=["html", "problem"])
    await asked(world, **responses, learner_id=world.student_id)
    taken = (UserErrorCode.IN_USE, "kind")
    await refused(world.assistant, asked(world, world.assistant), *taken)
    await refused(world.assistant, asked(world, world.assistant, **responses), *taken)
    again = asked(world, **responses, block_kinds=["problem", "html", "html"])
    await refused(world.instructor, again, *taken)
    await refused(world.instructor, asked(world, **responses, learner_id=world.student_id), *taken)
    await claiming.succeed(world.admin, await claimed(world.admin), Outcome("done"))
    await asked(world)


async def test_what_a_report_is_about_must_be_there(world: University) -> None:
    block_id = await root(world)
    elsewhere = await create_block(world.admin, course_instance_id=world.other_course_instance_id, kind="course")
    responses: dict[str, Any] = {"kind": JobKind.PROBLEM_RESPONSES}
    ctx = world.instructor
    await refused(ctx, asked(world, **responses), UserErrorCode.REQUIRED, "blockIds")
    for bad in (elsewhere, 0, -1, 2**63, 2**70):
        about = responses | {"block_ids": [block_id, bad]}
        await refused(ctx, asked(world, **about), UserErrorCode.NOT_FOUND, "blockIds", "1")
    too_many = responses | {"block_ids": [block_id] * (MAX_BLOCKS + 1)}
    await refused(ctx, asked(world, **too_many), UserErrorCode.TOO_LONG, "blockIds")
    here: dict[str, Any] = responses | {"block_ids": [block_id]}
    await refused(ctx, asked(world, **here, block_kinds=["a\0"]), UserErrorCode.INVALID, "blockKinds", "0")
    await refused(ctx, asked(world, **here, block_kinds=["a" * 65]), UserErrorCode.TOO_LONG, "blockKinds", "0")
    await refused(ctx, asked(world, **here, block_kinds=["a"] * 1001), UserErrorCode.TOO_LONG, "blockKinds")
    for stranger in (world.loner_id, 2**70, 0):
        await refused(ctx, asked(world, **here, learner_id=stranger), UserErrorCode.NOT_FOUND, "learnerId")
    narrowed = (asked(world, block_ids=[block_id]), asked(world, block_kinds=["html"]))
    await refused(ctx, narrowed[0], UserErrorCode.INVALID, "blockIds")
    await refused(ctx, narrowed[1], UserErrorCode.INVALID, "blockKinds")
    await refused(ctx, asked(world, learner_id=world.student_id), UserErrorCode.INVALID, "learnerId")


async def test_one_block_or_one_learner_is_what_it_is_about(world: University) -> None:
    block_id = await root(world)
    below = await create_block(
        world.admin, course_instance_id=world.course_instance_id, kind="chapter", parent_id=block_id
    )
    responses: dict[str, Any] = {"kind": JobKind.PROBLEM_RESPONSES}
    one = await asked(world, **responses, block_ids=[block_id, block_id], learner_id=world.student_id)
    row = await only_row(world.admin, Job, one)
    assert (row.block_id, row.learner_id) == (block_id, world.student_id)
    assert row.input == {"block_ids": [block_id], "kinds": []}
    two = await asked(world, **responses, block_ids=[below, block_id])
    row = await only_row(world.admin, Job, two)
    assert (row.block_id, row.learner_id, row.input["block_ids"]) == (None, None, [block_id, below])


async def test_jobs_go_with_the_course_instance(world: University) -> None:
    await asked(world)
    await delete_course_instance(world.admin, course_instance_id=world.course_instance_id)
    count = select(func.count()).select_from(Job).where(world.admin.visible(Job))
    assert await world.admin.db.scalar(count) == 0
