"""Deadlines at one's own pace (contracts/edx-core.md §5)."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

from app.rest.openedx.asking import Asked
from app.rest.openedx.endpoint import Made, Operation
from app.rest.openedx.kinds import FLAG, TEXT
from app.rest.openedx.refusals import PLAIN, Refused
from app.rest.openedx.run import DATES_BANNER, dates_banner, has_ended
from app.rest.route import Call, Row, closed

UNABLE = "Unable to reset deadlines."
ALL_DATES = "View all dates"
SHIFTED = "Your due dates now count from today."


async def restarting(asked: Asked) -> Mapping[str, Any]:
    """Where the caller begins anew. Raises Refused."""
    key = asked.field("course_key")
    if key is None or key == "":
        raise Refused(400, "'course_key' is required.")
    found = await asked.find_run(key if isinstance(key, str) else None)
    if found is None:
        raise Refused(400, UNABLE)
    await asked.enter(found)
    if asked.enrollment is None:
        raise Refused(400, UNABLE)
    return {"place_id": str(found["id"])}


def restarted(data: Row, call: Call) -> Row:
    """What to tell people, and where they see their dates."""
    asked: Asked = data["asked"]
    link = f"{asked.base}/courses/{asked.run['key']}/dates"
    return {
        "body": f'<a href="{escape(link)}">{ALL_DATES}</a>',
        "header": SHIFTED,
        "link": link,
        "link_text": ALL_DATES,
        "message": "Deadlines successfully reset.",
    }


def deadlines(data: Row, call: Call) -> Row:
    """Whether the caller is behind, and whether it is over."""
    place = data["courseInstance"] or {}
    return {"dates_banner_info": dates_banner(place.get("hasMissedDeadlines")), "has_ended": has_ended(data["asked"])}


ROUTES = [
    Operation(
        "POST",
        "/course_experience/v1/reset_course_deadlines",
        "ResetDeadlines",
        Made(make=restarted, made=closed(dict.fromkeys(("body", "header", "link", "link_text", "message"), TEXT))),
        style=PLAIN,
        plan=restarting,
        words={"DROPPED": (400, UNABLE), "NOT_ENROLLED": (400, UNABLE)},
    ),
    Operation(
        "GET",
        "/course_experience/v1/course_deadlines_info/{course_key_string}",
        "CourseDeadlines",
        Made(make=deadlines, made=closed({"dates_banner_info": DATES_BANNER, "has_ended": FLAG})),
        style=PLAIN,
        run="course_key_string",
    ),
]
