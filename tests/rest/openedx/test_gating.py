"""Subsections behind gates as Open edX's clients see them (contracts/edx-core.md §1.5, §2, §3.3, §4.4)."""

from __future__ import annotations

from typing import Any

import pytest

from app.domain.blocks.gates import set_block_prerequisite
from app.domain.blocks.service import create_block
from tests.rest.openedx.conftest import BLOCK, ROOT, C, H, OpenEdx, P, Q, R, U

pytestmark = pytest.mark.anyio
S, T, F = BLOCK.format("sequential", "s"), BLOCK.format("vertical", "t"), BLOCK.format("html", "f")
SEQUENCE = "/api/courseware/sequence/"
PREREQUISITE = {"prereq_id": S, "prereq_url": f"http://test/courses/{R}/jump_to/{S}", "prereq_section_name": "Start"}


async def gate(edx: OpenEdx) -> None:
    """A subsection of a text, S, which is to be done before H."""
    ctx = edx.filled.admin
    here: dict[str, Any] = {"course_instance_id": edx.keys["R"]}
    above: dict[str, Any] = {"parent_id": edx.keys["C"], "ordinal": 0}
    start = await create_block(ctx, **here, kind="sequential", name="Start", usage_key=S, **above)
    unit = await create_block(ctx, **here, kind="vertical", name="Words", usage_key=T, parent_id=start)
    await create_block(ctx, **here, kind="html", name="Text", usage_key=F, parent_id=unit)
    for name, kind, secret in (("film", "video", False), ("draft", "html", True)):
        place: dict[str, Any] = {"parent_id": edx.keys["H"], "usage_key": BLOCK.format("vertical", name)}
        second = await create_block(ctx, **here, kind="vertical", name=name, is_staff_only=secret, **place)
        await create_block(ctx, **here, kind=kind, parent_id=second)
    await set_block_prerequisite(
        edx.filled.by("prof"), block_id=edx.keys["H"], required_block_id=start, min_score=0, min_completion=100
    )


async def pass_it(edx: OpenEdx) -> None:
    """ann does what is to be done."""
    done = {"username": "ann", "course_key": R, "blocks": {F: 1}}
    assert await edx.body("/api/completion/v1/completion-batch", "ann", "POST", json=done) == {"detail": "ok"}


async def test_a_subsection_behind_a_gate(edx: OpenEdx) -> None:
    await gate(edx)
    found = await edx.body(SEQUENCE + H, "ann")
    assert found["gated_content"] == {**PREREQUISITE, "gated": True, "gated_section_name": "Homework 1"}
    same = {"is_gated": True, "content": ""}
    film = {"id": BLOCK.format("vertical", "film"), "type": "video", "display_name": "film"}
    assert found["items"] == [{"id": U, "type": "problem", "display_name": "Unit", **same}, {**film, **same}]
    open_to = {**dict.fromkeys(PREREQUISITE), "gated": False, "gated_section_name": "Homework 1"}
    for who in ("prof", "ta", "staff"):
        told = await edx.body(SEQUENCE + H, who)
        assert (told["gated_content"], len(told["items"])) == (open_to, 3)
    await pass_it(edx)
    found = await edx.body(SEQUENCE + H, "ann")
    assert (found["gated_content"], [each["page_title"] for each in found["items"]]) == (open_to, ["Unit", "film"])


async def blocks(edx: OpenEdx, version: str, who: str = "ann", query: str = "") -> Any:
    """The blocks of the run with all that may be asked of gates."""
    fields = "requested_fields=children,graded,format,contains_gated_content&block_counts=sequential"
    path = f"/api/courses/{version}/blocks/?course_id={Q}&username={who}&depth=all&{fields}{query}"
    return await edx.body(path, who)


async def test_blocks_of_the_first_version_leave_it_out(edx: OpenEdx) -> None:
    await gate(edx)
    found = (await blocks(edx, "v1"))["blocks"]
    assert list(found) == [ROOT, C, S, T, F]
    assert found[C]["children"] == [S]
    gated = {key for key, each in found.items() if each.get("contains_gated_content")}
    assert gated == {ROOT, C}
    one = f"/api/courses/v1/blocks/{H}?username=ann"
    assert (await edx.told(one, "ann"))[0] == 404
    assert list((await blocks(edx, "v1", "prof"))["blocks"])[5:8] == [H, U, P]
    await pass_it(edx)
    found = (await blocks(edx, "v1"))["blocks"]
    assert list(found)[5:8] == [H, U, P]
    assert not any("contains_gated_content" in each for each in found.values())


async def test_blocks_of_the_second_version_tell_why_not(edx: OpenEdx) -> None:
    await gate(edx)
    found = (await blocks(edx, "v2", query="&nav_depth=3"))["blocks"]
    assert (list(found), found[C]["children"]) == ([ROOT, C, S, T, F, H], [S, H])
    jump = f"http://test/courses/{R}/jump_to/{H}"
    assert found[H] == {
        "id": H,
        "block_id": "h",
        "lms_web_url": jump,
        "legacy_web_url": f"{jump}?experience=legacy",
        "student_view_url": f"http://test/xblock/{H}",
        "type": "sequential",
        "display_name": "Homework 1",
        "graded": True,
        "contains_gated_content": True,
        "block_counts": {"sequential": 1},
        "descendants": [],
        "authorization_denial_reason": "Prerequisite",
        "authorization_denial_message": "Another part of the course is to be completed first.",
    }
    assert list((await edx.body(f"/api/courses/v2/blocks/{H}?username=ann", "ann"))["blocks"]) == [H]


async def test_tables_of_contents_and_progress(edx: OpenEdx) -> None:
    await gate(edx)
    outline, progress = f"/api/learning_sequences/v1/course_outline/{R}", f"/api/course_home/progress/{R}"
    home = f"/api/course_home/outline/{R}"

    async def told(who: str) -> tuple[bool, bool, bool]:
        sequences = (await edx.body(outline, who))["outline"]["sequences"]
        assert sequences[S]["accessible"] is True
        shown = (await edx.body(progress, who))["section_scores"][0]["subsections"]
        assert [each["block_key"] for each in shown] == [S, H]
        course = (await edx.body(home, who))["course_blocks"]["blocks"]
        return sequences[H]["accessible"], shown[1]["learner_has_access"], course[H]["complete"]

    assert await told("ann") == (False, False, False)
    assert await told("prof") == (True, True, False)
    await pass_it(edx)
    assert await told("ann") == (True, True, False)


async def test_nothing_behind_a_gate_is_completed(edx: OpenEdx) -> None:
    await gate(edx)
    sent = {"username": "ann", "course_key": R, "blocks": {P: 1}}
    path = "/api/completion/v1/completion-batch"
    assert (await edx.told(path, "ann", "POST", json=sent))[0] == 400
    assert (await edx.body(f"/api/courseware/resume/{R}", "ann"))["block_id"] is None
    await pass_it(edx)
    assert (await edx.told(path, "ann", "POST", json=sent))[0] == 200
