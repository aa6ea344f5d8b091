"""Tar archives, read in memory: nothing is extracted, links and paths that leave the archive are refused."""

from __future__ import annotations

import tarfile
from pathlib import Path, PurePosixPath

from app.importers.autolab.files import NAME, AssessmentFile, CourseFile, described
from app.importers.autolab.yml import MAX_BYTES
from app.importers.failure import ImportFailure

MAX_MEMBERS = 100_000
MAX_ASSESSMENTS = 1_000


def read_archive(path: Path) -> CourseFile | AssessmentFile:
    """The course export or the assessment that a tar holds in its one top folder. Raises ImportFailure."""
    try:
        with tarfile.open(path, "r:") as archive:
            files, count = _read(path.name, archive)
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
        return read
    listed = []
    for parts in sorted(files):
        if len(parts) == 3 and parts[0] == top[0]:
            found = _described(path.name, parts, files[parts])
            if isinstance(found, CourseFile):
                raise ImportFailure("/".join(parts), "is a course within a course")
            listed.append(found)
    return CourseFile(read.name, read.document, listed, count - 1 - len(listed))


def _described(file: str, parts: tuple[str, ...], content: bytes) -> CourseFile | AssessmentFile:
    """The file at a path, which is checked first: it is part of what errors say."""
    if not all(NAME.fullmatch(part) for part in parts):
        raise ImportFailure(file, f"{'/'.join(parts)!a} is not a path of letters, digits, dots, _ and -")
    return described("/".join(parts), parts[-2], content)


def _read(file: str, archive: tarfile.TarFile) -> tuple[dict[tuple[str, ...], bytes], int]:
    """The contents of `<name>/<name>.yml` in the top two levels of folders by path, and the number of all files."""
    found: dict[tuple[str, ...], bytes] = {}
    count = 0
    for index, member in enumerate(archive):
        if index >= MAX_MEMBERS:
            raise ImportFailure(file, f"has more than {MAX_MEMBERS:,} entries")
        parts = _checked(file, member)
        if not member.isreg():
            continue
        count += 1
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
    return found, count


def _checked(file: str, member: tarfile.TarInfo) -> tuple[str, ...]:
    """The parts of a member's path."""
    path = PurePosixPath(member.name)
    shown = ascii(member.name[:100])
    if path.is_absolute() or ".." in path.parts or "\\" in member.name:
        raise ImportFailure(file, f"{shown} leads out of the archive")
    if not (member.isreg() or member.isdir()):
        raise ImportFailure(file, f"{shown} is neither a file nor a folder")
    return path.parts
