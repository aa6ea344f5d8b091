"""Mails about enrolments: what they say, each once, in the background; on a real SMTP server."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from app.db.session import Database
from app.domain.enrollment.offerings import update_course_instance
from app.domain.enrollment.rosters import enlist_people
from app.domain.jobs import claiming
from app.domain.jobs.models import EnrollmentNotice, Job
from app.domain.jobs.running import Station
from tests.clock import NOW
from tests.domain.test_messages import Office, office, port, station
from tests.factories import University

__all__ = ["office", "port", "station"]
pytestmark = [pytest.mark.anyio, pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")]


async def listed(world: University, names: list[str], **more: Any) -> None:
    """Names that enter or leave the first course instance, and are told."""
    here = [world.course_instance_id]
    await enlist_people(world.instructor, course_instance_ids=here, names=names, is_notified=True, **more)


async def job(world: University) -> Any:
    """The latest job."""
    return (await world.admin.db.fetch(select(Job.__table__).order_by(Job.id.desc()).limit(1)))[0]


async def test_each_is_told_once(station: Station, world: University, office: Office) -> None:
    await listed(world, ["lou", "new@x.org"])
    assert office.mails == []
    assert await station.run_next() is True
    done = await job(world)
    assert (done.state, done.message) == ("SUCCESS", "2 of 2 people were told")
    assert done.output == {"total": 2, "attempted": 2, "succeeded": 2, "failed": 0}
    assert office.reached == ["lou@uni.example", "new@x.org"]
    mail = dict(office.mails)["lou@uni.example"]
    assert mail["Subject"] == "You are enrolled in Signals, autumn 2024"
    assert mail["From"] == '"Signals, autumn 2024 Course Staff" <no-reply@uni.example>'
    text = mail.get_body(("plain",))
    assert text is not None
    assert text.get_content().strip() == "You are enrolled in Signals, autumn 2024. Sign in to begin."
    invited = dict(office.mails)["new@x.org"].get_body(("plain",))
    assert invited is not None
    assert "make an account with this e-mail address, and enrol" in " ".join(invited.get_content().split())
    assert await station.run_next() is False


async def test_what_they_are_told(station: Station, world: University, office: Office) -> None:
    await update_course_instance(
        world.admin, course_instance_id=world.course_instance_id, long_name="Signals <&>  Systems {0}"
    )
    await listed(world, ["new@x.org"], is_automatic=True)
    await listed(world, ["sam", "new@x.org"], is_leaving=True)
    assert [await station.run_next() for _ in range(3)] == [True, True, False]
    assert [(address, mail["Subject"]) for address, mail in office.mails] == [
        ("new@x.org", "You are invited to Signals <&> Systems {0}"),
        ("sam@uni.example", "You are no longer enrolled in Signals <&> Systems {0}"),
        ("new@x.org", "You are no longer invited to Signals <&> Systems {0}"),
    ]
    html = office.mails[1][1].get_body(("html",))
    assert html is not None
    assert "Signals &lt;&amp;&gt; Systems {0}" in html.get_content()


async def test_who_is_refused_is_noted(station: Station, world: University, office: Office) -> None:
    office.refusals["lou@uni.example"] = "550 no such box"
    await listed(world, ["lou", "pia"])
    assert await station.run_next() is True
    assert (await job(world)).output == {"total": 2, "attempted": 2, "succeeded": 1, "failed": 1}
    rows = await world.admin.db.fetch(
        select(EnrollmentNotice.email, EnrollmentNotice.refusal).order_by(EnrollmentNotice.id)
    )
    assert [(row[0], row[1] is None) for row in rows] == [("lou@uni.example", False), ("pia@uni.example", True)]


async def test_who_was_told_is_not_told_again(station: Station, world: University, office: Office) -> None:
    """A worker died in the middle: another goes on."""
    await listed(world, ["lou", "pia"])
    task = await claiming.claim(world.admin, "dead")
    assert task is not None
    own = EnrollmentNotice
    await world.admin.db.execute(update(own).where(own.email == "lou@uni.example").values(sent_at=NOW))
    later = NOW + claiming.LEASE + timedelta(seconds=1)
    living = Station("two", station.open_database, lambda: later, station.mailer, station.mail_from)
    assert await living.run_next() is True
    assert office.reached == ["pia@uni.example"]


async def test_a_mail_server_that_fails_is_tried_again(
    station: Station, world: University, office: Office, db: Database
) -> None:
    office.refusals["pia@uni.example"] = "451 later"
    await listed(world, ["lou", "pia"])
    assert await station.run_next() is True
    done = await job(world)
    assert (done.state, done.due_at > NOW) == ("SCHEDULED", True)
    office.refusals.clear()
    living = Station("two", station.open_database, lambda: done.due_at, station.mailer, station.mail_from)
    assert await living.run_next() is True
    assert office.reached == ["lou@uni.example", "pia@uni.example"]
