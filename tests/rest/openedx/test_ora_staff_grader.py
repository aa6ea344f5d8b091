"""Open responses marked by the staff (contracts/edx-core.md §15, cases 51 and 52)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import select

from app.domain.assessments.models import Problem
from app.domain.assessments.subsections import assess_block
from app.domain.attempts.files import DescribedFile
from app.domain.attempts.models import Submission
from app.domain.attempts.responding import submit_open_response
from app.domain.blocks.service import create_block
from app.domain.grades.models import ColumnGrade
from app.domain.grades.service import NewScore, score_problems
from tests.domain.essays import ESSAY, SETTINGS, TEXTS
from tests.domain.proof import everything, key_of
from tests.rest.openedx.conftest import CALLERS, O, OpenEdx, P, R

pytestmark = pytest.mark.anyio
HERE = "/api/ora_staff_grader"
NOBODY = "00000000-0000-0000-0000-000000000000"
MARKS = [
    {"name": "Ideas", "selectedOption": "Good", "feedback": "Two!"},
    {"name": "Style", "selectedOption": "Fair"},
    {"name": "Remark", "feedback": "None."},
]
GRADE = {
    "score": {"pointsEarned": 4, "pointsPossible": 5},
    "overallFeedback": "Well.",
    "criteria": [
        {"name": "Ideas", "feedback": "Two!", "points": 3, "selectedOption": "Good"},
        {"name": "Style", "feedback": "", "points": 1, "selectedOption": "Fair"},
        {"name": "Remark", "feedback": "None."},
    ],
}
UNMARKED = {"gradeData": {}, "gradeStatus": "ungraded", "lockStatus": "unlocked"}


@dataclass(frozen=True, slots=True)
class Grader:
    """Requests about ann's response to O."""

    edx: OpenEdx
    problem_id: int
    submission_id: int
    uuid: str

    @property
    def of(self) -> dict[str, str]:
        return {"oraLocation": O, "submissionUUID": self.uuid}

    async def told(self, path: str, who: str | None, method: str = "GET", **more: Any) -> tuple[int, Any]:
        """Status and body, of the response when no other parameters are given."""
        return await self.edx.told(f"{HERE}/{path}", who, method, **{"params": self.of, **more})

    async def claim(self, who: str | None) -> tuple[int, Any]:
        return await self.told("submission/lock", who, "POST")

    async def mark(self, who: str | None, criteria: Any = MARKS, feedback: Any = "Well.") -> tuple[int, Any]:
        sent = {"overallFeedback": feedback, "criteria": criteria}
        return await self.told("submission/grade", who, "POST", json=sent)


@pytest.fixture
async def grader(edx: OpenEdx) -> Grader:
    """O asks for an open response, and is an assessment of its own; ann has handed in."""
    admin, keys = edx.filled.admin, edx.keys
    place: dict[str, Any] = {"course_instance_id": keys["R"], "parent_id": keys["C"], "usage_key": O}
    said: dict[str, Any] = {"name": "Open response", "content": ESSAY, "fields": SETTINGS}
    block_id = await create_block(admin, **place, kind="openassessment", **said)
    await assess_block(admin, block_id=block_id, category_id=keys["homework"])
    problem_id = await key_of(admin, Problem, block_id=block_id)
    notes = DescribedFile("notes.txt", b"my notes", "text/plain", description="What I noted")
    made = await submit_open_response(edx.filled.by("ann"), problem_id=problem_id, texts=TEXTS, files=[notes])
    return Grader(edx, problem_id, made, await admin.db.scalar(select(Submission.uuid).where(Submission.id == made)))


async def test_initialize(grader: Grader) -> None:
    status, body = await grader.told("initialize", "prof", params={"oraLocation": O})
    assert status == 200
    assert body["courseMetadata"] == {"title": "DemoX Course", "org": "edX", "number": "DemoX", "courseId": R}
    assert body["isEnabled"] is True
    rubric = body["oraMetadata"].pop("rubricConfig")
    assert body["oraMetadata"] == {
        "name": "Open response",
        "prompts": [{"description": "<p>Why?</p>"}, {"description": "And how?"}],
        "type": "individual",
        "textResponseConfig": "required",
        "textResponseEditor": "text",
        "fileUploadResponseConfig": "optional",
    }
    assert rubric["feedbackPrompt"] == "What of the whole?"
    assert [(each["name"], each["orderNum"], each["feedback"]) for each in rubric["criteria"]] == [
        *(("Ideas", 0, "optional"), ("Style", 1, "disabled"), ("Remark", 2, "required")),
    ]
    assert rubric["criteria"][0]["options"][1] == {
        **{"label": "Many", "points": 3, "explanation": "At least two.", "name": "Good", "orderNum": 1},
    }
    assert body["submissions"] == {
        grader.uuid: {
            "submissionUUID": grader.uuid,
            **{"username": "ann", "email": "ann@uni.example", "fullname": "Ann", "teamName": None},
            **{"dateSubmitted": "2024-10-01 12:00:00+00:00", "dateGraded": "None", "gradedBy": None},
            **{"gradeStatus": "ungraded", "lockStatus": "unlocked", "score": None},
        }
    }


