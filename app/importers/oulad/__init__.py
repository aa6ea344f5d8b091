"""The Open University Learning Analytics Dataset: courses, learners and marks, as comma-separated values.

The format and the meaning of its columns: https://analyse.kmi.open.ac.uk/open_dataset.
"""

from __future__ import annotations

from pathlib import Path

from app.context import Context
from app.importers.oulad import assessments, catalog, marks, people
from app.importers.oulad.files import count_untaken, read_files
from app.importers.progress import Progress
from app.importers.summary import Summary


async def import_oulad(ctx: Context, path: Path, progress: Progress) -> Summary:
    """Merge the files of folder `path` into the database, within the caller's transaction. Raises ImportFailure."""
    files = read_files(path, progress)
    summary = Summary("oulad")
    presentations = await catalog.merge_catalog(ctx, files, summary)
    learners = await people.merge_people(ctx, files, presentations, summary, progress)
    placed = await assessments.merge_assessments(ctx, files, presentations, summary)
    await marks.merge_marks(ctx, files, placed, learners, summary, progress)
    summary.notes.extend(count_untaken(path))
    return summary
