from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.context import Context
from app.domain.assessments.access import AccessRule, grant_extension, set_assessment_access_rules
from app.domain.assessments.models import AssessmentAccessRule, AssessmentExtension
from app.domain.assessments.terms import Terms, terms_for
from app.errors import UserErrorCode
from tests.clock import NOW
from tests.domain.proof import only_row, refused
from tests.factories import University, coursework

pytestmark = pytest.mark.anyio

DAY = timedelta(days=1)


async def test_access_rules_are_replaced(ctx: Context, world: University) -> None:
    work = await coursework(world)
    rules = [
        AccessRule(mode="Public", credit=110, start_at=NOW, end_at=NOW + DAY, uids=["sam@uni.example"]),
        AccessRule(password="sesame", exam_uuid="u", time_limit_minutes=50, shows_closed_assessment=False),
    ]
    for given in ([AccessRule()] * 3, rules):
        await set_assessment_access_rules(world.instructor, assessment_id=work.assessment_id, rules=given)
    own = AssessmentAccessRule
    columns = (own.number, own.mode, own.credit, own.start_at, own.end_at, own.uids, own.password)
    stored = await ctx.db.fetch(select(*columns, own.exam_uuid, own.time_limit_minutes).order_by(own.number))
    assert [tuple(row) for row in stored] == [
        (1, "Public", 110, NOW, NOW + DAY, ["sam@uni.example"], None, None, None),
        (2, None, None, None, None, None, "sesame", "u", 50),
    ]


@pytest.mark.parametrize(
    ("rule", "reason", "field"),
    [
        (AccessRule(credit=-1), UserErrorCode.OUT_OF_RANGE, "credit"),
        (AccessRule(time_limit_minutes=0), UserErrorCode.OUT_OF_RANGE, "timeLimitMinutes"),
        (AccessRule(start_at=NOW, end_at=NOW - DAY), UserErrorCode.OUT_OF_RANGE, "endAt"),
        (AccessRule(mode="x" * 33), UserErrorCode.TOO_LONG, "mode"),
        (AccessRule(password="\0"), UserErrorCode.INVALID, "password"),
        (AccessRule(uids=["\0"]), UserErrorCode.INVALID, "uids"),
    ],
)
async def test_an_access_rule_that_breaks_a_rule(
    ctx: Context, world: University, rule: AccessRule, reason: UserErrorCode, field: str
) -> None:
    work = await coursework(world)
    await set_assessment_access_rules(ctx, assessment_id=work.assessment_id, rules=[AccessRule(credit=1)])
    write = set_assessment_access_rules(ctx, assessment_id=work.assessment_id, rules=[AccessRule(), rule])
    await refused(ctx, write, reason, "rules", "1", field)


async def test_an_extension_is_granted_and_replaced(ctx: Context, world: University) -> None:
    work = await coursework(world, due_at=NOW, end_at=NOW + DAY)
    here: dict[str, Any] = {"assessment_id": work.assessment_id, "user_id": world.student_id}
    made = await grant_extension(world.instructor, **here, due_at=NOW + DAY, end_at=NOW + 2 * DAY)
    row = await only_row(ctx, AssessmentExtension, made)
    assert (row.due_at, row.end_at, row.course_instance_id) == (NOW + DAY, NOW + 2 * DAY, world.course_instance_id)
    assert await grant_extension(world.instructor, **here) == made
    row = await only_row(ctx, AssessmentExtension, made)
    assert (row.due_at, row.end_at) == (None, None)


async def test_an_extension_gives_more_time_to_a_learner(ctx: Context, world: University) -> None:
    work = await coursework(world, due_at=NOW, end_at=NOW + DAY)
    here: dict[str, Any] = {"assessment_id": work.assessment_id}
    codes = UserErrorCode
    sooner = grant_extension(ctx, **here, user_id=world.student_id, due_at=NOW - DAY)
    await refused(ctx, sooner, codes.OUT_OF_RANGE, "dueAt")
    sooner = grant_extension(ctx, **here, user_id=world.student_id, end_at=NOW)
    await refused(ctx, sooner, codes.OUT_OF_RANGE, "endAt")
    crossed = grant_extension(ctx, **here, user_id=world.student_id, due_at=NOW + 3 * DAY, end_at=NOW + 2 * DAY)
    await refused(ctx, crossed, codes.OUT_OF_RANGE, "endAt")
    await refused(ctx, grant_extension(ctx, **here, user_id=world.loner_id), codes.NOT_ENROLLED, "userId")
    unseen = grant_extension(world.instructor, **here, user_id=world.loner_id)
    await refused(ctx, unseen, codes.NOT_FOUND, "userId")


