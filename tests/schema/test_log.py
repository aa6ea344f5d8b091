"""The event log of a sitting: what happened, in order, for the staff."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert

from app.context import Context
from app.domain.attempts.models import Event, EventKind, InstanceQuestion, Variant
from app.domain.attempts.service import close_assessment_instance, start_assessment_instance
from app.domain.attempts.submitting import Answer, submit
from app.domain.grades.service import NewScore, score_problems
from tests.clock import NOW
from tests.domain.proof import key_of
from tests.factories import Coursework, University, as_user, at, coursework, university
from tests.schema.client import ask

LOG = """query ($id: Int!) { assessmentInstance(by: {databaseId: $id}) { log {
    kind happenedAt actor { username } instanceQuestion { problem { name } } variant { number } submission { number }
    data } } }"""
KINDS = "query ($id: Int!) { assessmentInstance(by: {databaseId: $id}) { log { kind happenedAt } } }"


def minutes(count: float) -> timedelta:
    """So many minutes."""
    return timedelta(minutes=count)


@pytest.fixture
async def world(ctx: Context) -> University:
    return await university(ctx)


@pytest.fixture
async def work(world: University) -> Coursework:
    return await coursework(world, "lab1", {"Part A": 100.0, "Style": 10.0})


async def sat(world: University, work: Coursework) -> int:
    """sam begins, answers Part A, then both; a program scores the first, tom the second; sam closes. The sitting."""
    sam, tom = world.student, world.assistant
    part_a, style = work.problem_ids["Part A"], work.problem_ids["Style"]
    sitting = await start_assessment_instance(sam, assessment_id=work.assessment_id)
    where = {"assessment_instance_id": sitting}
    first = await submit(at(sam, NOW + minutes(1)), **where, answers=[Answer(part_a, 41)], problem_id=part_a)  # type: ignore[arg-type]
    program = at(world.admin, NOW + minutes(2))
    await score_problems(program, submission_id=first, scores=[NewScore(part_a, 50.0, feedback_data={"log": "half"})])
    both = [Answer(part_a, 42), Answer(style, {"text": "x"})]
    second = await submit(at(sam, NOW + minutes(3)), **where, answers=both)  # type: ignore[arg-type]
    by_hand = [NewScore(part_a, 100.0, 40.0), NewScore(style, 8.0, 8.0)]
    await score_problems(at(tom, NOW + minutes(4)), submission_id=second, scores=by_hand)
    await close_assessment_instance(at(sam, NOW + minutes(5)), assessment_instance_id=sitting)
    return sitting


def entry(kind: str, after: float, who: str | None, **more: Any) -> dict[str, Any]:
    """An entry; what is not said is null."""
    empty: dict[str, Any] = dict.fromkeys(("instanceQuestion", "variant", "submission", "data"))
    problem = more.pop("problem", None)
    question = {} if problem is None else {"instanceQuestion": {"problem": {"name": problem}}}
    return {
        "kind": kind,
        "happenedAt": NOW + minutes(after),
        "actor": who and {"username": who},
        **empty,
        **question,
        **more,
    }


VARIANT, FIRST, SECOND = {"number": 1}, {"number": 1}, {"number": 2}
HALF = {"points": 50.0, "max_points": 100.0, "score_perc": 50.0}


async def test_everything_that_happened_in_order(world: University, work: Coursework) -> None:
    sitting = await sat(world, work)
    found = (await ask(world.admin, LOG, id=sitting))["assessmentInstance"]["log"]
    ids = {name: str(key) for name, key in work.problem_ids.items()}
    answer = {ids["Part A"]: 42, ids["Style"]: {"text": "x"}}
    seed = found[1]["data"].pop("variant_seed")
    assert len(seed) == 8
    whole = {"points": 100.0, "max_points": 100.0, "score_perc": 100.0, "correct": True}
    part = {"points": 8.0, "max_points": 10.0, "score_perc": 80.0, "correct": False}
    given = {"submitted_answer": {"answer": 41}, "raw_submitted_answer": {"answer": 41}}
    mark = {"correct": False, "score": 0.5, "feedback": {"log": "half"}, "submitted_answer": {"answer": 41}}
    by_hand = {"submitted_answer": answer, "manual_points": 8.0, "auto_points": 0.0, "score": 0.8, "correct": False}
    better = by_hand | {"manual_points": 40.0, "auto_points": 60.0, "score": 1.0, "correct": True}
    total = {"points": 50.0, "max_points": 110.0, "score_perc": 100 * 50 / 110}
    all_of_it = {"points": 108.0, "max_points": 110.0, "score_perc": 100 * 108 / 110}
    drawn: dict[str, Any] = {"params": {}, "true_answer": {}, "options": {}}
    a: dict[str, Any] = {"problem": "Part A"}
    one = {**a, "variant": VARIANT, "submission": FIRST}
    assert found == [
        entry("BEGIN", 0, "sam"),
        entry("NEW_VARIANT", 1, "sam", **a, variant=VARIANT, data=drawn),
        entry("SUBMISSION", 1, "sam", **one, data=given),
        entry("GRADE_SUBMISSION", 2, "root", **one, data=mark),
        entry("SCORE_QUESTION", 2, "root", **one, data=HALF | {"correct": False}),
        entry("SCORE_ASSESSMENT", 2, "root", data=total),
        entry("SUBMISSION", 3, "sam", submission=SECOND, data=given | dict.fromkeys(given, answer)),
        entry("MANUAL_GRADING", 4, "tom", **a, submission=SECOND, data=better),
        entry("MANUAL_GRADING", 4, "tom", problem="Style", submission=SECOND, data=by_hand),
        entry("SCORE_QUESTION", 4, "tom", **a, submission=SECOND, data=whole),
        entry("SCORE_QUESTION", 4, "tom", problem="Style", submission=SECOND, data=part),
        entry("SCORE_ASSESSMENT", 4, "tom", data=all_of_it),
        entry("CLOSE", 5, "sam"),
    ]


async def test_what_happened_at_one_moment_is_in_the_order_of_the_kinds(world: University, work: Coursework) -> None:
    """Stored events, written in any order, stand where their kind does; among equals, in the order of entry."""
    sitting = await start_assessment_instance(world.student, assessment_id=work.assessment_id)
    common = {"assessment_instance_id": sitting, "happened_at": NOW}
    stored = [*reversed(EventKind), EventKind.OPEN]
    await world.admin.db.execute(
        insert(Event), [{**common, "kind": kind, "data": {"n": n}} for n, kind in enumerate(stored)]
    )
    question = await key_of(
        world.admin, InstanceQuestion, assessment_instance_id=sitting, problem_id=work.problem_ids["Style"]
    )
    drawn = {"instance_question_id": question, "number": 1, "seed": "s", "created_at": NOW}
    await world.admin.db.execute(insert(Variant).values(**drawn))
    found = (await ask(world.instructor, LOG, id=sitting))["assessmentInstance"]["log"]
    assert [each["kind"] for each in found] == [
        *("BEGIN", "NEW_VARIANT", "MANUAL_GRADING", "SCORE_QUESTION", "SCORE_ASSESSMENT", "OPEN", "OPEN", "CLOSE"),
        *("VIEW_VARIANT", "VIEW_ASSESSMENT", "GROUP_JOIN", "GROUP_LEAVE"),
    ]
    assert [each["data"]["n"] for each in found if each["kind"] == "OPEN"] == [5, 9]
    assert found[1]["data"] == {"variant_seed": "s", "params": {}, "true_answer": {}, "options": {}}


async def test_logs_of_several_sittings_do_not_mix(world: University, work: Coursework) -> None:
    await sat(world, work)
    await start_assessment_instance(at(world.second_student, NOW + minutes(9)), assessment_id=work.assessment_id)
    document = "{ assessmentInstances { nodes { user { username } log { kind } } } }"
    nodes = (await ask(world.assistant, document))["assessmentInstances"]["nodes"]
    assert {each["user"]["username"]: len(each["log"]) for each in nodes} == {"sam": 13, "sue": 1}
    assert nodes[1]["log"] == [{"kind": "BEGIN"}]


READERS = {"student": 0, "assistant": 13, "instructor": 13, "admin": 13}


@pytest.mark.parametrize("reader", READERS)
async def test_the_log_is_for_the_staff_who_see_learners(world: University, work: Coursework, reader: str) -> None:
    sitting = await sat(world, work)
    found = (await ask(getattr(world, reader), KINDS, id=sitting))["assessmentInstance"]
    assert len(found["log"]) == READERS[reader]
    for other in (world.second_student, world.previewer, world.outsider):
        assert await ask(other, KINDS, id=sitting) == {"assessmentInstance": None}


async def test_a_teacher_sees_the_logs_of_their_own_course_instance_only(world: University, work: Coursework) -> None:
    """An instructor who learns elsewhere sees their own sitting there, and not its log."""
    sitting = await sat(world, work)
    document = "{ assessmentInstances { nodes { databaseId log { kind } } } }"
    teacher = as_user(world.admin, world.outsider_id)
    assert await ask(teacher, document) == {"assessmentInstances": {"nodes": []}}
    found = (await ask(world.student, document))["assessmentInstances"]["nodes"]
    assert found == [{"databaseId": sitting, "log": []}]
