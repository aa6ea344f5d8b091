"""The gradebook of a course run, and grades set by hand (contracts/edx-core.md §9.3–§9.6; cases 37–40 and more)."""

from __future__ import annotations

from json import dumps
from typing import Any

import pytest
from sqlalchemy import func, select

from app.domain.enrollment.models import Enrollment
from app.domain.enrollment.service import enroll, update_enrollment
from app.domain.enrollment.tracks import create_enrollment_track
from app.domain.grades.models import ColumnGrade, GradeChange
from app.domain.grades.overrides import override_grade
from app.domain.groups.service import create_group, create_group_set
from app.domain.identity.service import update_user
from tests.rest.openedx.conftest import CALLERS, C, H, OpenEdx, P, R

pytestmark = pytest.mark.anyio
BOOK = f"/api/grades/v1/gradebook/{R}"
JSON = {"Content-Type": "application/json"}
INFO = f"{BOOK}/grading-info"
UPDATE = f"{BOOK}/bulk-update"
SUBSECTION = f"/api/grades/v1/subsection/{H}/"
GRADE = f"/api/grades/v1/courses/{R}/?username=ann"
FULL = dict(zip(("earned_all", "possible_all", "earned_graded", "possible_graded"), (1, 2, 1, 2), strict=True))
HALF: dict[str, Any] = {f"{name}_override": value for name, value in FULL.items()}
SECTION = {
    "attempted": False,
    "category": "Homework",
    "label": "HW 01",
    "module_id": H,
    "percent": 0.0,
    "score_earned": 0.0,
    "score_possible": 0.0,
    "subsection_name": "Homework 1",
}


def item(edx: OpenEdx, who: str = "ann", usage: str = H, **grade: Any) -> dict[str, Any]:
    """An item of a bulk update."""
    return {"user_id": edx.keys[who], "usage_id": usage, "grade": grade or HALF}


async def written(edx: OpenEdx) -> tuple[int, int]:
    """How many grades, and changes of grades, there are."""
    db = edx.filled.admin.db
    counts = [await db.scalar(select(func.count()).select_from(each)) for each in (ColumnGrade, GradeChange)]
    return counts[0], counts[1]


async def test_a_page_of_the_gradebook(edx: OpenEdx) -> None:
    body = await edx.body(f"{BOOK}/", "prof")  # edx case 37
    row = {"user_id": edx.keys["ann"], "username": "ann", "email": "", "percent": 0.0, "section_breakdown": [SECTION]}
    counts = {"total_users_count": 1, "filtered_users_count": 1}
    assert body == {"next": None, "previous": None, "results": [row], **counts}
    assert await edx.body(f"{BOOK}/?username=ann", "prof") == row
    assert await written(edx) == (0, 0)


async def test_pages_of_the_gradebook(edx: OpenEdx) -> None:
    await enroll(edx.filled.admin, course_instance_id=edx.keys["R"], user_id=edx.keys["bob"])
    first = await edx.body(f"{BOOK}/?page_size=1", "prof")
    assert [each["username"] for each in first["results"]] == ["ann"]
    second = await edx.body(first["next"], "prof")
    assert ([each["username"] for each in second["results"]], second["next"]) == (["bob"], None)
    assert await edx.body(second["previous"], "prof") == first
    assert (first["total_users_count"], second["filtered_users_count"]) == (2, 2)


