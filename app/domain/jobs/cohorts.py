"""People are put into cohorts by a file in the background, and a report says what became of them (edx-core.md §10)."""

from __future__ import annotations

import asyncio
import csv
import io
from collections import Counter
from collections.abc import AsyncIterator, Sequence

from app.context import Context
from app.domain.catalog.models import CourseInstance
from app.domain.cells import unguarded
from app.domain.enrollment.policy import may_teach
from app.domain.files import NewFile, Uploads, checked_file, rows_of, uploads_among
from app.domain.groups.placing import CohortPlace, Placement, place_known
from app.domain.groups.placing import Outcome as Fate
from app.domain.jobs import sheets
from app.domain.jobs.kinds import Outcome, Run
from app.domain.jobs.models import JobKind
from app.domain.jobs.service import add_job
from app.domain.rows import visible_row
from app.errors import RuleBroken, UserErrorCode
from app.turns import slices

MAX_BYTES = 2_000_000
TOGETHER = 500
"""Rows that are placed in one transaction."""
COHORT, PEOPLE = "cohort", ("email", "username")
HEADER = ["Cohort Name", "Exists", "Learners Added"]
LISTED = {
    Fate.UNKNOWN: "Learners Not Found",
    Fate.INVALID: "Invalid Email Addresses",
    Fate.INVITED: "Preassigned Learners",
}
DONE = (Fate.ADDED, Fate.MOVED, Fate.PRESENT, Fate.INVITED)


async def place_in_cohorts_by_file(ctx: Context, *, course_instance_id: int, file: NewFile) -> int:
    """Have the people of a CSV file put into the cohorts that it names, in the background; the job's id.

    Each row has a `cohort`, and the `email` or the `username` of somebody. Instructors, administrators. Raises
    NotFound, Forbidden; RuleBroken at `file`: INVALID for what is no such file, TOO_LONG above 2 MB; at (`file`, …)
    like `checked_file`.
    """
    await may_teach(ctx, course_instance_id)
    await visible_row(ctx, CourseInstance, course_instance_id, CourseInstance.id, lock=True)
    uploads = await uploads_among(ctx, [file])
    checked = checked_file(file, uploads, "file")
    rows = await asyncio.to_thread(rows_in, await _content(ctx, checked, uploads), course_instance_id)
    [kept] = await rows_of(ctx, [checked])
    wanted = {"file_name": kept["name"], "rows": len(rows)}
    kind = JobKind.COHORT_PLACEMENT
    return await add_job(ctx, course_instance_id, kind, wanted, input_sha256=kept["sha256"])


async def _content(ctx: Context, file: NewFile, uploads: Uploads) -> bytes:
    if file.content is not None:
        return file.content
    digest = str(file.sha256)
    if uploads[digest][1] > MAX_BYTES:
        raise RuleBroken(UserErrorCode.TOO_LONG, "the file is larger than 2 MB", "file")
    return await ctx.files.read(digest)


def rows_in(content: bytes, course_instance_id: int) -> list[CohortPlace]:
    """The rows of a file that name somebody. Raises RuleBroken INVALID at `file`."""
    try:
        lines = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True)
        columns, rows = next(lines, []), [line for line in lines if line]
    except (UnicodeDecodeError, csv.Error):
        raise RuleBroken(UserErrorCode.INVALID, "the file is no CSV file in UTF-8", "file") from None
    places = [columns.index(name) for name in PEOPLE if name in columns]
    if COHORT not in columns or not places:
        told = "the file needs a column 'cohort', and 'username' or 'email'"
        raise RuleBroken(UserErrorCode.INVALID, told, "file")
    cohort, found = columns.index(COHORT), []
    for row in rows:
        person = next((text for place in places if (text := _cell(row, place))), "")
        if person:
            found.append(CohortPlace(course_instance_id, _cell(row, cohort), person))
    return found


def _cell(row: Sequence[str], place: int) -> str:
    return unguarded(row[place].strip()) if place < len(row) else ""


class Tally:
    """What became of the rows, by cohort, in the order in which the cohorts are first named."""

    def __init__(self) -> None:
        self.fates: Counter[str] = Counter()
        self.cohorts: dict[str, list[Placement | None]] = {}

    def add(self, rows: Sequence[CohortPlace], placed: Sequence[Placement | None]) -> None:
        """Count more rows."""
        for row, each in zip(rows, placed, strict=True):
            self.fates["unknown_cohort" if each is None else each.outcome.lower()] += 1
            self.cohorts.setdefault(row.cohort, []).append(each)

    def output(self) -> dict[str, int]:
        """How many rows there were, how many came to what, and how many cohorts are not there."""
        total, succeeded = self.fates.total(), sum(self.fates[each.lower()] for each in DONE)
        counts = {each.lower(): self.fates[each.lower()] for each in Fate}
        missing = sum(None in rows for rows in self.cohorts.values())
        told = {"total": total, "attempted": total, "succeeded": succeeded, "failed": total - succeeded}
        return {**told, **counts, "unknown_cohorts": missing}

    async def report(self) -> AsyncIterator[list[str | int | bool]]:
        """A header, and a row for each cohort."""
        yield [*HEADER, *LISTED.values()]
        for name, rows in self.cohorts.items():
            placed = [each for each in rows if each is not None]
            added = sum(each.outcome in (Fate.ADDED, Fate.MOVED) for each in placed)
            lists = [",".join(each.named for each in placed if each.outcome is fate) for fate in LISTED]
            yield [name, bool(placed), added, *lists]


async def place_people(run: Run) -> Outcome:
    """Put the people of the job's file into their cohorts, and write what became of them."""
    tally, place = Tally(), run.task.course_instance_id
    async with run.requester() as ctx:
        rows = await asyncio.to_thread(rows_in, await ctx.files.read(str(run.task.input_sha256)), place)
        async for some in slices(rows, TOGETHER):
            async with ctx.db.transaction():
                tally.add(some, await place_known(ctx, some))
            await run.note(tally.fates.total(), len(rows))
        file = await sheets.write(ctx, "cohort_results", place, tally.report())
    told = tally.output()
    return Outcome(f"{told['succeeded']} of {told['total']} people were put into cohorts", told, file)
