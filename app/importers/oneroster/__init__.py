"""OneRoster 1.1: rosters and results of a student information system, as a ZIP archive of bulk files.

The format: https://www.imsglobal.org/oneroster-v11-final-csv-tables.
"""

from __future__ import annotations

from pathlib import Path

from app.context import Context
from app.importers.oneroster import results, roster
from app.importers.oneroster.files import read_files
from app.importers.progress import Progress
from app.importers.summary import Summary


async def import_oneroster(ctx: Context, path: Path, progress: Progress) -> Summary:
    """Merge the archive or folder `path` into the database, within the caller's transaction. Raises ImportFailure."""
    files = read_files(path, progress)
    summary = Summary("oneroster")
    classes = await roster.merge_classes(ctx, files, summary)
    users = await roster.merge_users(ctx, files, summary)
    await roster.merge_enrollments(ctx, files, classes, users, summary)
    items = await results.merge_line_items(ctx, files, classes, summary)
    await results.merge_results(ctx, files, items, users, summary, progress)
    return summary
