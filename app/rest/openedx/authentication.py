"""Who asks: by an access token (contracts/edx-core.md §0.2)."""

from __future__ import annotations

from starlette.requests import Request

from app.db.session import Database
from app.domain.identity.tokens import authenticate as of_token
from app.errors import TokenExpired, Unauthenticated
from app.principal import Principal
from app.rest.openedx.refusals import BadToken


async def authenticate(request: Request, db: Database) -> Principal:
    """The holder of the token in `Authorization: Bearer …`; nobody without one. Raises BadToken."""
    scheme, _, text = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        return Principal.anonymous
    try:
        return await of_token(db, text.strip(), request.app.state.clock())
    except TokenExpired:
        raise BadToken("token_expired", "The provided access token has expired and is no longer valid.") from None
    except Unauthenticated:
        raise BadToken("token_nonexistent", "The provided access token does not match any valid tokens.") from None
