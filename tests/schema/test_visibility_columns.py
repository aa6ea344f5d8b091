"""Columns of which not every reader of the row sees the value: who does, before and after a release."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any, NamedTuple

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from app.db.base import Base
from app.domain.attempts.service import start_assessment_instance
from app.domain.grades.overrides import override_grade
from app.domain.grades.service import release_scores
from app.policy import is_masked
from schema.core.filters import Columns
from schema.core.needs import declared
from schema.core.registry import name_of
from schema.core.roots import Roots
from schema.graph import build
from tests.clock import NOW
from tests.factories import coursework, handed_in, scored
from tests.schema.client import ask, document_of
from tests.schema.contents import TASK
from tests.schema.names import PARTS, model_for
from tests.schema.semester import Semester, semester
from tests.schema.shelves import PRIMER
from tests.schema.sight import readers_of

SCHEMA = build().schema


@pytest.fixture(scope="module")
async def term(engine: AsyncEngine) -> AsyncIterator[Semester]:
    async with semester(engine) as made:
        yield made


@pytest.fixture
async def here(term: Semester) -> AsyncIterator[Semester]:
    """The module's semester, which forgets what the test writes."""
    savepoint = await (await term.world.admin.db.connection()).begin_nested()
    yield term
    await savepoint.rollback()


class Masked(NamedTuple):
    """A field of one row: its value, the letters of the readers who see it, and what the others see instead."""

    row: str
    value: Any
    readers: str
    instead: Any = None


SAM, STYLE = "sam lab1 1", "sam lab1 1 Style"
STAFF, CONTENT = "AID", "PWAID"
PERCENT, RELEASED_PERCENT = 100 * 100.5 / 110, 100 * 92.5 / 110

