"""What the pages of a course run show of it and of its learner (contracts/edx-core.md §3.1, §4.1)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.rest.openedx.asking import Asked
from app.rest.openedx.entry import CELEBRATIONS, COURSE_ACCESS, REASONS, celebrations, course_access, time_zone
from app.rest.openedx.kinds import FLAG, MOMENT, NOTHING, TEXT
from app.rest.openedx.refusals import Refused
from app.rest.openedx.run_page import UNSET_START, number_of, organization_of, whole
from app.rest.openedx.visitor import visitor
from app.rest.route import Call, Row, Schema, closed, nullable

NOT_ENROLLED = "User not enrolled."
FREE = ("audit", "honor")

"""The schema of what is always null here."""
MODES: Schema = {"type": "array", "items": closed({"slug": TEXT, "name": TEXT})}
TABS: Schema = {"type": "array", "items": closed({"tab_id": TEXT, "title": TEXT, "url": TEXT})}
FLAGS = ("can_show_upgrade_sock", "can_load_courseware", "studio_access", "is_new_discussion_sidebar_view_enabled")
METADATA = closed(
    {
        "course_id": TEXT,
        "username": nullable(TEXT),
        **dict.fromkeys(("is_enrolled", "is_self_paced", "is_staff", "original_user_is_staff"), FLAG),
        **dict.fromkeys(("number", "org", "title"), TEXT),
        "start": MOMENT,
        "tabs": TABS,
        "celebrations": CELEBRATIONS,
        "user_timezone": nullable(TEXT),
        "can_view_certificate": FLAG,
        "course_access": COURSE_ACCESS,
        "verified_mode": NOTHING,
        **dict.fromkeys(FLAGS, FLAG),
        "course_modes": MODES,
        "has_course_author_access": FLAG,
    }
)


def is_past(moment: datetime | None, now: datetime) -> bool:
    """Whether a moment is over."""
    return moment is not None and moment <= now


def upgrade_at(run: Row, mode: str | None) -> datetime | None:
    """Until when a learner of the free track may choose the verified one."""
    ends = [each["expires_at"] for each in run["tracks"] if each["slug"] == "verified" and each["expires_at"]]
    return ends[0] if ends and mode in FREE else None


async def home(asked: Asked) -> Row:
    """The run with the caller's record, whoever asks."""
    found = await asked.look("Home", course_instance_id=asked.run["id"], active=["ACTIVE"])
    asked.found["home"] = found
    made: Row = found["run"]
    return made


async def admitted(asked: Asked, *, not_started: bool = False) -> Row:
    """The run for who is enrolled in it, or of its staff. Raises Refused."""
    run = await home(asked)
    who = visitor(asked)
    if not who.is_in:
        raise Refused(401, body=NOT_ENROLLED)
    reason = who.closing(run, asked.ctx.now)
    if reason is not None and not (not_started and reason == "course_not_started"):
        raise Refused(403, REASONS[reason])
    return run


async def metadata(asked: Asked) -> Mapping[str, Any]:
    """The run, whoever asks; what the caller is to it."""
    run = await home(asked)
    caller = None if asked.ctx.principal.user_id is None else await asked.caller()
    who = visitor(asked)
    asked.found |= {"visitor": who, "reason": who.closing(run, asked.ctx.now), "caller": caller}
    asked.found |= {"was_staff": asked.was_staff, "is_author": asked.is_author}
    asked.look_on()
    return {}


def metadata_told(data: Row, call: Call) -> Row:
    """What a run is, and what the caller may do there."""
    asked, run = data["asked"], data["run"]
    known, caller, who = asked.found, asked.found["caller"], asked.found["visitor"]
    return {
        "course_id": run["key"],
        "username": None if caller is None else caller["username"],
        "is_enrolled": who.is_learner,
        "is_self_paced": run["is_self_paced"],
        "is_staff": who.is_staff,
        "original_user_is_staff": known["was_staff"],
        "number": number_of(run),
        "org": organization_of(run),
        "start": whole(run["start_at"]) or UNSET_START,
        "title": run["name"],
        "tabs": [{"tab_id": each.key, "title": each.title, "url": each.url} for each in who.tabs(run, asked.base)],
        "celebrations": celebrations(known["home"]["run"]["record"], is_enrolled=who.is_learner),
        "user_timezone": time_zone(known["home"]["zone"]),
        "can_view_certificate": is_past(run["certificate_available_at"] or run["end_at"], call.now),
        "course_access": course_access(known["reason"]),
        "verified_mode": None,
        **dict.fromkeys(FLAGS, False),
        "can_load_courseware": True,
        "studio_access": known["is_author"],
        "course_modes": [{"slug": each["slug"], "name": each["name"]} for each in run["tracks"]],
        "has_course_author_access": known["is_author"],
    }
