"""The life of a request in the kernel that all REST systems share, seen through the smallest of dialects."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response

from app.context import Context
from app.db.session import Database
from app.domain.catalog.service import create_course, create_organization
from app.errors import DomainError, Forbidden, NotFound, Unauthenticated
from app.principal import SCOPES, Principal
from app.rest.dialect import Dialect
from app.rest.endpoint import respond
from app.rest.family import Family, System, mounts
from app.rest.route import Call, Route, at
from app.settings import Settings
from schema.graph import build
from tests.clock import NOW

DOCUMENT = """
"All courses."
query Courses($first: Int) { courses(first: $first, orderBy: [{ field: KEY }]) { nodes { key } } }

"One course."
query Course($id: Int!) { course(by: { databaseId: $id }) { key title } }
"""


class Plain(Dialect):
    """Whoever says a name is an administrator. Errors are their codes."""

    async def authenticate(self, request: Request, db: Database) -> Principal:
        if "name" not in request.headers:
            raise Unauthenticated("who are you?")
        return Principal(1, is_admin=True, scopes=frozenset(SCOPES))

    def check(self, route: Route, data: dict[str, Any]) -> None:
        if route.needs == "nobody has this right":
            raise Forbidden("nobody has this right")

    def render(self, body: Any, route: Route, data: Mapping[str, Any], call: Call) -> Response:
        return Response(orjson.dumps(body), route.status)

    def refuse(self, error: DomainError) -> Response:
        return Response(orjson.dumps([error.code, str(error)]), error.status)

    def fallback(self, graph: Any, routes: Any) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            async def refuse(ctx: Context) -> Response:
                raise NotFound(f"{request.method} {request.path_params['path']!r} of {len(routes)}")

            return await respond(self, request, refuse)

        return answer


class Annex(Plain):
    """A system that is mounted where another one is, and refuses in capitals."""

    def refuse(self, error: DomainError) -> Response:
        return Response(orjson.dumps(str(error).upper()), error.status)


async def echo(request: Request, ctx: Context) -> Response:
    """An answer without a document."""
    return Response(f"{request.path_params['id']} at {ctx.now:%Y}")


async def fail(request: Request, ctx: Context) -> Response:
    """An answer that nobody foresaw."""
    raise RuntimeError("the tape\n  is torn " + "x" * 1000)


ROUTES = [
    Route("GET", "/courses", "Courses", at("courses", "nodes")),
    Route("POST", "/courses", "Courses", at("courses"), status=201),
    Route("GET", "/courses/{id}", "Course", at("course")),
    Route("GET", "/secret/{id}", "Course", at("course"), needs="nobody has this right"),
    Route("GET", "/echo/{id}", "Course", answer=echo, reason="to see what an answer is given"),
    Route("GET", "/fail/{id}", "Course", answer=fail, reason="to see what becomes of an unforeseen error"),
]


@pytest.fixture
async def library(
    tmp_path: Path, open_database: Callable[[], Database], ctx: Context
) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a system over two courses."""
    organization_id = await create_organization(ctx, key="uni", name="University")
    for key in ("EE", "HI"):
        await create_course(ctx, organization_id=organization_id, key=key, short_name=key, title=f"{key}!")
    path = tmp_path / "courses.graphql"
    path.write_text(DOCUMENT)
    beside = [Route("GET", "/shelves/{id}", "Course", at("course"))]
    systems = [
        System("library", "Library", "/lib", Plain(), [Family("courses", ROUTES, path)]),
        System("annex", "Annex", "/lib", Annex(), [Family("courses", beside, path)]),
    ]
    app = Starlette(routes=mounts(build(), systems))
    app.state.open_database, app.state.clock, app.state.settings = open_database, lambda: NOW, Settings()
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test/lib", headers={"name": "x"}) as client:
        client.app = app  # type: ignore[attr-defined]
        yield client


async def asked(client: httpx.AsyncClient, path: str, method: str = "GET") -> tuple[int, Any]:
    """The status and the body of an answer."""
    response = await client.request(method, path)
    return response.status_code, response.json()


async def test_a_document_answers(library: httpx.AsyncClient) -> None:
    assert await asked(library, "/courses") == (200, [{"key": "EE"}, {"key": "HI"}])
    assert await asked(library, "/courses?first=1&more=2") == (200, [{"key": "EE"}])
    assert await asked(library, "/courses", "POST") == (201, {"nodes": [{"key": "EE"}, {"key": "HI"}]})


