"""Open EdX courses: two real ones, counted a second way; small ones; those that cannot be taken."""

from __future__ import annotations

import re
import tarfile
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from app.context import Context
from app.db.base import Base
from app.domain.assessments.models import Assessment, AssessmentCategory, Problem
from app.domain.blocks.models import Block, BlockGroup, ShowCorrectness
from app.domain.blocks.service import update_block
from app.domain.catalog.models import CourseInstance
from app.domain.gradebook.models import CalculationTerm, GradeSchema
from app.domain.groups.models import Group, GroupSet
from app.importers.olx.page import PAGE
from app.importers.registry import run
from app.importers.summary import Count
from tests.domain.proof import everything
from tests.importers.olx import take

pytestmark = pytest.mark.anyio
STUDIO, LIBRARY = "studio-advanced", "mitx-grading-library"
BLOCKS = {
    STUDIO: {
        **{"course": 1, "chapter": 9, "sequential": 47, "vertical": 286, "split_test": 30, "html": 315, "poll": 121},
        **{"problem": 76, "video": 17, "survey": 3, "discussion": 2, "openassessment": 1, "word_cloud": 1},
        "course_info": 2,
    },
    LIBRARY: {"course": 1, "chapter": 2, "sequential": 10, "vertical": 63, "problem": 53, "html": 10},
}
TAGS = (
    "course|chapter|sequential|vertical|split_test|html|poll|problem|video|survey|discussion|openassessment|word_cloud"
)


def texts(path: Path) -> dict[str, str]:
    """The XML files of an archive, drafts left aside."""
    with tarfile.open(path) as archive:
        named = [each for each in archive if each.name.endswith(".xml") and "/drafts/" not in each.name]
        return {each.name: archive.extractfile(each).read().decode() for each in named}  # type: ignore[union-attr]


async def kinds(ctx: Context) -> dict[str, int]:
    """How many blocks of each kind there are."""
    rows = await ctx.db.fetch(select(Block.kind, func.count()).group_by(Block.kind))
    return {row[0]: row[1] for row in rows}


async def count(ctx: Context, model: type[Base]) -> int:
    """How many rows a table has."""
    return int(await ctx.db.scalar(select(func.count()).select_from(model)))


@pytest.mark.parametrize("name", [STUDIO, LIBRARY])
async def test_every_block_of_a_real_course_is_there(ctx: Context, shared: Path, name: str) -> None:
    """Counted a second way: by the tags that are written below a unit, a subsection, a section or a course."""
    path = shared / "openedx" / f"{name}.tar.gz"
    await run(ctx, "olx", path)
    assert await kinds(ctx) == BLOCKS[name]
    written = Counter(
        tag
        for file, text in texts(path).items()
        if re.search(r"/(course|chapter|sequential|vertical|split_test)/[^/]+$", file)
        for tag in re.findall(rf"^\s+<({TAGS})\b", text, re.MULTILINE)
    )
    assert {**written, "course": 1} == {kind: n for kind, n in BLOCKS[name].items() if kind != "course_info"}


async def test_what_a_real_course_grades(ctx: Context, shared: Path) -> None:
    """Points counted a second way: a weight, or the answers, of every problem file."""
    path = shared / "openedx" / f"{STUDIO}.tar.gz"
    await run(ctx, "olx", path)
    statement = (
        select(AssessmentCategory.name, func.count())
        .join(Assessment, Assessment.category_id == AssessmentCategory.id)
        .where(Assessment.block_id.is_not(None))
        .group_by(AssessmentCategory.name)
    )
    assert dict(map(tuple, await ctx.db.fetch(statement))) == {
        **{"Planning": 9, "Operations": 6, "Short Projects": 6, "Long Projects": 7}
    }
    files = texts(path)
    graded = [text for name, text in files.items() if "/sequential/" in name and 'graded="true"' in text]
    assert len(graded) == 28
    stored = await ctx.db.fetch(
        select(Block.usage_key, Problem.max_points)
        .join(Block, Block.id == Problem.block_id)
        .where(Block.kind == "problem")
    )
    found = {row[0].rpartition("@")[2]: row[1] for row in stored}
    problems = {name.rpartition("/")[2][:-4]: text for name, text in files.items() if "/problem/" in name}
    assert found == {name: points_of(problems[name]) for name in found}
    assert (len(found), sum(found.values())) == (72, 71.0)
    open_ones = select(Problem.max_points, Problem.max_manual_points).join(Block, Block.id == Problem.block_id)
    rows = await ctx.db.fetch(open_ones.where(Block.kind == "openassessment"))
    assert [tuple(row) for row in rows] == [(10.0, 10.0)]


