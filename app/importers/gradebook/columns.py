"""The assessments that a sheet's columns are: by key, then by title; the missing are made."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from itertools import product
from typing import Any

from sqlalchemy import select

from app.context import Context
from app.domain.assessments.models import Assessment, AssessmentCategory, GradingType
from app.domain.assessments.service import create_assessment, create_category
from app.domain.rows import free_name
from app.errors import RuleBroken
from app.importers.gradebook.sheet import Column, Sheet
from app.importers.places import Place
from app.importers.summary import Summary
from app.importers.tables import Table

CATEGORY = "Imported"
Said = Callable[[Column], str | None]
Known = Callable[[Any], list[str | None]]
SPELLINGS: tuple[tuple[Said, Known], ...] = (
    (lambda column: column.key, lambda each: [each.external_id, each.uuid]),
    (lambda column: column.heading, lambda each: [each.title]),
    (lambda column: column.title, lambda each: [each.title]),
    (lambda column: column.title.casefold(), lambda each: [each.title.casefold()]),
)


async def assessments_of(ctx: Context, place: Place) -> Sequence[Any]:
    """The assessments of a course instance, in the order of the gradebook; deleted ones too."""
    columns = (Assessment.id, Assessment.title, Assessment.external_id, Assessment.uuid, Assessment.max_points)
    statement = select(*columns, Assessment.deleted_at, Assessment.grading_type)
    return await ctx.db.fetch(
        statement.join(AssessmentCategory, AssessmentCategory.id == Assessment.category_id)
        .where(Assessment.course_instance_id == place.id)
        .order_by(AssessmentCategory.number, Assessment.position, Assessment.id)
    )


def matched(columns: Iterable[Column], assessments: Sequence[Any]) -> tuple[dict[int, int], list[Column]]:
    """The assessment of each column's place, and columns that could be several assessments or share one.

    A key is an external id or a uuid. A title counts for what no key has found: all of the header, then without the
    key, then in any capitals. What was deleted counts last.
    """
    rest = list(columns)
    found: dict[int, int] = {}
    unclear: list[Column] = []
    pools = [[each for each in assessments if (each.deleted_at is None) is living] for living in (True, False)]
    for pool, (said, known) in product(pools, SPELLINGS):
        taken = set(found.values())
        named: dict[str, set[int]] = defaultdict(set)
        for each in pool:
            for name in known(each):
                if name is not None and each.id not in taken:
                    named[name].add(each.id)
        sharing = Counter(said(column) for column in rest)
        for column in rest:
            candidates = named.get(said(column) or "", set())
            if len(candidates) == 1 and sharing[said(column)] == 1:
                found[column.place] = next(iter(candidates))
            elif candidates:
                unclear.append(column)
        rest = [column for column in rest if column.place not in found and column not in unclear]
    return found, unclear


def missing(sheet: Sheet, assessments: Sequence[Any], found: dict[int, int]) -> list[Column]:
    """The columns to be made. What was deleted here, or is calculated, is taken out of the sheet, with a note."""
    for what in ("deleted here", "calculated here"):
        gone = {
            each.id
            for each in assessments
            if (each.deleted_at is not None if what[0] == "d" else each.grading_type == GradingType.CALCULATED)
        }
        left = [column for column in sheet.columns if found.get(column.place) in gone]
        if left:
            sheet.notes.append(f"columns {what}, not taken: {', '.join(column.heading for column in left)}")
            sheet.columns = [column for column in sheet.columns if column not in left]
    new = [column for column in sheet.columns if column.place not in found]
    keys = Counter(column.key for column in new if column.key)
    for column in new:
        if column.key and keys[column.key] > 1:
            sheet.table.fail(0, f"has several columns with the id {column.key}")
        if column.max_points is None:
            sheet.table.fail(0, f"the column {column.told} is new here, and has no maximum")
        if column.max_points < 0:
            sheet.table.fail(0, f"the column {column.told} is new here, and has a maximum below 0")
    return new


async def make(ctx: Context, table: Table, place: Place, new: Sequence[Column], summary: Summary) -> dict[int, int]:
    """Make manual columns with the maxima of the file; the assessment of each column's place. Raises ImportFailure."""
    if not new:
        return {}
    here = (AssessmentCategory.course_instance_id == place.id, AssessmentCategory.name == CATEGORY)
    category_id = await ctx.db.scalar(select(AssessmentCategory.id).where(*here))
    if category_id is None:
        category_id = await create_category(ctx, course_instance_id=place.id, name=CATEGORY, abbreviation=CATEGORY[0])
    made = {}
    for column in new:
        name = await free_name(ctx, Assessment.name, column.title, Assessment.course_instance_id == place.id)
        try:
            made[column.place] = await create_assessment(
                ctx,
                course_instance_id=place.id,
                category_id=category_id,
                name=name,
                title=column.title,
                external_id=column.key,
                max_points=column.max_points or 0.0,
                grading_type=GradingType.MANUAL,
            )
        except RuleBroken as error:
            table.fail(0, f"the column {column.told}: {error}")
    summary.add("columns", created=len(made))
    return made
