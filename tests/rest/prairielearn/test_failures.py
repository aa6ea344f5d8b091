"""What nobody foresaw is one answer in PrairieLearn's form and one line in the log."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import pytest
from starlette.applications import Starlette

from tests.conftest import RolledBackDatabase
from tests.rest.prairielearn.conftest import CI, Filled, PrairieLearn
from tests.rest.prairielearn.operations import OPERATIONS

pytestmark = pytest.mark.anyio


class FailingDatabase(RolledBackDatabase):
    """A database that answers `left` statements and then fails."""

    left = 0

    def spend(self) -> None:
        """Fail, or not yet."""
        self.left -= 1
        if self.left < 0:
            raise RuntimeError("the disk\nis  full")

    async def execute(self, statement: Any, params: Any = None) -> Any:
        self.spend()
        return await super().execute(statement, params)

    async def read(self, read: Any, given: Any) -> Any:
        self.spend()
        return await super().read(read, given)


def break_after(app: Starlette, filled: Filled, statements: int) -> None:
    """Let every database of the application fail after so many statements."""

    def opened() -> FailingDatabase:
        database = FailingDatabase(filled.connection, asyncio.Lock())
        database.left = statements
        return database

    app.state.open_database = opened


def unforeseen(caplog: pytest.LogCaptureFixture) -> list[str]:
    """The errors that were logged."""
    assert set(caplog.messages) <= {"unforeseen error"}
    return [
        f"{type(error).__name__}: {error}" for each in caplog.records if each.exc_info for error in [each.exc_info[1]]
    ]


@pytest.mark.parametrize("statements", [0, 1, 3])
@pytest.mark.parametrize("operation", OPERATIONS)
async def test_a_failing_database(
    app: Starlette,
    filled: Filled,
    pl: PrairieLearn,
    caplog: pytest.LogCaptureFixture,
    operation: str,
    statements: int,
) -> None:
    caplog.set_level(logging.WARNING)
    break_after(app, filled, statements)
    response = await pl.get(OPERATIONS[operation])
    assert response.status_code == 500
    assert response.content == b'{\n  "message": "Internal Server Error",\n  "status": 500\n}'
    assert unforeseen(caplog) == ["RuntimeError: the disk\nis  full"]


@pytest.mark.parametrize("path", [CI + "/nope", CI + "/%0A"])
async def test_a_failing_database_behind_a_path_that_no_route_serves(
    app: Starlette, filled: Filled, pl: PrairieLearn, caplog: pytest.LogCaptureFixture, path: str
) -> None:
    caplog.set_level(logging.WARNING)
    break_after(app, filled, 1)
    response = await pl.get(path)
    assert response.status_code == 500
    assert unforeseen(caplog) == ["RuntimeError: the disk\nis  full"]
