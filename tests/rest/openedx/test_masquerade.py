"""Looking at a course run as a learner would (contracts/edx-core.md §0.9)."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select, update
from starlette.applications import Starlette
from starlette.requests import Request

from app.context import Context
from app.domain.blocks.models import Block
from app.domain.blocks.service import set_block_groups, update_block
from app.domain.enrollment.models import Enrollment, Role
from app.domain.enrollment.service import enroll
from app.domain.groups.service import create_group, create_group_set
from app.domain.identity.models import BrowserSession
from app.domain.identity.policy import may_write
from app.errors import InsufficientScope
from app.principal import READ, Principal
from app.rest.openedx.asking import Asked
from tests.clock import NOW
from tests.rest.openedx.conftest import CALLERS, H, OpenEdx, P, Q, R
from tests.rest.openedx.test_authentication import sent, session

pytestmark = pytest.mark.anyio
PATH = f"/courses/{R}/masquerade"
DONE = (200, {"success": True, "error": None})
FORBIDDEN = (403, {"detail": "You do not have permission to perform this action."})
STRANGER = (401, {"detail": "Authentication credentials were not provided."})
CHOICE: dict[str, Any] = {"role": "student", "user_name": None, "group_id": None, "user_partition_id": None}


def unsuccessful(why: str) -> dict[str, Any]:
    return {"success": False, "error": why}


async def choose(edx: OpenEdx, cookies: dict[str, str], path: str = PATH, **changes: Any) -> tuple[int, Any]:
    headers = sent(cookies, X_CSRFToken=cookies["csrftoken"])
    return await edx.told(path, None, "POST", headers=headers, json={**CHOICE, **changes})


async def masks(edx: OpenEdx) -> list[Any]:
    rows = await edx.filled.admin.db.fetch(select(BrowserSession.masks).order_by(BrowserSession.id))
    return [row[0] for row in rows]


async def active(edx: OpenEdx, cookies: dict[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = (await edx.body(PATH, headers=sent(cookies)))["active"]
    return found


async def grouped(edx: OpenEdx) -> int:
    """A group of the run."""
    ctx = edx.filled.admin
    groups = await create_group_set(ctx, course_instance_id=edx.keys["R"], name="Halves", max_size=50)
    return await create_group(ctx, group_set_id=groups, name="Left", user_ids=[])


@pytest.mark.parametrize("who", CALLERS)
async def test_only_staff_of_the_run_may(edx: OpenEdx, who: str | None) -> None:
    may = who in ("ta", "prof", "staff")
    expected = DONE if may else STRANGER if who is None else FORBIDDEN
    if who is None:
        assert await edx.told(PATH, None, "POST", json=CHOICE) == expected
        assert await edx.told(PATH) == expected
    else:
        cookies = await session(edx, who)
        assert await choose(edx, cookies) == expected
        status, _ = await edx.told(PATH, headers=sent(cookies))
        assert status == expected[0]
    learner = {str(edx.keys["R"]): {"user_id": None, "group_id": None}}
    assert await masks(edx) == ([] if who is None else [learner] if may else [{}])


async def test_what_may_be_chosen(edx: OpenEdx) -> None:
    group = await grouped(edx)
    cookies = await session(edx, "prof")
    found = await edx.body(PATH, headers=sent(cookies))
    halves = found["available"][3]["user_partition_id"]
    nobody = {"group_id": None, "group_name": None, "user_name": None, "user_partition_id": None}
    left = {"group_id": group, "name": "Left", "role": "student", "user_partition_id": halves}
    assert found == {
        "success": True,
        "active": {"course_key": R, "role": "staff", **nobody},
        "available": [
            {"name": "Staff", "role": "staff"},
            {"name": "Specific Student...", "role": "student", "user_name": ""},
            {"name": "Learner", "role": "student"},
            left,
        ],
    }
    assert await choose(edx, cookies, group_id=group, user_partition_id=halves) == DONE
    chosen = {"group_id": group, "group_name": "Left", "user_partition_id": halves, "user_name": None}
    assert await active(edx, cookies) == {"course_key": R, "role": "student", **chosen}
    for name in ("ann", "ann@uni.example"):
        assert await choose(edx, cookies, user_name=name) == DONE
        assert await active(edx, cookies) == {"course_key": R, "role": "student", **nobody, "user_name": "ann"}
    assert await choose(edx, cookies, role="staff") == DONE
    assert await active(edx, cookies) == {"course_key": R, "role": "staff", **nobody}
    assert await masks(edx) == [{}]


@pytest.mark.parametrize("name", ["bob", "prof", "ghost", "\0", "x" * 5000, 7, ["ann"], {"a": 1}, True])
async def test_nobody_but_learners_of_the_run(edx: OpenEdx, name: Any) -> None:
    text = name if isinstance(name, str) else ""
    why = f'There is no user with the username or email address "{text}" enrolled in this course.'
    assert await choose(edx, await session(edx, "prof"), user_name=name) == (200, unsuccessful(why))
    assert await masks(edx) == [{}]


@pytest.mark.parametrize("group", [0, -1, 2**70, "1", 1.5, True, [], {}])
async def test_groups_that_are_none(edx: OpenEdx, group: Any) -> None:
    await grouped(edx)
    expected = (200, unsuccessful("There is no such group in this course."))
    assert await choose(edx, await session(edx, "prof"), group_id=group) == expected


@pytest.mark.parametrize("role", [None, "", "admin", 1, ["student"], "\0"])
async def test_roles_that_are_none(edx: OpenEdx, role: Any) -> None:
    cookies = await session(edx, "prof")
    assert await choose(edx, cookies, role=role) == (400, unsuccessful("The role is staff or student."))


async def test_it_needs_a_session(edx: OpenEdx) -> None:
    expected = (400, unsuccessful("Sign in with a browser: it is kept in its session."))
    assert await edx.told(PATH, "prof", "POST", json=CHOICE) == expected


async def test_another_sites_page_chooses_nothing(edx: OpenEdx) -> None:
    cookies = await session(edx, "prof")
    assert (await edx.told(PATH, None, "POST", headers=sent(cookies), json=CHOICE))[0] == 403
    assert await masks(edx) == [{}]


async def test_it_is_of_one_session_and_one_run(edx: OpenEdx) -> None:
    first, second = await session(edx, "staff"), await session(edx, "staff")
    assert await choose(edx, first, user_name="ann") == DONE
    assert await choose(edx, first, "/courses/course-v1:edX+Empty+1/masquerade") == DONE
    both = {
        str(edx.keys["R"]): {"user_id": edx.keys["ann"], "group_id": None},
        str(edx.keys["X"]): {"user_id": None, "group_id": None},
    }
    assert await masks(edx) == [both, {}]
    assert (await active(edx, second))["role"] == "staff"


async def test_paths(edx: OpenEdx) -> None:
    prof = await session(edx, "prof")
    assert (await edx.told(f"/courses/{Q}/masquerade", headers=sent(prof)))[0] == 200
    for path in ("/courses/course-v1:a+b+c/masquerade", f"/courses/{R}/nothing", f"{PATH}%0A", "/courses/"):
        assert await edx.told(path, headers=sent(prof)) == (404, {"detail": "Not found."})
    assert await edx.told(PATH, None, "DELETE") == (405, {"detail": 'Method "DELETE" not allowed.'})


async def seen(edx: OpenEdx, ctx: Context) -> list[str]:
    """The names of the blocks of the run that a context shows."""
    statement = select(Block.name).where(Block.course_instance_id == edx.keys["R"], ctx.visible(Block))
    return [row[0] for row in await ctx.db.fetch(statement.order_by(Block.id))]


def learner(edx: OpenEdx, who: str, group_id: int | None = None, place: str = "R") -> Context:
    acting = Principal(edx.keys[who], scopes=frozenset({READ}), learns_in=edx.keys[place], learns_with=group_id)
    return Context(acting, edx.filled.admin.db, lambda: NOW)


async def test_as_a_learner_one_sees_what_is_open(edx: OpenEdx) -> None:
    """Also global staff, and people whose work is on the contents alone."""
    everything = await seen(edx, edx.filled.by("prof"))
    assert everything == ["DemoX Course", "Chapter", "Homework 1", "Unit", "Problem"]
    await update_block(edx.filled.admin, block_id=edx.keys["U"], is_staff_only=True)
    assert await seen(edx, edx.filled.by("prof")) == everything
    for who in ("prof", "staff", "bob"):
        assert await seen(edx, learner(edx, who)) == ["DemoX Course", "Chapter", "Homework 1"]
    assert await seen(edx, learner(edx, "prof", place="X")) == []


async def test_as_a_learner_one_sees_nobody_elses_data(edx: OpenEdx) -> None:
    await enroll(edx.filled.admin, course_instance_id=edx.keys["R"], user_id=edx.keys["bob"], role=Role.STUDENT)
    for ctx, expected in (
        (edx.filled.by("prof"), {"ann", "bob", "prof", "ta"}),
        (learner(edx, "prof"), {"prof", "ta"}),
    ):
        rows = await ctx.db.fetch(select(Enrollment.user_id).where(ctx.visible(Enrollment)))
        assert {row[0] for row in rows} == {edx.keys[name] for name in expected}


async def entered(edx: OpenEdx, app: Starlette, who: str, mask: Any) -> Asked:
    """A read of the run by somebody who has chosen to look as somebody else."""
    state = {"masks": {} if mask is None else {str(edx.keys["R"]): mask}}
    request = Request({"type": "http", "method": "GET", "headers": [], "path": "/", "app": app, "state": state})
    asked = Asked(graph=app.state.graph, family="guard", ctx=edx.filled.by(who), request=request, may_mask=True)
    run = await asked.find_run(R)
    assert run is not None
    await asked.enter(run)
    return asked


@pytest.mark.parametrize("who", ["ta", "prof", "staff"])
async def test_reading_as_a_learner_of_no_group(edx: OpenEdx, app: Starlette, who: str) -> None:
    asked = await entered(edx, app, who, {"user_id": None, "group_id": None})
    assert (asked.is_masked, asked.was_staff, asked.is_staff, asked.is_administrator) == (True, True, False, False)
    assert asked.enrollment is not None
    assert (asked.enrollment["role"], asked.enrollment["status"]) == ("STUDENT", "ACTIVE")
    assert (asked.ctx.user_id, asked.ctx.principal.learns_in) == (edx.keys[who], edx.keys["R"])
    asked.become(edx.keys[who])
    assert asked.ctx.principal.learns_in == edx.keys["R"]
    with pytest.raises(InsufficientScope):
        may_write(asked.ctx)


async def test_reading_as_somebody(edx: OpenEdx, app: Starlette) -> None:
    asked = await entered(edx, app, "prof", {"user_id": edx.keys["ann"], "group_id": None})
    assert (asked.is_masked, asked.was_staff, asked.is_staff) == (True, True, False)
    assert (asked.ctx.user_id, (await asked.caller())["username"]) == (edx.keys["ann"], "ann")


@pytest.mark.parametrize("changes", [{"role": Role.COURSE_ASSISTANT}, {"role": Role.INSTRUCTOR}])
async def test_who_is_a_learner_no_more_is_looked_as_no_more(edx: OpenEdx, app: Starlette, changes: Any) -> None:
    """Their rights are not those of a learner any more."""
    mine = update(Enrollment).where(Enrollment.user_id == edx.keys["ann"])
    await edx.filled.admin.db.execute(mine.values(**changes))
    asked = await entered(edx, app, "prof", {"user_id": edx.keys["ann"], "group_id": None})
    assert (asked.is_masked, asked.is_staff, asked.ctx.user_id) == (False, True, edx.keys["prof"])


@pytest.mark.parametrize("who", ["ann", "bob", "other"])
async def test_a_choice_of_who_is_no_staff_any_more_counts_for_nothing(edx: OpenEdx, app: Starlette, who: str) -> None:
    asked = await entered(edx, app, who, {"user_id": edx.keys["ann"], "group_id": None})
    assert (asked.is_masked, asked.was_staff, asked.ctx.user_id) == (False, False, edx.keys[who])


async def test_without_a_choice_one_reads_as_oneself(edx: OpenEdx, app: Starlette) -> None:
    asked = await entered(edx, app, "prof", None)
    assert (asked.is_masked, asked.was_staff, asked.is_staff) == (False, True, True)


async def test_groups_open_blocks_to_who_looks_as_one_of_them(edx: OpenEdx) -> None:
    group = await grouped(edx)
    await set_block_groups(edx.filled.admin, block_id=edx.keys["U"], group_ids=[group])
    closed = ["DemoX Course", "Chapter", "Homework 1"]
    assert await seen(edx, learner(edx, "prof")) == closed
    assert await seen(edx, learner(edx, "prof", group + 1)) == closed
    assert await seen(edx, learner(edx, "prof", group)) == [*closed, "Unit", "Problem"]


async def test_reads_of_the_way_through_the_run_heed_it(edx: OpenEdx) -> None:
    cookies = await session(edx, "prof")
    sequence, resume = f"/api/courseware/sequence/{H}", f"/api/courseware/resume/{R}"
    done = {"username": "ann", "course_key": R, "blocks": {P: 1}}
    assert await edx.body("/api/completion/v1/completion-batch", "ann", "POST", json=done) == {"detail": "ok"}
    assert (await edx.body(resume, headers=sent(cookies)))["block_id"] is None
    assert [each["complete"] for each in (await edx.body(sequence, headers=sent(cookies)))["items"]] == [False]
    assert await choose(edx, cookies, user_name="ann") == DONE
    assert (await edx.body(resume, headers=sent(cookies)))["block_id"] == P
    assert [each["complete"] for each in (await edx.body(sequence, headers=sent(cookies)))["items"]] == [True]
    await update_block(edx.filled.admin, block_id=edx.keys["H"], is_staff_only=True)
    assert await edx.told(sequence, headers=sent(cookies)) == (404, {"developer_message": "Not found."})
    assert await choose(edx, cookies) == DONE
    assert await edx.told(sequence, headers=sent(cookies)) == (404, {"developer_message": "Not found."})
    assert await choose(edx, cookies, role="staff") == DONE
    assert (await edx.told(sequence, headers=sent(cookies)))[0] == 200
    assert (await edx.told(sequence, "prof"))[0] == 200


async def test_the_home_of_the_run_heeds_it(edx: OpenEdx) -> None:
    cookies = await session(edx, "prof")
    metadata = f"/api/course_home/course_metadata/{R}"
    for choice, expected in (
        ({"role": "staff"}, ("prof", True, True)),
        ({"user_name": "ann"}, ("ann", False, True)),
        ({}, ("prof", False, True)),
    ):
        assert await choose(edx, cookies, **choice) == DONE
        found = await edx.body(metadata, headers=sent(cookies))
        assert (found["username"], found["is_staff"], found["original_user_is_staff"]) == expected


async def test_the_table_of_contents_heeds_it(edx: OpenEdx) -> None:
    cookies = await session(edx, "prof")
    path = f"/api/learning_sequences/v1/course_outline/{R}"
    await update_block(edx.filled.admin, block_id=edx.keys["H"], is_staff_only=True)
    for choice, expected in (
        ({"role": "staff"}, ("prof", [H])),
        ({"user_name": "ann"}, ("ann", [])),
        ({}, ("prof", [])),
    ):
        assert await choose(edx, cookies, **choice) == DONE
        found = await edx.body(path, headers=sent(cookies))
        assert (found["username"], list(found["outline"]["sequences"])) == expected
