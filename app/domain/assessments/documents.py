"""The writeup and the handout of an assessment: each an address, a file, or neither."""

from __future__ import annotations

from dataclasses import replace

from app.context import Context
from app.domain.assessments.models import Assessment, AssessmentFile
from app.domain.assessments.service import changeable_assessment, forget_files
from app.domain.files import NewFile, checked_file, rows_of, uploads_among
from app.domain.rows import insert_row, update_row
from app.domain.rules import text, web_address
from app.errors import RuleBroken, UserErrorCode
from app.files.media import UNKNOWN_TYPE, type_by_name

LONGEST_ADDRESS = 2000


async def set_assessment_writeup(
    ctx: Context, *, assessment_id: int, url: str | None = None, file: NewFile | None = None
) -> int:
    """Say what describes an assessment, in place of what did: an address, a file or, with neither, nothing; the id.

    Instructors, editors of the course, administrators. Raises NotFound, Forbidden; RuleBroken: INVALID at `url`, and at
    `file` when both are given; TOO_LONG at `url`; at (`file`, …) like `checked_file`.
    """
    return await _set(ctx, assessment_id, "writeup", url, file)


async def set_assessment_handout(
    ctx: Context, *, assessment_id: int, url: str | None = None, file: NewFile | None = None
) -> int:
    """Say what learners start from, as in `set_assessment_writeup`; the id."""
    return await _set(ctx, assessment_id, "handout", url, file)


async def _set(ctx: Context, assessment_id: int, kind: str, url: str | None, file: NewFile | None) -> int:
    column = f"{kind}_file_id"
    before = await changeable_assessment(ctx, assessment_id, getattr(Assessment, column))
    address = None if url is None else text(url, "url", max_length=LONGEST_ADDRESS)
    web_address(address, "url")
    if address is not None and file is not None:
        raise RuleBroken(UserErrorCode.INVALID, "give an address or a file, not both", "file")
    kept = None if file is None else await _kept(ctx, file)
    await update_row(ctx, Assessment, assessment_id, {f"{kind}_url": address, column: kept})
    await forget_files(ctx, [before[1]])
    return assessment_id


async def _kept(ctx: Context, file: NewFile) -> int:
    """The id of the row of a file whose content is stored; where nobody says of which type it is its name does."""
    checked = checked_file(file, await uploads_among(ctx, [file]), "file")
    if checked.content_type == UNKNOWN_TYPE:
        checked = replace(checked, content_type=type_by_name(checked.name))
    [row] = await rows_of(ctx, [checked])
    return await insert_row(ctx, AssessmentFile, row)
