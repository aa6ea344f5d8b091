"""Line items as columns of the gradebook, results as grades that are set by hand."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import select

from app.context import Context
from app.db.sets import member_of
from app.domain.assessments.models import Assessment, AssessmentCategory, GradingType, ScoringModel
from app.domain.grades.flow import lock_columns
from app.domain.grades.models import ChangeKind, ColumnGrade
from app.domain.grades.overrides import amend
from app.importers.merge import merge
from app.importers.oneroster.files import Files
from app.importers.oneroster.roster import Ids, first_second, last_second, made_uuid
from app.importers.progress import Progress, step
from app.importers.summary import Summary

CHUNK = 5_000
EXEMPT = "exempt"


async def merge_line_items(ctx: Context, files: Files, classes: Ids, summary: Summary) -> Ids:
    """Merge categories and line items, in the order of their due dates. Gives the assessment of each line item."""
    columns = ("sourcedId", "classSourcedId", "categorySourcedId", "title", "description", "resultValueMax")
    items = sorted(
        files["lineItems"].rows(*columns, "assignDate", "dueDate"), key=lambda row: (row[-1] or date.max, row[0])
    )
    categories = await _merge_categories(ctx, files, classes, summary)
    numbers: dict[tuple[str, str], int] = {}
    rows = []
    for id_, class_, category, title, description, maximum, assigned, due in items:
        number = numbers[class_, category] = numbers.get((class_, category), 0) + 1
        place = (categories[class_, category], str(number), number)
        dates = (first_second(assigned), last_second(due))
        made = (id_, GradingType.MANUAL.value, ScoringModel.LAST.value, made_uuid("lineItem", id_))
        rows.append((classes[class_], id_, *place, title, description, maximum, *dates, *made))
    merged = await merge(
        ctx,
        Assessment,
        rows,
        key=("course_instance_id", "external_id"),
        compared=("category_id", "number", "position", "title", "description", "max_points", "start_at", "due_at"),
        initial=("name", "grading_type", "scoring_model", "uuid"),
        within=member_of(Assessment.course_instance_id, classes.values()),
    )
    summary.add("assessments", **merged.counts)
    return {row[1]: merged.ids[row[:2]] for row in rows}


async def _merge_categories(
    ctx: Context, files: Files, classes: Ids, summary: Summary
) -> Mapping[tuple[str, str], int]:
    """Each class gets the categories that its line items have, by title."""
    titles = dict(files["categories"].rows("sourcedId", "title"))
    order = {title: number for number, title in enumerate(dict.fromkeys(titles.values()), start=1)}
    used = dict.fromkeys(files["lineItems"].rows("classSourcedId", "categorySourcedId"))
    rows = dict.fromkeys(
        (classes[class_], titles[id_], order[titles[id_]], titles[id_][:32], titles[id_]) for class_, id_ in used
    )
    merged = await merge(
        ctx,
        AssessmentCategory,
        list(rows),
        key=("course_instance_id", "name"),
        initial=("number", "abbreviation", "heading"),
        within=member_of(AssessmentCategory.course_instance_id, classes.values()),
    )
    summary.add("assessment categories", **merged.counts)
    return {(class_, id_): merged.ids[classes[class_], titles[id_]] for class_, id_ in used}


async def merge_results(
    ctx: Context, files: Files, items: Ids, users: Ids, summary: Summary, progress: Progress
) -> None:
    """Merge results: points as overrides, comments as feedback. A result without either says nothing."""
    _require_enrolled(files)
    columns = await lock_columns(ctx, list(items.values()))
    facts = (ColumnGrade.points, ColumnGrade.is_exempt, ColumnGrade.feedback)
    own = select(ColumnGrade.assessment_id, ColumnGrade.user_id, *facts)
    found = await ctx.db.fetch(own.where(member_of(ColumnGrade.assessment_id, columns)))
    stored = {(row[0], row[1]): row[2:] for row in found}
    edits, created, unchanged, unscored = {}, 0, 0, 0
    names = ("lineItemSourcedId", "studentSourcedId", "scoreStatus", "score", "comment")
    for item, user, status, score, comment in files["results"].rows(*names):
        pair = (items[item], users[user])
        unscored += score is None
        edit = _edit(ctx, stored.get(pair, (None, False, None)), status == EXEMPT, score, comment)
        if edit:
            edits[pair] = edit
            created += pair not in stored
        else:
            unchanged += 1
    pairs = sorted(edits)
    with step(progress, "grades", len(pairs)) as advance:
        for start in range(0, len(pairs), CHUNK):
            few = pairs[start : start + CHUNK]
            await amend(ctx, columns, {pair: edits[pair] for pair in few}, ChangeKind.IMPORTED)
            advance(len(few))
    summary.add("grades", created=created, changed=len(edits) - created, unchanged=unchanged)
    if unscored:
        summary.notes.append(f"results.csv: results without a score, of which only comments are taken: {unscored:,}")


def _edit(
    ctx: Context, old: tuple[float | None, bool, str | None], exempt: bool, score: float | None, comment: str | None
) -> dict[str, Any]:
    points, was_exempt, feedback = old
    edit: dict[str, Any] = {}
    if score is not None and score != points:
        by = {"overridden_at": ctx.now, "overridden_by_id": ctx.principal.user_id}
        edit |= {"override_points": score, **by}
    if exempt != was_exempt:
        edit["is_exempt"] = exempt
    if comment is not None and comment != feedback:
        edit["feedback"] = comment
    return edit


def _require_enrolled(files: Files) -> None:
    """Raise ImportFailure for a result of somebody who was never in the class."""
    enrolled = set(files["enrollments"].rows("classSourcedId", "userSourcedId"))
    classes = dict(files["lineItems"].rows("sourcedId", "classSourcedId"))
    for index, (item, user) in enumerate(files["results"].rows("lineItemSourcedId", "studentSourcedId")):
        if (classes[item], user) not in enrolled:
            files["results"].fail(index, f"{user} has no enrollment in {classes[item]}")
