"""Who may do what (contracts/autolab.md §3): every caller, every operation; who may not changes nothing."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from app.domain.catalog.models import Availability
from app.domain.enrollment.offerings import update_course_instance
from app.domain.identity.models import AccessToken
from app.principal import AUTOLAB_SCOPES
from app.rest.autolab.endpoint import Operation
from tests.domain.proof import everything
from tests.rest.autolab.conftest import Autolab, C
from tests.rest.autolab.operations import ANYBODY, INSTRUCTORS, LAB, MEMBERS, REQUESTS, ROUTES

pytestmark = pytest.mark.anyio

NOT_INSTRUCTOR = (403, "User does not have instructor privileges for this course")
NOT_IN_COURSE = (403, "User is not in this course")
NO_TOKEN = (401, "OAuth2 authorization failed")
NO_SCOPE = (403, "Your client does not have the required scope for this action")
NO_SUBMISSION = (404, "Submission version 1 does not exist for lab1")
MAY: dict[str, set[str]] = {
    ANYBODY: {"OTHER", "NC", "ST", "TA", "INS", "ADM"},
    MEMBERS: {"ST", "TA", "INS", "ADM"},
    INSTRUCTORS: {"INS", "ADM"},
}
REFUSALS = {None: NO_TOKEN, "OTHER": NOT_IN_COURSE, "NC": NOT_IN_COURSE, "ST": NOT_INSTRUCTOR, "TA": NOT_INSTRUCTOR}
WITHOUT_WORK = {
    "Feedback": {"TA": NO_SUBMISSION, "INS": NO_SUBMISSION, "ADM": NO_SUBMISSION},
    "HandIn": {"ADM": NOT_IN_COURSE},
}
every_operation = pytest.mark.parametrize("operation", ROUTES)


async def answered(al: Autolab, group: int, operation: str, token: str | None) -> tuple[int, str | None]:
    """Status and sentence of the answer to an operation's request; unless it is a success, nothing has changed."""
    request, db = REQUESTS[operation], al.world.admin
    before = await everything(db)
    response = await al.send(request.method, request.path.format(group=group), token, **request.sent())
    if response.status_code == 200:
        return 200, None
    assert await everything(db) == before
    return response.status_code, response.json()["error"]


def test_the_matrix_has_every_operation() -> None:
    assert set(REQUESTS) == set(ROUTES)


@pytest.mark.parametrize("who", [None, "OTHER", "NC", "ST", "TA", "INS", "ADM"])
@every_operation
async def test_who_may(al: Autolab, group: int, operation: str, who: str | None) -> None:
    may = who in MAY[REQUESTS[operation].audience]
    expected = (200, None) if may else REFUSALS[who]
    if who is not None:
        expected = WITHOUT_WORK.get(operation, {}).get(who, expected)
    assert await answered(al, group, operation, who) == expected


@every_operation
async def test_a_token_of_other_scopes_may_not(al: Autolab, group: int, operation: str) -> None:
    route = ROUTES[operation]
    assert isinstance(route, Operation)
    others = [each for each in AUTOLAB_SCOPES if each not in route.scopes]
    token = select(AccessToken.id).where(AccessToken.name == REQUESTS[operation].who).scalar_subquery()
    await al.world.admin.db.execute(update(AccessToken).where(AccessToken.id == token).values(scopes=others))
    assert await answered(al, group, operation, REQUESTS[operation].who) == NO_SCOPE


@every_operation
async def test_a_token_of_its_scope_alone_may(al: Autolab, group: int, operation: str) -> None:
    route = ROUTES[operation]
    assert isinstance(route, Operation)
    token = select(AccessToken.id).where(AccessToken.name == REQUESTS[operation].who).scalar_subquery()
    only = update(AccessToken).where(AccessToken.id == token).values(scopes=list(route.scopes[:1]))
    await al.world.admin.db.execute(only)
    assert await answered(al, group, operation, REQUESTS[operation].who) == (200, None)


async def test_a_disabled_course_is_for_its_instructors(al: Autolab) -> None:
    here = al.world.course_instance_id
    await update_course_instance(al.world.admin, course_instance_id=here, availability=Availability.DISABLED)
    sentence = "Your course has been disabled by your instructor."
    for who in ("ST", "TA"):
        status, error = await al.refusal(C + "/assessments", who)
        assert (status, error.startswith(sentence)) == (403, True)
    assert len(await al.body(C + "/assessments", "INS")) == 4
    assert [each["name"] for each in await al.body("/courses?state=disabled", "ST")] == ["sig-f24"]


@pytest.mark.parametrize(
    "path",
    [
        "/courses/%00/assessments",
        "/courses/%ff%fe/assessments",
        C + "/assessments/%00",
        C + "/course_user_data/%00",
        LAB + "/groups/99999999999999999999",
        LAB + "/submissions/%F0%9F%92%A9/feedback?problem=%00",
        LAB + "/scores/%ed%a0%80",
        LAB + "/submissions/99999999999999999999/feedback?problem=Part%20A",
    ],
)
async def test_junk_is_refused(al: Autolab, path: str) -> None:
    assert (await al.send("GET", path, "INS")).status_code in (400, 404)


@pytest.mark.parametrize("kind", ["application/json", "multipart/form-data", "multipart/form-data; boundary=x"])
async def test_junk_in_a_body_is_refused(al: Autolab, kind: str) -> None:
    headers = {"Content-Type": kind}
    for content in (b"\xff\x00{", b"--x\r\n\r\n", b"[1", b"{" * 5000):
        response = await al.send("POST", LAB + "/problems", "INS", content=content, headers=headers)
        assert response.status_code == 400
