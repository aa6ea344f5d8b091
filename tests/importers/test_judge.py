"""One module of the Open University from four sources: its own files, OneRoster, Canvas and Blackboard."""

from __future__ import annotations

import csv
import gzip
import re
from collections.abc import Mapping
from pathlib import Path

import pytest
from sqlalchemy import select

from app.context import Context
from app.domain.assessments.models import Assessment
from app.domain.catalog.models import CourseInstance
from app.domain.grades.models import ColumnGrade
from app.domain.identity.models import User
from app.importers.registry import run
from app.importers.summary import Count
from tests.importers.gradebooks import COURSE, offering

pytestmark = pytest.mark.anyio
MODULE = "AAA"
CANVAS = "oulad-aaa-2013J-canvas-gradebook.csv"
BLACKBOARD = "oulad-aaa-2013J-blackboard-gradecentre.xls"
ROSTER = "oulad-aaa-oneroster-1.1.zip"
Points = dict[tuple[str, str, str], float]  # by course instance, number of the student, title


def module(source: Path, folder: Path) -> Path:
    """The module's rows of the dataset, as a folder of its own."""
    ids: set[str] = set()
    for name in ("courses", "assessments", "studentInfo", "studentRegistration", "studentAssessment"):
        with gzip.open(source / f"{name}.csv.gz", "rt", encoding="utf-8", newline="") as stream:
            header, *rows = csv.reader(stream)
        if "code_module" in header:
            rows = [row for row in rows if row[header.index("code_module")] == MODULE]
        else:
            rows = [row for row in rows if row[header.index("id_assessment")] in ids]
        if name == "assessments":
            ids = {row[header.index("id_assessment")] for row in rows}
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream).writerows([header, *rows])
    return folder


async def points(ctx: Context) -> Points:
    """Every grade that has points."""
    statement = (
        select(CourseInstance.name, User.uin, Assessment.title, ColumnGrade.points)
        .select_from(ColumnGrade)
        .join(CourseInstance, CourseInstance.id == ColumnGrade.course_instance_id)
        .join(User, User.id == ColumnGrade.user_id)
        .join(Assessment, Assessment.id == ColumnGrade.assessment_id)
        .where(ColumnGrade.points.is_not(None))
    )
    rows = await ctx.db.fetch(statement)
    return {(name, re.sub(r"\D", "", uin), title): value for name, uin, title, value in rows}


class Undone(Exception):
    """Takes back what was imported."""


async def arrived(ctx: Context, format: str, path: Path, options: Mapping[str, str | bool] | None = None) -> Points:
    """What an empty university has after an import, which is undone."""
    found: Points = {}
    with pytest.raises(Undone):
        async with ctx.db.transaction():
            if options:
                await offering(ctx)
            await run(ctx, format, path, None, options)
            found = await points(ctx)
            raise Undone
    return found


async def test_four_sources_give_equal_grades(ctx: Context, shared: Path, tmp_path: Path) -> None:
    """The gradebooks hold one of the two presentations; none of the three but the dataset tells unmarked work."""
    own = await arrived(ctx, "oulad", module(shared / "oulad", tmp_path))
    assert len(own) == 3_146
    assert await arrived(ctx, "oneroster", shared / "oneroster" / ROSTER) == own
    first = {(COURSE, *key[1:]): value for key, value in own.items() if key[0] == "AAA-2013J"}
    assert len(first) == 1_631
    options: dict[str, str | bool] = {"course": COURSE, "create": True}
    for file in (CANVAS, BLACKBOARD):
        assert await arrived(ctx, "gradebook", shared / "gradebooks" / file, options) == first


@pytest.mark.parametrize("source", ["oulad", "oneroster"])
async def test_gradebooks_change_nothing_in_what_the_others_made(
    ctx: Context, shared: Path, tmp_path: Path, source: str
) -> None:
    """The same people, the same assessments, the same points: nobody and nothing is made twice."""
    path = module(shared / "oulad", tmp_path) if source == "oulad" else shared / "oneroster" / ROSTER
    await run(ctx, source, path)
    for file in (CANVAS, BLACKBOARD):
        summary = await run(ctx, "gradebook", shared / "gradebooks" / file, None, {"course": "AAA-2013J"})
        assert summary.counts == {"grades": Count(unchanged=1_631)}