@pytest.mark.parametrize(
    ("path", "method"),
    [
        ("initialize", "GET"),
        ("submission", "GET"),
        ("submission/status", "GET"),
        ("submission/files", "GET"),
        ("submission/lock", "POST"),
        ("submission/lock", "DELETE"),
        ("submission/grade", "POST"),
        ("submission/batch/unlock", "POST"),
    ],
)
async def test_parameters_that_are_missing_or_bad(grader: Grader, path: str, method: str) -> None:
    async def told(**params: str) -> tuple[int, Any]:
        sent: dict[str, Any] = {"json": {"submissionUUIDs": []}} if method == "POST" else {}
        return await grader.told(path, "prof", method, params=params, **sent)

    missing = (400, {"error": "ERR_MISSING_PARAM"})
    assert await told() == missing  # edx case 51
    assert await told(oraLocation=" ", submissionUUID=grader.uuid) == missing
    for junk in ("junk", P, O.replace("@o", "@x"), "\0", "é" * 300, "block-v1:a+b+c+type@openassessment+block@\0"):
        found = await told(oraLocation=junk, submissionUUID=grader.uuid)
        assert found == (400, {"error": "ERR_BAD_ORA_LOCATION"})  # edx case 51
    if path not in ("initialize", "submission/batch/unlock"):
        assert await told(oraLocation=O) == missing
        for junk in (NOBODY, "junk", "\0", "é" * 300):
            status, body = await told(oraLocation=O, submissionUUID=junk)
            assert (status, body["error"], list(body)) == (404, "ERR_INTERNAL", ["error", "handler"])


@pytest.mark.parametrize("who", CALLERS)
async def test_only_the_staff_is_let_in(grader: Grader, who: str | None) -> None:
    expected = {None: 401, "ann": 403, "other": 403}.get(who, 200)
    before = await everything(grader.edx.filled.admin)
    told = [
        await grader.told("initialize", who, params={"oraLocation": O}),
        await grader.told("submission", who),
        await grader.told("submission/status", who),
        await grader.told("submission/files", who),
        await grader.claim(who),
        await grader.told("submission/lock", who, "DELETE"),
        await grader.told("submission/batch/unlock", who, "POST", json={"submissionUUIDs": [grader.uuid]}),
    ]
    assert {status for status, _ in told} == {expected}
    assert await everything(grader.edx.filled.admin) == before
    if expected == 403:
        status, body = await grader.mark(who)
        assert (status, body) == (403, {"error": "ERR_INTERNAL", "handler": "submit_staff_assessment"})


async def test_a_response(grader: Grader) -> None:
    status, body = await grader.told("submission", "prof")
    (file,) = body["response"].pop("files")
    assert (status, body) == (200, {**UNMARKED, "response": {"text": TEXTS}})
    address = file.pop("downloadUrl")
    assert file == {"description": "What I noted", "name": "notes.txt", "size": 8}
    assert await grader.told("submission/files", "prof") == (200, {"files": [{**file, "downloadUrl": address}]})
    content = await grader.edx.get(address, "prof")
    assert (content.status_code, content.content) == (200, b"my notes")
    assert (await grader.edx.get(address, "bob")).status_code == 404
    assert await grader.told("submission/status", "prof") == (200, UNMARKED)


async def test_one_claims_and_marks(grader: Grader) -> None:
    """edx case 52"""
    contested = (409, {"error": "ERR_LOCK_CONTESTED", "lockStatus": "locked"})
    assert await grader.claim("prof") == (200, {"lockStatus": "in-progress"})
    assert await grader.claim("prof") == (200, {"lockStatus": "in-progress"})
    assert await grader.claim("staff") == contested
    assert await grader.told("submission/lock", "staff", "DELETE") == contested
    refused = {"error": "ERR_GRADE_CONTESTED", **UNMARKED, "lockStatus": "locked"}
    assert await grader.mark("staff") == (409, refused)
    marked = {"gradeData": GRADE, "gradeStatus": "graded", "lockStatus": "unlocked"}
    assert await grader.mark("prof") == (200, marked)
    assert await grader.told("submission/status", "staff") == (200, marked)
    assert (await grader.told("submission", "ta"))[1]["gradeData"] == GRADE
    refused = {"error": "ERR_GRADE_CONTESTED", **marked}
    assert await grader.mark("prof") == (409, refused)
    _, body = await grader.told("initialize", "prof", params={"oraLocation": O})
    row = body["submissions"][grader.uuid]
    assert {name: row[name] for name in ("dateGraded", "gradedBy", "gradeStatus", "score")} == {
        **{"dateGraded": "2024-10-01 12:00:00+00:00", "gradedBy": "prof", "gradeStatus": "graded"},
        "score": GRADE["score"],
    }
    statement = select(ColumnGrade.points, ColumnGrade.released_points).where(
        ColumnGrade.user_id == grader.edx.keys["ann"], ColumnGrade.points.is_not(None), ColumnGrade.change_index > 0
    )
    assert [tuple(each) for each in await grader.edx.filled.admin.db.fetch(statement)] == [(4.0, 4.0)]


