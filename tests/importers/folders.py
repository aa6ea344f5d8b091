"""Small input folders, and what the database holds after an import."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import InstrumentedAttribute

from app.context import Context
from app.db.base import Base
from app.domain.all import MODELS
from app.domain.enrollment.models import EnrollmentRole

Table = Sequence[Sequence[str]]

DATASET: Mapping[str, Table] = {
    "courses": [
        ("code_module", "code_presentation", "module_presentation_length"),
        ("AAA", "2013J", "268"),
        ("AAA", "2014B", "241"),
    ],
    "assessments": [
        ("code_module", "code_presentation", "id_assessment", "assessment_type", "date", "weight"),
        ("AAA", "2013J", "1752", "TMA", "19", "10"),
        ("AAA", "2013J", "1751", "TMA", "54", "7.5"),
        ("AAA", "2013J", "1760", "CMA", "19", "0"),
        ("AAA", "2013J", "1757", "Exam", "", "100"),
        ("AAA", "2014B", "1758", "TMA", "19", "100"),
    ],
    "studentInfo": [
        (
            *("code_module", "code_presentation", "id_student", "gender", "region", "highest_education", "imd_band"),
            *("age_band", "num_of_prev_attempts", "studied_credits", "disability", "final_result"),
        ),
        ("AAA", "2013J", "11391", "M", "Scotland", "HE Qualification", "10-20", "55<=", "0", "240", "N", "Pass"),
        ("AAA", "2013J", "28400", "F", "Wales", "A Level or Equivalent", "?", "35-55", "1", "60", "Y", "Withdrawn"),
        ("AAA", "2014B", "28400", "F", "Wales", "A Level or Equivalent", "", "35-55", "2", "60", "Y", "Fail"),
    ],
    "studentRegistration": [
        ("code_module", "code_presentation", "id_student", "date_registration", "date_unregistration"),
        ("AAA", "2013J", "11391", "-159", ""),
        ("AAA", "2013J", "28400", "", "12"),
        ("AAA", "2014B", "28400", "-1", "?"),
    ],
    "studentAssessment": [
        ("id_assessment", "id_student", "date_submitted", "is_banked", "score"),
        ("1752", "11391", "18", "0", "78"),
        ("1752", "28400", "22", "0", ""),
        ("1760", "11391", "-1", "1", "39"),
        ("1758", "28400", "19", "0", "100"),
    ],
}


def write_dataset(folder: Path, **tables: Table) -> Path:
    """The small dataset above, with some tables replaced, as plain .csv files."""
    for name, rows in {**DATASET, **tables}.items():
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream, quoting=csv.QUOTE_ALL).writerows(rows)
    return folder


def replaced(table: str, row: int, column: str, value: str) -> dict[str, Table]:
    """The table with one field changed, as `write_dataset` takes it. The header is row 1."""
    rows = [list(each) for each in DATASET[table]]
    rows[row - 1][rows[0].index(column)] = value
    return {table: rows}


COURSE: Mapping[str, Any] = {
    "infoCourse.json": {
        "name": "TS 1",
        "title": "Testing",
        "assessmentSets": [{"abbreviation": "L", "name": "Lab", "heading": "Labs", "color": "blue1"}],
    },
    "courseInstances/Au24/infoCourseInstance.json": {
        "uuid": "00000000-0000-4000-8000-0000000000C1",
        "longName": "Autumn 2024",
        "timezone": "Europe/Paris",
        "allowAccess": [{"startDate": "2024-09-01T00:00:00", "endDate": "2024-12-31T23:59:59"}],
    },
    "courseInstances/Au24/assessments/hw/1/infoAssessment.json": {
        "uuid": "00000000-0000-4000-8000-0000000000a1",
        "type": "Homework",
        "title": "First",
        "set": "Homework",
        "number": "1",
        "allowAccess": [{"credit": 100, "startDate": "2024-09-01T12:00:00", "endDate": "2024-09-30T12:00:00"}],
        "zones": [{"title": "Warm-up", "questions": [{"id": "add", "points": 2}, {"id": "deep/er", "points": 3}]}],
    },
    "questions/add/info.json": {
        "uuid": "00000000-0000-4000-8000-0000000000f1",
        "title": "Add",
        "topic": "Sums",
        "tags": ["easy"],
        "type": "v3",
        "singleVariant": True,
    },
    "questions/deep/er/info.json": {
        "uuid": "00000000-0000-4000-8000-0000000000f2",
        "title": "Deeper",
        "topic": "Sums",
        "type": "v3",
    },
}
INSTANCE = "courseInstances/Au24/infoCourseInstance.json"
HOMEWORK = "courseInstances/Au24/assessments/hw/1/infoAssessment.json"
OTHER = "courseInstances/Au24/assessments/hw/2/infoAssessment.json"  # not there
ADD = "questions/add/info.json"


def write_course(folder: Path, changes: Mapping[str, Any] | None = None) -> Path:
    """The small course above; `changes` gives new fields by file (None removes one), or None for no such file."""
    files = {name: dict(content) for name, content in COURSE.items()}
    for name, fields in (changes or {}).items():
        if fields is None:
            del files[name]
            continue
        files[name] = {key: value for key, value in {**files.get(name, {}), **fields}.items() if value is not None}
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content, indent=1))
    return folder


def homework(**fields: Any) -> dict[str, Any]:
    """Changes of the homework's file."""
    return {HOMEWORK: fields}


async def count(ctx: Context, model: type[Base]) -> int:
    """How many rows a table has."""
    found: int = await ctx.db.scalar(select(func.count()).select_from(model))
    return found


async def contents(ctx: Context) -> dict[str, int]:
    """The tables that have rows, and how many; but for the roles that every installation begins with."""
    counts = {model.__tablename__: await count(ctx, model) for model in MODELS if model is not EnrollmentRole}
    return {name: number for name, number in counts.items() if number}


async def values(ctx: Context, *columns: InstrumentedAttribute[Any], by: InstrumentedAttribute[Any]) -> list[Any]:
    """Rows of some columns of one table in the order of `by`; bare values when there is one column."""
    rows = await ctx.db.fetch(select(*columns).order_by(by))
    return [row[0] if len(columns) == 1 else tuple(row) for row in rows]
