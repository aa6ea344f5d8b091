"""Course instances and their access rules (contracts/prairielearn.md §3.1, §3.3)."""

from __future__ import annotations

import pytest
from sqlalchemy import delete, update

from app.domain.catalog.models import CourseInstance, CourseInstanceAccessRule
from tests.rest.prairielearn import examples
from tests.rest.prairielearn.conftest import CI, PrairieLearn
from tests.rest.prairielearn.world import add

RULES = CI + "/course_instance_access_rules"
pytestmark = pytest.mark.anyio


async def test_what_may_be_missing_is_null(pl: PrairieLearn) -> None:
    changed = {"short_name": None, "is_hidden_in_enroll_page": True, "time_zone": "Asia/Kolkata"}
    await pl.ctx.db.execute(update(CourseInstance).where(CourseInstance.id == 41).values(**changed))
    assert await pl.body(CI) == examples.COURSE_INSTANCE | {
        "course_instance_short_name": None,
        "hide_in_enroll_page": True,
        "display_timezone": "Asia/Kolkata",
    }


async def test_rules_come_by_number(pl: PrairieLearn) -> None:
    second = {"course_instance_access_rule_id": 2, "course_instance_access_rule_number": 2, "institution": "Any"}
    second |= {"start_date": None, "end_date": None, "uids": ["kim@uni.example"]}
    expected = [examples.COURSE_INSTANCE_RULE, examples.COURSE_INSTANCE_RULE | second]
    assert await pl.body(RULES) == expected
    assert await pl.body(RULES, "PREV") == expected


async def test_rules_of_one_number_come_by_id(pl: PrairieLearn) -> None:
    for key in (9, 1, 5):
        await add(pl.ctx, CourseInstanceAccessRule, {"id": key, "course_instance_id": 41, "number": 2})
    found = [each["course_instance_access_rule_id"] for each in await pl.body(RULES)]
    assert found == [3, 1, 2, 5, 9]


async def test_an_empty_list_of_people_is_not_everybody(pl: PrairieLearn) -> None:
    await pl.ctx.db.execute(update(CourseInstanceAccessRule).where(CourseInstanceAccessRule.id == 2).values(uids=[]))
    assert (await pl.body(RULES))[1]["uids"] == []


async def test_no_rules(pl: PrairieLearn) -> None:
    await pl.ctx.db.execute(delete(CourseInstanceAccessRule))
    assert await pl.body(RULES) == []
