"""Mails that wait until they are due (contracts/edx-core.md §17)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.domain.jobs.claiming import claim
from app.domain.jobs.messages import schedule_message
from app.domain.jobs.models import CourseMessage, Job
from tests.clock import NOW
from tests.rest.openedx.conftest import CALLERS, OpenEdx, R, X

pytestmark = pytest.mark.anyio
LIST = f"/api/instructor_task/v1/schedules/{R}/bulk_email/"
LATER = NOW + timedelta(days=1)
CANNOT = "Cannot update instructor task schedule '{}', "


async def mail(edx: OpenEdx, subject: str = "Hello", **more: Any) -> tuple[int, int]:
    """(schedule, email) of a mail of prof's that is due tomorrow."""
    said = {"targets": ["learners"], "subject": subject, "html": "<p>Hello</p>", "due_at": LATER, **more}
    message_id = await schedule_message(edx.filled.by("prof"), course_instance_id=edx.keys["R"], **said)
    job_id = await edx.filled.admin.db.scalar(select(CourseMessage.job_id).where(CourseMessage.id == message_id))
    return int(job_id), message_id


async def stored(edx: OpenEdx) -> list[tuple[Any, ...]]:
    """What is said of all mails."""
    own = CourseMessage
    columns = (Job.state, Job.due_at, own.subject, own.html, own.targets)
    rows = await edx.filled.admin.db.fetch(select(*columns).join(Job, Job.id == own.job_id).order_by(own.id))
    return [tuple(row) for row in rows]


async def test_mails_that_wait(edx: OpenEdx) -> None:
    first, email = await mail(edx)
    second, _ = await mail(edx, "Second")
    body = await edx.body(LIST, "prof")
    item = body["results"][0]
    assert item == {
        "id": first,
        "course_email": {
            "id": email,
            "subject": "Hello",
            "html_message": "<p>Hello</p>",
            "text_message": "Hello",
            "course_id": R,
            "to_option": None,
            "sender": "prof",
            "targets": ["learners"],
        },
        "task": first,
        "task_due": LATER.isoformat().replace("+00:00", "Z"),
    }
    assert {name: body[name] for name in body if name != "results"} == {
        "next": None,
        "previous": None,
        "count": 2,
        "num_pages": 1,
        "current_page": 1,
        "start": 0,
    }
    paged = await edx.body(LIST, "prof", params={"page_size": "1", "page": "2"})
    assert [each["id"] for each in paged["results"]] == [second]
    assert await edx.told(f"{LIST}{second}", "prof", "DELETE") == (204, None)
    assert [each["id"] for each in (await edx.body(LIST, "staff"))["results"]] == [first]


@pytest.mark.parametrize("who", CALLERS)
async def test_who_may(edx: OpenEdx, who: str | None) -> None:
    schedule, email = await mail(edx)
    before = await stored(edx)
    allowed = who in ("prof", "staff")
    said = {"email": {"id": email, "subject": "New"}}
    for method, path, more, status in (
        ("GET", LIST, {}, 200),
        ("PATCH", f"{LIST}{schedule}", {"json": said}, 200),
        ("PUT", f"{LIST}{schedule}", {"json": said}, 200),
        ("DELETE", f"{LIST}{schedule}", {}, 204),
    ):
        found, body = await edx.told(path, who, method, **more)
        assert found == (status if allowed else 401 if who is None else 403)
        assert allowed or list(body) == ["detail"]
    assert (await stored(edx) == before) is not allowed


@pytest.mark.parametrize("method", ["PATCH", "PUT"])
async def test_a_mail_is_changed(edx: OpenEdx, method: str) -> None:
    schedule, email = await mail(edx)
    due = (NOW + timedelta(days=2)).replace(microsecond=0)
    said = {
        "schedule": due.isoformat(),
        "email": {"id": email, "targets": ["myself", "staff"], "subject": "New", "message": "<b>New</b>"},
        "browser_timezone": "Europe/Oslo",
    }
    body = await edx.body(f"{LIST}{schedule}", "staff", method, json=said)
    assert (body["id"], body["task_due"]) == (schedule, due.isoformat().replace("+00:00", "Z"))
    told = body["course_email"]
    assert (told["html_message"], told["text_message"], told["sender"]) == ("<b>New</b>", "New", "prof")
    assert (told["subject"], told["targets"]) == ("New", ["myself", "staff"])
    assert await stored(edx) == [("SCHEDULED", due, "New", "<b>New</b>", ["myself", "staff"])]


