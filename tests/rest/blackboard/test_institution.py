"""What the institution's own systems know: data sources, terms, roles, what courses and people say of themselves."""

from __future__ import annotations

from typing import Any

import pytest

from tests.rest.blackboard.conftest import A, Blackboard

pytestmark = pytest.mark.anyio

COURSE: dict[str, Any] = {
    "courseId": "PHYS1",
    "name": "Physics",
    "description": "Matter",
    "externalId": "SIS-PHYS1",
    "dataSourceId": "externalId:SYSTEM",
    "termId": "externalId:f24",
    "organization": False,
    "ultraStatus": "Ultra",
    "allowGuests": False,
    "allowObservers": True,
    "closedComplete": False,
    "availability": {"available": "Term", "duration": {"type": "FixedNumDays", "daysOfUse": 30}},
    "enrollment": {"type": "SelfEnrollment", "start": "2024-01-01T00:00:00.000Z", "accessCode": "x"},
    "locale": {"id": "en_US", "force": True},
}
READ_ONLY = {"id", "uuid", "created", "modified", "hasChildren"}


async def test_a_new_course(bb: Blackboard) -> None:
    made = await bb.body("/v3/courses", method="POST", status=201, json=COURSE)
    expected = COURSE | {"dataSourceId": bb.id("DS1"), "termId": bb.id("F24")}
    assert {name: value for name, value in made.items() if name not in READ_ONLY} == expected
    assert set(made) >= READ_ONLY
    assert [each["id"] for each in await bb.results("/v3/courses?availability.available=Term")] == [made["id"]]
    for taken in (COURSE, COURSE | {"courseId": "PHYS2"}, COURSE | {"externalId": "SIS-PHYS2"}):
        assert (await bb.refusal("/v3/courses", method="POST", json=taken))[0] == 409
    for wrong in ({"name": "x"}, {"courseId": "x"}, COURSE | {"courseId": "y", "termId": "externalId:nowhere"}):
        assert (await bb.refusal("/v3/courses", method="POST", json=wrong))[0] == 400
    changed = await bb.body("/v3/courses/courseId:PHYS1", method="PATCH", json={"availability": {"available": "No"}})
    assert changed["availability"] == {"available": "No", "duration": {"type": "FixedNumDays", "daysOfUse": 30}}


async def test_roles_of_members(bb: Blackboard) -> None:
    roles = {each["roleId"]: each["custom"] for each in await bb.results("/v1/courseRoles")}
    names = ("Instructor", "BbFacilitator", "TeachingAssistant", "CourseBuilder", "Grader", "Student", "Guest")
    assert roles == dict.fromkeys(names, False)
    path = f"{A}/users/{bb.id('S2')}"
    written = {"courseRoleId": "Grader", "availability": {"available": "No"}, "displayOrder": 2}
    changed = await bb.body(path, method="PATCH", json={**written, "dataSourceId": bb.id("DS1")})
    assert {name: changed[name] for name in written} == written
    assert changed["dataSourceId"] == bb.id("DS1")
    wanted: dict[str, tuple[str, ...]] = {
        "role=Grader": ("S2",),
        "role=Instructor": ("I",),
        "role=TeachingAssistant": ("TA",),
        "availability.available=No": ("S2",),
        "role=Dean": (),
    }
    for query, members in wanted.items():
        found = await bb.results(f"{A}/users?{query}&fields=userId")
        assert found == [{"userId": bb.id(name)} for name in members], query


async def test_what_is_known_of_a_person(bb: Blackboard) -> None:
    told = {
        "userName": "newton",
        "name": {"given": "Isaac", "family": "Newton", "middle": "I", "preferredDisplayName": "Both"},
        "gender": "Male",
        "educationLevel": "PostGraduateSchool",
        "birthDate": "1643-01-04T00:00:00.000Z",
        "job": {"title": "Warden", "company": "Mint"},
        "contact": {"email": "newton@uni.example", "webPage": "https://newton.example"},
        "address": {"street1": "Trinity", "city": "Cambridge"},
        "locale": {"id": "en_GB"},
        "availability": {"available": "Disabled"},
    }
    made = await bb.body("/v1/users", method="POST", status=201, json=told)
    assert {name: made[name] for name in told} == told
    changed = await bb.body(f"/v1/users/{made['id']}", method="PATCH", json={"job": {"title": "Master"}})
    assert changed["job"] == {"title": "Master", "company": "Mint"}
    assert [each["id"] for each in await bb.results("/v1/users?availability.available=Disabled")] == [made["id"]]
    assert (await bb.send("DELETE", f"/v1/users/{made['id']}")).status_code == 204
    assert (await bb.refusal(f"/v1/users/{made['id']}"))[0] == 404
    assert (await bb.refusal(f"/v1/users/{bb.id('S1')}", method="DELETE"))[0] == 409


async def test_data_sources(bb: Blackboard) -> None:
    made = await bb.body("/v1/dataSources", method="POST", status=201, json={"externalId": "SIS", "description": "d"})
    assert made == {"id": made["id"], "externalId": "SIS", "description": "d"}
    assert await bb.body("/v1/dataSources/externalId:SIS") == made
    path = f"/v1/dataSources/{made['id']}"
    changed = await bb.body(path, method="PATCH", json={"description": None})
    assert changed == {"id": made["id"], "externalId": "SIS"}
    assert (await bb.refusal("/v1/dataSources", method="POST", json={"externalId": "SIS"}))[0] == 409
    assert (await bb.refusal("/v1/dataSources", method="POST", json={}))[0] == 400
    assert (await bb.send("DELETE", path)).status_code == 204
    assert (await bb.refusal(path))[0] == 404
    assert (await bb.refusal(f"/v1/dataSources/{bb.id('DS2')}", method="DELETE"))[0] == 409


async def test_terms(bb: Blackboard) -> None:
    duration = {"type": "DateRange", "start": "2025-01-01T00:00:00.000Z", "end": "2025-06-01T00:00:00.000Z"}
    new = {"externalId": "s25", "name": "Spring", "availability": {"available": "No", "duration": duration}}
    made = await bb.body("/v1/terms", method="POST", status=201, json={**new, "dataSourceId": "externalId:SYSTEM"})
    assert made == {"id": made["id"], **new, "dataSourceId": bb.id("DS1")}
    assert [each["id"] for each in await bb.results("/v1/terms?availability.available=No")] == [made["id"]]
    changed = await bb.body("/v1/terms/externalId:s25", method="PATCH", json={"availability": {"available": "Yes"}})
    assert changed["availability"] == {"available": "Yes", "duration": duration}
    assert (await bb.send("DELETE", f"/v1/terms/{made['id']}")).status_code == 204
    assert (await bb.refusal(f"/v1/terms/{bb.id('F24')}", method="DELETE"))[0] == 409
