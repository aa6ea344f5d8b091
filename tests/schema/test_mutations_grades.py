"""Scores and grades, written through the graph."""

from __future__ import annotations

from typing import Any

import pytest

from app.context import Context
from schema.core.node import global_id
from tests.clock import NOW
from tests.domain.site import Site
from tests.schema.client import ask, refusal, write

pytestmark = pytest.mark.anyio

SCORES = "submission { scores { value manualValue isReleased feedback problem { name } grader { username } } }"
GRADE = "columnGrade { points maxPoints scorePerc overridePoints isExempt feedback notes user { username } }"


async def score(site: Site, ctx: Context, **input: Any) -> Any:
    problem_ids = site.work.problem_ids
    scores = [
        {"problemId": problem_ids["Part A"], "value": 80, "feedback": "Well done."},
        {"problemId": global_id("Problem", problem_ids["Style"]), "value": 7.5, "manualValue": 7.5},
    ]
    return await write(ctx, "scoreProblems", SCORES, submissionId=site.submission_id, scores=scores, **input)


async def test_an_assistant_marks_and_the_learner_does_not_see_it_yet(site: Site) -> None:
    marked = await score(site, site.world.assistant)
    grader = {"isReleased": False, "grader": {"username": "tom"}}
    part_a = {"value": 80.0, "manualValue": None, "feedback": "Well done.", "problem": {"name": "Part A"}}
    style = {"value": 7.5, "manualValue": 7.5, "feedback": None, "problem": {"name": "Style"}}
    assert marked == {"submission": {"scores": [{**part_a, **grader}, {**style, **grader}]}}
    seen = await ask(site.world.student, "{ viewer { columnGrades { nodes { points scorePerc } } } }")
    assert seen == {"viewer": {"columnGrades": {"nodes": [{"points": None, "scorePerc": None}]}}}


async def test_marking_again_keeps_what_is_not_said(site: Site) -> None:
    await score(site, site.world.assistant, release=True)
    again = [{"problemId": site.work.problem_ids["Part A"], "value": None}]
    marked = await write(site.world.instructor, "scoreProblems", SCORES, submissionId=site.submission_id, scores=again)
    assert marked["submission"]["scores"][0] == {
        "value": None,
        "manualValue": None,
        "isReleased": True,
        "feedback": "Well done.",
        "problem": {"name": "Part A"},
        "grader": {"username": "ida"},
    }


@pytest.mark.parametrize(
    ("scores", "expected"),
    [
        ([], ("REQUIRED", ["scores"])),
        ([{"problemId": "junk", "value": 1}], ("NOT_FOUND", ["scores", "0", "problemId"])),
        ([{"problemId": "{style}"}], ("REQUIRED", ["scores", "0", "value"])),
        ([{"problemId": "{style}", "value": 10.5}], ("OUT_OF_RANGE", ["scores", "0", "value"])),
        ([{"problemId": "{style}", "value": -1}], ("OUT_OF_RANGE", ["scores", "0", "value"])),
        ([{"problemId": "{style}", "value": 1, "manualValue": 2}], ("OUT_OF_RANGE", ["scores", "0", "manualValue"])),
        ([{"problemId": "{style}", "value": 1}] * 2, ("INVALID", ["scores", "1", "problemId"])),
        ([{"problemId": "{style}", "value": 1, "feedbackData": 3}], ("INVALID", ["scores", "0", "feedbackData"])),
    ],
)
async def test_marks_that_are_refused(
    site: Site, scores: list[dict[str, Any]], expected: tuple[str, list[str]]
) -> None:
    style = {"{style}": str(site.work.problem_ids["Style"])}
    asked = [{**each, "problemId": style.get(each["problemId"], each["problemId"])} for each in scores]
    refused = await refusal(site.world.assistant, "scoreProblems", submissionId=site.submission_id, scores=asked)
    assert refused == expected


async def test_releasing_makes_marks_visible_to_the_learner(site: Site) -> None:
    await score(site, site.world.assistant)
    seen = "{ viewer { columnGrades { nodes { points } } assessmentInstances { nodes { points submissions { nodes "
    seen += "{ scores { value feedback } } } } } } }"

    def shown(points: float | None, *scores: tuple[float | None, str | None]) -> dict[str, Any]:
        marks = [{"value": value, "feedback": feedback} for value, feedback in scores]
        work = {"points": points, "submissions": {"nodes": [{"scores": marks}]}}
        essay: dict[str, Any] = {"points": None, "submissions": {"nodes": [{"scores": []}]}}
        return {
            "viewer": {
                "columnGrades": {"nodes": [{"points": points}]},
                "assessmentInstances": {"nodes": [essay, work]},
            }
        }

    assert await ask(site.world.student, seen) == shown(None, (None, None), (None, None))
    place = {"assessmentId": site.work.assessment_id}
    released = await write(
        site.world.instructor,
        "releaseScores",
        "changedCount assessment { name }",
        **place,
        problemIds=[site.work.problem_ids["Part A"]],
        userIds=[site.world.student_id],
    )
    assert released == {"changedCount": 1, "assessment": {"name": "lab1"}}
    assert await ask(site.world.student, seen) == shown(80.0, (80.0, "Well done."), (None, None))
    assert await write(site.world.instructor, "releaseScores", "changedCount", **place) == {"changedCount": 1}
    assert await ask(site.world.student, seen) == shown(87.5, (80.0, "Well done."), (7.5, None))
    hidden = await write(site.world.instructor, "releaseScores", "changedCount", **place, isReleased=False)
    assert hidden == {"changedCount": 2}
    assert await ask(site.world.student, seen) == shown(None, (None, None), (None, None))


