"""The demo university from the command line, and the token that `serve --demo` keeps for it."""

from __future__ import annotations

import asyncio
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from app.commands.demo import ready
from app.commands.program import acting
from app.demo.names import ADMINISTRATOR
from app.settings import Settings
from tests.commands.conftest import Run

OWNER = f"An access token, of {ADMINISTRATOR}: "


def ready_lines(url: str) -> list[str]:
    """What `serve --demo` says before the addresses."""
    settings = replace(Settings.from_environment(), database_url=url)

    async def run() -> list[str]:
        async with acting(settings, upgrading=True) as ctx:
            return await ready(ctx, settings)

    return asyncio.run(run())


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On PostgreSQL the token is kept under the current folder."""
    monkeypatch.chdir(tmp_path)


def test_an_empty_database_is_filled_once_and_its_token_kept_and_renewed(url: str, run: Run, tmp_path: Path) -> None:
    status, output, errors = run("demo")
    assert (status, output.partition(":")[0]) == (0, "Northbridge University, a demonstration")
    assert errors == "The database is empty: filling in the demo university, which takes some seconds.\n"
    assert run("demo") == (0, "The database is not empty: nothing was done.\n", "")

    [first] = ready_lines(url)
    assert first.startswith(OWNER)
    [file] = tmp_path.rglob("demo-token")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert file.read_text() == first.removeprefix(OWNER) + "\n"
    assert ready_lines(url) == [first]

    run("token", "revoke", first.removeprefix(OWNER))
    [second] = ready_lines(url)
    assert second.startswith(OWNER)
    assert second != first
    assert file.read_text() == second.removeprefix(OWNER) + "\n"
    assert ready_lines(url) == [second]


def test_a_database_of_somebody_else_gets_no_token(url: str, run: Run, tmp_path: Path) -> None:
    run("user", "create", "ada", "--email", "ada@example.edu", "--staff")
    assert ready_lines(url) == ["The database holds something else than the demo university: there is no ready token."]
    assert run("token", "list") == (0, "There are no tokens.\n", "")
    assert list(tmp_path.rglob("demo-token")) == []
