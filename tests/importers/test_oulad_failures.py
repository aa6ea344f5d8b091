"""Datasets that cannot be taken: each says which file and row, and leaves nothing behind."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from app.context import Context
from app.db.session import Database
from app.importers.failure import ImportFailure
from app.importers.registry import run
from app.principal import SCOPES, Principal
from tests.clock import NOW
from tests.importers.folders import DATASET, contents, replaced, write_dataset

pytestmark = pytest.mark.anyio


def more(table: str, *row: str) -> dict[str, Any]:
    return {table: [*DATASET[table], row]}


async def refused(ctx: Context, folder: Path, message: str) -> None:
    before = await contents(ctx)
    with pytest.raises(ImportFailure) as caught:
        await run(ctx, "oulad", folder)
    assert str(caught.value) == message
    assert await contents(ctx) == before == {}


BAD_ROWS: list[tuple[dict[str, Any], str]] = [
    (replaced("studentAssessment", 4, "score", "x"), "studentAssessment.csv row 4: score is 'x', not a number"),
    (replaced("studentAssessment", 4, "score", "nan"), "studentAssessment.csv row 4: score is 'nan', not a number"),
    (
        replaced("studentAssessment", 2, "score", "101"),
        "studentAssessment.csv row 2: score is '101', not between 0 and 100",
    ),
    (
        replaced("studentAssessment", 2, "date_submitted", ""),
        "studentAssessment.csv row 2: date_submitted is '', not a number",
    ),
    (
        replaced("studentAssessment", 2, "date_submitted", "1.5"),
        "studentAssessment.csv row 2: date_submitted is '1.5', not a whole number",
    ),
    (
        replaced("studentAssessment", 2, "date_submitted", "99999999999"),
        "studentAssessment.csv row 2: date_submitted is '99999999999', not between -9999 and 9999",
    ),
    (
        replaced("studentAssessment", 2, "is_banked", "2"),
        "studentAssessment.csv row 2: is_banked is '2', not 0 or 1",
    ),
    (
        replaced("studentAssessment", 2, "id_assessment", "7"),
        "studentAssessment.csv row 2: assessment 7 is not in assessments.csv",
    ),
    (
        replaced("studentAssessment", 2, "id_student", "7"),
        "studentAssessment.csv row 2: student 7 is not enrolled in AAA 2013J",
    ),
    (
        more("studentAssessment", "1758", "11391", "1", "0", "1"),
        "studentAssessment.csv row 6: student 11391 is not enrolled in AAA 2014B",
    ),
    (
        more("studentAssessment", "1752", "11391", "1", "0", "1"),
        "studentAssessment.csv row 6: repeats id_assessment 1752, id_student 11391 of row 2",
    ),
    (more("studentAssessment", "1752"), "studentAssessment.csv row 6: has 1 fields, not 5"),
    ({"studentAssessment": [("id_assessment",)]}, "studentAssessment.csv row 1: has no column id_student"),
    ({"studentAssessment": []}, "studentAssessment.csv: is empty"),
    (
        replaced("assessments", 3, "assessment_type", "Essay"),
        "assessments.csv row 3: assessment_type is 'Essay', not one of TMA, CMA, Exam",
    ),
    (replaced("assessments", 3, "weight", "?"), "assessments.csv row 3: weight is '?', not a number"),
    (
        replaced("assessments", 3, "code_module", "BBB"),
        "assessments.csv row 3: BBB 2013J is not in courses.csv",
    ),
    (
        replaced("assessments", 3, "id_assessment", "1752"),
        "assessments.csv row 3: repeats id_assessment 1752 of row 2",
    ),
    (
        replaced("courses", 3, "code_presentation", "2013J"),
        "courses.csv row 3: repeats code_module AAA, code_presentation 2013J of row 2",
    ),
    (
        replaced("courses", 2, "code_presentation", "13J"),
        "courses.csv row 2: code_presentation is '13J', not a year followed by B or J",
    ),
    (
        replaced("courses", 2, "module_presentation_length", "0"),
        "courses.csv row 2: module_presentation_length is '0', not between 1 and 9999",
    ),
    (
        replaced("studentInfo", 2, "final_result", "A"),
        "studentInfo.csv row 2: final_result is 'A', not one of Pass, Distinction, Fail, Withdrawn",
    ),
    (
        replaced("studentInfo", 2, "id_student", "5"),
        "studentRegistration.csv row 2: student 11391 of AAA 2013J is not in studentInfo.csv",
    ),
    (
        {"studentRegistration": DATASET["studentRegistration"][:3]},
        "studentInfo.csv row 4: student 28400 of AAA 2014B is not in studentRegistration.csv",
    ),
    (
        more("studentRegistration", "AAA", "2014B", "28400", "0", ""),
        "studentRegistration.csv row 5: repeats code_module AAA, code_presentation 2014B, id_student 28400 of row 4",
    ),
]


@pytest.mark.parametrize(("tables", "message"), BAD_ROWS)
async def test_a_row_that_cannot_be_taken(ctx: Context, tmp_path: Path, tables: dict[str, Any], message: str) -> None:
    await refused(ctx, write_dataset(tmp_path, **tables), message)


async def test_a_missing_file(ctx: Context, tmp_path: Path) -> None:
    (write_dataset(tmp_path) / "courses.csv").unlink()
    await refused(ctx, tmp_path, "courses.csv: there is no such file, nor a gzipped one")


async def test_a_missing_folder(ctx: Context, tmp_path: Path) -> None:
    await refused(ctx, tmp_path / "nowhere", f"{tmp_path / 'nowhere'}: is not a folder")


async def test_a_broken_gzip_file(ctx: Context, tmp_path: Path) -> None:
    packed = gzip.compress((write_dataset(tmp_path) / "courses.csv").read_bytes())
    for broken in (b"no gzip at all", packed[: len(packed) // 2], packed[:-4] + b"\0\0\0\0"):
        (tmp_path / "courses.csv.gz").write_bytes(broken)
        await refused(ctx, tmp_path, "courses.csv.gz: is a broken gzip file")


async def test_a_file_that_is_not_utf_8(ctx: Context, tmp_path: Path) -> None:
    path = write_dataset(tmp_path) / "studentInfo.csv"
    path.write_bytes(path.read_bytes().replace(b"Scotland", b"Scotl\xe4nd"))
    await refused(ctx, tmp_path, "studentInfo.csv row 2: is not UTF-8")


async def test_a_file_with_broken_quotes(ctx: Context, tmp_path: Path) -> None:
    path = write_dataset(tmp_path) / "courses.csv"
    path.write_bytes(path.read_bytes().replace(b'"241"', b'"241'))
    await refused(ctx, tmp_path, "courses.csv row 3: unexpected end of data")


async def test_blank_lines_at_the_end_and_a_byte_order_mark_do_no_harm(ctx: Context, tmp_path: Path) -> None:
    path = write_dataset(tmp_path) / "courses.csv"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes() + b"\r\n\r\n")
    assert (await run(ctx, "oulad", tmp_path)).counts["course instances"].created == 2


async def test_a_failure_late_in_a_second_import_takes_nothing_back(ctx: Context, tmp_path: Path) -> None:
    await run(ctx, "oulad", write_dataset(tmp_path))
    before = await contents(ctx)
    tables = replaced("studentInfo", 2, "final_result", "Fail") | replaced("studentAssessment", 5, "id_student", "9")
    with pytest.raises(ImportFailure, match=r"row 5: student 9 is not enrolled in AAA 2014B"):
        await run(ctx, "oulad", write_dataset(tmp_path, **tables))
    assert await contents(ctx) == before
    assert (await run(ctx, "oulad", write_dataset(tmp_path))).changed_anything is False


async def test_nothing_is_committed_after_a_failure(engine: AsyncEngine, tmp_path: Path) -> None:
    folder = write_dataset(tmp_path, **replaced("studentAssessment", 5, "id_student", "9"))
    async with Database(engine) as db:
        ctx = Context(Principal(None, is_admin=True, scopes=frozenset(SCOPES)), db, clock=lambda: NOW)
        with pytest.raises(ImportFailure):
            await run(ctx, "oulad", folder)
        assert await contents(ctx) == {}
