"""How a gradebook shows and hides grades (contracts/blackboard.md §4.4, §4.6, §4.8, §7)."""

from __future__ import annotations

from typing import Any

import pytest

from app.domain.gradebook.calculations import set_formula
from app.domain.gradebook.models import ScaleType
from app.domain.gradebook.scales import Symbol
from app.domain.gradebook.service import create_grade_notation, create_grade_schema, create_grading_period
from tests.clock import NOW
from tests.rest.blackboard.conftest import GRADEBOOK, A, Blackboard

pytestmark = pytest.mark.anyio

TOTAL = '{"running":"true","all":{"average":"false"}}'
SYMBOLS = (Symbol("Pass", 50, 100, 75), Symbol("Fail", 0, 50, 25))


async def schema_in(bb: Blackboard) -> str:
    """The primary id of a schema of A's: passed or failed."""
    ctx, here = bb.filled.admin, bb.filled.keys["A"]
    scale = ScaleType.TABULAR
    made = await create_grade_schema(ctx, course_instance_id=here, title="P/F", scale_type=scale, symbols=SYMBOLS)
    return f"_{made}_1"


async def test_schemas_notations_and_periods(bb: Blackboard) -> None:
    ctx, here = bb.filled.admin, bb.filled.keys["A"]
    key = await schema_in(bb)
    notation = await create_grade_notation(ctx, course_instance_id=here, code="I", description="Incomplete")
    first = await create_grading_period(ctx, course_instance_id=here, title="All")
    second = await create_grading_period(ctx, course_instance_id=here, title="First", start_at=NOW)
    symbols = [
        {"text": "Pass", "absoluteValue": 75, "lowerBound": 50, "upperBound": 100},
        {"text": "Fail", "absoluteValue": 25, "lowerBound": 0, "upperBound": 50},
    ]
    wanted = "?fields=id,title,scaleType,symbols"
    (found,) = await bb.results(A + "/gradebook/schemas" + wanted)
    assert found == {"id": key, "title": "P/F", "scaleType": "Tabular", "symbols": symbols}
    notations = await bb.results(A + "/gradebook/gradeNotations")
    assert notations == [{"id": f"_{notation}_1", "code": "I", "description": "Incomplete"}]
    periods = await bb.results(A + "/gradebook/periods?fields=id,dateMode,title")
    assert periods == [
        {"id": f"_{first}_1", "title": "All", "dateMode": "DoNotUseDates"},
        {"id": f"_{second}_1", "title": "First", "dateMode": "UseDates"},
    ]


async def test_a_grade_as_its_schema_shows_it(bb: Blackboard) -> None:
    key = await schema_in(bb)
    written = await bb.body(bb.column("M"), method="PATCH", json={"grading": {"schemaId": key}})
    assert written["grading"]["schemaId"] == key
    path = f"{bb.column('M')}/users/{bb.id('S1')}"
    grade = await bb.body(path, method="PATCH", json={"score": 80})
    shown = {"scaleType": "Tabular", "score": 80, "possible": 100, "text": "Pass"}
    assert (grade["status"], grade["displayGrade"]) == ("Graded", shown)
    assert (await bb.body(path, "S1"))["displayGrade"] == shown
    wrong = {"grading": {"schemaId": "_999999_1"}}
    assert (await bb.refusal(bb.column("M"), method="PATCH", json=wrong))[0] == 400


