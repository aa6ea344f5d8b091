"""Course grades, policy and reports of Open edX (contracts/edx-core.md §9.1, §9.2, §9.7; cases 35, 36, 41 and more)."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from app.domain.assessments.models import Problem
from app.domain.enrollment.service import drop_enrollment, enroll
from app.domain.grades.overrides import override_grade
from tests.factories import Coursework, handed_in, scored
from tests.rest.openedx.conftest import CALLERS, OpenEdx, P, R, X

pytestmark = pytest.mark.anyio
COURSES = "/api/grades/v1/courses/"
OF_RUN = f"{COURSES}{R}/"
POLICY = f"/api/grades/v1/policy/courses/{R}/"
BREAKDOWN = "/api/grades/v1/section_grades_breakdown/"
HISTORY = f"/api/grades/v1/submission_history/{R}/"
NO_RUN = "course-v1:no+such+run"
NOTHING = {"username": "ann", "email": "", "course_id": R, "passed": False, "percent": 0.0, "letter_grade": None}
PROBLEM = select(Problem.id).where(Problem.block_id.is_not(None))
STRANGER = {"developer_message": "Incorrect authentication credentials."}


async def override(edx: OpenEdx, points: float, who: str = "ann") -> None:
    """Set the grade of the homework, of two points."""
    keys: dict[str, Any] = {"assessment_id": edx.keys["assessment"], "user_id": edx.keys[who]}
    await override_grade(edx.filled.by("prof"), **keys, points=points)


async def join(edx: OpenEdx, who: str) -> int:
    """Enrol somebody in R; the enrolment's id."""
    return await enroll(edx.filled.admin, course_instance_id=edx.keys["R"], user_id=edx.keys[who])


async def test_a_learner_without_a_grade(edx: OpenEdx) -> None:
    assert await edx.body(f"{OF_RUN}?username=ann", "ann") == [NOTHING]  # edx case 35
    assert await edx.body(COURSES, "staff", params={"course_id": R, "username": "ann"}) == [NOTHING]


async def test_a_grade(edx: OpenEdx) -> None:
    await override(edx, 1.0)
    expected = NOTHING | {"passed": True, "percent": 0.5, "letter_grade": "Pass"}
    assert await edx.body(f"{OF_RUN}?username=ann", "ann") == [expected]
    await override(edx, 0.5)
    assert await edx.body(f"{OF_RUN}?username=ann", "ann") == [NOTHING | {"percent": 0.25}]


async def test_everybodys_grades_in_pages(edx: OpenEdx) -> None:
    await join(edx, "bob")
    await override(edx, 2.0, "bob")
    first = await edx.body(OF_RUN, "staff", params={"page_size": 1})
    assert (first["results"], first["previous"]) == ([NOTHING], None)
    second = await edx.body(first["next"], "staff")
    assert [each["username"] for each in second["results"]] == ["bob"]
    assert (second["results"][0]["percent"], second["next"]) == (1.0, None)
    assert await edx.body(second["previous"], "staff") == first
    assert (await edx.told(f"{OF_RUN}?cursor=junk", "staff"))[0] == 404


async def test_who_has_left_is_still_known_by_name(edx: OpenEdx) -> None:
    key = await join(edx, "bob")
    await drop_enrollment(edx.filled.admin, enrollment_id=key)
    assert await edx.body(f"{OF_RUN}?username=bob", "bob") == [NOTHING | {"username": "bob"}]
    assert [each["username"] for each in (await edx.body(OF_RUN, "staff"))["results"]] == ["ann"]


@pytest.mark.parametrize("who", CALLERS)
async def test_grades_are_ones_own(edx: OpenEdx, who: str | None) -> None:
    status = {None: 401, "staff": 200}.get(who, 403)  # edx case 36
    found, body = await edx.told(OF_RUN, who)
    assert found == status
    assert who is not None or body == STRANGER
    status = 200 if who == "ann" else status
    assert (await edx.told(f"{OF_RUN}?username=ann", who))[0] == status


@pytest.mark.parametrize(
    ("path", "who", "code"),
    [
        (f"{OF_RUN}?username=bob", "bob", "user_not_enrolled"),  # edx case 36
        (f"{OF_RUN}?username=nobody", "staff", "user_does_not_exist"),
        (f"{OF_RUN}?username=a%00b", "staff", "user_does_not_exist"),
        (f"{COURSES}{NO_RUN}/", "staff", "course_does_not_exist"),
        (f"{COURSES}a+b+c/?username=ann", "ann", "invalid_course_key"),
        (COURSES, "staff", "invalid_course_key"),
        (f"{COURSES}?course_id=junk", "ann", "invalid_course_key"),
        (f"{COURSES}?course_id=course-v1%3Ano%2Bsuch%2Brun", "ann", "course_does_not_exist"),
    ],
)
async def test_grades_of_what_is_not_there(edx: OpenEdx, path: str, who: str, code: str) -> None:
    status, body = await edx.told(path, who)
    assert (status, body["error_code"], list(body)) == (404, code, ["developer_message", "error_code"])


