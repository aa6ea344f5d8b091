"""The event log (contracts/prairielearn.md §3.9)."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import update

from app.domain.attempts.models import AssessmentInstance, Event, Submission
from app.domain.catalog.models import CourseInstance
from tests.rest.prairielearn import examples
from tests.rest.prairielearn.conftest import CI, PrairieLearn
from tests.rest.prairielearn.world import add, answer, instant, sitting

LOG = CI + "/assessment_instances/31/log"
pytestmark = pytest.mark.anyio


async def by_name(pl: PrairieLearn, name: str) -> list[dict[str, Any]]:
    """The entries of a name."""
    return [each for each in await pl.body(LOG) if each["event_name"] == name]


async def test_what_happened_in_order(pl: PrairieLearn) -> None:
    assert [(each["event_name"], each["qid"], each["submission_id"]) for each in await pl.body(LOG)] == [
        ("Begin", None, None),
        ("New variant", "addNumbers", None),
        ("Submission", "addNumbers", "879"),
        ("Grade submission", "addNumbers", "879"),
        ("Submission", "addNumbers", "880"),
        ("Grade submission", "addNumbers", "880"),
        ("Submission", "vectors/dot", "881"),
        ("Grade submission", "vectors/dot", "881"),
        ("Submission", "vectors/dot", "882"),
        ("Submission", "essay", "883"),
    ]


async def test_every_entry_has_every_key(pl: PrairieLearn) -> None:
    assert [set(each) for each in await pl.body(LOG)] == [set(examples.LOG[0])] * 10


async def test_a_new_variant(pl: PrairieLearn) -> None:
    drawn = {"variant_seed": "3f8a2c", "params": {"a": 4, "b": 9}, "true_answer": {"c": 13}, "options": {}}
    assert await by_name(pl, "New variant") == [
        examples.LOG[1]
        | {
            "event_name": "New variant",
            "event_color": "gray1",
            "event_date": "2024-09-03T15:03:00.000Z",
            "date_iso8601": "2024-09-03T10:03:00-05:00",
            "formatted_date": "2024-09-03 10:03:00 (CDT)",
            "submission_id": None,
            "data": drawn,
        }
    ]


async def test_a_grading(pl: PrairieLearn) -> None:
    assert (await by_name(pl, "Grade submission"))[1] == examples.LOG[1] | {
        "event_name": "Grade submission",
        "event_color": "orange3",
        "event_date": "2024-09-03T15:07:41.000Z",
        "date_iso8601": "2024-09-03T10:07:41-05:00",
        "formatted_date": "2024-09-03 10:07:41 (CDT)",
        "auth_user_uid": None,
        "data": {
            "correct": True,
            "score": 1,
            "feedback": {},
            "submitted_answer": {"c": 13},
            "true_answer": {"c": 13},
        },
    }


async def test_a_submission_tells_whether_it_was_right(pl: PrairieLearn) -> None:
    found = {each["submission_id"]: each["data"]["correct"] for each in await by_name(pl, "Submission")}
    assert found == {"879": False, "880": True, "881": False, "882": None, "883": None}


async def test_a_question_of_no_bank_has_an_id_of_its_own(pl: PrairieLearn) -> None:
    essay = (await by_name(pl, "Submission"))[-1]
    assert (essay["qid"], essay["question_id"], essay["instance_question_id"]) == ("essay", "2147483851", "63")
    assert (essay["variant_id"], essay["variant_number"], essay["variant_seed"]) == (None, None, None)
    assert (essay["student_question_number"], essay["instructor_question_number"]) == ("3", "3")


MANUAL = {"correct": True, "score": 1, "manual_points": 5, "auto_points": 0, "submitted_answer": None}
STORED: list[tuple[str, str, str, Any, Any]] = [
    ("MANUAL_GRADING", "Manual grading results", "blue2", MANUAL, MANUAL | {"submission_id": "883"}),
    ("SCORE_QUESTION", "Score question", "brown1", {"points": 5}, {"points": 5}),
    ("SCORE_ASSESSMENT", "Score assessment", "brown3", {"points": 14}, {"points": 14}),
    ("OPEN", "Open", "gray3", {"remaining_time": "Unlimited"}, {"remaining_time": "Unlimited"}),
    ("CLOSE", "Close", "gray3", None, None),
    ("VIEW_VARIANT", "View variant", "green3", None, None),
    ("VIEW_ASSESSMENT", "View assessment overview", "green1", None, None),
    ("GROUP_JOIN", "Group join", "gray2", {"user": "rin"}, {"user": "rin"}),
    ("GROUP_LEAVE", "Group leave", "gray2", {"user": "rin"}, {"user": "rin"}),
]


@pytest.mark.parametrize(("kind", "name", "color", "stored", "told"), STORED)
async def test_what_is_stored_as_an_event(
    pl: PrairieLearn, kind: str, name: str, color: str, stored: Any, told: Any
) -> None:
    event = {"kind": kind, "happened_at": instant("09-04 15:00:00.123456"), "data": stored, "actor_id": 504}
    await add(pl.ctx, Event, {**event, "assessment_instance_id": 31, "submission_id": 883, "instance_question_id": 63})
    last = (await pl.body(LOG))[-1]
    assert last == examples.LOG[0] | {
        "event_name": name,
        "event_color": color,
        "event_date": "2024-09-04T15:00:00.123Z",
        "date_iso8601": "2024-09-04T10:00:00-05:00",
        "formatted_date": "2024-09-04 10:00:00 (CDT)",
        "auth_user_uid": "tom@uni.example",
        "qid": "essay",
        "question_id": "2147483851",
        "instance_question_id": "63",
        "submission_id": "883",
        "student_question_number": "3",
        "instructor_question_number": "3",
        "data": told if kind != "MANUAL_GRADING" else told | {"feedback": None, "rubric_grading": None},
    }


async def test_a_manual_grading_tells_that_the_submission_was_right(pl: PrairieLearn) -> None:
    event = {"kind": "MANUAL_GRADING", "happened_at": instant("09-04 15:00"), "data": {"correct": True}}
    await add(pl.ctx, Event, {**event, "assessment_instance_id": 31, "submission_id": 883, "instance_question_id": 63})
    assert (await by_name(pl, "Submission"))[-1]["data"]["correct"] is True


async def test_events_of_one_instant_come_by_kind_then_id(pl: PrairieLearn) -> None:
    kinds = ["VIEW_ASSESSMENT", "CLOSE", "SCORE_ASSESSMENT", "SCORE_QUESTION", "MANUAL_GRADING", "CLOSE"]
    common = {"assessment_instance_id": 31, "happened_at": instant("09-03 15:07:40"), "data": None}
    rows = [{"id": 900 - place, "kind": kind, "actor_id": 501 + place % 2} for place, kind in enumerate(kinds)]
    await add(pl.ctx, Event, *rows, **common)
    at_once = [
        (each["event_name"], each["auth_user_uid"])
        for each in await pl.body(LOG)
        if each["event_date"] == "2024-09-03T15:07:40.000Z"
    ]
    assert at_once == [
        ("Submission", "rin@uni.example"),
        ("Manual grading results", "ida@uni.example"),
        ("Score question", "rin@uni.example"),
        ("Score assessment", "ida@uni.example"),
        ("Close", "rin@uni.example"),
        ("Close", "rin@uni.example"),
        ("View assessment overview", "ida@uni.example"),
    ]


async def test_a_submission_of_the_whole_assessment_names_no_question(pl: PrairieLearn) -> None:
    await add(pl.ctx, AssessmentInstance, sitting(52, 8, 506, started_at=None))
    whole = answer(895, None, 1, "09-05 15:00", answer={"text": "all"})
    await add(pl.ctx, Submission, whole, assessment_instance_id=52, course_instance_id=41)
    nothing = dict.fromkeys(("auth_user_uid", "qid", "question_id", "instance_question_id", "variant_id"))
    nothing |= dict.fromkeys(("variant_number", "variant_seed", "student_question_number"))
    handed = {"submitted_answer": {"text": "all"}, "raw_submitted_answer": {"text": "all"}, "correct": None}
    assert await pl.body(CI + "/assessment_instances/52/log") == [
        examples.LOG[1]
        | nothing
        | {
            "instructor_question_number": None,
            "event_date": "2024-09-05T15:00:00.000Z",
            "date_iso8601": "2024-09-05T10:00:00-05:00",
            "formatted_date": "2024-09-05 10:00:00 (CDT)",
            "submission_id": "895",
            "data": handed,
        }
    ]


async def test_an_instance_that_nothing_happened_in_has_an_empty_log(pl: PrairieLearn) -> None:
    await add(pl.ctx, AssessmentInstance, sitting(52, 8, 506, started_at=None))
    assert await pl.body(CI + "/assessment_instances/52/log") == []


async def test_the_log_is_dated_in_the_course_instances_time_zone(pl: PrairieLearn) -> None:
    await pl.ctx.db.execute(update(CourseInstance).where(CourseInstance.id == 41).values(time_zone="Asia/Kathmandu"))
    first = (await pl.body(LOG))[0]
    assert first["event_date"] == "2024-09-03T15:02:11.000Z"
    assert first["date_iso8601"] == "2024-09-03T20:47:11+05:45"
    assert first["formatted_date"] == "2024-09-03 20:47:11 (+0545)"
