"""Submissions (contracts/prairielearn.md §3.8, decision 0001)."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import delete, update

from app.domain.attempts.models import AssessmentInstance, Submission, Variant
from app.domain.grades.models import Score
from app.domain.groups.models import Group, GroupMembership, GroupSet
from tests.rest.prairielearn import examples
from tests.rest.prairielearn.conftest import CI, PrairieLearn
from tests.rest.prairielearn.world import add, answer, instant, mark

SUBMISSIONS = CI + "/assessment_instances/31/submissions"
NO_VARIANT = dict.fromkeys(("variant_id", "variant_number", "variant_seed", "params", "true_answer", "options"))
NO_MARK = dict.fromkeys(("graded_at", "partial_scores", "feedback", "score", "correct"))
DOT = {
    "question_id": 115,
    "question_name": "vectors/dot",
    "question_topic": None,
    "question_tags": [],
    "instance_question_id": 62,
    "assessment_question_max_points": 6,
    "assessment_question_max_auto_points": 6,
    "instance_question_points": 4,
    "instance_question_auto_points": 4,
    "instance_question_score_perc": 200 / 3,
}
ESSAY = {
    "question_id": 2**31 + 203,
    "question_name": "essay",
    "question_topic": None,
    "question_tags": [],
    "instance_question_id": 63,
    "assessment_question_max_auto_points": 0,
    "assessment_question_max_manual_points": 5,
    "instance_question_auto_points": 0,
    "instance_question_manual_points": 5,
}
WRONG = {
    "submission_id": 879,
    "date": "2024-09-03T10:05:00-05:00",
    "submitted_answer": {"c": 12},
    "partial_scores": None,
    "feedback": None,
    "graded_at": "2024-09-03T10:05:01-05:00",
    "score": 0,
    "correct": False,
    "final_submission_per_variant": False,
    "best_submission_per_variant": False,
}
WRITTEN = {
    "submission_id": 883,
    "date": "2024-09-03T10:20:00-05:00",
    "submitted_answer": {"_files": [{"name": "essay.txt", "contents": "RGVhci4="}]},
    "partial_scores": None,
    "feedback": {"manual": "Well argued."},
    "graded_at": "2024-09-04T10:00:00-05:00",
}
DOTTED = {
    "submission_id": 881,
    "date": "2024-09-03T10:10:00-05:00",
    "submitted_answer": {"dot": 7},
    "partial_scores": None,
    "feedback": None,
    "graded_at": "2024-09-03T10:10:01-05:00",
    "score": 2 / 3,
    "correct": False,
    "final_submission_per_variant": False,
}
UNMARKED = {
    "submission_id": 882,
    "date": "2024-09-03T10:12:00-05:00",
    "submitted_answer": {"dot": 8},
    "best_submission_per_variant": False,
}
pytestmark = pytest.mark.anyio


async def found(pl: PrairieLearn, key: int) -> list[dict[str, Any]]:
    """The listed entries of a submission."""
    return [each for each in await pl.body(SUBMISSIONS) if each["submission_id"] == key]


async def test_all_submissions_question_by_question(pl: PrairieLearn) -> None:
    first = examples.SUBMISSION
    assert await pl.body(SUBMISSIONS) == [
        first | WRONG,
        first,
        first | ESSAY | NO_VARIANT | WRITTEN,
        first | DOT | NO_VARIANT | DOTTED,
        first | DOT | NO_VARIANT | NO_MARK | UNMARKED,
    ]


async def test_one_submission_is_the_last_and_the_best_of_itself(pl: PrairieLearn) -> None:
    both = {"final_submission_per_variant": True, "best_submission_per_variant": True}
    assert await pl.body(CI + "/submissions/879") == examples.SUBMISSION | WRONG | both
    assert await pl.body(CI + "/submissions/881") == examples.SUBMISSION | DOT | NO_VARIANT | DOTTED | both


async def test_last_and_best_are_of_each_variant(pl: PrairieLearn) -> None:
    drawn = {"instance_question_id": 61, "seed": "77", "created_at": instant("09-03 16:00")}
    await add(pl.ctx, Variant, {"id": 403, "number": 2, **drawn})
    again = answer(890, 61, 6, "09-03 16:05", variant_id=403, answer={"c": 1})
    await add(pl.ctx, Submission, again, assessment_instance_id=31, course_instance_id=41)
    await pl.ctx.db.execute(update(Score).where(Score.submission_id == 879).values(value=5.0))
    await pl.ctx.db.execute(update(Score).where(Score.submission_id == 880).values(value=4.0))
    of_variants = {
        each["submission_id"]: (each["final_submission_per_variant"], each["best_submission_per_variant"])
        for each in await pl.body(SUBMISSIONS)
        if each["question_id"] == 114
    }
    assert of_variants == {879: (False, True), 880: (True, False), 890: (True, True)}


async def test_the_latest_of_equals_is_the_best(pl: PrairieLearn) -> None:
    await pl.ctx.db.execute(update(Score).where(Score.submission_id == 879).values(value=5.0))
    best = [each["submission_id"] for each in await pl.body(SUBMISSIONS) if each["best_submission_per_variant"]]
    assert best == [880, 883, 881]


async def test_submissions_come_by_question_number_variant_date_and_id(pl: PrairieLearn) -> None:
    await pl.ctx.db.execute(delete(Score))
    drawn = {"instance_question_id": 61, "seed": "77", "created_at": instant("09-03 16:00")}
    await add(pl.ctx, Variant, {"id": 403, "number": 2, **drawn})
    rows = [
        answer(899, 61, 6, "09-03 15:00", variant_id=403),
        answer(893, 61, 7, "09-03 14:00", variant_id=402),
        answer(892, 61, 8, "09-03 14:00", variant_id=402),
        answer(891, 61, 9, "09-03 13:00"),
    ]
    await add(pl.ctx, Submission, *rows, assessment_instance_id=31, course_instance_id=41)
    keys = [each["submission_id"] for each in await pl.body(SUBMISSIONS)]
    assert keys == [892, 893, 879, 880, 899, 891, 883, 881, 882]


async def test_a_submission_of_the_whole_assessment_is_listed_with_each_question(pl: PrairieLearn) -> None:
    await pl.ctx.db.execute(delete(Score))
    await pl.ctx.db.execute(delete(Submission).where(Submission.id.in_([879, 880, 881, 882])))
    whole = answer(895, None, 9, "09-05 15:00", answer={"text": "all"})
    await add(pl.ctx, Submission, whole, assessment_instance_id=31, course_instance_id=41, credit=100, mode="Public")
    await add(pl.ctx, Score, mark(895, 201, 5.0, "09-05 16:00"), mark(895, 202, 3.0, "09-05 16:00"))
    handed = {"submission_id": 895, "date": "2024-09-05T10:00:00-05:00", "submitted_answer": {"text": "all"}}
    common = examples.SUBMISSION | NO_VARIANT | handed | {"partial_scores": None, "feedback": None}
    marked = {"graded_at": "2024-09-05T11:00:00-05:00"}
    expected = [
        common | marked,
        common | ESSAY | NO_MARK,
        common | DOT | marked | {"score": 0.5, "correct": False},
    ]
    assert await found(pl, 895) == expected
    assert await pl.body(CI + "/submissions/895") == expected[0]


async def test_the_owner_is_the_instances_and_not_who_pressed_submit(pl: PrairieLearn) -> None:
    await pl.ctx.db.execute(update(Submission).where(Submission.id == 880).values(submitted_by_id=504))
    assert await pl.body(CI + "/submissions/880") == examples.SUBMISSION


async def test_a_submission_of_a_group(pl: PrairieLearn) -> None:
    await add(pl.ctx, GroupSet, {"id": 1, "course_instance_id": 41, "name": "Pairs", "max_size": 2})
    await add(pl.ctx, Group, {"id": 5, "group_set_id": 1, "course_instance_id": 41, "name": "red"})
    member = {"group_id": 5, "group_set_id": 1, "joined_at": instant("09-01 12:00")}
    await add(pl.ctx, GroupMembership, {"user_id": 506, **member}, {"user_id": 502, **member})
    await pl.ctx.db.execute(
        update(AssessmentInstance).where(AssessmentInstance.id == 31).values(user_id=None, group_id=5)
    )
    nobody = dict.fromkeys(("user_id", "user_uid", "user_uin", "user_name")) | {"user_role": "None"}
    group = {"group_id": 5, "group_name": "red", "group_uids": ["kim@uni.example", "rin@uni.example"]}
    assert await pl.body(CI + "/submissions/880") == examples.SUBMISSION | nobody | group


async def test_what_the_program_and_what_a_person_said_lie_side_by_side(pl: PrairieLearn) -> None:
    said = {"feedback": "Nearly.", "feedback_data": {"c": "off by one"}}
    await pl.ctx.db.execute(update(Score).where(Score.submission_id == 880).values(**said))
    assert (await pl.body(CI + "/submissions/880"))["feedback"] == {"c": "off by one", "manual": "Nearly."}


async def test_files_lie_beside_the_answer(pl: PrairieLearn) -> None:
    await pl.ctx.db.execute(update(Submission).where(Submission.id == 883).values(answer={"words": 1}))
    (entry,) = await found(pl, 883)
    assert entry["submitted_answer"] == {"words": 1, **WRITTEN["submitted_answer"]}  # type: ignore[dict-item]


async def test_unreleased_marks_are_for_the_staff(pl: PrairieLearn) -> None:
    await pl.ctx.db.execute(update(Score).values(is_released=False))
    for who in ("DATA", "OWNER", "ADMIN"):
        assert await pl.body(CI + "/submissions/880", who) == examples.SUBMISSION


async def test_a_problem_without_points_has_no_fraction(pl: PrairieLearn) -> None:
    requested = {"grading_requested_at": instant("09-03 15:08"), "credit": None, "mode": None}
    await pl.ctx.db.execute(update(Submission).where(Submission.id == 880).values(**requested))
    await pl.ctx.db.execute(update(Score).where(Score.submission_id == 880).values(value=None))
    unknown = {"grading_requested_at": "2024-09-03T10:08:00-05:00", "credit": None, "mode": None}
    unscored = {"score": None, "correct": None}
    assert await pl.body(CI + "/submissions/880") == examples.SUBMISSION | unknown | unscored
