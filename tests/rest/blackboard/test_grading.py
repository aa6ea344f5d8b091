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
