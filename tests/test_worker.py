"""Workers: each job once however many there are, woken by their own process, stopped in the middle without a loss."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine

from app.context import Context
from app.db.bell import Bell
from app.db.engine import create_engine
from app.db.migrate import reset_and_upgrade
from app.db.session import Database
from app.db.types import utc_now
from app.domain.jobs import claiming, running
from app.domain.jobs.kinds import Outcome, Run
from app.domain.jobs.models import Job, JobKind
from app.domain.jobs.running import Station
from app.domain.jobs.service import request_report
from app.principal import Principal
from app.settings import Settings
from app.worker import Worker, station_of, working
from tests.factories import University, university

pytestmark = pytest.mark.anyio
LONG = 3600.0


class Town:
    """A database that is really written to, and the work that was done there."""

    def __init__(self, engine: AsyncEngine, world: University) -> None:
        self.engine, self.world = engine, world
        self.begun: list[int] = []
        self.held = asyncio.Event()
        self.held.set()

    def open(self) -> Database:
        return Database(self.engine)

    @property
    def bell(self) -> Bell:
        return self.open().bell

    async def work(self, run: Run) -> Outcome:
        """Note that a job was begun; end once nobody holds it up."""
        self.begun.append(run.task.id)
        await self.held.wait()
        return Outcome("done")

    async def ask(self, place: int | None = None) -> int:
        """A job that is committed."""
        async with self.open() as db, db.transaction():
            ctx = Context(Principal.program, db)
            here = place or self.world.course_instance_id
            return await request_report(ctx, course_instance_id=here, kind=JobKind.GRADES)

    async def states(self) -> list[tuple[str, int]]:
        """State and attempts of all jobs."""
        async with self.open() as db:
            rows = await db.fetch(select(Job.state, Job.attempts).order_by(Job.id))
            return [tuple(row) for row in rows]

    @property
    def station(self) -> Station:
        return station_of(Settings(), self.open, utc_now)

    def worker(self, seconds: float = LONG) -> Worker:
        return Worker(self.station, self.bell, seconds)


@pytest.fixture
async def town(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Town]:
    if settings.is_sqlite:
        settings = replace(settings, database_url=f"sqlite+aiosqlite:///{tmp_path / 'town.sqlite3'}")
    engine = create_engine(settings)
    await reset_and_upgrade(engine)
    async with Database(engine) as db, db.transaction():
        world = await university(Context(Principal.program, db))
    made = Town(engine, world)
    monkeypatch.setitem(running.WORK, JobKind.GRADES, made.work)
    yield made
    await reset_and_upgrade(engine)
    await engine.dispose()


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    """Wait until it holds."""
    async with asyncio.timeout(60):
        while not await condition():
            await asyncio.sleep(0.01)


async def test_each_job_is_done_once(town: Town) -> None:
    ids = []
    for number in range(4):
        await town.ask()
        async with town.open() as db, db.transaction():
            ids.append(await db.scalar(select(func.max(Job.id))))
            await db.execute(update(Job).where(Job.id == ids[-1]).values(input={"number": number}))
    workers = [town.worker() for _ in range(4)]

    async def all_done() -> bool:
        return await town.states() == [("SUCCESS", 1)] * 4

    tasks = [asyncio.create_task(worker.run()) for worker in workers]
    await until(all_done)
    for worker in workers:
        worker.stop()
    await asyncio.gather(*tasks)
    assert sorted(town.begun) == ids


async def test_a_commit_wakes_the_worker_of_the_process(town: Town) -> None:
    async def is_done() -> bool:
        return await town.states() == [("SUCCESS", 1)]

    async with working(town.station, town.bell, LONG):
        await asyncio.sleep(0.1)
        await town.ask()
        await until(is_done)


async def test_what_is_rolled_back_wakes_nobody(town: Town) -> None:
    with pytest.raises(ZeroDivisionError):
        async with town.open() as db, db.transaction():
            here = town.world.course_instance_id
            await request_report(Context(Principal.program, db), course_instance_id=here, kind=JobKind.GRADES)
            raise ZeroDivisionError
    assert await town.bell.heard(0.01) is False
    await town.ask()
    assert await town.bell.heard(0.01) is True
    town.bell.still()
    assert await town.bell.heard(0.01) is False


async def test_a_job_of_another_process_is_found_after_a_while(town: Town) -> None:
    async def is_done() -> bool:
        return await town.states() == [("SUCCESS", 1)]

    async with working(town.station, Bell(), 0.1):
        await town.ask()
        await until(is_done)


async def test_told_to_stop_it_ends_with_the_job(town: Town) -> None:
    town.held.clear()
    await town.ask()
    await town.ask(town.world.other_course_instance_id)
    worker = town.worker()
    task = asyncio.create_task(worker.run())

    async def is_begun() -> bool:
        return bool(town.begun)

    await until(is_begun)
    worker.stop()
    await asyncio.sleep(0.05)
    assert not task.done()
    town.held.set()
    await task
    assert await town.states() == [("SUCCESS", 1), ("SCHEDULED", 0)]


async def test_cut_short_it_gives_the_job_back(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.worker.GRACE_SECONDS", 0.01)
    town.held.clear()
    await town.ask()

    async def is_begun() -> bool:
        return bool(town.begun)

    async with working(town.station, town.bell, LONG):
        await until(is_begun)
        assert await town.states() == [("PROGRESS", 1)]
    assert await town.states() == [("SCHEDULED", 0)]
    town.held.set()
    assert await town.worker().station.run_next() is True
    assert await town.states() == [("SUCCESS", 1)]


async def test_a_long_job_is_held(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(claiming, "LEASE", claiming.LEASE / 600)
    town.held.clear()
    await town.ask()
    first = asyncio.create_task(town.worker().station.run_next())

    async def is_held_longer() -> bool:
        async with town.open() as db:
            rows = await db.fetch(select(Job.started_at, Job.leased_until))
            return rows[0][0] is not None and rows[0][1] - rows[0][0] > claiming.LEASE * 3

    await until(is_held_longer)
    town.held.set()
    assert await first is True
    assert await town.states() == [("SUCCESS", 1)]


async def test_work_that_another_has_taken_over_is_dropped(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(claiming, "LEASE", claiming.LEASE / 600)
    town.held.clear()
    await town.ask()
    first = asyncio.create_task(town.worker().station.run_next())

    async def is_begun() -> bool:
        return bool(town.begun)

    await until(is_begun)
    async with town.open() as db, db.transaction():
        await db.execute(update(Job).values(worker="another", attempts=2))
    assert await first is True
    assert await town.states() == [("PROGRESS", 2)]


async def test_a_database_that_fails_is_a_line_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    asked: list[Any] = []

    def broken() -> Database:
        asked.append(None)
        raise OperationalError("SELECT", {}, Exception("no such\ntable"))

    with caplog.at_level(logging.WARNING):
        async with working(station_of(Settings(), broken, utc_now), Bell(), LONG):
            while not asked:
                await asyncio.sleep(0.01)
    assert caplog.messages[0].startswith("no job could be taken: (builtins.Exception) no such table")
