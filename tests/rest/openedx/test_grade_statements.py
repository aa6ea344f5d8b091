"""Grades, certificates, reports and derived runs take a fixed number of SQL statements, however many there are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import select
from starlette.applications import Starlette

from app.db.session import Database
from app.domain.assessments.models import Problem
from app.domain.assessments.subsections import assess_block
from app.domain.attempts.models import Submission
from app.domain.attempts.responding import submit_open_response
from app.domain.blocks.deriving import derive_course_instance
from app.domain.blocks.service import create_block
from app.domain.catalog.models import CourseInstance
from app.domain.enrollment.offerings import update_course_instance
from app.domain.enrollment.service import enroll
from app.domain.grades.overrides import override_grade
from app.domain.jobs.models import JobKind
from app.domain.jobs.service import request_report
from tests.domain.essays import ESSAY, NOTES, SETTINGS, TEXTS
from tests.domain.proof import key_of
from tests.factories import as_user, person
from tests.rest.openedx.conftest import BLOCK, H, O, OpenEdx, P, Q, R
from tests.rest.openedx.test_certificates import passed
from tests.rest.openedx.test_gradebook import item
from tests.rest.openedx.test_instructor_task import mail
from tests.rest.openedx.test_ora_staff_grader import MARKS

pytestmark = pytest.mark.anyio
GRADES, ORA, CCX = "grades/v1/", "ora_staff_grader/", "ccx/v0/ccx/"
REPORTS, MAILS = f"instructor/v1/reports/{R}", f"instructor_task/v1/schedules/{R}/bulk_email/"
ONE = f"?oraLocation={O.replace('+', '%2B')}&submissionUUID={{uuid}}"
BY_STAFF = (f"{GRADES}courses", f"{GRADES}section", f"{GRADES}submission", "certificates", REPORTS)
"""What global staff alone is told; the rest is asked by prof."""
READS = {
    f"{GRADES}courses/{R}/?username=ann": 12,
    f"{GRADES}courses/{R}/": 8,
    f"{GRADES}policy/courses/{R}/": 10,
    f"{GRADES}gradebook/{R}/": 16,
    f"{GRADES}gradebook/{R}/?username=ann": 17,
    f"{GRADES}gradebook/{R}/grading-info": 19,
    f"{GRADES}subsection/{H}/?user_id={{ann}}": 21,
    f"{GRADES}section_grades_breakdown/?course_id={Q}": 13,
    f"{GRADES}submission_history/{R}/": 12,
    "certificates/v0/certificates/ann/": 7,
    f"certificates/v0/certificates/ann/courses/{R}/": 8,
    f"{ORA}initialize{ONE}": 21,
    f"{ORA}submission{ONE}": 17,
    f"{ORA}submission/status{ONE}": 17,
    f"{ORA}submission/files{ONE}": 17,
    f"instructor/v1/tasks/{R}": 10,
    f"instructor/v1/tasks/{R}?problem_location_str={P.replace('+', '%2B')}": 15,
    REPORTS: 5,
    MAILS: 11,
    f"{CCX}?master_course_id={Q}": 12,
    f"{CCX}{{derived}}/": 13,
}
WRITES = {
    f"POST {GRADES}gradebook/{R}/bulk-update": 26,
    f"POST {ORA}submission/lock{ONE}": 20,
    f"POST {ORA}submission/grade{ONE}": 55,
    f"DELETE {ORA}submission/lock{ONE}": 23,
    f"POST {ORA}submission/batch/unlock{ONE}": 15,
    f"POST {REPORTS}/generate/problem_responses": 11,
    f"PATCH {MAILS}{{mail}}": 19,
    f"DELETE {MAILS}{{mail}}": 13,
    f"POST {CCX}": 49,
    f"PATCH {CCX}{{derived}}/": 14,
    f"DELETE {CCX}{{derived}}/": 11,
}


@dataclass(frozen=True, slots=True)
class Counted:
    """Requests of which the statements are counted, and the values that stand in paths and bodies."""

    edx: OpenEdx
    app: Starlette
    open_database: Callable[[], Database]
    values: Mapping[str, Any]

    async def statements(self, method: str, path: str, body: Any = None) -> int:
        """How many statements a request takes."""
        opened: list[Database] = []

        def counted() -> Database:
            opened.append(self.open_database())
            return opened[-1]

        self.app.state.open_database = counted
        who = "staff" if path.startswith(BY_STAFF) else "prof"
        more = {} if body is None else {"json": body}
        response = await self.edx.send(method, f"/api/{path.format(**self.values)}", who, **more)
        assert response.status_code < 300, response.text
        return sum(each.statements for each in opened)

    async def written(self, method: str, path: str) -> int:
        """How many statements a write takes."""
        return await self.statements(method, path, self.body(path))

    def body(self, path: str) -> Any:
        """What is sent to a path."""
        if path.endswith("bulk-update"):
            return [item(self.edx, who) for who in self.values["learners"]]
        if path.endswith("problem_responses"):
            return {"problem_locations": [P]}
        if path.startswith(MAILS):
            return {"email": {"id": self.values["email"], "subject": "New"}}
        if path == CCX:
            sent = {"master_course_id": R, "coach_email": "bob@uni.example", "display_name": "Small"}
            return sent | {"max_students_allowed": 10}
        if path.startswith(CCX):
            return {"display_name": "New"}
        return {"submissionUUIDs": self.values["uuids"], "criteria": MARKS, "overallFeedback": "Well."}


async def begin(edx: OpenEdx) -> dict[str, Any]:
    """An open response, a certificate, a derived run and a mail; what stands in paths."""
    admin, keys = edx.filled.admin, edx.keys
    await passed(edx)
    await update_course_instance(admin, course_instance_id=keys["R"], allows_derived=True)
    place: dict[str, Any] = {"course_instance_id": keys["R"], "parent_id": keys["C"], "usage_key": O}
    said: dict[str, Any] = {"name": "Open response", "content": ESSAY, "fields": SETTINGS}
    block_id = await create_block(admin, **place, kind="openassessment", **said)
    await assess_block(admin, block_id=block_id, category_id=keys["homework"])
    problem_id = await key_of(admin, Problem, block_id=block_id)
    uuid = await respond(edx, keys["ann"], problem_id)
    schedule, email = await mail(edx)
    found: dict[str, Any] = {"ann": keys["ann"], "uuid": uuid, "uuids": [uuid], "learners": ["ann"]}
    return found | {"problem_id": problem_id, "mail": schedule, "email": email, "derived": await derive(edx)}


async def respond(edx: OpenEdx, user_id: int, problem_id: int) -> str:
    """The UUID of somebody's response."""
    admin = edx.filled.admin
    made = await submit_open_response(as_user(admin, user_id), problem_id=problem_id, texts=TEXTS, files=[NOTES])
    found: str = await admin.db.scalar(select(Submission.uuid).where(Submission.id == made))
    return found


