"""Servers as processes of their own on the loopback interface, stopped at the end whatever happens."""

from __future__ import annotations

import asyncio
import math
import os
import re
import signal
import sys
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile

from sqlalchemy import make_url

from app.settings import PREFIX, Settings
from tests.benchmarks.peers import packages

ROOT = Path(__file__).parents[3]
STARTING_SECONDS, STOPPING_SECONDS = 60, 10
ADDRESS = re.compile(rb"http://127\.0\.0\.1:(\d+)")
HANDWRITTEN, CONSTANT = "tests.benchmarks.peers.handwritten:create", "tests.benchmarks.small:constants"


@dataclass(frozen=True, slots=True)
class Program:
    """How a server is started: it prints its address."""

    command: Sequence[str]
    environment: Mapping[str, str]
    folder: Path = ROOT


@dataclass(frozen=True, slots=True)
class Server:
    """A server that runs."""

    port: int
    process_id: int

    def processor_seconds(self) -> float:
        """The processor time that it has used: of this process alone, on Linux; elsewhere not a number."""
        try:
            return time.clock_gettime((~self.process_id << 3) | 2)  # as clock_getcpuclockid(3) makes it
        except OSError:
            return math.nan


@dataclass(frozen=True, slots=True)
class Target:
    """A request to a server, as bytes."""

    server: Server
    wire: bytes


def ours(settings: Settings) -> Program:
    """`campusgraph serve`, one worker."""
    return Program([sys.executable, "-m", "app.cli", "serve", "--port", "0", "--workers", "1"], _variables(settings))


def hosted(application: str, settings: Settings, *options: str) -> Program:
    """An application under the server settings of ours, or under others."""
    command = [sys.executable, "-m", "tests.benchmarks.peers.hosting", application, *options]
    return Program(command, _variables(settings))


def mercurius(settings: Settings) -> Program:
    """Mercurius with graphql-jit on the same SQLite file."""
    return _peer("mercurius.js", str(settings.sqlite_path))


def postgraphile(settings: Settings) -> Program:
    """PostGraphile on the same PostgreSQL database."""
    url = make_url(settings.database_url).set(drivername="postgres")
    return _peer("postgraphile.js", url.render_as_string(hide_password=False))


def _peer(source: str, database: str) -> Program:
    environment = {"PEER_DATABASE": database, "NODE_ENV": "production", "GRAPHILE_ENV": "production"}
    return Program([packages.node(), source], environment, packages.folder())


def _variables(settings: Settings) -> dict[str, str]:
    return {f"{PREFIX}DATABASE_URL": settings.database_url}


@asynccontextmanager
async def started(program: Program) -> AsyncIterator[Server]:
    """A server that runs as long as the block. Raises RuntimeError when it does not start."""
    with TemporaryFile() as complaints:
        process = await asyncio.create_subprocess_exec(
            *program.command,
            cwd=program.folder,
            env=os.environ | dict(program.environment),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=complaints,
            start_new_session=True,
        )
        try:
            try:
                async with asyncio.timeout(STARTING_SECONDS):
                    port = await _port(process)
            except (TimeoutError, EOFError):
                complaints.seek(0)
                said = complaints.read()[-2000:].decode(errors="replace")
                raise RuntimeError(f"{' '.join(program.command)} did not start: {said}") from None
            yield Server(port, process.pid)
        finally:
            await _stop(process)


async def _port(process: asyncio.subprocess.Process) -> int:
    assert process.stdout is not None
    while line := await process.stdout.readline():
        if found := ADDRESS.search(line):
            return int(found[1])
    raise EOFError


async def _stop(process: asyncio.subprocess.Process) -> None:
    """Ask a server and its children to end; end them when they do not."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with suppress(TimeoutError):
            async with asyncio.timeout(STOPPING_SECONDS):
                await process.wait()
                return
