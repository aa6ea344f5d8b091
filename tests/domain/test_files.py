from __future__ import annotations

from hashlib import sha256

import pytest
from sqlalchemy import func, select

from app.context import Context
from app.domain.attempts.files import MAX_BYTES, NewFile
from app.domain.attempts.models import SubmissionFile
from app.domain.attempts.submitting import submit
from app.domain.files import File
from app.errors import UserErrorCode
from tests.domain.proof import refused
from tests.factories import University, coursework, sat

pytestmark = pytest.mark.anyio

CODES = UserErrorCode


async def test_files_are_kept_under_safe_names_and_once(ctx: Context, world: University) -> None:
    work = await coursework(world)
    here = await sat(world.student, work)
    files = [
        NewFile("../../etc/passwd", b"same", "text/plain"),
        NewFile("C:\\work\\a\0\x1b b.c", b"same", "text/x-c"),
        NewFile(" é.txt ", b"", "not a type"),
        NewFile("x" * 255, b"other", "x/" + "y" * 126),
    ]
    first = await submit(world.student, **here, files=files)
    await submit(world.student, **here, files=files[:1])
    own = SubmissionFile
    rows = await ctx.db.fetch(
        select(own.name, own.content_type, own.size, own.sha256).where(own.submission_id == first).order_by(own.id)
    )
    digests = [sha256(content).hexdigest() for content in (b"same", b"same", b"", b"other")]
    assert [tuple(row) for row in rows] == [
        ("passwd", "text/plain", 4, digests[0]),
        ("a b.c", "text/x-c", 4, digests[1]),
        ("é.txt", "application/octet-stream", 0, digests[2]),
        ("x" * 255, "application/octet-stream", 5, digests[3]),
    ]
    contents = await ctx.db.fetch(select(File.sha256, File.size).order_by(File.size))
    assert [tuple(row) for row in contents] == [(digests[2], 0), (digests[0], 4), (digests[3], 5)]
    assert [await ctx.files.read(digest) for digest, _ in contents] == [b"", b"same", b"other"]


@pytest.mark.parametrize(
    ("files", "reason", "field"),
    [
        ([NewFile("", b"")], CODES.INVALID, ("files", "0", "name")),
        ([NewFile("a/..", b"")], CODES.INVALID, ("files", "0", "name")),
        ([NewFile("a/", b"")], CODES.INVALID, ("files", "0", "name")),
        ([NewFile("\0", b"")], CODES.INVALID, ("files", "0", "name")),
        ([NewFile("a", b""), NewFile("b/a", b"")], CODES.TAKEN, ("files", "1", "name")),
        ([NewFile("x" * 256, b"")], CODES.TOO_LONG, ("files", "0", "name")),
        ([NewFile("a", b"x" * (MAX_BYTES + 1))], CODES.TOO_LONG, ("files", "0", "content")),
        ([NewFile(str(place), b"") for place in range(21)], CODES.LIMIT_REACHED, ("files",)),
    ],
    ids=lambda value: str(value)[:30],
)
async def test_files_that_are_not_kept(
    ctx: Context, world: University, files: list[NewFile], reason: UserErrorCode, field: tuple[str, ...]
) -> None:
    work = await coursework(world)
    await refused(ctx, submit(world.student, **await sat(world.student, work), files=files), reason, *field)


async def test_the_largest_files_are_kept(ctx: Context, world: University) -> None:
    work = await coursework(world)
    files = [NewFile(str(place), b"x" * MAX_BYTES) for place in range(20)]
    made = await submit(world.student, **await sat(world.student, work), files=files)
    count = select(func.count()).where(SubmissionFile.submission_id == made)
    assert await ctx.db.scalar(count) == 20
