"""The acceptance cases of contracts/autolab.md, in their order."""

from __future__ import annotations

import re
from typing import Any

import pytest

from app.domain.assessments.service import update_assessment
from app.domain.grades.service import release_scores
from tests.factories import handed_in, scored
from tests.rest.autolab.conftest import Autolab, C

pytestmark = pytest.mark.anyio

LAB = C + "/assessments/lab1"
SAM, SUE = "sam@uni.example", "sue@uni.example"
NO_SCOPE = (403, "Your client does not have the required scope for this action")
NOT_INSTRUCTOR = (403, "User does not have instructor privileges for this course")
INSTANT = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d$")


async def test_no_token(al: Autolab) -> None:  # autolab case 1
    response = await al.get("/user", None)
    assert (response.status_code, response.json()) == (401, {"error": "OAuth2 authorization failed"})
    assert response.headers["www-authenticate"].startswith('Bearer realm="Doorkeeper", error="invalid_token"')
    assert response.headers["content-type"] == "application/json; charset=utf-8"


@pytest.mark.parametrize("place", ["access_token", "bearer_token", "header", "form", "json"])
async def test_the_token_may_be_in_many_places(al: Autolab, place: str) -> None:  # autolab case 2
    token = al.filled.tokens["ST"]
    found: dict[str, Any] = {
        "header": {"headers": {"Authorization": f"bearer {token}"}},
        "form": {"data": {"access_token": token}},
        "json": {"json": {"bearer_token": token}},
    }.get(place, {"params": {place: token}})
    assert await al.body("/user", None, **found) == {
        "first_name": "Sam",
        "last_name": "Ng",
        "email": SAM,
        "school": "SCS",
        "major": None,
        "year": "2",
    }


async def test_a_token_without_the_scope(al: Autolab) -> None:  # autolab case 3
    assert await al.refusal("/courses", "WRITER") == NO_SCOPE
    assert await al.refusal(LAB + "/scores", "READER") == NO_SCOPE


async def test_an_unknown_state(al: Autolab) -> None:  # autolab case 4
    assert await al.refusal("/courses?state=blah") == (400, "Unexpected course state")


async def test_current_courses(al: Autolab) -> None:  # autolab case 5
    course = {
        "name": "sig-f24",
        "display_name": "Signals, autumn 2024",
        "semester": "f24",
        "late_slack": 0,
        "grace_days": 3,
        "auth_level": "student",
    }
    assert await al.body("/courses?state=current") == [course]
    assert await al.body("/courses?state=completed") == []
    assert [(each["name"], each["auth_level"]) for each in await al.body("/courses", "ADM")] == [
        ("hist-f24", "instructor"),
        ("sig-f24", "instructor"),
    ]


async def test_an_unknown_course(al: Autolab) -> None:  # autolab case 6
    assert await al.refusal("/courses/nope/assessments") == (404, "Course does not exist")


async def test_somebody_who_is_not_in_the_course(al: Autolab) -> None:  # autolab case 7
    assert await al.refusal(C + "/assessments", "NC") == (403, "User is not in this course")


async def test_assessments(al: Autolab) -> None:  # autolab case 8
    found = await al.body(C + "/assessments")
    assert [each["name"] for each in found] == ["lab3", "lab1", "lab4"]
    assert [each["name"] for each in await al.body(C + "/assessments", "TA")] == ["lab3", "lab1", "lab4", "lab2"]
    assert list(found[0]) == ["name", "display_name", "category_name", "start_at", "due_at", "end_at"]
    assert all(INSTANT.fullmatch(each[name]) for each in found for name in ("start_at", "due_at", "end_at"))


async def test_an_unreleased_assessment(al: Autolab) -> None:  # autolab case 9
    assert await al.refusal(C + "/assessments/lab2") == (403, "Assessment not released yet")
    assert (await al.body(C + "/assessments/lab2", "TA"))["name"] == "lab2"


async def test_an_unknown_assessment(al: Autolab) -> None:  # autolab case 10
    assert await al.refusal(C + "/assessments/nope") == (404, "Assessment does not exist")


