"""One fact is told alike by all families: a certificate, a cohort, a team, a place (contracts/edx-core.md §22)."""

from __future__ import annotations

from typing import Any

import pytest

from app.domain.enrollment.offerings import update_course_instance
from app.domain.enrollment.service import enroll
from tests.factories import person
from tests.rest.openedx.conftest import H, OpenEdx, P, Q, R, U
from tests.rest.openedx.teamwork import MEMBERSHIPS, TEAMS, TOPICS, V0, made, make_sets
from tests.rest.openedx.test_certificates import passed

pytestmark = pytest.mark.anyio
MOBILE = "/api/mobile/v1/users/ann"
COHORTS = f"/api/cohorts/v1/courses/{R}/cohorts/"


async def for_phones(edx: OpenEdx) -> None:
    """R is for mobile devices, too."""
    await update_course_instance(edx.filled.admin, course_instance_id=edx.keys["R"], is_mobile_available=True)


async def test_a_certificate(edx: OpenEdx) -> None:
    await for_phones(edx)
    path = f"/certificates/{await passed(edx)}"
    [listed] = await edx.body("/api/certificates/v0/certificates/ann/", "ann")
    one = await edx.body(f"/api/certificates/v0/certificates/ann/courses/{R}/", "staff")
    progress = await edx.body(f"/api/course_home/progress/{R}", "ann")
    outline = await edx.body(f"/api/course_home/outline/{R}", "ann")
    courseware = await edx.body(f"/api/courseware/course/{R}", "ann")
    [item] = await edx.body(f"{MOBILE}/course_enrollments/", "ann")
    assert (listed["download_url"], one["download_url"]) == (path, path)
    assert item["certificate"] == {"url": f"http://test{path}"}
    told = progress["certificate_data"]
    assert (told["cert_status"], told["cert_web_view_url"]) == ("downloadable", path)
    assert told == outline["cert_data"] == courseware["certificate_data"]
    [grade] = await edx.body(f"/api/grades/v1/courses/{R}/?username=ann", "ann")
    assert float(listed["grade"]) == grade["percent"] == progress["course_grade"]["percent"]
    modes = {listed["certificate_type"], one["certificate_type"], item["mode"], progress["enrollment_mode"]}
    modes |= {outline["enrollment_mode"], courseware["enrollment"]["mode"]}
    assert modes == {(await edx.body(f"/api/enrollment/v1/enrollment/{R}", "ann"))["mode"]} == {"verified"}


async def test_a_cohort(edx: OpenEdx) -> None:
    admin = edx.filled.admin
    await enroll(admin, course_instance_id=edx.keys["R"], user_id=await person(admin, "cat"))
    keys = {}
    for name in ("Red", "Blue"):
        said = {"name": name, "assignment_type": "manual"}
        keys[name] = (await edx.body(COHORTS, "staff", "POST", json=said))["id"]

    async def who(cohort: str) -> tuple[list[str], list[str], int]:
        """Whom the cohort's page, and the gradebook, find in it, and how many it says it has."""
        page = (await edx.body(f"{COHORTS}{keys[cohort]}/users/", "staff"))["results"]
        book = await edx.body(f"/api/grades/v1/gradebook/{R}/?cohort_id={keys[cohort]}", "prof")
        count = (await edx.body(f"{COHORTS}{keys[cohort]}", "staff"))["user_count"]
        return [each["username"] for each in page], [each["username"] for each in book["results"]], count

    post = {"user": "ann", "course_details": {"course_id": R}, "cohort": "Red"}
    await edx.body("/api/enrollment/v1/enrollment", "staff", "POST", json=post)
    assert await who("Red") == (["ann"], ["ann"], 1)
    bulk = {"identifiers": "ann,cat", "action": "enroll", "courses": R, "cohorts": "Blue"}
    results = (await edx.body("/api/bulk_enroll/v1/bulk_enroll", "staff", "POST", json=bulk))["courses"][R]["results"]
    assert [(each["before"]["cohort"], each["after"]["cohort"]) for each in results] == [
        ("Red", "Blue"),
        (None, "Blue"),
    ]
    assert (await who("Red"), await who("Blue")) == (([], [], 0), (["ann", "cat"], ["ann", "cat"], 2))
    moved = await edx.body(f"{COHORTS}{keys['Red']}/users/cat", "staff", "POST")
    assert [each["previous_cohort"] for each in moved["changed"]] == ["Blue"]
    assert (await who("Red"), await who("Blue")) == ((["cat"], ["cat"], 1), (["ann"], ["ann"], 1))


