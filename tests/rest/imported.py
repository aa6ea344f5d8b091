"""A real course with somebody at work in it: imported, dated, answered, scored."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.context import Context
from app.domain.assessments.access import grant_extension
from app.domain.assessments.models import Assessment, AssessmentCategory, Problem
from app.domain.assessments.subsections import assess_block
from app.domain.blocks.completion import NewCompletion, record_completion
from app.domain.blocks.models import Block, BlockPath
from app.domain.blocks.service import update_block
from app.domain.catalog.models import CourseInstance
from app.domain.enrollment.models import Role
from app.domain.enrollment.offerings import update_course_instance
from app.domain.enrollment.service import enroll
from app.domain.grades.overrides import override_grade
from app.domain.identity.tokens import issue_token
from app.importers.registry import run
from app.principal import SCOPES, Principal
from tests.clock import NOW
from tests.conftest import RolledBackDatabase
from tests.factories import Coursework, handed_in, person, scored
from tests.rest.openedx.conftest import Filled

UNGRADED = {"mitx-grading-library": "block-v1:MITx+grading-library+course+type@sequential+block@stringgrader"}
"""Courses that grade nothing, and what is graded in them here."""
LEAVES = ("html", "problem", "video", "poll", "survey")
DAY = timedelta(days=1)


async def imported(connection: AsyncConnection, archive: Path) -> Filled:
    """An export in an empty database; `ann` learns, `prof` teaches, `staff` is global staff."""
    db = RolledBackDatabase(connection, asyncio.Lock())
    made = Filled(connection, Context(Principal(None, is_admin=True, scopes=frozenset(SCOPES)), db, lambda: NOW))
    await run(made.admin, "olx", archive)
    made.keys["R"] = await db.scalar(select(CourseInstance.id))
    runs: dict[str, Any] = {"is_mobile_available": True, "start_at": NOW - 60 * DAY, "end_at": NOW + 60 * DAY}
    await update_course_instance(made.admin, course_instance_id=made.keys["R"], **runs)
    for name, role in (("staff", None), ("prof", Role.INSTRUCTOR), ("ann", Role.STUDENT)):
        made.keys[name] = await person(made.admin, name, is_staff=role is None)
        made.tokens[name] = (await issue_token(made.by(name), name=name)).text
        if role is not None:
            await enroll(made.admin, course_instance_id=made.keys["R"], user_id=made.keys[name], role=role)
    await _dates(made, archive.name.partition(".")[0])
    await _work(made)
    return made


async def _dates(made: Filled, name: str) -> None:
    """A section is due, and subsections: for all, at one's own pace, later for ann; one that is over."""
    ctx = made.admin
    if name in UNGRADED:
        block = await ctx.db.scalar(select(Block.id).where(Block.usage_key == UNGRADED[name]))
        category = await ctx.db.scalar(select(AssessmentCategory.id))
        await assess_block(ctx, block_id=block, category_id=category)
    chapter = select(Block.id).where(Block.kind == "chapter").order_by(Block.position)
    await update_block(ctx, block_id=await ctx.db.scalar(chapter.limit(1)), due_at=NOW + 30 * DAY)
    own = Assessment
    graded = await ctx.db.fetch(
        select(own.id, own.block_id, own.category_id).where(own.block_id.is_not(None)).order_by(own.position)
    )
    dates: list[dict[str, Any]] = [{"due_at": NOW + 7 * DAY}, {"due_at": NOW - 7 * DAY}]
    dates += [{"due_at": NOW + 9 * DAY, "weeks_due": 2}, {"weeks_due": 4}, {"due_at": NOW + 3 * DAY}]
    for row, date in zip(graded, dates, strict=False):
        await update_block(ctx, block_id=row.block_id, **date)
        await assess_block(ctx, block_id=row.block_id, category_id=row.category_id)
    longer: dict[str, Any] = {"user_id": made.keys["ann"], "due_at": NOW + 8 * DAY}
    await grant_extension(ctx, assessment_id=graded[0].id, **longer)


async def _work(made: Filled) -> None:
    """ann answers what is graded first, and again; has all of it; one grade is set by hand."""
    ctx, ann, prof = made.admin, made.by("ann"), made.by("prof")
    rows = await ctx.db.fetch(
        select(Assessment.id, Assessment.category_id, Problem.id.label("problem_id"), Problem.max_points)
        .join(Problem, Problem.assessment_id == Assessment.id)
        .where(Assessment.block_id.is_not(None), Problem.open_response.is_(None))
        .order_by(Assessment.position, Problem.number)
    )
    works: dict[int, Coursework] = {}
    for row in rows:
        works.setdefault(row.id, Coursework(row.id, row.category_id, {})).problem_ids[str(row.problem_id)] = (
            row.problem_id
        )
    most = {str(row.problem_id): row.max_points for row in rows}
    for number, work in enumerate(list(works.values())[:4]):
        for share in ((1.0, 0.5), (0.5, 1.0))[: 2 - number % 2]:
            submission = await handed_in(ann, work)
            points = {name: most[name] * share[place % 2] for place, name in enumerate(work.problem_ids)}
            await scored(prof, submission, work, release=True, **points)
    last = list(works)[-1]
    await override_grade(prof, assessment_id=last, user_id=made.keys["ann"], points=0.5, reason="Appeal")
    first = await ctx.db.scalar(select(Assessment.block_id).where(Assessment.id == next(iter(works))))
    leaves = (
        select(Block.id)
        .join(BlockPath, BlockPath.block_id == Block.id)
        .where(BlockPath.ancestor_id == first, Block.kind.in_(LEAVES), ann.visible(Block))
        .order_by(Block.position)
    )
    done = [NewCompletion(row[0], 1.0) for row in await ann.db.fetch(leaves)]
    await record_completion(ann, course_instance_id=made.keys["R"], completions=done)
