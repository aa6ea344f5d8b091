"""Files that are handed in: names made harmless, contents kept once."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from sqlalchemy import insert

from app.context import Context
from app.domain.attempts.models import FileContent, SubmissionFile
from app.domain.rows import insert_missing
from app.domain.rules import is_control
from app.errors import RuleBroken, UserErrorCode

MAX_FILES = 20
MAX_BYTES = 1024 * 1024
MAX_NAME = 255
MEDIA_TYPE = re.compile(r"[\w.+-]+/[\w.+-]+", re.ASCII)
UNKNOWN_TYPE = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class NewFile:
    """A file to hand in: at most 1 MiB. Of a path the last part is the name."""

    name: str
    content: bytes = field(repr=False)
    content_type: str = UNKNOWN_TYPE


def checked_files(files: Sequence[NewFile]) -> list[NewFile]:
    """The files under the names and media types that they are kept under.

    Raises RuleBroken: LIMIT_REACHED at `files` above 20; at (`files`, index, …) TOO_LONG, INVALID for a name of
    nothing, TAKEN for the name of another of them.
    """
    if len(files) > MAX_FILES:
        raise RuleBroken(UserErrorCode.LIMIT_REACHED, f"more than {MAX_FILES} files", "files")
    checked: dict[str, NewFile] = {}
    for index, each in enumerate(files):
        path = ("files", str(index))
        name = safe_name(each.name, *path, "name")
        if name in checked:
            raise RuleBroken(UserErrorCode.TAKEN, "two files of the same name", *path, "name")
        if len(each.content) > MAX_BYTES:
            raise RuleBroken(UserErrorCode.TOO_LONG, "the file is larger than 1 MiB", *path, "content")
        known = len(each.content_type) <= 127 and MEDIA_TYPE.fullmatch(each.content_type)
        checked[name] = NewFile(name, each.content, each.content_type if known else UNKNOWN_TYPE)
    return list(checked.values())


def safe_name(name: str, *path: str) -> str:
    """The last part of a path, without control codes. Raises RuleBroken INVALID, TOO_LONG at `path`."""
    last = re.split(r"[/\\]", name)[-1]
    safe = "".join(character for character in last if not is_control(character)).strip()
    if safe in ("", ".", ".."):
        raise RuleBroken(UserErrorCode.INVALID, "not a file name", *path)
    if len(safe) > MAX_NAME:
        raise RuleBroken(UserErrorCode.TOO_LONG, f"more than {MAX_NAME} characters", *path)
    return safe


async def store_files(ctx: Context, submission_id: int, files: Sequence[NewFile]) -> None:
    """Keep the files of a submission; a content that is there already is not stored again."""
    if not files:
        return
    contents: dict[str, dict[str, Any]] = {}
    named = []
    for each in files:
        digest, size = sha256(each.content).hexdigest(), len(each.content)
        contents[digest] = {"sha256": digest, "size": size, "content": each.content}
        kept = {"name": each.name, "content_type": each.content_type, "size": size, "sha256": digest}
        named.append({"submission_id": submission_id, **kept})
    await insert_missing(ctx, FileContent, sorted(contents.values(), key=lambda row: str(row["sha256"])))
    await ctx.db.execute(insert(SubmissionFile), named)
