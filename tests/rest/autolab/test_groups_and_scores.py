"""The acceptance cases of contracts/autolab.md on groups and on new scores."""

from __future__ import annotations

from typing import Any

import pytest

from app.domain.assessments.service import update_assessment
from app.domain.grades.service import release_scores
from tests.factories import handed_in
from tests.rest.autolab.conftest import Autolab, C
from tests.rest.autolab.test_acceptance import LAB, NOT_INSTRUCTOR, SAM, SUE, work

pytestmark = pytest.mark.anyio


async def test_an_update_of_the_latest_submission(al: Autolab) -> None:  # autolab case 22
    await work(al)
    path = f"{LAB}/scores/{SAM}/update_latest"
    asked = {"params": {"problems": '{"Part A":80,"Style":7.5}'}}
    assert (await al.send("PUT", path, "INS", **asked)).text == '{"sam@uni.example":{"Part A":80.0,"Style":7.5}}'
    assert await al.body(path, "INS", "PUT", json={"problems": {"Style": 8}}) == {SAM: {"Part A": 80.0, "Style": 8.0}}
    latest = (await al.body(LAB + "/submissions"))[0]
    assert latest["scores"] == {"Part A": "unreleased", "Style": "unreleased"}
    await release_scores(al.world.instructor, assessment_id=al.filled.lab.assessment_id)
    assert (await al.body(LAB + "/submissions"))[0]["scores"] == {"Part A": 80.0, "Style": 8.0}


@pytest.mark.parametrize(
    ("problems", "sentence"),
    [
        ('{"Part A": 1, "Nope": 1}', "Problem 'Nope' not found in this assessment"),
        (None, "Required parameter 'problems' not found"),
        ("[]", "Parameter 'problems' is not an object of scores"),
        ("{", "Parameter 'problems' is not an object of scores"),
        ('{"Part A": "much"}', "The score of problem 'Part A' is not a number"),
        ('{"Part A": 1000}', "above 100"),
    ],
)
async def test_updates_that_are_refused(al: Autolab, problems: str | None, sentence: str) -> None:  # autolab case 23
    await work(al)
    sent = {} if problems is None else {"problems": problems}
    path = f"{LAB}/scores/{SAM}/update_latest"
    assert await al.refusal(path, "INS", "PUT", params=sent) == (400, sentence)
    assert (await al.body(LAB + "/scores", "INS"))[SAM]["2"] == {"Part A": 92.5}


async def test_updates_of_people_without_submissions(al: Autolab) -> None:
    sent: dict[str, Any] = {"params": {"problems": '{"Part A": 1}'}}
    nothing = await al.refusal(f"{LAB}/scores/{SUE}/update_latest", "INS", "PUT", **sent)
    assert nothing == (400, "nothing has been handed in")
    ghost = await al.refusal(f"{LAB}/scores/ghost@x.example/update_latest", "INS", "PUT", **sent)
    assert ghost == (400, "User with email ghost@x.example not found in course.")


async def test_an_update_of_a_whole_group(al: Autolab) -> None:
    lab = al.filled.lab
    await update_assessment(al.world.admin, assessment_id=lab.assessment_id, group_set_id=None)
    await handed_in(al.world.student, lab)
    await handed_in(al.world.second_student, lab)
    await update_assessment(al.world.admin, assessment_id=lab.assessment_id, group_set_id=al.filled.pairs.group_set_id)
    await al.body(LAB + "/groups", "INS", "POST", json={"groups": [{"group_members": [SAM, SUE]}]})
    path = f"{LAB}/scores/{SAM}/update_latest"
    one = {"problems": {"Part A": 1}}
    assert await al.body(path, "INS", "PUT", json=one) == {SAM: {"Part A": 1.0}}
    assert (await al.body(LAB + "/scores", "INS"))[SUE] == {"1": {}}
    both = await al.body(path, "INS", "PUT", json={"problems": {"Part A": 2}, "update_group_scores": True})
    assert both == {SAM: {"Part A": 2.0}, SUE: {"Part A": 2.0}}
    assert (await al.body(LAB + "/scores", "INS"))[SUE] == {"1": {"Part A": 2.0}}


