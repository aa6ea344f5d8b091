"""A PrairieLearn course: its questions and the assessments of its instances, as JSON files in folders.

The format: https://docs.prairielearn.com/course/, …/courseInstance/, …/assessment/configuration/, …/question/.
"""

from __future__ import annotations

from pathlib import Path

from app.context import Context
from app.importers.prairielearn import assessments, catalog, placements, questions
from app.importers.prairielearn.files import read_course
from app.importers.progress import Progress, step
from app.importers.summary import Summary


async def import_prairielearn(ctx: Context, path: Path, progress: Progress) -> Summary:
    """Merge the course in folder `path` into the database, within the caller's transaction. Raises ImportFailure."""
    files = read_course(path, progress)
    summary = Summary("prairielearn")
    course_id = await catalog.merge_course(ctx, files, summary)
    bank = await questions.merge_questions(ctx, files, course_id, summary)
    with step(progress, "course instances", len(files.instances)) as advance:
        for instance in await catalog.merge_instances(ctx, files, course_id, summary):
            read = assessments.read_assessments(instance, files.questions)
            ids = await assessments.merge_assessments(ctx, files, instance, read, summary)
            await placements.merge_placements(ctx, {ids[each.name]: each.zones for each in read}, bank, summary)
            advance(1)
    summary.notes.extend(files.ledger.untaken())
    return summary
