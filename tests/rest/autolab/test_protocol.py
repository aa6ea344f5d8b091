"""Requests as clients write them, and as none should (contracts/autolab.md §1.1)."""

from __future__ import annotations

from typing import Any

import pytest

from app.domain.enrollment.offerings import create_course_instance
from app.domain.grades.service import NewScore, release_scores, score_problems
from tests.factories import handed_in
from tests.rest.autolab.conftest import Autolab, C
from tests.rest.autolab.operations import LAB, REQUESTS, SAM, SUE

pytestmark = pytest.mark.anyio

NO_PATH = (404, "Invalid request path")
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.mark.parametrize("ending", ["/", ".json", ".json/"])
@pytest.mark.parametrize("operation", REQUESTS)
async def test_a_path_may_end_so(al: Autolab, group: int, operation: str, ending: str) -> None:
    request = REQUESTS[operation]
    response = await al.send(request.method, request.path.format(group=group) + ending, request.who, **request.sent())
    assert response.status_code == 200, response.text


async def test_an_address_may_be_percent_encoded(al: Autolab) -> None:
    path = C + "/course_user_data/"
    assert await al.body(path + "sam%40uni.example", "INS") == await al.body(path + SAM, "INS")


TRUE, FALSE = ("true", "TRUE", "yes", "2"), ("FALSE", "Off", "F", "0", "")


@pytest.mark.parametrize(("sent", "expected"), [*((each, True) for each in TRUE), *((each, False) for each in FALSE)])
async def test_booleans(al: Autolab, sent: str, expected: bool) -> None:
    body: dict[str, Any] = {"name": "Extra", "max_score": "5", "optional": sent}
    for how in ({"params": body}, {"data": body | {"name": "More"}}, {"json": body | {"name": "Most"}}):
        assert (await al.body(LAB + "/problems", "INS", "POST", **how))["optional"] is expected


async def test_the_path_comes_before_the_body_and_the_body_before_the_query(al: Autolab) -> None:
    path, query = f"{C}/course_user_data/{SAM}", {"lecture": "query", "section": "query", "email": SUE}
    found = await al.body(path, "INS", "PUT", params=query, json={"lecture": "body", "email": SUE})
    assert (found["email"], found["lecture"], found["section"]) == (SAM, "body", "query")
    found = await al.body(path, "INS", "PUT", params=query, data={"section": "form"})
    assert (found["email"], found["lecture"], found["section"]) == (SAM, "query", "form")


async def test_of_a_repeated_parameter_the_last_counts(al: Autolab) -> None:
    path = f"{C}/course_user_data/{SAM}"
    assert (await al.body(path + "?lecture=1&lecture=2", "INS", "PUT"))["lecture"] == "2"
    found = await al.body(path, "INS", "PUT", content="lecture=3&lecture=4", headers=FORM)
    assert found["lecture"] == "4"


@pytest.mark.parametrize("kind", ["application/json", "text/plain", "application/xml", "", "application/json; x=y"])
async def test_an_empty_body_says_nothing(al: Autolab, kind: str) -> None:
    headers = {"Content-Type": kind}
    sent = {"params": {"name": "Extra", "max_score": "5"}, "content": b"", "headers": headers}
    assert (await al.body(LAB + "/problems", "INS", "POST", **sent))["name"] == "Extra"


async def test_a_body_of_another_type_is_not_read(al: Autolab) -> None:
    for kind in ("text/plain", "application/xml", "application/octet-stream"):
        sent = {"content": b'{"name": "Extra", "max_score": 5}', "headers": {"Content-Type": kind}}
        refused = await al.refusal(LAB + "/problems", "INS", "POST", **sent)
        assert refused == (400, "Required parameter 'name' not found")


async def test_methods(al: Autolab) -> None:
    head = await al.send("HEAD", LAB, "ST")
    assert (head.status_code, head.content, head.headers["content-type"]) == (
        200,
        b"",
        "application/json; charset=utf-8",
    )
    for method in ("OPTIONS", "PATCH", "PROPFIND", "TRACE"):
        assert await al.refusal(LAB, "ST", method) == NO_PATH
        assert await al.refusal(LAB, None, method) == (401, "OAuth2 authorization failed")
    for method in ("PUT", "DELETE", "POST"):
        assert await al.refusal(LAB, "ST", method) == NO_PATH


async def test_letters_of_the_world(al: Autolab) -> None:
    title = "Signaler, høst 信号"
    await create_course_instance(al.world.admin, course_id=al.world.course_id, name="other", long_name=title)
    assert title in [each["display_name"] for each in await al.body("/courses", "ADM")]
    for name in ("høst", "信号", "h%C3%B8st", "%E4", "💩"):
        assert await al.refusal(f"/courses/{name}/assessments", "ADM") == (404, "Course does not exist")


@pytest.mark.parametrize("number", ["9" * 30, "-1", "1e400", "nan", "Infinity", "0x10", "１"])
async def test_numbers_that_no_column_holds(al: Autolab, number: str) -> None:
    size = {"group_size": number, "allow_student_assign_group": "true"}
    assert (await al.refusal(LAB + "/set_group_settings", "INS", "POST", data=size))[0] == 400
    assert (await al.refusal(f"{LAB}/groups/{number}", "INS"))[0] == 400
    if number not in ("-1", "１"):
        problem = {"name": "Extra", "max_score": number}
        assert (await al.refusal(LAB + "/problems", "INS", "POST", data=problem))[0] == 400


async def feedback(al: Autolab, **more: Any) -> tuple[int, str]:
    """Status and text of the feedback on the student's first submission."""
    response = await al.get(LAB + "/submissions/1/feedback", params={"problem": "Style"}, **more)
    return response.status_code, next(iter(response.json().values()))


async def test_feedback_is_the_problems_own_or_the_first(al: Autolab, group: int) -> None:
    lab, missing = al.filled.lab, "Score for Style of submission version 1 of lab1 does not exist"
    assert await feedback(al) == (200, "well done")
    submission_id = await handed_in(al.world.student, lab)
    part, style = (lab.problem_ids[name] for name in ("Part A", "Style"))
    first: dict[str, Any] = {"params": {"problem": "Part A"}}
    path = LAB + "/submissions/2/feedback"
    hidden = (404, missing.replace("version 1", "version 2").replace("Style", "Part A"))
    assert await al.refusal(path, **first) == hidden
    scores = [NewScore(part, 1.0, feedback="slow"), NewScore(style, 2.0, feedback="tidy")]
    await score_problems(al.world.instructor, submission_id=submission_id, scores=scores)
    assert await al.refusal(path, **first) == hidden
    await release_scores(al.world.instructor, assessment_id=lab.assessment_id, problem_ids=[style])
    assert await al.body(path, **first) == {"feedback": "tidy"}
    await release_scores(al.world.instructor, assessment_id=lab.assessment_id)
    assert await al.body(path, **first) == {"feedback": "slow"}
    assert await al.body(path, params={"problem": "Style"}) == {"feedback": "tidy"}
