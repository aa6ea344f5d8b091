"""Groups, written through the graph; and one score for all members."""

from __future__ import annotations

from typing import Any

import pytest

from schema.core.node import global_id
from tests.clock import NOW
from tests.domain.site import Site
from tests.schema.client import ask, denial, refusal, write

pytestmark = pytest.mark.anyio

GROUP = "group { name members { username } groupSet { name } }"


async def test_a_course_instance_is_divided(site: Site) -> None:
    place = {"courseInstanceId": site.world.course_instance_id}
    selection = "groupSet { id name minSize maxSize isSelfAssigned }"
    made = await write(site.world.instructor, "createGroupSet", selection, **place, name="Pairs", maxSize=2)
    key = made["groupSet"].pop("id")
    assert made == {"groupSet": {"name": "Pairs", "minSize": 1, "maxSize": 2, "isSelfAssigned": False}}
    changed = await write(site.world.instructor, "updateGroupSet", selection, groupSetId=key, isSelfAssigned=True)
    assert changed == {"groupSet": {"id": key, "name": "Pairs", "minSize": 1, "maxSize": 2, "isSelfAssigned": True}}
    below = await refusal(site.world.instructor, "updateGroupSet", groupSetId=key, minSize=3)
    assert below == ("OUT_OF_RANGE", ["maxSize"])
    assert await refusal(site.world.instructor, "updateGroupSet", groupSetId=key, name="TRIOS") == ("TAKEN", ["name"])
    assert await refusal(site.world.instructor, "updateGroupSet", groupSetId=key, name=None) == ("REQUIRED", ["name"])


async def test_a_group_is_made_of_people_who_leave_their_groups(site: Site) -> None:
    members = [global_id("User", site.world.student_id), str(site.world.second_student_id)]
    place = {"groupSetId": site.team.group_set_id, "name": "g2"}
    made = await write(site.world.instructor, "createGroup", GROUP, **place, memberIds=members)
    assert made == {
        "group": {
            "name": "g2",
            "members": [{"username": "sam"}, {"username": "sue"}],
            "groupSet": {"name": "Trios"},
        }
    }
    old = await ask(
        site.world.instructor,
        "query($id: Int!) { group(by: {databaseId: $id}) { members { id } } }",
        id=site.team.group_id,
    )
    assert old == {"group": {"members": []}}


@pytest.mark.parametrize(
    ("members", "code"),
    [
        (["junk"], "NOT_FOUND"),
        (["99999"], "NOT_FOUND"),
        (["{newcomer}"], "NOT_FOUND"),
        (["{instructor}"], "NOT_ENROLLED"),
    ],
)
async def test_only_learners_of_the_course_make_a_group(site: Site, members: list[str], code: str) -> None:
    people = {"{newcomer}": str(site.newcomer_id), "{instructor}": str(site.world.instructor_id)}
    asked = {"groupSetId": site.team.group_set_id, "name": "g2", "memberIds": [people.get(m, m) for m in members]}
    assert await refusal(site.world.instructor, "createGroup", **asked) == (code, ["memberIds"])


async def test_a_group_may_be_full(site: Site) -> None:
    await write(
        site.world.instructor, "updateGroupSet", "groupSet { id }", groupSetId=site.team.group_set_id, maxSize=1
    )
    both = [site.world.student_id, site.world.second_student_id]
    asked = {"groupSetId": site.team.group_set_id, "name": "g2", "memberIds": both}
    assert await refusal(site.world.instructor, "createGroup", **asked) == ("GROUP_FULL", ["memberIds"])
    joining = {"groupId": site.team.group_id, "userId": site.world.second_student_id}
    assert await refusal(site.world.instructor, "addGroupMember", **joining) == ("GROUP_FULL", ["userId"])