async def test_claims_are_given_up(grader: Grader) -> None:
    sent = {"submissionUUIDs": [grader.uuid, NOBODY, "junk", "\0", 7, None]}
    await grader.claim("prof")
    assert await grader.told("submission/batch/unlock", "ta", "POST", json=sent) == (200, {})
    assert (await grader.told("submission/status", "ta"))[1]["lockStatus"] == "locked"
    assert await grader.told("submission/batch/unlock", "prof", "POST", json=sent) == (200, {})
    assert (await grader.told("submission/status", "ta"))[1]["lockStatus"] == "unlocked"
    await grader.claim("ta")
    assert await grader.told("submission/lock", "ta", "DELETE") == (200, {"lockStatus": "unlocked"})
    lists: list[Any] = [None, grader.uuid, ["a"] * 1001]
    for junk in ({}, [], *({"submissionUUIDs": each} for each in lists)):
        found = await grader.told("submission/batch/unlock", "prof", "POST", json=junk)
        assert found == (400, {"error": "ERR_MISSING_PARAM"})


@pytest.mark.parametrize(
    ("criteria", "feedback"),
    [
        (None, ""),
        ("x", ""),
        ([], ""),
        ([7], ""),
        ([{}], ""),
        ([{"name": 7}], ""),
        ([{"name": None}], ""),
        ([{"name": "Ideas", "selectedOption": 3}], ""),
        ([{"name": "Ideas", "selectedOption": "Best"}, *MARKS[1:]], ""),
        ([*MARKS, MARKS[0]], ""),
        (MARKS[:2], ""),
        (MARKS, 7),
        (MARKS, "\0"),
        ([{"name": "\0"}], ""),
    ],
)
async def test_what_is_no_mark(grader: Grader, criteria: Any, feedback: Any) -> None:
    await grader.claim("prof")
    told = await grader.mark("prof", criteria, feedback)
    assert told == (400, {"error": "ERR_INTERNAL", "handler": "submit_staff_assessment"})
    assert (await grader.told("submission/status", "prof"))[1] == {**UNMARKED, "lockStatus": "in-progress"}


async def test_points_without_a_rubric(grader: Grader) -> None:
    marks = [NewScore(grader.problem_id, 2.0)]
    await score_problems(grader.edx.filled.by("ta"), submission_id=grader.submission_id, scores=marks)
    score = {"pointsEarned": 2, "pointsPossible": 5}
    grade = {"score": score, "overallFeedback": "", "criteria": []}
    found = await grader.told("submission/status", "prof")
    assert found == (200, {"gradeData": grade, "gradeStatus": "graded", "lockStatus": "unlocked"})


@pytest.mark.parametrize(
    "path", ["submission/lock", "submission/grade", "submission/batch/unlock", "mock/submission/grade"]
)
async def test_what_is_only_written_to(edx: OpenEdx, path: str) -> None:
    for who in CALLERS:
        assert await edx.told(f"{HERE}/{path}", who) == (405, {"detail": 'Method "GET" not allowed.'})


async def test_the_sample_is_told_to_everybody(edx: OpenEdx) -> None:
    for who in CALLERS:
        status, body = await edx.told(f"{HERE}/mock/initialize", who)
        assert (status, list(body)) == (200, ["courseMetadata", "oraMetadata", "submissions", "isEnabled"])
        (uuid,) = body["submissions"]
        params = {"oraLocation": "any", "submissionUUID": uuid}
        found = await edx.body(f"{HERE}/mock/submission", who, params=params)
        assert found == {**UNMARKED, "response": {"files": [], "text": ["This is a sentence."]}}
        assert await edx.body(f"{HERE}/mock/submission/status", who) == UNMARKED
        assert await edx.body(f"{HERE}/mock/submission/lock", who, "POST") == {"lockStatus": "in-progress"}
        assert await edx.body(f"{HERE}/mock/submission/lock", who, "DELETE") == {"lockStatus": "unlocked"}
        marked = await edx.body(f"{HERE}/mock/submission/grade", who, "POST", json={"criteria": MARKS})
        assert marked["gradeData"]["score"] == {"pointsEarned": 70, "pointsPossible": 100}
        assert (marked["gradeStatus"], marked["lockStatus"]) == ("graded", "unlocked")