async def test_a_grade_in_words(bb: Blackboard) -> None:
    path = f"{bb.column('M')}/users/{bb.id('S1')}"
    assert await bb.refusal(path, method="PATCH", json={"text": "Pass"}) == (
        400,
        "text: a number is asked for: the column's schema has no texts",
    )
    await bb.body(bb.column("M"), method="PATCH", json={"grading": {"schemaId": await schema_in(bb)}})
    grade = await bb.body(path, "I", "PATCH", json={"text": "Fail"})
    shown = {"scaleType": "Tabular", "score": 25, "possible": 100, "text": "Fail"}
    assert (grade["score"], grade["text"], grade["displayGrade"]) == (25, "Fail", shown)
    assert await bb.body(path) == grade
    assert await bb.refusal(path, method="PATCH", json={"text": "Perhaps"}) == (
        400,
        "text: a number is asked for, or one of Pass, Fail",
    )
    assert (await bb.refusal(path, method="PATCH", json={"text": 7}))[0] == 400
    own = await bb.body(path, "S1")
    assert (own["displayGrade"], "text" in own, "score" in own) == (shown, False, False)
    cleared = await bb.body(path, method="PATCH", json={"text": "-"})
    assert {"score", "text", "overridden", "displayGrade"} & set(cleared) == set()


async def test_a_text_is_a_grade_without_a_score(bb: Blackboard) -> None:
    ctx, here = bb.filled.admin, bb.filled.keys["A"]
    key = await create_grade_schema(ctx, course_instance_id=here, title="Words", scale_type=ScaleType.TEXT)
    await bb.body(bb.column("N"), method="PATCH", json={"grading": {"schemaId": f"_{key}_1"}})
    path = f"{bb.column('N')}/users/{bb.id('S1')}"
    grade = await bb.body(path, method="PATCH", json={"text": "Well done"})
    shown = {"scaleType": "Text", "possible": 20, "text": "Well done"}
    assert (grade["text"], grade["displayGrade"], grade["status"]) == ("Well done", shown, "Graded")
    assert "score" not in grade
    older = await bb.body(f"{A}/gradebook/columns/{bb.id('N')}/users/{bb.id('S1')}")
    assert ("score" in older, older["text"]) == (False, "Well done")
    number = await bb.body(path, method="PATCH", json={"text": "12.5"})
    assert number["displayGrade"] == {"scaleType": "Text", "score": 12.5, "possible": 20, "text": "12.5"}
    assert (number["score"], "text" in number) == (12.5, False)


async def test_a_notation_of_a_grade(bb: Blackboard) -> None:
    ctx, here = bb.filled.admin, bb.filled.keys["A"]
    key = await create_grade_notation(ctx, course_instance_id=here, code="I", description="Incomplete")
    path = f"{bb.column('M')}/users/{bb.id('S1')}"
    before = await bb.body(path)
    grade = await bb.body(path, "I", "PATCH", json={"gradeNotationId": f"_{key}_1"})
    shown = {**before["displayGrade"], "text": "Incomplete"}
    assert (grade["gradeNotationId"], grade["displayGrade"]) == (f"_{key}_1", shown)
    assert {**before, **{name: grade[name] for name in ("gradeNotationId", "displayGrade", "changeIndex")}} == grade
    assert grade["changeIndex"] > before["changeIndex"]
    own = await bb.body(path, "S1")
    assert (own["displayGrade"], "gradeNotationId" in own) == (shown, False)
    for wrong in ("_999999_1", "I", 7):
        assert (await bb.refusal(path, method="PATCH", json={"gradeNotationId": wrong}))[0] == 400
    assert "gradeNotationId" not in await bb.body(path, method="PATCH", json={"gradeNotationId": None})


