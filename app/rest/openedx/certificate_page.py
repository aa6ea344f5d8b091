"""A certificate as a page for everybody who has its address (contracts/edx-core.md §14): `/certificates/{uuid}`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from starlette.responses import Response

from app.rest.openedx.asking import Asked
from app.rest.openedx.endpoint import ANYBODY, Made, Operation
from app.rest.route import Call, Row
from app.web.pages import Templates, written

TEMPLATES = Templates(Path(__file__).with_name("pages"))
STYLE = TEMPLATES.folder / "certificate.css"


async def read(asked: Asked) -> Mapping[str, Any]:
    """Which one, read whoever asks: who has the address was given it."""
    asked.look_on()
    return {"uuid": asked.path["uuid"]}


def page(data: Row, call: Call) -> Response:
    """Who has passed what, and when; that there is none, of one that may not be shown (yet, any more), too."""
    row = data["certificate"]
    if row is None or not row["is_shown"]:
        return written(TEMPLATES.filled("no_certificate"), "No such certificate", 404)
    run, person = row["run"], row["user"]
    content = TEMPLATES.filled(
        "certificate",
        person=person["name"] or person["username"],
        course=run["name"],
        organization=run["organization"] or run["course"]["organization"]["name"],
        date=row["made_at"].date().isoformat(),
        day=f"{row['made_at'].day} {row['made_at']:%B %Y}",
        uuid=row["uuid"],
    )
    return written(content, "Certificate", style=STYLE)


ROUTES = [Operation("GET", "/{uuid}", "CertificatePage", Made(make=page), needs=ANYBODY, plan=read)]
