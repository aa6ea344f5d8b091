"""Whether one wants mails of a course run (contracts/edx-core.md §21)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.rest.openedx.asking import Asked
from app.rest.openedx.endpoint import Made, Operation
from app.rest.openedx.refusals import PLAIN, Refused
from app.rest.route import closed


async def wishes(asked: Asked) -> Mapping[str, Any]:
    """In which course run, and whether. Raises Refused."""
    key = asked.field("course_id")
    run = await asked.find_run(key if isinstance(key, str) else None)
    if run is None:
        raise Refused(400, f"No course run {key}.")
    return {"input": {"courseInstanceId": str(run["id"]), "receivesEmail": bool(asked.field("receive_emails"))}}


ROUTES = [
    Operation(
        "POST",
        "/change_email_settings",
        "ChangeEmailSettings",
        Made(make=lambda data, call: {"success": True}, made=closed({"success": {"type": "boolean"}})),
        style=PLAIN,
        plan=wishes,
    ),
]
