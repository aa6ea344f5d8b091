"""The way through a course run (contracts/edx-core.md §3)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from starlette.responses import Response

from app.domain.catalog.keys import parse_usage
from app.rest.openedx.asking import NOBODY, Asked
from app.rest.openedx.endpoint import ANYBODY, Made, Operation
from app.rest.openedx.kinds import FLAG, TEXT, parameter
from app.rest.openedx.refusals import DEVELOPER, NOT_FOUND, Refused
from app.rest.openedx.run import is_learner
from app.rest.route import Call, Row, Schema, closed, nullable

CELEBRATIONS = {"first_section": "celebratesFirstSection", "weekly_goal": "celebratesWeeklyGoal"}
SUBSECTION = "sequential"
MAYBE = nullable(TEXT)
KIND: Schema = {"type": "string", "enum": ["video", "problem", "other"]}
ITEM = {
    **dict.fromkeys(("content", "page_title", "id", "path", "href"), TEXT),
    "type": KIND,
    **dict.fromkeys(("bookmarked", "graded", "contains_content_type_gated_content"), FLAG),
}
ITEMS = (closed(ITEM), closed({**ITEM, "complete": FLAG}))
"""A unit for who has not signed in, and for others."""
GATED_ITEM = closed({**dict.fromkeys(("content", "id", "display_name"), TEXT), "type": KIND, "is_gated": FLAG})
GATED = closed(
    {
        **dict.fromkeys(("prereq_id", "prereq_url", "prereq_section_name"), MAYBE),
        "gated": FLAG,
        "gated_section_name": TEXT,
    }
)
SEQUENCE = closed(
    {
        "items": {"type": "array", "items": {"anyOf": [*ITEMS, GATED_ITEM]}},
        **dict.fromkeys(("element_id", "item_id", "tag", "sequence_name", "display_name"), TEXT),
        **dict.fromkeys(("next_url", "prev_url", "banner_text", "gated_sequence_paywall", "format"), MAYBE),
        **dict.fromkeys(("is_time_limited", "is_proctored", "save_position", "show_completion"), FLAG),
        **dict.fromkeys(("exclude_units", "is_hidden_after_due", "navigation_disabled"), FLAG),
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
    """What is said. Raises Refused for other keys, for who is not enrolled, and, taking it without keeping it, for
    staff who look as a learner.
    """
    if asked.is_staff and asked.mask is not None:
        raise Refused(202, body=None)
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
    if parse_usage(key) is None:
        raise Refused(404, NOT_FOUND)
    if asked.ctx.principal.user_id is None:
        asked.become(NOBODY)
    block = (await asked.ask("Sequence", usage_id=key))["block"]
    if block is None:
        raise Refused(404, NOT_FOUND)
    if block["kind"] != SUBSECTION:
        raise Refused(422, body=None)
    if not await _takes_part(asked, key):
        raise Refused(404, NOT_FOUND)
    asked.found["gate"] = (await asked.look("Gate", usage_id=key))["block"] if block["is_gated"] else None
    return {"usage_id": key}


async def _takes_part(asked: Asked, usage: str) -> bool:
    """Whether the caller is in the run of a block at present, or of its staff, or anybody may look at it."""
    if not asked.run:
        run = await asked.find_run((await asked.look("RunOfBlock", usage_id=usage))["block"]["place"]["key"])
        if run is None:
            return False
        await asked.enter(run)
    return asked.is_staff or is_learner(asked.enrollment) or bool(asked.run["allows_guests"])


def shown_sequence(data: Row, call: Call) -> Row:
    """A subsection and its units."""
    asked: Asked = data["asked"]
    block = data["block"]
    units = [each["usage_key"] for each in block["children"]]
    current = (block["currentChild"] or {}).get("usage_key")
    usage = parse_usage(block["usage_key"])
    gate = asked.found["gate"]
    items = [_item(asked, block, each) for each in block["children"]]
    if gate is not None:
        items = [_gated_item(each) for each in gate["children"] if _is_open(each, call.now)]
    return {
        "items": items,
        "element_id": "" if usage is None else usage.name,
        "item_id": block["usage_key"],
        "position": units.index(current) + 1 if current in units else None,
        "tag": SUBSECTION,
        **dict.fromkeys(("next_url", "prev_url", "banner_text", "gated_sequence_paywall")),
        **{name: block[name] for name in ("is_time_limited", "is_proctored")},
        "navigation_disabled": False,
        **dict.fromkeys(("save_position", "show_completion", "exclude_units"), True),
        "is_hidden_after_due": block["is_hidden"],
        "gated_content": _gate(asked, block, None if gate is None else gate["prerequisite"]),
        "sequence_name": block["name"],
        "display_name": block["name"],
        "format": block["format"],
    }


def _gate(asked: Asked, block: Row, prerequisite: Row | None) -> Row:
    """What is to be done before a subsection, when it is not done yet."""
    required = None if prerequisite is None else prerequisite["block"]
    told: Row = dict.fromkeys(("prereq_id", "prereq_url", "prereq_section_name"))
    if required is not None:
        url = f"{asked.base}/courses/{asked.run['key']}/jump_to/{required['usage_key']}"
        told = {"prereq_id": required["usage_key"], "prereq_url": url, "prereq_section_name": required["name"]}
    return {**told, "gated": asked.found["gate"] is not None, "gated_section_name": block["name"]}


def _gated_item(unit: Row) -> Row:
    """A unit behind a gate."""
    return {
        "content": "",
        "id": unit["usage_key"],
        "type": _kind(unit),
        "display_name": unit["name"],
        "is_gated": True,
    }


def _is_open(unit: Row, now: datetime) -> bool:
    """Whether a unit would be open to everybody behind the gate."""
    has_begun = unit["start_at"] is None or unit["start_at"] <= now
    return has_begun and not unit["is_staff_only"] and not unit["audience"]


def _kind(unit: Row) -> str:
    kinds = {each["kind"] for each in unit["descendants"]}
    return next((kind for kind in ("problem", "video") if kind in kinds), "other")


def _item(asked: Asked, block: Row, unit: Row) -> Row:
    names = [(block["parent"] or {}).get("name"), block["name"], unit["name"]]
    return {
        "content": "",
        "page_title": unit["name"],
        "type": _kind(unit),
        "id": unit["usage_key"],
        "bookmarked": unit["bookmark"] is not None,
        "path": " > ".join(name for name in names if name),
        "graded": unit["is_graded"] or block["is_graded"],
        "contains_content_type_gated_content": False,
        "href": f"{asked.base}/courses/{asked.run['key']}/jump_to/{unit['usage_key']}",
        **({} if asked.ctx.user_id == NOBODY else {"complete": unit["completion"] == 1}),
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
        parameters=[parameter("preview", "Taken, and of no effect.")],
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
        taken=(202,),
    ),
]
