"""Assessments and their categories are made, changed and deleted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, TypedDict, Unpack
from uuid import uuid4

from sqlalchemy import delete, func, select, update

from app.context import Context
from app.db.base import facts, model_of_table
from app.domain.assessments.following import columns_changed, worth_changed
from app.domain.assessments.models import (
    AnonymousGrading,
    Assessment,
    AssessmentCategory,
    AssessmentFile,
    AssessmentKind,
    GradingType,
    Problem,
    ScoringModel,
)
from app.domain.assessments.whole import revalue_whole
from app.domain.blocks.models import Block
from app.domain.catalog.models import CourseInstance, PenaltyUnit
from app.domain.changes import UNSET, Change, given
from app.domain.enrollment.policy import may_edit_content
from app.domain.identity.policy import may_write
from app.domain.rows import insert_row, referred_row, require_free, update_row, visible_row
from app.domain.rules import at_least, camel, fitted, in_order, number, web_address
from app.errors import RuleBroken, UserErrorCode

ANY_NUMBER = -1  # of unpenalized submissions, where the course instance allows fewer
UNIQUE = ("name", "external_id")
NEIGHBOURS = ("category_id", "group_set_id", "grade_schema_id", "block_id")
COMPUTED_FROM = {"category_id", "grading_type", "max_points", "weight", "is_visible", "is_included_in_calculations"}
COMPUTED_FROM |= {"grade_schema_id", "is_external_grade"}
DATES = ("start_at", "due_at", "end_at")
ANONYMITY = ("anonymous_grading", "anonymous_until")
KEPT = ("max_points", "grading_type")
DOCUMENTS = {"writeup_url": "writeup_file_id", "handout_url": "handout_file_id"}


class AssessmentDetails(TypedDict, total=False):
    """What may be said of an assessment beside its names. Null empties; absent (or UNSET) stays as it is.

    Of a new one `number` is the next in the category when absent, `position` the last, `max_points` 0. As soon as an
    assessment has problems of its own, `max_points` is their sum.
    """

    number: Change[str]
    position: Change[int]
    group_set_id: Change[int | None]
    block_id: Change[int | None]
    external_id: Change[str | None]
    description: Change[str | None]
    module: Change[str | None]
    kind: Change[AssessmentKind]
    grading_type: Change[GradingType]
    scoring_model: Change[ScoringModel]
    weight: Change[float | None]
    max_points: Change[float]
    max_bonus_points: Change[float]
    passing_percentage: Change[float | None]
    start_at: Change[datetime | None]
    due_at: Change[datetime | None]
    end_at: Change[datetime | None]
    time_limit_minutes: Change[int | None]
    max_instances: Change[int | None]
    max_submissions: Change[int | None]
    max_unpenalized_submissions: Change[int | None]
    max_grace_days: Change[int | None]
    late_penalty: Change[float | None]
    late_penalty_unit: Change[PenaltyUnit | None]
    version_penalty: Change[float | None]
    version_penalty_unit: Change[PenaltyUnit | None]
    are_handins_disabled: Change[bool]
    max_size_mb: Change[int]
    has_group_sittings: Change[bool]
    handin_filename: Change[str | None]
    writeup_url: Change[str | None]
    handout_url: Change[str | None]
    has_scoreboard: Change[bool]
    has_autograder: Change[bool]
    is_embedded_quiz: Change[bool]
    display_name: Change[str | None]
    content_id: Change[str | None]
    score_provider: Change[str | None]
    external_tool_id: Change[str | None]
    grade_schema_id: Change[int | None]
    is_visible: Change[bool]
    is_included_in_calculations: Change[bool]
    shows_statistics: Change[bool]
    is_external_grade: Change[bool]
    anonymous_grading: Change[AnonymousGrading]
    anonymous_until: Change[datetime | None]


async def create_category(
    ctx: Context,
    *,
    course_instance_id: int,
    name: str,
    abbreviation: str,
    heading: str | None = None,
    number: int | None = None,
    color: str = "gray1",
) -> int:
    """A new category of assessments; the id. The heading is the name, the number the next, when not given.

    Instructors, editors of the course, administrators. Raises NotFound, Forbidden; RuleBroken: TAKEN at `name`,
    REQUIRED, INVALID, TOO_LONG.
    """
    await may_edit_content(ctx, course_instance_id)
    await visible_row(ctx, CourseInstance, course_instance_id, CourseInstance.id, lock=True)
    here = AssessmentCategory.course_instance_id == course_instance_id
    if number is None:
        number = await ctx.db.scalar(select(func.coalesce(func.max(AssessmentCategory.number), 0) + 1).where(here))
    names = {"name": name, "abbreviation": abbreviation, "heading": heading or name}
    values = fitted(AssessmentCategory, {**names, "number": number, "color": color})
    await require_free(ctx, AssessmentCategory, values, ["name"], here)
    return await insert_row(ctx, AssessmentCategory, {"course_instance_id": course_instance_id, **values})


async def create_assessment(
    ctx: Context,
    *,
    course_instance_id: int,
    category_id: int,
    name: str,
    title: str,
    **details: Unpack[AssessmentDetails],
) -> int:
    """A new assessment; the id. Instructors, editors of the course, administrators.

    Raises NotFound, Forbidden; RuleBroken: TAKEN at `name`, `externalId`; NOT_FOUND at `categoryId`, `groupSetId`,
    `gradeSchemaId` (of another course instance, too); OUT_OF_RANGE at numbers, and at dates out of the order start,
    due, end; REQUIRED, at `anonymousUntil` too where anonymity ends at a date; INVALID, TOO_LONG.
    """
    await may_edit_content(ctx, course_instance_id)
    await visible_row(ctx, CourseInstance, course_instance_id, CourseInstance.id, lock=True)
    values = _checked(given(category_id=category_id, name=name, title=title, **details))
    in_order({date: values.get(date) for date in DATES})
    _require_end_of_anonymity(values, values)
    await _require_neighbours(ctx, course_instance_id, values)
    await require_free(ctx, Assessment, values, UNIQUE, Assessment.course_instance_id == course_instance_id)
    defaults = {"uuid": uuid4().hex, "max_points": 0.0, **await _last_place(ctx, category_id)}
    await _replace_external_grade(ctx, course_instance_id, values)
    made = await insert_row(ctx, Assessment, {"course_instance_id": course_instance_id, **defaults, **values})
    await columns_changed(ctx, course_instance_id)
    return made


async def update_assessment(
    ctx: Context,
    *,
    assessment_id: int,
    category_id: Change[int] = UNSET,
    name: Change[str] = UNSET,
    title: Change[str] = UNSET,
    **details: Unpack[AssessmentDetails],
) -> int:
    """Change an assessment; the id. Grades follow a new maximum at once, as calculated columns follow all; a scoring
    model, due date or penalty when recomputed.

    The address of a document takes the place of its file (app/domain/assessments/documents.py).
    Instructors, editors of the course, administrators. Raises like `create_assessment`; RuleBroken INVALID at
    `maxPoints` when that is the sum of problems, IN_USE at `gradingType` once there are grades.
    """
    columns = [getattr(Assessment, name) for name in (*DATES, *DOCUMENTS.values(), *ANONYMITY, *KEPT)]
    old = await changeable_assessment(ctx, assessment_id, *columns)
    values = _checked(given(category_id=category_id, name=name, title=title, **details))
    in_order({date: values.get(date, getattr(old, date)) for date in DATES})
    _require_end_of_anonymity(values, {name: getattr(old, name) for name in ANONYMITY} | values)
    await _require_neighbours(ctx, old.course_instance_id, values)
    siblings = Assessment.course_instance_id == old.course_instance_id
    await require_free(ctx, Assessment, values, UNIQUE, siblings, except_key=assessment_id)
    if values.get("grading_type", old.grading_type) != old.grading_type and await _has_grades(ctx, assessment_id):
        raise RuleBroken(UserErrorCode.IN_USE, "grades were given the other way", "gradingType")
    is_revalued = values.get("max_points", old.max_points) != old.max_points
    if is_revalued:
        await revalue_whole(ctx, assessment_id, values["max_points"])
    replaced = [column for address, column in DOCUMENTS.items() if values.get(address) is not None]
    await _replace_external_grade(ctx, old.course_instance_id, values)
    await update_row(ctx, Assessment, assessment_id, values | dict.fromkeys(replaced))
    await forget_files(ctx, [getattr(old, column) for column in replaced])
    if is_revalued:
        await worth_changed(ctx, assessment_id)
    if values.keys() & COMPUTED_FROM:
        await columns_changed(ctx, old.course_instance_id)
    return assessment_id


async def delete_assessment(ctx: Context, *, assessment_id: int, only_if_empty: bool = False) -> int:
    """Hide an assessment, and all work and grades of it, for good; the id. Its name stays taken, its block is free.

    Instructors, editors of the course, administrators. Raises NotFound, Forbidden; RuleBroken IN_USE at `onlyIfEmpty`
    where a grade was given.
    """
    old = await changeable_assessment(ctx, assessment_id, Assessment.block_id)
    if only_if_empty and await _has_grades(ctx, assessment_id):
        raise RuleBroken(UserErrorCode.IN_USE, "the assessment has grades", "onlyIfEmpty")
    await update_row(ctx, Assessment, assessment_id, {"deleted_at": ctx.now, "block_id": None})
    if old.block_id is not None:
        await ctx.db.execute(update(Problem).where(Problem.assessment_id == assessment_id).values(block_id=None))
        await ctx.db.execute(update(Block).where(Block.id == old.block_id).values(is_graded=False))
    await columns_changed(ctx, old.course_instance_id)
    return assessment_id


async def forget_files(ctx: Context, file_ids: Sequence[int | None]) -> None:
    """Delete the rows of files that no assessment refers to any more; contents are left to `forget_unused`."""
    known = [each for each in file_ids if each is not None]
    if known:
        await ctx.db.execute(delete(AssessmentFile).where(AssessmentFile.id.in_(known)))


async def changeable_assessment(ctx: Context, assessment_id: int, *columns: Any) -> Any:
    """The course instance id and `columns` of an assessment, locked. Raises NotFound, Forbidden."""
    may_write(ctx)
    columns = (Assessment.course_instance_id, *columns)
    found = await visible_row(ctx, Assessment, assessment_id, *columns, lock=True)
    await may_edit_content(ctx, found.course_instance_id)
    return found


async def _has_grades(ctx: Context, assessment_id: int) -> bool:
    grades: Any = model_of_table("column_grades")
    return await ctx.db.scalar(select(grades.id).where(grades.assessment_id == assessment_id).limit(1)) is not None


async def _last_place(ctx: Context, category_id: int) -> dict[str, Any]:
    statement = select(Assessment.number, Assessment.position).where(Assessment.category_id == category_id)
    siblings = await ctx.db.fetch(statement)
    numbers = [int(row.number) for row in siblings if row.number.isascii() and row.number.isdecimal()]
    return {
        "number": str(max(numbers, default=len(siblings)) + 1),
        "position": max((row.position for row in siblings), default=0) + 1,
    }


async def _require_neighbours(ctx: Context, course_instance_id: int, values: dict[str, Any]) -> None:
    """Raise NOT_FOUND unless the category, the group set and the grade schema are of this course instance."""
    for name in NEIGHBOURS:
        if values.get(name) is not None:
            model: Any = model_of_table(facts(getattr(Assessment, name)).target or "")
            found = await referred_row(ctx, model, values[name], model.course_instance_id, field=camel(name))
            if found.course_instance_id != course_instance_id:
                raise RuleBroken(UserErrorCode.NOT_FOUND, "not of this course instance", camel(name))


async def _replace_external_grade(ctx: Context, course_instance_id: int, values: dict[str, Any]) -> None:
    """Let a new external grade take the place of the old one: a course instance has one."""
    if values.get("is_external_grade"):
        others = (Assessment.course_instance_id == course_instance_id, Assessment.is_external_grade)
        await ctx.db.execute(update(Assessment).where(*others).values(is_external_grade=False))


def _require_end_of_anonymity(values: Mapping[str, Any], whole: Mapping[str, Any]) -> None:
    """Raise REQUIRED when something is said of anonymity, which is to end at a date, and there is none in the whole."""
    is_dated = whole.get("anonymous_grading") == AnonymousGrading.DATE
    if is_dated and whole.get("anonymous_until") is None and not values.keys().isdisjoint(ANONYMITY):
        raise RuleBroken(UserErrorCode.REQUIRED, "until when is anonymous?", "anonymousUntil")


def _checked(values: dict[str, Any]) -> dict[str, Any]:
    checked = fitted(Assessment, values)
    at_least(0, checked, "weight", "max_points", "max_bonus_points", "passing_percentage")
    at_least(0, checked, "max_grace_days", "late_penalty", "version_penalty")
    at_least(1, checked, "time_limit_minutes", "max_instances", "max_submissions", "max_size_mb")
    at_least(ANY_NUMBER, checked, "max_unpenalized_submissions")
    for name in DOCUMENTS:
        web_address(checked.get(name), camel(name))
    if "/" in (checked.get("handin_filename") or ""):
        raise RuleBroken(UserErrorCode.INVALID, "a name without a slash is asked for", "handinFilename")
    if checked.get("passing_percentage") is not None:
        number(checked["passing_percentage"], "passingPercentage", maximum=100)
    return checked