@pytest.mark.parametrize(
    ("due_at", "end_at", "expected"),
    [
        (None, None, (None, None)),
        (NOW + DAY, None, (NOW + DAY, NOW + 2 * DAY)),
        (NOW + 3 * DAY, None, (NOW + 3 * DAY, NOW + 3 * DAY)),
        (None, NOW + 3 * DAY, (NOW, NOW + 3 * DAY)),
    ],
)
async def test_what_an_extension_comes_to(
    ctx: Context,
    world: University,
    due_at: datetime | None,
    end_at: datetime | None,
    expected: tuple[datetime | None, datetime | None],
) -> None:
    work = await coursework(world, start_at=NOW - DAY, due_at=NOW, end_at=NOW + 2 * DAY, time_limit_minutes=9)
    here: dict[str, Any] = {"assessment_id": work.assessment_id, "user_id": world.student_id}
    assert await terms_for(ctx, work.assessment_id, world.student_id, password=None) == Terms(
        NOW - DAY, NOW, NOW + 2 * DAY, None, 9, True
    )
    await grant_extension(ctx, **here, due_at=due_at, end_at=end_at)
    terms = await terms_for(ctx, work.assessment_id, world.student_id, password=None)
    assert (terms.due_at, terms.end_at) == expected


FULL = AccessRule(credit=100)


@pytest.mark.parametrize(
    ("rules", "password", "credit", "is_admitted"),
    [
        ([], "", None, True),
        ([FULL], "", 100, True),
        ([FULL, AccessRule(credit=110), AccessRule(credit=50)], "", 110, True),
        ([AccessRule(credit=0)], "", 0, False),
        ([AccessRule()], "", None, False),
        ([AccessRule(credit=100, start_at=NOW + DAY)], "", None, False),
        ([AccessRule(credit=100, end_at=NOW - DAY)], "", None, False),
        ([AccessRule(credit=100, start_at=NOW, end_at=NOW)], "", 100, True),
        ([AccessRule(credit=100, uids=["SAM@uni.example"])], "", 100, True),
        ([AccessRule(credit=100, uids=["sue@uni.example"])], "", None, False),
        ([AccessRule(credit=100, uids=[])], "", None, False),
        ([AccessRule(credit=100, mode="Exam")], "", None, False),
        ([AccessRule(credit=100, exam_uuid="u")], "", None, False),
        ([AccessRule(credit=100, password="p")], "", None, False),
        ([AccessRule(credit=100, password="p")], "q", None, False),
        ([AccessRule(credit=100, password="p")], "p", 100, True),
        ([AccessRule(credit=100, password="p")], None, 100, True),
    ],
)
async def test_which_rule_is_in_force(
    ctx: Context,
    world: University,
    rules: list[AccessRule],
    password: str | None,
    credit: int | None,
    is_admitted: bool,
) -> None:
    work = await coursework(world)
    await set_assessment_access_rules(ctx, assessment_id=work.assessment_id, rules=rules)
    terms = await terms_for(ctx, work.assessment_id, world.student_id, password=password)
    assert (terms.credit, terms.is_admitted) == (credit, is_admitted)


async def test_the_best_rule_sets_the_time_limit(ctx: Context, world: University) -> None:
    work = await coursework(world, time_limit_minutes=90)
    rules = [AccessRule(credit=100), AccessRule(credit=120, time_limit_minutes=50)]
    for given, minutes in ((rules[:1], 90), (rules, 50)):
        await set_assessment_access_rules(ctx, assessment_id=work.assessment_id, rules=given)
        terms = await terms_for(ctx, work.assessment_id, world.student_id, password=None)
        assert terms.time_limit_minutes == minutes
