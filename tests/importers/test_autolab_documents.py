"""Writeups and handouts in Autolab's archives: taken into the object store, again only when they change."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from app.context import Context
from app.domain.assessments.models import Assessment, AssessmentFile
from app.domain.files import File
from app.importers.autolab import documents
from app.importers.failure import ImportFailure
from app.importers.summary import Count
from tests.importers.exports import COURSE, LAB, NAME, take, write_tar, write_text
from tests.importers.folders import contents, values

pytestmark = pytest.mark.anyio

FOLDER = f"{NAME}/datalab/"
HANDOUT, WRITEUP = FOLDER + "datalab-handout.tar", FOLDER + "writeup/datalab.html"
URL = "https://example.edu/bits"
TOLD = LAB.replace(URL, "datalab-handout.tar\n  writeup: ./writeup/datalab.html")
EXPORT: dict[str, Any] = {
    f"{NAME}/{NAME}.yml": COURSE,
    HANDOUT: b"tar" * 200_000,
    FOLDER + "datalab.yml": TOLD,
    WRITEUP: "<p>",
    FOLDER + "driver.pl": "other",
}
COLUMNS = (AssessmentFile.name, AssessmentFile.content_type, AssessmentFile.size)


async def test_files_of_an_archive_are_taken_once(ctx: Context, tmp_path: Path) -> None:
    path = write_tar(tmp_path / "any.tar", EXPORT)
    summary = await take(ctx, path)
    assert summary.counts["files"] == Count(created=2)
    assert summary.notes == ["other files of the archive, not taken: 1"]
    before = [("datalab.html", "text/html", 3), ("datalab-handout.tar", "application/x-tar", 600_000)]
    assert await values(ctx, *COLUMNS, by=AssessmentFile.id) == before
    [digest] = [key for key, size in await values(ctx, File.sha256, File.size, by=File.sha256) if size == 600_000]
    assert await ctx.files.read(digest) == EXPORT[HANDOUT]
    rows = await contents(ctx)
    again = await take(ctx, path)
    assert (again.changed_anything, again.counts["files"], await contents(ctx)) == (False, Count(unchanged=2), rows)
    changed = await take(ctx, write_tar(tmp_path / "any.tar", {**EXPORT, WRITEUP: "<p>New"}))
    assert changed.counts["files"] == Count(changed=1, unchanged=1)
    assert sorted(await values(ctx, *COLUMNS, by=AssessmentFile.id)) == sorted(
        [("datalab.html", "text/html", 6), before[1]]
    )


async def test_an_assessments_own_archive(ctx: Context, tmp_path: Path) -> None:
    await take(ctx, write_text(tmp_path / "course.yml", COURSE))
    files = {path.removeprefix(f"{NAME}/"): each for path, each in EXPORT.items() if path.startswith(FOLDER)}
    summary = await take(ctx, write_tar(tmp_path / "lab.tar", files), course=NAME)
    assert summary.counts["files"] == Count(created=2)


async def test_what_is_not_there_stays_as_it_is(ctx: Context, tmp_path: Path) -> None:
    await take(ctx, write_tar(tmp_path / "any.tar", EXPORT))
    summary = await take(ctx, write_text(tmp_path / "datalab.yml", TOLD), course=NAME)
    assert summary.notes == [
        "datalab: the writeup is a file that is not there: ./writeup/datalab.html",
        "datalab: the handout is a file that is not there: datalab-handout.tar",
    ]
    assert not summary.changed_anything
    await take(ctx, write_text(tmp_path / "datalab.yml", LAB), course=NAME)
    columns = (Assessment.handout_url, Assessment.handout_file_id, Assessment.writeup_file_id)
    assert await values(ctx, *columns, by=Assessment.id) == [(URL, None, None)]
    assert await values(ctx, AssessmentFile.name, by=AssessmentFile.id) == []


BAD: list[tuple[str, str]] = [
    ("../15213-f23.yml", "is '../15213-f23.yml', which leads out of the assessment's folder"),
    ("/etc/passwd", "is '/etc/passwd', which leads out of the assessment's folder"),
    ('"a\\\\b"', "is 'a\\\\b', which leads out of the assessment's folder"),
    ("7", "is 7, not a text"),
]


@pytest.mark.parametrize(("told", "message"), BAD)
async def test_paths_that_lead_elsewhere(ctx: Context, tmp_path: Path, told: str, message: str) -> None:
    files = {**EXPORT, FOLDER + "datalab.yml": LAB.replace(URL, told)}
    before = await contents(ctx)
    with pytest.raises(ImportFailure) as caught:
        await take(ctx, write_tar(tmp_path / "any.tar", files))
    assert str(caught.value) == f"{FOLDER}datalab.yml line 5: general.handout {message}"
    assert await contents(ctx) == before


async def test_a_file_that_is_too_large(ctx: Context, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "MAX_FILE", 1000)
    before = await contents(ctx)
    with pytest.raises(ImportFailure, match=r"general\.handout is 'datalab-handout\.tar', of more than 1,000 bytes$"):
        await take(ctx, write_tar(tmp_path / "any.tar", EXPORT))
    assert await contents(ctx) == before
