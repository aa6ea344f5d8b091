"""What a .yml file is: a course or an assessment; and what of it nobody asked for."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from app.importers.autolab.yml import MAX_BYTES, parse_yaml
from app.importers.documents import Document
from app.importers.failure import ImportFailure

NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*", re.ASCII)
CHUNK = 256 * 1024
COURSE_KEYS = ("semester", "late_slack", "grace_days", "start_date")
ASSESSMENT_KEYS = ("category_name", "category", "handin_filename", "max_submissions", "max_size")


@dataclass(frozen=True, slots=True)
class Packed:
    """A file within an archive: where its bytes are, and how many. `times` says how often the archive has the path."""

    archive: Path
    offset: int
    size: int
    times: int = 1

    async def chunks(self) -> AsyncIterator[bytes]:
        """Its bytes."""
        left = self.size
        with self.archive.open("rb") as stream:
            stream.seek(self.offset)
            while left and (chunk := stream.read(min(left, CHUNK))):
                left -= len(chunk)
                yield chunk


@dataclass(frozen=True, slots=True)
class AssessmentFile:
    """An assessment's file; `name` is that of its folder, `packed` has what else is in it by path."""

    name: str
    document: Document
    packed: Mapping[tuple[str, ...], Packed] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CourseFile:
    """A course's file with those of its assessments; `passed_over` counts the other files of the archive."""

    name: str
    document: Document
    assessments: list[AssessmentFile] = field(default_factory=list)
    passed_over: int = 0


def read_yaml(path: Path) -> CourseFile | AssessmentFile:
    """A .yml file outside an archive. Raises ImportFailure."""
    try:
        with path.open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise ImportFailure(path.name, error.strerror or "cannot be read") from None
    return described(path.name, path.stem, content)


def described(file: str, name: str, content: bytes) -> CourseFile | AssessmentFile:
    """The course or assessment called `name`, told apart by the keys. Raises ImportFailure."""
    document = parse_yaml(file, content)
    general = document.child("general")
    keys = {} if general is None else general.value
    is_course = general is not None and any(key in keys for key in COURSE_KEYS)
    if general is not None and is_course:
        name = general.optional_text("name", 150) or name
    if not NAME.fullmatch(name):
        raise ImportFailure(file, f"{name!r} is not a name of letters, digits, dots, underscores and hyphens")
    if is_course:
        return CourseFile(name, document)
    if any(key in keys for key in ASSESSMENT_KEYS) or "problems" in document.value:
        return AssessmentFile(name, document)
    raise ImportFailure(file, "is neither a course nor an assessment")


def untaken(kind: str, documents: Sequence[Document]) -> list[str]:
    """A note with the fields that nobody asked for, and in how many of the files they are; or none."""
    left: Counter[str] = Counter()
    for document in documents:
        for spot in document.ledger.present.keys() - document.ledger.taken:
            left[spot.partition(":")[2]] += 1
    if not left:
        return []
    listed = ", ".join(f"{path} ({count:,})" for path, count in sorted(left.items()))
    return [f"{kind}: not taken, the model has no home for it: {listed}"]
