"""Assessments, problems, rules and extensions, written through the graph."""

from __future__ import annotations

from typing import Any

import pytest

from schema.core.node import global_id
from tests.clock import NOW
from tests.domain.site import Site
from tests.schema.client import ask, denial, refusal, write

pytestmark = pytest.mark.anyio


def here(site: Site) -> dict[str, Any]:
    return {"courseInstanceId": site.world.course_instance_id, "categoryId": site.work.category_id}


async def test_a_category_is_made(site: Site) -> None:
    made = await write(
        site.world.instructor,
        "createAssessmentCategory",
        "assessmentCategory { name abbreviation heading number color courseInstance { name } }",
        courseInstanceId=site.world.course_instance_id,
        name="Exams",
        abbreviation="E",
    )
    assert made == {
        "assessmentCategory": {
            "name": "Exams",
            "abbreviation": "E",
            "heading": "Exams",
            "number": 2,
            "color": "gray1",
            "courseInstance": {"name": "sig-f24"},
        }
    }
    again = {"courseInstanceId": site.world.course_instance_id, "name": "labs", "abbreviation": "L"}
    assert await refusal(site.world.instructor, "createAssessmentCategory", **again) == ("TAKEN", ["name"])


async def test_an_assessment_is_made(site: Site) -> None:
    made = await write(
        site.editor,
        "createAssessment",
        "assessment { label name title kind gradingType scoringModel maxPoints dueAt category { name } }",
        **here(site),
        name="lab2",
        title="Filters",
        kind="QUIZ",
        scoringModel="LAST",
        maxPoints=12.5,
        dueAt="2024-11-01T00:00:00Z",
    )
    assert made == {
        "assessment": {
            "label": "L5",
            "name": "lab2",
            "title": "Filters",
            "kind": "QUIZ",
            "gradingType": "ATTEMPTS",
            "scoringModel": "LAST",
            "maxPoints": 12.5,
            "dueAt": NOW.replace(month=11, day=1, hour=0),
            "category": {"name": "Labs"},
        }
    }


async def test_an_assessment_changes_and_what_is_absent_stays(site: Site) -> None:
    place, selection = {"assessmentId": site.work.assessment_id}, "assessment { title dueAt weight groupSet { name } }"
    values = {"dueAt": "2024-11-01T00:00:00Z", "weight": 20, "groupSetId": site.team.group_set_id}
    changed = await write(site.world.instructor, "updateAssessment", selection, **place, **values)
    due_at = NOW.replace(month=11, day=1, hour=0)
    told = {"title": "Lab1", "dueAt": due_at, "weight": 20.0, "groupSet": {"name": "Trios"}}
    assert changed == {"assessment": told}
    emptied = await write(site.editor, "updateAssessment", selection, **place, dueAt=None, groupSetId=None)
    assert emptied == {"assessment": {**told, "dueAt": None, "groupSet": None}}


async def test_a_deleted_assessment_is_gone(site: Site) -> None:
    key = global_id("Assessment", site.work.assessment_id)
    assert await write(site.editor, "deleteAssessment", "deletedId", assessmentId=key) == {"deletedId": key}
    assert await ask(site.editor, "query($id: ID!) { node(id: $id) { id } }", id=key) == {"node": None}
    assert await denial(site.editor, "deleteAssessment", assessmentId=key) == "NOT_FOUND"


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"name": "LAB1"}, ("TAKEN", ["name"])),
        ({"categoryId": "junk"}, ("NOT_FOUND", ["categoryId"])),
        ({"groupSetId": "0"}, ("NOT_FOUND", ["groupSetId"])),
        ({"weight": -1}, ("OUT_OF_RANGE", ["weight"])),
        ({"passingPercentage": 100.5}, ("OUT_OF_RANGE", ["passingPercentage"])),
        ({"timeLimitMinutes": 0}, ("OUT_OF_RANGE", ["timeLimitMinutes"])),
        ({"kind": None}, ("REQUIRED", ["kind"])),
        ({"maxPoints": None}, ("REQUIRED", ["maxPoints"])),
        ({"title": "x" * 256}, ("TOO_LONG", ["title"])),
        ({"startAt": "2024-11-02T00:00:00Z", "dueAt": "2024-11-01T00:00:00Z"}, ("OUT_OF_RANGE", ["dueAt"])),
    ],
)
async def test_an_assessment_that_cannot_be_made(
    site: Site, values: dict[str, Any], expected: tuple[str, list[str]]
) -> None:
    asked = here(site) | {"name": "lab2", "title": "Lab 2"} | values
    assert await refusal(site.world.instructor, "createAssessment", **asked) == expected