async def test_filters_of_the_gradebook(edx: OpenEdx) -> None:
    admin = edx.filled.admin
    here: dict[str, Any] = {"course_instance_id": edx.keys["R"]}
    await enroll(admin, **here, user_id=edx.keys["bob"])
    keys: dict[str, Any] = {"assessment_id": edx.keys["assessment"], "user_id": edx.keys["bob"]}
    await override_grade(edx.filled.by("prof"), **keys, points=1.5)
    cohorts = await create_group_set(admin, **here, name="Sets", max_size=9)
    cohort = await create_group(admin, group_set_id=cohorts, name="A", user_ids=[edx.keys["bob"]])
    for query, names in (
        ({"user_contains": "BO"}, ["bob"]),
        ({"user_contains": "@uni"}, ["ann", "bob"]),
        ({"username_contains": "@uni"}, []),
        ({"cohort_id": cohort}, ["bob"]),
        ({"cohort_id": "junk"}, []),
        ({"cohort_id": 10**12}, []),
        ({"course_grade_min": 50}, ["bob"]),
        ({"course_grade_min": 0, "course_grade_max": 60}, ["ann"]),
        ({"assignment": H, "assignment_grade_min": 75}, ["bob"]),
        ({"assignment": H, "assignment_grade_max": 74.9}, []),
        ({"assignment": "nothing", "assignment_grade_min": 1}, []),
        ({"excluded_course_roles": "all"}, ["ann", "bob"]),
        ({"enrollment_mode": "audit"}, ["ann", "bob"]),
        ({"enrollment_mode": "verified"}, []),
    ):
        found = await edx.body(f"{BOOK}/", "prof", params=query)
        assert (query, [each["username"] for each in found["results"]]) == (query, names)
        assert (found["total_users_count"], found["filtered_users_count"]) == (2, len(names))


async def test_staff_in_a_track_are_learners(edx: OpenEdx) -> None:
    """Of those who learn for a degree more is told."""
    admin, place = edx.filled.admin, edx.keys["R"]
    await create_enrollment_track(admin, course_instance_id=place, slug="masters", name="Degree")
    for who in ("ta", "ann"):
        mine = (Enrollment.user_id == edx.keys[who], Enrollment.course_instance_id == place)
        key = await admin.db.scalar(select(Enrollment.id).where(*mine))
        await update_enrollment(admin, enrollment_id=key, track="masters")
    await update_user(admin, user_id=edx.keys["ann"], external_id="K-1")
    found = await edx.body(f"{BOOK}/", "prof")
    told = {row["username"]: (row["email"], row["full_name"], row.get("external_user_key")) for row in found["results"]}
    assert told == {"ta": ("ta@uni.example", "Ta", None), "ann": ("ann@uni.example", "Ann", "K-1")}
    for query, names in (
        ({"excluded_course_roles": "all"}, ["ann"]),
        ({"excluded_course_roles": "limited_staff"}, ["ann"]),
        ({"excluded_course_roles": "staff"}, ["ta", "ann"]),
        ({"enrollment_mode": "masters", "username_contains": "t"}, ["ta"]),
    ):
        found = await edx.body(f"{BOOK}/", "prof", params=query)
        assert [row["username"] for row in found["results"]] == names
    assert (await edx.body(INFO, "prof"))["can_see_bulk_management"] is True
    (row,) = await edx.body(GRADE, "ann")
    assert row["email"] == "ann@uni.example"


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("?username=nobody", 404, "user_does_not_exist"),
        ("?username=bob", 404, "user_not_enrolled"),
        ("?course_grade_min=much", 400, None),
        ("?cursor=WyJ4Il0=", 404, None),
    ],
)
async def test_what_the_gradebook_refuses(edx: OpenEdx, query: str, status: int, code: str | None) -> None:
    found, body = await edx.told(f"{BOOK}/{query}", "prof")
    assert (found, body.get("error_code")) == (status, code)


@pytest.mark.parametrize("who", CALLERS)
async def test_the_gradebook_is_for_authors(edx: OpenEdx, who: str | None) -> None:
    status = {None: 401, "prof": 200, "staff": 200}.get(who, 403)
    for path in (f"{BOOK}/", INFO, f"{SUBSECTION}?user_id={edx.keys['ann']}"):
        found, body = await edx.told(path, who)
        assert (path, found) == (path, status)
        assert found != 403 or body["error_code"] == "user_permissions"
    found, _ = await edx.told(UPDATE, who, "POST", json=[item(edx)])
    assert found == {None: 401, "prof": 202, "staff": 202}.get(who, 403)
    assert (await written(edx) == (0, 0)) is (found != 202)


