"""Assessments with their categories and, where they are done in groups, group sets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select

from app.context import Context
from app.domain.assessments.models import Assessment, AssessmentCategory, AssessmentKind, GradingType, ScoringModel
from app.domain.assessments.service import forget_files
from app.domain.groups.models import GroupSet
from app.importers.autolab.catalog import made_uuid
from app.importers.autolab.documents import COLUMNS, KINDS, Named, merge_documents, named
from app.importers.autolab.files import AssessmentFile
from app.importers.autolab.problems import ReadProblem, merge_problems, read_problems
from app.importers.autolab.terms import UNLIMITED, limit, penalty
from app.importers.autolab.times import instant
from app.importers.documents import Document
from app.importers.merge import merge
from app.importers.places import Place
from app.importers.summary import Summary

DATES = ("start_at", "due_at", "end_at")
WRITTEN = (
    *("title", "description", "kind", "max_points", "max_submissions", "max_unpenalized_submissions"),
    *("max_grace_days", "late_penalty", "late_penalty_unit", "version_penalty", "version_penalty_unit"),
    *("are_handins_disabled", "max_size_mb", "handin_filename", "has_scoreboard", "has_autograder"),
    "is_embedded_quiz",
)
COMPARED = ("category_id", "group_set_id", *DATES, *COLUMNS, *WRITTEN)
INITIAL = ("uuid", "number", "position", "scoring_model", "grading_type", "max_instances", "has_group_sittings")
DEFAULT_SIZE = 2  # MB
FAR = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class ReadAssessment:
    """An assessment's file; `facts` are columns by name. `groups` is the largest size and who forms them."""

    name: str
    category: str
    facts: Mapping[str, Any]
    dates: tuple[datetime | None, ...]
    groups: tuple[int, bool] | None
    problems: list[ReadProblem]
    documents: tuple[Named, ...]


async def merge_assessments(
    ctx: Context, place: Place, files: Sequence[AssessmentFile], summary: Summary, *, whole: bool
) -> None:
    """Merge assessments with all that is below them. `whole`: the files are all that the course has."""
    read = [_read(file, summary) for file in files]
    read.sort(key=lambda each: (each.dates[1] or FAR, each.name))
    stored = await _stored(ctx, place.id)
    if deleted := await _deleted(ctx, place.id):
        summary.notes.extend(f"{each.name}: deleted here, not taken" for each in read if each.name in deleted)
        read = [each for each in read if each.name not in deleted]
    categories = await _merge_categories(ctx, place.id, read, summary)
    group_sets = await _merge_group_sets(ctx, place.id, read, summary)
    documents = await merge_documents(ctx, place.id, {each.name: each.documents for each in read}, summary)
    within = Assessment.course_instance_id == place.id
    rows = []
    for position, each in enumerate(read, start=1 + len(stored)):
        kept = stored.get(each.name) or (ctx.now + timedelta(days=1),) * len(DATES)
        dates = tuple(date or before for date, before in zip(each.dates, kept, strict=True))
        told = (*dates, *documents.columns[each.name], *(each.facts[key] for key in WRITTEN))
        columns = (categories[each.category], group_sets.get(each.name), *told)
        fixed = (made_uuid("assessment", f"{place.name}/{each.name}"), str(position), position)
        terms = (ScoringModel.LAST.value, GradingType.ATTEMPTS.value, 1, False)
        rows.append((place.id, each.name, *columns, *fixed, *terms))
    key = ("course_instance_id", "name")
    merged = await merge(ctx, Assessment, rows, key=key, compared=COMPARED, initial=INITIAL, within=within)
    await forget_files(ctx, documents.replaced)
    if whole:
        summary.add_merged("assessments", merged)
    else:
        summary.add("assessments", **merged.counts)
    ids = {each.name: merged.ids[place.id, each.name] for each in read}
    problems = {ids[each.name]: each.problems for each in read}
    await merge_problems(ctx, problems, {ids[each.name]: each.facts["has_autograder"] for each in read}, summary)


