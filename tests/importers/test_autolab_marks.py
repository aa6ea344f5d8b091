"""Gradesheets: new versions, corrections, words in place of a total."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.context import Context
from app.domain.attempts.models import Submission
from app.domain.grades.models import GradeChange, Score
from app.importers.summary import Count, Summary
from tests.importers.exports import ADA, ALAN, HEADER, LAB, NAME, SHEET, take, take_course, write_rows, write_text
from tests.importers.folders import contents, values
from tests.importers.work import work_of

pytestmark = pytest.mark.anyio
NO_VERSION = ("", "ada@example.edu", "excused", "", "", "Ada", "Lovelace", "B", "1")


@pytest.fixture(autouse=True)
async def course(ctx: Context, tmp_path: Path) -> None:
    await take_course(ctx, tmp_path)


async def mark(ctx: Context, folder: Path, *rows: tuple[str, ...], name: str = SHEET, **options: str) -> Summary:
    return await take(ctx, write_rows(folder / name, [HEADER, *rows]), course=NAME, **options)


async def test_marks_and_all_that_follows_from_them(ctx: Context, tmp_path: Path) -> None:
    await mark(ctx, tmp_path, ADA, ALAN)
    work = await work_of(ctx, "datalab", "ada@example.edu")
    at = datetime(2023, 9, 10, 12, tzinfo=UTC)
    perc = pytest.approx(61.5 / 67.5 * 100)
    assert work["instance"] == (1, True, 61.5, 61.5, 67.5, perc, perc, at, ctx.now, None)
    assert work["question"] == (1, 55.0, 55.0, 55.0, pytest.approx(55 / 60), pytest.approx(55 / 60), 1)
    assert work["submission"] == (1, at, False, False, None, None)
    assert work["score"] == (55.0, 55.0, True, ctx.now)
    assert work["grade"] == (61.5, 61.5, 67.5, perc, perc, False, at, at)
    assert work["history"] == [("IMPORTED", ctx.principal.user_id, ctx.now, None, 61.5)]


async def test_late_is_after_the_slack(ctx: Context, tmp_path: Path) -> None:
    """Due at 03:59 UTC with 60 seconds of slack: one second past 04:00 is late."""
    on_time = ("2023-09-11 04:00:00 UTC", *ADA[1:])
    await mark(ctx, tmp_path, on_time, ALAN)
    assert await values(ctx, Submission.is_late, by=Submission.id) == [False, True]


async def test_an_empty_cell_is_not_marked(ctx: Context, tmp_path: Path) -> None:
    await mark(ctx, tmp_path, ALAN)
    assert await values(ctx, Score.value, by=Score.id) == [40.0]
    assert (await work_of(ctx, "datalab", "alan@example.edu"))["grade"][:3] == (40.0, 40.0, 67.5)


async def test_corrected_marks(ctx: Context, tmp_path: Path) -> None:
    await mark(ctx, tmp_path, ADA)
    summary = await mark(ctx, tmp_path, (*ADA[:2], "50.0", "50.0", "", *ADA[5:]))
    assert summary.counts == {"submissions": Count(unchanged=1), "scores": Count(changed=2)}
    work = await work_of(ctx, "datalab", "ada@example.edu")
    assert work["grade"][:2] == (50.0, 50.0)
    assert [row[3:] for row in work["history"]] == [(None, 61.5), (61.5, 50.0)]


async def test_a_later_submission_is_a_new_version(ctx: Context, tmp_path: Path) -> None:
    """The last version counts; a sheet from before it is passed over."""
    await mark(ctx, tmp_path, ADA)
    await mark(ctx, tmp_path, ("2023-09-10 13:00:00 UTC", ADA[1], "12.0", "12.0", "0.0", *ADA[5:]))
    assert await values(ctx, Submission.number, by=Submission.id) == [1, 2]
    assert (await work_of(ctx, "datalab", "ada@example.edu"))["grade"][0] == 12.0
    summary = await mark(ctx, tmp_path, ("2023-09-10 12:30:00 UTC", *ADA[1:]))
    assert not summary.changed_anything
    assert summary.notes[0] == f"{SHEET}: rows older than the submissions that are stored, not taken: 1"


async def test_words(ctx: Context, tmp_path: Path) -> None:
    zeroed = (*ALAN[:2], "zeroed", *ALAN[3:])
    summary = await mark(ctx, tmp_path, NO_VERSION, zeroed)
    assert summary.counts["grades excused or zeroed"] == Count(changed=2)
    assert (await work_of(ctx, "datalab", "alan@example.edu"))["grade"][:2] == (0.0, 0.0)
    counts = await contents(ctx)
    assert (counts["column_grades"], counts["assessment_instances"]) == (2, 1)
    again = await mark(ctx, tmp_path, NO_VERSION, zeroed)
    assert again.counts["grades excused or zeroed"] == Count(unchanged=2)
    assert await contents(ctx) == counts


async def test_nothing_handed_in(ctx: Context, tmp_path: Path) -> None:
    rows = [(*NO_VERSION[:2], word, *NO_VERSION[3:]) for word in ("not_submitted",)]
    summary = await mark(ctx, tmp_path, *rows, ("", ALAN[1], "not_yet_submitted", "", "", *ALAN[5:]))
    assert not summary.changed_anything
    assert await values(ctx, GradeChange.id, by=GradeChange.id) == []


async def test_penalties_are_noted(ctx: Context, tmp_path: Path) -> None:
    summary = await mark(ctx, tmp_path, (*ADA[:2], "41.5", *ADA[3:]))
    assert summary.notes[0] == f"{SHEET}: totals that are not the sum of the marks, the sum is kept: 1"
    assert (await work_of(ctx, "datalab", "ada@example.edu"))["grade"][0] == 61.5


async def test_the_assessment_as_an_option(ctx: Context, tmp_path: Path) -> None:
    await mark(ctx, tmp_path, ADA, name="download.csv", assessment="datalab")
    assert await values(ctx, Score.value, by=Score.problem_id) == [55.0, 6.5]


async def test_a_problem_that_came_later(ctx: Context, tmp_path: Path) -> None:
    """The sittings' maxima follow the problems with the next gradesheet."""
    await mark(ctx, tmp_path, ADA)
    lab = f"{LAB}- {{name: Bonus, max_score: 5}}\n"
    await take(ctx, write_text(tmp_path / "datalab.yml", lab), course=NAME)
    await mark(ctx, tmp_path, ADA)
    assert (await work_of(ctx, "datalab", "ada@example.edu"))["instance"][2:5] == (61.5, 61.5, 72.5)