async def test_a_run_that_is_not_there(edx: OpenEdx) -> None:
    for path, method in ((f"{BOOK}/", "GET"), (INFO, "GET"), (UPDATE, "POST")):
        for key, code in (("course-v1:no+such+run", "course_does_not_exist"), ("a+b+c", "invalid_course_key")):
            found, body = await edx.told(path.replace(R, key), "staff", method)
            assert (found, body["error_code"]) == (404, code)


async def test_grades_are_set_by_hand(edx: OpenEdx) -> None:
    outcome = {"user_id": edx.keys["ann"], "usage_id": H, "success": True, "reason": None}
    assert await edx.body(UPDATE, "prof", "POST", 202, json=[item(edx)]) == [outcome]  # edx case 38
    (grade,) = await edx.body(GRADE, "ann")
    assert (grade["percent"], grade["letter_grade"], grade["passed"]) == (0.5, "Pass", True)
    row = await edx.body(f"{BOOK}/?username=ann", "prof")
    assert row["section_breakdown"] == [SECTION | {"percent": 0.5, "score_earned": 1.0, "score_possible": 2.0}]
    assert await edx.body(UPDATE, "prof", "POST", 202, json=[]) == []


async def test_good_ones_are_stored_and_the_others_told(edx: OpenEdx) -> None:
    items = [
        item(edx),
        {**item(edx), "user_id": -1},
        *({**item(edx), "user_id": number} for number in (2**62, 2**63, 2**70, -(2**70))),
        item(edx, "bob"),
        item(edx, usage=P),
        item(edx, usage="no key"),
        item(edx, possible_graded_override=-1),
    ]
    body = await edx.body(UPDATE, "prof", "POST", 422, json=items)  # edx case 39
    assert [each["reason"] for each in body] == [
        None,
        *["User matching query does not exist."] * 5,
        "CourseEnrollment matching query does not exist.",
        f"usage_key {P} does not exist in this course.",
        "no key is not a valid usage key.",
        "below 0",
    ]
    assert [each["success"] for each in body] == [True, *[False] * 9]
    assert (await edx.body(GRADE, "ann"))[0]["percent"] == 0.5
    assert await written(edx) == (2, 1)


@pytest.mark.parametrize(
    "junk",
    [
        {},
        {"user_id": 1},
        [1],
        [None],
        [{"user_id": "x", "usage_id": H, "grade": {}}],
        [{"user_id": True, "usage_id": H, "grade": {}}],
        [{"user_id": 1, "usage_id": 5, "grade": {}}],
        [{"user_id": 1, "usage_id": H, "grade": []}],
        [{"user_id": 1, "usage_id": H, "grade": {"earned_all_override": "much"}}],
        [{"user_id": 1, "usage_id": H, "grade": {"earned_all_override": [1]}}],
        [{"user_id": 1, "usage_id": H, "grade": {"earned_all_override": 10**400}}],
    ],
)
async def test_bodies_without_form_set_nothing(edx: OpenEdx, junk: Any) -> None:
    assert (await edx.told(UPDATE, "prof", "POST", content=dumps(junk), headers=JSON))[0] == 400
    assert await written(edx) == (0, 0)


async def test_what_is_left_out_is_as_the_scores_have_it(edx: OpenEdx) -> None:
    await edx.body(UPDATE, "prof", "POST", 202, json=[item(edx)])
    again = item(edx, earned_graded_override=2, comment="Appeal")
    await edx.body(UPDATE, "prof", "POST", 202, json=[again])
    body = await edx.body(f"{SUBSECTION}?user_id={edx.keys['ann']}", "prof")
    names = ("earned_all_override", "possible_all_override", "earned_graded_override", "possible_graded_override")
    assert body["override"] == dict(zip(names, (0.0, 2.0, 2.0, 2.0), strict=True))
    assert [each["override_reason"] for each in body["history"]] == [None, "Appeal"]


