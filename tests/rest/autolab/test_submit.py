"""The acceptance cases of contracts/autolab.md on handing in, and what is refused in which order (§4.10)."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select, update

from app.context import Context
from app.domain.assessments.access import grant_extension
from app.domain.assessments.service import update_assessment
from app.domain.attempts.models import AssessmentInstance, Submission, SubmissionFile
from app.domain.enrollment.offerings import update_course_instance
from app.domain.files import File
from app.domain.groups.models import GroupMembership
from app.domain.identity.models import AccessToken
from app.domain.identity.tokens import issue_token
from tests.clock import NOW
from tests.rest.autolab.conftest import DAY, Autolab, C
from tests.rest.autolab.test_acceptance import LAB, SAM, SUE
from tests.schema.client import ask

pytestmark = pytest.mark.anyio

CODE = b"int main;\n"
MIB = 2**20
TOO_LARGE = (
    "Submission is larger than the max allowed size ({} MB) - please remove any unnecessary logfiles and binaries."
)
NO_SUBMISSION, NO_FILE = (
    (400, "Required parameter 'submission' not found"),
    (400, "Required parameter 'submission['file']' not found"),
)
DISABLED = (403, "Handins for this assessment is disabled")
PAST = (403, "You cannot submit because it is past the deadline.")
FULL = (403, "You have already reached the submission limit.")


def file(content: bytes = CODE, name: str = "main.c") -> dict[str, Any]:
    """The form that hands in a file."""
    return {"files": {"submission[file]": (name, content, "text/x-c")}}


async def put(al: Autolab, who: str | None = "ST", path: str = LAB, **more: Any) -> Any:
    """What is answered to a submission that is taken."""
    return await al.body(path + "/submit", who, "POST", **(more or file()))


async def refused(al: Autolab, who: str | None = "ST", path: str = LAB, **more: Any) -> tuple[int, str]:
    """Status and sentence; nothing was saved."""
    before = await saved(al)
    answer = await al.refusal(path + "/submit", who, "POST", **(more or file()))
    assert await saved(al) == before
    return answer


async def saved(al: Autolab) -> list[int]:
    """How much there is of what a submission makes."""
    db = al.world.admin.db
    models = (AssessmentInstance, Submission, SubmissionFile, File)
    return [await db.scalar(select(func.count()).select_from(each)) for each in models]


async def objects(al: Autolab) -> set[str]:
    """What is in the store."""
    return {each.sha256 async for each in al.world.admin.files.keys()}  # noqa: SIM118 - no mapping


async def change(al: Autolab, **details: Any) -> None:
    await update_assessment(al.world.admin, assessment_id=al.filled.lab.assessment_id, **details)


async def test_handing_in(al: Autolab) -> None:  # autolab cases 16 and 21
    assert await put(al) == {"version": 1, "filename": "1_handin.c"}
    assert await put(al, **file(b"better", "C:\\work\\better.c")) == {"version": 2, "filename": "2_handin.c"}
    shown = [(each["version"], each["filename"], each["scores"]) for each in await al.body(LAB + "/submissions")]
    assert shown == [(2, "2_handin.c", {}), (1, "1_handin.c", {})]
    own = SubmissionFile
    columns = (own.name, own.content_type, own.size, own.sha256)
    rows = await al.world.admin.db.fetch(select(*columns).order_by(own.id))
    assert [tuple(row) for row in rows] == [
        ("main.c", "text/x-c", len(CODE), sha256(CODE).hexdigest()),
        ("better.c", "text/x-c", 6, sha256(b"better").hexdigest()),
    ]
    assert await al.world.admin.files.read(rows[0].sha256) == CODE


async def test_without_a_configured_name(al: Autolab) -> None:
    await change(al, handin_filename=None)
    assert await put(al) == {"version": 1, "filename": "1_main.c"}
    for name, kept in (("a\0/..", "handin"), ("ü" * 300, "ü" * 255), (" \u202ex ", "x")):
        assert (await put(al, **file(b"", name)))["filename"].partition("_")[2] == kept


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, NO_SUBMISSION),
        ({"json": {}}, NO_SUBMISSION),
        ({"data": {"x": "1"}}, NO_SUBMISSION),
        ({"files": {"file": ("a", b"a")}}, NO_SUBMISSION),
        ({"json": {"submission": {"file": "text"}}}, NO_FILE),
        ({"data": {"submission[file]": "text"}}, NO_FILE),
        ({"params": {"submission[file]": "text"}}, NO_FILE),
        ({"files": {"submission[file]": (None, "text")}}, NO_FILE),
        ({"files": {"submission": ("a", b"a")}}, NO_FILE),
        ({"files": {"submission[other]": ("a", b"a")}}, NO_FILE),
    ],
)
async def test_without_a_file(al: Autolab, more: dict[str, Any], expected: tuple[int, str]) -> None:
    """autolab case 17; JSON and forms without files as well."""
    before = await saved(al)
    assert await al.refusal(LAB + "/submit", "ST", "POST", **more) == expected
    assert await saved(al) == before


@pytest.mark.parametrize("who", ["ST", "TA", "INS", "ADM"])
async def test_where_handins_are_disabled(al: Autolab, who: str) -> None:  # autolab case 18
    assert await refused(al, who, C + "/assessments/lab4") == DISABLED
    assert await al.refusal(C + "/assessments/lab4/submit", who, "POST") == NO_SUBMISSION


async def test_past_the_end(al: Autolab) -> None:  # autolab case 19
    lab3 = C + "/assessments/lab3"
    assert await refused(al, "ST", lab3) == PAST
    for who in ("TA", "INS"):
        assert await put(al, who, lab3) == {"version": 1, "filename": "1_main.c"}
    here = al.world.course_instance_id
    await update_course_instance(al.world.admin, course_instance_id=here, late_slack_seconds=43_199)
    assert await refused(al, "ST", lab3) == PAST
    await update_course_instance(al.world.admin, course_instance_id=here, late_slack_seconds=43_200)
    assert (await put(al, "ST", lab3))["version"] == 1


async def test_an_extension_without_end(al: Autolab) -> None:
    await change(al, start_at=NOW - 2 * DAY, due_at=NOW - DAY, end_at=NOW - DAY)
    assert await refused(al) == PAST
    await grant_extension(al.world.instructor, assessment_id=al.filled.lab.assessment_id, user_id=al.world.student_id)
    assert (await put(al))["version"] == 1
    assert await refused(al, "ST2") == PAST


async def test_too_large(al: Autolab) -> None:  # autolab case 20
    before = await objects(al)
    for who in ("ST", "INS"):
        assert await refused(al, who, **file(b"x" * 3 * MIB)) == (403, TOO_LARGE.format(2))
    assert await refused(al, **file(b"y" * (2 * MIB + 1))) == (403, TOO_LARGE.format(2))
    assert await objects(al) == before
    assert (await put(al, **file(b"x" * 2 * MIB)))["version"] == 1
    await change(al, max_size_mb=3)
    assert (await put(al, **file(b"x" * 3 * MIB)))["version"] == 2


async def test_an_embedded_quiz(al: Autolab) -> None:
    await change(al, is_embedded_quiz=True, are_handins_disabled=True)
    for who in ("ST", "INS"):
        assert await refused(al, who) == (400, "Assessment is an embedded quiz")


async def test_as_often_as_allowed(al: Autolab) -> None:
    await change(al, max_submissions=2)
    assert [(await put(al))["version"] for _ in range(2)] == [1, 2]
    assert await refused(al) == FULL
    assert [(await put(al, "TA"))["version"] for _ in range(3)] == [1, 2, 3]
    assert (await put(al, "ST2"))["version"] == 1


async def test_before_the_start(al: Autolab) -> None:
    lab2 = C + "/assessments/lab2"
    assert await refused(al, "ST", lab2) == (403, "Assessment not released yet")
    assert (await put(al, "TA", lab2))["version"] == 1


async def test_who_dropped(al: Autolab) -> None:  # autolab case 33
    await al.body(f"{C}/course_user_data/{SAM}", "INS", "DELETE")
    assert await refused(al) == (403, "You cannot submit because you have dropped the course.")


async def paired(al: Autolab) -> None:
    """Both students in one group of lab1."""
    sent = {"groups": [{"name": "g1", "group_members": [SAM, SUE]}]}
    await al.body(LAB + "/groups", "INS", "POST", json=sent)


async def test_a_group(al: Autolab) -> None:  # autolab case 26
    assert (await put(al, "ST2"))["version"] == 1
    await paired(al)
    assert await put(al) == {"version": 1, "filename": "1_handin.c"}
    assert await put(al, "ST2") == {"version": 3, "filename": "3_handin.c"}
    assert [each["version"] for each in await al.body(LAB + "/submissions")] == [2, 1]
    assert [each["version"] for each in await al.body(LAB + "/submissions", "ST2")] == [3, 2, 1]
    assert await al.body(LAB + "/scores", "INS") == {SAM: {"1": {}, "2": {}}, SUE: {"1": {}, "2": {}, "3": {}}}
    assert (await saved(al))[1:] == [5, 5, (await saved(al))[3]]
    path = f"{LAB}/scores/{SAM}/update_latest"
    assert await al.body(path, "INS", "PUT", json={"problems": {"Style": 1}}) == {SAM: {"Style": 1.0}}
    scores = await al.body(LAB + "/scores", "INS")
    assert (scores[SAM]["2"], scores[SUE]["3"]) == ({"Style": 1.0}, {})


async def test_a_group_with_one_sitting(al: Autolab) -> None:
    """PrairieLearn's groups: one submission, and a version of each member's own."""
    await put(al, "ST2")
    await change(al, has_group_sittings=True)
    await paired(al)
    assert [await put(al), await put(al, "ST2")] == [
        {"version": 1, "filename": "1_handin.c"},
        {"version": 3, "filename": "3_handin.c"},
    ]
    assert [each["version"] for each in await al.body(LAB + "/submissions", "ST2")] == [3, 2, 1]
    assert (await saved(al))[:2] == [2, 3]


@pytest.mark.parametrize("has_group_sittings", [False, True])
async def test_a_group_hands_in_together_or_not_at_all(al: Autolab, has_group_sittings: bool) -> None:
    await change(al, has_group_sittings=False, max_submissions=1)
    await put(al, "ST2")
    await change(al, has_group_sittings=has_group_sittings)
    await paired(al)
    full = (403, "A member of your group has reached the submission limit for this assessment")
    assert [await refused(al, who) for who in ("ST", "ST2")] == [full, full]
    own, waiting = GroupMembership, "Submission not allowed until all group members confirm their group membership"
    sue = own.user_id == al.world.second_student_id
    await al.world.admin.db.execute(update(own).where(sue).values(is_confirmed=False))
    assert [await refused(al, who) for who in ("ST", "ST2")] == [(403, waiting)] * 2
    await change(al, max_submissions=None)
    assert await refused(al) == (403, waiting)
    await al.world.admin.db.execute(update(own).where(sue).values(is_confirmed=True))
    assert (await put(al))["version"] == 1


async def test_the_graph_and_the_other_systems_read_it_at_once(al: Autolab) -> None:
    await put(al)
    found = await ask(
        Context(al.world.student.principal, al.world.admin.db, lambda: NOW),
        "{ submissions { nodes { number submittedAt isLate files { name size } assessmentInstance { number } } } }",
    )
    work = {"number": 1, "submittedAt": NOW, "isLate": False, "files": [{"name": "main.c", "size": 10}]}
    assert found == {"submissions": {"nodes": [{**work, "assessmentInstance": {"number": 1}}]}}
    sitting = await al.world.admin.db.scalar(select(AssessmentInstance.id))
    path = f"/pl/api/v1/course_instances/{al.world.course_instance_id}/assessment_instances/{sitting}/submissions"
    headers = {"Private-Token": al.filled.tokens["INS"]}
    rows = (await al.client.get(path, headers=headers)).json()
    assert [(row["user_uid"], row["submission_id"]) for row in rows] == [(SAM, rows[0]["submission_id"])] * 2


async def test_a_token_without_the_scope(al: Autolab) -> None:
    issued = await issue_token(al.world.student, name="narrow")
    headers = {"Authorization": f"Bearer {issued.text}"}
    for scopes in ("read", "user_info user_courses user_scores instructor_all admin_all", "user_submit"):
        own = update(AccessToken).where(AccessToken.id == issued.id)
        await al.world.admin.db.execute(own.values(scopes=scopes.split()))
        if scopes == "user_submit":
            assert (await put(al, None, **file(), headers=headers))["version"] == 1
        else:
            answer = await refused(al, None, **file(), headers=headers)
            assert answer == (403, "Your client does not have the required scope for this action")


@pytest.mark.parametrize(
    ("who", "expected"),
    [
        (None, (401, "OAuth2 authorization failed")),
        ("OTHER", (403, "User is not in this course")),
        ("NC", (403, "User is not in this course")),
        ("ADM", (403, "User is not in this course")),
    ],
)
async def test_who_may_not(al: Autolab, who: str | None, expected: tuple[int, str]) -> None:
    assert await refused(al, who) == expected


@pytest.mark.parametrize("who", ["ST", "ST2", "TA", "INS"])
async def test_who_may(al: Autolab, who: str) -> None:
    assert await put(al, who) == {"version": 1, "filename": "1_handin.c"}


async def test_the_number_of_statements_does_not_grow(al: Autolab) -> None:
    """With the number of versions; a second member costs what a second sitting costs."""
    counts = []
    for _ in range(3):
        before = al.world.admin.db.statements
        await put(al)
        counts.append(al.world.admin.db.statements - before)
    assert counts[1] == counts[2]


async def test_openapi_describes_the_form(client: httpx.AsyncClient) -> None:
    described = (await client.get("/openapi/autolab.json")).json()["paths"]
    operation = described["/api/v1/courses/{course_name}/assessments/{assessment_name}/submit"]["post"]
    (form_schema,) = operation["requestBody"]["content"].values()
    assert form_schema["schema"]["required"] == ["submission[file]"]
