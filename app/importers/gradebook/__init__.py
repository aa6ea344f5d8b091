"""Gradebooks as files, in and out: Canvas, Blackboard, Gradescope, a registrar's list of final grades."""

from __future__ import annotations

from pathlib import Path

from app.context import Context
from app.importers.gradebook import columns, grades, people
from app.importers.gradebook.forms import read_sheet
from app.importers.places import find_instance
from app.importers.progress import Progress, step
from app.importers.summary import Summary


async def import_gradebook(
    ctx: Context,
    path: Path,
    progress: Progress,
    course: str | None = None,
    form: str | None = None,
    *,
    create: bool = False,
    dry_run: bool = False,
) -> Summary:
    """Merge a gradebook's file into the course instance `course`, within the caller's transaction.

    `form` is one of FORMS, else the header tells. People who do not take part are refused or, with `create`, made and
    enrolled. With `dry_run` nothing is written, and the summary has the differences. Raises ImportFailure.
    """
    sheet = read_sheet(path, form)
    place = await find_instance(ctx, path.name, course)
    stored = await columns.assessments_of(ctx, place)
    found, unclear = columns.matched(sheet.columns, stored)
    if unclear:
        sheet.table.fail(0, f"the column {unclear[0].told} could be several of {place.name}, or several could be one")
    new = columns.missing(sheet, stored, found)
    learners = await people.find_learners(ctx, sheet, place)
    if create:
        people.require_makeable(sheet, learners)
    else:
        people.require_all(sheet, learners, place)
    changes = await grades.compare(ctx, sheet, found, learners, place)
    notes = [f"{path.name}: {note}" for note in sheet.notes]
    summary = Summary("gradebook", notes=notes, differences=changes.told)
    if dry_run:
        summary.add("columns", created=len(new))
        people.tell(learners, summary)
        return summary
    found |= await columns.make(ctx, sheet.table, place, new, summary)
    learners.ids |= await people.enrol(ctx, learners, place, summary)
    with step(progress, "grades", len(changes.told) + changes.unchanged) as advance:
        await grades.write(ctx, changes, found, learners, place, summary)
        advance(len(changes.told) + changes.unchanged)
    return summary
