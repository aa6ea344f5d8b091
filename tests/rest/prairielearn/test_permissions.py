"""Who may ask what (contracts/prairielearn.md §1.3, §1.5): every caller, every operation."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import delete, select, update

from app.domain.catalog.models import CourseInstance
from app.domain.enrollment.models import Enrollment, EnrollmentStatus
from app.domain.identity.models import AccessToken, User
from app.domain.identity.tokens import issue_token
from app.rest.systems import system_named
from tests.rest.prairielearn.conftest import BASE, CI, PrairieLearn
from tests.rest.prairielearn.operations import CONTENT, LEARNER_DATA, OPERATIONS
from tests.rest.prairielearn.world import PEOPLE

FORBIDDEN = {"message": "Forbidden", "status": 403}
NOT_FOUND = {"message": "Not Found"}
NO_TOKEN = {"message": "An authentication token must be provided"}
BAD_TOKEN = {"message": "The provided authentication token was invalid"}
SEES: dict[str, dict[str, str]] = {
    "STUD": {},
    "OUT": {},
    "PREV": CONTENT,
    "DATA": OPERATIONS,
    "OWNER": OPERATIONS,
    "ADMIN": OPERATIONS,
}
pytestmark = pytest.mark.anyio


def test_the_matrix_has_every_operation() -> None:
    assert {route.operation for route in system_named("prairielearn").routes} == set(OPERATIONS)


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("who", SEES)
async def test_who_may_ask_what(pl: PrairieLearn, operation: str, who: str) -> None:
    response = await pl.get(OPERATIONS[operation], who)
    if operation in SEES[who]:
        assert response.status_code == 200
    else:
        assert (response.status_code, response.json()) == (403, FORBIDDEN)


@pytest.mark.parametrize("operation", OPERATIONS)
async def test_nobody_without_a_token(pl: PrairieLearn, operation: str) -> None:
    response = await pl.client.get(BASE + OPERATIONS[operation])
    assert (response.status_code, response.json()) == (401, NO_TOKEN)


@pytest.mark.parametrize("who", ["DATA", "OWNER", "ADMIN"])
@pytest.mark.parametrize("operation", OPERATIONS)
async def test_whoever_may_ask_is_told_the_same(pl: PrairieLearn, operation: str, who: str) -> None:
    assert await pl.body(OPERATIONS[operation], who) == await pl.body(OPERATIONS[operation])


@pytest.mark.parametrize("operation", CONTENT)
async def test_a_previewer_sees_all_of_the_content(pl: PrairieLearn, operation: str) -> None:
    assert await pl.body(CONTENT[operation], "PREV") == await pl.body(CONTENT[operation])


PRECEDENCE: list[tuple[str, str, int, Any]] = [
    ("STUD", CI + "/assessments/999999", 403, FORBIDDEN),
    ("STUD", CI + "/assessments/999999/assessment_access_rules", 403, FORBIDDEN),
    ("STUD", CI + "/assessment_instances/999999/log", 403, FORBIDDEN),
    ("STUD", CI + "/nope", 403, FORBIDDEN),
    ("STUD", CI + "/assessments/abc", 403, FORBIDDEN),
    ("PREV", CI + "/nope", 404, NOT_FOUND),
    ("PREV", CI + "/submissions/999999", 403, FORBIDDEN),
    ("PREV", CI + "/assessments/999999/assessment_instances", 403, FORBIDDEN),
    ("PREV", CI + "/assessments/999999", 404, NOT_FOUND),
    ("OWNER", CI + "/nope", 404, NOT_FOUND),
    ("OWNER", CI + "/submissions/abc", 404, NOT_FOUND),
    ("OWNER", CI + "/assessment_instances/abc/log", 404, NOT_FOUND),
    ("OWNER", "/course_instances/42", 403, FORBIDDEN),
    ("OWNER", "/course_instances/42/nope", 403, FORBIDDEN),
    ("OWNER", "/course_instances/42/assessments/7", 403, FORBIDDEN),
    ("ADMIN", "/course_instances/999999/gradebook", 403, FORBIDDEN),
    ("ADMIN", "/course_instances/999999/nope", 403, FORBIDDEN),
    ("ADMIN", "/course_instances/42/assessments/7", 404, NOT_FOUND),
    ("OWNER", "/course_instances/abc", 404, NOT_FOUND),
    ("OWNER", "/course_instances/", 404, NOT_FOUND),
    ("OWNER", "/course_instances", 404, NOT_FOUND),
    ("OWNER", "/", 404, NOT_FOUND),
    ("OUT", "/course_instances/41x/gradebook", 404, NOT_FOUND),
]


@pytest.mark.parametrize(("who", "path", "status", "body"), PRECEDENCE)
async def test_forbidden_comes_before_not_found(pl: PrairieLearn, who: str, path: str, status: int, body: Any) -> None:
    response = await pl.get(path, who)
    assert (response.status_code, response.json()) == (status, body)


METHODS: list[tuple[str, str, int]] = [
    ("STUD", "/gradebook", 403),
    ("PREV", "/gradebook", 403),
    ("DATA", "/gradebook", 404),
    ("STUD", "/assessments", 403),
    ("PREV", "/assessments", 404),
    ("PREV", "/submissions/880", 403),
    ("PREV", "/SUBMISSIONS/880/", 403),
    ("PREV", "/nope", 404),
]


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "BREW"])
@pytest.mark.parametrize(("who", "path", "status"), METHODS)
async def test_other_methods_need_the_right_of_the_path(
    pl: PrairieLearn, method: str, who: str, path: str, status: int
) -> None:
    headers = {"Private-Token": pl.tokens[who]}
    response = await pl.client.request(method, BASE + CI + path, headers=headers)
    assert (response.status_code, response.json()) == (status, FORBIDDEN if status == 403 else NOT_FOUND)
    assert (await pl.client.request(method, BASE + CI + path)).status_code == 401


async def test_a_deleted_course_instance_is_forbidden_to_all(pl: PrairieLearn) -> None:
    await pl.ctx.db.execute(update(CourseInstance).where(CourseInstance.id == 41).values(deleted_at=pl.ctx.now))
    for who in PEOPLE:
        response = await pl.get(CI, who)
        assert (response.status_code, response.json()) == (403, FORBIDDEN)


@pytest.mark.parametrize("status", [EnrollmentStatus.DROPPED, EnrollmentStatus.COMPLETED])
async def test_an_assistant_who_has_left_sees_nothing(pl: PrairieLearn, status: EnrollmentStatus) -> None:
    left = update(Enrollment).where(Enrollment.user_id == PEOPLE["DATA"]).values(status=status)
    await pl.ctx.db.execute(left)
    for operation in OPERATIONS.values():
        assert (await pl.get(operation, "DATA")).status_code == 403


async def test_an_owner_of_the_course_who_is_not_enrolled_sees_the_content_only(pl: PrairieLearn) -> None:
    await pl.ctx.db.execute(delete(Enrollment).where(Enrollment.user_id == PEOPLE["OWNER"]))
    assert (await pl.get(CONTENT["Assessments"])).status_code == 200
    assert (await pl.get(LEARNER_DATA["Gradebook"])).status_code == 403


async def test_an_administrator_with_a_token_that_only_reads_is_nobody_special(pl: PrairieLearn) -> None:
    token = await issue_token(pl.ctx, name="narrow", user_id=PEOPLE["ADMIN"], scopes=["read"])
    response = await pl.client.get(BASE + CI, headers={"Private-Token": token.text})
    assert (response.status_code, response.json()) == (403, FORBIDDEN)


async def test_a_token_that_may_not_read_is_forbidden(pl: PrairieLearn) -> None:
    token = await issue_token(pl.ctx, name="blind", user_id=PEOPLE["OWNER"], scopes=["write"])
    for path in (CI, "/nope"):
        response = await pl.client.get(BASE + path, headers={"Private-Token": token.text})
        assert (response.status_code, response.json()) == (403, FORBIDDEN)


@pytest.mark.parametrize("change", ["revoked", "expired", "inactive"])
async def test_a_token_that_has_ended_is_a_bad_token(pl: PrairieLearn, change: str) -> None:
    mine = AccessToken.user_id == PEOPLE["OWNER"]
    ends = {
        "revoked": update(AccessToken).where(mine).values(revoked_at=pl.ctx.now),
        "expired": update(AccessToken).where(mine).values(expires_at=pl.ctx.now),
        "inactive": update(User).where(User.id == PEOPLE["OWNER"]).values(is_active=False),
    }
    await pl.ctx.db.execute(ends[change])
    response = await pl.get(CI)
    assert (response.status_code, response.json()) == (401, BAD_TOKEN)


@pytest.mark.parametrize("path", [CI, "/nope"])
async def test_the_last_use_of_a_token_is_noted(pl: PrairieLearn, path: str) -> None:
    mine = AccessToken.user_id == PEOPLE["OWNER"]
    await pl.ctx.db.execute(update(AccessToken).where(mine).values(last_used_at=None))
    await pl.get(path)
    assert await pl.ctx.db.scalar(select(AccessToken.last_used_at).where(mine)) == pl.ctx.now