FIELDS = {
    ("User", "uin"): Masked("sam", "77120031", "SAID"),
    ("User", "external_id"): Masked("sam", "SIS-77", "SAID"),
    ("User", "school"): Masked("sam", "SCS", "SAID"),
    ("User", "major"): Masked("sam", "EE", "SAID"),
    ("User", "year"): Masked("sam", "2", "SAID"),
    ("User", "is_staff"): Masked("ida", False, "AID"),
    ("User", "is_active"): Masked("gil", True, "AID"),
    ("User", "is_disabled"): Masked("gil", False, "AID"),
    ("User", "retirement_requested_at"): Masked("sam", NOW, "SAID"),
    ("CourseInstance", "enrollment_access_code"): Masked("sig-f24", "let me in", CONTENT),
    ("Enrollment", "attributes"): Masked("sam sig-f24", {"region": "north"}, "SID"),
    ("Enrollment", "discount_percent"): Masked("sam sig-f24", 20.0, "SID"),
    ("Block", "content"): Masked("sig-f24 Task", TASK, CONTENT),
    ("Block", "fields"): Masked("sig-f24 Week 1", {"highlights": ["waves"]}, CONTENT),
    **{("LibraryBlock", name): Masked("Primer", value, "D") for name, value in PRIMER.items()},
    ("Question", "correct_answer"): Masked("sine", {"value": 0}, CONTENT),
    ("Question", "options"): Masked("sine", {"tolerance": 0.1}, CONTENT),
    ("AssessmentAccessRule", "password"): Masked("lab1 2", "open sesame", CONTENT),
    ("AssessmentAccessRule", "uids"): Masked("lab1 2", ["sam@uni.example"], CONTENT),
    ("AssessmentAccessRule", "exam_uuid"): Masked("lab1 2", "5c0d", CONTENT),
    ("AssessmentInstance", "points"): Masked(SAM, 100.5, STAFF, 92.5),
    ("AssessmentInstance", "score_perc"): Masked(SAM, PERCENT, STAFF, RELEASED_PERCENT),
    ("InstanceQuestion", "points"): Masked(STYLE, 8.0, STAFF),
    ("InstanceQuestion", "manual_points"): Masked(STYLE, 3.0, STAFF),
    ("InstanceQuestion", "highest_submission_score"): Masked(STYLE, 0.8, STAFF),
    ("InstanceQuestion", "last_submission_score"): Masked(STYLE, 0.8, STAFF),
    ("Variant", "seed"): Masked("sam lab1 1 Part A", "a1b2", STAFF),
    ("Variant", "true_answer"): Masked("sam lab1 1 Part A", {"value": 0}, STAFF),
    ("Submission", "results"): Masked("sam lab1 1", {"percentage": 92.5}, STAFF),
    ("Submission", "feedback"): Masked("sam lab1 1", "See page 2.", STAFF),
    ("Submission", "notes"): Masked("sam lab1 1", "Copied.", STAFF),
    ("Submission", "locked_by_id"): Masked("sam lab1 1", {"username": "tom"}, STAFF),
    ("Submission", "locked_until"): Masked("sam lab1 1", NOW + timedelta(hours=1), STAFF),
    ("Score", "value"): Masked(STYLE, 8.0, STAFF),
    ("Score", "manual_value"): Masked(STYLE, 3.0, STAFF),
    ("Score", "feedback"): Masked(STYLE, "tabs!", STAFF),
    ("Score", "feedback_data"): Masked(STYLE, {"log": "E101"}, STAFF),
    ("Score", "partial_scores"): Masked(STYLE, {"tabs": 0.5}, STAFF),
    ("Score", "rubric"): Masked(STYLE, {"points": 4}, STAFF),
    ("Score", "grader_id"): Masked(STYLE, {"username": "tom"}, STAFF),
    ("ColumnGrade", "points"): Masked("sam lab1", 100.5, STAFF, 92.5),
    ("ColumnGrade", "score_perc"): Masked("sam lab1", PERCENT, STAFF, RELEASED_PERCENT),
    ("ColumnGrade", "max_points"): Masked("sam sum1", 140.0, STAFF, 110.0),
    ("ColumnGrade", "notes"): Masked("sam lab1", "Copied?", STAFF),
}
ANONYMOUS = {
    ("AssessmentInstance", "user_id"),
    ("AssessmentInstance", "group_id"),
    ("Submission", "submitted_by_id"),
    ("ColumnGrade", "assessment_instance_id"),
    ("ColumnGrade", "first_relevant_at"),
    ("ColumnGrade", "last_relevant_at"),
}
"""Hidden only as long as a column is marked anonymously: tests/schema/test_anonymity.py."""
SHOWN_BY_RELEASE = [
    key for key in FIELDS if key[0] in ("AssessmentInstance", "InstanceQuestion", "Score") or key[1] == "score_perc"
]

BELOW = {
    "grader_id": "grader { username }",
    "locked_by_id": "lockedBy { username }",
    "rubric": "rubric { points }",
}
"""What to select of columns that are shown as objects."""


def spelled(column: str) -> str:
    """The field of a column and what to select of it."""
    if column in BELOW:
        return "value: " + BELOW[column]
    first, *rest = column.split("_")
    return "value: " + first + "".join(word.capitalize() for word in rest)


async def read(here: Semester, reader: str, kind: str, column: str, row: str) -> Any:
    """What a reader sees of a column of a row."""
    document = f"query ($id: ID!) {{ node(id: $id) {{ ... on {kind} {{ {spelled(column)} }} }} }}"
    node = (await ask(here.reader(reader), document, id=here.names.id(kind, row)))["node"]
    return node["value"]


def test_every_masked_column_is_in_the_table() -> None:
    masked = {
        (kind, column.key)
        for kind in PARTS
        for column in model_for(kind).__table__.columns
        if is_masked(getattr(model_for(kind), column.key))
    }
    assert masked == set(FIELDS) | ANONYMOUS


@pytest.mark.parametrize(("kind", "column"), FIELDS)
async def test_who_sees_the_value(here: Semester, kind: str, column: str) -> None:
    masked = FIELDS[kind, column]
    readers = readers_of(kind)[masked.row]
    found = {reader: await read(here, reader, kind, column, masked.row) for reader in readers}
    assert found == {reader: masked.value if reader in masked.readers else masked.instead for reader in readers}


