"""An Open edX course as Studio exports it (OLX): a tree of blocks, its policies, its groups.

The format: https://docs.openedx.org/en/latest/educators/navigation/olx.html
"""

from __future__ import annotations

from pathlib import Path

from app.context import Context
from app.importers.olx import blocks, catalog, groups, policy, subsections
from app.importers.olx.course import read_course
from app.importers.olx.files import open_files
from app.importers.progress import Progress, step
from app.importers.summary import Summary


async def import_olx(ctx: Context, path: Path, progress: Progress) -> Summary:
    """Merge the course in the archive or folder `path` into the database, in the caller's transaction.

    Raises ImportFailure.
    """
    files = open_files(path)
    course = read_course(files)
    grading = policy.read_grading(files, course.run)
    summary = Summary("olx")
    with step(progress, "blocks", len(course.blocks)) as advance:
        place = await catalog.merge_catalog(ctx, files, course, summary)
        made = await groups.merge_groups(ctx, course, place, summary)
        ids = await blocks.merge_blocks(ctx, course, place, made, summary)
        await subsections.merge_subsections(ctx, course, grading, place, ids, summary)
        advance(len(course.blocks))
    summary.notes.extend(files.untaken())
    return summary