async def derive(edx: OpenEdx) -> str:
    """The key of a run derived from R."""
    said: dict[str, Any] = {"coach_id": edx.keys["bob"], "long_name": "Small", "max_learners": 10}
    made = await derive_course_instance(edx.filled.admin, course_instance_id=edx.keys["R"], **said)
    found: str = await edx.filled.admin.db.scalar(select(CourseInstance.key).where(CourseInstance.id == made))
    return found


async def grow(edx: OpenEdx, known: dict[str, Any], number: int) -> None:
    """One more of everything: a learner with grades, a certificate and a response; a subsection, a report, a mail."""
    admin, keys, name = edx.filled.admin, edx.keys, f"more{number}"
    here: dict[str, Any] = {"course_instance_id": keys["R"]}
    keys[name] = await person(admin, name)
    await enroll(admin, **here, user_id=keys[name], track="verified")
    place: dict[str, Any] = {**here, "kind": "sequential", "parent_id": keys["C"], "name": name}
    block_id = await create_block(admin, **place, usage_key=BLOCK.format("sequential", name))
    assessment = await assess_block(admin, block_id=block_id, category_id=keys["homework"])
    for who in ("ann", name):
        for each in (assessment, keys["assessment"]):
            await override_grade(edx.filled.by("prof"), assessment_id=each, user_id=keys[who], points=1.5 + number)
    known["uuids"].append(await respond(edx, keys[name], known["problem_id"]))
    known["learners"].append(name)
    about: dict[str, Any] = {"kind": JobKind.PROBLEM_RESPONSES, "block_ids": [keys["P"]]}
    await request_report(edx.filled.by("prof"), **here, **about, learner_id=keys[name])
    await mail(edx, name)
    await derive(edx)


async def test_statements(edx: OpenEdx, app: Starlette, open_database: Callable[[], Database]) -> None:
    known = await begin(edx)
    await grow(edx, known, 1)
    connection = edx.filled.connection
    for numbers in (range(0), range(2, 5)):
        for number in numbers:
            await grow(edx, known, number)
        counted = Counted(edx, app, open_database, known)
        assert {path: await counted.statements("GET", path) for path in READS} == READS
        savepoint = await connection.begin_nested()
        found = {each: await counted.written(*each.split(" ")) for each in WRITES}
        await savepoint.rollback()
        assert found == WRITES
