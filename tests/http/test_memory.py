"""Large files pass through the application without being in memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import TEST_URL
from tests.documentation import ROOT

MEBIBYTES = 200
GROWTH = 50
PROGRAM = """
import asyncio, hashlib, json, sys
from app.commands.program import PROGRAM, opened
from app.context import Context
from app.db.migrate import upgrade
from app.db.session import Database
from app.domain.identity.service import create_user
from app.domain.identity.tokens import issue_token
from app.files.store import FileStore
from app.main import create_app
from app.settings import Settings

MEBIBYTES = int(sys.argv[2])
HEAD = b'--b\\r\\nContent-Disposition: form-data; name="f"; filename="f"\\r\\n\\r\\n'


def resident(name):
    with open("/proc/self/status") as lines:
        return next(int(line.split()[1]) // 1024 for line in lines if line.startswith(name))


async def post(app, token, chunks):
    sent = []

    async def receive():
        chunk = next(chunks, None)
        return {"type": "http.request", "body": chunk or b"", "more_body": chunk is not None}

    async def send(message):
        sent.append(message)

    headers = [(b"authorization", b"Bearer " + token.encode()), (b"content-type", b"multipart/form-data; boundary=b")]
    scope = {"type": "http", "method": "POST", "path": "/files", "headers": headers, "query_string": b"",
             "http_version": "1.1", "scheme": "http", "server": ("test", 80), "root_path": "", "asgi": {}}
    await app(scope, receive, send)
    return json.loads(sent[1]["body"])


async def main():
    settings = Settings(database_url="sqlite+aiosqlite:///" + sys.argv[1] + "/db.sqlite3", upload_limit=2**30)
    async with opened(settings) as engine:
        await upgrade(engine)
        async with Database(engine) as db, db.transaction():
            ctx = Context(PROGRAM, db)
            token = (await issue_token(ctx, name="t", user_id=await create_user(ctx, username="u"))).text
    app = create_app(settings)
    async with app.router.lifespan_context(app):
        await post(app, token, iter([HEAD, b"warm", b"\\r\\n--b--\\r\\n"]))
        before = resident("VmHWM")
        piece = bytes(range(256)) * 256
        digest, size = hashlib.sha256(), MEBIBYTES * 2**20

        def chunks():
            yield HEAD
            for _ in range(size // len(piece)):
                digest.update(piece)
                yield piece
            yield b"\\r\\n--b--\\r\\n"

        answer = await post(app, token, chunks())
        uploaded = resident("VmHWM")
        read = hashlib.sha256()
        async for chunk in await FileStore.of(settings).open(answer["sha256"]):
            read.update(chunk)
        found = {"is_whole": answer == {"sha256": digest.hexdigest(), "size": size},
                 "is_read": read.hexdigest() == answer["sha256"],
                 "uploading": uploaded - before, "reading": resident("VmHWM") - before}
    print(json.dumps(found))


asyncio.run(main())
"""


@pytest.mark.skipif(TEST_URL in os.environ, reason="what the database is makes no difference")
def test_a_large_upload_is_never_in_memory(tmp_path: Path) -> None:
    """The most memory that the process ever had, in MiB, before and after: the kernel counts it."""
    command = [sys.executable, "-c", PROGRAM, str(tmp_path), str(MEBIBYTES)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found == found | {"is_whole": True, "is_read": True}
    assert found["uploading"] < GROWTH, found
    assert found["reading"] < GROWTH, found
