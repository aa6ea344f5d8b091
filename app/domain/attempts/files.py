"""Files that are handed in: names made harmless, contents in the object store or uploaded before."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy import insert

from app.context import Context
from app.domain.attempts.models import SubmissionFile
from app.domain.files import UNKNOWN_TYPE, keep, media_type, safe_name, sizes_of, uploaded_types
from app.errors import RuleBroken, UserErrorCode

MAX_FILES = 20
MAX_BYTES = 1024 * 1024
DIGEST = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class NewFile:
    """A file to hand in. Of a path the last part is the name.

    Its content is at most 1 MiB; or `sha256`, in hexadecimal, says which file that the caller uploaded within a day.
    """

    name: str
    content: bytes | None = field(default=None, repr=False)
    content_type: str = UNKNOWN_TYPE
    sha256: str | None = None


async def checked_files(ctx: Context, files: Sequence[NewFile]) -> list[NewFile]:
    """The files under the names and media types that they are kept under.

    Raises RuleBroken: LIMIT_REACHED at `files` above 20; at (`files`, index, …) TOO_LONG, INVALID for a name of
    nothing and for a content that is given both ways, TAKEN for the name of another of them, REQUIRED for no content,
    NOT_FOUND for one that the caller has not uploaded.
    """
    if len(files) > MAX_FILES:
        raise RuleBroken(UserErrorCode.LIMIT_REACHED, f"more than {MAX_FILES} files", "files")
    uploads = await uploaded_types(
        ctx, {each.sha256 for each in files if each.sha256 and DIGEST.fullmatch(each.sha256)}
    )
    checked: dict[str, NewFile] = {}
    for index, each in enumerate(files):
        path = ("files", str(index))
        name = safe_name(each.name, *path, "name")
        if name in checked:
            raise RuleBroken(UserErrorCode.TAKEN, "two files of the same name", *path, "name")
        _check_content(each, uploads, *path)
        known = media_type(each.content_type)
        if known == UNKNOWN_TYPE and each.sha256 is not None:
            known = uploads[each.sha256]
        checked[name] = replace(each, name=name, content_type=known)
    return list(checked.values())


def _check_content(file: NewFile, uploads: dict[str, str], *path: str) -> None:
    """One content, of the right size or uploaded."""
    if file.sha256 is not None:
        if file.content is not None:
            raise RuleBroken(UserErrorCode.INVALID, "give the content or its SHA-256, not both", *path, "sha256")
        if file.sha256 not in uploads:
            raise RuleBroken(UserErrorCode.NOT_FOUND, "you uploaded no such file within a day", *path, "sha256")
    elif file.content is None:
        raise RuleBroken(UserErrorCode.REQUIRED, "neither the content nor its SHA-256", *path, "content")
    elif len(file.content) > MAX_BYTES:
        raise RuleBroken(UserErrorCode.TOO_LONG, "the file is larger than 1 MiB: upload it", *path, "content")


async def store_files(ctx: Context, submission_id: int, files: Sequence[NewFile]) -> None:
    """Keep the files of a submission."""
    await store_all(ctx, [(submission_id, file) for file in files])


async def store_all(ctx: Context, files: Sequence[tuple[int, NewFile]]) -> None:
    """Keep the files of many submissions, each with the submission's id; each content is stored once."""
    if not files:
        return
    contents = list(dict.fromkeys(each.content for _, each in files if each.content is not None))
    stored = dict(zip(contents, await keep(ctx, contents), strict=True))
    sizes = await sizes_of(ctx, {each.sha256 for _, each in files if each.sha256 is not None})
    rows = []
    for submission_id, each in files:
        digest = each.sha256 if each.content is None else stored[each.content].sha256
        size = sizes[str(digest)] if each.content is None else stored[each.content].size
        kept = {"name": each.name, "content_type": each.content_type, "size": size, "sha256": digest}
        rows.append({"submission_id": submission_id, **kept})
    await ctx.db.execute(insert(SubmissionFile), rows)
