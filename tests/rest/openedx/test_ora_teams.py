"""Open responses of teams, their files, and odd ones, as the staff grader reads them (contracts/edx-core.md §15)."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from app.domain.assessments.models import Problem
from app.domain.assessments.service import update_assessment
from app.domain.assessments.subsections import assess_block
from app.domain.attempts.files import DescribedFile
from app.domain.attempts.models import Submission
from app.domain.attempts.responding import submit_open_response
from app.domain.blocks.service import create_block
from app.domain.enrollment.service import enroll
from app.domain.grades.models import ColumnGrade
from app.domain.groups.service import create_group, create_group_set
from app.domain.identity.jwts import Signing, jwt_of_token
from tests.domain.essays import ESSAY, SETTINGS, TEXTS
from tests.domain.proof import key_of
from tests.rest.openedx.conftest import O, OpenEdx
from tests.rest.openedx.test_authentication import sent, session
from tests.rest.openedx.test_ora_staff_grader import MARKS, Grader

pytestmark = pytest.mark.anyio
FILES = [
    DescribedFile("plan.html", b"<script>alert(1)</script>", "text/html", description="The plan"),
    DescribedFile("grüße 🎓.txt", b"", "text/plain", description=""),
]


async def responded(edx: OpenEdx, settings: dict[str, Any], *, in_team: bool = False, texts: Any = TEXTS) -> Grader:
    """O with these settings, and ann's response to it, or that of her team with bob."""
    admin, keys = edx.filled.admin, edx.keys
    here: dict[str, Any] = {"course_instance_id": keys["R"]}
    place = {**here, "parent_id": keys["C"], "usage_key": O, "kind": "openassessment", "name": "Open response"}
    block_id = await create_block(admin, **place, content=ESSAY, fields={**SETTINGS, **settings})
    assessment = await assess_block(admin, block_id=block_id, category_id=keys["homework"])
    if in_team:
        await enroll(admin, **here, user_id=keys["bob"])
        teams = await create_group_set(admin, **here, name="Teams", max_size=2)
        await create_group(admin, group_set_id=teams, name="Owls", user_ids=[keys["ann"], keys["bob"]])
        await update_assessment(admin, assessment_id=assessment, group_set_id=teams)
    problem_id = await key_of(admin, Problem, block_id=block_id)
    files = FILES if settings.get("file_upload_response") else []
    made = await submit_open_response(edx.filled.by("ann"), problem_id=problem_id, texts=texts, files=files)
    return Grader(edx, problem_id, made, await admin.db.scalar(select(Submission.uuid).where(Submission.id == made)))


async def test_a_team_has_one_response(edx: OpenEdx) -> None:
    grader = await responded(edx, {"teams_enabled": True}, in_team=True)
    _, body = await grader.told("initialize", "prof", params={"oraLocation": O})
    assert body["oraMetadata"]["type"] == "team"
    (row,) = body["submissions"].values()
    assert {name: row[name] for name in ("username", "email", "fullname", "teamName")} == {
        **dict.fromkeys(("username", "email", "fullname")),
        "teamName": "Owls",
    }
    await grader.claim("prof")
    status, marked = await grader.mark("prof")
    assert (status, marked["gradeStatus"], marked["gradeData"]["score"]["pointsEarned"]) == (200, "graded", 4)
    own = ColumnGrade
    grades = select(own.user_id, own.points).where(own.change_index > 0).order_by(own.user_id)
    found = [tuple(each) for each in await edx.filled.admin.db.fetch(grades)]
    assert found == [(edx.keys["ann"], 4.0), (edx.keys["bob"], 4.0)]


