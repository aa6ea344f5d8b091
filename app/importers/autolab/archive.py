"""Tar archives: nothing is extracted, links and paths that leave the archive are refused.

What describes a course is read in memory; of other files it is noted where their bytes are.
"""

from __future__ import annotations

import tarfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path, PurePosixPath

from app.importers.autolab.files import NAME, AssessmentFile, CourseFile, Packed, described
from app.importers.autolab.yml import MAX_BYTES
from app.importers.failure import ImportFailure

MAX_MEMBERS = 100_000
MAX_ASSESSMENTS = 1_000


def read_archive(path: Path) -> CourseFile | AssessmentFile:
    """The course export or the assessment that a tar holds in its one top folder. Raises ImportFailure."""
    try:
        with tarfile.open(path, "r:") as archive:
            files, packed = _read(path, archive)
    except (tarfile.TarError, EOFError, ValueError) as error:
        raise ImportFailure(path.name, f"is not a tar archive: {error}") from None
    except OSError as error:
        raise ImportFailure(path.name, error.strerror or "cannot be read") from None
    tops = [parts for parts in files if len(parts) == 2]
    if len(tops) != 1:
        told = "no folder with a .yml file of the same name" if not tops else "more than one such folder"
        raise ImportFailure(path.name, f"has {told} at its top")
    (top,) = tops
    read = _described(path.name, top, files[top])
    if isinstance(read, AssessmentFile):
        return replace(read, packed=_below(top, packed))
    listed = []
    for parts in sorted(files):
        if len(parts) == 3 and parts[0] == top[0]:
            found = _described(path.name, parts, files[parts])
            if isinstance(found, CourseFile):
                raise ImportFailure("/".join(parts), "is a course within a course")
            listed.append(replace(found, packed=_below(parts, packed)))
    return CourseFile(read.name, read.document, listed, len(packed) - 1 - len(listed))


def _below(parts: tuple[str, ...], packed: Mapping[tuple[str, ...], Packed]) -> dict[tuple[str, ...], Packed]:
    """The other files in the folder of an assessment's file, by their path from there."""
    folder = parts[:-1]
    return {path[len(folder) :]: each for path, each in packed.items() if path[: len(folder)] == folder}


def _described(file: str, parts: tuple[str, ...], content: bytes) -> CourseFile | AssessmentFile:
    """The file at a path, which is checked first: it is part of what errors say."""
    if not all(NAME.fullmatch(part) for part in parts):
        raise ImportFailure(file, f"{'/'.join(parts)!a} is not a path of letters, digits, dots, _ and -")
    return described("/".join(parts), parts[-2], content)


def _read(path: Path, archive: tarfile.TarFile) -> tuple[dict[tuple[str, ...], bytes], dict[tuple[str, ...], Packed]]:
    """The contents of `<name>/<name>.yml` in the top two levels of folders, and where all files are; by path."""
    file = path.name
    found: dict[tuple[str, ...], bytes] = {}
    packed: dict[tuple[str, ...], Packed] = {}
    for index, member in enumerate(archive):
        if index >= MAX_MEMBERS:
            raise ImportFailure(file, f"has more than {MAX_MEMBERS:,} entries")
        parts = _checked(file, member)
        if not member.isreg():
            continue
        times = packed[parts].times + 1 if parts in packed else 1
        packed[parts] = Packed(path, member.offset_data, member.size, times)
        if 2 <= len(parts) <= 3 and parts[-1] == f"{parts[-2]}.yml":
            if member.size > MAX_BYTES:
                raise ImportFailure(file, f"{member.name!a} has more than {MAX_BYTES:,} bytes")
            if parts in found or len(found) > MAX_ASSESSMENTS:
                told = f"has {member.name!a} twice, or more than {MAX_ASSESSMENTS:,} assessments"
                raise ImportFailure(file, told)
            stream = archive.extractfile(member)
            content = b"" if stream is None else stream.read()
            if len(content) != member.size:
                raise ImportFailure(file, f"ends within {member.name!a}")
            found[parts] = content
    return found, packed


def _checked(file: str, member: tarfile.TarInfo) -> tuple[str, ...]:
    """The parts of a member's path."""
    path = PurePosixPath(member.name)
    shown = ascii(member.name[:100])
    if path.is_absolute() or ".." in path.parts or "\\" in member.name:
        raise ImportFailure(file, f"{shown} leads out of the archive")
    if not (member.isreg() or member.isdir()) or member.issparse():
        raise ImportFailure(file, f"{shown} is neither a file nor a folder")
    return path.parts