async def test_the_maximum_is_the_sum_of_the_problems(site: Site) -> None:
    asked = {"assessmentId": site.work.assessment_id, "maxPoints": 5}
    assert await refusal(site.world.instructor, "updateAssessment", **asked) == ("INVALID", ["maxPoints"])


PROBLEM = "problem { name number maxPoints maxAutoPoints maxManualPoints pointsByTry isOptional description "
PROBLEM += "assessment { maxPoints } }"


async def test_a_problem_is_made_and_the_assessment_grows(site: Site) -> None:
    made = await write(
        site.world.instructor,
        "createProblem",
        PROBLEM,
        assessmentId=site.work.assessment_id,
        name="Part B",
        maxPoints=20,
        maxManualPoints=5,
        pointsByTry=[20, 10.5],
        isOptional=True,
    )
    assert made == {
        "problem": {
            "name": "Part B",
            "number": 3,
            "maxPoints": 20.0,
            "maxAutoPoints": 15.0,
            "maxManualPoints": 5.0,
            "pointsByTry": [20.0, 10.5],
            "isOptional": True,
            "description": "",
            "assessment": {"maxPoints": 130.0},
        }
    }
    for field in ("questionId", "zoneId"):
        asked = {"assessmentId": site.work.assessment_id, "name": "Part C", "maxPoints": 1, field: "12345"}
        assert await refusal(site.world.instructor, "createProblem", **asked) == ("NOT_FOUND", [field])


async def test_a_problem_changes(site: Site) -> None:
    key = global_id("Problem", site.work.problem_ids["Style"])
    values = {"maxPoints": 30, "maxManualPoints": 30, "description": "Why?", "pointsByTry": None}
    changed = await write(site.world.instructor, "updateProblem", PROBLEM, problemId=key, **values)
    assert changed == {
        "problem": {
            "name": "Style",
            "number": 2,
            "maxPoints": 30.0,
            "maxAutoPoints": 0.0,
            "maxManualPoints": 30.0,
            "pointsByTry": None,
            "isOptional": False,
            "description": "Why?",
            "assessment": {"maxPoints": 130.0},
        }
    }
    manual = await refusal(site.world.instructor, "updateProblem", problemId=key, maxManualPoints=31)
    assert manual == ("OUT_OF_RANGE", ["maxManualPoints"])


async def test_rules_of_access_are_replaced_and_numbered(site: Site) -> None:
    place = {"assessmentId": site.work.assessment_id}
    selection = "assessment { accessRules { number credit password showsClosedAssessment timeLimitMinutes } }"
    rules: list[dict[str, Any]] = [{"credit": 100, "password": "sesam", "timeLimitMinutes": 50}, {"credit": 0}]
    ruled = await write(site.world.instructor, "setAssessmentAccessRules", selection, **place, rules=rules)
    shown = {"showsClosedAssessment": True}
    assert ruled["assessment"]["accessRules"] == [
        {"number": 1, "credit": 100, "password": "sesam", "timeLimitMinutes": 50, **shown},
        {"number": 2, "credit": 0, "password": None, "timeLimitMinutes": None, **shown},
    ]
    wrong = [{}, {"credit": -1}]
    refused = await refusal(site.world.instructor, "setAssessmentAccessRules", **place, rules=wrong)
    assert refused == ("OUT_OF_RANGE", ["rules", "1", "credit"])


async def test_a_learner_gets_more_time(site: Site) -> None:
    place = {"assessmentId": site.work.assessment_id, "userId": global_id("User", site.world.student_id)}
    selection = "assessmentExtension { dueAt endAt user { username } assessment { name } }"
    later = "2024-10-08T12:00:00Z"
    granted = await write(site.world.instructor, "grantExtension", selection, **place, dueAt=later)
    owner = {"user": {"username": "sam"}, "assessment": {"name": "lab1"}}
    assert granted == {"assessmentExtension": {"dueAt": NOW.replace(day=8), "endAt": None, **owner}}
    endless = await write(site.world.instructor, "grantExtension", selection, **place)
    assert endless == {"assessmentExtension": {"dueAt": None, "endAt": None, **owner}}
    backwards = {**place, "dueAt": later, "endAt": "2024-10-07T12:00:00Z"}
    assert await refusal(site.world.instructor, "grantExtension", **backwards) == ("OUT_OF_RANGE", ["endAt"])
    for user, code in (("junk", "NOT_FOUND"), (site.newcomer_id, "NOT_FOUND")):
        stranger = {**place, "userId": user}
        assert await refusal(site.world.instructor, "grantExtension", **stranger) == (code, ["userId"])
    admins = {**place, "userId": site.newcomer_id}
    assert await refusal(site.world.admin, "grantExtension", **admins) == ("NOT_ENROLLED", ["userId"])