async def test_an_assessment(al: Autolab) -> None:  # autolab case 11
    response = await al.get(LAB)
    assert '"max_total_score":110.0' in response.text
    found = response.json()
    assert found["max_scores"] == {"Part A": 100.0, "Style": 10.0}
    limits = ("max_grace_days", "max_submissions", "max_unpenalized_submissions", "group_size", "disable_handins")
    assert [found[name] for name in limits] == [None, -1, -1, 2, False]
    assert (found["writeup_format"], found["handout_format"], found["category_name"]) == ("none", "none", "Labs")


async def test_problems(al: Autolab) -> None:  # autolab case 12
    response = await al.get(LAB + "/problems")
    assert '"max_score":100.0' in response.text
    assert response.json() == [
        {"name": "Part A", "description": "", "max_score": 100.0, "optional": False, "starred": False},
        {"name": "Style", "description": "", "max_score": 10.0, "optional": False, "starred": False},
    ]


async def test_a_new_problem(al: Autolab) -> None:  # autolab case 13
    made = await al.body(LAB + "/problems", "INS", "POST", data={"name": "Extra", "max_score": "5"})
    assert made == {"name": "Extra", "description": "", "max_score": 5.0, "optional": False, "starred": False}
    again = await al.refusal(LAB + "/problems", "INS", "POST", params={"name": "extra", "max_score": "5"})
    assert again == (400, "Unable to create problem")


async def test_a_problem_without_a_maximum(al: Autolab) -> None:  # autolab case 14
    refused = await al.refusal(LAB + "/problems", "INS", "POST", data={"name": "Extra"})
    assert refused == (400, "Required parameter 'max_score' not found")
    refused = await al.refusal(LAB + "/problems", "INS", "POST", data={"name": "Extra", "max_score": "many"})
    assert refused == (400, "Unable to create problem: a score is a number")


async def test_an_assistant_adds_no_problem(al: Autolab) -> None:  # autolab case 15
    assert await al.refusal(LAB + "/problems", "TA", "POST", data={"name": "E", "max_score": 5}) == NOT_INSTRUCTOR
    assert len(await al.body(LAB + "/problems")) == 2


async def work(al: Autolab) -> int:
    """Two submissions of the student's alone, of which the second has 92.5 points in `Part A`; its id."""
    lab = al.filled.lab
    await update_assessment(al.world.admin, assessment_id=lab.assessment_id, group_set_id=None)
    await handed_in(al.world.student, lab)
    last = await handed_in(al.world.student, lab)
    await update_assessment(al.world.admin, assessment_id=lab.assessment_id, group_set_id=al.filled.pairs.group_set_id)
    await scored(al.world.instructor, last, al.filled.lab, Part_A=92.5)
    return last


async def test_own_submissions(al: Autolab) -> None:  # autolab cases 21 and 22
    await work(al)
    found = await al.body(LAB + "/submissions")
    assert [(each["version"], each["filename"], each["scores"]) for each in found] == [
        (2, "2_handin.c", {"Part A": "unreleased"}),
        (1, "1_handin.c", {}),
    ]
    await release_scores(al.world.instructor, assessment_id=al.filled.lab.assessment_id)
    assert (await al.body(LAB + "/submissions"))[0]["scores"] == {"Part A": 92.5}
    assert await al.body(LAB + "/submissions", "ST2") == []


async def test_scores(al: Autolab) -> None:  # autolab case 24
    assert await al.body(LAB + "/scores", "INS") == {}
    await work(al)
    assert await al.body(LAB + "/scores", "INS") == {SAM: {"1": {}, "2": {"Part A": 92.5}}}
    assert await al.body(f"{LAB}/scores/{SAM}", "INS") == {"1": {}, "2": {"Part A": 92.5}}
    assert await al.body(f"{LAB}/scores/sue%40uni.example", "INS") == {}


async def test_scores_of_nobody(al: Autolab) -> None:  # autolab case 25
    for name in ("ghost@x.example", "lou@uni.example"):
        refused = await al.refusal(f"{LAB}/scores/{name}", "INS")
        assert refused == (400, f"User with email {name} not found in course.")


async def test_feedback(al: Autolab) -> None:  # autolab case 29
    path = LAB + "/submissions/{}/feedback"
    assert await al.refusal(path.format(99)) == (400, "Required parameter 'problem' not found")
    problem: dict[str, Any] = {"params": {"problem": "Part A"}}
    missing = (404, "Submission version 99 does not exist for lab1")
    assert await al.refusal(path.format(99), **problem) == missing
    unknown = await al.refusal(path.format(99), params={"problem": "Nope"})
    assert unknown == (404, "Problem named Nope does not exist for lab1")
    await work(al)
    nothing = (404, "Score for Part A of submission version 2 of lab1 does not exist")
    assert await al.refusal(path.format(2), **problem) == nothing


