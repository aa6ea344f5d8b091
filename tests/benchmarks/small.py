"""(c) What a request costs that asks next to nothing, beside an endpoint that answers a constant."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial
from typing import Any

import orjson
from sqlalchemy import bindparam, select
from starlette.applications import Starlette
from starlette.requests import Request as HttpRequest
from starlette.responses import Response
from starlette.routing import Route

from app.domain.identity.models import User
from app.main import create_app
from tests.benchmarks.comparison import Comparison, Run
from tests.benchmarks.exchange import Request, graphql
from tests.benchmarks.network import served
from tests.benchmarks.plain import Plain, Reader
from tests.benchmarks.population import Size, populate
from tests.benchmarks.stage import Stage

SIZE = Size(course_instances=1, assessments=1, learners=1)
VIEWER, TYPENAME = "{ viewer { uid } }", "{ __typename }"
ANSWERS = {
    VIEWER: {"data": {"viewer": {"uid": "small-instructor@uni.example"}}},
    TYPENAME: {"data": {"__typename": "Query"}},
}
PATHS = {VIEWER: "/constant/viewer", TYPENAME: "/constant/typename"}
USER = select(User.uid).where(User.id == bindparam("me"))


def _constant(path: str, content: object) -> Route:
    """An endpoint that reads the request and answers `content`, whatever was asked."""
    body = orjson.dumps(content)

    async def answer(request: HttpRequest) -> Response:
        await request.body()
        return Response(body, media_type="application/json")

    return Route(path, answer, methods=["POST"])


async def read_viewer(request: HttpRequest, reader: Reader, me: int) -> Any:
    """What VIEWER asks, from the database."""
    ((uid,),) = await reader.rows(USER, me=me)
    return {"data": {"viewer": {"uid": uid}}}


CONSTANTS = [_constant(PATHS[query], content) for query, content in ANSWERS.items()]
ROUTES = [*CONSTANTS, Route("/viewer", Plain(read_viewer, "authorization").__call__, methods=["POST"])]


def constants() -> Starlette:
    """The endpoints that answer constants, alone."""
    return Starlette(routes=CONSTANTS)


async def compare(stage: Stage, *, by_network: bool = True) -> AsyncIterator[Comparison]:
    """Who asks, and nothing at all; in the process, then with a server. Nothing at all needs no database."""
    async with stage.filling() as ctx:
        made = await populate(ctx, "small", SIZE)
    tokens = {VIEWER: made.token} | ({TYPENAME: None} if stage.settings.is_sqlite else {})
    asked = {query: graphql(query, token=token) for query, token in tokens.items()}
    plain = {query: Request("POST", PATHS[query], each.headers, each.body) for query, each in asked.items()}

    def row(what: str, ours: Run, theirs: Run, *batches: int) -> Comparison:
        return Comparison("c", what, stage.database, ours, theirs, 15, (batches[0], batches[-1]), warm_up=50)

    for query, request in asked.items():
        yield row(f"{query} / a constant", stage.ours(request), stage.theirs(plain[query]), 100, 1000)
    by_hand = Request("POST", "/viewer", asked[VIEWER].headers, asked[VIEWER].body)
    yield row(f"{VIEWER} / two statements", stage.ours(asked[VIEWER]), stage.theirs(by_hand), 100)
    if by_network:
        async with served(partial(create_app, stage.settings)) as graph, served(constants) as other:
            for query, request in asked.items():
                title = f"{query} / a constant, both by uvicorn"
                yield row(title, graph.sending(request), other.sending(plain[query]), 100)
