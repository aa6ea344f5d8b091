"""Several subsections of a type, those that nobody sees, those that are not graded (contracts/edx-core.md §9)."""

from __future__ import annotations

from typing import Any

import pytest

from app.domain.assessments.models import Assessment
from app.domain.assessments.subsections import assess_block
from app.domain.blocks.service import create_block
from app.domain.gradebook.calculations import set_calculation
from app.domain.gradebook.formulas import Term
from app.domain.gradebook.models import CalculationKind
from app.domain.grades.overrides import override_grade
from tests.domain.proof import key_of
from tests.rest.openedx.conftest import BLOCK, H, OpenEdx, R

pytestmark = pytest.mark.anyio
BOOK = f"/api/grades/v1/gradebook/{R}/"
INFO = f"{BOOK}grading-info"
SECOND, THIRD, READING, SECRET = (BLOCK.format("sequential", name) for name in ("h2", "h3", "read", "secret"))
HIDDEN = BLOCK.format("chapter", "hidden")


async def subsection(edx: OpenEdx, usage: str, name: str, chapter: int, *, is_graded: bool = True) -> int:
    """A subsection with a problem of two points, graded as homework or not; the assessment's id."""
    here: dict[str, Any] = {"course_instance_id": edx.keys["R"]}
    block = await create_block(
        edx.filled.admin, kind="sequential", name=name, parent_id=chapter, usage_key=usage, **here
    )
    await create_block(edx.filled.admin, kind="problem", name="P", weight=2.0, parent_id=block, **here)
    return await assess_block(edx.filled.admin, block_id=block, category_id=edx.keys["homework"]) if is_graded else 0


@pytest.fixture
async def graded(edx: OpenEdx) -> OpenEdx:
    """Four homeworks are asked for, the lowest is dropped; there are three that learners see, and one they don't."""
    admin, keys = edx.filled.admin, edx.keys
    here: dict[str, Any] = {"course_instance_id": keys["R"], "parent_id": keys["ROOT"], "kind": "chapter"}
    hidden = await create_block(admin, **here, usage_key=HIDDEN, name="Hidden", is_staff_only=True, ordinal=0)
    await subsection(edx, SECRET, "Secret", hidden)
    ids = [keys["assessment"]]
    ids += [await subsection(edx, usage, name, keys["C"]) for usage, name in ((SECOND, "Two"), (THIRD, "Three"))]
    await subsection(edx, READING, "Reading", keys["C"], is_graded=False)
    column = await key_of(admin, Assessment, name="final")
    terms = [Term(keys["homework"], weight=100.0, drop_lowest=1, min_count=4)]
    total = CalculationKind.WEIGHTED_TOTAL
    await set_calculation(admin, assessment_id=column, kind=total, is_running=False, terms=terms)
    for assessment, points in zip(ids, (2.0, 1.0, 0.5), strict=True):
        await override_grade(edx.filled.by("prof"), assessment_id=assessment, user_id=keys["ann"], points=points)
    return edx


async def test_the_entries_of_a_report(graded: OpenEdx) -> None:
    query = {"course_id": R, "username": "ann"}
    [row] = (await graded.body("/api/grades/v1/section_grades_breakdown/", "staff", params=query))["results"]
    entries = row["section_breakdown"]
    assert [(each["label"], each["percent"], each["detail"]) for each in entries] == [
        ("HW 01", 1.0, "Homework 1 - Homework 1 - 100% (2/2)"),
        ("HW 02", 0.5, "Homework 2 - Two - 50% (1/2)"),
        ("HW 03", 0.25, "Homework 3 - Three - 25% (0.5/2)"),
        ("HW 04", 0.0, "Homework 4 Unreleased - 0% (?/?)"),
        ("HW Avg", pytest.approx(1.75 / 3), "Homework Average = 58.33%"),
    ]
    assert [sorted(each.keys() - {"percent", "label", "detail", "category"}) for each in entries] == [
        *([], [], [], ["mark"], ["prominent"]),
    ]
    assert entries[3]["mark"] == {"detail": "The lowest 1 Homework scores are dropped."}
    assert (row["current_grade"], row["passed"]) == (58, True)
    [own] = await graded.body(f"/api/grades/v1/courses/{R}/?username=ann", "ann")
    assert (own["percent"], own["letter_grade"]) == (0.58, "Pass")


async def test_numbers_pass_over_what_learners_do_not_see(graded: OpenEdx) -> None:
    row = await graded.body(f"{BOOK}?username=ann", "prof")
    shown = {each["module_id"]: (each["label"], each["percent"]) for each in row["section_breakdown"]}
    assert shown == {H: ("HW 01", 1.0), SECOND: ("HW 02", 0.5), THIRD: ("HW 03", 0.25)}
    info = (await graded.body(INFO, "prof"))["subsections"]
    assert [(each["module_id"], each["assignment_type"], each["short_label"], each["graded"]) for each in info] == [
        (SECRET, "Homework", None, True),
        (H, "Homework", "HW 01", True),
        (SECOND, "Homework", "HW 02", True),
        (THIRD, "Homework", "HW 03", True),
        (READING, None, None, False),
    ]
    for text, count in (("true", 4), ("True", 4), ("1", 4), ("false", 5), ("0", 5), ("", 5)):
        found = await graded.body(INFO, "prof", params={"graded_only": text})
        assert len(found["subsections"]) == count


async def test_a_subsection_that_only_the_staff_sees_is_not_available(graded: OpenEdx) -> None:
    path = f"/api/grades/v1/subsection/{SECRET}/?user_id={graded.keys['ann']}"
    body = await graded.body(path, "prof")
    message = "Cannot override subsection grade: subsection is not available for target learner."
    assert (body["success"], body["error_message"], body["override"]) == (False, message, None)
    read = await graded.body(path.replace(SECRET, READING), "prof")
    assert (read["success"], read["override"], read["history"]) == (True, None, [])


async def test_ungraded_learners_are_among_those_with_little(graded: OpenEdx) -> None:
    for query, count in (
        ({"course_grade_max": "40"}, 0),
        ({"course_grade_min": "0"}, 1),
        ({"course_grade_min": 58}, 1),
    ):
        found = await graded.body(BOOK, "prof", params=query)
        assert (found["filtered_users_count"], found["total_users_count"]) == (count, 1)