async def test_the_policy(edx: OpenEdx) -> None:
    expected = [{"assignment_type": "Homework", "count": 1, "dropped": 0, "weight": 1.0}]
    for who in ("prof", "ta", "staff"):
        assert await edx.body(POLICY, who) == expected
    assert await edx.body(f"/api/grades/v1/policy/courses/{X}/", "other") == []


@pytest.mark.parametrize(
    ("path", "who", "status", "code"),
    [
        (POLICY, "ann", 403, "user_or_course_does_not_exist"),  # edx case 41
        (POLICY, "other", 403, "user_or_course_does_not_exist"),
        (POLICY.replace(R, NO_RUN), "prof", 403, "user_or_course_does_not_exist"),
        (POLICY.replace(R, NO_RUN), "staff", 404, "user_or_course_does_not_exist"),
        (POLICY.replace(R, "a+b+c"), "ann", 400, "invalid_course_key"),
    ],
)
async def test_the_policy_is_for_staff(edx: OpenEdx, path: str, who: str, status: int, code: str) -> None:
    found, body = await edx.told(path, who)
    assert (found, body["error_code"]) == (status, code)
    assert await edx.told(path) == (401, STRANGER)


async def test_a_breakdown(edx: OpenEdx) -> None:
    await override(edx, 1.0)
    found = await edx.body(BREAKDOWN, "staff", params={"course_id": R, "username": "ann,bob"})
    entry = {"percent": 0.5, "label": "HW", "detail": "Homework = 50.00%", "category": "Homework", "prominent": True}
    told: dict[str, Any] = {"course_id": R, "username": "ann", "passed": True, "current_grade": 50}
    assert found == {"next": None, "previous": None, "results": [told | {"section_breakdown": [entry]}]}
    assert (await edx.body(BREAKDOWN, "staff"))["results"] == found["results"]


@pytest.mark.parametrize("query", [{"course_id": NO_RUN}, {"username": "nobody"}, {"username": "\0"}, {"username": ""}])
async def test_a_breakdown_of_nobody(edx: OpenEdx, query: dict[str, str]) -> None:
    assert await edx.body(BREAKDOWN, "staff", params=query) == {"next": None, "previous": None, "results": []}


async def test_reports_on_keys_that_are_none(edx: OpenEdx) -> None:
    status, body = await edx.told(BREAKDOWN, "staff", params={"course_id": "junk"})
    assert (status, list(body["field_errors"])) == (400, ["course_id"])
    status, body = await edx.told(HISTORY.replace(R, "a+b+c"), "staff")
    assert (status, body["error_code"]) == (400, "invalid_course_key")


@pytest.mark.parametrize("path", [BREAKDOWN, HISTORY])
@pytest.mark.parametrize("who", CALLERS)
async def test_reports_are_for_global_staff(edx: OpenEdx, path: str, who: str | None) -> None:
    assert (await edx.told(path, who))[0] == {None: 401, "staff": 200}.get(who, 403)


async def test_what_was_handed_in(edx: OpenEdx) -> None:
    problem = await edx.filled.admin.db.scalar(PROBLEM)
    work = Coursework(edx.keys["assessment"], edx.keys["homework"], {"problem": problem})
    first = await handed_in(edx.filled.by("ann"), work, "problem")
    await scored(edx.filled.by("prof"), first, work, release=True, problem=1.5)
    await handed_in(edx.filled.by("ann"), work, "problem")
    found = await edx.body(HISTORY, "staff", params={"username": "ann"})
    state = {"text": "42"}
    submissions = [{"state": state, "grade": 1.5, "max_grade": 2.0}, {"state": state, "grade": None, "max_grade": 2.0}]
    told = {"location": P, "name": "Problem", "submission_history": submissions, "data": ""}
    learner = {"course_id": R, "course_name": "DemoX Course", "user": "ann", "problems": [told]}
    assert found == {"next": None, "previous": None, "results": [learner]}


async def test_nothing_was_handed_in(edx: OpenEdx) -> None:
    (row,) = (await edx.body(HISTORY, "staff"))["results"]
    assert (row["user"], row["problems"]) == ("ann", [])
    assert (await edx.body(HISTORY.replace(R, NO_RUN), "staff"))["results"] == []
