"""Autolab: course exports, assessments, rosters and gradesheets, each a file of its own.

The formats: https://docs.autolabproject.com/instructors/, and the gradesheets that an assessment's page gives.
"""

from __future__ import annotations

from pathlib import Path

from app.context import Context
from app.importers.autolab import assessments, catalog, gradesheet, marks, roster
from app.importers.autolab.archive import read_archive
from app.importers.autolab.files import AssessmentFile, CourseFile, read_yaml, untaken
from app.importers.failure import ImportFailure
from app.importers.places import find_instance
from app.importers.progress import Progress, step
from app.importers.summary import Count, Summary
from app.importers.tables import read_table

TAR, YAML, CSV = (".tar",), (".yml", ".yaml"), (".csv",)


async def import_autolab(
    ctx: Context, path: Path, progress: Progress, course: str | None = None, assessment: str | None = None
) -> Summary:
    """Merge the file `path` into the database, within the caller's transaction. Raises ImportFailure.

    `course` names the course instance that an assessment, a roster or a gradesheet belongs to; `assessment` that of a
    gradesheet whose file name does not tell it.
    """
    suffix = path.suffix.lower()
    if not path.is_file() or suffix not in TAR + YAML + CSV:
        raise ImportFailure(path.name, "is not a .tar, .yml or .csv file")
    summary = Summary("autolab")
    if suffix in CSV:
        await _import_table(ctx, path, progress, course, assessment, summary)
        return summary
    with step(progress, "files", 1) as advance:
        read = read_archive(path) if suffix in TAR else read_yaml(path)
        advance(1)
    if isinstance(read, AssessmentFile):
        place = await find_instance(ctx, path.name, course)
        await assessments.merge_assessments(ctx, place, [read], summary, whole=False)
        summary.notes.extend(untaken("assessment", [read.document]))
    else:
        await _import_course(ctx, read, course, summary)
    return summary


async def _import_course(ctx: Context, read: CourseFile, course: str | None, summary: Summary) -> None:
    place = await catalog.merge_course(ctx, read, course, summary)
    if read.assessments:
        await assessments.merge_assessments(ctx, place, read.assessments, summary, whole=True)
    summary.notes.extend(untaken("course", [read.document]))
    summary.notes.extend(untaken("assessments", [each.document for each in read.assessments]))
    taken = summary.counts.get("files", Count())
    if left := read.passed_over - taken.created - taken.changed - taken.unchanged:
        summary.notes.append(f"other files of the archive, not taken: {left:,}")


async def _import_table(
    ctx: Context, path: Path, progress: Progress, course: str | None, assessment: str | None, summary: Summary
) -> None:
    table = read_table(path)
    place = await find_instance(ctx, path.name, course)
    if gradesheet.is_gradesheet(table):
        sheet = await gradesheet.read_gradesheet(ctx, table, place, assessment)
        with step(progress, "submissions", len(sheet.rows)) as advance:
            await marks.merge_marks(ctx, sheet, summary)
            advance(len(sheet.rows))
    else:
        listed = roster.read_roster(table)
        with step(progress, "enrollments", len(listed)) as advance:
            await roster.merge_roster(ctx, table.file, listed, place, summary)
            advance(len(listed))