async def test_an_unmasked_row_of_the_same_type_is_shown_whole(here: Semester) -> None:
    """dan's scores are all released: dan sees of them what the staff sees, and still no true answer."""
    style = "dan lab1 1 Style"
    for (kind, column), masked in FIELDS.items():
        if kind in ("Score", "InstanceQuestion"):
            assert await read(here, "Q", kind, column, style) == masked.value
    assert await read(here, "Q", "AssessmentInstance", "points", "dan lab1 1") == 100.5
    assert await read(here, "Q", "ColumnGrade", "points", "dan lab1") == 100.5
    assert await read(here, "Q", "Variant", "true_answer", "dan lab1 1 Part A") is None


@pytest.mark.parametrize(("kind", "column"), SHOWN_BY_RELEASE)
async def test_a_release_shows_the_value_and_taking_it_back_hides_it(here: Semester, kind: str, column: str) -> None:
    masked, assessment_id = FIELDS[kind, column], here.lab.assessment_id
    await release_scores(here.world.instructor, assessment_id=assessment_id)
    assert await read(here, "S", kind, column, masked.row) == masked.value
    await release_scores(here.world.instructor, assessment_id=assessment_id, is_released=False)
    assert await read(here, "S", kind, column, masked.row) is None
    assert await read(here, "A", kind, column, masked.row) == masked.value


async def test_an_override_is_shown_at_once(here: Semester) -> None:
    world, assessment_id = here.world, here.lab.assessment_id
    await override_grade(world.instructor, assessment_id=assessment_id, user_id=world.second_student_id, points=55.0)
    assert await read(here, "T", "ColumnGrade", "points", "sue lab1") == 55.0
    assert await read(here, "T", "ColumnGrade", "score_perc", "sue lab1") == 50.0
    assert await read(here, "T", "AssessmentInstance", "points", "sue lab1 1") is None


def comparable() -> dict[str, tuple[str, Columns]]:
    """List roots by name: the type that each lists and the columns that it can be asked to compare."""
    root = SCHEMA.query_type
    assert root is not None
    found = {name: declared(field) for name, field in root.fields.items()}
    return {name: (name_of(each.model), each.columns) for name, each in found.items() if isinstance(each, Roots)}


def test_the_masked_columns_that_lists_compare() -> None:
    def masked(model: type[Base], columns: Columns) -> set[str]:
        return {spelled for spelled, column in columns.attributes.items() if is_masked(column)}

    found = {name: masked(model_for(kind), columns) for name, (kind, columns) in comparable().items()}
    assert {name: columns for name, columns in found.items() if columns} == {
        "assessmentInstances": {"points", "scorePerc", "userId", "groupId"},
        "submissions": {"submittedById"},
        "users": {"uin", "externalId", "isActive", "isDisabled"},
        "columnGrades": {"points", "firstRelevantAt", "lastRelevantAt"},
    }


POINTS = [
    ({"gte": 0.0}, ["sam lab1 1"]),
    ({"gt": 92.5}, []),
    ({"gte": 92.5, "lte": 92.5}, ["sam lab1 1"]),
    ({"eq": 100.5}, []),
    ({"in": [100.5, 15.0]}, []),
    ({"lt": 92.5}, []),
    ({"isNull": True}, ["g1 pair1 1", "sam exam1 1"]),
    ({"eq": None}, ["g1 pair1 1", "sam exam1 1"]),
    ({"in": [None, 92.5]}, ["sam lab1 1", "g1 pair1 1", "sam exam1 1"]),
    ({"isNull": False}, ["sam lab1 1"]),
]


@pytest.mark.parametrize(("condition", "names"), POINTS)
async def test_a_filter_compares_what_the_reader_sees(here: Semester, condition: Any, names: list[str]) -> None:
    """sam sees 92.5 points of lab1, none of pair1 (15, not released) and none of exam1 (not scored)."""
    document = """query ($where: AssessmentInstanceFilter, $not: AssessmentInstanceFilter) {
        found: assessmentInstances(where: $where) { totalCount nodes { databaseId } }
        others: assessmentInstances(where: $not) { totalCount nodes { databaseId } } }"""
    where = {"points": condition}
    answer = await ask(here.reader("S"), document, where=where, **{"not": {"not": where}})
    shown = {"sam lab1 1", "g1 pair1 1", "sam exam1 1"}
    for key, expected in (("found", set(names)), ("others", shown - set(names))):
        keys = sorted(here.names.keys["AssessmentInstance"][name] for name in expected)
        assert answer[key] == {"totalCount": len(keys), "nodes": [{"databaseId": each} for each in keys]}


