"""Writeups and handouts: one address or one file each, seen with the assessment, kept in the store."""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from app.context import Context
from app.domain.assessments.documents import set_assessment_handout, set_assessment_writeup
from app.domain.assessments.models import Assessment, AssessmentFile
from app.domain.assessments.queries import Document, DocumentFile, DocumentFormat, handouts_of, writeups_of
from app.domain.assessments.service import delete_assessment, update_assessment
from app.domain.files import File, NewFile, forget_unused, record_upload
from app.errors import NotFound, UserErrorCode
from tests.clock import NOW
from tests.domain.proof import context_of, only_row, refused
from tests.factories import Coursework, University, at, coursework

pytestmark = pytest.mark.anyio

CODES = UserErrorCode
NOTHING = Document(DocumentFormat.NONE)
PAGE = "https://uni.example/lab1.html"
NOW_AND_SOON: dict[str, dict[str, Any]] = {
    "now": {"start_at": NOW - timedelta(days=1)},
    "soon": {"start_at": NOW + timedelta(days=1)},
}


@pytest.fixture
async def work(world: University) -> Coursework:
    return await coursework(world)


async def handout(ctx: Context, work: Coursework) -> Document:
    """What the caller sees."""
    [found] = await handouts_of(ctx, [work.assessment_id])
    return found


async def count(ctx: Context) -> int:
    """How many files of assessments there are."""
    found: int = await ctx.db.scalar(select(func.count()).select_from(AssessmentFile))
    return found


async def test_an_address_a_file_and_nothing_take_turns(world: University, work: Coursework) -> None:
    ins, key = world.instructor, work.assessment_id
    assert await handout(ins, work) == NOTHING
    await set_assessment_handout(ins, assessment_id=key, url=f" {PAGE} ")
    assert await handout(ins, work) == Document(DocumentFormat.URL, PAGE)
    await set_assessment_handout(ins, assessment_id=key, file=NewFile("labs\\lab1.tar", b"tar"))
    found = (await only_row(ins, Assessment, key)).handout_file_id
    digest = sha256(b"tar").hexdigest()
    file = DocumentFile("lab1.tar", "application/x-tar", 3, digest, f"/files/assessments/{found}")
    assert await handout(ins, work) == Document(DocumentFormat.FILE, None, file)
    assert await ins.files.read(digest) == b"tar"
    await set_assessment_handout(ins, assessment_id=key, file=NewFile("lab1.tar", b"new", "text/x-new"))
    assert (await handout(ins, work)).file is not None
    assert await count(ins) == 1
    assert await writeups_of(ins, [key]) == [NOTHING]
    await set_assessment_handout(ins, assessment_id=key)
    assert (await handout(ins, work), await count(ins)) == (NOTHING, 0)


async def test_an_address_by_update_takes_the_place_of_a_file(world: University, work: Coursework) -> None:
    ins, key = world.instructor, work.assessment_id
    await set_assessment_handout(ins, assessment_id=key, file=NewFile("a", b"a"))
    await set_assessment_writeup(ins, assessment_id=key, file=NewFile("b", b"b"))
    await update_assessment(ins, assessment_id=key, handout_url=None, title="New")
    assert (await handout(ins, work)).format is DocumentFormat.FILE
    await update_assessment(ins, assessment_id=key, handout_url=PAGE)
    assert await handout(ins, work) == Document(DocumentFormat.URL, PAGE)
    [writeup] = await writeups_of(ins, [key])
    assert (writeup.format, await count(ins)) == (DocumentFormat.FILE, 1)


@pytest.mark.parametrize("kind", ["writeup", "handout"])
async def test_the_database_takes_no_two(ctx: Context, world: University, work: Coursework, kind: str) -> None:
    await set_assessment_writeup(world.instructor, assessment_id=work.assessment_id, file=NewFile("a", b"a"))
    file_id = (await only_row(ctx, Assessment, work.assessment_id)).writeup_file_id
    both: dict[str, Any] = {f"{kind}_url": PAGE, f"{kind}_file_id": file_id}
    with pytest.raises(IntegrityError, match=f"ck_assessments_{kind}"):
        async with ctx.db.transaction():
            await ctx.db.execute(update(Assessment).values(**both))


