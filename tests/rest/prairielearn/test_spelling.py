"""Dates in the course instance's time zone, ids as numbers or as text (contracts/prairielearn.md §1.4)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import update
from starlette.applications import Starlette

from app.domain.attempts.models import AssessmentInstance, Variant
from app.domain.catalog.models import CourseInstance
from tests.rest.prairielearn import examples
from tests.rest.prairielearn.conftest import CI, PrairieLearn
from tests.rest.prairielearn.operations import OPERATIONS

INSTANCE = CI + "/assessment_instances/31"
pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("zone", "instant", "spelled"),
    [
        ("America/Chicago", "2024-07-01T12:00:00", "2024-07-01T07:00:00-05:00"),
        ("America/Chicago", "2024-12-01T12:00:00", "2024-12-01T06:00:00-06:00"),
        ("America/Chicago", "2024-11-03T06:30:00", "2024-11-03T01:30:00-05:00"),
        ("America/Chicago", "2024-11-03T07:30:00", "2024-11-03T01:30:00-06:00"),
        ("America/Chicago", "2024-03-10T08:00:00", "2024-03-10T03:00:00-05:00"),
        ("Europe/Oslo", "2024-07-01T23:30:00", "2024-07-02T01:30:00+02:00"),
        ("Europe/Oslo", "2024-12-31T23:30:00", "2025-01-01T00:30:00+01:00"),
        ("UTC", "2024-07-01T12:00:00", "2024-07-01T12:00:00+00:00"),
        ("Asia/Kolkata", "2024-07-01T12:00:00", "2024-07-01T17:30:00+05:30"),
        ("America/St_Johns", "2024-12-01T12:00:00", "2024-12-01T08:30:00-03:30"),
        ("America/Chicago", "2024-07-01T12:00:00.999999", "2024-07-01T07:00:00-05:00"),
        ("Europe/Oslo", "9999-12-31T23:59:59", "9999-12-31T23:59:59+00:00"),
        ("America/Chicago", "1850-01-02T03:04:05", "1850-01-02T03:04:05+00:00"),
        ("America/Chicago", "9999-12-31T23:59:59", "9999-12-31T17:59:59-06:00"),
    ],
)
async def test_a_date_is_local_with_its_whole_offset(pl: PrairieLearn, zone: str, instant: str, spelled: str) -> None:
    started = datetime.fromisoformat(instant).replace(tzinfo=UTC)
    await pl.ctx.db.execute(update(CourseInstance).where(CourseInstance.id == 41).values(time_zone=zone))
    await pl.ctx.db.execute(
        update(AssessmentInstance).where(AssessmentInstance.id == 31).values(started_at=started, modified_at=started)
    )
    found = await pl.body(INSTANCE)
    assert (found["start_date"], found["modified_at"]) == (spelled, spelled)
    (first,) = [each for each in await pl.body(CI + "/gradebook") if each["user_id"] == 502]
    assert first["assessments"][0]["start_date"] == spelled
    begun = next(each for each in await pl.body(INSTANCE + "/log") if each["event_name"] == "Begin")
    assert begun["date_iso8601"] == spelled


def with_text_ids(value: Any) -> Any:
    """A body of the contract's with every id as text."""
    if isinstance(value, list):
        return [with_text_ids(each) for each in value]
    if isinstance(value, dict):
        return {
            name: str(each) if name.endswith("_id") and isinstance(each, int) else with_text_ids(each)
            for name, each in value.items()
        }
    return value


@pytest.mark.parametrize("operation", OPERATIONS)
async def test_ids_as_text(pl: PrairieLearn, app: Starlette, operation: str) -> None:
    numbers = await pl.body(OPERATIONS[operation])
    app.state.settings = replace(app.state.settings, prairielearn_string_ids=True)
    texts = await pl.body(OPERATIONS[operation])
    assert texts == with_text_ids(numbers)
    assert (texts == numbers) is (operation == "AssessmentInstanceLog")


async def test_ids_as_text_in_the_contracts_example(pl: PrairieLearn, app: Starlette) -> None:
    app.state.settings = replace(app.state.settings, prairielearn_string_ids=True)
    assert await pl.body(CI + "/submissions/880") == examples.SUBMISSION | {
        "submission_id": "880",
        "user_id": "502",
        "assessment_id": "7",
        "assessment_instance_id": "31",
        "question_id": "114",
        "instance_question_id": "61",
        "variant_id": "402",
    }


@pytest.mark.parametrize("are_texts", [False, True])
async def test_what_is_called_an_id_in_free_form_data_stays_as_it_is(
    pl: PrairieLearn, app: Starlette, are_texts: bool
) -> None:
    params = {"user_id": 5, "parts": [{"part_id": 6}]}
    await pl.ctx.db.execute(update(Variant).values(params=params))
    app.state.settings = replace(app.state.settings, prairielearn_string_ids=are_texts)
    assert (await pl.body(CI + "/submissions/880"))["params"] == params


async def test_a_key_in_the_path_is_the_same_with_ids_as_text(pl: PrairieLearn, app: Starlette) -> None:
    app.state.settings = replace(app.state.settings, prairielearn_string_ids=True)
    for each in await pl.body(CI + "/assessments"):
        assert (await pl.body(f"{CI}/assessments/{each['assessment_id']}")) == each
