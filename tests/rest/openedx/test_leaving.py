"""Who leaves a run is out of it everywhere, and keeps what they did there (contracts/edx-core.md §22)."""

from __future__ import annotations

from typing import Any

import pytest

from app.domain.blocks.completion import NewCompletion, record_completion
from app.domain.blocks.visits import create_bookmark
from app.domain.enrollment.offerings import update_course_instance
from app.domain.grades.overrides import override_grade
from app.domain.groups.cohorts import create_cohort
from app.domain.groups.models import Filling, Management
from app.domain.groups.placing import place_in_cohort
from app.domain.groups.service import create_group, create_group_set
from app.domain.progress.service import set_course_goal, sign_integrity
from tests.rest.openedx.conftest import H, OpenEdx, P, Q, R, U
from tests.rest.openedx.test_enrollment import post

pytestmark = pytest.mark.anyio
BLOCKS = f"/api/courses/v1/blocks/?course_id={Q}&username=ann"
BATCH = "/api/completion/v1/completion-batch"
STATUS = f"/api/mobile/v1/users/ann/course_status_info/{R}"
READ = {
    BLOCKS: (200, 403),
    f"/api/course_home/dates/{R}": (200, 401),
    f"/api/course_home/progress/{R}": (200, 401),
    f"/api/courseware/sequence/{H}": (200, 404),
    STATUS: (200, 404),
    f"/api/team/v0/teams/?course_id={Q}": (200, 403),
    f"/api/enrollment/v1/enrollment/{R}": (200, 200),
    f"/api/grades/v1/courses/{R}/?username=ann": (200, 200),
    f"/api/course_home/outline/{R}": (200, 200),
    f"/api/course_home/course_metadata/{R}": (200, 200),
}
"""What ann is answered while she takes part, and when she does not."""


@pytest.fixture
async def at_work(edx: OpenEdx) -> OpenEdx:
    """ann has done something of everything."""
    admin, ann, keys = edx.filled.admin, edx.filled.by("ann"), edx.keys
    here: dict[str, Any] = {"course_instance_id": keys["R"]}
    await update_course_instance(admin, **here, is_mobile_available=True)
    await record_completion(ann, **here, completions=[NewCompletion(keys["P"], 1.0)])
    await override_grade(admin, assessment_id=keys["assessment"], user_id=keys["ann"], points=1.0)
    await create_bookmark(ann, block_id=keys["U"])
    await set_course_goal(ann, **here, has_goal_reminders=True, goal_days_per_week=3)
    await sign_integrity(ann, **here)
    cohort = await create_cohort(admin, **here, name="A", filling=Filling.MANUAL)
    await place_in_cohort(admin, group_id=cohort, people=["ann"])
    about: dict[str, Any] = {"name": "Teams", "key": "t", "max_size": 9, "management": Management.OPEN}
    await create_group(
        admin, group_set_id=await create_group_set(admin, **here, **about), name="T", user_ids=[keys["ann"]]
    )
    return edx


async def told(edx: OpenEdx) -> dict[str, int]:
    """The status of each answer to ann."""
    return {path: (await edx.told(path, "ann"))[0] for path in READ}


async def kept(edx: OpenEdx) -> list[Any]:
    """What ann has: completion, a bookmark, a goal, a cohort, a team, a grade."""
    blocks = (await edx.body(f"{BLOCKS}&depth=all&requested_fields=completion", "ann"))["blocks"]
    outline = await edx.body(f"/api/course_home/outline/{R}", "ann")
    team = await edx.body(f"/api/team/v0/team_membership/?username=ann&course_id={Q}", "prof")
    book = await edx.body(f"/api/grades/v1/gradebook/{R}/", "prof")
    [cohort] = await edx.body(f"/api/cohorts/v1/courses/{R}/cohorts/", "staff")
    return [
        {key: each["completion"] for key, each in blocks.items()},
        outline["course_goals"]["selected_goal"],
        outline["resume_course"],
        await edx.body("/api/bookmarks/v1/bookmarks/", "ann"),
        team["results"],
        book["results"],
        cohort["user_count"],
        await edx.body(f"/api/agreements/v1/integrity_signature/{R}", "ann"),
        await edx.body(f"/api/grades/v1/courses/{R}/?username=ann", "ann"),
    ]


async def test_who_leaves_is_out_everywhere_and_finds_everything_again(at_work: OpenEdx) -> None:
    edx = at_work
    assert await told(edx) == {path: status for path, (status, _) in READ.items()}
    before = await kept(edx)
    assert (await post(edx, "staff", user="ann", is_active=False))[0] == 200
    assert await told(edx) == {path: status for path, (_, status) in READ.items()}
    outline = await edx.body(f"/api/course_home/outline/{R}", "ann")
    assert (outline["course_blocks"], outline["course_tools"], outline["enrollment_mode"]) == (None, [], None)
    access = (await edx.body(f"/api/course_home/course_metadata/{R}", "ann"))["course_access"]
    assert access["error_code"] == "enrollment_required"
    courseware = await edx.body(f"/api/courseware/course/{R}", "ann")
    assert courseware["enrollment"] == {"mode": None, "is_active": False}
    assert courseware["course_access"]["error_code"] == "enrollment_required"
    assert (await edx.body(f"/api/grades/v1/gradebook/{R}/", "prof"))["results"] == []
    assert (await edx.body(f"/api/grades/v1/courses/{R}/", "staff"))["results"] == []
    assert await edx.body("/api/mobile/v1/users/ann/course_enrollments/", "ann") == []
    [grade] = await edx.body(f"/api/grades/v1/courses/{R}/?username=ann", "ann")
    assert (grade["percent"], grade["passed"]) == (0.5, True)
    [cohort] = await edx.body(f"/api/cohorts/v1/courses/{R}/cohorts/", "staff")
    members = await edx.body(f"/api/cohorts/v1/courses/{R}/cohorts/{cohort['id']}/users/", "staff")
    assert (cohort["user_count"], [each["username"] for each in members["results"]]) == (0, ["ann"])
    assert (await post(edx, "ann"))[0] == 200
    assert await kept(edx) == before


async def test_who_left_writes_nothing(at_work: OpenEdx) -> None:
    edx = at_work
    await post(edx, "staff", user="ann", is_active=False)
    done = {"username": "ann", "course_key": R, "blocks": {P: 0.5}}
    refused = {"detail": "User is not enrolled in course."}
    assert await edx.told(BATCH, "ann", "POST", json=done) == (400, refused)
    assert await edx.told(f"/api/courseware/celebration/{R}", "ann", "POST", json={}) == (404, None)
    assert (await edx.told(STATUS, "ann", "PATCH", json={"last_visited_module_id": U}))[0] == 404
    goal = {"course_id": R, "days_per_week": 5, "subscribed_to_reminders": False}
    assert (await edx.told("/api/course_home/save_course_goal", "ann", "POST", json=goal))[0] == 400
    reset = {"course_key": R}
    assert (await edx.told("/api/course_experience/v1/reset_course_deadlines", "ann", "POST", json=reset))[0] == 400
    await post(edx, "ann")
    outline = await edx.body(f"/api/course_home/outline/{R}", "ann")
    assert outline["course_goals"]["selected_goal"] == {"days_per_week": 3, "subscribed_to_reminders": True}
