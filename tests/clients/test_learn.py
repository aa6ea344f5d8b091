"""Three published clients of Blackboard Learn pull the demo university's gradebooks as the graph tells them.

The clients themselves (bbrest, bblearn, profpy: their dependencies are not ours) run where
CAMPUSGRAPH_BLACKBOARD_CLIENTS names a Python that has them; what they send, byte by byte, always does.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
from sqlalchemy import select

from app.commands.program import acting
from app.demo import fill
from app.demo.names import ADMINISTRATOR
from app.domain.identity.clients import create_client
from app.domain.identity.models import User
from app.settings import Settings
from tests.answers import uncounted
from tests.clients.wire import exchange
from tests.commands.conftest import migrated
from tests.commands.test_serving import PATIENCE, serving
from tests.rest.blackboard.workflow import BASE, QUERY, Pulled, key, of_graph, pull

PYTHON = os.environ.get("CAMPUSGRAPH_BLACKBOARD_CLIENTS")
SCRIPT = Path(__file__).with_name("learn.py")
ALL = {"User-Agent": "python-requests/2.34.2", "Accept-Encoding": "gzip, deflate", "Connection": "keep-alive"}
SENT = {
    "bbrest": ({**ALL, "Content-Length": "2", "Content-Type": "application/json"}, b"{}"),
    "bblearn": (ALL, b""),
    "profpy": ({**ALL, "Content-Type": "application/json; charset=utf-8"}, b""),
}


@dataclass(frozen=True, slots=True)
class Learn:
    """Where the server is, and the credentials of an application."""

    address: str
    uid: str
    secret: str

    @property
    def host(self) -> str:
        return self.address.removeprefix("http://")

    def token(self) -> str:
        """As requests asks for it."""
        basic = b64encode(f"{self.uid}:{self.secret}".encode()).decode()
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Authorization": f"Basic {basic}"}
        body = b"grant_type=client_credentials"
        line = f"POST {BASE}/v1/oauth2/token"
        answer = exchange(self.host, line, {**ALL, **headers, "Content-Length": str(len(body))}, body).json()
        assert (answer["token_type"], set(answer)) == ("bearer", {"access_token", "token_type", "expires_in"})
        return str(answer["access_token"])

    def get(self, name: str, path: str) -> Any:
        """What a client is answered; None for no body."""
        headers, body = SENT[name]
        answer = exchange(self.host, f"GET {path}", {**headers, "Authorization": f"Bearer {self.token()}"}, body)
        assert answer.status == (200 if answer.body else 204)
        return answer.json() if answer.body else None

    def remaining(self) -> int:
        """How many requests of the application's quota are left; asking takes one."""
        headers = {"Authorization": f"Bearer {self.token()}"}
        url = f"{self.address}{BASE}/v3/courses?limit=1"
        return int(httpx.get(url, headers=headers, timeout=PATIENCE).headers["X-Rate-Limit-Remaining"])

    def graph(self) -> Pulled:
        """What the graph tells the same application."""
        headers = {"Authorization": f"Bearer {self.token()}"}
        answer = httpx.post(f"{self.address}/graphql", headers=headers, json={"query": QUERY}, timeout=PATIENCE)
        assert set(uncounted(answer)) == {"data"}
        return of_graph(answer.json()["data"])


@pytest.fixture(scope="module")
def learn(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Learn]:
    """A server of the demo university."""
    with migrated(tmp_path_factory.mktemp("learn"), "learn") as url, pytest.MonkeyPatch.context() as environment:
        environment.setenv("CAMPUSGRAPH_DATABASE_URL", url)
        made = asyncio.run(_fill())
        with serving() as (_, _, address):
            yield Learn(address, *made)


async def _fill() -> tuple[str, str]:
    async with acting(Settings.from_environment()) as ctx:
        await fill(ctx)
        async with ctx.db.transaction():
            root = await ctx.db.scalar(select(User.id).where(User.username == ADMINISTRATOR))
            made = await create_client(ctx, "puller", redirect_uris=[], scopes=["read", "admin"], user_id=root)
    return made.uid, made.secret or ""


@pytest.mark.skipif(PYTHON is None, reason="CAMPUSGRAPH_BLACKBOARD_CLIENTS names no Python with the clients")
@pytest.mark.parametrize(("name", "code"), [("bbrest", ""), ("bblearn", ""), ("profpy", "stat200")])
def test_a_client_pulls_what_the_graph_tells(learn: Learn, name: str, code: str) -> None:
    arguments = [str(PYTHON), str(SCRIPT), name, learn.address, learn.uid, learn.secret, code]
    before = learn.remaining()
    run = subprocess.run(arguments, capture_output=True, check=False, timeout=10 * PATIENCE)
    assert run.returncode == 0, run.stderr.decode()
    requests, found, told = before - learn.remaining() - 1, orjson.loads(run.stdout), learn.graph()
    courses = {key(each) for each in found["courses"]}
    assert courses == told.courses if not code else len(courses) == 3
    assert {(key(a), key(b), c and key(c)) for a, b, c in found["members"]} == _in(courses, told.members)
    columns = _in(courses, told.columns)
    assert {(key(a), key(b)) for a, b, _ in found["columns"]} == {each[:2] for each in columns}
    grades, cells = {(key(a), key(b), key(c), *rest) for a, b, c, *rest in found["grades"]}, _in(courses, told.grades)
    if name == "profpy":
        assert {each[:4] for each in grades} == {each[:4] for each in cells}
        return
    assert requests == 1 + 3 * len(courses) + 2 * len(columns), "the guide's number: each list is one page"
    assert grades == cells
    assert {(key(a), key(b), title) for a, b, title in found["categories"]} == told.categories
    assert {(key(a), key(b), key(c)) for a, b, c in found["columns"]} == columns
    assert {(key(column), index) for column, index in found["last"]} <= {(each[1], each[4]) for each in cells}


def _in(courses: set[int], rows: set[Any]) -> set[Any]:
    """The rows of these courses."""
    return {each for each in rows if each[0] in courses}


@pytest.mark.parametrize("name", ["bbrest", "bblearn"])
def test_what_a_client_sends_is_answered_as_the_graph_tells(learn: Learn, name: str) -> None:
    async def get(path: str) -> Any:
        return learn.get(name, path)

    assert asyncio.run(pull(get)).record() == learn.graph().record()


def test_what_profpy_sends_is_answered_as_the_graph_tells(learn: Learn) -> None:
    """In a course of two sections that are merged."""
    path = f"{BASE}/v1/courses?limit=100&courseId=stat200-f26&fields=id%2Cavailability.available"
    place = learn.get("profpy", path)["results"][0]["id"]
    here = f"{BASE}/v1/courses/{place}"
    members = learn.get("profpy", f"{here}/users?limit=200&offset=0")["results"]
    columns = learn.get("profpy", f"{here}/gradebook/columns")["results"]
    grades = [
        learn.get("profpy", f"{here}/gradebook/columns/{column['id']}/users/{member['userId']}")
        for column in columns
        for member in members[:12]
    ]
    told = learn.graph()
    asked = {key(each["userId"]) for each in members[:12]}
    found = {
        (key(place), key(each["columnId"]), key(each["userId"]), each.get("score"))
        for each in grades
        if "exempt" in each
    }
    assert found
    assert found == {each[:4] for each in told.grades if each[0] == key(place) and each[2] in asked}
