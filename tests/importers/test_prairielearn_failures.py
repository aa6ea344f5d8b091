"""PrairieLearn courses that cannot be taken: each says which file and field, and leaves nothing behind."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select

from app.context import Context
from app.domain.assessments.models import Assessment, Problem, Question
from app.importers.failure import ImportFailure
from app.importers.registry import run
from app.importers.summary import Summary
from tests.importers.folders import ADD, COURSE, HOMEWORK, INSTANCE, OTHER, contents, homework, values, write_course

pytestmark = pytest.mark.anyio


async def take(ctx: Context, folder: Path, changes: dict[str, Any] | None = None) -> Summary:
    return await run(ctx, "prairielearn", write_course(folder, changes))


BAD_FILES: list[tuple[dict[str, Any], str]] = [
    ({"infoCourse.json": None}, "infoCourse.json: there is no such file"),
    ({"infoCourse.json": {"name": None}}, "infoCourse.json: name is missing"),
    ({"infoCourse.json": {"timezone": "Mars"}}, "infoCourse.json: timezone is 'Mars', not a known time zone"),
    ({"infoCourse.json": {"assessmentSets": {}}}, "infoCourse.json: assessmentSets is {}, not a list"),
    ({INSTANCE: {"uuid": None}}, f"{INSTANCE}: uuid is missing"),
    ({INSTANCE: {"longName": 7}}, f"{INSTANCE}: longName is 7, not a text"),
    (
        {INSTANCE: {"publishing": {"startDate": "soon"}}},
        f"{INSTANCE}: publishing.startDate is 'soon', not a date and time",
    ),
    (
        {INSTANCE: {"publishing": {"endDate": "9999-12-31T23:59:59"}, "timezone": "America/Chicago"}},
        f"{INSTANCE}: publishing.endDate is '9999-12-31T23:59:59', not a date and time",
    ),
    (homework(type="Game"), f"{HOMEWORK}: type is 'Game', neither Homework nor Exam"),
    (homework(uuid="7"), f"{HOMEWORK}: uuid is '7', not a UUID"),
    (homework(title="x" * 256), f"{HOMEWORK}: title has 256 characters, more than 255"),
    (homework(maxPoints="9"), f'{HOMEWORK}: maxPoints is "9", not a number'),
    (homework(maxPoints=True), f"{HOMEWORK}: maxPoints is true, not a number"),
    (homework(maxPoints=-1), f"{HOMEWORK}: maxPoints is -1, not between 0 and 2147483647"),
    (homework(multipleInstance="yes"), f'{HOMEWORK}: multipleInstance is "yes", not true or false'),
    (homework(zones=[7]), f"{HOMEWORK}: zones[0] is 7, not an object"),
    (
        homework(zones=[{"questions": [{"id": "add"}, {"id": "nowhere"}]}]),
        f"{HOMEWORK}: zones[0].questions[1].id is 'nowhere', which is not among the questions",
    ),
    (
        homework(zones=[{"questions": [{"id": "add"}]}, {"questions": [{"alternatives": [{"id": "add"}]}]}]),
        f"{HOMEWORK}: zones[1].questions[0].alternatives[0].id is 'add', which this assessment has already",
    ),
    (homework(zones=[{"questions": [{"points": 1}]}]), f"{HOMEWORK}: zones[0].questions[0].id is missing"),
    (
        homework(zones=[{"questions": [{"id": "add", "points": ["1"]}]}]),
        f'{HOMEWORK}: zones[0].questions[0].points is ["1"], not a number or a list of numbers',
    ),
    ({OTHER: COURSE[HOMEWORK]}, f"{OTHER}: uuid is that of {HOMEWORK}"),
    (
        {ADD: {"uuid": COURSE["questions/deep/er/info.json"]["uuid"]}},
        "questions/deep/er/info.json: uuid is that of " + ADD,
    ),
    ({ADD: {"tags": [1]}}, f"{ADD}: tags is [1], not a list of texts"),
    ({ADD: {"title": None}}, f"{ADD}: title is missing"),
]


@pytest.mark.parametrize(("changes", "message"), BAD_FILES)
async def test_a_file_that_cannot_be_taken(ctx: Context, tmp_path: Path, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ImportFailure) as caught:
        await take(ctx, tmp_path, changes)
    assert str(caught.value) == message
    assert await contents(ctx) == {}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'{\n "uuid": 1,\n}', f"{ADD} line 2: is not JSON: trailing comma is not allowed"),
        (b"{", f"{ADD} line 1: is not JSON: unexpected end of data"),
        (b'{\n"title": "\xff"}', f"{ADD} line 2: is not UTF-8"),
        (b"[1]", f"{ADD}: is [1], not an object"),
        (b'{"title": "\\u0000"}', f"{ADD}: has a null character"),
    ],
)
async def test_a_file_that_is_no_document(ctx: Context, tmp_path: Path, content: bytes, message: str) -> None:
    (write_course(tmp_path) / ADD).write_bytes(content)
    with pytest.raises(ImportFailure) as caught:
        await run(ctx, "prairielearn", tmp_path)
    assert str(caught.value) == message
    assert await contents(ctx) == {}


async def test_a_failure_in_a_second_import_takes_nothing_back(ctx: Context, tmp_path: Path) -> None:
    await take(ctx, tmp_path)
    before = await contents(ctx)
    with pytest.raises(ImportFailure):
        await take(ctx, tmp_path, {**homework(zones=[{"questions": [{"id": "x"}]}]), ADD: {"title": "Changed"}})
    assert await contents(ctx) == before
    assert await values(ctx, Question.title, by=Question.id) == ["Add", "Deeper"]


async def test_a_clash_with_rows_of_others_is_a_failure(ctx: Context, tmp_path: Path) -> None:
    """Somebody made a problem of the name that the file's question is to get."""
    await take(ctx, tmp_path, homework(zones=[]))
    assessment_id = await ctx.db.scalar(select(Assessment.id))
    problem = {"assessment_id": assessment_id, "number": 1, "name": "add", "max_points": 1, "max_auto_points": 1}
    await ctx.db.execute(insert(Problem), problem)
    with pytest.raises(ImportFailure, match="clashes with what the database holds: "):
        await take(ctx, tmp_path)
    assert await values(ctx, Problem.name, by=Problem.id) == ["add"]
