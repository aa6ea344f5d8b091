"""Files that are handed in: names made harmless, contents in the object store or uploaded before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import insert

from app.context import Context
from app.domain.attempts.models import SubmissionFile
from app.domain.files import MAX_BYTES, NewFile, checked_file, rows_of, uploads_among
from app.errors import RuleBroken, UserErrorCode

__all__ = ["MAX_BYTES", "NewFile"]
MAX_FILES = 20


@dataclass(frozen=True, slots=True)
class DescribedFile(NewFile):
    """A file, and what the learner says of it."""

    description: str = ""


async def checked_files(ctx: Context, files: Sequence[NewFile], max_mb: int) -> list[NewFile]:
    """The files under the names and media types that they are kept under.

    Raises RuleBroken: LIMIT_REACHED at `files` above 20; at (`files`, index, …) TAKEN for the name of another of them,
    TOO_LONG for more than `max_mb` MiB, and like `checked_file`.
    """
    if len(files) > MAX_FILES:
        raise RuleBroken(UserErrorCode.LIMIT_REACHED, f"more than {MAX_FILES} files", "files")
    uploads = await uploads_among(ctx, files)
    checked: dict[str, NewFile] = {}
    for index, each in enumerate(files):
        path = ("files", str(index))
        known = checked_file(each, uploads, *path)
        if known.name in checked:
            raise RuleBroken(UserErrorCode.TAKEN, "two files of the same name", *path, "name")
        if each.sha256 is not None and uploads[each.sha256][1] > max_mb * MAX_BYTES:
            raise RuleBroken(UserErrorCode.TOO_LONG, f"the file is larger than {max_mb} MiB", *path, "sha256")
        checked[known.name] = known
    return list(checked.values())


async def store_all(ctx: Context, files: Sequence[tuple[int, NewFile]]) -> None:
    """Keep the files of many submissions, each with the submission's id; each content is stored once."""
    if files:
        rows = await rows_of(ctx, [file for _, file in files])
        named = [
            {"submission_id": owner, **row, "description": getattr(file, "description", None) or None}
            for (owner, file), row in zip(files, rows, strict=True)
        ]
        await ctx.db.execute(insert(SubmissionFile), named)
