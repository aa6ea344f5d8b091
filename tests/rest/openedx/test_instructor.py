"""The instructor dashboard's tasks and reports (contracts/edx-core.md §16)."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from sqlalchemy import func, select

from app.domain.enrollment.models import Role
from app.domain.enrollment.service import create_enrollment_role, enroll
from app.domain.identity.jwts import Signing, jwt_of_token
from app.domain.jobs.models import Job, JobKind
from app.domain.jobs.running import Station
from app.domain.jobs.service import request_report
from tests.clock import NOW
from tests.rest.openedx.conftest import CALLERS, H, OpenEdx, P, R, U, X
from tests.rest.openedx.stations import station
from tests.rest.openedx.test_authentication import sent, session

pytestmark = pytest.mark.anyio
__all__ = ["station"]

TASKS, REPORTS = f"/api/instructor/v1/tasks/{R}", f"/api/instructor/v1/reports/{R}"
GENERATE = f"{REPORTS}/generate/problem_responses"
FOREIGN = "block-v1:edX+Empty+1+type@problem+block@p"
STRANGER = {"developer_message": "Authentication credentials were not provided."}


@pytest.fixture
async def researcher(edx: OpenEdx) -> str:
    """bob is a data researcher of R."""
    admin = edx.filled.admin
    role = await create_enrollment_role(
        admin, key="data_researcher", name="Data researcher", role=Role.COURSE_ASSISTANT
    )
    here: dict[str, Any] = {"course_instance_id": edx.keys["R"], "user_id": edx.keys["bob"]}
    await enroll(admin, **here, role=Role.COURSE_ASSISTANT, enrollment_role_id=role)
    return "bob"


async def jobs(edx: OpenEdx) -> int:
    """How many there are."""
    found: int = await edx.filled.admin.db.scalar(select(func.count()).select_from(Job))
    return found


async def generated(edx: OpenEdx, who: str = "staff", **said: Any) -> str:
    """The id of the task that writes a report."""
    body = await edx.body(GENERATE, who, "POST", json={"problem_locations": [P], **said})
    assert set(body) == {"status", "task_id"}
    found: str = body["task_id"]
    return found


@pytest.mark.parametrize("who", CALLERS)
async def test_who_may_have_reports(edx: OpenEdx, who: str | None) -> None:
    status = {None: 401, "staff": 200}.get(who, 403)
    body = STRANGER if who is None else None
    for method, path, more in (("GET", REPORTS, {}), ("POST", GENERATE, {"json": {"problem_locations": [P]}})):
        found = await edx.told(path, who, method, **more)
        assert found[0] == status
        assert status == 200 or found[1] == body
    assert await jobs(edx) == (status == 200)


async def test_a_data_researcher_may(edx: OpenEdx, researcher: str) -> None:
    await generated(edx, researcher)
    assert await edx.body(REPORTS, researcher) == {"downloads": []}
    assert len((await edx.body(TASKS, researcher))["tasks"]) == 1


@pytest.mark.parametrize("who", CALLERS)
async def test_who_sees_tasks(edx: OpenEdx, who: str | None) -> None:
    status = {None: 401, "staff": 200, "prof": 200, "ta": 200}.get(who, 403)
    found = await edx.told(TASKS, who)
    assert found == (status, {401: STRANGER, 200: {"tasks": []}}.get(status))


async def test_a_report_from_its_beginning_to_its_end(edx: OpenEdx, station: Station) -> None:
    task_id = await generated(edx, problem_types_filter=["problem"])
    [task] = (await edx.body(TASKS, "prof"))["tasks"]
    assert json.loads(task.pop("task_input")) == {
        "block_ids": [edx.keys["P"]],
        "kinds": ["problem"],
        "problem_url": P,
    }
    assert task == {
        "status": "Incomplete",
        "task_type": "problem_responses_csv",
        "task_id": task_id,
        "created": NOW.isoformat(),
        "requester": "staff",
        "task_state": "SCHEDULED",
        "duration_sec": "unknown",
        "task_message": "No status information available",
    }
    assert task["created"].endswith("+00:00")
    again = await edx.told(
        GENERATE, "staff", "POST", json={"problem_locations": [P], "problem_types_filter": ["problem"]}
    )
    assert again == (400, {"developer_message": "The problem responses report is being created already."})
    assert await station.run_next() is True
    assert await edx.body(TASKS, "prof") == {"tasks": []}
    [task] = (await edx.body(TASKS, "prof", params={"problem_location_str": P}))["tasks"]
    assert (task["status"], task["task_state"], task["duration_sec"]) == ("Complete", "SUCCESS", 0)
    assert task["task_message"] == "0 responses to 1 problems were written"
    [download] = (await edx.body(REPORTS, "staff"))["downloads"]
    name = f"edX_DemoX_Demo_Course_problem_responses_{NOW:%Y-%m-%d-%H%M}.csv"
    assert download["name"] == name
    assert download["link"] == f'<a href="{download["url"]}">{name}</a>'
    file = await edx.get(download["url"], "staff")
    assert (file.status_code, file.headers["content-type"]) == (200, "text/csv; charset=utf-8")
    rows = list(csv.reader(io.StringIO(file.content.decode("utf-8-sig"))))
    assert rows[0][:4] == ["username", "title", "location", "block_key"]
    for who, status in ((None, 404), ("ann", 404), ("other", 404), ("ta", 200), ("prof", 200)):
        assert (await edx.get(download["url"], who)).status_code == status


async def test_a_link_is_followed_as_routes_are_called(edx: OpenEdx, station: Station) -> None:
    await generated(edx)
    await station.run_next()
    [download] = (await edx.body(REPORTS, "staff"))["downloads"]
    for who, status in (("prof", 200), ("ann", 404)):
        signed = await jwt_of_token(edx.filled.admin, edx.filled.tokens[who], Signing("", "openedx"))
        for headers in ({"Authorization": f"JWT {signed}"}, sent(await session(edx, who))):
            assert (await edx.get(download["url"], headers=headers)).status_code == status
    for header in ("JWT junk", "Bearer junk", "JWT", "Bearer a b"):
        assert (await edx.get(download["url"], headers={"Authorization": header})).status_code == 401
    assert (await edx.get(download["url"])).status_code == 404


async def test_reports_are_newest_first_and_by_name(edx: OpenEdx, station: Station) -> None:
    await generated(edx)
    await station.run_next()
    await request_report(edx.filled.by("prof"), course_instance_id=edx.keys["R"], kind=JobKind.GRADES)
    await station.run_next()
    names = [each["name"] for each in (await edx.body(REPORTS, "staff"))["downloads"]]
    assert [name.split("_")[4] for name in names] == ["grades", "problem"]
    found = await edx.body(REPORTS, "staff", params={"report_name": names[1]})
    assert [each["name"] for each in found["downloads"]] == [names[1]]
    for junk in ("nothing.csv", "a\0", "%"):
        assert await edx.body(REPORTS, "staff", params={"report_name": junk}) == {"downloads": []}


async def test_tasks_about_a_learner(edx: OpenEdx) -> None:
    about: dict[str, Any] = {"kind": JobKind.PROBLEM_RESPONSES, "block_ids": [edx.keys["P"]]}
    prof = edx.filled.by("prof")
    await request_report(prof, course_instance_id=edx.keys["R"], **about, learner_id=edx.keys["ann"])
    await request_report(prof, course_instance_id=edx.keys["R"], **about)
    counts = {}
    for learner in ("ann", "ann@uni.example", "prof", ""):
        params = {"problem_location_str": P, "unique_student_identifier": learner}
        found = (await edx.body(TASKS, "prof", params=params))["tasks"]
        counts[learner] = [json.loads(each["task_input"]).get("student") for each in found]
    assert counts == {"ann": ["ann"], "ann@uni.example": ["ann"], "prof": [], "": [None, "ann"]}
    assert (await edx.body(TASKS, "prof", params={"problem_location_str": H}))["tasks"] == []


@pytest.mark.parametrize(
    "params",
    [
        {"unique_student_identifier": "ann"},
        {"problem_location_str": "junk"},
        {"problem_location_str": FOREIGN},
        {"problem_location_str": f"{P}\0"},
        {"problem_location_str": P, "unique_student_identifier": "nobody"},
        {"problem_location_str": P, "unique_student_identifier": "no@body"},
        {"problem_location_str": P, "unique_student_identifier": "\0"},
    ],
)
async def test_questions_about_nothing(edx: OpenEdx, params: dict[str, str]) -> None:
    status, body = await edx.told(TASKS, "prof", params=params)
    assert (status, list(body)) == (400, ["developer_message"])


REQUIRED = {"developer_message": {"problem_locations": ["This field is required."]}}
NO_LIST = {"developer_message": {"problem_types_filter": ["Expected a list of items."]}}


@pytest.mark.parametrize(
    ("said", "body"),
    [
        ({"problem_locations": []}, REQUIRED),
        ({"problem_locations": None}, REQUIRED),
        ({"problem_locations": {"a": 1}}, REQUIRED),
        ({"problem_locations": [1]}, REQUIRED),
        ({"problem_locations": ["junk"]}, "Could not find problem with this location: junk"),
        ({"problem_locations": [P, FOREIGN]}, f"Could not find problem with this location: {FOREIGN}"),
        ({"problem_locations": [f"{P}\0"]}, f"Could not find problem with this location: {P}\0"),
        ({"problem_locations": [P], "problem_types_filter": 7}, NO_LIST),
        ({"problem_locations": [P], "problem_types_filter": ["\0"]}, None),
    ],
)
async def test_reports_about_nothing(edx: OpenEdx, said: dict[str, Any], body: Any) -> None:
    status, found = await edx.told(GENERATE, "staff", "POST", json=said)
    assert status == 400
    assert body is None or found == body
    assert await jobs(edx) == 0


async def test_a_form_will_do(edx: OpenEdx) -> None:
    body = await edx.body(GENERATE, "staff", "POST", data={"problem_locations": f"{P},{U}"})
    assert len(body["task_id"]) == 36
    assert await jobs(edx) == 1


@pytest.mark.parametrize("path", ["tasks/{}", "reports/{}", "reports/{}/generate/problem_responses"])
async def test_runs_that_are_none(edx: OpenEdx, path: str) -> None:
    method = "POST" if "generate" in path else "GET"
    for run in ("course-v1:no+such+run", "course-v1:a+b+%00", "a/b/c"):
        assert (await edx.told(f"/api/instructor/v1/{path.format(run)}", "staff", method))[0] == 404
    status = 405 if method == "POST" else 404  # `junk/generate/problem_responses` has the form of a run's key
    assert (await edx.told(f"/api/instructor/v1/{path.format('junk')}", "staff", method))[0] == status
    assert (await edx.told(f"/api/instructor/v1/{path.format(X)}", "prof", method))[0] == 403
