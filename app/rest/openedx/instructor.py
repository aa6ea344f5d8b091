"""What the instructor dashboard has done in the background, and the reports it wrote (contracts/edx-core.md §16)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import orjson

from app.domain.catalog.keys import parse_usage
from app.rest.openedx.asking import Asked
from app.rest.openedx.endpoint import Made, Operation
from app.rest.openedx.kinds import TEXT, parameter
from app.rest.openedx.refusals import DEVELOPER, Refused
from app.rest.route import Call, Row, closed

RESEARCHER = "data_researcher"
TYPES = {
    "PROBLEM_RESPONSES": "problem_responses_csv",
    "GRADES": "grade_course",
    "COURSE_MESSAGE": "bulk_course_email",
    "COHORT_PLACEMENT": "cohort_students",
    "ENROLLMENT_NOTICES": "enrollment_email",
}
STARTED = "The problem responses report is being created. Its status is among the tasks that are pending."
RUNNING = "The problem responses report is being created already."
UNTOLD = "No status information available"
TASK = closed(
    {
        **dict.fromkeys(("status", "task_type", "task_id", "created", "task_input", "requester", "task_state"), TEXT),
        "duration_sec": {"type": ["integer", "string"]},
        "task_message": TEXT,
    }
)
DOWNLOAD = closed(dict.fromkeys(("url", "name", "link"), TEXT))


async def researchers(asked: Asked) -> Mapping[str, Any]:
    """Nothing more. Raises Refused unless the caller is global staff or a data researcher of the run."""
    if not (asked.is_administrator or await _is_researcher(asked)):
        raise Refused(403, body=None)
    return {}


async def _is_researcher(asked: Asked) -> bool:
    found = await asked.look("RoleNamed", course_instance_id=asked.run["id"], user_id=asked.ctx.user_id)
    rows = found["enrollments"]["nodes"]
    return any(row["status"] == "ACTIVE" and (row["enrollmentRole"] or {}).get("key") == RESEARCHER for row in rows)


async def staff(asked: Asked) -> Mapping[str, Any]:
    """Which problem and whose tasks about it are meant. Raises Refused unless the caller is staff or a researcher."""
    if not (asked.is_staff or await _is_researcher(asked)):
        raise Refused(403, body=None)
    place, learner = asked.given("problem_location_str"), asked.given("unique_student_identifier")
    if not place:
        if learner:
            raise Refused(400, "unique_student_identifier must accompany problem_location_str")
        return {}
    found = await asked.blocks([place]) if parse_usage(place) is not None else {}
    if place not in found:
        raise Refused(400, f"Invalid problem location: {place}")
    asked.found["about"] = {"block_id": found[place]["id"]}
    if learner:
        person = await (asked.person_by_email(learner) if "@" in learner else asked.person(learner))
        if person is None:
            raise Refused(400, f"No such learner: {learner}")
        asked.found["about"]["learner_id"] = person["id"]
    return {}


async def history(asked: Asked, data: Row) -> Row:
    """The tasks about a problem in place of those that are pending, where one is named.

    Who asked for a task is told to the staff, be it somebody whom they would not see otherwise.
    """
    about = asked.found.get("about")
    if about is None and all(row["requester"] is not None for row in data["jobs"]["nodes"]):
        return {}
    name = "InstructorTasks" if about is None else "LearnerTasks" if "learner_id" in about else "ProblemTasks"
    return await asked.look(name, course_instance_id=asked.run["id"], **(about or {}))


def tasks(data: Row, call: Call) -> Row:
    """Each task as the dashboard shows it."""
    return {"tasks": [_task(row) for row in data["jobs"]["nodes"]]}


def _task(row: Row) -> Row:
    begun, ended = row["started_at"], row["finished_at"]
    told = dict(row["input"])
    if row["block"] is not None:
        told["problem_url"] = row["block"]["usage_key"]
    if row["learner"] is not None:
        told["student"] = row["learner"]["username"]
    return {
        "status": "Complete" if row["state"] == "SUCCESS" else "Incomplete",
        "task_type": TYPES[row["kind"]],
        "task_id": row["uuid"],
        "created": row["created_at"].isoformat(),
        "task_input": orjson.dumps(told).decode(),
        "requester": (row["requester"] or {}).get("username", ""),
        "task_state": row["state"],
        "duration_sec": int((ended - begun).total_seconds()) if begun is not None and ended is not None else "unknown",
        "task_message": row["message"] or UNTOLD,
    }


def reports(data: Row, call: Call) -> Row:
    """The reports, or those of the name that is asked for."""
    asked: Asked = data["asked"]
    wanted = asked.given("report_name")
    found = [row for row in data["jobs"]["nodes"] if wanted in (None, "", row["name"])]
    return {"downloads": [_download(asked.base + row["url"], row["name"]) for row in found]}


def _download(url: str, name: str) -> Row:
    return {"url": url, "name": name, "link": f'<a href="{escape(url)}">{escape(name)}</a>'}


async def wanted_report(asked: Asked) -> Mapping[str, Any]:
    """About which blocks, and of which kinds. Raises Refused."""
    await researchers(asked)
    places = _texts(asked.field("problem_locations"))
    if not places:
        raise Refused(400, body={"developer_message": {"problem_locations": ["This field is required."]}})
    kinds = _texts(asked.field("problem_types_filter") or [])
    if kinds is None:
        raise Refused(400, body={"developer_message": {"problem_types_filter": ["Expected a list of items."]}})
    known = await asked.blocks([each for each in places if parse_usage(each) is not None])
    for each in places:
        if each not in known:
            raise Refused(400, body=f"Could not find problem with this location: {each}")
    made = {"courseInstanceId": str(asked.run["id"]), "kind": "PROBLEM_RESPONSES", "blockKinds": kinds}
    return {"input": {**made, "blockIds": [str(known[each]["id"]) for each in places]}}


def _texts(value: Any) -> Sequence[str] | None:
    """The texts of a list, or of a text with commas between them; None for anything else."""
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return value
    return None


def started(data: Row, call: Call) -> Row:
    """That it began, and the task's id."""
    return {"status": STARTED, "task_id": data["requestReport"]["job"]["uuid"]}


ROUTES = [
    Operation(
        "GET",
        "/instructor/v1/tasks/{course_id}",
        "InstructorTasks",
        Made(make=tasks, made=closed({"tasks": {"type": "array", "items": TASK}})),
        style=DEVELOPER,
        run="course_id",
        plan=staff,
        then=history,
        parameters=[
            parameter("problem_location_str", "The key of the problem whose history is wanted."),
            parameter("unique_student_identifier", "Username or address of the learner it is about."),
        ],
    ),
    Operation(
        "GET",
        "/instructor/v1/reports/{course_id}",
        "InstructorReports",
        Made(make=reports, made=closed({"downloads": {"type": "array", "items": DOWNLOAD}})),
        style=DEVELOPER,
        run="course_id",
        plan=researchers,
        parameters=[parameter("report_name", "The name of the one report that is wanted.")],
    ),
    Operation(
        "POST",
        "/instructor/v1/reports/{course_id}/generate/problem_responses",
        "GenerateProblemResponses",
        Made(make=started, made=closed({"status": TEXT, "task_id": TEXT})),
        style=DEVELOPER,
        run="course_id",
        plan=wanted_report,
        words={("kind", "IN_USE"): (400, RUNNING)},
    ),
]