def points_of(text: str) -> float:
    """A problem's points by its text alone."""
    weight = re.search(r'<problem[^>]*\sweight="([0-9.]+)"', text)
    return float(weight[1]) if weight else float(len(re.findall(r"<[a-z]+response\b", text)))


async def test_the_policies_of_a_real_course(ctx: Context, shared: Path) -> None:
    await run(ctx, "olx", shared / "openedx" / f"{STUDIO}.tar.gz")
    own = CourseInstance
    statement = select(own.key, own.name, own.long_name, own.start_at, own.end_at, own.is_self_paced, own.locale)
    (row,) = await ctx.db.fetch(statement)
    assert (row.key, row.name) == ("course-v1:HarvardX+StudioAdv1+2T2019", "harvardx-studioadv1-2t2019")
    dates = (row.start_at.isoformat(), row.end_at.isoformat())
    assert dates == ("2019-08-01T00:00:00+00:00", "2019-12-29T00:00:00+00:00")
    assert (row.long_name, row.is_self_paced, row.locale) == ("Studio Advanced", True, "en")
    told = select(own.catalog_visibility, own.image_url, own.days_early_for_testers, own.effort, own.overview)
    ((where, image, days, effort, overview),) = await ctx.db.fetch(told)
    asset = "/asset-v1:HarvardX+StudioAdv1+2T2019+type@asset+block@StudioAdv_Course_Image_antenna.png"
    assert (where, image, days, effort) == ("BOTH", asset, 10000.0, None)
    assert overview.startswith('<section class="about">\n  <h2>About This Course</h2>')
    term = CalculationTerm
    terms = await ctx.db.fetch(select(term.weight, term.drop_lowest, term.min_count).order_by(term.number))
    assert [tuple(each) for each in terms] == [(34.0, 2, 9), (22.0, 2, 6), (22.0, 2, 6), (22.0, 2, 6)]
    (symbols,) = await ctx.db.fetch(select(GradeSchema.symbols))
    assert [(each["text"], each["lower_bound"]) for each in symbols[0]] == [("Pass", 60.0), ("F", 0.0)]
    assert [await count(ctx, model) for model in (GroupSet, Group, BlockGroup)] == [3, 7, 119]
    hidden = select(func.count()).select_from(Block).where(Block.is_staff_only)
    assert await ctx.db.scalar(hidden) == 2


@pytest.mark.parametrize("name", [STUDIO, LIBRARY])
async def test_a_second_import_changes_nothing(ctx: Context, shared: Path, name: str) -> None:
    first = await run(ctx, "olx", shared / "openedx" / f"{name}.tar.gz")
    before = await everything(ctx)
    second = await run(ctx, "olx", shared / "openedx" / f"{name}.tar.gz")
    assert not second.changed_anything
    assert first.counts["blocks"] == Count(created=sum(BLOCKS[name].values()))
    assert await everything(ctx) == before


async def outline(ctx: Context) -> list[tuple[Any, ...]]:
    """(kind, name, content) of all blocks, in order."""
    rows = await ctx.db.fetch(select(Block.kind, Block.name, Block.content).order_by(Block.position))
    return [tuple(row) for row in rows]


async def test_a_small_course(ctx: Context, tmp_path: Path) -> None:
    summary = await take(ctx, tmp_path)
    assert summary.counts["blocks"] == Count(created=7)
    assert await outline(ctx) == [
        ("course", "Small", None),
        ("chapter", "A", None),
        ("sequential", "S", None),
        ("vertical", "", None),
        ("html", "Read", "<p>Hello</p>"),
        ("problem", "Compare", "<p>2 &lt; 3?</p>"),
        ("odd_thing", "", None),
    ]
    own = Block
    (row,) = await ctx.db.fetch(select(own.show_correctness, own.is_graded, own.format).where(own.kind == "sequential"))
    assert tuple(row) == (ShowCorrectness.PAST_DUE, True, "Lab")
    (odd,) = await ctx.db.fetch(select(own.usage_key, own.fields).where(own.kind == "odd_thing"))
    assert tuple(odd) == ("block-v1:Uni+C1+r1+type@odd_thing+block@v-odd_thing-1", {"colour": "red"})
    assert await ctx.db.scalar(select(Problem.max_points)) == 4.0
    assert [await count(ctx, model) for model in (Assessment, Problem, BlockGroup)] == [2, 1, 1]