async def test_files_are_read_by_their_addresses(edx: OpenEdx) -> None:
    grader = await responded(edx, {"file_upload_response": "required"})
    _, body = await grader.told("initialize", "prof", params={"oraLocation": O})
    assert body["oraMetadata"]["fileUploadResponseConfig"] == "required"
    _, body = await grader.told("submission/files", "ta")
    empty, plan = body["files"]
    assert (plan["name"], plan["size"], plan["description"]) == ("plan.html", 25, "The plan")
    assert (empty["name"], empty["size"], empty["description"]) == ("grüße 🎓.txt", 0, "")
    assert (await edx.get(empty["downloadUrl"], "ta")).content == b""
    for who, status in (("ta", 200), ("ann", 200), ("other", 404)):
        signed = await jwt_of_token(edx.filled.admin, edx.filled.tokens[who], Signing("", "openedx"))
        for headers in ({"Authorization": f"JWT {signed}"}, sent(await session(edx, who))):
            found = await edx.get(plan["downloadUrl"], headers=headers)
            assert found.status_code == status
            assert status == 404 or "sandbox" in found.headers["content-security-policy"]
    assert (await edx.get(plan["downloadUrl"])).status_code == 404
    for header in ("JWT junk", "Bearer junk", "Basic YTpi"):
        assert (await edx.get(plan["downloadUrl"], headers={"Authorization": header})).status_code == 401


async def test_files_alone(edx: OpenEdx) -> None:
    said = {"text_response": "", "file_upload_response": "required", "text_response_editor": "tinymce"}
    grader = await responded(edx, said, texts=())
    _, body = await grader.told("initialize", "prof", params={"oraLocation": O})
    told = body["oraMetadata"]
    assert (told["textResponseConfig"], told["textResponseEditor"]) == ("none", "tinymce")
    _, body = await grader.told("submission", "prof")
    assert (body["response"]["text"], len(body["response"]["files"])) == ([], 2)


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({2: {"name": "Remark", "feedback": ""}}, 400),
        ({2: {"name": "Remark"}}, 400),
        ({1: {"name": "Style", "selectedOption": "Fair", "feedback": "Not taken"}}, 400),
        ({1: {"name": "Style"}}, 400),
        ({2: {"name": "Remark", "feedback": "x", "selectedOption": "Good"}}, 400),
        ({0: {"name": "Ideas", "selectedOption": "Good"}}, 200),
        ({0: {"name": "Ideas", "selectedOption": "Good", "feedback": None}}, 200),
    ],
)
async def test_feedback_where_it_is_asked_for(edx: OpenEdx, changes: dict[int, Any], status: int) -> None:
    """Of `Ideas` it is optional, of `Style` not taken, of `Remark` required, which has no options."""
    grader = await responded(edx, {})
    await grader.claim("prof")
    found, body = await grader.mark("prof", [changes.get(number, each) for number, each in enumerate(MARKS)])
    assert found == status
    assert status == 200 or body == {"error": "ERR_INTERNAL", "handler": "submit_staff_assessment"}
    state = "graded" if status == 200 else "ungraded"
    assert (await grader.told("submission/status", "prof"))[1]["gradeStatus"] == state


async def test_a_batch_gives_up_what_is_ones_own(edx: OpenEdx) -> None:
    """Also of responses that are named twice; not of those to another open response."""
    grader = await responded(edx, {})
    admin, keys = edx.filled.admin, edx.keys
    other = f"{O}2"
    place: dict[str, Any] = {"course_instance_id": keys["R"], "parent_id": keys["C"], "usage_key": other}
    block_id = await create_block(admin, **place, kind="openassessment", name="Two", content=ESSAY, fields=SETTINGS)
    await assess_block(admin, block_id=block_id, category_id=keys["homework"])
    await grader.claim("prof")
    for location, status in ((other, "in-progress"), (O, "unlocked")):
        said = {"submissionUUIDs": [grader.uuid, grader.uuid, grader.uuid.upper()]}
        params = {"oraLocation": location}
        told = await grader.told("submission/batch/unlock", "prof", "POST", json=said, params=params)
        assert told == (200, {})
        assert (await grader.told("submission/status", "prof"))[1]["lockStatus"] == status