async def test_grading_info(edx: OpenEdx) -> None:
    kind = {"type": "Homework", "short_label": "HW", "min_count": 1, "drop_count": 0, "weight": 1.0}
    block = {"assignment_type": "Homework", "graded": True, "short_label": "HW 01", "module_id": H}
    expected = {
        "grade_cutoffs": {"Pass": 0.5},
        "assignment_types": {"Homework": kind},
        "subsections": [block | {"display_name": "Homework 1"}],
        "grades_frozen": False,
        "can_see_bulk_management": False,
    }
    assert await edx.body(INFO, "prof") == expected
    assert await edx.body(f"{INFO}?graded_only=true", "prof") == expected
    assert await edx.told(INFO) == (401, {"developer_message": "Authentication credentials were not provided."})


async def test_a_subsection_that_was_never_attempted(edx: OpenEdx) -> None:
    body = await edx.body(f"{SUBSECTION}?user_id={edx.keys['ann']}", "prof")
    zeros = {"earned_all": 0.0, "possible_all": 2.0, "earned_graded": 0.0, "possible_graded": 2.0}
    told = {"success": True, "subsection_id": H, "user_id": edx.keys["ann"], "course_id": R}
    assert body == {**told, "original_grade": zeros, "override": None, "history": []}
    body = await edx.body(f"{SUBSECTION.replace(H, C)}?user_id={edx.keys['ann']}", "prof")
    assert (body["success"], body["original_grade"]) == (True, dict.fromkeys(zeros, 0.0))


async def test_an_override_and_its_history(edx: OpenEdx) -> None:
    await edx.body(UPDATE, "prof", "POST", 202, json=[item(edx)])
    path = f"{SUBSECTION}?user_id={edx.keys['ann']}"
    body = await edx.body(path, "prof")  # edx case 40
    assert (body["success"], body["original_grade"]["earned_graded"]) == (True, 0.0)
    assert body["override"] == {name: float(value) for name, value in HALF.items()}
    (line,) = body["history"]
    assert (line["history_type"], line["history_user"], line["system"]) == ("+", "prof", "GRADEBOOK")
    keys: dict[str, Any] = {"assessment_id": edx.keys["assessment"], "user_id": edx.keys["ann"]}
    await override_grade(edx.filled.admin, **keys, points=2.0, source="PROCTORING", reason="Cheated")
    await override_grade(edx.filled.by("prof"), **keys, points=None)
    body = await edx.body(path, "prof")
    assert [(each["history_type"], each["history_user_id"]) for each in body["history"]] == [
        ("+", edx.keys["prof"]),
        ("~", None),
        ("-", edx.keys["prof"]),
    ]
    last = body["history"][-1]
    assert (last["earned_graded_override"], last["override_reason"], last["system"]) == (2.0, "Cheated", "PROCTORING")
    assert (last["possible_all_override"], body["override"], last["created"]) == (2.0, None, line["created"])
    newest = await edx.body(f"{path}&history_record_limit=1", "prof")
    assert newest["history"] == [last]
    assert (await edx.body(f"{path}&history_record_limit=0", "prof"))["history"] == []


@pytest.mark.parametrize(
    ("path", "code"),
    [
        (SUBSECTION, "invalid_user_id"),
        (f"{SUBSECTION}?user_id=x", "invalid_user_id"),
        (f"{SUBSECTION}?user_id=99999999999999999999", "invalid_user_id"),
        ("/api/grades/v1/subsection/junk/?user_id=1", "invalid_usage_key"),
        ("/api/grades/v1/subsection/block-v1:a+b+c+type@x+block@y/?user_id=1", "invalid_usage_key"),
    ],
)
async def test_subsections_of_nobody(edx: OpenEdx, path: str, code: str) -> None:
    found, body = await edx.told(path, "prof")
    assert (found, body["error_code"]) == (404, code)


async def test_a_subsection_that_is_not_for_somebody(edx: OpenEdx) -> None:
    body = await edx.body(f"{SUBSECTION}?user_id={edx.keys['bob']}", "prof")
    message = "Cannot override subsection grade: subsection is not available for target learner."
    assert (body["success"], body["error_message"], body["history"]) == (False, message, [])
    assert set(body["original_grade"].values()) == {0.0}
