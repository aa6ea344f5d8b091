"""The workflow of Blackboard's guide over its routes, and one GraphQL request for the same."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from sqlalchemy import update
from starlette.applications import Starlette

from app.context import Context
from app.db.session import Database
from app.domain.grades.overrides import override_grade
from app.domain.identity.models import AccessToken
from app.domain.identity.tokens import issue_token
from tests.answers import uncounted
from tests.benchmarks.population import Size, populate
from tests.clock import NOW
from tests.factories import as_user, person
from tests.rest.blackboard.workflow import QUERY, Pulled, of_graph, pull

pytestmark = pytest.mark.anyio

SIZE = Size(course_instances=10, assessments=10, learners=10)
STATEMENTS = 10
"""Of QUERY: one for the token, one for each list or object of it; an eleventh where courses are merged."""


@dataclass(slots=True)
class Client:
    """A program that pulls gradebooks, and what it has asked."""

    http: httpx.AsyncClient
    token: str
    asked: list[str] = field(default_factory=list)

    async def get(self, path: str) -> Any:
        self.asked.append(path)
        response = await self.http.get(path, headers={"Authorization": f"Bearer {self.token}"})
        assert response.status_code in (200, 204), response.text
        return response.json() if response.content else None

    async def pull(self, known: Mapping[int, int] | None = None) -> Pulled:
        return await pull(self.get, known)

    async def query(self) -> Pulled:
        """By one GraphQL request."""
        headers = {"Authorization": f"Bearer {self.token}"}
        response = await self.http.post("/graphql", json={"query": QUERY}, headers=headers)
        assert (response.status_code, set(uncounted(response))) == (200, {"data"}), response.text
        return of_graph(response.json()["data"])


@pytest.fixture
async def bulk(ctx: Context, client: httpx.AsyncClient) -> Client:
    await populate(ctx, "bulk", SIZE)
    root = as_user(ctx, await person(ctx, "root", is_staff=True), is_staff=True)
    token = (await issue_token(root, name="app")).text
    await ctx.db.execute(update(AccessToken).values(last_used_at=NOW))
    return Client(client, token)


async def test_231_requests_are_one(
    bulk: Client, app: Starlette, open_database: Callable[[], Database]
) -> None:  # blackboard case 33
    pulled = await bulk.pull()
    assert len(bulk.asked) == 231
    opened: list[Database] = []

    def counted() -> Database:
        opened.append(open_database())
        return opened[-1]

    app.state.open_database = counted
    assert pulled.record() == (await bulk.query()).record()
    assert sum(each.statements for each in opened) == STATEMENTS
    sizes = {name: len(each) for name, each in pulled.record().items()}
    assert sizes == {"courses": 10, "members": 110, "categories": 40, "columns": 100, "grades": 1000}


async def test_an_incremental_pull_reads_what_changed(bulk: Client, ctx: Context) -> None:  # blackboard §0, §6
    before = await bulk.query()
    cells = sorted(before.grades)
    changed = [cells[0], cells[1], cells[500], cells[999]]
    assert len({column for _, column, *_ in changed}) == 3
    for _, column, user, *_ in changed:
        await override_grade(ctx, assessment_id=column, user_id=user, points=7.25)
    pulled = await bulk.pull(before.indices())
    assert len(bulk.asked) == 1 + 30 + 100 + 3
    assert {cell[:4] for cell in pulled.grades} == {(*cell[:3], 7.25) for cell in changed}
    assert pulled.grades == (await bulk.query()).grades - before.grades
    bulk.asked.clear()
    again = await bulk.pull((await bulk.query()).indices())
    assert (len(bulk.asked), again.grades) == (1 + 30 + 100, set())