async def test_calculated_columns_count_what_is_posted(bb: Blackboard) -> None:
    ctx, keys = bb.filled.admin, bb.filled.keys
    await bb.body(f"{bb.column('T')}/users/{bb.id('S1')}", method="PATCH", json={"score": None})
    await set_formula(ctx, assessment_id=keys["C"], formula=TOTAL, aliases={})
    posted = {"scaleType": "Score", "score": 1, "possible": 100}
    every = {"scaleType": "Score", "score": 8.5, "possible": 110}
    one, all_of_one = f"{bb.column('C')}/users/{bb.id('S1')}", f"{GRADEBOOK}/users/{bb.id('S1')}"
    for path in (one, bb.column("C") + "/users", all_of_one):
        for query, who, shown in (
            ("", "I", posted),
            ("?includeUnpostedGrades=false", "APP", posted),
            ("?includeUnpostedGrades=true", "I", every),
            ("?includeUnpostedGrades=true", "APP", every),
            ("?includeUnpostedGrades=true", "S1", posted),
        ):
            body = await bb.body(path + query, who)
            rows = [each for each in body.get("results", [body]) if each["columnId"] == bb.id("C")]
            assert rows[0]["displayGrade"] == shown
    older = f"{A}/gradebook/columns/{bb.id('C')}/users/{bb.id('S1')}"
    assert [(await bb.body(older + query))["score"] for query in ("", "?includeUnpostedGrades=true")] == [1, 8.5]
    unposted = await bb.body(f"{bb.column('T')}/users/{bb.id('S1')}", "I")
    assert unposted["displayGrade"] == {"scaleType": "Score", "score": 7.5, "possible": 10}
    assert (await bb.refusal(one + "?includeUnpostedGrades=perhaps"))[0] == 400


async def test_keys_of_a_column(bb: Blackboard) -> None:
    told: dict[str, Any] = {
        "displayName": "Middle",
        "externalGrade": True,
        "includeInCalculations": False,
        "showStatisticsToStudents": True,
        "externalToolId": "t1",
    }
    anonymous = {"type": "Date", "releaseAfter": "2024-11-15T12:00:00.000Z"}
    written = await bb.body(bb.column("M"), method="PATCH", json={**told, "grading": {"anonymousGrading": anonymous}})
    assert {name: written[name] for name in told} == told
    assert written["grading"]["anonymousGrading"] == anonymous
    assert await bb.body(GRADEBOOK + "/columns/finalGrade") == written
    assert [each["id"] for each in await bb.results(GRADEBOOK + "/columns?displayName=MIDD")] == [bb.id("M")]
    assert await bb.results(GRADEBOOK + "/columns?contentId=_1_1") == []
    undated = await bb.refusal(bb.column("N"), method="PATCH", json={"grading": {"anonymousGrading": {"type": "Date"}}})
    assert undated == (400, "anonymousUntil: until when is anonymous?")
    for wrong in ({"grading": {"anonymousGrading": {"type": "Never"}}}, {"includeInCalculations": "no"}):
        assert (await bb.refusal(bb.column("M"), method="PATCH", json=wrong))[0] == 400
    assert await bb.body(bb.column("M")) == written


async def test_there_is_no_final_grade(bb: Blackboard) -> None:
    assert (await bb.refusal(GRADEBOOK + "/columns/finalGrade"))[0] == 404


async def test_learners_see_nothing_of_a_hidden_column(bb: Blackboard) -> None:
    hidden = await bb.body(bb.column("M"), method="PATCH", json={"availability": {"available": "No"}})
    assert hidden["availability"] == {"available": "No"}
    assert bb.id("M") not in [each["id"] for each in await bb.results(GRADEBOOK + "/columns", "S1")]
    for path in (bb.column("M"), bb.column("M") + "/users", f"{bb.column('M')}/users/{bb.id('S1')}"):
        assert (await bb.refusal(path, "S1"))[0] == 403
    rows = await bb.results(f"{GRADEBOOK}/users/{bb.id('S1')}", "S1")
    assert bb.id("M") not in [each["columnId"] for each in rows]
    assert (await bb.body(bb.column("M"), "TA"))["id"] == bb.id("M")


async def test_a_calculated_column_has_no_change_index(bb: Blackboard) -> None:  # blackboard case 24
    await set_formula(bb.filled.admin, assessment_id=bb.filled.keys["C"], formula=TOTAL, aliases={})
    rows = await bb.results(bb.column("C") + "/users")
    assert len(rows) == 10
    assert {each["changeIndex"] for each in rows} == {0}
    response = await bb.get(bb.column("C") + "/users/lastChanged")
    assert (response.status_code, response.content) == (204, b"")
    column = await bb.body(bb.column("C"))
    assert (column["formula"], column["grading"]["type"]) == ({"formula": TOTAL, "aliases": {}}, "Calculated")
