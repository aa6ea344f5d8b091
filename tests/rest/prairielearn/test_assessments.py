"""Assessments and their access rules (contracts/prairielearn.md §3.4, §3.6)."""

from __future__ import annotations

import pytest
from sqlalchemy import delete, update

from app.domain.assessments.models import Assessment, AssessmentAccessRule, AssessmentCategory
from tests.rest.prairielearn import examples
from tests.rest.prairielearn.conftest import CI, PrairieLearn
from tests.rest.prairielearn.world import add, assessment

ASSESSMENTS = CI + "/assessments"
RULES = CI + "/assessments/7/assessment_access_rules"
EXAM = {
    "assessment_id": 8,
    "assessment_name": "exam1",
    "assessment_label": "E1",
    "type": "Exam",
    "title": "Midterm",
    "assessment_set_id": 3,
    "assessment_set_abbreviation": "E",
    "assessment_set_name": "Exam",
    "assessment_set_number": 2,
    "assessment_set_heading": "Exams",
    "assessment_set_color": "brown1",
}
pytestmark = pytest.mark.anyio


async def test_all_assessments(pl: PrairieLearn) -> None:
    expected = [examples.ASSESSMENT, examples.ASSESSMENT | EXAM]
    assert await pl.body(ASSESSMENTS) == expected
    assert await pl.body(ASSESSMENTS, "PREV") == expected


async def test_assessments_come_by_set_then_place_then_id(pl: PrairieLearn) -> None:
    names = {"name": "Lab", "abbreviation": "L", "heading": "Labs", "number": 1}
    await add(pl.ctx, AssessmentCategory, {"id": 5, "course_instance_id": 41, **names})
    places = {24: (2, 2), 23: (2, 3), 22: (2, 2), 25: (5, 2), 26: (3, 0)}
    rows = [assessment(key, f"a{key}", "", category_id=set_, position=place) for key, (set_, place) in places.items()]
    await add(pl.ctx, Assessment, *rows)
    assert [each["assessment_id"] for each in await pl.body(ASSESSMENTS)] == [7, 22, 24, 25, 23, 26, 8]


@pytest.mark.parametrize(("kind", "type_"), [("HOMEWORK", "Homework"), ("EXAM", "Exam"), ("QUIZ", "Homework")])
async def test_there_are_two_types(pl: PrairieLearn, kind: str, type_: str) -> None:
    await pl.ctx.db.execute(update(Assessment).where(Assessment.id == 7).values(kind=kind))
    assert (await pl.body(ASSESSMENTS + "/7"))["type"] == type_


async def test_the_number_is_text_and_the_label_ends_in_it(pl: PrairieLearn) -> None:
    await pl.ctx.db.execute(update(Assessment).where(Assessment.id == 7).values(number="2a"))
    found = await pl.body(ASSESSMENTS + "/7")
    assert (found["assessment_number"], found["assessment_label"]) == ("2a", "HW2a")


@pytest.mark.parametrize("key", [11, 12])
async def test_columns_kept_by_hand_and_deleted_assessments_are_not_there(pl: PrairieLearn, key: int) -> None:
    assert key not in [each["assessment_id"] for each in await pl.body(ASSESSMENTS)]
    assert (await pl.get(f"{ASSESSMENTS}/{key}")).status_code == 404
    assert await pl.body(f"{ASSESSMENTS}/{key}/assessment_access_rules") == []
    assert await pl.body(f"{ASSESSMENTS}/{key}/assessment_instances") == []


async def test_no_assessments(pl: PrairieLearn) -> None:
    await pl.ctx.db.execute(update(Assessment).values(deleted_at=pl.ctx.now))
    assert await pl.body(ASSESSMENTS) == []


async def test_the_staff_sees_assessments_before_learners_do(pl: PrairieLearn) -> None:
    await pl.ctx.db.execute(update(Assessment).values(start_at=pl.ctx.now.replace(year=2030)))
    for who in ("PREV", "DATA", "OWNER"):
        assert [each["assessment_id"] for each in await pl.body(ASSESSMENTS, who)] == [7, 8]


SECRET = {
    "assessment_access_rule_id": 11,
    "assessment_access_rule_number": 2,
    "credit": 0,
    "start_date": None,
    "end_date": None,
    "mode": "Exam",
    "exam_uuid": "5719ebfe-ad20-42b1-b0dc-c47f0f714871",
    "password": "sesame",
    "show_closed_assessment": False,
    "show_closed_assessment_score": False,
    "time_limit_min": 50,
    "uids": ["rin@uni.example"],
}


@pytest.mark.parametrize("who", ["PREV", "DATA", "OWNER", "ADMIN"])
async def test_rules_come_by_number_with_their_secrets(pl: PrairieLearn, who: str) -> None:
    assert await pl.body(RULES, who) == [examples.ASSESSMENT_RULE, examples.ASSESSMENT_RULE | SECRET]


async def test_rules_of_one_number_come_by_id(pl: PrairieLearn) -> None:
    for key in (9, 5):
        await add(pl.ctx, AssessmentAccessRule, {"id": key, "assessment_id": 7, "number": 1})
    assert [each["assessment_access_rule_id"] for each in await pl.body(RULES)] == [5, 9, 12, 11]


async def test_a_rule_that_says_nothing(pl: PrairieLearn) -> None:
    await pl.ctx.db.execute(delete(AssessmentAccessRule))
    await add(pl.ctx, AssessmentAccessRule, {"id": 1, "assessment_id": 7, "number": 1})
    nothing = dict.fromkeys(("credit", "start_date", "end_date", "mode"))
    assert await pl.body(RULES) == [examples.ASSESSMENT_RULE | {"assessment_access_rule_id": 1} | nothing]


async def test_no_rules(pl: PrairieLearn) -> None:
    assert await pl.body(CI + "/assessments/8/assessment_access_rules") == []
