"""The way through a course run (contracts/edx-core.md §3)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from app.domain.catalog.keys import parse_usage
from app.rest.openedx.asking import Asked
from app.rest.openedx.endpoint import ANYBODY, Made, Operation
from app.rest.openedx.refusals import DEVELOPER, NOT_FOUND, Refused
from app.rest.openedx.run import BOOLEAN, TEXT, is_learner
from app.rest.route import Call, Row, Schema, closed, nullable

CELEBRATIONS = {"first_section": "celebratesFirstSection", "weekly_goal": "celebratesWeeklyGoal"}
SUBSECTION = "sequential"
MAYBE = nullable(TEXT)
ITEM: Schema = {
    **closed(
        {
            **dict.fromkeys(("content", "page_title", "id", "path", "href"), TEXT),
            "type": {"type": "string", "enum": ["video", "problem", "other"]},
            **dict.fromkeys(("bookmarked", "graded", "contains_content_type_gated_content", "complete"), BOOLEAN),
        }
    )
}
GATED = closed(
    {
        **dict.fromkeys(("prereq_id", "prereq_url", "prereq_section_name"), MAYBE),
        "gated": BOOLEAN,
        "gated_section_name": TEXT,
    }
)
SEQUENCE = closed(
    {
        "items": {"type": "array", "items": ITEM},
        **dict.fromkeys(("element_id", "item_id", "tag", "sequence_name", "display_name"), TEXT),
        **dict.fromkeys(("next_url", "prev_url", "banner_text", "gated_sequence_paywall", "format"), MAYBE),
        **dict.fromkeys(("is_time_limited", "is_proctored", "save_position", "show_completion"), BOOLEAN),
        **dict.fromkeys(("exclude_units", "is_hidden_after_due", "navigation_disabled"), BOOLEAN),
        "position": nullable({"type": "integer"}),
        "gated_content": GATED,
    }
)


def resumed(data: Row, call: Call) -> Row:
    """Where the caller goes on: the block, its subsection, its unit; nulls for who has completed nothing."""
    block = (data["courseInstance"] or {}).get("resumeBlock")
    if block is None:
        return {"block_id": None, "section_id": None, "unit_id": None}
    above = [*block["ancestors"], block]
    kinds = [each["kind"] for each in above]
    place = kinds.index(SUBSECTION) if SUBSECTION in kinds else len(above)
    section, unit = ([each["usage_key"] for each in above[place : place + 2]] + [None, None])[:2]
    return {"block_id": block["usage_key"], "section_id": section, "unit_id": unit}


async def celebrating(asked: Asked) -> Mapping[str, Any]:
    """What is said. Raises Refused for other keys, and for who is not enrolled."""
    if not is_learner(asked.enrollment):
        raise Refused(404, body=None)
    said = asked.sent
    if not isinstance(said, dict) or not said.keys() <= CELEBRATIONS.keys():
        raise Refused(400, body=None)
    if not all(isinstance(value, bool) for value in said.values()):
        raise Refused(400, body=None)
    return {"input": {"courseInstanceId": str(asked.run["id"]), **{CELEBRATIONS[name]: said[name] for name in said}}}


def celebrated(data: Row, call: Call) -> Response:
    """201 for what is said first, 200 for more."""
    return Response(b"", 201 if data["setCelebrations"]["isFirst"] else 200)


async def sequence(asked: Asked) -> Mapping[str, Any]:
    """Which subsection. Raises Refused for none that the caller sees, and for a block that is no subsection."""
    key = asked.path["usage_key_string"]
    if asked.ctx.principal.user_id is None or parse_usage(key) is None:
        raise Refused(404, NOT_FOUND)
    block = (await asked.ask("Sequence", usage_id=key))["block"]
    if block is None:
        raise Refused(404, NOT_FOUND)
    if block["kind"] != SUBSECTION:
        raise Refused(422, body=None)
    said = (await asked.look("Settings", usage_id=key))["block"]["fields"]
    asked.found["is_hidden_after_due"] = bool(said.get("hide_after_due"))
    return {"usage_id": key}


def shown_sequence(data: Row, call: Call) -> Row:
    """A subsection and its units."""
    asked: Asked = data["asked"]
    block = data["block"]
    units = [each["usage_key"] for each in block["children"]]
    current = (block["currentChild"] or {}).get("usage_key")
    usage = parse_usage(block["usage_key"])
    is_over = block["due_at"] is not None and block["due_at"] < call.now
    return {
        "items": [_item(asked, block, each) for each in block["children"]],
        "element_id": "" if usage is None else usage.name,
        "item_id": block["usage_key"],
        "position": units.index(current) + 1 if current in units else None,
        "tag": SUBSECTION,
        **dict.fromkeys(("next_url", "prev_url", "banner_text", "gated_sequence_paywall")),
        **dict.fromkeys(("is_time_limited", "is_proctored", "navigation_disabled"), False),
        **dict.fromkeys(("save_position", "show_completion", "exclude_units"), True),
        "is_hidden_after_due": asked.found["is_hidden_after_due"] and is_over,
        "gated_content": {
            **dict.fromkeys(("prereq_id", "prereq_url", "prereq_section_name")),
            "gated": False,
            "gated_section_name": block["name"],
        },
        "sequence_name": block["name"],
        "display_name": block["name"],
        "format": block["format"],
    }


def _item(asked: Asked, block: Row, unit: Row) -> Row:
    kinds = {each["kind"] for each in unit["descendants"]}
    names = [(block["parent"] or {}).get("name"), block["name"], unit["name"]]
    return {
        "content": "",
        "page_title": unit["name"],
        "type": next((kind for kind in ("problem", "video") if kind in kinds), "other"),
        "id": unit["usage_key"],
        "bookmarked": unit["bookmark"] is not None,
        "path": " > ".join(name for name in names if name),
        "graded": unit["is_graded"] or block["is_graded"],
        "contains_content_type_gated_content": False,
        "href": f"{asked.base}/courses/{block['run']}/jump_to/{unit['usage_key']}",
        "complete": unit["completion"] == 1,
    }


ROUTES = [
    Operation(
        "GET",
        "/courseware/resume/{course_key_string}",
        "Resume",
        Made(make=resumed, made=closed(dict.fromkeys(("block_id", "section_id", "unit_id"), MAYBE))),
        style=DEVELOPER,
        run="course_key_string",
    ),
    Operation(
        "GET",
        "/courseware/sequence/{usage_key_string}",
        "Sequence",
        Made(make=shown_sequence, made=SEQUENCE),
        style=DEVELOPER,
        needs=ANYBODY,
        plan=sequence,
        parameters=[{"name": "preview", "in": "query", "schema": TEXT, "description": "Taken, and of no effect."}],
    ),
    Operation(
        "POST",
        "/courseware/celebration/{course_key_string}",
        "Celebrate",
        Made(make=celebrated, made={"type": "null"}),
        style=DEVELOPER,
        run="course_key_string",
        unknown=lambda key: Refused(404, body=None),
        plan=celebrating,
        empty=201,
    ),
]
