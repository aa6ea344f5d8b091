"""Organizations, courses, their instances, rights and enrolments, written through the graph."""

from __future__ import annotations

from typing import Any

import pytest

from schema.core.node import global_id
from tests.clock import NOW
from tests.domain.site import Site
from tests.schema.client import ask, refusal, write

pytestmark = pytest.mark.anyio

PEOPLE = "enrollment { role status endedAt attributes user { username } courseInstance { name } }"


async def test_an_organization_and_its_course(site: Site) -> None:
    admin = site.world.admin
    made = await write(admin, "createOrganization", "organization { id key name description }", key="art", name="Art")
    key = made["organization"].pop("id")
    assert made == {"organization": {"key": "art", "name": "Art", "description": None}}
    course = await write(
        admin,
        "createCourse",
        "course { key shortName title timeZone organization { key } }",
        organizationId=key,
        key="A1",
        shortName="A 1",
        title="Colour",
    )
    assert course == {
        "course": {
            "key": "A1",
            "shortName": "A 1",
            "title": "Colour",
            "timeZone": "UTC",
            "organization": {"key": "art"},
        }
    }
    assert await refusal(admin, "createOrganization", key="ART", name="Again") == ("TAKEN", ["key"])
    course_of = {"organizationId": key, "key": "A2", "shortName": "A 2", "title": "Form"}
    assert await refusal(admin, "createCourse", **course_of, timeZone="Mars/Olympus") == ("INVALID", ["timeZone"])


async def test_a_course_changes_and_what_is_absent_stays(site: Site) -> None:
    key = global_id("Course", site.world.course_id)
    told = await write(
        site.editor, "updateCourse", "course { key title description }", courseId=key, description="Waves."
    )
    assert told == {"course": {"key": "EE210", "title": "Signals", "description": "Waves."}}
    silent = await write(site.editor, "updateCourse", "course { description }", courseId=key, description=None)
    assert silent == {"course": {"description": None}}
    assert await refusal(site.editor, "updateCourse", courseId=key, title=None) == ("REQUIRED", ["title"])
    assert await refusal(site.editor, "updateCourse", courseId=key, timeZone=None) == ("REQUIRED", ["timeZone"])
    assert await refusal(site.editor, "updateCourse", courseId=key, key="hist1") == ("TAKEN", ["key"])


async def test_a_right_to_content_is_given_changed_and_taken(site: Site) -> None:
    place = {"courseId": site.world.course_id, "userId": site.newcomer_id}
    selection = "courseStaff { role user { username } } course { key }"
    course = {"key": "EE210"}
    for role in ("VIEWER", "EDITOR"):
        given = await write(site.world.admin, "setCourseStaff", selection, **place, role=role)
        assert given == {"courseStaff": {"role": role, "user": {"username": "nia"}}, "course": course}
    taken = await write(site.owner, "setCourseStaff", selection, **place, role=None)
    assert taken == {"courseStaff": None, "course": course}
    assert await refusal(site.owner, "setCourseStaff", **place) == ("REQUIRED", ["role"])
    nobody = {"courseId": site.world.course_id, "userId": "junk", "role": "EDITOR"}
    assert await refusal(site.owner, "setCourseStaff", **nobody) == ("NOT_FOUND", ["userId"])


async def test_a_course_is_offered_by_who_becomes_its_instructor(site: Site) -> None:
    made = await write(
        site.editor,
        "createCourseInstance",
        "courseInstance { name longName timeZone startAt availability viewerAccess { instructs } }",
        courseId=site.world.course_id,
        name="sig-s25",
        longName="Signals, spring 2025",
        startAt="2025-01-10T09:00:00+01:00",
        availability="UNAVAILABLE",
    )
    assert made == {
        "courseInstance": {
            "name": "sig-s25",
            "longName": "Signals, spring 2025",
            "timeZone": "Europe/Oslo",
            "startAt": NOW.replace(year=2025, month=1, day=10, hour=8),
            "availability": "UNAVAILABLE",
            "viewerAccess": {"instructs": True},
        }
    }


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"name": "HIST-F24"}, ("TAKEN", ["name"])),
        ({"name": "no space"}, ("INVALID", ["name"])),
        ({"key": "spring"}, ("INVALID", ["key"])),
        ({"externalId": ""}, None),
        ({"startAt": "2025-01-02T00:00:00Z", "endAt": "2025-01-01T00:00:00Z"}, ("OUT_OF_RANGE", ["endAt"])),
        ({"availability": None}, ("REQUIRED", ["availability"])),
        ({"locale": "x" * 33}, ("TOO_LONG", ["locale"])),
        ({"termId": 2**40}, ("NOT_FOUND", ["termId"])),
        ({"termId": None, "followsTerm": True}, ("INVALID", ["followsTerm"])),
        ({"termId": None, "duration": "TERM"}, ("INVALID", ["duration"])),
        ({"daysOfUse": 0}, ("OUT_OF_RANGE", ["daysOfUse"])),
    ],
)
async def test_an_offering_changes_within_the_rules(
    site: Site, values: dict[str, Any], expected: tuple[str, list[str]] | None
) -> None:
    place = {"courseInstanceId": site.world.course_instance_id}
    if expected is not None:
        assert await refusal(site.world.instructor, "updateCourseInstance", **place, **values) == expected
    else:
        selection = "courseInstance { name externalId key term { name } }"
        changed = await write(site.world.instructor, "updateCourseInstance", selection, **place, **values)
        assert changed == {
            "courseInstance": {
                "name": "sig-f24",
                "externalId": None,
                "key": "course-v1:uni+EE210+f24",
                "term": {"name": "f24"},
            }
        }


