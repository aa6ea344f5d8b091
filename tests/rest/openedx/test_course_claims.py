"""What else the contract says of the catalogue and of blocks (contracts/edx-core.md §1)."""

from __future__ import annotations

from typing import Any

import pytest

from app.domain.blocks.service import create_block
from app.domain.enrollment.models import Role
from app.domain.enrollment.offerings import update_course_instance
from app.domain.enrollment.service import create_enrollment_role, enroll
from tests.rest.openedx.conftest import BLOCK, ROOT, C, H, OpenEdx, P, Q, R, U

pytestmark = pytest.mark.anyio
COURSES, BLOCKS = "/api/courses/v1/courses/", f"/api/courses/v1/blocks/?course_id={Q}"
OLD = "edX/DemoX/Demo"


async def test_runs_of_old_keys_are_hidden(edx: OpenEdx) -> None:
    await update_course_instance(edx.filled.admin, course_instance_id=edx.keys["R"], key=OLD)
    body = await edx.body(f"{COURSES}{OLD}")
    told = {name: body[name] for name in ("id", "org", "number", "hidden", "blocks_url")}
    assert told == {
        **{"id": OLD, "org": "edX", "number": "DemoX", "hidden": True},
        "blocks_url": "http://test/api/courses/v2/blocks/?course_id=edX%2FDemoX%2FDemo",
    }
    assert [each["id"] for each in (await edx.body(COURSES))["results"]][1:] == [OLD]


async def test_nobody_looks_as_who_is_not_known(edx: OpenEdx) -> None:
    for path in (COURSES, f"{COURSES}{R}"):
        status, body = await edx.told(f"{path}?username=nobody", "staff")
        assert (status, list(body)) == (404, ["developer_message"])
        assert (await edx.told(f"{path}?username=nobody", "prof"))[0] == 403


async def test_usernames_are_ones_own_in_any_case(edx: OpenEdx) -> None:
    own = await edx.body(f"{BLOCKS}&username=ann", "ann")
    assert await edx.body(f"{BLOCKS}&username=ANN", "ann") == own
    assert (await edx.told(f"{BLOCKS}&username=Bob", "ann"))[0] == 403


async def test_researchers_read_all_blocks(edx: OpenEdx) -> None:
    admin, assistant = edx.filled.admin, Role.COURSE_ASSISTANT
    role = await create_enrollment_role(admin, key="data_researcher", name="Data researcher", role=assistant)
    here: dict[str, Any] = {"course_instance_id": edx.keys["R"], "user_id": edx.keys["bob"]}
    await enroll(admin, **here, role=assistant, enrollment_role_id=role)
    assert list((await edx.body(f"{BLOCKS}&all_blocks=true&depth=all", "bob"))["blocks"]) == [ROOT, C, H, U, P]


async def test_discussions_are_nobody_s_to_complete(edx: OpenEdx) -> None:
    here: dict[str, Any] = {"course_instance_id": edx.keys["R"], "parent_id": edx.keys["U"]}
    await create_block(edx.filled.admin, **here, kind="discussion", usage_key=BLOCK.format("discussion", "d"))
    done = {"username": "ann", "course_key": R, "blocks": {P: 1}}
    await edx.body("/api/completion/v1/completion-batch", "ann", "POST", json=done)
    found = await edx.body(f"{BLOCKS}&username=ann&depth=all&requested_fields=completion", "ann")
    assert {key: each["completion"] for key, each in found["blocks"].items()} == dict.fromkeys((ROOT, C, H, U, P), 1.0)
    talk = f"/api/courses/v1/blocks/{U}?username=ann&depth=all&requested_fields=completion"
    shown = (await edx.body(talk, "ann"))["blocks"]
    assert "completion" not in shown[BLOCK.format("discussion", "d")]


async def test_pages_beside_the_tree_are_no_blocks_of_it(edx: OpenEdx) -> None:
    here: dict[str, Any] = {"course_instance_id": edx.keys["R"], "parent_id": edx.keys["ROOT"]}
    page = BLOCK.format("course_info", "handouts")
    await create_block(edx.filled.admin, **here, kind="course_info", usage_key=page, content="<p>Here</p>")
    found = await edx.body(f"{BLOCKS}&username=ann&depth=all&requested_fields=children&block_counts=course_info", "ann")
    assert (found["blocks"][ROOT]["children"], page in found["blocks"]) == ([C], False)
    assert found["blocks"][ROOT]["block_counts"] == {"course_info": 0}
    assert (await edx.told(f"/api/courses/v1/blocks/{page}?username=ann", "ann"))[0] == 404
