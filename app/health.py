"""What the machines around a server ask: is it up, is it ready, what has it counted."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from hmac import compare_digest
from typing import Any

import asyncpg
import orjson
from prometheus_client import CONTENT_TYPE_LATEST
from sqlalchemy import Select, column, select, table
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from app.db import migrate
from app.db.session import Database
from app.errors import Forbidden, Unauthenticated
from app.files_view import told
from app.graphql_view.caller import sign_in
from app.principal import Principal
from app.telemetry import metrics

PATIENCE = 2.0  # seconds for the database to answer
REVISION: Select[Any] = select(column("version_num")).select_from(table("alembic_version"))
UNREACHABLE, SILENT, OLD = "DATABASE_UNREACHABLE", "DATABASE_SILENT", "MIGRATIONS_MISSING"
Reasons = list[dict[str, str]]
log = logging.getLogger("campusgraph.health")


async def healthz(request: Request) -> Response:
    """200 when the server is up."""
    return PlainTextResponse("ok\n")


class Readiness:
    """Whether the database answers, with the tables of this program.

    A question that the database leaves unanswered is not asked again beside itself, and not broken off: the
    connection that waits for it would wait once more.
    """

    def __init__(self) -> None:
        self._asking: asyncio.Task[Reasons] | None = None

    async def reasons(self, open_database: Callable[[], Database]) -> Reasons:
        """Why requests should go elsewhere: a code and a message each."""
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(_reasons(open_database))
        done, _ = await asyncio.wait({self._asking}, timeout=PATIENCE)
        if not done:
            return [_reason(SILENT, f"the database has not answered for {PATIENCE:g} seconds")]
        return self._asking.result()


async def _reasons(open_database: Callable[[], Database]) -> Reasons:
    try:
        async with open_database() as db:
            missing = migrate.missing(await db.scalar(REVISION))
    except (OSError, SQLAlchemyError, asyncpg.PostgresError) as error:
        log.warning("the database is not ready", exc_info=error)
        return [_reason(UNREACHABLE, "the database cannot be asked: the log says why")]
    return [_reason(OLD, f"migrations are missing: {', '.join(missing)}")] if missing else []


async def readyz(request: Request) -> Response:
    """200 when requests can be answered, else 503 and the reasons."""
    reasons = await request.app.state.readiness.reasons(request.app.state.open_database)
    body = orjson.dumps({"ready": not reasons, "reasons": reasons})
    return Response(body, 503 if reasons else 200, media_type="application/json")


@told
async def counted(request: Request) -> Response:
    """The metrics, for their own token and for administrators'. Raises Unauthenticated, Forbidden."""
    if not _has_own_token(request):
        async with request.app.state.open_database() as db:
            principal = await sign_in(request, db)
        if principal == Principal.anonymous:
            raise Unauthenticated("send `Authorization: Bearer <token>`")
        if not principal.is_admin:
            raise Forbidden("only an institution administrator may do this")
    return Response(await asyncio.to_thread(metrics.exposition), headers={"Content-Type": CONTENT_TYPE_LATEST})


def _has_own_token(request: Request) -> bool:
    own = request.app.state.settings.metrics_token
    given = request.headers.get("authorization", "")
    return bool(own) and compare_digest(given.encode("latin-1"), f"Bearer {own}".encode())


def _reason(code: str, message: str) -> dict[str, str]:
    return {"code": code, "message": message}


ROUTES = [Route("/healthz", healthz), Route("/readyz", readyz), Route("/metrics", counted)]