async def test_a_list_is_whole_however_long(library: httpx.AsyncClient) -> None:
    assert await asked(library, "/courses?first=1000000") == (200, [{"key": "EE"}, {"key": "HI"}])


async def test_a_key_of_no_row_is_not_found(library: httpx.AsyncClient) -> None:
    for key in ("0", "999999", "2147483648", "9" * 30):
        assert await asked(library, f"/courses/{key}") == (404, ["NOT_FOUND", "nothing at course"])


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("first=x", ["BAD_REQUEST", "first is not a valid Int"]),
        ("first=-1", ["BAD_REQUEST", "`first` must not be negative"]),
        (
            "first=99999999999",
            [
                "BAD_REQUEST",
                "Variable '$first' has invalid value:"
                " Int cannot represent non 32-bit signed integer value: 99999999999",
            ],
        ),
    ],
)
async def test_a_bad_request_is_told_in_the_systems_form(
    library: httpx.AsyncClient, query: str, told: list[str]
) -> None:
    assert await asked(library, f"/courses?{query}") == (400, told)


async def test_the_right_is_checked_before_the_body(library: httpx.AsyncClient) -> None:
    assert await asked(library, "/secret/999999") == (403, ["FORBIDDEN", "nobody has this right"])


@pytest.mark.parametrize("path", ["/courses", "/courses/x", "/echo/1", "/nope"])
async def test_who_asks_comes_first(library: httpx.AsyncClient, path: str) -> None:
    del library.headers["name"]
    assert await asked(library, path) == (401, ["UNAUTHENTICATED", "who are you?"])


@pytest.mark.parametrize(
    ("method", "path", "rest"),
    [
        ("GET", "/courses/x", "courses/x"),
        ("GET", "/courses/-1", "courses/-1"),
        ("GET", "/courses/1%0A", "courses/1\n"),
        ("GET", "/courses/%D9%A1", "courses/١"),
        ("GET", "/courses/", "courses/"),
        ("GET", "/Courses", "Courses"),
        ("GET", "/a%0Ab", "a\nb"),
        ("GET", "/", ""),
        ("DELETE", "/courses/1", "courses/1"),
        ("BREW", "/courses", "courses"),
    ],
)
async def test_what_no_route_serves_falls_to_the_dialect(
    library: httpx.AsyncClient, method: str, path: str, rest: str
) -> None:
    assert await asked(library, path, method) == (404, ["NOT_FOUND", f"{method} {rest!r} of 7"])


async def test_systems_share_a_prefix_and_the_fallback_of_the_first(library: httpx.AsyncClient) -> None:
    assert await asked(library, "/shelves/999999") == (404, "NOTHING AT COURSE")
    assert await asked(library, "/courses/999999") == (404, ["NOT_FOUND", "nothing at course"])
    assert await asked(library, "/shelves/x") == (404, ["NOT_FOUND", "GET 'shelves/x' of 7"])


async def test_an_answer_of_its_own_is_inside_the_same_context(library: httpx.AsyncClient) -> None:
    response = await library.get("/echo/7")
    assert (response.status_code, response.text) == (200, "7 at 2024")


def raised(record: logging.LogRecord) -> str | None:
    """The type of the error that a line in the log is about."""
    return record.exc_info[0].__name__ if record.exc_info and record.exc_info[0] else None


async def test_an_unforeseen_error_is_one_answer_and_one_line(
    library: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    assert await asked(library, "/fail/7?secret=1") == (500, ["INTERNAL_ERROR", "Internal Server Error"])
    assert [(each.getMessage(), raised(each)) for each in caplog.records] == [("unforeseen error", "RuntimeError")]


async def test_an_unforeseen_error_below_the_graph_is_one_answer_and_one_line(
    library: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)

    def broken() -> Database:
        raise OSError("no\ndisk")

    library.app.state.open_database = broken  # type: ignore[attr-defined]
    assert await asked(library, "/courses") == (500, ["INTERNAL_ERROR", "Internal Server Error"])
    await asyncio.sleep(0)
    assert [(each.getMessage(), raised(each)) for each in caplog.records] == [("unforeseen error", "OSError")]
