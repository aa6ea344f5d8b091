"""Mails to the people of a course run that wait until they are due (contracts/edx-core.md §17)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from app.rest.openedx.asking import Asked, whole
from app.rest.openedx.endpoint import AUTHOR, Made, Operation
from app.rest.openedx.kinds import TEXT, WHOLE
from app.rest.openedx.paging import Paged
from app.rest.openedx.refusals import PLAIN, Refused
from app.rest.route import Call, Row, closed, nullable, spells

SCHEDULES = "/instructor_task/v1/schedules/{course_id}/bulk_email/"
SCHEDULE = SCHEDULES + "{schedule_id}"
CANNOT = "Cannot update instructor task schedule '{}', "
UNKNOWN = CANNOT + "a schedule with this ID does not exist"
PAST = CANNOT + "the updated schedule occurs in the past"
OVER = CANNOT + "the task has already been processed"
NO_TIME = CANNOT + "the schedule is not a time"
FOREIGN = CANNOT + "the email is not the one of this schedule"
EMAIL = closed(
    {
        "id": WHOLE,
        **dict.fromkeys(("subject", "html_message", "text_message", "course_id"), TEXT),
        "to_option": nullable(TEXT),
        "sender": TEXT,
        "targets": {"type": "array", "items": TEXT},
    }
)
ITEM = closed({"id": WHOLE, "course_email": EMAIL, "task": WHOLE, "task_due": {**TEXT, "format": "date-time"}})


def item(row: Row) -> Row:
    """A mail as it is told."""
    mail = dict(row["course_email"])
    course, sender = mail.pop("course"), mail.pop("sender")
    told = {**mail, "course_id": course["key"], "to_option": None, "sender": (sender or {}).get("username", "")}
    return {"id": row["id"], "course_email": told, "task": row["task"], "task_due": row["task_due"]}


@spells(course_email=EMAIL)
def listed(row: Row, call: Call) -> Row:
    """A mail in a list."""
    return item(row)


async def senders(asked: Asked, data: Row) -> Row:
    """The same again where the caller does not see who wrote one of the mails: the authors are told."""
    if all(row["course_email"]["sender"] is not None for row in data["jobs"]["nodes"]):
        return {}
    first = Paged(("jobs",)).variables(asked)["first"]
    return await asked.look("ScheduledMails", course_instance_id=asked.run["id"], first=first)


async def waiting(asked: Asked, missing: Refused) -> Row:
    """The mail that the path names. Raises Refused: `missing` for none, 400 for one that is not waiting any more."""
    number = asked.path["schedule_id"]
    key = whole(number)
    found = await asked.look("ScheduledMail", course_instance_id=asked.run["id"], schedule_id=key or 0)
    rows = found["jobs"]["nodes"]
    if not rows:
        raise missing
    row: Row = rows[0]
    if row["state"] != "SCHEDULED":
        raise Refused(400, OVER.format(number))
    asked.found["schedule"] = row
    return row


async def changed(asked: Asked) -> Mapping[str, Any]:
    """What is to be changed. Raises Refused."""
    number = asked.path["schedule_id"]
    row = await waiting(asked, Refused(404, UNKNOWN.format(number)))
    made: Row = {"courseMessageId": str(row["course_email"]["id"])}
    schedule, email = asked.field("schedule"), asked.field("email")
    if schedule is not None:
        moment = _instant(schedule)
        if moment is None:
            raise Refused(400, NO_TIME.format(number))
        if moment < asked.ctx.now:
            raise Refused(400, PAST.format(number))
        made["dueAt"] = moment.isoformat()
    if email is not None:
        if not isinstance(email, Mapping) or str(email.get("id")) != str(row["course_email"]["id"]):
            raise Refused(400, FOREIGN.format(number))
        made |= _said(email)
    return {"input": made}


def _said(email: Mapping[str, Any]) -> Row:
    """What a mail shall say, and to whom. Raises Refused for what is no text."""
    made: Row = {}
    for name, key in (("subject", "subject"), ("message", "html")):
        if name in email:
            if not isinstance(email[name], str):
                raise Refused(400, f"The {name} is not a text")
            made[key] = email[name]
    if "targets" in email:
        targets = email["targets"]
        if not (isinstance(targets, list) and all(isinstance(each, str) for each in targets)):
            raise Refused(400, "The targets are not a list of texts")
        made["targets"] = targets
    return made


def _instant(text: Any) -> datetime | None:
    """The moment of an ISO 8601 text, in UTC where it names no zone; None for what is none."""
    try:
        moment = datetime.fromisoformat(text)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        return None


async def taken_back(asked: Asked) -> Mapping[str, Any]:
    """Which job. Raises Refused."""
    row = await waiting(asked, Refused(404, body=None))
    return {"input": {"jobId": str(row["id"])}}


def now(data: Row, call: Call) -> Row:
    """The mail as it is now, with the sender whom the authors are told."""
    row, asked = data["updateMessage"]["courseMessage"]["job"], data["asked"]
    row["course_email"]["sender"] = asked.found["schedule"]["course_email"]["sender"]
    return item(row)


def change(method: str) -> Operation:
    """The operation that changes a mail, by a method."""
    return Operation(
        method,
        SCHEDULE,
        "ChangeScheduledMail",
        Made(make=now, made=ITEM),
        style=PLAIN,
        needs=AUTHOR,
        run="course_id",
        plan=changed,
        words={("courseMessageId", "NOT_OPEN"): (400, "The task has already been processed")},
    )


ROUTES = [
    Operation(
        "GET",
        SCHEDULES,
        "ScheduledMails",
        Paged(("jobs",), spelling=listed),
        style=PLAIN,
        needs=AUTHOR,
        run="course_id",
        then=senders,
    ),
    change("PUT"),
    change("PATCH"),
    Operation(
        "DELETE",
        SCHEDULE,
        "RevokeScheduledMail",
        status=204,
        empty=204,
        style=PLAIN,
        needs=AUTHOR,
        run="course_id",
        plan=taken_back,
        words={("jobId", "NOT_OPEN"): (400, "The task has already been processed")},
    ),
]
