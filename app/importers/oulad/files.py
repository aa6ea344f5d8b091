"""The dataset's files, read and checked against each other."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from app.importers.columns import Columns, Parser, any_text, decimal, find_table, optional, read_columns, whole, word
from app.importers.failure import ImportFailure
from app.importers.progress import Progress, step

KINDS = ("TMA", "CMA", "Exam")
RESULTS = {"Pass": True, "Distinction": True, "Fail": False, "Withdrawn": False}
ATTRIBUTES = (
    "gender",
    "region",
    "highest_education",
    "imd_band",
    "age_band",
    "num_of_prev_attempts",
    "studied_credits",
    "disability",
)

ID = whole(1, 2**53)
DAY = whole(-9_999, 9_999)  # counted from the first day of the presentation
COUNT = whole(0, 10**6)
OFFERING: dict[str, Parser] = {
    "code_module": word("[A-Za-z0-9]{1,16}", "a module code"),
    "code_presentation": word("(19|20)[0-9]{2}[BJ]", "a year followed by B or J"),
}
STUDENT = (*OFFERING, "id_student")
LEFT_OUT = {"vle": "rows of course materials", "studentVle": "rows of daily clicks"}


@dataclass(frozen=True, slots=True)
class Files:
    """The five tables that are taken."""

    courses: Columns
    assessments: Columns
    students: Columns
    registrations: Columns
    marks: Columns


def read_files(folder: Path, progress: Progress) -> Files:
    """Read a folder. Raises ImportFailure for what is missing, malformed, repeated or refers to nothing."""
    if not folder.is_dir():
        raise ImportFailure(str(folder), "is not a folder")
    with step(progress, "files", 5) as advance:
        read = []
        for name, parsers in _parsers().items():
            read.append(read_columns(folder, name, parsers))
            advance(1)
    files = Files(*read)
    _check(files)
    return files


def count_untaken(folder: Path) -> list[str]:
    """A note for each file of the dataset that is there and not taken."""
    notes = []
    for name, what in LEFT_OUT.items():
        path = find_table(folder, name)
        if path is not None and name == "vle":
            notes.append(f"{path.name}: {len(read_columns(folder, name, {})):,} {what} have no home in the model yet")
        elif path is not None:
            notes.append(f"{path.name}: {what} have no home in the model yet")
    return notes


def _parsers() -> dict[str, dict[str, Parser]]:
    attributes: dict[str, Parser] = dict.fromkeys(ATTRIBUTES, any_text)
    attributes |= {"num_of_prev_attempts": optional(COUNT), "studied_credits": optional(COUNT)}
    flag, result = word("[01]", "0 or 1"), word("|".join(RESULTS), f"one of {', '.join(RESULTS)}")
    kind = word("|".join(KINDS), f"one of {', '.join(KINDS)}")
    assessment: dict[str, Parser] = {"assessment_type": kind, "date": optional(DAY), "weight": decimal(0, 100)}
    registration: dict[str, Parser] = {"date_registration": optional(DAY), "date_unregistration": optional(DAY)}
    mark: dict[str, Parser] = {"date_submitted": DAY, "is_banked": flag, "score": optional(decimal(0, 100))}
    return {
        "courses": {**OFFERING, "module_presentation_length": whole(1, 9_999)},
        "assessments": {**OFFERING, "id_assessment": ID, **assessment},
        "studentInfo": {**OFFERING, "id_student": ID, **attributes, "final_result": result},
        "studentRegistration": {**OFFERING, "id_student": ID, **registration},
        "studentAssessment": {"id_assessment": ID, "id_student": ID, **mark},
    }


def _check(files: Files) -> None:
    """Keys are unique and refer to something. What marks refer to is checked when they are merged."""
    files.courses.require_unique(*OFFERING)
    files.assessments.require_unique("id_assessment")
    files.students.require_unique(*STUDENT)
    files.registrations.require_unique(*STUDENT)
    files.marks.require_unique("id_assessment", "id_student")
    offered = set(files.courses.rows(*OFFERING))
    for table in (files.assessments, files.students, files.registrations):
        for index, (module, presentation) in enumerate(table.rows(*OFFERING)):
            if (module, presentation) not in offered:
                table.fail(index, f"{module} {presentation} is not in {files.courses.file}")
    _require_students(files.registrations, files.students)
    _require_students(files.students, files.registrations)


def _require_students(table: Columns, other: Columns) -> None:
    known = set(other.rows(*STUDENT))
    for index, key in enumerate(table.rows(*STUDENT)):
        if key not in known:
            module, presentation, student = key
            table.fail(index, f"student {student} of {module} {presentation} is not in {other.file}")
