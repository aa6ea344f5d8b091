"""What the pages of a run tell its learner: whether they may enter, what they aim at, what is to be celebrated, what
they are given in the end (contracts/edx-core.md §3.1, §4.1, §4.4).
"""

from __future__ import annotations

from datetime import datetime

from app.rest.openedx.kinds import FLAG, MOMENT, TEXT
from app.rest.openedx.run_page import whole
from app.rest.route import Row, Schema, closed, nullable

MAYBE, WHOLE = nullable(TEXT), {"type": "integer"}
TOLD = ("error_code", "developer_message", "user_message", "additional_context_user_message", "user_fragment")
COURSE_ACCESS = closed({"has_access": FLAG, **dict.fromkeys(TOLD, MAYBE)})
REASONS = {
    "authentication_required": "You must be logged in to see the course.",
    "enrollment_required": "You must be enrolled to see the course.",
    "course_not_started": "The course has not started.",
    "not_visible_to_user": "The course is not open to you.",
    "mobile_unavailable": "The course is not available on mobile devices.",
}
GOALS = closed(
    {
        "selected_goal": nullable(closed({"days_per_week": WHOLE, "subscribed_to_reminders": FLAG})),
        "weekly_learning_goal_enabled": FLAG,
    }
)
CELEBRATIONS = closed(
    {
        "first_section": FLAG,
        "streak_length_to_celebrate": nullable(WHOLE),
        "streak_discount_enabled": FLAG,
        "weekly_goal": FLAG,
    }
)
CERTIFICATE: Schema = closed(
    {
        "cert_status": TEXT,
        **dict.fromkeys(("cert_web_view_url", "download_url"), MAYBE),
        "certificate_available_date": nullable(MOMENT),
    }
)
UNCERTIFIED = ("audit", "honor")
"""Tracks in which nobody waits for a certificate: `audit_passing`, `honor_passing`."""


def course_access(reason: str | None = None) -> Row:
    """That one may enter, or why not: one of `REASONS`."""
    made: Row = {"has_access": reason is None, **dict.fromkeys(TOLD)}
    if reason is not None:
        made |= {"error_code": reason, "developer_message": REASONS[reason], "user_message": REASONS[reason]}
    return made


def goals(record: Row | None) -> Row:
    """What somebody aims at, by their record."""
    chosen = None
    if record is not None and record["goal_days_per_week"] is not None:
        days, mails = record["goal_days_per_week"], record["has_goal_reminders"]
        chosen = {"days_per_week": days, "subscribed_to_reminders": mails}
    return {"selected_goal": chosen, "weekly_learning_goal_enabled": True}


def celebrations(record: Row | None, *, is_enrolled: bool) -> Row:
    """What is still to be celebrated with a learner, until they said that it was: their first section, and that this
    week they were at work on as many days as they meant to.
    """
    said = record or {}
    aim = said.get("goal_days_per_week") or 0
    is_reached = 0 < aim <= said.get("active_days", 0) and said.get("celebrates_weekly_goal") is not False
    return {
        "first_section": is_enrolled and said.get("celebrates_first_section") is not False,
        "streak_length_to_celebrate": None,
        "streak_discount_enabled": False,
        "weekly_goal": is_enrolled and is_reached,
    }


def time_zone(person: Row | None) -> str | None:
    """The name of the time zone that somebody chose."""
    return None if person is None or person["profile"] is None else person["profile"]["name"]


def certificate_address(row: Row) -> str | None:
    """Where a certificate is shown, relative to the site; None for one that is not."""
    return f"/certificates/{row['uuid']}" if row["is_shown"] else None


def certificate(track: str | None, row: Row | None, available_at: datetime | None) -> Row | None:
    """What a learner of a track is told of their certificate; nothing while there is none to tell of."""
    told: Row = dict.fromkeys(("cert_web_view_url", "download_url"))
    told["certificate_available_date"] = whole(available_at)
    if row is not None and track != "audit":
        earned = "downloadable" if row["is_shown"] else "earned_but_not_available"
        status = earned if row["is_passing"] else "notpassing"
        return {"cert_status": status, **told, "cert_web_view_url": certificate_address(row)}
    return {"cert_status": f"{track}_passing", **told} if track in UNCERTIFIED else None