async def test_nobody_is_found_by_what_may_not_be_seen_of_them(here: Semester) -> None:
    document = "query ($where: UserFilter) { users(where: $where) { nodes { username } } }"
    for reader, names in (("S", ["sam"]), ("A", ["sam"]), ("D", ["sam"]), ("T", []), ("N", [])):
        for where in ({"uin": {"eq": "77120031"}}, {"externalId": {"contains": "SIS"}}):
            found = (await ask(here.reader(reader), document, where=where))["users"]["nodes"]
            assert [each["username"] for each in found] == names


async def test_a_percentage_betrays_nothing_either(here: Semester) -> None:
    document = "query ($where: AssessmentInstanceFilter) { assessmentInstances(where: $where) { totalCount } }"
    for reader, total in (("T", 0), ("S", 1), ("A", 4), ("D", 5)):
        where = {"scorePerc": {"gt": 0.0}}
        assert await ask(here.reader(reader), document, where=where) == {"assessmentInstances": {"totalCount": total}}


async def test_what_is_computed_of_hidden_scores_betrays_nothing(here: Semester) -> None:
    """Of two submissions of the same variant the first is better, which sam shall not know before the release."""
    world = here.world
    work = await coursework(world, "lab2", {"Only": 10.0})
    for points in (9.0, 4.0):
        await scored(world.assistant, await handed_in(world.student, work), work, Only=points)
    document = """query ($id: Int!) { assessment(by: {databaseId: $id}) { statistics { count }
        assessmentInstances { nodes { isBest log { kind } instanceQuestions { autoPoints scorePerc }
            questionSubmissions { fraction isBestOfVariant submission { number } } } } } }"""
    hidden = {
        "isBest": True,
        "log": [],
        "instanceQuestions": [{"autoPoints": None, "scorePerc": None}],
        "questionSubmissions": [
            {"fraction": None, "isBestOfVariant": False, "submission": {"number": 1}},
            {"fraction": None, "isBestOfVariant": True, "submission": {"number": 2}},
        ],
    }
    found = (await ask(here.reader("S"), document, id=work.assessment_id))["assessment"]
    assert found == {"statistics": None, "assessmentInstances": {"nodes": [hidden]}}
    told = (await ask(here.reader("A"), document, id=work.assessment_id))["assessment"]
    (instance,) = told["assessmentInstances"]["nodes"]
    assert told["statistics"] == {"count": 1}
    assert instance["instanceQuestions"] == [{"autoPoints": 9.0, "scorePerc": 90.0}]
    assert [each["fraction"] for each in instance["questionSubmissions"]] == [0.9, 0.4]
    assert [each["isBestOfVariant"] for each in instance["questionSubmissions"]] == [True, False]
    assert len(instance["log"]) > 0


async def test_the_best_sitting_is_the_best_that_the_reader_sees(here: Semester) -> None:
    world = here.world
    work = await coursework(world, "lab3", {"Only": 10.0}, max_instances=2)
    for points in (9.0, 4.0):
        submission_id = await handed_in(world.student, work)
        await scored(world.assistant, submission_id, work, release=points < 5, Only=points)
        await close(here, work.assessment_id)
    document = "query ($id: Int!) { assessment(by: {databaseId: $id}) { assessmentInstances { nodes { isBest } } } }"
    for reader, expected in (("S", [False, True]), ("I", [True, False])):
        found = (await ask(here.reader(reader), document, id=work.assessment_id))["assessment"]
        assert [each["isBest"] for each in found["assessmentInstances"]["nodes"]] == expected


async def close(here: Semester, assessment_id: int) -> None:
    """End sam's open sitting."""
    sitting = await start_assessment_instance(here.world.student, assessment_id=assessment_id)
    document = document_of("closeAssessmentInstance")
    await ask(here.world.student, document, input={"assessmentInstanceId": sitting})