async def test_a_group_of_two(al: Autolab) -> None:  # autolab case 26, without handing in
    sent = {"groups": [{"name": "g1", "group_members": [SAM, SUE]}]}
    (made,) = await al.body(LAB + "/groups", "INS", "POST", json=sent)
    assert list(made) == ["id", "name", "created_at", "updated_at"]
    assert made["name"] == "g1"
    listed = await al.body(LAB + "/groups?show_members=true", "INS")
    assert (listed["group_size"], listed["assessment"]["name"]) == (2, "lab1")
    assert [each["email"] for each in listed["groups"][0]["members"]] == [SAM, SUE]
    assert (await al.body(LAB + "/groups", "INS"))["groups"] == [made]
    shown = await al.body(f"{LAB}/groups/{made['id']}", "INS")
    assert shown == listed["groups"][0]
    assert await al.refusal(LAB + "/groups/999", "INS") == (400, "Couldn't find group with id 999")
    assert await al.refusal(LAB + "/groups/x", "INS") == (400, "Couldn't find group with id x")


async def test_groups_as_a_form(al: Autolab) -> None:
    form = "groups[][name]=a&groups[][group_members][]=sam@uni.example&groups[][name]=b"
    form += "&groups[][group_members][]=sue@uni.example&groups[][group_members][]=ghost@x.example"
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    made = await al.body(LAB + "/groups", "INS", "POST", content=form, headers=kind)
    assert [each["name"] for each in made] == ["a", "b"]


async def test_a_group_that_is_too_large(al: Autolab) -> None:  # autolab case 27
    sent = {"groups": [{"group_members": [SAM]}, {"group_members": [SAM, SUE, "tom@uni.example"]}]}
    refused = await al.refusal(LAB + "/groups", "INS", "POST", json=sent)
    assert refused == (400, "Cannot have groups with size more than group_size")
    alone = await al.refusal(C + "/assessments/lab3/groups", "INS", "POST", json=sent)
    assert alone == (400, "Group size of assessment is currently 1, so you can't create group")
    missing = await al.refusal(LAB + "/groups", "INS", "POST")
    assert missing == (400, "Required parameter 'groups' not found")
    assert (await al.body(LAB + "/groups", "INS"))["groups"] == []


async def test_deleting_a_group(al: Autolab) -> None:  # autolab case 28
    (made,) = await al.body(LAB + "/groups", "INS", "POST", json={"groups": [{"group_members": [SAM]}]})
    path, key = f"{LAB}/groups/{made['id']}", made["id"]
    assert made["name"] == "Unnamed Group"
    assert await al.body(path, "INS", "DELETE") == {"message": f"Group {key} successfully deleted"}
    assert await al.refusal(path, "INS", "DELETE") == (400, f"Couldn't find group {key}")


async def test_group_settings(al: Autolab) -> None:  # autolab case 40
    sent = {"group_size": "3", "allow_student_assign_group": "true"}
    now = {"group_size": 3, "allow_student_assign_group": True}
    assert await al.refusal(LAB + "/set_group_settings", "ST", "POST", data=sent) == NOT_INSTRUCTOR
    assert (await al.body(LAB))["group_size"] == 2
    assert await al.body(LAB + "/set_group_settings", "INS", "POST", data=sent) == now
    assert await al.body(C + "/assessments/lab3/set_group_settings/", "INS", "POST", params=sent) == now
    assert (await al.body(C + "/assessments/lab3"))["group_size"] == 3
    small = await al.refusal(LAB + "/set_group_settings", "INS", "POST", data=sent | {"group_size": 0})
    assert small == (400, "below 1")
    missing = await al.refusal(LAB + "/set_group_settings", "INS", "POST", data={"group_size": 2})
    assert missing == (400, "Required parameter 'allow_student_assign_group' not found")
