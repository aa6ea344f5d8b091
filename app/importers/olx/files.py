"""The files of an export, in a folder or in a `.tar.gz`: read in memory, nothing is extracted."""

from __future__ import annotations

import tarfile
import zlib
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from app.importers.failure import ImportFailure

MAX_MEMBERS = 100_000
MAX_BYTES = 512 * 2**20
"""Of all files together, of which an export's media are by far the most."""
COURSE = "course.xml"
MEDIA = "static"


@dataclass(slots=True)
class Files:
    """Contents by path below the folder of the root's file; `taken` are the paths that somebody asked for."""

    contents: dict[str, bytes]
    taken: set[str] = field(default_factory=set)

    def find(self, path: str) -> bytes | None:
        """The content of a file, or None."""
        self.taken.add(path)
        return self.contents.get(path)

    def need(self, path: str, wanted_by: str) -> bytes:
        """The content of a file that `wanted_by` (a file, with its line) refers to. Raises ImportFailure."""
        found = self.find(path)
        if found is None:
            raise ImportFailure(wanted_by, f"refers to {path}, which is not there")
        return found

    def text(self, path: str) -> str | None:
        """The text of a file, or None. Raises ImportFailure unless it is UTF-8 without control codes."""
        found = self.find(path)
        return None if found is None else decoded(path, found)

    def untaken(self) -> list[str]:
        """A note for each folder with files that nobody asked for."""
        left = Counter(path.partition("/")[0] for path in self.contents.keys() - self.taken)
        return [f"not taken, the model has no home for it: {name} ({count:,})" for name, count in sorted(left.items())]


def decoded(path: str, content: bytes) -> str:
    """A file's text. Raises ImportFailure with the line that is no UTF-8, or that has a null character."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = 1 + error.object[: error.start].count(b"\n")
        raise ImportFailure(path, "is not UTF-8", f"line {line}") from None
    if "\0" in text:
        raise ImportFailure(path, "has a null character", f"line {1 + text[: text.index(chr(0))].count(chr(10))}")
    return text


def open_files(path: Path, root_file: str = COURSE) -> Files:
    """The files of an export, whose root is in a file of that name. Raises ImportFailure."""
    found = _in_folder(path) if path.is_dir() else _in_archive(path)
    tops = sorted((name for name in found if PurePosixPath(name).name == root_file), key=lambda name: name.count("/"))
    if not tops:
        raise ImportFailure(path.name, f"has no {root_file}")
    root = tops[0].removesuffix(root_file)
    return Files({name.removeprefix(root): content for name, content in found.items() if name.startswith(root)})


def _in_folder(path: Path) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    try:
        for each in sorted(path.rglob("*")):
            if each.is_file() and not each.is_symlink():
                name = each.relative_to(path).as_posix()
                found[name] = b"" if _is_media(name) else each.read_bytes()
    except OSError as error:
        raise ImportFailure(path.name, error.strerror or "cannot be read") from None
    return found


def _in_archive(path: Path) -> dict[str, bytes]:
    try:
        with tarfile.open(path, "r:*") as archive:
            return _members(path.name, archive)
    except (tarfile.TarError, EOFError, ValueError, zlib.error) as error:
        raise ImportFailure(path.name, f"is not a tar archive: {error}") from None
    except OSError as error:
        raise ImportFailure(path.name, error.strerror or "cannot be read") from None


def _members(file: str, archive: tarfile.TarFile) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    left = MAX_BYTES
    for index, member in enumerate(archive):
        if index >= MAX_MEMBERS:
            raise ImportFailure(file, f"has more than {MAX_MEMBERS:,} entries")
        name = PurePosixPath(member.name)
        if name.is_absolute() or ".." in name.parts:
            raise ImportFailure(file, f"{member.name[:100]!a} leads out of the archive")
        if member.isdir():
            continue
        if not member.isreg() or member.issparse():
            raise ImportFailure(file, f"{member.name[:100]!a} is neither a file nor a folder")
        left -= member.size
        if left < 0:
            raise ImportFailure(file, f"has more than {MAX_BYTES:,} bytes")
        stream = None if _is_media(name.as_posix()) else archive.extractfile(member)
        found[name.as_posix()] = b"" if stream is None else stream.read()
    return found


def _is_media(name: str) -> bool:
    return MEDIA in PurePosixPath(name).parts[:2]