async def test_nothing_to_change(edx: OpenEdx) -> None:
    schedule, _ = await mail(edx)
    before = await stored(edx)
    unsaid: tuple[Any, ...] = ({}, {"browser_timezone": "UTC"}, [])
    for sent in unsaid:
        assert (await edx.body(f"{LIST}{schedule}", "prof", "PATCH", json=sent))["id"] == schedule
    assert await stored(edx) == before


REFUSALS: list[tuple[dict[str, Any], str | None]] = [
    ({"schedule": (NOW - timedelta(seconds=1)).isoformat()}, "the updated schedule occurs in the past"),
    ({"schedule": "2001-01-01"}, "the updated schedule occurs in the past"),
    ({"schedule": "0001-01-01T00:00:00+14:00"}, "the schedule is not a time"),
    ({"schedule": "soon"}, "the schedule is not a time"),
    ({"schedule": 10**30}, "the schedule is not a time"),
    ({"email": {"id": 2**70}}, "the email is not the one of this schedule"),
    ({"email": {"subject": "New"}}, "the email is not the one of this schedule"),
    ({"email": "New"}, "the email is not the one of this schedule"),
    ({"schedule": "9999-12-31T23:59:59Z"}, None),
    ({"targets": ["everybody"]}, None),
    ({"targets": ["cohort-none"]}, None),
    ({"targets": "staff"}, None),
    ({"targets": []}, None),
    ({"subject": "a\r\nBcc: x@y"}, None),
    ({"subject": ["a"]}, None),
    ({"subject": "\0"}, None),
    ({"message": 7}, None),
]


@pytest.mark.parametrize(("said", "message"), REFUSALS)
async def test_refusals_leave_the_mail_as_it_was(edx: OpenEdx, said: dict[str, Any], message: str | None) -> None:
    schedule, email = await mail(edx)
    before = await stored(edx)
    sent = said if {"schedule", "email"} & set(said) else {"email": {"id": email, **said}}
    status, body = await edx.told(f"{LIST}{schedule}", "prof", "PATCH", json=sent)
    assert (status, list(body)) == (400, ["detail"])
    assert message is None or body["detail"] == CANNOT.format(schedule) + message
    assert await stored(edx) == before


async def test_mails_that_are_none(edx: OpenEdx) -> None:
    schedule, _ = await mail(edx)
    for number in ("0", "999999", "-1", "9" * 40, "x", "1.5"):
        text = CANNOT.format(number) + "a schedule with this ID does not exist"
        assert await edx.told(f"{LIST}{number}", "prof", "PATCH", json={}) == (404, {"detail": text})
        assert await edx.told(f"{LIST}{number}", "prof", "DELETE") == (404, None)
    elsewhere = LIST.replace(R, X)
    assert (await edx.told(f"{elsewhere}{schedule}", "staff", "PATCH", json={}))[0] == 404
    assert (await edx.told(f"{elsewhere}{schedule}", "staff", "DELETE"))[0] == 404
    for run in ("course-v1:no+such+run", "a/b/c"):
        assert (await edx.told(LIST.replace(R, run), "staff"))[0] == 404
    for junk in ("0", "x", "99", "-1"):
        assert (await edx.told(LIST, "prof", params={"page": junk}))[0] == 404


async def test_a_mail_that_is_being_sent_stays(edx: OpenEdx) -> None:
    schedule, email = await mail(edx, due_at=NOW)
    task = await claim(edx.filled.admin, "one")
    assert task is not None
    assert task.id == schedule
    before = await stored(edx)
    over = {"detail": CANNOT.format(schedule) + "the task has already been processed"}
    said = {"email": {"id": email, "subject": "New"}}
    assert await edx.told(f"{LIST}{schedule}", "prof", "PATCH", json=said) == (400, over)
    assert await edx.told(f"{LIST}{schedule}", "prof", "DELETE") == (400, over)
    assert await stored(edx) == before
    assert (await edx.body(LIST, "prof"))["count"] == 0