async def test_a_team(edx: OpenEdx) -> None:
    await make_sets(edx)
    team = await made(edx, name="Whales")
    await edx.body(MEMBERSHIPS, "ann", "POST", json={"username": "ann", "team_id": team})
    sheet = (await edx.get(f"{V0}/bulk_team_membership/{R}", "prof")).text.splitlines()
    assert sheet[1] == "ann,,audit,,,,Whales"
    topic = await edx.body(f"{TOPICS}t,{R}", "ann")
    teams = await edx.body(f"{TEAMS}?course_id={Q}&topic_id=t", "ann")
    of_set = await edx.body(f"{MEMBERSHIPS}?teamset_id=t&course_id={Q}", "ann")
    assert (topic["team_count"], teams["count"], of_set["count"]) == (1, 1, 1)
    [shown] = teams["results"]
    assert shown == await edx.body(f"{TEAMS}{team}", "ann")
    being = await edx.body(f"{MEMBERSHIPS}{team},ann", "ann")
    assert of_set["results"] == [being]
    assert shown["membership"] == [{name: being[name] for name in ("user", "date_joined", "last_activity_at")}]
    await edx.body(
        f"{V0}/bulk_team_membership/{R}", "prof", "POST", 201, files={"csv": ("a", b"username,mode,t\nann,audit,\n")}
    )
    assert (await edx.body(f"{TEAMS}{team}", "ann"))["membership"] == []


async def test_a_place_and_a_bookmark(edx: OpenEdx) -> None:
    await for_phones(edx)
    done = {"username": "ann", "course_key": R, "blocks": {P: 1}}
    await edx.body("/api/completion/v1/completion-batch", "ann", "POST", json=done)
    await edx.body("/api/bookmarks/v1/bookmarks/", "ann", "POST", 201, json={"usage_id": U})
    resume = await edx.body(f"/api/courseware/resume/{R}", "ann")
    assert resume == {"block_id": P, "section_id": H, "unit_id": U}
    outline = await edx.body(f"/api/course_home/outline/{R}", "ann")
    assert outline["resume_course"]["url"].endswith(P)
    assert (await edx.body(f"{MOBILE}/course_status_info/{R}", "ann"))["last_visited_block_id"] == P
    blocks = await edx.body(
        f"/api/courses/v2/blocks/?course_id={Q}&username=ann&depth=all&requested_fields=resume_block", "ann"
    )
    assert {each["resume_block"] for each in blocks["blocks"].values()} == {True}
    [unit] = (await edx.body(f"/api/courseware/sequence/{H}", "ann"))["items"]
    assert (unit["id"], unit["bookmarked"], unit["complete"]) == (U, True, True)
    asked = {"usage_key": U}
    handler = f"/courses/{R}/xblock/{H}/handler/get_completion"
    assert await edx.body(handler, "ann", "POST", json=asked) == {"complete": True}
    summary = (await edx.body(f"/api/course_home/progress/{R}", "ann"))["completion_summary"]
    assert (summary["complete_count"], summary["incomplete_count"]) == (1, 0)


async def test_a_goal_and_a_celebration(edx: OpenEdx) -> None:
    goal: dict[str, Any] = {"days_per_week": 5, "subscribed_to_reminders": True}
    await edx.body("/api/course_home/save_course_goal", "ann", "POST", json={"course_id": R, **goal})
    await edx.told(f"/api/courseware/celebration/{R}", "ann", "POST", json={"first_section": False})
    outline = await edx.body(f"/api/course_home/outline/{R}", "ann")
    courseware = await edx.body(f"/api/courseware/course/{R}", "ann")
    metadata = await edx.body(f"/api/course_home/course_metadata/{R}", "ann")
    assert outline["course_goals"]["selected_goal"] == goal
    assert courseware["course_goals"] == outline["course_goals"]
    assert courseware["celebrations"] == metadata["celebrations"]
    assert courseware["celebrations"]["first_section"] is False
    assert courseware["course_access"] == metadata["course_access"]
