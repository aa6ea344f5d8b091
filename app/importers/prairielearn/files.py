"""The course's folders: which JSON files there are and what the folders call them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from app.importers.documents import Document, Ledger, read_document
from app.importers.failure import ImportFailure
from app.importers.progress import Progress, step

QUESTION, INSTANCE, ASSESSMENT = "info.json", "infoCourseInstance.json", "infoAssessment.json"
DEFAULT_TIME_ZONE = "America/Chicago"  # PrairieLearn's


@dataclass(frozen=True, slots=True)
class InstanceFiles:
    """A course instance's folder: its name, its file, and the files of its assessments by `aid`."""

    short_name: str
    document: Document
    assessments: Mapping[str, Document]


@dataclass(frozen=True, slots=True)
class CourseFiles:
    """All files of a course. Questions are by `qid`. No uuid occurs twice among those of a kind."""

    document: Document
    questions: Mapping[str, Document]
    instances: list[InstanceFiles]
    ledger: Ledger


def read_course(root: Path, progress: Progress) -> CourseFiles:
    """Read a course's folder. Raises ImportFailure for a file that is missing, no JSON object, or repeats a uuid."""
    if not root.is_dir():
        raise ImportFailure(str(root), "is not a folder")
    ledger = Ledger()
    question_folders = _find(root / "questions", QUESTION)
    instance_folders = _find(root / "courseInstances", INSTANCE)
    assessment_folders = {folder: _find(folder / "assessments", ASSESSMENT) for folder in instance_folders}
    total = 1 + len(question_folders) + len(instance_folders) + sum(map(len, assessment_folders.values()))
    with step(progress, "files", total) as advance:
        course = read_document(root, root / "infoCourse.json", ledger)
        questions = _read(root, root / "questions", question_folders, QUESTION, ledger)
        advance(1 + len(questions))
        instances = []
        for name, document in _read(root, root / "courseInstances", instance_folders, INSTANCE, ledger).items():
            folder = root / "courseInstances" / name
            assessments = _read(root, folder / "assessments", assessment_folders[folder], ASSESSMENT, ledger)
            instances.append(InstanceFiles(name, document, assessments))
            advance(1 + len(assessments))
    _require_unique_uuids(questions.values())
    _require_unique_uuids(instance.document for instance in instances)
    _require_unique_uuids(document for instance in instances for document in instance.assessments.values())
    return CourseFiles(course, questions, instances, ledger)


def time_zone(document: Document, default: str) -> ZoneInfo:
    """The zone that a file names. Raises ImportFailure when there is no such zone."""
    name = document.optional_text("timezone", 64) or default
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        document.fail("timezone", f"is {name!r}, not a known time zone")


def _find(root: Path, file: str) -> list[Path]:
    """The folders below `root` that hold `file`; what lies below such a folder is its own business."""
    found = []
    for path, folders, names in os.walk(root):
        folders.sort()
        if file in names and Path(path) != root:
            folders.clear()
            found.append(Path(path))
    return found


def _read(root: Path, base: Path, folders: Iterable[Path], file: str, ledger: Ledger) -> dict[str, Document]:
    """The documents called `file`, by the path of the folder that holds each, as seen from `base`."""
    return {path.relative_to(base).as_posix(): read_document(root, path / file, ledger) for path in folders}


def _require_unique_uuids(documents: Iterable[Document]) -> None:
    seen: dict[str, str] = {}
    for document in documents:
        uuid = document.required_uuid()
        if (earlier := seen.setdefault(uuid, document.file)) != document.file:
            document.fail("uuid", f"is that of {earlier}")