@pytest.mark.parametrize("field", ["problemIds", "userIds"])
@pytest.mark.parametrize("value", ["junk", "99999", "-1", "2147483648"])
async def test_whose_scores_cannot_be_released(site: Site, field: str, value: str) -> None:
    asked = {"assessmentId": site.work.assessment_id, field: [value]}
    assert await refusal(site.world.instructor, "releaseScores", **asked) == ("NOT_FOUND", [field])


async def test_a_grade_is_set_by_hand_and_follows_the_scores_again(site: Site) -> None:
    await score(site, site.world.assistant)
    place = {"assessmentId": site.work.assessment_id, "userId": site.world.student_id}
    grade = {"maxPoints": 110.0, "isExempt": False, "user": {"username": "sam"}}
    said = {"feedback": "Bonus.", "notes": "Ask Ida."}
    by_hand = await write(site.world.instructor, "overrideGrade", GRADE, **place, points=99, **said)
    assert by_hand == {
        "columnGrade": {**grade, **said, "points": 99.0, "scorePerc": 90.0, "overridePoints": 99.0},
    }
    mine = await ask(site.world.student, "{ viewer { columnGrades { nodes { points feedback notes } } } }")
    assert mine["viewer"]["columnGrades"]["nodes"] == [{"points": 99.0, "feedback": "Bonus.", "notes": None}]
    noted = await write(site.world.instructor, "overrideGrade", GRADE, **place, notes=None)
    assert noted["columnGrade"] == {**by_hand["columnGrade"], "notes": None}
    cleared = await write(
        site.world.instructor,
        "overrideGrade",
        "columnGrade { points overridePoints history { nodes { kind changedBy { username } changedAt pointsAfter } } }",
        **place,
        points=None,
    )
    assert cleared["columnGrade"]["points"] == 87.5
    assert cleared["columnGrade"]["overridePoints"] is None
    ida = {"changedBy": {"username": "ida"}, "changedAt": NOW}
    assert cleared["columnGrade"]["history"]["nodes"] == [
        {"kind": "SCORED", "changedBy": {"username": "tom"}, "changedAt": NOW, "pointsAfter": 87.5},
        {"kind": "OVERRIDDEN", **ida, "pointsAfter": 99.0},
        {"kind": "ANNOTATED", **ida, "pointsAfter": 99.0},
        {"kind": "CLEARED", **ida, "pointsAfter": 87.5},
    ]


async def test_nothing_to_note_is_no_grade(site: Site) -> None:
    place = {"assessmentId": site.work.assessment_id, "userId": site.world.second_student_id}
    assert await write(site.world.instructor, "overrideGrade", GRADE, **place) == {"columnGrade": None}
    assert await write(site.world.instructor, "exemptGrade", GRADE, **place, isExempt=False) == {"columnGrade": None}


async def test_a_learner_is_exempted_and_no_longer(site: Site) -> None:
    place = {"assessmentId": site.work.assessment_id, "userId": site.world.second_student_id}
    for is_exempt in (True, False):
        exempted = await write(
            site.world.instructor, "exemptGrade", "columnGrade { isExempt points }", **place, isExempt=is_exempt
        )
        assert exempted == {"columnGrade": {"isExempt": is_exempt, "points": None}}


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"points": -0.5}, ("OUT_OF_RANGE", ["points"])),
        ({"userId": "junk"}, ("NOT_FOUND", ["userId"])),
        ({"feedback": "a\x07b"}, ("INVALID", ["feedback"])),
    ],
)
async def test_a_grade_that_cannot_be_set(site: Site, values: dict[str, Any], expected: tuple[str, list[str]]) -> None:
    asked = {"assessmentId": site.work.assessment_id, "userId": site.world.student_id} | values
    assert await refusal(site.world.instructor, "overrideGrade", **asked) == expected


async def test_grades_are_recomputed(site: Site) -> None:
    await score(site, site.world.assistant)
    halved = {"problemId": site.work.problem_ids["Style"], "maxPoints": 50}
    await write(site.world.instructor, "updateProblem", "problem { id }", **halved)
    selection = "assessment { maxPoints columnGrades { nodes { points maxPoints } } }"
    recomputed = await write(site.world.instructor, "recomputeGrades", selection, assessmentId=site.work.assessment_id)
    assert recomputed == {
        "assessment": {"maxPoints": 150.0, "columnGrades": {"nodes": [{"points": 87.5, "maxPoints": 150.0}]}}
    }
