"""What a learner asks of a course home: no more of this message, so many days a week (contracts/edx-core.md §4.5)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.rest.openedx.announcements import updates_of
from app.rest.openedx.asking import Asked
from app.rest.openedx.catalogue import ALL
from app.rest.openedx.refusals import Refused
from app.rest.openedx.run import is_active
from app.rest.route import Call, Row

NOT_DISMISSED, NOT_SAVED = "Unable to dismiss welcome message.", "Unable to save course goal"
MOST_DAYS = 7
NO_NEWS = "none"
"""The name of the message where nothing was announced yet."""


async def told_run(asked: Asked, failure: str) -> None:
    """Be about the run in what is sent, in which the caller takes part. Raises Refused."""
    key = asked.field("course_id")
    if key is None or key == "":
        raise Refused(400, "'course_id' is required.")
    run = await asked.find_run(key if isinstance(key, str) else None)
    if run is not None:
        await asked.enter(run)
    if not is_active(asked.enrollment):
        raise Refused(400, failure)


async def dismissal(asked: Asked) -> Mapping[str, Any]:
    """The newest announcement of the run. Raises Refused."""
    extra = set(asked.sent) - {"course_id"} if isinstance(asked.sent, Mapping) else {"body"}
    if extra:
        raise Refused(400, NOT_DISMISSED)
    await told_run(asked, NOT_DISMISSED)
    found = await asked.look("Announcements", course_instance_id=asked.run["id"], first=ALL)
    news = updates_of(found["info"]["nodes"])
    return {"input": {"courseInstanceId": str(asked.run["id"]), "dismissedUpdate": news[0].name if news else NO_NEWS}}


async def goal(asked: Asked) -> Mapping[str, Any]:
    """What is aimed at. Raises Refused."""
    mails, days = asked.field("subscribed_to_reminders"), asked.field("days_per_week")
    if asked.field("course_id") is not None and mails is None:
        raise Refused(400, "'subscribed_to_reminders' is required.")
    await told_run(asked, NOT_SAVED)
    said = {"hasGoalReminders": _flag(mails), "goalDaysPerWeek": _days(days)}
    return {"input": {"courseInstanceId": str(asked.run["id"]), **said}}


def _flag(value: Any) -> bool:
    """Yes or no, of JSON or of a form. Raises Refused."""
    if isinstance(value, bool):
        return value
    if value not in ("true", "false"):
        raise Refused(400, NOT_SAVED)
    return bool(value == "true")


def _days(value: Any) -> int | None:
    """Days of a week; None for as before. Raises Refused."""
    if not value:
        return None
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < 3:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MOST_DAYS:
        raise Refused(400, NOT_SAVED)
    return value or None


async def unsubscribed(asked: Asked) -> Mapping[str, Any]:
    """The goal that a mail is about: whoever has the mail may end its reminders."""
    token = asked.path["token"]
    asked.look_on()
    return {"input": {"token": token if token.isprintable() else ""}}


def unsubscribed_told(data: Row, call: Call) -> Row:
    """Which course the reminders were of."""
    return {"course_title": data["stopGoalReminders"]["course"]["title"]}
