"""The teams of a course run as a file of learners (contracts/edx-core.md §11)."""

from __future__ import annotations

from typing import Any

import pytest

from app.domain.enrollment.models import Enrollment
from app.domain.enrollment.service import enroll, update_enrollment
from app.domain.groups.models import Group
from app.domain.identity.service import update_user
from tests.domain.proof import key_of
from tests.factories import person
from tests.rest.openedx.conftest import CALLERS, OpenEdx, R
from tests.rest.openedx.teamwork import MEMBERSHIPS, V0, made, make_sets, stored

pytestmark = pytest.mark.anyio
SHEET = f"{V0}/bulk_team_membership/{R}"


@pytest.fixture(autouse=True)
async def sets(edx: OpenEdx, open_database: Any) -> None:
    """The sets of teams."""
    await make_sets(edx)


def file(content: str | bytes) -> dict[str, Any]:
    """A file to send."""
    return {"files": {"csv": ("teams.csv", content, "text/csv")}}


async def test_the_sheet(edx: OpenEdx) -> None:
    admin = edx.filled.admin
    await enroll(admin, course_instance_id=edx.keys["R"], user_id=await person(admin, "cat"))
    await update_user(admin, user_id=edx.keys["ann"], external_id="=1+1")
    await edx.body(MEMBERSHIPS, "prof", "POST", json={"username": "ann", "team_id": await made(edx, name="@home")})
    response = await edx.get(SHEET, "prof")
    assert response.headers["content-type"].startswith("text/csv")
    name = 'attachment; filename="team-membership_edX_DemoX_Demo_Course.csv"'
    assert response.headers["content-disposition"] == name
    assert response.text.split("\r\n") == [
        "username,external_user_id,mode,om,priv,pub,t",
        "ann,'=1+1,audit,,,,'@home",
        "cat,,audit,,,,",
        "",
    ]
    before = await stored(edx)
    sent = await edx.body(SHEET, "prof", "POST", status=201, **file(response.text))
    assert sent == {"message": "2 learners were affected."}
    assert await stored(edx) == before


async def test_a_file_places_learners(edx: OpenEdx) -> None:
    team = await made(edx, "ann", name="old")
    content = "\ufeffusername,mode,t,priv\r\nann,audit,New,Secret\r\n"
    assert (await edx.body(SHEET, "prof", "POST", status=201, **file(content)))[
        "message"
    ] == "1 learners were affected."
    page = await edx.body(f"{MEMBERSHIPS}?username=ann&expand=team", "prof")
    assert [each["team"]["name"] for each in page["results"]] == ["New", "Secret"]
    assert (await edx.body(f"{V0}/teams/{team}", "prof"))["membership"] == []
    await edx.body(SHEET, "staff", "POST", status=201, **file("username,mode,t\r\nann,audit,\r\n"))
    page = await edx.body(f"{MEMBERSHIPS}?username=ann&expand=team", "prof")
    assert [each["team"]["name"] for each in page["results"]] == ["Secret"]


@pytest.mark.parametrize(
    ("content", "error"),
    [
        ("", "Missing column(s) in header: username, mode."),
        ("username,t\r\n", "Missing column(s) in header: mode."),
        ("username,mode,t,t\r\n", "A column is there for the second time."),
        ("username,mode,t\r\nann,audit\r\n", "A row has not as many cells as there are columns."),
        (b"\xff\xfe", "The file is no CSV file in UTF-8."),
        ('username,mode\r\n"ann', "The file is no CSV file in UTF-8."),
        ("username,mode,x\r\nann,audit,A\r\n", "Teamset x does not exist."),
        ("username,mode,t\r\nbob,audit,A\r\n", "User bob is not enrolled in this course."),
        ("username,mode,t\r\nnobody,audit,A\r\n", "User nobody is not enrolled in this course."),
        ("username,mode,t\r\nann,masters,A\r\n", "User ann enrollment mode mismatch."),
        ("username,mode,t\r\nann,audit,A\r\nann,audit,B\r\n", "Username ann listed more than once in file."),
        ("username,mode,t\r\nann,audit," + "x" * 256 + "\r\n", f"Team {'x' * 50}: more than 255 characters."),
        ("username,mode,t\r\nann,audit,a\0b\r\n", "A cell has characters that cannot be printed."),
    ],
)
async def test_a_file_with_mistakes_changes_nothing(edx: OpenEdx, content: str | bytes, error: str) -> None:
    before = await stored(edx)
    status, body = await edx.told(SHEET, "prof", "POST", **file(content))
    assert (status, body) == (400, {"errors": [error]})
    assert await stored(edx) == before


async def test_staff_in_a_track_are_learners(edx: OpenEdx) -> None:
    admin = edx.filled.admin
    mine = {"user_id": edx.keys["ta"], "course_instance_id": edx.keys["R"]}
    await update_enrollment(admin, enrollment_id=await key_of(admin, Enrollment, **mine), track="verified")
    content = "username,mode,t\r\nta,verified,A\r\n"
    await edx.body(SHEET, "prof", "POST", 201, **file(content))
    rows = (await edx.get(SHEET, "prof")).text.split("\r\n")
    assert rows[1:3] == ["ann,,audit,,,,", "ta,,verified,,,,A"]


async def test_a_team_would_be_too_large(edx: OpenEdx) -> None:
    admin = edx.filled.admin
    for name in ("cat", "dov"):
        await enroll(admin, course_instance_id=edx.keys["R"], user_id=await person(admin, name))
    before = await stored(edx)
    content = "username,mode,t\r\n" + "".join(f"{name},audit,A\r\n" for name in ("ann", "cat", "dov"))
    status, body = await edx.told(SHEET, "prof", "POST", **file(content))
    assert (status, body) == (400, {"errors": ["New membership for team A would exceed max size of 2."]})
    assert await stored(edx) == before


@pytest.mark.parametrize("who", CALLERS)
async def test_only_the_staff(edx: OpenEdx, who: str | None) -> None:
    before = await stored(edx)
    reads = {None: 401, "ta": 200, "prof": 200, "staff": 200}.get(who, 403)
    assert (await edx.send("GET", SHEET, who)).status_code == reads
    writes = {None: 401, "prof": 201, "staff": 201}.get(who, 403)
    content = "username,mode,t\r\nann,audit,Team\r\n"
    assert (await edx.told(SHEET, who, "POST", **file(content)))[0] == writes
    assert (await stored(edx) == before) is (writes != 201)
    assert (await edx.told(SHEET, who, "POST"))[0] == (400 if writes == 201 else writes)


async def test_no_such_run(edx: OpenEdx) -> None:
    for run in ("course-v1:no+such+run", "a/b/c"):
        for method in ("GET", "POST"):
            assert (await edx.told(f"{V0}/bulk_team_membership/{run}", "staff", method))[0] == 404
    assert await edx.filled.admin.db.scalar(Group.__table__.select().limit(1)) is None
