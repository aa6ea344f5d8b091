"""A server as a process, over a course with work in it, and what people do at it with a browser."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.commands.program import acting
from app.context import Context
from app.domain.assessments.documents import set_assessment_handout, set_assessment_writeup
from app.domain.enrollment.offerings import update_course_instance
from app.domain.files import NewFile
from app.domain.grades.service import NewScore, release_scores, score_problems
from app.domain.identity.clients import create_client
from app.domain.identity.models import OAuthClient, User
from app.domain.identity.passwords import hashed
from app.domain.identity.tokens import digest, issue_token
from app.domain.rows import update_row
from app.principal import AUTOLAB_SCOPES
from app.settings import Settings
from tests.commands.conftest import migrated
from tests.commands.test_serving import PATIENCE, serving
from tests.factories import coursework, handed_in, university

PASSWORD = "correct horse"
HANDOUT = b"int puzzle(int x);\n"
HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Place:
    """Where the server is, the registered client, and each person's token that opens the graph.

    In `sig-f24` are the learner `sam` and the instructor `ida`, and the assessment `lab1`: Sam has handed in once, was
    given 92.5 for Part A, and 8 for Style, which is not released.
    """

    address: str
    uid: str
    secret: str
    tokens: dict[str, str]

    @property
    def host(self) -> str:
        return self.address.removeprefix("http://")

    @property
    def callback(self) -> str:
        """The redirect URI of the device flow."""
        return self.address + "/device_flow_auth_cb"

    def approve(self, login: str, user_code: str, **answer: str) -> str:
        """Sign in, enter a device's code, approve (or deny: `_method="delete"`); the page that is left."""
        with httpx.Client(base_url=self.address, follow_redirects=True, timeout=PATIENCE) as browser:
            page = browser.get("/activate").text
            browser.post("/login", data={**_hidden(page), "login": login, "password": PASSWORD})
            page = browser.get("/device_flow_resolve", params={"user_code": user_code}).text
            return browser.post("/oauth/authorize", data={**_hidden(page), **answer}).text

    def graph(self, login: str, query: str) -> Any:
        """What the graph answers a person."""
        headers = {"Authorization": f"Bearer {self.tokens[login]}"}
        answer = httpx.post(f"{self.address}/graphql", headers=headers, json={"query": query}, timeout=PATIENCE).json()
        assert "errors" not in answer, answer
        return answer["data"]


@pytest.fixture(scope="package")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with served(tmp_path_factory.mktemp("clients")) as place:
        yield place


@contextmanager
def served(folder: Path, *arguments: str, known: tuple[str, str] | None = None) -> Iterator[Place]:
    """A server with a database of its own; `known` is the uid and the secret that the client was built with."""
    with migrated(folder, "clients") as url, pytest.MonkeyPatch.context() as environment:
        environment.setenv("CAMPUSGRAPH_DATABASE_URL", url)
        environment.setenv("CAMPUSGRAPH_FILES_URL", (folder / "files").as_uri())
        uid, secret, tokens = asyncio.run(_fill(known))
        with serving(*arguments) as (_, _, address):
            yield Place(address, uid, secret, tokens)


async def _fill(known: tuple[str, str] | None) -> tuple[str, str, dict[str, str]]:
    """The registered client's uid and secret, and tokens by username."""
    async with acting(Settings.from_environment()) as ctx, ctx.db.transaction():
        tokens = await _course(ctx)
        client = await create_client(ctx, "autolab-cli", redirect_uris=[], scopes=AUTOLAB_SCOPES)
        uid, secret = known or (client.uid, client.secret or "")
        await update_row(ctx, OAuthClient, client.id, {"uid": uid, "secret_digest": digest(secret)})
    return uid, secret, tokens


async def _course(ctx: Context) -> dict[str, str]:
    now = datetime.now(UTC).replace(microsecond=0)
    world = await university(ctx)
    around: dict[str, Any] = {"start_at": now - 60 * DAY, "end_at": now + 60 * DAY}
    await update_course_instance(world.admin, course_instance_id=world.course_instance_id, grace_days=3, **around)
    dates: dict[str, Any] = {"start_at": now - 10 * DAY, "due_at": now + 5 * DAY, "end_at": now + 7 * DAY}
    lab = await coursework(world, handin_filename="handin.c", max_submissions=20, **dates)
    await set_assessment_writeup(world.instructor, assessment_id=lab.assessment_id, url="https://uni.example/lab1")
    file = NewFile("puzzle 1.h", HANDOUT)
    await set_assessment_handout(world.instructor, assessment_id=lab.assessment_id, file=file)
    work = await handed_in(world.student, lab)
    part, style = lab.problem_ids["Part A"], lab.problem_ids["Style"]
    said = [NewScore(part, 92.5, feedback="Well done.\nGo on."), NewScore(style, 8.0)]
    await score_problems(world.instructor, submission_id=work, scores=said)
    await release_scores(world.instructor, assessment_id=lab.assessment_id, problem_ids=[part])
    people = {"sam": world.student, "ida": world.instructor}
    for person in people.values():
        await update_row(ctx, User, person.user_id, {"password_hash": hashed(PASSWORD)})
    return {name: (await issue_token(person, name="graph")).text for name, person in people.items()}


def _hidden(page: str) -> dict[str, str]:
    return {name: unescape(value) for name, value in HIDDEN.findall(page)}
