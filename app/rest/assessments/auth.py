"""The product's one sign-in, by a password, in this API's envelope (contracts/assessments.md §2)."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from app.context import Context
from app.domain.identity.passwords import MIN_LENGTH, find_by_password
from app.domain.identity.signins import SignIn, open_sign_in, refresh_sign_in, sign_out
from app.errors import Unauthenticated
from app.rates import PASSWORD
from app.rest.assessments.dialect import enveloped
from app.rest.assessments.endpoint import NOBODY, sent
from app.rest.assessments.fields import texts
from app.rest.assessments.refusals import RateLimited
from app.rest.route import Body, Route, Schema, closed

REASON = "the graph has no sign-in: tries are counted, a refused one is kept, and the answer has secrets"
TEXT: Schema = {"type": "string"}
TOKENS: Schema = closed(
    {
        "access_token": TEXT,
        "refresh_token": TEXT,
        "expires_in": {"type": "integer"},
        "token_type": {"type": "string", "enum": ["Bearer"]},
    }
)


@dataclass(frozen=True, slots=True)
class Told(Body):
    """A body that the route's function writes; `shape` is its schema."""

    shape: Any = None

    def schema(self, derived: Schema) -> Schema:
        return self.shape or {"type": "null"}


def needed(**properties: Schema) -> Schema:
    """The schema of an object that must have these keys, and may have others."""
    return {"type": "object", "properties": properties, "required": list(properties)}


async def login(request: Request, ctx: Context) -> Response:
    """New tokens for a password. Raises Invalid, RateLimited, Unauthenticated."""
    email, password = texts(await sent(request), email=1, password=MIN_LENGTH)
    throttle, address = request.app.state.throttle, request.client.host if request.client else ""
    if not await throttle.admits(PASSWORD, email.strip(), address):
        raise RateLimited("too many tries: wait five minutes")
    user_id = await find_by_password(ctx, email.strip(), password=password)
    if user_id is None:
        await throttle.failed(PASSWORD, address)
        raise Unauthenticated("nobody has this e-mail address and this password")
    await throttle.succeeded(PASSWORD, email.strip())
    async with ctx.db.transaction():
        return _tokens(await open_sign_in(ctx, user_id))


async def refresh(request: Request, ctx: Context) -> Response:
    """New tokens for a refresh token. Raises Invalid, Unauthenticated."""
    [refresh_token] = texts(await sent(request), refresh_token=1)
    async with ctx.db.transaction():
        made = await refresh_sign_in(ctx, refresh_token)
    if made is None:
        raise Unauthenticated("the refresh token is not valid")
    return _tokens(made)


async def logout(request: Request, ctx: Context) -> Response:
    """End the token that was sent."""
    async with ctx.db.transaction():
        await sign_out(ctx, request.state.token)
    return enveloped(200)


def _tokens(made: SignIn) -> Response:
    response = enveloped(200, data=asdict(made) | {"token_type": "Bearer"})
    response.headers["Cache-Control"] = "no-store"
    return response


CREDENTIALS = needed(email={"type": "string", "minLength": 1}, password={"type": "string", "minLength": MIN_LENGTH})
GIVEN = needed(refresh_token={"type": "string", "minLength": 1})
ROUTES = [
    Route("POST", "/auth/login", "Login", Told(shape=TOKENS), NOBODY, sent=CREDENTIALS, answer=login, reason=REASON),
    Route("POST", "/auth/refresh", "Refresh", Told(shape=TOKENS), NOBODY, sent=GIVEN, answer=refresh, reason=REASON),
    Route("POST", "/auth/logout", "Logout", Told(), answer=logout, reason=REASON),
]
