"""Files of sam's on the served university, people who ask for them, and what is stored."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

from app.domain.attempts.files import NewFile
from app.domain.attempts.models import SubmissionFile
from app.domain.attempts.submitting import submit
from app.domain.identity.tokens import issue_token
from app.files.store import FileStore
from tests.factories import coursework, sat
from tests.http.conftest import Served

CONTENT = b"int main;\n"
DIGEST = sha256(CONTENT).hexdigest()
LARGE = bytes(range(256)) * 12_000


@dataclass(frozen=True, slots=True)
class Shelf:
    """The served university with files of sam's; their ids by name, and tokens of all kinds of people."""

    served: Served
    ids: dict[str, int]
    tokens: dict[str, str]
    sitting: dict[str, int]

    @property
    def store(self) -> FileStore:
        return self.served.world.admin.files

    def headers(self, caller: str | None) -> dict[str, str]:
        """The header that signs in; none for nobody."""
        return {} if caller is None else {"Authorization": f"Bearer {self.tokens[caller]}"}

    async def get(self, name: str, caller: str | None = "student", **headers: str) -> httpx.Response:
        """The answer to a download."""
        told = self.headers(caller) | {key.replace("_", "-"): value for key, value in headers.items()}
        return await self.served.client.get(f"/files/{self.ids[name]}", headers=told)

    async def send(self, content: Any, caller: str | None = "student", name: str = "a.c", **more: Any) -> Any:
        """The answer to an upload."""
        files = {"file": (name, content, "text/x-c")}
        return await self.served.client.post("/files", files=files, headers=self.headers(caller), **more)

    async def count(self, model: Any) -> int:
        """The rows of a table."""
        found: int = await self.served.world.admin.db.scalar(select(func.count()).select_from(model))
        return found

    async def objects(self) -> set[str]:
        """All digests in the store."""
        return {each.sha256 async for each in self.store.keys()}  # noqa: SIM118 - no mapping


@pytest.fixture(name="shelf", scope="module")
async def filled_shelf(served: Served) -> AsyncIterator[Shelf]:
    world = served.world
    work = await coursework(world, name="files", max_size_mb=4)
    sitting = await sat(world.student, work)
    files = [
        NewFile("main.c", CONTENT, "text/x-c"),
        NewFile("empty", b""),
        NewFile('großes "Bild".png', LARGE[: 2**20], "image/png"),
    ]
    made = await submit(world.student, **sitting, files=files)
    own = SubmissionFile
    rows = await world.admin.db.fetch(select(own.name, own.id).where(own.submission_id == made))
    people = ("student", "second_student", "assistant", "instructor", "outsider", "loner", "admin")
    tokens = {each: (await issue_token(getattr(world, each), name="files")).text for each in people}
    tokens |= {each: served.tokens[each] for each in ("writer", "revoked", "narrow")}
    tokens["reader"] = (await issue_token(world.student, name="reading", scopes=["read"])).text
    yield Shelf(served, {row[0]: row[1] for row in rows}, tokens, sitting)
