"""What learners have of a course instance, by enrolment: results, graded blocks, breakdowns, pages of learners."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from app.context import Context
from app.domain.blocks.service import update_block
from app.domain.enrollment.models import Enrollment
from app.domain.enrollment.service import drop_enrollment, enroll
from app.domain.grades.breakdown import BreakdownEntry, breakdowns
from app.domain.grades.course_results import CourseResult
from app.domain.grades.learners import (
    NOTHING,
    ProblemScore,
    SubsectionGrade,
    course_results,
    problem_scores,
    subsection_grades,
)
from app.domain.grades.models import CourseGrade
from app.domain.grades.overrides import override_grade
from app.domain.grades.roster import Roster, RosterLine, rosters
from app.domain.rows import insert_row
from app.errors import BadRequest
from tests.factories import University, handed_in, person, scored, team
from tests.graded import Graded, graded

pytestmark = pytest.mark.anyio


async def enrollment_of(world: University, user_id: int) -> int:
    """The enrolment of a person in the first course instance."""
    own = Enrollment
    here = (own.course_instance_id == world.course_instance_id, own.user_id == user_id)
    key = await world.admin.db.scalar(select(own.id).where(*here))
    assert isinstance(key, int)
    return key


async def grade_of(ctx: Context, work: Graded, user_id: int, place: int = 0) -> SubsectionGrade:
    """The grade of one homework."""
    (grades,) = await subsection_grades(ctx, [await enrollment_of(work.world, user_id)])
    return grades[place]


async def score(work: Graded, learner: Context, points: float, place: int = 0, *, release: bool = True) -> None:
    """Hand in one homework, and mark it."""
    own = work.sets[place]
    await scored(work.world.assistant, await handed_in(learner, own), own, release=release, problem=points)


async def test_who_has_no_grade_has_nothing(world: University) -> None:
    work = await graded(world)
    key = await enrollment_of(world, world.student_id)
    assert await course_results(world.student, [key, 0]) == [NOTHING, NOTHING]
    assert await subsection_grades(world.student, [0]) == [[]]
    assert await grade_of(world.student, work, world.student_id) == SubsectionGrade(
        block_id=work.blocks["set"],
        assessment_id=work.first.assessment_id,
        category_id=work.category_id,
        category_name="Homework",
        label="HW 01",
        name="Set",
        column_grade_id=None,
        is_attempted=False,
        is_overridden=False,
        is_withheld=False,
        fraction=0.0,
        points=0.0,
        max_points=2.0,
        all_points=0.0,
        all_max_points=2.0,
        original_points=0.0,
        original_max_points=2.0,
        override_reason=None,
        override_source=None,
        sitting=(work.first.assessment_id, None),
    )
    stored = await world.admin.db.fetch(select(CourseGrade.id))
    assert list(stored) == []


async def test_an_override_stands_beside_what_the_scores_come_to(world: University) -> None:
    work = await graded(world)
    here: dict[str, Any] = {"assessment_id": work.first.assessment_id, "user_id": world.student_id}
    await score(work, world.student, 0.5)
    before = await grade_of(world.student, work, world.student_id)
    assert (before.is_attempted, before.points, before.fraction) == (True, 0.5, 0.25)
    terms: dict[str, Any] = {"max_points": 4.0, "all_points": 2.0, "all_max_points": 5.0, "reason": "Appeal"}
    await override_grade(world.instructor, **here, points=3.0, **terms, source="PROCTORING")
    for ctx in (world.student, world.assistant, world.admin):
        after = await grade_of(ctx, work, world.student_id)
        assert (after.points, after.max_points, after.fraction) == (3.0, 4.0, 0.75)
        assert (after.all_points, after.all_max_points) == (2.0, 5.0)
        assert (after.original_points, after.original_max_points, after.is_attempted) == (0.5, 2.0, True)
        assert (after.is_overridden, after.override_reason, after.override_source) == (True, "Appeal", "PROCTORING")
    key = await enrollment_of(world, world.student_id)
    assert await course_results(world.student, [key]) == [CourseResult(0.75, "Pass", is_passed=True)]


async def test_what_is_not_released_is_nothing_to_the_learner(world: University) -> None:
    work = await graded(world)
    await score(work, world.student, 1.5, release=False)
    seen = await grade_of(world.student, work, world.student_id)
    assert (seen.points, seen.max_points, seen.is_attempted, seen.original_points) == (0.0, 2.0, False, 0.0)
    staff = await grade_of(world.assistant, work, world.student_id)
    assert (staff.points, staff.is_attempted, staff.original_points) == (1.5, True, 1.5)


async def test_problem_by_problem(world: University) -> None:
    work = await graded(world)
    problem, other = work.first.problem_ids["problem"], world.second_student_id
    await score(work, world.student, 1.5, release=False)
    mine, theirs = [(await grade_of(world.admin, work, each)).sitting for each in (world.student_id, other)]
    nothing = [ProblemScore(problem, 0.0, 2.0)]
    assert await problem_scores(world.instructor, [mine, theirs]) == [[ProblemScore(problem, 1.5, 2.0)], nothing]
    assert await problem_scores(world.student, [mine]) == [nothing]
    assert await problem_scores(world.second_student, [mine]) == [nothing]
    assert await problem_scores(world.outsider, [mine]) == [[]]


async def test_blocks_for_the_staff_alone_are_left_out(world: University) -> None:
    work = await graded(world, "one", "two", "three")
    await update_block(world.admin, block_id=work.blocks["two"], is_staff_only=True)
    key = await enrollment_of(world, world.student_id)
    for ctx in (world.student, world.instructor, world.admin):
        (grades,) = await subsection_grades(ctx, [key])
        assert [(each.label, each.name) for each in grades] == [("HW 01", "One"), ("HW 02", "Three")]
    await update_block(world.admin, block_id=work.blocks["chapter"], is_staff_only=True)
    assert await subsection_grades(world.instructor, [key]) == [[]]


@pytest.mark.parametrize("caller", ["second_student", "outsider", "previewer", "loner"])
async def test_others_see_nothing_of_it(world: University, caller: str) -> None:
    work = await graded(world)
    await score(work, world.student, 2.0)
    key = await enrollment_of(world, world.student_id)
    ctx = getattr(world, caller)
    assert await course_results(ctx, [key]) == [NOTHING]
    assert await subsection_grades(ctx, [key]) == [[]]
    assert await breakdowns(ctx, [key]) == [[]]


async def test_a_result_without_a_verdict_is_its_letter(world: University) -> None:
    where = {"course_instance_id": world.course_instance_id, "user_id": world.student_id}
    await insert_row(world.admin, CourseGrade, {**where, "result": "B+", "percentage": None, "is_passed": None})
    enrollment = await enrollment_of(world, world.student_id)
    assert await course_results(world.student, [enrollment]) == [CourseResult(0.0, "B+", is_passed=False)]


async def test_a_breakdown_tells_what_is_dropped_and_what_is_missing(world: University) -> None:
    work = await graded(world, "one", "two", min_count=3, drops=1)
    await score(work, world.student, 2.0)
    await score(work, world.student, 1.0, place=1)
    (entries,) = await breakdowns(world.student, [await enrollment_of(world, world.student_id)])
    dropped = "The lowest 1 Homework scores are dropped."
    assert entries == [
        BreakdownEntry("Homework", "HW 01", "Homework 1 - One - 100% (2/2)", 1.0),
        BreakdownEntry("Homework", "HW 02", "Homework 2 - Two - 50% (1/2)", 0.5),
        BreakdownEntry("Homework", "HW 03", "Homework 3 Unreleased - 0% (?/?)", 0.0, dropped=dropped),
        BreakdownEntry("Homework", "HW Avg", "Homework Average = 75.00%", 0.75, is_total=True),
    ]


async def test_a_single_slot_is_its_type(world: University) -> None:
    work = await graded(world)
    await score(work, world.student, 1.0)
    (entries,) = await breakdowns(world.student, [await enrollment_of(world, world.student_id)])
    assert entries == [BreakdownEntry("Homework", "HW", "Homework = 50.00%", 0.5, is_total=True)]


async def page(ctx: Context, world: University, **asked: Any) -> tuple[int, int, list[int]]:
    """(count, count of those asked for, enrolments of the page) of the first course instance."""
    (found,) = await rosters(ctx, [world.course_instance_id], **asked)
    return found.total_count, found.filtered_count, [each.enrollment_id for each in found.learners]


async def test_learners_in_pages(world: University) -> None:
    place = world.course_instance_id
    more = [await person(world.admin, f"more{number}") for number in range(3)]
    for each in more:
        await enroll(world.admin, course_instance_id=place, user_id=each)
    keys = [await enrollment_of(world, each) for each in (world.student_id, world.second_student_id, *more)]
    (first,) = await rosters(world.instructor, [place], first=2)
    assert first == Roster(5, 5, True, False, [RosterLine(keys[0]), RosterLine(keys[1])])
    (second,) = await rosters(world.instructor, [place], first=2, after=keys[1])
    assert second == Roster(5, 5, True, True, [RosterLine(keys[2]), RosterLine(keys[3])])
    (last,) = await rosters(world.instructor, [place], first=2, after=keys[3])
    assert last == Roster(5, 5, False, True, [RosterLine(keys[4])])
    (back,) = await rosters(world.instructor, [place], first=2, before=keys[4])
    assert back == Roster(5, 5, True, True, [RosterLine(keys[2]), RosterLine(keys[3])])
    (start,) = await rosters(world.instructor, [place], first=2, before=keys[2])
    assert start == Roster(5, 5, True, False, [RosterLine(keys[0]), RosterLine(keys[1])])
    await drop_enrollment(world.instructor, enrollment_id=keys[0])
    left = await rosters(world.instructor, [place, 0], first=2**31 - 3)
    assert [each.total_count for each in left] == [4, 0]
    for size in (0, -1):
        with pytest.raises(BadRequest):
            await rosters(world.instructor, [place], first=size)


async def test_who_sees_which_learners(world: University) -> None:
    assert (await page(world.assistant, world))[0] == 2
    assert await page(world.student, world) == (1, 1, [await enrollment_of(world, world.student_id)])
    for ctx in (world.outsider, world.previewer, world.loner):
        assert await page(ctx, world) == (0, 0, [])


async def test_learners_by_name_and_group(world: University) -> None:
    sam, sue = [await enrollment_of(world, each) for each in (world.student_id, world.second_student_id)]
    group = (await team(world, [world.second_student_id])).group_id
    for asked, expected in (
        ({"username": "sam"}, [sam]),
        ({"username": "SAM"}, []),
        ({"username": "\0"}, []),
        ({"username_contains": "SA"}, [sam]),
        ({"username_contains": "%"}, []),
        ({"username_contains": "uni"}, []),
        ({"name_contains": "@UNI.example"}, [sam, sue]),
        ({"name_contains": "\0"}, []),
        ({"user_id": world.second_student_id}, [sue]),
        ({"user_id": 2**70}, []),
        ({"group_id": group}, [sue]),
        ({"group_id": -(2**70)}, []),
        ({"group_id": group, "username": "sam"}, []),
        ({"after": 2**70}, []),
        ({"before": -1}, []),
    ):
        found = await page(world.instructor, world, **asked)
        assert (asked, found[0], found[2]) == (asked, 2, expected)


async def test_learners_by_grade(world: University) -> None:
    """Who has no course grade has 0 percent; who has no grade of an assessment is left out."""
    work = await graded(world)
    sam, sue = [await enrollment_of(world, each) for each in (world.student_id, world.second_student_id)]
    await score(work, world.student, 1.5)
    own = {"assessment_id": work.first.assessment_id}
    for asked, expected in (
        ({"course_min": 50.0}, [sam]),
        ({"course_min": 0.0}, [sam, sue]),
        ({"course_max": 74.0}, [sue]),
        ({"course_min": 75.0, "course_max": 75.0}, [sam]),
        ({"assessment_min": 80.0}, [sam, sue]),
        ({**own}, [sam, sue]),
        ({**own, "assessment_min": 0.0}, [sam]),
        ({**own, "assessment_min": 80.0}, []),
        ({**own, "assessment_max": 75.0}, [sam]),
        ({"assessment_id": 2**70, "assessment_max": 75.0}, []),
    ):
        found = await page(world.instructor, world, **asked)
        assert (asked, *found[1:]) == (asked, len(expected), expected)
