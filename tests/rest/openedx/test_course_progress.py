"""A learner's progress (contracts/edx-core.md §4.4, case 20 and more)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from app.domain.blocks.models import ShowCorrectness
from app.domain.blocks.service import update_block
from app.domain.enrollment.service import enroll
from app.domain.grades.overrides import override_grade
from tests.clock import NOW
from tests.rest.openedx.conftest import CALLERS, H, OpenEdx, R
from tests.rest.openedx.test_course_home import HOME, NO_RUN, PREFIXES, change, finish

pytestmark = pytest.mark.anyio
DAY = timedelta(days=1)
URL = f"http://test/courses/{R}/jump_to/{H}"
NOT_DONE = {
    **{"assignment_type": "Homework", "block_key": H, "display_name": "Homework 1", "has_graded_assignment": True},
    **{"override": None, "learner_has_access": True, "num_points_earned": 0.0, "num_points_possible": 2.0},
    **{"percent_graded": 0.0, "problem_scores": [{"earned": 0.0, "possible": 2.0}]},
    **{"show_correctness": "always", "show_grades": True, "url": URL},
}


async def subsection(edx: OpenEdx, who: str = "ann", path: str = "") -> dict[str, Any]:
    """What is told of the only subsection."""
    (section,) = (await edx.body(f"{HOME}progress/{R}{path}", who))["section_scores"]
    (made,) = section["subsections"]
    return dict(made)


@pytest.mark.parametrize("prefix", PREFIXES)
async def test_nothing_is_done(edx: OpenEdx, prefix: str) -> None:
    body = await edx.body(f"{prefix}progress/{R}", "ann")
    assert body.pop("enrollment_mode") == "audit"
    urls = dict.fromkeys(("cert_web_view_url", "download_url", "certificate_available_date"))
    assert body.pop("certificate_data") == {"cert_status": "audit_passing", **urls}
    assert body == {
        **{"access_expiration": None, "credit_course_requirements": None, "end": None},
        "completion_summary": {"complete_count": 0, "incomplete_count": 1, "locked_count": 0},
        "course_grade": {"letter_grade": None, "percent": 0.0, "is_passing": False},
        "grading_policy": {
            "assignment_policies": [
                {"num_droppable": 0, "num_total": 1, "short_label": "HW", "type": "Homework", "weight": 1.0}
            ],
            "grade_range": {"Pass": 0.5},
        },
        "has_scheduled_content": False,
        "section_scores": [{"display_name": "Chapter", "subsections": [NOT_DONE]}],
        **{"studio_url": None, "user_has_passing_grade": False, "username": "ann"},
        "verification_data": {"link": None, "status": "none", "status_date": ""},
        **{"verified_mode": None, "can_show_upgrade_sock": False, "disable_progress_graph": False},
    }


async def test_what_is_done(edx: OpenEdx) -> None:
    await finish(edx)
    learner: dict[str, Any] = {"assessment_id": edx.keys["assessment"], "user_id": edx.keys["ann"]}
    await override_grade(edx.filled.admin, **learner, points=1.0)
    body = await edx.body(f"{HOME}progress/{R}", "ann")
    assert body["completion_summary"] == {"complete_count": 1, "incomplete_count": 0, "locked_count": 0}
    assert body["course_grade"] == {"letter_grade": "Pass", "percent": 0.5, "is_passing": True}
    assert body["user_has_passing_grade"] is True
    told = await subsection(edx)
    assert (told["num_points_earned"], told["num_points_possible"], told["percent_graded"]) == (1.0, 2.0, 0.5)
    assert set(told["override"]) == {"system", "reason"}
    assert (await edx.body(f"{HOME}outline/{R}", "ann"))["user_has_passing_grade"] is True
    others = await edx.body(f"{HOME}progress/{R}", "prof")
    assert others["completion_summary"]["complete_count"] == 0


@pytest.mark.parametrize("who", [*CALLERS, "bob"])
async def test_who_reads_whose(edx: OpenEdx, who: str | None) -> None:
    ann = edx.keys["ann"]
    status, body = await edx.told(f"{HOME}progress/{R}/{ann}", who)  # edx case 20
    if who in ("bob", "other"):
        assert (status, body) == (401, "User not enrolled.")
    else:
        assert status == (401 if who is None else 200)
        assert who is None or body["username"] == "ann"


async def test_learners_read_their_own(edx: OpenEdx) -> None:
    await enroll(edx.filled.admin, course_instance_id=edx.keys["R"], user_id=edx.keys["bob"])
    ann, bob = edx.keys["ann"], edx.keys["bob"]
    assert (await edx.told(f"{HOME}progress/{R}/{ann}", "bob"))[0] == 404  # edx case 20
    assert (await edx.body(f"{HOME}progress/{R}/{bob}", "bob"))["username"] == "bob"
    assert (await edx.body(f"{HOME}progress/{R}/{bob}", "prof"))["username"] == "bob"
    for junk in ("junk", "0", "9" * 30, "-1", "%00", "2147483648"):
        for who in ("prof", "ann"):
            assert (await edx.told(f"{HOME}progress/{R}/{junk}", who))[0] == 404
    for key in (NO_RUN, "course-v1:a+b+%00"):
        assert (await edx.told(f"{HOME}progress/{key}", "ann"))[0] == 404


@pytest.mark.parametrize(
    ("details", "shown"),
    [
        ({"show_correctness": ShowCorrectness.NEVER}, False),
        ({"show_correctness": ShowCorrectness.PAST_DUE, "due_at": NOW + DAY}, False),
        ({"show_correctness": ShowCorrectness.PAST_DUE, "due_at": NOW - DAY}, True),
    ],
)
async def test_scores_that_are_not_shown(edx: OpenEdx, details: dict[str, Any], shown: bool) -> None:
    learner: dict[str, Any] = {"assessment_id": edx.keys["assessment"], "user_id": edx.keys["ann"]}
    await override_grade(edx.filled.admin, **learner, points=1.0)
    await update_block(edx.filled.admin, block_id=edx.keys["H"], **details)
    own = await subsection(edx)
    assert (own["show_grades"], own["num_points_earned"], own["override"] is None) == (shown, float(shown), not shown)
    assert len(own["problem_scores"]) == shown
    whole = {"letter_grade": "Pass", "percent": 0.5, "is_passing": True}
    nothing = {"letter_grade": None, "percent": 0.0, "is_passing": False}
    assert (await edx.body(f"{HOME}progress/{R}", "ann"))["course_grade"] == (whole if shown else nothing)
    (grade,) = await edx.body(f"/api/grades/v1/courses/{R}/?username=ann", "ann")
    assert grade["percent"] == (0.5 if shown else 0.0)
    for who in ("ta", "prof", "staff"):
        seen = await subsection(edx, who, f"/{edx.keys['ann']}")
        assert (seen["show_grades"], seen["num_points_earned"]) == (True, 1.0)
        assert (await edx.body(f"{HOME}progress/{R}/{edx.keys['ann']}", who))["course_grade"] == whole
    (grade,) = await edx.body(f"/api/grades/v1/courses/{R}/?username=ann", "staff")
    assert grade["percent"] == 0.5


async def test_a_run_without_the_page(edx: OpenEdx) -> None:
    await change(edx, hides_progress=True)
    for who in ("ann", "prof"):
        assert (await edx.told(f"{HOME}progress/{R}", who))[0] == 404
    await change(edx, hides_progress=False, start_at=NOW + DAY)
    assert (await edx.told(f"{HOME}progress/{R}", "ann"))[0] == 403
