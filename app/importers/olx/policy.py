"""The policies of a course: what it says of itself and of blocks, and how it is graded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from app.importers.documents import Document, Ledger, read_object
from app.importers.olx.files import Files


class AssignmentType(NamedTuple):
    """A row of the grading policy; the weight as a fraction."""

    name: str
    abbreviation: str
    weight: float
    min_count: int
    drop_count: int


class Grading(NamedTuple):
    """How a course is graded; `cutoffs` are the least fractions of grades, the best first."""

    types: list[AssignmentType]
    cutoffs: list[tuple[str, float]]


def read_policy(files: Files, run: str) -> Mapping[str, Mapping[str, Any]]:
    """Settings by `kind/name`, which beat those of the blocks' own files. Raises ImportFailure."""
    path = f"policies/{run}/policy.json"
    document = _read(files, path)
    if document is None:
        return {}
    return {key: document.get(key, dict) or {} for key in document.value}


def read_grading(files: Files, run: str) -> Grading:
    """The grading policy; without a file there are no assignment types. Raises ImportFailure."""
    document = _read(files, f"policies/{run}/grading_policy.json")
    if document is None:
        return Grading([], [])
    types = [_type(each) for each in document.children("GRADER")]
    names = [each.name for each in types]
    for name in names:
        if names.count(name) > 1:
            document.fail("GRADER", f"has the type {name!r} twice")
    cutoffs = document.child("GRADE_CUTOFFS")
    found = [] if cutoffs is None else [(name, _fraction(cutoffs, name)) for name in cutoffs.value]
    return Grading(types, sorted(found, key=lambda each: -each[1]))


def _type(row: Document) -> AssignmentType:
    name = row.text("type", 150)
    abbreviation = row.optional_text("short_label", 32) or name[:32]
    counts = (row.integer("min_count") or 0, row.integer("drop_count") or 0)
    return AssignmentType(name, abbreviation, _fraction(row, "weight"), *counts)


def _fraction(row: Document, name: str) -> float:
    value = row.number(name)
    if value is None or value > 1:
        row.fail(name, "is not between 0 and 1")
    return float(value)


def _read(files: Files, path: str) -> Document | None:
    content = files.find(path)
    return None if content is None else Document(path, read_object(path, content), Ledger())
