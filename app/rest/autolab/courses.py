"""The courses of the person whose token it is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.rest.autolab.endpoint import INSTRUCTOR, LEVELS, Asked, Made, Operation, is_disabled
from app.rest.autolab.parameters import text
from app.rest.autolab.refusals import Refused
from app.rest.autolab.words import INTEGER, LEVEL, MAYBE_TEXT, TEXT, listed, parameter
from app.rest.route import Call, Row, closed

SHOWN = ("name", "display_name", "semester", "late_slack", "grace_days")
STATES = ("disabled", "completed", "current", "upcoming")
COURSE = closed(
    {
        "name": TEXT,
        "display_name": TEXT,
        "semester": MAYBE_TEXT,
        "late_slack": INTEGER,
        "grace_days": INTEGER,
        "auth_level": LEVEL,
    }
)


async def with_state(asked: Asked) -> Mapping[str, Any]:
    """Raise Refused for a state that there is not."""
    if asked.sent.get("state") is not None and text(asked.sent["state"]) not in STATES:
        raise Refused(400, "Unexpected course state")
    return {"state": asked.sent.get("state")}


def courses(data: Row, call: Call) -> list[Row]:
    """The courses in the asked state, by display name."""
    levels = {
        each["place"]["id"]: LEVELS[each["role"]]
        for each in data["viewer"]["enrollments"]["nodes"]
        if each["place"] is not None
    }
    made = []
    for course in data["courseInstances"]["nodes"]:
        level = INSTRUCTOR if data["asked"].is_administrator else levels.get(course["id"])
        if level is not None and is_in(course, data["found"]["state"], call.now):
            made.append({name: course[name] for name in SHOWN} | {"auth_level": level})
    return sorted(made, key=lambda course: (course["display_name"], course["name"]))


def is_in(course: Row, state: str | None, now: datetime) -> bool:
    """Whether a course is in a state; every one is when none is asked for (contracts/autolab.md §4.2)."""
    if state is None:
        return True
    if state == "disabled":
        return is_disabled(course, now)
    return state == season(course, now)


def season(course: Row, now: datetime) -> str:
    """Where a course is in its time. One that disables itself at its end is never completed."""
    if course["start_at"] is not None and now < course["start_at"]:
        return "upcoming"
    is_over = course["end_at"] is not None and now > course["end_at"]
    return "completed" if is_over and not course["is_disabled_at_end"] else "current"


ROUTES = [
    Operation(
        "GET",
        "/courses",
        "Courses",
        Made(make=courses, made=listed(COURSE)),
        parameters=(parameter("state", {"type": "string", "enum": list(STATES)}, "Only courses in this state."),),
        scopes=("user_courses",),
        plan=with_state,
    ),
]
