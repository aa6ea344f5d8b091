"""Open responses in the graph: what is asked, handed in, claimed and marked, and who sees what of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from app.context import Context
from app.domain.assessments.service import create_category
from tests.clock import NOW
from tests.domain.essays import GOOD, TEXTS, Essay, essay_in
from tests.factories import University, university
from tests.schema.client import ask, document_of, refusal

pytestmark = pytest.mark.anyio
ASKED = """query ($key: Int!) { assessment(by: {databaseId: $key}) { problems { openResponse {
    title prompts text files hasRichText isInTeams feedbackPrompt maxPoints
    criteria { name label prompt feedback maxPoints options { name label explanation points } } } } } }"""
RESPONSES = """query ($key: Int!) { assessment(by: {databaseId: $key}) { problems { responses {
    databaseId responseTexts lockStatus lockedBy { username } lockedUntil files { name size description }
    scores { value feedback rubric { points maxPoints criteria { name option points feedback } } } } } } }"""
CLAIMED = "submission { lockStatus lockedBy { username } lockedUntil }"

MARKED = "submission { lockStatus status points }"
SCORE = {
    "value": 4.0,
    "feedback": "Well.",
    "rubric": {
        "points": 4,
        "maxPoints": 5,
        "criteria": [
            {"name": "Ideas", "option": "Good", "points": 3, "feedback": "Two!"},
            {"name": "Style", "option": "Fair", "points": 1, "feedback": ""},
            {"name": "Remark", "option": None, "points": None, "feedback": "None."},
        ],
    },
}


@dataclass(frozen=True, slots=True)
class Room:
    """The university with an essay, and questions about it."""

    world: University
    essay: Essay

    async def responses(self, ctx: Context) -> Any:
        found = (await ask(ctx, RESPONSES, key=self.essay.assessment_id))["assessment"]
        return found and found["problems"][0]["responses"]

    async def write(self, ctx: Context, mutation: str, selection: str, **given: Any) -> Any:
        answer = (await ask(ctx, document_of(mutation, selection), input=given))[mutation]
        assert answer["userErrors"] == []
        return answer


@pytest.fixture
async def room(ctx: Context) -> Room:
    world = await university(ctx)
    here = world.course_instance_id
    category_id = await create_category(ctx, course_instance_id=here, name="Homework", abbreviation="HW")
    return Room(world, await essay_in(world, category_id))


async def test_what_is_asked(room: Room) -> None:
    found = await ask(room.world.student, ASKED, key=room.essay.assessment_id)
    (problem,) = found["assessment"]["problems"]
    criteria = problem["openResponse"].pop("criteria")
    assert problem["openResponse"] == {
        **{"title": "Essay", "prompts": ["<p>Why?</p>", "And how?"], "text": "REQUIRED", "files": "OPTIONAL"},
        **{"hasRichText": False, "isInTeams": False, "feedbackPrompt": "What of the whole?", "maxPoints": 5},
    }
    assert [(each["name"], each["feedback"], each["maxPoints"]) for each in criteria] == [
        *(("Ideas", "OPTIONAL", 3), ("Style", "NONE", 2), ("Remark", "REQUIRED", 0)),
    ]
    assert criteria[0]["options"][1] == {
        **{"name": "Good", "label": "Many", "explanation": "At least two.", "points": 3},
    }


async def test_from_handing_in_to_the_mark(room: Room) -> None:
    world, problem_id = room.world, room.essay.problem_id
    files = [{"name": "a.txt", "contents": "YWJj", "description": "Three letters"}]
    given: dict[str, Any] = {"problemId": problem_id, "texts": TEXTS, "files": files}
    shown = "submission { databaseId uuid responseTexts files { name size description } }"
    made = (await room.write(world.second_student, "submitOpenResponse", shown, **given))["submission"]
    assert made["responseTexts"] == TEXTS
    assert made["files"] == [{"name": "a.txt", "size": 3, "description": "Three letters"}]
    found = await ask(
        world.second_student,
        "query ($by: SubmissionBy!) { submission(by: $by) { databaseId } }",
        by={"uuid": made["uuid"]},
    )
    assert found["submission"]["databaseId"] == made["databaseId"]
    claim = {"submissionId": made["databaseId"]}
    claimed = await room.write(world.assistant, "lockSubmission", CLAIMED, **claim)
    assert claimed["submission"].pop("lockedUntil") == NOW + timedelta(hours=8)
    assert claimed["submission"] == {"lockStatus": "OWN", "lockedBy": {"username": "tom"}}
    assert await refusal(world.instructor, "lockSubmission", **claim) == ("LOCKED", ["submissionId"])
    assert await refusal(world.instructor, "unlockSubmission", **claim) == ("LOCKED", ["submissionId"])
    criteria = [{"name": each.name, "option": each.option, "feedback": each.feedback} for each in GOOD]
    mark = {**claim, "criteria": criteria, "feedback": "Well."}
    assert await refusal(world.instructor, "gradeOpenResponse", **mark) == ("LOCKED", ["submissionId"])
    marked = (await room.write(world.assistant, "gradeOpenResponse", MARKED, **mark))["submission"]
    assert marked == {"lockStatus": "UNLOCKED", "status": "COMPLETED", "points": 4.0}
    (seen,) = await room.responses(world.second_student)
    assert (seen["databaseId"], seen["lockStatus"], seen["lockedUntil"]) == (made["databaseId"], None, None)
    assert seen["scores"] == [SCORE]


async def test_claims_are_given_up(room: Room) -> None:
    world, claim = room.world, {"submissionId": room.essay.submission_id}
    await room.write(world.assistant, "lockSubmission", CLAIMED, **claim)
    many = {"problemId": room.essay.problem_id, "submissionIds": [room.essay.submission_id]}
    shown = "problem { responses { lockStatus } }"
    kept = await room.write(world.instructor, "unlockSubmissions", shown, **many)
    assert kept["problem"] == {"responses": [{"lockStatus": "LOCKED"}]}
    freed = await room.write(world.assistant, "unlockSubmissions", shown, **many)
    assert freed["problem"] == {"responses": [{"lockStatus": "UNLOCKED"}]}
    await room.write(world.assistant, "lockSubmission", CLAIMED, **claim)
    freed = await room.write(world.assistant, "unlockSubmission", CLAIMED, **claim)
    assert freed["submission"] == {"lockStatus": "UNLOCKED", "lockedBy": None, "lockedUntil": None}


async def test_who_sees_responses_and_claims(room: Room) -> None:
    world = room.world
    await room.write(world.assistant, "lockSubmission", CLAIMED, submissionId=room.essay.submission_id)
    found = {}
    for who in ("student", "second_student", "assistant", "instructor", "admin", "outsider"):
        rows = await room.responses(getattr(world, who))
        found[who] = rows and [(each["lockStatus"], each["lockedBy"]) for each in rows]
    tom = {"username": "tom"}
    assert found == {
        **{"student": [(None, None)], "second_student": [], "assistant": [("OWN", tom)]},
        **{"instructor": [("LOCKED", tom)], "admin": [("LOCKED", tom)], "outsider": None},
    }
