"""Enrolments, cohorts, teams: what is asked of them takes a fixed number of SQL statements, however many there are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from sqlalchemy import update
from starlette.applications import Starlette

from app.db.session import Database
from app.domain.enrollment.offerings import create_course_instance
from app.domain.enrollment.service import enroll
from app.domain.enrollment.tracks import create_enrollment_track
from app.domain.groups.cohorts import create_cohort
from app.domain.groups.models import Filling
from app.domain.groups.placing import place_in_cohort
from app.domain.identity.models import User
from app.domain.progress.service import sign_integrity
from app.rest.openedx import (
    agreements,
    bulk_enroll,
    change_email_settings,
    cohorts,
    course_modes,
    discounts,
    embargo,
    enrollment,
    team_memberships,
    team_sheets,
    team_topics,
    teams,
)
from tests.clock import NOW
from tests.factories import person
from tests.rest.openedx.conftest import OpenEdx, Q, R, X
from tests.rest.openedx.teamwork import PATCH, made, make_sets, said

pytestmark = pytest.mark.anyio
FAMILIES: tuple[Any, ...] = (
    *(agreements, bulk_enroll, change_email_settings, cohorts, course_modes, discounts, embargo, enrollment),
    *(team_memberships, team_sheets, team_topics, teams),
)
MODES, COHORTS = f"course_modes/v1/courses/{R}", f"cohorts/v1/courses/{R}/cohorts"
HERE = {"course_details": {"course_id": R}}


class Case(NamedTuple):
    """A request, who sends it, and how many statements it takes."""

    number: int
    who: str
    method: str
    path: str
    sent: dict[str, Any] = {}


CASES = {
    "CourseToEnrollIn": Case(4, "ann", "GET", f"enrollment/v1/course/{R}"),
    "EnrollmentsOfPerson": Case(10, "prof", "GET", "enrollment/v1/enrollment?user=ann"),
    "Enroll": Case(38, "staff", "POST", "enrollment/v1/enrollment", {"json": {**HERE, "user": "bob", "cohort": "A"}}),
    "EnrollmentOfPerson": Case(9, "staff", "GET", f"enrollment/v1/enrollment/ann,{R}"),
    "OwnEnrollment": Case(10, "ann", "GET", f"enrollment/v1/enrollment/{R}"),
    "EnrollmentList": Case(7, "staff", "GET", f"enrollment/v1/enrollments?course_ids={Q}&email=ann@uni.example"),
    "CourseRoles": Case(3, "prof", "GET", "enrollment/v1/roles/"),
    "UnenrollEverywhere": Case(8, "staff", "POST", "enrollment/v1/unenroll/", {"json": {"username": "ann"}}),
    "BulkEnroll": Case(34, "staff", "POST", "bulk_enroll/v1/bulk_enroll"),
    "CourseModes": Case(4, "staff", "GET", f"{MODES}/"),
    "CreateCourseMode": Case(7, "staff", "POST", f"{MODES}/"),
    "CourseMode": Case(4, "staff", "GET", f"{MODES}/audit"),
    "UpdateCourseMode": Case(5, "staff", "PATCH", f"{MODES}/audit", {"content": b'{"sku": "x"}', "headers": PATCH}),
    "DeleteCourseMode": Case(5, "staff", "DELETE", f"{MODES}/audit"),
    "CohortSettings": Case(5, "staff", "GET", f"cohorts/v1/settings/{R}"),
    "SetCohortSettings": Case(16, "staff", "PUT", f"cohorts/v1/settings/{R}", {"json": {"is_cohorted": True}}),
    "Cohorts": Case(8, "staff", "GET", f"{COHORTS}/"),
    "CreateCohort": Case(11, "staff", "POST", f"{COHORTS}/", {"json": {"name": "N", "assignment_type": "random"}}),
    "UpdateCohort": Case(15, "staff", "PATCH", f"{COHORTS}/{{cohort}}", {"json": {"name": "N"}}),
    "CohortUsers": Case(10, "staff", "GET", f"{COHORTS}/{{cohort}}/users/"),
    "AddToCohort": Case(19, "staff", "POST", f"{COHORTS}/{{cohort}}/users/"),
    "RemoveFromCohort": Case(13, "staff", "DELETE", f"{COHORTS}/{{cohort}}/users/p0"),
    "AddToCohorts": Case(10, "staff", "POST", f"cohorts/v1/courses/{R}/users"),
    "Teams": Case(14, "ann", "GET", f"team/v0/teams/?course_id={Q}&expand=user"),
    "CreateTeam": Case(20, "ann", "POST", "team/v0/teams/", {"json": said(name="New")}),
    "Team": Case(14, "ann", "GET", "team/v0/teams/{team}"),
    "UpdateTeam": Case(17, "prof", "PATCH", "team/v0/teams/{team}", {"content": b'{"name": "N"}', "headers": PATCH}),
    "DeleteTeam": Case(14, "prof", "DELETE", "team/v0/teams/{team}"),
    "TeamAssignments": Case(18, "ann", "GET", "team/v0/teams/{team}/assignments"),
    "TeamTopics": Case(9, "ann", "GET", f"team/v0/topics/?course_id={Q}"),
    "TeamTopic": Case(9, "ann", "GET", f"team/v0/topics/t,{R}"),
    "TeamMemberships": Case(16, "ann", "GET", f"team/v0/team_membership/?teamset_id=t&course_id={Q}"),
    "JoinTeam": Case(24, "ann", "POST", "team/v0/team_membership/"),
    "TeamMembership": Case(14, "ann", "GET", "team/v0/team_membership/{team},p0"),
    "LeaveTeam": Case(19, "prof", "DELETE", "team/v0/team_membership/{team},p0"),
    "TeamSheet": Case(14, "prof", "GET", f"team/v0/bulk_team_membership/{R}"),
    "PlaceInTeams": Case(16, "prof", "POST", f"team/v0/bulk_team_membership/{R}"),
    "CourseAccess": Case(4, "staff", "GET", "embargo/v1/course_access/?user=ann&ip_address=192.0.2.1&"),
    "OwnDiscount": Case(10, "ann", "GET", f"discounts/course/{R}"),
    "DiscountOfPerson": Case(9, "staff", "GET", f"discounts/user/{{ann}}/course/{R}"),
    "IntegritySignature": Case(14, "ann", "GET", f"agreements/v1/integrity_signature/{R}"),
    "SignIntegrity": Case(13, "prof", "POST", f"agreements/v1/integrity_signature/{R}"),
    "ChangeEmailSettings": Case(6, "ann", "POST", "change_email_settings", {"json": {"course_id": R}}),
}


def growing(names: list[str], runs: list[str], team: str) -> dict[str, dict[str, Any]]:
    """What is sent about all these people and course runs."""
    emails = [f"{name}@x.org" for name in names]
    rows = "".join(f"A,{name}\n" for name in names)
    sheet = "username,mode,t\n" + "".join(f"{name},audit,Team {name}\n" for name in names)
    mode = {"course_id": R, "mode_slug": "honor", "mode_display_name": "Honor", "currency": "eur"}
    bulk: dict[str, Any] = {"identifiers": ",".join([*names, *emails]), "action": "enroll", "courses": ",".join(runs)}
    bulk["cohorts"] = ",".join(["A"] * len(runs))
    return {
        "BulkEnroll": {"json": {**bulk, "email_students": True}},
        "CreateCourseMode": {"json": mode},
        "AddToCohort": {"json": {"users": [*names, *emails]}},
        "AddToCohorts": {"files": {"uploaded-file": ("a.csv", f"cohort,username\n{rows}".encode(), "text/csv")}},
        "JoinTeam": {"json": {"username": "ann", "team_id": team}},
        "PlaceInTeams": {"files": {"csv": ("a.csv", sheet.encode(), "text/csv")}},
        "CourseAccess": {"params": {"course_ids": runs, "user": "ann", "ip_address": "192.0.2.1"}},
    }


class Places(NamedTuple):
    """Who and what there is by now."""

    cohort: int
    team: str
    names: list[str]
    runs: list[str]

    async def grow(self, edx: OpenEdx, numbers: range) -> None:
        """More learners, in the cohort or in teams; cohorts, tracks and course runs."""
        admin = edx.filled.admin
        here: dict[str, Any] = {"course_instance_id": edx.keys["R"]}
        for number in numbers:
            self.names.append(f"p{number}")
            key = await person(admin, f"p{number}")
            await enroll(admin, **here, user_id=key)
            await create_cohort(admin, **here, name=f"C{number}", filling=Filling.RANDOM)
            await create_enrollment_track(admin, **here, slug=f"s{number}", name="More")
            self.runs.append(f"course-v1:edX+More+{number}")
            run: dict[str, Any] = {"name": f"more-{number}", "long_name": "More", "key": self.runs[-1]}
            made_run = await create_course_instance(admin, **run)
            await enroll(admin, course_instance_id=made_run, user_id=edx.keys["ann"])
            await create_cohort(admin, course_instance_id=made_run, name="A", filling=Filling.MANUAL)
            if number % 2 == 0:
                await place_in_cohort(admin, group_id=self.cohort, people=[f"p{number}"])
            team = self.team if number == 0 else await made(edx, name=f"T{number}")
            join = {"username": f"p{number}", "team_id": team}
            await edx.body("/api/team/v0/team_membership/", "prof", "POST", json=join)


async def placed(edx: OpenEdx) -> Places:
    """A cohort and a team; the learner has signed, and asked to be forgotten."""
    admin = edx.filled.admin
    here: dict[str, Any] = {"course_instance_id": edx.keys["R"]}
    await make_sets(edx)
    await sign_integrity(edx.filled.by("ann"), **here)
    await admin.db.execute(update(User).where(User.id == edx.keys["ann"]).values(retirement_requested_at=NOW))
    cohort = await create_cohort(admin, **here, name="A", filling=Filling.MANUAL)
    await create_cohort(admin, course_instance_id=edx.keys["X"], name="A", filling=Filling.MANUAL)
    return Places(cohort, await made(edx), [], [R, X])


async def statements(
    edx: OpenEdx, app: Starlette, open_database: Callable[[], Database], name: str, places: Places
) -> int:
    """How many statements a request takes; what it writes is forgotten."""
    opened: list[Database] = []

    def counted() -> Database:
        opened.append(open_database())
        return opened[-1]

    case = CASES[name]
    path = case.path.format(cohort=places.cohort, team=places.team, ann=edx.keys["ann"])
    sent = growing(places.names, places.runs, places.team).get(name, case.sent)
    before, app.state.open_database = app.state.open_database, counted
    savepoint = await edx.filled.connection.begin_nested()
    response = await edx.send(case.method, f"/api/{path}", case.who, **sent)
    await savepoint.rollback()
    app.state.open_database = before
    assert response.status_code in (200, 201, 204), (name, response.text)
    return sum(each.statements for each in opened)


async def test_statements(edx: OpenEdx, app: Starlette, open_database: Callable[[], Database]) -> None:
    places = await placed(edx)
    for numbers in (range(2), range(2, 6)):
        await places.grow(edx, numbers)
        found = {name: await statements(edx, app, open_database, name, places) for name in CASES}
        assert found == {name: case.number for name, case in CASES.items()}


def test_every_operation_has_a_budget() -> None:
    assert sorted(CASES) == sorted(route.operation for family in FAMILIES for route in family.ROUTES)
