"""Who asks: the token in the header `Authorization`, or who has signed in with the browser."""

from __future__ import annotations

from datetime import datetime

from starlette.requests import Request

from app.context import Context
from app.db.session import Database
from app.domain.identity.tokens import authenticate
from app.errors import DomainError, InsufficientScope, Unauthenticated
from app.principal import READ, Principal
from app.web.session import visitor


async def caller(request: Request, db: Database) -> Principal:
    """Who asks: whose token is sent; without one, who has signed in. Raises Unauthenticated, ForeignOrigin."""
    if "authorization" in request.headers:
        return await sign_in(request, db)
    return await visitor(request, Context(Principal.anonymous, db, request.app.state.clock))


async def sign_in(request: Request, db: Database) -> Principal:
    """Who asks, by `Authorization: Bearer …`; nobody without the header. Raises Unauthenticated."""
    return await bearer(request.headers.get("authorization"), db, request.app.state.clock())


async def bearer(authorization: str | None, db: Database, now: datetime) -> Principal:
    """Who holds the token of `Bearer …`; nobody without a text. Raises Unauthenticated."""
    if authorization is None:
        return Principal.anonymous
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer":
        raise Unauthenticated("send `Authorization: Bearer <token>`")
    principal = await authenticate(db, token.strip(), now)
    if READ not in principal.scopes:
        raise InsufficientScope("the access token lacks the scope `read`")
    return principal


def challenge(error: DomainError) -> dict[str, str]:
    """The header that goes with 401."""
    return {"WWW-Authenticate": 'Bearer realm="campusgraph"'} if isinstance(error, Unauthenticated) else {}
