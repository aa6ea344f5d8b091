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
from app.db.types import utc_now
from app.domain.attempts.files import NewFile
from app.domain.attempts.submitting import submit
from app.domain.files import keep, record_upload
from app.files.store import key
from app.settings import Settings
from tests.commands.conftest import Run
from tests.factories import at, coursework, sat, university


def act(work: Callable[[Context], Awaitable[Any]]) -> Any:
    """Do something as the program on the environment's database; what it gave."""

    async def run() -> Any:
        async with acting(Settings.from_environment()) as ctx, ctx.db.transaction():
            return await work(ctx)

    return asyncio.run(run())


async def two(ctx: Context) -> list[str]:
    """Two contents with their rows, just made."""
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
    young = "rows: 2, objects without a row: 1\nunused rows deleted: 0, objects deleted: 0\n"
    assert run("files", "check", "--repair") == (0, young, "")
    (orphan,) = objects(tmp_path / "files") - set(kept)
    long_ago = (datetime.now(UTC) - timedelta(days=1, minutes=1)).timestamp()
    for digest in (orphan, *kept):
        os.utime(tmp_path / "files" / key(digest), (long_ago, long_ago))
    assert run("files", "check", "--repair") == (0, young.replace("objects deleted: 0", "objects deleted: 1"), "")
    assert objects(tmp_path / "files") == set(kept)
    assert run("files", "check") == (0, "rows: 2, objects without a row: 0\n", "")


def test_a_row_without_its_object_is_an_error(url: str, run: Run, tmp_path: Path) -> None:
    first, second = act(two)
    (tmp_path / "files" / key(first)).unlink()
    (tmp_path / "files" / key(second)).write_bytes(b"")
    found = f"{first}: the object is missing\n{second}: the object has another size\n"
    assert run("files", "check", "--repair") == (
        1,
        "rows: 2, objects without a row: 0\nunused rows deleted: 0, objects deleted: 0\n",
        found,
    )


async def uploads(ctx: Context) -> list[str]:
    """A learner's files: one handed in, one uploaded long ago, one of which nothing is known, one uploaded just now."""
    world = await university(ctx)
    long_ago = at(world.student, utc_now() - timedelta(days=1, minutes=1))
    contents = [b"handed in", b"uploaded long ago", b"unknown", b"uploaded now"]
    stored = await keep(long_ago, contents)
    for each, when in ((stored[0], long_ago), (stored[1], long_ago), (stored[3], at(world.student, utc_now()))):
        await record_upload(when, stored=each, name="x", content_type="")
    sitting = await sat(world.student, await coursework(world))
    await submit(world.student, **sitting, files=[NewFile("x", contents[0])])
    return [each.sha256 for each in stored]


def test_what_was_uploaded_and_never_used_is_forgotten(url: str, run: Run, tmp_path: Path) -> None:
    handed_in, old, unknown, new = act(uploads)
    objects_left = "rows: 2, objects without a row: 2\nunused rows deleted: 2, objects deleted: 0\n"
    assert run("files", "check", "--repair") == (0, objects_left, "")
    for digest in (handed_in, old, unknown, new):
        moment = (datetime.now(UTC) - timedelta(days=2)).timestamp()
        os.utime(tmp_path / "files" / key(digest), (moment, moment))
    done = "rows: 2, objects without a row: 2\nunused rows deleted: 0, objects deleted: 2\n"
    assert run("files", "check", "--repair") == (0, done, "")
    assert objects(tmp_path / "files") == {handed_in, new}
