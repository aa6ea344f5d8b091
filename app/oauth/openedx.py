"""Signing in as Open edX's clients do: tokens, JWTs, a browser's session (contracts/edx-core.md §0.2)."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from app.context import Context
from app.domain.identity.clients import Client, find_client
from app.domain.identity.grants import ACCESS_LIFETIME
from app.domain.identity.jwts import LIFETIME, Signing, jwt_of_session, jwt_of_token
from app.domain.identity.passwords import find_by_password
from app.oauth import token as product
from app.oauth.requests import address, answered, opened
from app.oauth.token import NEEDED, authenticated, credited, exchange, refused
from app.oauth.visit import Visit, keep
from app.principal import OPENEDX_SCOPES, SCOPES
from app.rates import PASSWORD
from app.web.session import COOKIE, CSRF_COOKIE, origin

FORMS = {"application/x-www-form-urlencoded", "multipart/form-data"}
READABLE, SIGNATURE = "edx-jwt-cookie-header-payload", "edx-jwt-cookie-signature"
BEARER, JWT = "bearer", "jwt"
revoke = product.revoke


async def token(request: Request) -> Response:
    """A token for a code, a refresh token, the client's own credentials or, if the client is trusted, a password.

    `token_type=jwt` asks for a JWT that stands for it.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() not in FORMS:
        return _malformed("The body must be application/x-www-form-urlencoded.")
    given = await credited(request)
    kind, grant_type = given.get("token_type", BEARER).lower(), given.get("grant_type", "")
    if not grant_type:
        return refused("invalid_request", "grant_type")
    if grant_type not in (*NEEDED, "password"):
        return refused("unsupported_grant_type")
    if kind not in (BEARER, JWT):
        return _malformed("token_type is bearer or jwt.")
    async with opened(request) as ctx:
        user_id = await _shown(ctx, request, given) if grant_type == "password" else None
        if isinstance(user_id, Response):
            return user_id
        async with ctx.db.transaction():
            client = await authenticated(ctx, given)
            if client is None:
                return refused("invalid_client")
            return await _exchanged(ctx, request, client, _with_scope(client, given), kind == JWT, user_id)


async def csrf(visit: Visit) -> Response:
    """The token that a script of this browser sends with what it writes, also as a cookie."""
    response = answered({"csrfToken": visit.csrf})
    if visit.request.method == "GET" and visit.request.cookies.get(COOKIE) != visit.cookie:
        keep(response, visit.request, visit.cookie)
    _set(response, visit.request, CSRF_COOKIE, visit.csrf)
    return response


async def refresh(visit: Visit) -> Response:
    """The session as a JWT in two cookies: what a script may read, and the signature, which it may not; POST."""
    request, ctx = visit.request, visit.ctx
    async with ctx.db.transaction():
        made = await jwt_of_session(ctx, visit.cookie, signing(request))
    if made is None or visit.person is None:
        response = answered("Unauthorized", 401)
        for name, domain in ((READABLE, _domain(request)), (SIGNATURE, None)):
            response.delete_cookie(name, domain=domain)
        return response
    end = ctx.now + LIFETIME
    response = answered(
        {
            "success": True,
            "user_id": visit.person.user_id,
            "response_epoch_seconds": int(ctx.now.timestamp()),
            "response_http_date": _http(ctx.now),
            "expires": _http(end),
            "expires_epoch_seconds": int(end.timestamp()),
        }
    )
    readable, _, signature = made.rpartition(".")
    _set(response, request, READABLE, readable, domain=_domain(request))
    _set(response, request, SIGNATURE, signature, httponly=True)
    return response


def signing(request: Request) -> Signing:
    """How this server signs JWTs."""
    settings = request.app.state.settings
    return Signing(settings.openedx_jwt_secret, settings.openedx_jwt_audience, origin(request) + "/oauth2")


async def _shown(ctx: Context, request: Request, given: dict[str, str]) -> int | Response | None:
    """Who has this password, for a client that may ask; None for nobody, or the answer to who may not try."""
    client = await find_client(ctx, given.get("client_id"))
    if client is None or not client.has_secret(given.get("client_secret", "")):
        return refused("invalid_client")
    if not client.is_trusted:
        return refused("unauthorized_client")
    login, throttle = given.get("username", "").strip(), request.app.state.throttle
    if not login or not given.get("password"):
        return None
    if not await throttle.admits(PASSWORD, login, address(request)):
        body = {"error": "too_many_requests", "error_description": "Too many tries: wait five minutes."}
        return answered(body, 429, {"Retry-After": "300"})
    user_id = await find_by_password(ctx, login, password=given["password"])
    if user_id is None:
        await throttle.failed(PASSWORD, address(request))
    else:
        await throttle.succeeded(PASSWORD, login)
    return user_id


def _with_scope(client: Client, given: dict[str, str]) -> dict[str, str]:
    """The request with the scope that it asks for: by default all of the client's that Open edX knows."""
    known = [scope for scope in client.scopes if scope in SCOPES + OPENEDX_SCOPES]
    return (
        given if given.get("scope") or given["grant_type"] == "refresh_token" else {**given, "scope": " ".join(known)}
    )


async def _exchanged(
    ctx: Context, request: Request, client: Client, given: dict[str, str], as_jwt: bool, user_id: int | None
) -> Response:
    lifetime = LIFETIME if as_jwt else ACCESS_LIFETIME
    body = await exchange(ctx, client, given, origin(request), lifetime, user_id)
    if "error" in body:
        return refused(body["error"], body["name"])
    made: dict[str, Any] = {name: body[name] for name in ("access_token", "expires_in", "scope")}
    made["token_type"] = "JWT" if as_jwt else "Bearer"
    if as_jwt:
        made["access_token"] = await jwt_of_token(ctx, body["access_token"], signing(request))
    if "refresh_token" in body:
        made["refresh_token"] = body["refresh_token"]
    return answered(made)


def _malformed(description: str) -> Response:
    return answered({"error": "invalid_request", "error_description": description}, 400)


def _set(response: Response, request: Request, name: str, value: str, **more: Any) -> None:
    is_secure = request.scope["scheme"] == "https"
    response.set_cookie(name, value, samesite="lax", secure=is_secure, **more)


def _domain(request: Request) -> str | None:
    """Where the part of a JWT without its signature may be read; None is this host."""
    return request.app.state.settings.openedx_cookie_domain or None


def _http(instant: datetime) -> str:
    return format_datetime(instant.astimezone(UTC), usegmt=True)