async def test_a_deleted_offering_is_gone(site: Site) -> None:
    key = global_id("CourseInstance", site.world.course_instance_id)
    gone = await write(site.owner, "deleteCourseInstance", "deletedId", courseInstanceId=key)
    assert gone == {"deletedId": key}
    assert await ask(site.world.admin, "query($id: ID!) { node(id: $id) { id } }", id=key) == {"node": None}
    merged = {"courseInstanceId": site.merged_id}
    assert await refusal(site.world.admin, "deleteCourseInstance", **merged) == ("IN_USE", ["courseInstanceId"])


async def test_rules_of_entry_are_replaced_and_numbered(site: Site) -> None:
    place = {"courseInstanceId": site.world.course_instance_id}
    selection = "courseInstance { accessRules { number institution startAt uids } }"
    rules: list[dict[str, Any]] = [
        {"institution": "Any", "startAt": "2024-09-01T00:00:00Z"},
        {"uids": ["sam@uni.example"]},
    ]
    ruled = await write(site.world.instructor, "setCourseInstanceAccessRules", selection, **place, rules=rules)
    start = NOW.replace(month=9, hour=0)
    assert ruled["courseInstance"]["accessRules"] == [
        {"number": 1, "institution": "Any", "startAt": start, "uids": None},
        {"number": 2, "institution": None, "startAt": None, "uids": ["sam@uni.example"]},
    ]
    freed = await write(site.world.instructor, "setCourseInstanceAccessRules", selection, **place, rules=[])
    assert freed == {"courseInstance": {"accessRules": []}}
    wrong = [{}, {"startAt": "2024-09-02T00:00:00Z", "endAt": "2024-09-01T00:00:00Z"}]
    refused = await refusal(site.world.instructor, "setCourseInstanceAccessRules", **place, rules=wrong)
    assert refused == ("OUT_OF_RANGE", ["rules", "1", "endAt"])


async def test_offerings_are_merged_and_separated(site: Site) -> None:
    pair = {"parentId": site.world.course_instance_id, "childId": site.child_id}
    selection = "parent { name children { name } } child { name parent { name } }"
    merged = await write(site.world.admin, "mergeCourseInstance", selection, **pair)
    assert merged == {
        "parent": {"name": "sig-f24", "children": [{"name": "child"}]},
        "child": {"name": "child", "parent": {"name": "sig-f24"}},
    }
    assert await refusal(site.world.admin, "mergeCourseInstance", **pair) == ("IN_USE", ["childId"])
    stranger = {"parentId": site.world.course_instance_id, "childId": global_id("Course", site.child_id)}
    assert await refusal(site.world.admin, "mergeCourseInstance", **stranger) == ("NOT_FOUND", ["childId"])
    apart = await write(
        site.world.admin, "separateCourseInstance", "courseInstance { parent { name } }", childId=site.child_id
    )
    assert apart == {"courseInstance": {"parent": None}}


@pytest.mark.parametrize("by", ["userId", "uid", "email", "username"])
async def test_a_person_is_enrolled_by_any_key(site: Site, by: str) -> None:
    keys = {
        "userId": global_id("User", site.newcomer_id),
        "uid": "nia@uni.example",
        "email": "NIA@uni.example",
        "username": "Nia",
    }
    enrolled = await write(
        site.world.instructor,
        "enrollUser",
        PEOPLE,
        courseInstanceId=site.world.course_instance_id,
        person={by: keys[by]},
        attributes={"region": "North"},
    )
    assert enrolled == {
        "enrollment": {
            "role": "STUDENT",
            "status": "ACTIVE",
            "endedAt": None,
            "attributes": {"region": "North"},
            "user": {"username": "nia"},
            "courseInstance": {"name": "sig-f24"},
        }
    }


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"person": {"username": "nobody"}}, ("NOT_FOUND", ["person"])),
        ({"person": {"userId": "2147483648"}}, ("NOT_FOUND", ["person"])),
        ({"person": {"email": "sam@uni.example"}}, ("ALREADY_ENROLLED", ["person"])),
        ({"person": {"username": "nia"}, "attributes": []}, ("INVALID", ["attributes"])),
    ],
)
async def test_a_person_who_cannot_be_enrolled(
    site: Site, values: dict[str, Any], expected: tuple[str, list[str]]
) -> None:
    place = {"courseInstanceId": site.world.course_instance_id}
    assert await refusal(site.world.instructor, "enrollUser", **place, **values) == expected


async def test_an_enrolment_changes_and_ends(site: Site) -> None:
    instructor, key = site.world.instructor, global_id("Enrollment", site.enrollment_id)
    person = {"user": {"username": "sue"}, "courseInstance": {"name": "sig-f24"}, "attributes": {}}
    assistant = await write(instructor, "updateEnrollment", PEOPLE, enrollmentId=key, role="COURSE_ASSISTANT")
    assert assistant == {"enrollment": {**person, "role": "COURSE_ASSISTANT", "status": "ACTIVE", "endedAt": None}}
    assert await refusal(instructor, "dropEnrollment", enrollmentId=key) == ("IS_STAFF", ["enrollmentId"])
    dropping = {"enrollmentId": key, "status": "DROPPED"}
    assert await refusal(instructor, "updateEnrollment", **dropping) == ("IS_STAFF", ["status"])
    await write(instructor, "updateEnrollment", PEOPLE, enrollmentId=key, role="STUDENT")
    dropped = await write(instructor, "dropEnrollment", PEOPLE, enrollmentId=key)
    assert dropped == {"enrollment": {**person, "role": "STUDENT", "status": "DROPPED", "endedAt": NOW}}
