"""Scores reach instance questions, instances, and the grades of everybody concerned."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import select

from app.context import Context
from app.domain.assessments.models import ScoringModel, Zone
from app.domain.assessments.problems import create_problem, update_problem
from app.domain.assessments.service import update_assessment
from app.domain.attempts.models import AssessmentInstance, InstanceQuestion
from app.domain.attempts.service import close_assessment_instance, start_assessment_instance
from app.domain.attempts.submitting import Answer, submit
from app.domain.enrollment.service import enroll
from app.domain.grades.flow import propagate
from app.domain.grades.models import ChangeKind, ColumnGrade
from app.domain.grades.service import NewScore, recompute_grades, release_scores, score_problems
from app.domain.groups.service import add_group_member, delete_group, remove_group_member
from app.domain.rows import insert_row
from tests.clock import NOW
from tests.domain.proof import grades, key_of, nothing_changes, only_row
from tests.factories import Coursework, University, coursework, handed_in, person, scored, team

pytestmark = pytest.mark.anyio


async def question(ctx: Context, problem_id: int) -> Any:
    return await only_row(ctx, InstanceQuestion, await key_of(ctx, InstanceQuestion, problem_id=problem_id))


async def test_a_score_flows_to_the_grade(ctx: Context, world: University) -> None:
    work = await coursework(world)
    submission = await handed_in(world.student, work)
    await scored(world.assistant, submission, work, Part_A=55)
    row = await question(ctx, work.problem_ids["Part A"])
    assert (row.points, row.released_points, row.manual_points) == (55.0, None, None)
    assert (row.highest_submission_score, row.last_submission_score, row.number_attempts) == (0.55, 0.55, 1)
    row = await question(ctx, work.problem_ids["Style"])
    assert (row.points, row.highest_submission_score, row.number_attempts) == (None, None, 0)
    sitting = await only_row(ctx, AssessmentInstance, await key_of(ctx, AssessmentInstance, user_id=world.student_id))
    assert (sitting.points, sitting.released_points) == (55.0, None)
    assert (sitting.score_perc, sitting.released_score_perc) == (50.0, None)
    grade = await only_row(ctx, ColumnGrade, await key_of(ctx, ColumnGrade, user_id=world.student_id))
    assert (grade.course_instance_id, grade.assessment_instance_id) == (world.course_instance_id, sitting.id)
    assert (grade.points, grade.released_points, grade.max_points, grade.score_perc) == (55.0, None, 110.0, 50.0)
    assert (grade.override_points, grade.is_exempt, grade.feedback, grade.notes) == (None, False, None, None)
    assert (grade.change_index, grade.first_relevant_at, grade.last_relevant_at) == (1, NOW, NOW)


async def test_released_scores_have_totals_of_their_own(ctx: Context, world: University) -> None:
    work = await coursework(world)
    submission = await handed_in(world.student, work)
    await scored(world.assistant, submission, work, release=True, Style=4)
    await scored(world.assistant, submission, work, Part_A=51)
    assert await grades(ctx, work) == {world.student_id: (55.0, 4.0, 50.0, 100 * 4 / 110)}
    again = await handed_in(world.student, work)
    await scored(world.assistant, again, work, Style=9)
    row = await question(ctx, work.problem_ids["Style"])
    assert (row.points, row.released_points) == (9.0, 4.0)


@pytest.mark.parametrize(
    ("model", "points", "manual", "released"),
    [
        (ScoringModel.HIGHEST, 8.0, 3.0, 6.0),
        (ScoringModel.LOWEST, 2.0, None, 2.0),
        (ScoringModel.FIRST, 6.0, 1.0, 6.0),
        (ScoringModel.LAST, 2.0, None, 2.0),
        (ScoringModel.AVERAGE, 16 / 3, 2.0, 4.0),
    ],
)
async def test_which_submission_of_a_problem_counts(
    ctx: Context, world: University, model: ScoringModel, points: float, manual: float | None, released: float
) -> None:
    work = await coursework(world, problems={"A": 10}, scoring_model=model)
    marks: list[tuple[float | None, float | None, bool]] = [
        (6, 1, True),
        (8, 3, False),
        (2, None, True),
        (None, None, True),
    ]
    for value, by_hand, release in marks:
        submission = await handed_in(world.student, work)
        mark = NewScore(work.problem_ids["A"], value, manual_value=by_hand)
        await score_problems(world.assistant, submission_id=submission, scores=[mark], release=release)
    row = await question(ctx, work.problem_ids["A"])
    assert (row.points, row.manual_points, row.released_points) == (points, manual, released)
    assert (row.highest_submission_score, row.last_submission_score, row.number_attempts) == (0.8, 0.2, 3)
    assert await grades(ctx, work) == {world.student_id: (points, released, 10 * points, 10 * released)}


@pytest.mark.parametrize(
    ("model", "counts", "points"),
    [
        (ScoringModel.HIGHEST, 1, 8.0),
        (ScoringModel.LOWEST, 2, 2.0),
        (ScoringModel.FIRST, 0, 5.0),
        (ScoringModel.LAST, 2, 2.0),
        (ScoringModel.AVERAGE, 2, 5.0),
    ],
)
async def test_which_sitting_counts(
    ctx: Context, world: University, model: ScoringModel, counts: int, points: float
) -> None:
    work = await coursework(world, problems={"A": 10}, scoring_model=model)
    sittings = []
    for value in (5, 8, 2):
        sittings.append(await start_assessment_instance(world.student, assessment_id=work.assessment_id))
        await scored(world.assistant, await handed_in(world.student, work), work, release=True, A=value)
        await close_assessment_instance(world.student, assessment_instance_id=sittings[-1])
    await start_assessment_instance(world.student, assessment_id=work.assessment_id)
    grade = await only_row(ctx, ColumnGrade, await key_of(ctx, ColumnGrade, user_id=world.student_id))
    assert (grade.assessment_instance_id, grade.points, grade.released_points) == (sittings[counts], points, points)


async def test_a_submission_to_one_question_and_one_to_all_count_alike(ctx: Context, world: University) -> None:
    work = await coursework(world)
    whole, one = await handed_in(world.student, work), await handed_in(world.student, work, "Style")
    await scored(world.assistant, whole, work, Part_A=10, Style=3)
    await scored(world.assistant, one, work, Style=8)
    assert (await grades(ctx, work))[world.student_id][0] == 18.0


async def test_zones_limit_points(ctx: Context, world: University) -> None:
    work = await coursework(world, problems={"Loose": 10})
    zone = await insert_row(ctx, Zone, {"assessment_id": work.assessment_id, "number": 1, "best_problems": 1})
    for name in ("P1", "P2"):
        made = await create_problem(ctx, assessment_id=work.assessment_id, name=name, max_points=5, zone_id=zone)
        work.problem_ids[name] = made
    submission = await handed_in(world.student, work)
    await scored(world.assistant, submission, work, release=True, Loose=6, P1=3, P2=4)
    assert await grades(ctx, work) == {world.student_id: (10.0, 10.0, 100 * 10 / 15, 100 * 10 / 15)}


async def test_a_maximum_of_nothing_is_no_division(ctx: Context, world: University) -> None:
    work = await coursework(world, problems={"Free": 0})
    await scored(world.assistant, await handed_in(world.student, work), work, release=True, Free=3)
    assert await grades(ctx, work) == {world.student_id: (3.0, 3.0, 0.0, 0.0)}
    row = await question(ctx, work.problem_ids["Free"])
    assert (row.highest_submission_score, row.last_submission_score) == (0.0, 0.0)


async def test_a_groups_score_reaches_every_member(ctx: Context, world: University) -> None:
    pairs = await team(world, max_size=3)
    work = await coursework(world, group_set_id=pairs.group_set_id)
    submission = await handed_in(world.student, work)
    await scored(world.assistant, submission, work, release=True, Part_A=55)
    both = dict.fromkeys((world.student_id, world.second_student_id), (55.0, 55.0, 50.0, 50.0))
    assert await grades(ctx, work) == both
    sitting = await key_of(ctx, AssessmentInstance, group_id=pairs.group_id)
    rows = await ctx.db.fetch(
        select(ColumnGrade.assessment_instance_id, ColumnGrade.change_index).order_by("change_index")
    )
    assert [tuple(row) for row in rows] == [(sitting, 1), (sitting, 2)]


async def test_who_left_a_group_keeps_the_grade_and_who_came_gets_it(ctx: Context, world: University) -> None:
    pairs = await team(world, max_size=3)
    await enroll(ctx, course_instance_id=world.course_instance_id, user_id=world.loner_id)
    work = await coursework(world, group_set_id=pairs.group_set_id)
    submission = await handed_in(world.student, work)
    await scored(world.assistant, submission, work, Part_A=55)
    await remove_group_member(ctx, group_id=pairs.group_id, user_id=world.student_id)
    await add_group_member(ctx, group_id=pairs.group_id, user_id=world.loner_id)
    await scored(world.assistant, submission, work, Part_A=66)
    assert {user_id: grade[0] for user_id, grade in (await grades(ctx, work)).items()} == {
        world.student_id: 55.0,
        world.second_student_id: 66.0,
        world.loner_id: 66.0,
    }


async def test_whoever_joins_late_gets_the_grade_when_grades_are_recomputed(ctx: Context, world: University) -> None:
    pairs = await team(world, [world.student_id])
    work = await coursework(world, group_set_id=pairs.group_set_id)
    await scored(world.assistant, await handed_in(world.student, work), work, Part_A=55)
    await add_group_member(ctx, group_id=pairs.group_id, user_id=world.second_student_id)
    assert list(await grades(ctx, work)) == [world.student_id]
    await recompute_grades(world.instructor, assessment_id=work.assessment_id)
    assert {grade[0] for grade in (await grades(ctx, work)).values()} == {55.0}
    assert len(await grades(ctx, work)) == 2


async def test_the_work_of_a_deleted_group_counts_no_more(ctx: Context, world: University) -> None:
    pairs = await team(world)
    work = await coursework(world, group_set_id=pairs.group_set_id)
    submission = await handed_in(world.student, work)
    await scored(world.assistant, submission, work, Part_A=55)
    await delete_group(ctx, group_id=pairs.group_id)
    async with nothing_changes(ctx):
        await recompute_grades(ctx, assessment_id=work.assessment_id)


async def test_grades_follow_problems_and_scoring_model_when_recomputed(ctx: Context, world: University) -> None:
    work = await coursework(world, problems={"A": 10})
    for value in (8, 5):
        await scored(world.assistant, await handed_in(world.student, work), work, release=True, A=value)
    await update_assessment(ctx, assessment_id=work.assessment_id, scoring_model=ScoringModel.LAST)
    await update_problem(ctx, problem_id=work.problem_ids["A"], max_points=20)
    assert await grades(ctx, work) == {world.student_id: (8.0, 8.0, 80.0, 80.0)}
    assert await recompute_grades(world.instructor, assessment_id=work.assessment_id) == work.assessment_id
    assert await grades(ctx, work) == {world.student_id: (5.0, 5.0, 25.0, 25.0)}
    grade = await only_row(ctx, ColumnGrade, await key_of(ctx, ColumnGrade, user_id=world.student_id))
    assert grade.max_points == 20.0
    async with nothing_changes(ctx):
        await recompute_grades(world.instructor, assessment_id=work.assessment_id)


async def learners(ctx: Context, world: University, count: int) -> list[int]:
    made = [await person(ctx, f"learner{place}") for place in range(count)]
    for user_id in made:
        await enroll(ctx, course_instance_id=world.course_instance_id, user_id=user_id)
    return made


async def handed_in_by(world: University, work: Coursework, user_ids: Sequence[int]) -> None:
    for user_id in user_ids:
        start = start_assessment_instance(world.assistant, assessment_id=work.assessment_id, user_id=user_id)
        answers = [Answer(work.problem_ids["Style"], 1)]
        made = await submit(world.assistant, assessment_instance_id=await start, answers=answers)
        await scored(world.assistant, made, work, Part_A=50, Style=5)


@pytest.mark.parametrize("count", [1, 12])
async def test_the_number_of_statements_is_constant(ctx: Context, world: University, count: int) -> None:
    work = await coursework(world)
    people = await learners(ctx, world, count)
    await handed_in_by(world, work, people)
    before = world.instructor.db.statements
    assert await release_scores(world.instructor, assessment_id=work.assessment_id) == 2 * count
    assert world.instructor.db.statements - before == 19
    assert set((await grades(ctx, work)).values()) == {(55.0, 55.0, 50.0, 50.0)}
    before = world.instructor.db.statements
    await recompute_grades(world.instructor, assessment_id=work.assessment_id)
    assert world.instructor.db.statements - before == 13


async def test_nothing_flows_from_nothing(ctx: Context, world: University) -> None:
    before = ctx.db.statements
    assert await propagate(ctx, [], ChangeKind.SCORED) == ((), ())
    assert ctx.db.statements == before
