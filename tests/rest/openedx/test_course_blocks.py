"""The blocks of a run as a map or a list (contracts/edx-core.md §1.5, §1.6, cases 7 to 12 and more)."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from app.domain.blocks.completion import NewCompletion, record_completion
from app.domain.blocks.service import create_block, update_block
from app.domain.enrollment.offerings import update_course_instance
from app.domain.enrollment.service import drop_enrollment, enroll
from tests.clock import NOW
from tests.rest.openedx.conftest import BLOCK, CALLERS, ROOT, C, H, OpenEdx, P, Q, R, U

pytestmark = pytest.mark.anyio
VERSIONS = ("v1", "v2")
NO_RUN = "course-v1:no+such+run"


async def change(edx: OpenEdx, run: str = "R", **details: Any) -> None:
    """The course run says something else."""
    await update_course_instance(edx.filled.admin, course_instance_id=edx.keys[run], **details)


async def blocks(edx: OpenEdx, who: str | None = "ann", query: str = "", version: str = "v1") -> Any:
    """The blocks of R, to all depths."""
    named = "" if "username=" in query or "all_blocks" in query else f"&username={who}"
    return await edx.body(f"/api/courses/{version}/blocks/?course_id={Q}&depth=all{named}&{query}", who)


@pytest.mark.parametrize("version", VERSIONS)
async def test_the_blocks_of_a_run(edx: OpenEdx, version: str) -> None:
    body = await blocks(edx, query="requested_fields=children,graded,format", version=version)  # edx case 7
    assert body["root"] == ROOT
    assert list(body["blocks"]) == [ROOT, C, H, U, P]
    assert (body["blocks"][H]["graded"], body["blocks"][H]["format"]) == (True, "Homework")
    assert body["blocks"][C]["children"] == [H]
    assert body["blocks"][P] == {
        "id": P,
        "block_id": "p",
        "lms_web_url": f"http://test/courses/{R}/jump_to/{P}",
        "legacy_web_url": f"http://test/courses/{R}/jump_to/{P}?experience=legacy",
        "student_view_url": f"http://test/xblock/{P}",
        "type": "problem",
        "display_name": "Problem",
        "graded": False,
    }


async def test_fields_on_request(edx: OpenEdx) -> None:
    await update_block(edx.filled.admin, block_id=edx.keys["H"], start_at=NOW, due_at=NOW, is_hidden_from_toc=True)
    names = "start,due,weight,has_score,show_correctness,visible_to_staff_only,hide_from_toc,student_view_multi_device"
    body = await blocks(edx, query=f"requested_fields={names}&requested_fields=format,nonsense")
    at = f"{NOW:%Y-%m-%dT%H:%M:%S}Z"
    told = {name: value for name, value in body["blocks"][H].items() if name in (*names.split(","), "format")}
    assert told == {
        **{"start": at, "due": at, "has_score": False, "show_correctness": "always", "format": "Homework"},
        **{"visible_to_staff_only": False, "hide_from_toc": True, "student_view_multi_device": False},
    }
    problem = body["blocks"][P]
    assert (problem["has_score"], problem["weight"], problem["student_view_multi_device"]) == (True, 2.0, True)
    assert problem["due"] == at


async def test_completion_of_blocks(edx: OpenEdx) -> None:
    fields = "requested_fields=completion,complete,resume_block"
    nothing = (await blocks(edx, query=fields))["blocks"]
    assert {(each["completion"], each["complete"], each["resume_block"]) for each in nothing.values()} == {
        (0.0, False, False)
    }
    done = [NewCompletion(edx.keys["P"], 1.0)]
    await record_completion(edx.filled.by("ann"), course_instance_id=edx.keys["R"], completions=done)
    body = (await blocks(edx, query=fields))["blocks"]
    assert {(each["completion"], each["complete"], each["resume_block"]) for each in body.values()} == {
        (1.0, True, True)
    }
    others = (await blocks(edx, "prof", f"username=prof&{fields}"))["blocks"]
    assert others[P]["completion"] == 0.0
    seen = (await blocks(edx, "prof", f"username=ann&{fields}"))["blocks"]
    assert seen[P]["completion"] == 1.0


async def test_counts_depths_and_kinds(edx: OpenEdx) -> None:
    body = await blocks(edx, query="block_counts=problem,html")  # edx case 11
    assert body["blocks"][ROOT]["block_counts"] == {"problem": 1, "html": 0}
    assert body["blocks"][P]["block_counts"] == {"problem": 1, "html": 0}
    path = f"/api/courses/v2/blocks/?course_id={Q}&username=ann"
    assert list((await edx.body(path, "ann"))["blocks"]) == [ROOT]
    body = await edx.body(f"{path}&depth=1&requested_fields=children&block_counts=problem", "ann")
    assert list(body["blocks"]) == [ROOT, C]
    assert "children" not in body["blocks"][C]
    assert body["blocks"][C]["block_counts"] == {"problem": 1}
    body = await blocks(edx, query="block_types_filter=problem,chapter&requested_fields=children")
    assert body["root"] == ROOT
    assert list(body["blocks"]) == [C, P]
    assert body["blocks"][C]["children"] == [P]
    body = await blocks(edx, query="nav_depth=1")
    assert (body["blocks"][ROOT]["descendants"], body["blocks"][C]["descendants"]) == ([C], [H, U, P])
    assert "descendants" not in body["blocks"][H]
    listed = await blocks(edx, query="return_type=list")
    assert [each["id"] for each in listed] == [ROOT, C, H, U, P]


async def test_discussions_texts_and_one_block(edx: OpenEdx) -> None:
    here: dict[str, Any] = {"course_instance_id": edx.keys["R"], "parent_id": edx.keys["U"]}
    talk, text = BLOCK.format("discussion", "d"), BLOCK.format("html", "t")
    await create_block(edx.filled.admin, kind="discussion", usage_key=talk, **here)
    await create_block(edx.filled.admin, kind="html", usage_key=text, content="<p>Hi</p>", **here)
    body = await blocks(edx, query="requested_fields=children&student_view_data=html,problem")
    assert body["blocks"][U]["children"] == [P, text]
    assert talk not in body["blocks"]
    assert body["blocks"][text]["student_view_data"] == {"enabled": True, "html": "<p>Hi</p>"}
    assert body["blocks"][P]["student_view_data"] == {"enabled": False}
    one = f"/api/courses/v1/blocks/{U}?username=ann&depth=all"
    body = await edx.body(one, "ann")
    assert (body["root"], list(body["blocks"])) == (U, [U, P, talk, text])
    assert list((await edx.body(one.replace("&depth=all", ""), "ann"))["blocks"]) == [U]


async def test_what_is_asked_wrongly(edx: OpenEdx) -> None:
    path = "/api/courses/v1/blocks/"
    assert await edx.told(path, "ann") == (400, {"developer_message": "course_id is required."})
    raw = f"{path}?course_id={R}&username=ann&depth=all"
    assert (await edx.told(raw, "ann"))[0] == 400  # edx case 8
    for query, field in (
        ("", "username"),  # edx case 9
        ("&username=ann&depth=x", "depth"),
        ("&username=ann&depth=-1", "depth"),
        ("&username=ann&nav_depth=1.5", "nav_depth"),
        ("&username=ann&return_type=xml", "return_type"),
        ("&all_blocks=maybe", "all_blocks"),
    ):
        status, body = await edx.told(f"{path}?course_id={Q}{query}", "ann")
        assert (status, list(body["field_errors"])) == (400, [field])
    assert (await edx.told(f"{path}?course_id={Q}&username=ann&depth={'9' * 400}", "ann"))[0] == 200
    assert (await edx.told(f"{path}not-a-key?username=ann", "ann"))[0] == 400


@pytest.mark.parametrize("who", [*CALLERS, "bob"])
async def test_who_reads_blocks(edx: OpenEdx, who: str | None) -> None:
    path = f"/api/courses/v1/blocks/?course_id={Q}"
    staff = who in ("ta", "prof", "staff")
    own = 403 if who in (None, "bob", "other") else 200  # edx case 10
    assert (await edx.told(f"{path}&username={who or 'ann'}", who))[0] == own
    assert (await edx.told(f"{path}&all_blocks=true", who))[0] == (200 if staff else 403)
    others = 403 if not staff else 404
    assert (await edx.told(f"{path}&username=nobody", who))[0] == others
    assert (await edx.told(f"{path}&username=", who))[0] == 403
    missing = 404 if who == "staff" else 403
    assert (await edx.told(f"{path.replace(Q, quote(NO_RUN, safe=''))}&username={who or 'ann'}", who))[0] == missing
    strange = BLOCK.format("html", "none")
    assert (await edx.told(f"/api/courses/v2/blocks/{strange}?username={who}", who))[0] == (404 if own == 200 else 403)


async def test_learners_see_what_is_open_to_them(edx: OpenEdx) -> None:
    await update_block(edx.filled.admin, block_id=edx.keys["U"], is_staff_only=True)
    assert list((await blocks(edx))["blocks"]) == [ROOT, C, H]
    for query in ("username=prof", "all_blocks=true"):
        assert list((await blocks(edx, "prof", query))["blocks"]) == [ROOT, C, H, U, P]
    assert list((await blocks(edx, "prof", "username=ann"))["blocks"]) == [ROOT, C, H]
    status, _ = await edx.told(f"/api/courses/v1/blocks/{P}?username=ann", "ann")
    assert status == 404


async def test_who_left_reads_nothing(edx: OpenEdx) -> None:
    ctx = edx.filled.admin
    enrollment_id = await enroll(ctx, course_instance_id=edx.keys["R"], user_id=edx.keys["bob"])
    assert list((await blocks(edx, "bob"))["blocks"]) == [ROOT, C, H, U, P]
    await drop_enrollment(ctx, enrollment_id=enrollment_id)
    assert (await edx.told(f"/api/courses/v1/blocks/?course_id={Q}&username=bob", "bob"))[0] == 403


async def test_guests_read_a_public_run(edx: OpenEdx) -> None:
    await change(edx, allows_guests=True)
    await update_block(edx.filled.admin, block_id=edx.keys["P"], is_staff_only=True)
    response = await edx.get(f"/api/courses/v2/blocks/?course_id={Q}&depth=all&username=")
    assert response.headers["cache-control"] == "max-age=300"
    assert list(response.json()["blocks"]) == [ROOT, C, H, U]
    assert list((await blocks(edx, "bob"))["blocks"]) == [ROOT, C, H, U]
    assert list((await blocks(edx, "prof", "username="))["blocks"]) == [ROOT, C, H, U]
    body = await edx.body(f"/api/courses/v2/blocks/?course_id={Q}&username=&requested_fields=completion,complete")
    assert body["blocks"][ROOT].keys() >= {"id", "type"}


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("who", CALLERS)
async def test_metadata(edx: OpenEdx, version: str, who: str | None) -> None:
    base = f"/api/courses/{version}/block_metadata"
    assert (await edx.told(f"{base}/not-a-key", who))[0] == 400  # edx case 12
    is_staff = who in ("ta", "prof", "staff")
    status, body = await edx.told(f"{base}/{P}", who)  # edx case 12
    assert status == (200 if is_staff else 403)
    assert not is_staff or body == {"id": P, "type": "problem"}
    assert (await edx.told(f"{base}/{BLOCK.format('html', 'none')}", who))[0] == (404 if is_staff else 403)


async def test_the_index_of_a_block(edx: OpenEdx) -> None:
    here: dict[str, Any] = {"course_instance_id": edx.keys["R"], "parent_id": edx.keys["U"], "name": "Text"}
    text = BLOCK.format("html", "t")
    await create_block(edx.filled.admin, kind="html", usage_key=text, content="<p>Fish &amp;\n<b>chips</b></p>", **here)
    body = await edx.body(f"/api/courses/v1/block_metadata/{text}?include=index_dictionary", "prof")
    content = {"display_name": "Text", "content": "Fish & chips"}
    assert body == {"id": text, "type": "html", "index_dictionary": {"content": content, "content_type": "Text"}}