async def test_an_archive_is_read_like_a_folder(ctx: Context, tmp_path: Path) -> None:
    await take(ctx, tmp_path / "course")
    with tarfile.open(tmp_path / "c.tar.gz", "w:gz") as archive:
        archive.add(tmp_path / "course", "course")
    assert not (await run(ctx, "olx", tmp_path / "c.tar.gz")).changed_anything


async def test_what_changed_in_the_files_changes_and_what_is_gone_is_kept(ctx: Context, tmp_path: Path) -> None:
    await take(ctx, tmp_path)
    key = await ctx.db.scalar(select(Block.id).where(Block.kind == "html"))
    await update_block(ctx, block_id=key, name="Changed here")
    changes = {
        "chapter/a.xml": '<chapter display_name="B"><sequential url_name="s"/><html url_name="h"/></chapter>',
        "sequential/s.xml": '<sequential display_name="S" graded="true" format="Lab">'
        '<vertical url_name="v"/></sequential>',
        "vertical/v.xml": '<vertical><problem url_name="p" weight="6"/></vertical>',
        "problem/p.xml": "<problem/>",
    }
    summary = await take(ctx, tmp_path, changes)
    assert summary.counts["blocks"] == Count(changed=4, unchanged=2)
    assert summary.notes[0] == "blocks that are not in the files, kept: 1"
    names = [(kind, name) for kind, name, _ in await outline(ctx)]
    assert names == [
        ("course", "Small"),
        ("chapter", "B"),
        ("sequential", "S"),
        ("vertical", ""),
        ("problem", "Compare"),
        ("odd_thing", ""),
        ("html", "Read"),
    ]
    assert await count(ctx, BlockGroup) == 0
    assert await ctx.db.scalar(select(Problem.max_points)) == 6.0
    assert await ctx.db.scalar(select(Assessment.max_points).where(Assessment.block_id.is_not(None))) == 6.0


TOLD = """{"course/r1": {"user_partitions": [{"id": 5, "name": "P", "scheme": "cohort", "groups": [{"id": 1,
"name": "One"}]}], "catalog_visibility": "about", "advertised_start": "Soon", "display_organization": "U",
"display_coursenumber": "C-1", "course_image": "a picture.png", "banner_image": "wide.png", "license":
"creative-commons: BY", "max_student_enrollments_allowed": 30, "mobile_available": true, "course_visibility":
"public_outline", "hide_progress_tab": true, "certificate_available_date": "2026-07-01T00:00:00Z"}}"""
ABOUT = {
    "policies/r1/policy.json": TOLD,
    "about/short_description.html": "Numbers, and what they mean.\n",
    "about/effort.html": "3 hours",
    "about/overview.html": "<p>All about it.</p>",
    "about/video.html": '<iframe width="560" src="//video.example.org/embed/x1" frameborder="0"></iframe>',
}


async def test_the_page_of_a_course(ctx: Context, tmp_path: Path) -> None:
    await take(ctx, tmp_path, ABOUT)
    row = (await ctx.db.fetch(select(*(getattr(CourseInstance, name) for name in PAGE))))[0]
    assert row._asdict() == {
        "catalog_visibility": "ABOUT",
        "short_description": "Numbers, and what they mean.",
        "overview": "<p>All about it.</p>",
        "effort": "3 hours",
        "advertised_start": "Soon",
        "display_organization": "U",
        "display_number": "C-1",
        "image_url": "/asset-v1:Uni+C1+r1+type@asset+block@a_picture.png",
        "banner_url": "/asset-v1:Uni+C1+r1+type@asset+block@wide.png",
        "video_url": "//video.example.org/embed/x1",
        "license": "creative-commons: BY",
        "max_learners": 30,
        "days_early_for_testers": None,
        "certificate_available_at": datetime(2026, 7, 1, tzinfo=UTC),
        "is_mobile_available": True,
        "has_public_outline": True,
        "hides_progress": True,
    }
    assert not (await take(ctx, tmp_path, ABOUT)).changed_anything


async def test_exams_and_what_is_hidden_once_it_was_due(ctx: Context, tmp_path: Path) -> None:
    said = 'hide_after_due="true" is_time_limited="true" is_practice_exam="null" is_proctored_enabled="false"'
    changes = {"sequential/s.xml": f'<sequential {said} default_time_limit_minutes="30" chrome="accordion"/>'}
    await take(ctx, tmp_path, changes)
    own = Block
    columns = (own.hides_after_due, own.is_time_limited, own.is_practice_exam, own.is_proctored)
    statement = select(*columns, own.time_limit_minutes, own.fields).where(own.kind == "sequential")
    (row,) = await ctx.db.fetch(statement)
    assert tuple(row) == (True, True, False, False, 30, {"chrome": "accordion"})
