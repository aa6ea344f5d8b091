"""What the endpoints written by hand share: a connection, a token, an answer in JSON. Nothing of the graph is used."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from hashlib import sha256
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Executable, bindparam, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import Request
from starlette.responses import Response

from app.domain.enrollment.models import Enrollment, EnrollmentStatus, Role
from app.domain.identity.models import AccessToken, User
from tests.clock import NOW

Connect = Callable[[], AbstractAsyncContextManager[AsyncConnection]]

STAFF = (Role.COURSE_ASSISTANT, Role.INSTRUCTOR)
TOKEN = (
    select(AccessToken.user_id, AccessToken.scopes)
    .join(User, User.id == AccessToken.user_id)
    .where(AccessToken.digest == bindparam("digest"), AccessToken.revoked_at.is_(None), User.is_active)
    .where(or_(AccessToken.expires_at.is_(None), AccessToken.expires_at > bindparam("now")))
)


class Reader:
    """A connection that counts its statements."""

    def __init__(self, connection: AsyncConnection) -> None:
        self.connection = connection
        self.statements = 0

    async def rows(self, statement: Executable, **values: Any) -> Sequence[Any]:
        """All rows of a statement."""
        self.statements += 1
        return (await self.connection.execute(statement, values)).fetchall()


class Plain:
    """An endpoint: signs in by a header, reads, writes JSON. `read` returns what is to be written."""

    def __init__(self, read: Callable[[Request, Reader, int], Awaitable[Any]], header: str, indent: bool = False):
        self.read, self.header = read, header
        self.options = orjson.OPT_INDENT_2 if indent else None

    async def __call__(self, request: Request) -> Response:
        """The answer; 401 without a valid token."""
        token = request.headers.get(self.header, "").removeprefix("Bearer ")
        async with request.app.state.connect() as connection:
            reader = request.app.state.reader = Reader(connection)
            known = await reader.rows(TOKEN, digest=sha256(token.encode()).hexdigest(), now=NOW)
            if not known or "read" not in known[0][1]:
                return Response(b"{}", 401, media_type="application/json")
            body = await self.read(request, reader, known[0][0])
        return Response(orjson.dumps(body, option=self.options), media_type="application/json")


def taught(column: Any) -> ColumnElement[bool]:
    """Whether the user `me` teaches in the course instance that a column names."""
    mine = Enrollment.__table__.alias("mine").c
    places = select(mine.course_instance_id).where(
        mine.user_id == bindparam("me"), mine.role.in_(STAFF), mine.status == EnrollmentStatus.ACTIVE
    )
    return column.in_(places)  # type: ignore[no-any-return]
