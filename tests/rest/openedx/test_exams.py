"""What is hidden after its due date, exams, films, what starts later (contracts/edx-core.md §1.5, §2, §3.3, §4)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from app.domain.assessments.access import grant_extension
from app.domain.blocks.service import create_block, update_block
from tests.clock import NOW
from tests.rest.openedx.conftest import BLOCK, ROOT, C, H, OpenEdx, P, Q, R, U

pytestmark = pytest.mark.anyio
PAST, AHEAD = NOW - timedelta(days=1), NOW + timedelta(days=1)
SEQUENCE = f"/api/courseware/sequence/{H}"
CONTENTS, HOME = f"/api/learning_sequences/v1/course_outline/{R}", f"/api/course_home/outline/{R}"
PROGRESS = f"/api/course_home/progress/{R}"


async def change(edx: OpenEdx, name: str = "H", **details: Any) -> None:
    """A block says something else."""
    await update_block(edx.filled.admin, block_id=edx.keys[name], **details)


async def blocks(edx: OpenEdx, who: str, query: str) -> Any:
    """The blocks of the run by key."""
    path = f"/api/courses/v2/blocks/?course_id={Q}&username={who}&depth=all&{query}"
    return (await edx.body(path, who))["blocks"]


async def test_what_is_hidden_after_its_due_date(edx: OpenEdx) -> None:
    await change(edx, hides_after_due=True, due_at=PAST)

    async def told(who: str) -> tuple[bool, int, bool, bool, list[str]]:
        sequence = await edx.body(SEQUENCE, who)
        contents = (await edx.body(CONTENTS, who))["outline"]["sequences"][H]
        assert contents["inaccessible_after_due"] is True
        shown = (await edx.body(PROGRESS, who))["section_scores"][0]["subsections"][0]
        listed = list(await blocks(edx, who, ""))
        accessible = contents["accessible"]
        return sequence["is_hidden_after_due"], len(sequence["items"]), accessible, shown["url"] is None, listed

    assert await told("ann") == (True, 0, False, True, [ROOT, C, H])
    assert await told("prof") == (False, 1, True, False, [ROOT, C, H, U, P])
    work: dict[str, Any] = {"assessment_id": edx.keys["assessment"], "user_id": edx.keys["ann"]}
    await grant_extension(edx.filled.admin, **work, due_at=AHEAD)
    assert await told("ann") == (False, 1, True, False, [ROOT, C, H, U, P])


@pytest.mark.parametrize(
    ("said", "description", "icon"),
    [
        ({}, "Timed Exam", "fa-clock-o"),
        ({"is_proctored": True}, "Proctored Exam", "fa-pencil-square-o"),
        ({"is_proctored": True, "is_practice_exam": True}, "Practice Exam", "fa-pencil-square-o"),
    ],
)
async def test_exams(edx: OpenEdx, said: dict[str, Any], description: str, icon: str) -> None:
    fields = "requested_fields=special_exam_info,hide_after_due"
    plain = await blocks(edx, "ann", fields)
    assert ("special_exam_info" in plain[H], plain[H]["hide_after_due"]) == (False, False)
    assert "exam" not in (await edx.body(CONTENTS, "ann"))["outline"]["sequences"][H]
    await change(edx, is_time_limited=True, hides_after_due=True, **said)
    found = await blocks(edx, "ann", fields)
    assert found[H]["special_exam_info"] == {"short_description": description, "suggested_icon": icon}
    assert (found[H]["hide_after_due"], "special_exam_info" in found[U]) == (True, False)
    home = (await edx.body(HOME, "ann"))["course_blocks"]["blocks"][H]
    assert (home["description"], home["icon"]) == (description, icon)
    sequence = await edx.body(SEQUENCE, "ann")
    assert (sequence["is_time_limited"], sequence["is_proctored"]) == (True, said.get("is_proctored", False))
    assert (await edx.body(CONTENTS, "ann"))["outline"]["sequences"][H]["exam"] == {
        "is_practice_exam": said.get("is_practice_exam", False),
        "is_proctored_enabled": said.get("is_proctored", False),
        "is_time_limited": True,
    }


async def test_what_starts_later(edx: OpenEdx) -> None:
    async def told(who: str) -> tuple[Any, Any, Any]:
        found = await blocks(edx, who, "requested_fields=has_scheduled_content")
        assert all("has_scheduled_content" not in each for key, each in found.items() if key != ROOT)
        home = (await edx.body(HOME, who))["course_blocks"]["blocks"]
        assert home[C]["has_scheduled_content"] is None
        progress = await edx.body(PROGRESS, who)
        return (
            found[ROOT]["has_scheduled_content"],
            home[ROOT]["has_scheduled_content"],
            progress["has_scheduled_content"],
        )

    assert await told("ann") == (False, False, False)
    await change(edx, start_at=AHEAD)
    assert await told("ann") == (True, True, True)
    await change(edx, is_staff_only=True)
    assert await told("ann") == (False, False, False)


async def test_films(edx: OpenEdx) -> None:
    here: dict[str, Any] = {"course_instance_id": edx.keys["R"], "parent_id": edx.keys["U"], "kind": "video"}
    usage = {name: BLOCK.format("video", name) for name in ("both", "web", "none")}
    film = "https://media.example/film.mp4"
    elements = '<video_asset duration="60.0"/>'
    both = {"youtube_id_1_0": "abc", "html5_sources": f'["{film}"]'}
    await create_block(edx.filled.admin, **here, usage_key=usage["both"], fields=both, content=elements)
    await create_block(edx.filled.admin, **here, usage_key=usage["web"], fields={**both, "only_on_web": "true"})
    await create_block(edx.filled.admin, **here, usage_key=usage["none"])
    found = await blocks(edx, "ann", "student_view_data=video")
    told = {name: found[key]["student_view_data"] for name, key in usage.items()}
    assert told == {
        "both": {
            "only_on_web": False,
            "duration": 60.0,
            "transcripts": {},
            "encoded_videos": {
                "fallback": {"url": film, "file_size": 0},
                "youtube": {"url": "https://www.youtube.com/watch?v=abc", "file_size": 0},
            },
            "all_sources": [film],
        },
        "web": {"only_on_web": True},
        "none": {"only_on_web": False},
    }
