"""What is started and not yet scored shows in the gradebook: its instance, its maximum, and no points."""

from __future__ import annotations

from app.context import Context
from app.domain.attempts.service import start_assessment_instance
from app.domain.grades.gradebook import Cell, gradebooks
from tests.clock import NOW
from tests.factories import University, coursework, handed_in, scored, team


async def cells(ctx: Context, world: University, user_id: int) -> list[Cell]:
    """The cells of one person in the first course instance's gradebook, as `ctx` sees it."""
    (book,) = await gradebooks(ctx, [world.course_instance_id])
    return next(line.cells for line in book if line.user_id == user_id)


async def test_a_sitting_without_a_score(world: University) -> None:
    work = await coursework(world)
    sitting = await start_assessment_instance(world.student, assessment_id=work.assessment_id)
    for reader in (world.instructor, world.student):
        (cell,) = await cells(reader, world, world.student_id)
        assert cell.assessment_instance_id == sitting
        assert (cell.points, cell.score_perc, cell.max_points) == (None, None, 110.0)
        assert (cell.started_at, cell.duration_seconds, cell.change_index) == (NOW, 0.0, None)
    (other,) = await cells(world.instructor, world, world.second_student_id)
    assert (other.assessment_instance_id, other.max_points, other.started_at) == (None, None, None)


async def test_a_group_s_sitting_without_a_score_shows_for_each_member(world: University) -> None:
    made = await team(world)
    work = await coursework(world, group_set_id=made.group_set_id)
    sitting = await start_assessment_instance(world.student, assessment_id=work.assessment_id)
    for member in (world.student_id, world.second_student_id):
        (cell,) = await cells(world.instructor, world, member)
        assert cell.assessment_instance_id == sitting


async def test_a_score_takes_its_place(world: University) -> None:
    work = await coursework(world)
    submission_id = await handed_in(world.student, work)
    await scored(world.instructor, submission_id, work, Part_A=55.0)
    (cell,) = await cells(world.instructor, world, world.student_id)
    assert (cell.points, cell.max_points, cell.score_perc) == (55.0, 110.0, 50.0)
