"""A worker as a process: it does what waits, and stops when told to, giving back what it is at."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
import time
from typing import Any

from sqlalchemy import select

from app.context import Context
from app.db.engine import create_engine
from app.db.session import Database
from app.domain.jobs.models import Job, JobKind
from app.domain.jobs.service import request_report
from app.principal import Principal
from app.settings import Settings
from tests.commands.conftest import Run
from tests.commands.test_serving import serving, stopped
from tests.factories import university

PATIENCE = 60


def asked(url: str) -> None:
    """A report that somebody wants, in a new university."""

    async def ask(ctx: Context) -> None:
        async with ctx.db.transaction():
            world = await university(ctx)
            await request_report(ctx, course_instance_id=world.course_instance_id, kind=JobKind.GRADES)

    asyncio.run(with_database(url, ask))


async def with_database(url: str, act: Any) -> Any:
    """Do something with the database."""
    engine = create_engine(Settings(database_url=url))
    try:
        async with Database(engine) as db:
            return await act(Context(Principal.program, db))
    finally:
        await engine.dispose()


def state(url: str) -> str:
    """That of the only job."""

    async def read(ctx: Context) -> str:
        found: str = await ctx.db.scalar(select(Job.state))
        return found

    found: str = asyncio.run(with_database(url, read))
    return found


def wait_until_done(url: str) -> None:
    end = time.monotonic() + PATIENCE
    while state(url) != "SUCCESS":
        assert time.monotonic() < end
        time.sleep(0.1)


def test_it_does_what_waits_and_stops(url: str) -> None:
    asked(url)
    command = [sys.executable, "-W", "error", "-m", "app.cli", "worker"]
    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, **pipes) as process:
        try:
            wait_until_done(url)
            process.send_signal(signal.SIGTERM)
            assert (*process.communicate(timeout=PATIENCE), process.returncode) == ("", "", 0)
        finally:
            process.kill()


def test_a_server_does_jobs_as_well(url: str) -> None:
    asked(url)
    with serving("--workers", "2") as (process, _, _):
        wait_until_done(url)
        assert stopped(process, signal.SIGTERM) == (0, "", "")


def test_unless_that_is_switched_off(url: str, monkeypatch: Any) -> None:
    monkeypatch.setenv("CAMPUSGRAPH_JOBS", "no")
    asked(url)
    with serving() as (process, _, _):
        time.sleep(1)
        assert stopped(process, signal.SIGTERM) == (0, "", "")
    assert state(url) == "SCHEDULED"


def test_without_tables_it_says_what_to_do(run: Run, tmp_path: Any) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path}/none.sqlite3"
    message = f"campusgraph: there is no database {tmp_path}/none.sqlite3: run `campusgraph migrate` first\n"
    assert run("worker", "--database-url", url) == (2, "", message)
