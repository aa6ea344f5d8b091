"""How much of blocks people have done (contracts/edx-core.md §12)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from app.domain.catalog.keys import parse_run, parse_usage
from app.rest.openedx.asking import Asked
from app.rest.openedx.endpoint import Made, Operation
from app.rest.openedx.refusals import NOT_ALLOWED, NOT_FOUND, PLAIN, Refused
from app.rest.route import Call, Row, closed

NOT_ENROLLED = "User is not enrolled in course."
DETAIL = closed({"detail": {"type": "string"}})
MOST = 1000
"""Blocks in a batch."""


async def batch(asked: Asked) -> Mapping[str, Any]:
    """What is said of which blocks. Raises Refused before anything is written."""
    username = asked.field("username")
    if username != (await asked.caller())["username"] and not asked.is_administrator:
        raise Refused(403, NOT_ALLOWED)
    for name in ("username", "course_key", "blocks"):
        if asked.field(name) is None:
            raise Refused(400, f"Key '{name}' not found.")
    key, blocks = asked.field("course_key"), asked.field("blocks")
    if not isinstance(key, str) or parse_run(key) is None:
        raise Refused(400, f"Invalid learning context key: {key}")
    said = _fractions(blocks)
    person = await asked.person(username if isinstance(username, str) else None)
    if person is None:
        raise Refused(404, "User matching query does not exist.")
    run = await asked.find_run(key)
    if run is None:
        raise Refused(400, NOT_ENROLLED)
    asked.run = run
    if await asked.enrollment_of(person["id"]) is None:
        raise Refused(400, NOT_ENROLLED)
    found = await asked.blocks(list(said))
    for usage in said:
        if usage not in found:
            raise Refused(400, f"Block with key: '{usage}' is not in context {key}")
    completions = [{"blockId": str(found[usage]["id"]), "completion": part} for usage, part in said.items()]
    return {"input": {"courseInstanceId": str(run["id"]), "userId": str(person["id"]), "completions": completions}}


def _fractions(blocks: Any) -> dict[str, float]:
    """The fraction of each block, by its key. Raises Refused for keys and numbers that are none."""
    if not isinstance(blocks, Mapping):
        raise Refused(400, "Key 'blocks' not found.")
    if len(blocks) > MOST:
        raise Refused(400, f"More than {MOST} blocks.")
    made = {}
    for usage, fraction in blocks.items():
        if parse_usage(usage) is None:
            raise Refused(400, f"Invalid block key: {usage}")
        try:
            made[usage] = float(fraction)
        except (TypeError, ValueError, OverflowError):
            raise Refused(400, f"could not convert to a number: {fraction}") from None
        if not math.isfinite(made[usage]) or not 0 <= made[usage] <= 1:
            raise Refused(400, f"{fraction} is not in the range 0 to 1.")
    return made


async def own_subsection(asked: Asked) -> Mapping[str, Any]:
    """The key of the block. Raises Refused for other people's."""
    if asked.path["username"].lower() != (await asked.caller())["username"].lower():
        raise Refused(403, NOT_ALLOWED) if asked.is_administrator else Refused(404, NOT_FOUND)
    return {"usage_id": asked.path["subsection_id"]}


def is_complete(data: Row, call: Call) -> Row:
    """1 when all of it is done, else 0."""
    for each in data["blocks"]["nodes"]:
        return {"completion": int(each["completion"] == 1)}
    raise Refused(404, NOT_FOUND)


ROUTES = [
    Operation(
        "POST",
        "/completion/v1/completion-batch",
        "CompletionBatch",
        Made(make=lambda data, call: {"detail": "ok"}, made=DETAIL),
        style=PLAIN,
        plan=batch,
        words={("userId", "NOT_ENROLLED"): (400, NOT_ENROLLED), ("userId", "DROPPED"): (400, NOT_ENROLLED)},
    ),
    Operation(
        "GET",
        "/completion/v1/subsection-completion/{username}/{course_key}/{subsection_id}",
        "SubsectionCompletion",
        Made(make=is_complete, made=closed({"completion": {"type": "integer"}})),
        style=PLAIN,
        run="course_key",
        plan=own_subsection,
    ),
]
