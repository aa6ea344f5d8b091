"""The whole application with its files in a bucket of an S3 server: uploaded, handed in, sent by range, checked."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import select

from app.commands.files import compare
from app.context import Context
from app.db.engine import create_engine
from app.db.migrate import upgrade
from app.db.session import Database
from app.domain.attempts.models import SubmissionFile
from app.domain.identity.tokens import issue_token
from app.main import create_app
from app.principal import SCOPES, Principal
from app.settings import Settings
from schema.core.node import global_id
from tests.clock import NOW
from tests.factories import coursework, sat, university
from tests.files.conftest import BUCKET
from tests.http.conftest import client_of

pytestmark = pytest.mark.anyio

CONTENT = bytes(range(256)) * 30_000
DIGEST = sha256(CONTENT).hexdigest()
SUBMIT = "mutation ($input: SubmitInput!) { submit(input: $input) { userErrors { code } submission { number } } }"
HAND_OUT = (
    "mutation ($input: SetAssessmentHandoutInput!) { setAssessmentHandout(input: $input) { userErrors { code } } }"
)


@dataclass(frozen=True, slots=True)
class Bucketed:
    """An application whose files are in a bucket, with an assessment and a learner's sitting; tokens by person."""

    client: httpx.AsyncClient
    tokens: dict[str, str]
    ctx: Context
    assessment: str
    sitting: str

    async def ask(self, method: str, path: str, who: str, **more: Any) -> httpx.Response:
        """The answer to a request by somebody."""
        headers = {"Authorization": f"Bearer {self.tokens[who]}"} | more.pop("headers", {})
        return await self.client.request(method, path, headers=headers, **more)

    async def change(self, document: str, who: str, **given: Any) -> Any:
        """The data of a mutation."""
        body = {"query": document, "variables": {"input": given}}
        return (await self.ask("POST", "/graphql", who, json=body)).json()["data"]


@pytest.fixture
async def bucketed(s3: str, tmp_path: Path) -> AsyncIterator[Bucketed]:
    url = f"sqlite+aiosqlite:///{tmp_path / 'campusgraph.sqlite3'}"
    settings = Settings(database_url=url, files_url=f"s3://{BUCKET}/{uuid4()}", files_s3_endpoint=s3)
    engine = create_engine(settings)
    await upgrade(engine)
    program = Principal(None, is_admin=True, scopes=frozenset(SCOPES))
    async with Database(engine) as db, db.transaction():
        world = await university(Context(program, db, lambda: NOW))
        work = await coursework(world, max_size_mb=8)
        sitting = (await sat(world.student, work))["assessment_instance_id"]
        tokens = {who: (await issue_token(getattr(world, who), name=who)).text for who in ("student", "instructor")}
    keys = (global_id("Assessment", work.assessment_id), global_id("AssessmentInstance", sitting))
    app = create_app(settings, lambda: Database(engine), lambda: NOW)
    async with client_of(app) as client, Database(engine) as db:
        yield Bucketed(client, tokens, Context(program, db, lambda: NOW), *keys)
    await engine.dispose()


async def test_all_files_are_in_the_bucket(bucketed: Bucketed, tmp_path: Path) -> None:
    for who in bucketed.tokens:
        sent = await bucketed.ask("POST", "/files", who, files={"file": ("big.bin", CONTENT)})
        assert (sent.status_code, sent.json()) == (201, {"sha256": DIGEST, "size": len(CONTENT)})
    file = {"name": "big.bin", "sha256": DIGEST}
    made = await bucketed.change(SUBMIT, "student", assessmentInstanceId=bucketed.sitting, files=[file])
    assert made == {"submit": {"userErrors": [], "submission": {"number": 1}}}
    made = await bucketed.change(HAND_OUT, "instructor", assessmentId=bucketed.assessment, file=file)
    assert made == {"setAssessmentHandout": {"userErrors": []}}
    ctx = bucketed.ctx
    file_id = await ctx.db.scalar(select(SubmissionFile.id))
    part = await bucketed.ask("GET", f"/files/{file_id}", "student", headers={"Range": "bytes=1000000-1000099"})
    assert (part.status_code, part.content) == (206, CONTENT[1_000_000:1_000_100])
    handout = await bucketed.ask("GET", "/api/v1/courses/sig-f24/assessments/lab1/handout", "student")
    assert (handout.status_code, handout.content) == (200, CONTENT)
    assert [each.sha256 async for each in ctx.files.keys()] == [DIGEST]  # noqa: SIM118 - no mapping
    found = await compare(ctx)
    assert (found.rows, found.missing, found.different, found.orphans) == (1, [], [], [])
    await ctx.files.delete(DIGEST)
    assert (await compare(ctx)).missing == [DIGEST]
    assert not (tmp_path / "files").exists()
