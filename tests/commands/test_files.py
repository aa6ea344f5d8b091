"""What the program finds when the rows about files and the object store differ."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from app.commands.program import acting
from app.context import Context
from app.domain.files import keep
from app.files.store import key
from app.settings import Settings
from tests.commands.conftest import Run


def act(work: Callable[[Context], Awaitable[Any]]) -> Any:
    """Do something as the program on the environment's database; what it gave."""

    async def run() -> Any:
        async with acting(Settings.from_environment()) as ctx, ctx.db.transaction():
            return await work(ctx)

    return asyncio.run(run())


async def two(ctx: Context) -> list[str]:
    """Two contents with their rows."""
    return sorted(each.sha256 for each in await keep(ctx, [b"one", b"three"]))


async def crash(ctx: Context) -> None:
    """The program dies after an object was written and before its row was committed."""
    await keep(ctx, [b"lost"])
    raise InterruptedError


def objects(folder: Path) -> set[str]:
    """The digests of the objects in a folder."""
    return {path.name for path in folder.rglob("*") if path.is_file()}


def test_an_empty_store_is_in_order(url: str, run: Run) -> None:
    assert run("files", "check") == (0, "rows: 0, objects without a row: 0\n", "")


def test_rows_with_their_objects_are_in_order(url: str, run: Run) -> None:
    act(two)
    assert run("files", "check") == (0, "rows: 2, objects without a row: 0\n", "")


def test_a_crash_between_object_and_row_leaves_an_orphan(url: str, run: Run, tmp_path: Path) -> None:
    kept = act(two)
    with pytest.raises(InterruptedError):
        act(crash)
    assert run("files", "check") == (0, "rows: 2, objects without a row: 1\n", "")
    young = "rows: 2, objects without a row: 1\nobjects deleted: 0\n"
    assert run("files", "check", "--repair") == (0, young, "")
    (orphan,) = objects(tmp_path / "files") - set(kept)
    long_ago = (datetime.now(UTC) - timedelta(days=1, minutes=1)).timestamp()
    for digest in (orphan, *kept):
        os.utime(tmp_path / "files" / key(digest), (long_ago, long_ago))
    assert run("files", "check", "--repair") == (0, young.replace("deleted: 0", "deleted: 1"), "")
    assert objects(tmp_path / "files") == set(kept)
    assert run("files", "check") == (0, "rows: 2, objects without a row: 0\n", "")


def test_a_row_without_its_object_is_an_error(url: str, run: Run, tmp_path: Path) -> None:
    first, second = act(two)
    (tmp_path / "files" / key(first)).unlink()
    (tmp_path / "files" / key(second)).write_bytes(b"")
    found = f"{first}: the object is missing\n{second}: the object has another size\n"
    assert run("files", "check", "--repair") == (1, "rows: 2, objects without a row: 0\nobjects deleted: 0\n", found)
