"""Mails to a course instance's people: to whom, what they say, each once; on a real SMTP server."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any, cast

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from sqlalchemy import insert, select, update

from app.db.session import Database
from app.domain.enrollment.models import Enrollment, EnrollmentStatus
from app.domain.enrollment.tracks import create_enrollment_track
from app.domain.groups.models import GroupSetKind
from app.domain.groups.service import create_group, create_group_set
from app.domain.identity.models import User
from app.domain.jobs import claiming
from app.domain.jobs.messages import schedule_message, update_message
from app.domain.jobs.models import CourseMessage, Job, MessageDelivery
from app.domain.jobs.running import Station
from app.domain.jobs.service import revoke_job
from app.domain.progress.service import set_course_email
from app.errors import UserErrorCode
from app.mail import mailer_of
from app.settings import Settings
from tests.clock import NOW
from tests.domain.proof import only_row, refused
from tests.factories import University, at

pytestmark = [pytest.mark.anyio, pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")]
SENDER = "no-reply@uni.example"
PASSWORD = "p@ss:word"


class Office:
    """An SMTP server's handler: what came in, and whom it refuses how."""

    def __init__(self) -> None:
        self.mails: list[tuple[str, EmailMessage]] = []
        self.refusals: dict[str, str] = {}

    async def handle_RCPT(  # noqa: N802 - the name that the library calls
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.refusals:
            return self.refusals[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 - the name that the library calls
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        content = cast("bytes", envelope.content)
        mail = message_from_bytes(content, policy=default)
        self.mails += [(address, mail) for address in envelope.rcpt_tos]
        return "250 OK"

    @property
    def reached(self) -> list[str]:
        return [address for address, _ in self.mails]


@pytest.fixture
def office() -> Office:
    return Office()


@pytest.fixture
async def port(office: Office) -> AsyncIterator[int]:
    """That of a server which takes mails of who knows the password."""

    def authenticate(*arguments: Any) -> AuthResult:
        return AuthResult(success=arguments[-1] == LoginPassword(b"campus", PASSWORD.encode()), handled=False)

    def serve() -> SMTP:
        return SMTP(office, authenticator=authenticate, auth_required=True, auth_require_tls=False)

    server = await asyncio.get_running_loop().create_server(serve, "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1]
    server.close()


@pytest.fixture
def station(open_database: Callable[[], Database], port: int) -> Station:
    mailer = mailer_of(Settings(mail_url=f"smtp://campus:p%40ss%3Aword@127.0.0.1:{port}"))
    return Station("one", open_database, lambda: NOW, mailer, SENDER)


async def scheduled(world: University, *targets: str, **more: Any) -> int:
    """A mail of the instructor's."""
    said = {"subject": "Hello", "html": "<p>Read <a href='https://uni.example/x'>this</a>.</p>", **more}
    return await schedule_message(
        world.instructor, course_instance_id=world.course_instance_id, targets=targets or ["learners"], **said
    )


async def job_of(world: University, message_id: int) -> Any:
    message = await only_row(world.admin, CourseMessage, message_id)
    return await only_row(world.admin, Job, message.job_id)


async def test_a_mail_reaches_each_learner_once(station: Station, world: University, office: Office) -> None:
    message_id = await scheduled(world, "learners", "learners", "myself")
    assert await station.run_next() is True
    job = await job_of(world, message_id)
    assert (job.state, job.message) == ("SUCCESS", "the mail was sent to 3 of 3 people")
    assert job.output == {"total": 3, "attempted": 3, "succeeded": 3, "failed": 0}
    assert sorted(office.reached) == ["ida@uni.example", "sam@uni.example", "sue@uni.example"]
    mail = dict(office.mails)["sam@uni.example"]
    assert (mail["To"], mail["Subject"]) == ("sam@uni.example", "Hello")
    assert mail["From"] == '"Signals, autumn 2024 Course Staff" <no-reply@uni.example>'
    text, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert text is not None
    assert html is not None
    assert text.get_content().strip() == "Read this (https://uni.example/x)."
    assert html.get_content().strip() == "<p>Read <a href='https://uni.example/x'>this</a>.</p>"
    assert await station.run_next() is False


@pytest.mark.parametrize(
    ("targets", "names"),
    [
        (["myself"], ["ida"]),
        (["staff"], ["ida", "tom"]),
        (["learners"], ["sam", "sue"]),
        (["cohort-Early birds"], ["sue"]),
        (["cohort-Early birds", "staff", "myself"], ["ida", "sue", "tom"]),
    ],
)
async def test_to_whom(
    station: Station, world: University, office: Office, targets: list[str], names: list[str]
) -> None:
    admin, here = world.admin, world.course_instance_id
    kind = GroupSetKind.COHORTS
    group_set_id = await create_group_set(admin, course_instance_id=here, name="Cohorts", max_size=9, kind=kind)
    await create_group(admin, group_set_id=group_set_id, name="Early birds", user_ids=[world.second_student_id])
    await scheduled(world, *targets)
    await station.run_next()
    assert sorted(office.reached) == [f"{name}@uni.example" for name in names]


async def test_who_is_left_out(station: Station, world: University, office: Office) -> None:
    await set_course_email(world.student, course_instance_id=world.course_instance_id, receives_email=False)
    message_id = await scheduled(world)
    await station.run_next()
    assert office.reached == ["sue@uni.example"]
    own, here = Enrollment, Enrollment.course_instance_id == world.course_instance_id
    await world.admin.db.execute(
        update(own).where(here, own.user_id == world.second_student_id).values(status=EnrollmentStatus.DROPPED)
    )
    await scheduled(world)
    await station.run_next()
    await set_course_email(world.student, course_instance_id=world.course_instance_id, receives_email=True)
    for values in ({"is_disabled": True}, {"email": None}):
        await world.admin.db.execute(update(User).where(User.id == world.student_id).values(**values))
        await scheduled(world)
        await station.run_next()
    assert office.reached == ["sue@uni.example"]
    assert (await job_of(world, message_id)).output["total"] == 1


async def test_a_repetition_passes_over_whom_it_reached(station: Station, world: University, office: Office) -> None:
    message_id = await scheduled(world)
    row = {"course_message_id": message_id, "user_id": world.student_id, "sent_at": NOW}
    await world.admin.db.execute(insert(MessageDelivery).values(**row))
    await station.run_next()
    assert office.reached == ["sue@uni.example"]
    assert (await job_of(world, message_id)).output["total"] == 2


async def test_an_address_that_is_refused_holds_up_nobody(station: Station, world: University, office: Office) -> None:
    office.refusals["sam@uni.example"] = "550 no such mailbox"
    message_id = await scheduled(world)
    await station.run_next()
    assert office.reached == ["sue@uni.example"]
    job = await job_of(world, message_id)
    assert (job.state, job.message) == ("SUCCESS", "the mail was sent to 1 of 2 people")
    told = select(MessageDelivery.refusal).where(MessageDelivery.user_id == world.student_id)
    assert "550" in await world.admin.db.scalar(told)


async def test_a_server_that_is_busy_is_asked_again(station: Station, world: University, office: Office) -> None:
    office.refusals["sue@uni.example"] = "451 later"
    message_id = await scheduled(world)
    await station.run_next()
    job = await job_of(world, message_id)
    assert (job.state, job.attempts, job.due_at) == ("SCHEDULED", 1, NOW + timedelta(seconds=60))
    office.refusals.clear()
    await world.admin.db.execute(update(Job).where(Job.id == job.id).values(due_at=NOW))
    await station.run_next()
    assert office.reached == ["sam@uni.example", "sue@uni.example"]
    assert (await job_of(world, message_id)).output == {"total": 2, "attempted": 2, "succeeded": 2, "failed": 0}


@pytest.mark.parametrize(
    "url", ["smtp://127.0.0.1:1", "smtp+starttls://campus:x@127.0.0.1:{port}", "smtp://campus:x@127.0.0.1:{port}"]
)
async def test_a_server_that_cannot_be_used(
    open_database: Callable[[], Database], world: University, office: Office, port: int, url: str
) -> None:
    """Nothing listens; it has no TLS; it does not take the password."""
    station = Station("one", open_database, lambda: NOW, mailer_of(Settings(mail_url=url.format(port=port))), SENDER)
    message_id = await scheduled(world)
    await station.run_next()
    job = await job_of(world, message_id)
    assert job.state == "SCHEDULED"
    assert job.message.startswith("the mail server cannot be used: ")
    assert (office.mails, await world.admin.db.fetch(select(MessageDelivery.id))) == ([], [])
    for attempt in range(2, claiming.MAX_ATTEMPTS + 1):
        await world.admin.db.execute(update(Job).values(due_at=NOW))
        await station.run_next()
        assert (await job_of(world, message_id)).attempts == attempt
    assert (await job_of(world, message_id)).state == "FAILURE"


async def test_without_a_server_mails_are_lines_in_the_log(
    open_database: Callable[[], Database], world: University, caplog: pytest.LogCaptureFixture
) -> None:
    station = Station("one", open_database, lambda: NOW, mailer_of(Settings()), SENDER)
    await scheduled(world, "myself")
    with caplog.at_level(logging.INFO, "campusgraph.mail"):
        await station.run_next()
    assert caplog.messages == ["mail to ida@uni.example: Hello"]


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r", "\x0b", "\x0c", "\x85", "\u2028", "\u2029", "\x1c"])
async def test_a_subject_holds_no_other_header(world: University, end: str) -> None:
    subject = f"Hello{end}Bcc: everybody@uni.example"
    await refused(world.instructor, scheduled(world, subject=subject), UserErrorCode.INVALID, "subject")


@pytest.mark.parametrize(
    ("more", "reason", "field"),
    [
        ({"subject": " "}, UserErrorCode.REQUIRED, ["subject"]),
        ({"subject": "x" * 129}, UserErrorCode.TOO_LONG, ["subject"]),
        ({"html": "a\0"}, UserErrorCode.INVALID, ["html"]),
        ({"html": "x" * 300_000}, UserErrorCode.TOO_LONG, ["html"]),
        ({"due_at": NOW - timedelta(seconds=1)}, UserErrorCode.OUT_OF_RANGE, ["dueAt"]),
    ],
)
async def test_what_a_mail_must_be(
    world: University, more: dict[str, Any], reason: UserErrorCode, field: list[str]
) -> None:
    await refused(world.instructor, scheduled(world, **more), reason, *field)


async def test_targets_must_be_there(world: University) -> None:
    here: dict[str, Any] = {"course_instance_id": world.course_instance_id, "subject": "x", "html": "x"}
    ctx = world.instructor
    await refused(ctx, schedule_message(ctx, **here, targets=[]), UserErrorCode.REQUIRED, "targets")
    many = [f"cohort-{number}" for number in range(101)]
    await refused(ctx, schedule_message(ctx, **here, targets=many), UserErrorCode.TOO_LONG, "targets")
    for bad, reason in (("all", "INVALID"), ("cohort-no", "NOT_FOUND"), ("track-no", "NOT_FOUND"), ("\0", "INVALID")):
        wanted = schedule_message(ctx, **here, targets=["staff", bad])
        await refused(ctx, wanted, UserErrorCode[reason], "targets", "1")


async def test_a_track_is_a_target(station: Station, world: University, office: Office) -> None:
    place = world.course_instance_id
    for slug, price in (("audit", 0), ("verified", 49)):
        await create_enrollment_track(world.admin, course_instance_id=place, slug=slug, name=slug, min_price=price)
    mine = (Enrollment.course_instance_id == place, Enrollment.user_id == world.student_id)
    await world.admin.db.execute(update(Enrollment).where(*mine).values(track="verified"))
    await scheduled(world, "track-verified")
    await station.run_next()
    assert office.reached == ["sam@uni.example"]


async def test_a_mail_can_be_changed_while_it_waits(station: Station, world: University, office: Office) -> None:
    later = NOW + timedelta(days=1)
    message_id = await scheduled(world, due_at=later)
    assert await station.run_next() is False
    changes: dict[str, Any] = {"subject": "New", "html": "<b>New</b>", "targets": ["myself"], "due_at": NOW}
    assert await update_message(world.instructor, course_message_id=message_id, **changes) == message_id
    row = await only_row(world.admin, CourseMessage, message_id)
    assert (row.subject, row.html, row.text, row.targets) == ("New", "<b>New</b>", "New", ["myself"])
    await station.run_next()
    assert [(to, mail["Subject"]) for to, mail in office.mails] == [("ida@uni.example", "New")]
    late = update_message(world.instructor, course_message_id=message_id, subject="Newer")
    await refused(world.instructor, late, UserErrorCode.NOT_OPEN, "courseMessageId")


async def test_a_mail_can_be_taken_back(station: Station, world: University, office: Office) -> None:
    message_id = await scheduled(world)
    job = await job_of(world, message_id)
    await revoke_job(world.instructor, job_id=job.id)
    assert await station.run_next() is False
    late = update_message(world.instructor, course_message_id=message_id, due_at=NOW + timedelta(days=1))
    await refused(world.instructor, late, UserErrorCode.NOT_OPEN, "courseMessageId")
    past = update_message(at(world.instructor, NOW), course_message_id=message_id, due_at=NOW - timedelta(days=1))
    await refused(world.instructor, past, UserErrorCode.OUT_OF_RANGE, "dueAt")
    assert office.mails == []