BAD: list[tuple[dict[str, Any], UserErrorCode, tuple[str, ...]]] = [
    ({"url": PAGE, "file": NewFile("a", b"a")}, CODES.INVALID, ("file",)),
    ({"url": "javascript:alert(1)"}, CODES.INVALID, ("url",)),
    ({"url": "https://x.example/" + "x" * 2000}, CODES.TOO_LONG, ("url",)),
    ({"url": ""}, CODES.REQUIRED, ("url",)),
    ({"url": "https://x.example/\na"}, CODES.INVALID, ("url",)),
    ({"file": NewFile("..", b"a")}, CODES.INVALID, ("file", "name")),
    ({"file": NewFile("x" * 256, b"a")}, CODES.TOO_LONG, ("file", "name")),
    ({"file": NewFile("a")}, CODES.REQUIRED, ("file", "content")),
    ({"file": NewFile("a", b"x" * (2**20 + 1))}, CODES.TOO_LONG, ("file", "content")),
    ({"file": NewFile("a", sha256=sha256(b"of others").hexdigest())}, CODES.NOT_FOUND, ("file", "sha256")),
    ({"file": NewFile("a", b"a", sha256="0" * 64)}, CODES.INVALID, ("file", "sha256")),
]


@pytest.mark.parametrize(("given", "reason", "field"), BAD, ids=lambda value: str(value)[:40])
async def test_what_is_refused(
    world: University, work: Coursework, given: dict[str, Any], reason: UserErrorCode, field: tuple[str, ...]
) -> None:
    key = work.assessment_id
    await set_assessment_handout(world.instructor, assessment_id=key, file=NewFile("before", b"before"))
    write = set_assessment_handout(world.instructor, assessment_id=key, **given)
    await refused(world.instructor, write, reason, *field)


async def test_a_file_that_was_uploaded_is_named_by_its_digest(world: University, work: Coursework) -> None:
    stored = await world.instructor.files.put_bytes(b"%PDF")
    for who in (world.instructor, world.student):
        await record_upload(who, stored=stored, name="x", content_type="application/pdf" if who.user_id else "")
    file = NewFile("lab1", sha256=stored.sha256)
    await set_assessment_writeup(world.instructor, assessment_id=work.assessment_id, file=file)
    [found] = await writeups_of(world.student, [work.assessment_id])
    assert found.file is not None
    assert found.file[:4] == ("lab1", "application/pdf", 4, stored.sha256)


@pytest.mark.parametrize(
    ("caller", "released", "unreleased"),
    [
        ("anonymous", False, False),
        ("loner", False, False),
        ("outsider", False, False),
        ("student", True, False),
        ("previewer", True, True),
        ("assistant", True, True),
        ("instructor", True, True),
        ("admin", True, True),
    ],
)
async def test_who_sees_it(world: University, caller: str, released: bool, unreleased: bool) -> None:
    """As the assessment: learners from `start_at` on."""
    for name, is_seen in (("now", released), ("soon", unreleased)):
        work = await coursework(world, name, **NOW_AND_SOON[name])
        await set_assessment_handout(world.instructor, assessment_id=work.assessment_id, file=NewFile("a", b"a"))
        ctx = context_of(world, caller)
        assert (await handout(ctx, work) != NOTHING) is is_seen
        file_id = (await only_row(ctx, Assessment, work.assessment_id)).handout_file_id
        seen = await ctx.db.scalar(
            select(AssessmentFile.id).where(AssessmentFile.id == file_id, ctx.visible(AssessmentFile))
        )
        assert seen == (file_id if is_seen else None)


async def test_the_moment_of_release_is_not_yet_released(world: University) -> None:
    work = await coursework(world, "now", start_at=NOW)
    await set_assessment_handout(world.instructor, assessment_id=work.assessment_id, file=NewFile("a", b"a"))
    assert await handout(world.student, work) == NOTHING
    after = at(world.student, NOW + timedelta(microseconds=1))
    assert (await handout(after, work)).format is DocumentFormat.FILE


async def test_it_goes_with_a_deleted_assessment(world: University, work: Coursework) -> None:
    key = work.assessment_id
    await set_assessment_handout(world.instructor, assessment_id=key, file=NewFile("a", b"a"))
    await delete_assessment(world.instructor, assessment_id=key)
    assert await handout(world.admin, work) == NOTHING
    seen = await world.admin.db.fetch(select(AssessmentFile.id).where(world.admin.visible(AssessmentFile)))
    assert (list(seen), await count(world.admin)) == ([], 1)
    with pytest.raises(NotFound):
        await set_assessment_handout(world.admin, assessment_id=key)


async def test_its_content_is_kept_as_long_as_it_is_named(world: University, work: Coursework) -> None:
    key = work.assessment_id
    later = at(world.admin, NOW + timedelta(days=2))
    await set_assessment_handout(world.instructor, assessment_id=key, file=NewFile("a", b"a"))
    assert await forget_unused(later) == 0
    await set_assessment_handout(world.instructor, assessment_id=key, file=NewFile("b", b"b"))
    assert await forget_unused(later) == 1
    assert [row[0] for row in await later.db.fetch(select(File.sha256))] == [sha256(b"b").hexdigest()]