async def test_a_new_member_without_a_section(al: Autolab) -> None:  # autolab case 31
    refused = await al.refusal(C + "/course_user_data", "INS", "POST", data={"email": "x", "lecture": "1"})
    assert refused == (400, "Required parameter 'section' not found")


NEW = {"lecture": "1", "section": "B", "auth_level": "student"}


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"email": "ghost@x.example"}, "Nonexistent user"),
        ({"email": SAM}, "User is already in the course"),
        ({"email": "lou@uni.example", "auth_level": "blah"}, "Invalid auth_level"),
        (
            {"email": "lou@uni.example", "nickname": "n" * 33},
            "Creation failed: Nickname is too long (maximum is 32 characters)",
        ),
        (
            {"email": "lou@uni.example", "nickname": "Åsa"},
            "Creation failed: Nickname can only contain ASCII characters",
        ),
        (
            {"email": "lou@uni.example", "auth_level": "instructor", "dropped": "true"},
            "Creation failed: User can't be dropped if they are an instructor or course assistant",
        ),
    ],
)
async def test_who_cannot_be_put_in(al: Autolab, more: dict[str, str], sentence: str) -> None:  # autolab case 32
    before = await al.body(C + "/course_user_data", "INS")
    assert await al.refusal(C + "/course_user_data", "INS", "POST", data=NEW | more) == (400, sentence)
    assert await al.body(C + "/course_user_data", "INS") == before


async def test_a_new_member(al: Autolab) -> None:
    sent: dict[str, Any] = {**NEW, "email": "lou@uni.example", "grade_policy": "letter", "nickname": "l"}
    made = await al.body(C + "/course_user_data", "INS", "POST", data=sent)
    assert made == {
        "first_name": "Lou",
        "last_name": "",
        "email": "lou@uni.example",
        "school": None,
        "major": None,
        "year": None,
        "lecture": "1",
        "section": "B",
        "grade_policy": "letter",
        "nickname": "l",
        "dropped": False,
        "auth_level": "student",
    }
    assert await al.body(C + "/course_user_data/lou@uni.example/", "INS") == made
    listed = await al.body(C + "/course_user_data", "INS")
    assert [each["email"] for each in listed] == [f"{name}@uni.example" for name in ("ida", "lou", "sam", "sue", "tom")]


async def test_dropping(al: Autolab) -> None:  # autolab case 33
    path = f"{C}/course_user_data/{SAM}"
    found = await al.body(path, "INS", "DELETE", params={"dropped": "false", "lecture": "9"})
    assert (found["dropped"], found["lecture"]) == (True, None)
    assert await al.body(path, "INS") == found
    staff = await al.refusal(C + "/course_user_data/tom@uni.example", "INS", "DELETE")
    assert staff == (400, "Update failed: User can't be dropped if they are an instructor or course assistant")
    assert (await al.body(path, "INS", "PUT", params={"dropped": "false"}))["dropped"] is False


async def test_members_who_are_not_there(al: Autolab) -> None:  # autolab case 34
    for method in ("GET", "PUT", "DELETE"):
        stranger = await al.refusal(C + "/course_user_data/lou@uni.example", "INS", method)
        assert stranger == (404, "User is not in course")
        ghost = await al.refusal(C + "/course_user_data/ghost@x.example", "INS", method)
        assert ghost == (400, "Nonexistent user")


async def test_promotion(al: Autolab) -> None:  # autolab case 35
    path = f"{C}/course_user_data/{SUE}"
    before = await al.body(path, "INS")
    found = await al.body(path, "INS", "PUT", params={"auth_level": "course_assistant"})
    assert found == before | {"auth_level": "course_assistant"}


async def test_an_unknown_path(al: Autolab) -> None:  # autolab case 39
    assert await al.refusal("/bogus") == (404, "Invalid request path")
    assert await al.refusal("/bogus", None) == (401, "OAuth2 authorization failed")
    assert await al.refusal("/user", method="PATCH") == (404, "Invalid request path")