async def test_learners_join_and_leave_where_they_assign_themselves(site: Site) -> None:
    learner, place = site.world.second_student, {"groupId": global_id("Group", site.team.group_id)}
    assert await denial(learner, "addGroupMember", **place) == "NOT_FOUND"
    freed = {"groupSetId": site.team.group_set_id, "isSelfAssigned": True}
    await write(site.world.instructor, "updateGroupSet", "groupSet { id }", **freed)
    selection = f"groupMembership {{ joinedAt leftAt user {{ username }} }} {GROUP}"
    joined = await write(learner, "addGroupMember", selection, **place)
    both = [{"username": "sam"}, {"username": "sue"}]
    assert joined == {
        "groupMembership": {"joinedAt": NOW, "leftAt": None, "user": {"username": "sue"}},
        "group": {"name": "g1", "members": both, "groupSet": {"name": "Trios"}},
    }
    assert await write(learner, "removeGroupMember", selection, **place) == {"groupMembership": None, "group": None}
    assert await refusal(learner, "removeGroupMember", **place) == ("NOT_IN_GROUP", ["userId"])


async def test_the_staff_sees_who_left(site: Site) -> None:
    leaving = {"groupId": site.team.group_id, "userId": site.world.student_id}
    selection = "groupMembership { leftAt user { username } } group { members { id } }"
    left = await write(site.world.instructor, "removeGroupMember", selection, **leaving)
    assert left == {"groupMembership": {"leftAt": NOW, "user": {"username": "sam"}}, "group": {"members": []}}


async def test_a_deleted_group_is_gone(site: Site) -> None:
    key = global_id("Group", site.team.group_id)
    assert await write(site.world.instructor, "deleteGroup", "deletedId", groupId=key) == {"deletedId": key}
    assert await ask(site.world.admin, "query($id: ID!) { node(id: $id) { id } }", id=key) == {"node": None}
    assert await denial(site.world.instructor, "deleteGroup", groupId=key) == "NOT_FOUND"


async def duo(site: Site) -> tuple[str, str]:
    """An assessment done in groups and its only problem, and a second member for the group."""
    instructor = site.world.instructor
    second = {"groupId": site.team.group_id, "userId": global_id("User", site.world.second_student_id)}
    await write(instructor, "addGroupMember", "group { id }", **second)
    place = {"courseInstanceId": site.world.course_instance_id, "categoryId": site.work.category_id}
    values = {"name": "duo", "title": "Duo", "groupSetId": site.team.group_set_id}
    made = await write(instructor, "createAssessment", "assessment { id }", **place, **values)
    key = made["assessment"]["id"]
    problem = await write(instructor, "createProblem", "problem { id }", assessmentId=key, name="P", maxPoints=8)
    return key, problem["problem"]["id"]


async def test_the_score_of_a_group_reaches_every_member(site: Site) -> None:
    sam, sue = site.world.student, site.world.second_student
    key, problem = await duo(site)
    started = await write(sam, "startAssessmentInstance", "assessmentInstance { id group { name } }", assessmentId=key)
    sitting = started["assessmentInstance"].pop("id")
    assert started == {"assessmentInstance": {"group": {"name": "g1"}}}
    answers = [{"problemId": problem, "answer": {"x": 1}}]
    selection = "submission { id number submittedBy { username } }"
    handed_in = await write(sue, "submit", selection, assessmentInstanceId=sitting, answers=answers)
    submission = handed_in["submission"].pop("id")
    assert handed_in == {"submission": {"number": 1, "submittedBy": {"username": "sue"}}}
    scored = await write(
        site.world.instructor,
        "scoreProblems",
        "submission { assessmentInstance { points assessment { columnGrades { nodes { points user { name } } } } } }",
        submissionId=submission,
        scores=[{"problemId": problem, "value": 6}],
        release=True,
    )
    grades = [{"points": 6.0, "user": {"name": name}} for name in ("Sam", "Sue")]
    assert scored["submission"]["assessmentInstance"] == {
        "points": 6.0,
        "assessment": {"columnGrades": {"nodes": grades}},
    }
    mine = "query($id: ID!) { node(id: $id) { ... on Assessment { columnGrades { nodes { points } } } } }"
    for learner in (sam, sue):
        assert await ask(learner, mine, id=key) == {"node": {"columnGrades": {"nodes": [{"points": 6.0}]}}}


@pytest.mark.parametrize("values", [{"name": " "}, {"name": "x" * 256}])
async def test_names_of_groups(site: Site, values: dict[str, Any]) -> None:
    codes = {" ": "REQUIRED"}
    refused = await refusal(site.world.instructor, "createGroup", groupSetId=site.team.group_set_id, **values)
    assert refused == (codes.get(values["name"], "TOO_LONG"), ["name"])