def _read(file: AssessmentFile, summary: Summary) -> ReadAssessment:
    """`labtemplate.yml` and its likes have older keys: `category`, `autograde`."""
    document = file.document
    general = document.child("general")
    if general is None:
        document.fail("general", "is missing")
    category = general.optional_text("category_name", 150) or general.optional_text("category", 150)
    if not category:
        general.fail("category_name", "is missing")
    if len(file.name) > 255:
        document.fail("", "lies in a folder of more than 255 characters")
    dates = document.child("dates")
    size = general.integer("group_size") or 1
    problems = read_problems(document)
    self_assigned = general.flag("allow_student_assign_group", default=True)
    return ReadAssessment(
        file.name,
        category,
        _facts(file, general, problems),
        tuple(None if dates is None else instant(dates, key) for key in DATES),
        (size, self_assigned) if size > 1 else None,
        problems,
        tuple(named(file, general, kind, summary) for kind in KINDS),
    )


def _facts(file: AssessmentFile, general: Document, problems: Sequence[ReadProblem]) -> dict[str, Any]:
    document = file.document
    quiz = general.flag("embedded_quiz", default=False)
    submissions = limit(general, "max_submissions")
    late, version = penalty(document, "late_penalty"), penalty(document, "version_penalty")
    autograders = [document.child(key) for key in ("autograder", "autograde")]
    general.optional_text("name")
    return {
        "title": general.optional_text("display_name") or file.name,
        "description": general.optional_text("description", None) or None,
        "kind": (AssessmentKind.QUIZ if quiz else AssessmentKind.HOMEWORK).value,
        "max_points": sum((each.max_points for each in problems), 0.0),
        "max_submissions": None if submissions == UNLIMITED else submissions,
        "max_unpenalized_submissions": limit(general, "version_threshold"),
        "max_grace_days": general.integer("max_grace_days"),
        "late_penalty": late and late[0],
        "late_penalty_unit": late and late[1],
        "version_penalty": version and version[0],
        "version_penalty_unit": version and version[1],
        "are_handins_disabled": general.flag("disable_handins", default=False),
        "max_size_mb": general.integer("max_size") or DEFAULT_SIZE,
        "handin_filename": general.optional_text("handin_filename", 200) or None,
        "has_scoreboard": document.child("scoreboard") is not None,
        "has_autograder": any(each is not None for each in autograders),
        "is_embedded_quiz": quiz,
    }


async def _stored(ctx: Context, instance_id: int) -> dict[str, tuple[Any, ...]]:
    """The dates of each assessment of a course instance: they stay where a file has none."""
    columns = (Assessment.name, *(getattr(Assessment, name) for name in DATES))
    rows = await ctx.db.fetch(select(*columns).where(Assessment.course_instance_id == instance_id))
    return {row[0]: tuple(row[1:]) for row in rows}


async def _deleted(ctx: Context, instance_id: int) -> set[str]:
    """The assessments that somebody deleted; their names stay taken."""
    here = (Assessment.course_instance_id == instance_id, Assessment.deleted_at.is_not(None))
    return {row[0] for row in await ctx.db.fetch(select(Assessment.name).where(*here))}


async def _merge_categories(
    ctx: Context, instance_id: int, read: Sequence[ReadAssessment], summary: Summary
) -> dict[str, int]:
    within = AssessmentCategory.course_instance_id == instance_id
    known = {row[0] for row in await ctx.db.fetch(select(AssessmentCategory.name).where(within))}
    used = dict.fromkeys(each.category for each in read)
    numbers = {name: number for number, name in enumerate((name for name in used if name not in known), len(known) + 1)}
    merged = await merge(
        ctx,
        AssessmentCategory,
        [(instance_id, name, numbers.get(name, 0), name[:32], name) for name in used],
        key=("course_instance_id", "name"),
        initial=("number", "abbreviation", "heading"),
        within=within,
    )
    summary.add("assessment categories", **merged.counts)
    return {name: merged.ids[instance_id, name] for name in used}


async def _merge_group_sets(
    ctx: Context, instance_id: int, read: Sequence[ReadAssessment], summary: Summary
) -> dict[str, int]:
    """One set of groups for each assessment done in groups, called as the assessment."""
    rows = [(instance_id, each.name, 1, *each.groups) for each in read if each.groups is not None]
    merged = await merge(
        ctx,
        GroupSet,
        rows,
        key=("course_instance_id", "name"),
        compared=("min_size", "max_size", "is_self_assigned"),
        within=GroupSet.course_instance_id == instance_id,
    )
    if rows:
        summary.add("group sets", **merged.counts)
    return {name: merged.ids[instance_id, name] for _, name, *_ in rows}
