"""Files through a real server: the header that a client looks for is spelled as it should be."""

from __future__ import annotations

import asyncio
import socket

from app.commands.program import acting
from app.context import Context
from app.domain.assessments.documents import set_assessment_handout
from app.domain.attempts.files import NewFile
from app.domain.attempts.models import SubmissionFile
from app.domain.attempts.submitting import submit
from app.domain.identity.tokens import issue_token
from app.settings import Settings
from tests.commands.conftest import Run
from tests.commands.test_serving import serving
from tests.domain.proof import key_of
from tests.factories import coursework, sat, university


def raw_answer(address: str, path: str, token: str) -> tuple[list[str], bytes]:
    """The lines of the head, as they are on the wire, and the body."""
    host, port = address.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=60) as client:
        lines = (f"GET {path} HTTP/1.1", "Host: x", f"Authorization: Bearer {token}", "Connection: close")
        client.sendall("\r\n".join([*lines, "", ""]).encode())
        received = b"".join(iter(lambda: client.recv(65536), b""))
    head, _, body = received.partition(b"\r\n\r\n")
    return head.decode().split("\r\n"), body


async def handed_in(ctx: Context) -> tuple[int, str]:
    """A file of a learner's on the environment's database: its id, and a token of the learner."""
    world = await university(ctx)
    work = await coursework(world)
    made = await submit(world.student, **await sat(world.student, work), files=[NewFile("main.c", b"int main;\n")])
    return await key_of(ctx, SubmissionFile, submission_id=made), (await issue_token(world.student, name="c")).text


def test_a_raw_answer_spells_its_headers(url: str, run: Run) -> None:
    async def prepare() -> tuple[int, str]:
        async with acting(Settings.from_environment()) as ctx, ctx.db.transaction():
            return await handed_in(ctx)

    file_id, token = asyncio.run(prepare())
    with serving() as (_, _, address):
        (status, *headers), body = raw_answer(address, f"/files/{file_id}", token)
    assert (status, body) == ("HTTP/1.1 200 OK", b"int main;\n")
    assert 'Content-Disposition: inline; filename="main.c"' in headers
    assert {"Content-Type: application/octet-stream", "Content-Length: 10", "Accept-Ranges: bytes"} <= set(headers)


def test_a_handout_is_recognised_by_its_raw_header(url: str, run: Run) -> None:  # autolab case 30
    async def prepare() -> str:
        async with acting(Settings.from_environment()) as ctx, ctx.db.transaction():
            world = await university(ctx)
            lab = await coursework(world)
            file = NewFile("lab1-handout.tar", b"tar")
            await set_assessment_handout(world.instructor, assessment_id=lab.assessment_id, file=file)
            return (await issue_token(world.student, name="c")).text

    token = asyncio.run(prepare())
    with serving() as (_, _, address):
        path = "/api/v1/courses/sig-f24/assessments/lab1/"
        (status, *headers), body = raw_answer(address, path + "handout", token)
        assert (status, body) == ("HTTP/1.1 200 OK", b"tar")
        assert 'Content-Disposition: inline; filename="lab1-handout.tar"' in headers
        assert "Content-Type: application/x-tar" in headers
        (status, *headers), body = raw_answer(address, path + "writeup", token)
        assert (status, body) == ("HTTP/1.1 200 OK", b'{"writeup":"none"}')
