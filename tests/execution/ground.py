"""The demo university in a committed database of its own, and everybody who may ask it something."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

import asyncpg
from sqlalchemy import select
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine

from app.context import Context
from app.db.engine import create_engine
from app.db.migrate import upgrade
from app.db.session import Database
from app.demo import fill
from app.demo.calendar import PRESENT
from app.domain.identity.models import User
from app.principal import READ, SCOPES, Principal
from app.settings import Settings
from tests.execution.samples import Samples, samples_of

T = TypeVar("T")
PROGRAM = Principal(None, is_admin=True, scopes=frozenset(SCOPES))
ROLES = {
    "administrator": "hbergstrom",
    "instructor": "icarvalho",
    "assistant": "jkeller",
    "learner": "mokonkwo",
    "previewer": "nhaddad",
    "another course's staff": "kmorita",
}
ANONYMOUS = "anonymous"


class Ground:
    """The university, its people as principals, and samples of what is in it. Asked in an event loop of its own."""

    def __init__(self, engine: AsyncEngine, runner: asyncio.Runner) -> None:
        self._runner = runner
        self.engine = engine
        self.principals: dict[str, Principal] = {}
        self.samples: Samples

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Wait for something that happens here."""
        return self._runner.run(work)

    def asked_by(self, role: str, db: Database) -> Context:
        """A request at the present of the demo."""
        return Context(self.principals[role], db, lambda: PRESENT)

    async def settle(self) -> None:
        """Make the university unless it is there, and get to know it."""
        await upgrade(self.engine)
        async with Database(self.engine) as db:
            await fill(Context(PROGRAM, db))
        async with Database(self.engine) as db:
            known = {name: (key, staff) for key, name, staff in await db.fetch(_PEOPLE)}
            for role, username in ROLES.items():
                user_id, is_staff = known[username]
                self.principals[role] = Principal.of(user_id, is_staff=is_staff, scopes=frozenset({READ, "admin"}))
            self.principals[ANONYMOUS] = Principal.anonymous
            self.samples = await samples_of(self.asked_by("administrator", db))


_PEOPLE = select(User.id, User.username, User.is_staff).where(User.username.in_(ROLES.values()))


@contextmanager
def ground(url: str) -> Iterator[Ground]:
    """A ground in the database of the URL; on PostgreSQL in a new one beside it, which is dropped at the end."""
    with asyncio.Runner() as runner:
        opened = _opened(url, runner)
        made = runner.run(opened.__aenter__())
        try:
            yield made
        finally:
            runner.run(opened.__aexit__(None, None, None))


@asynccontextmanager
async def _opened(url: str, runner: asyncio.Runner) -> Any:
    async with _database(url) as own:
        with TemporaryDirectory() as files:
            engine = create_engine(Settings(database_url=own, files_url=Path(files).as_uri()))
            made = Ground(engine, runner)
            await made.settle()
            yield made
            await engine.dispose()


@asynccontextmanager
async def _database(url: str) -> Any:
    """The URL of a database that nobody else uses."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        yield url
        return
    name = f"{parsed.database}_fuzz"
    await _on_server(url, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)', f'CREATE DATABASE "{name}"')
    yield parsed.set(database=name).render_as_string(hide_password=False)
    await _on_server(url, f'DROP DATABASE "{name}" WITH (FORCE)')


async def _on_server(url: str, *statements: str) -> None:
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    connection = await asyncpg.connect(plain)
    for statement in statements:
        await connection.execute(statement)
    await connection.close()
