"""`POST /oauth/token` and `POST /oauth/revoke` (contracts/autolab.md §2.2)."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

from starlette.requests import Request
from starlette.responses import Response

from app.context import Context
from app.domain.identity.clients import Client, find_client
from app.domain.identity.grants import (
    ACCESS_LIFETIME,
    end_pair,
    find_code,
    find_pair,
    find_refreshable,
    issue_pair,
    use_code,
)
from app.oauth.device import CALLBACK
from app.oauth.requests import answered, basic_credentials, opened, parameters
from app.oauth.validator import Validator, server
from app.web.session import origin

NEEDED = {"authorization_code": ("code", "redirect_uri"), "refresh_token": ("refresh_token",), "client_credentials": ()}
PASSWORD = ("username", "password")
DESCRIPTIONS = {
    "invalid_client": "Client authentication failed due to unknown client, no client authentication included, or "
    "unsupported authentication method.",
    "invalid_grant": "The provided authorization grant is invalid, expired, revoked, does not match the redirection "
    "URI used in the authorization request, or was issued to another client.",
    "unsupported_grant_type": "The authorization grant type is not supported by the authorization server.",
    "unauthorized_client": "The client is not authorized to perform this request using this method.",
    "invalid_scope": "The requested scope is invalid, unknown, or malformed.",
    "invalid_request": "Missing required parameter: {}.",
}
CHALLENGE = {"WWW-Authenticate": 'Basic realm="campusgraph"'}


async def token(request: Request) -> Response:
    """Exchange a code, a refresh token or the client's own credentials for tokens."""
    given = await credited(request)
    async with opened(request) as ctx, ctx.db.transaction():
        return await _exchanged(ctx, given, origin(request))


async def revoke(request: Request) -> Response:
    """End a token of the client's, and all that come from the same approval; unknown ones are no error."""
    given = await credited(request)
    async with opened(request) as ctx, ctx.db.transaction():
        pair = await find_pair(ctx, given.get("token", ""))
        if pair is None:
            return answered({})
        client = await authenticated(ctx, given)
        if client is None or pair.client_id != client.id:
            description = "You are not authorized to revoke this token"
            return answered({"error": "unauthorized_client", "error_description": description}, 403)
        await end_pair(ctx, pair)
    return answered({})


async def credited(request: Request) -> dict[str, str]:
    """The request's parameters; the client's credentials of HTTP Basic stand before those in the body."""
    given = await parameters(request)
    basic = basic_credentials(request)
    return given if basic is None else {**given, "client_id": basic[0], "client_secret": basic[1]}


async def authenticated(ctx: Context, given: dict[str, str]) -> Client | None:
    """The client that the credentials are of; of a public one the uid is enough. It can't be revoked meanwhile."""
    client = await find_client(ctx, given.get("client_id"), lock=True)
    if client is None or client.is_public or client.has_secret(given.get("client_secret", "")):
        return client
    return None


async def _exchanged(ctx: Context, given: dict[str, str], at: str) -> Response:
    grant_type = given.get("grant_type")
    if not grant_type:
        return refused("invalid_request", "grant_type")
    if grant_type not in NEEDED:
        return refused("unsupported_grant_type")
    client = await authenticated(ctx, given)
    if client is None:
        return refused("invalid_client")
    body = await exchange(ctx, client, given, at)
    return refused(body["error"], body["name"]) if "error" in body else answered(body)


async def exchange(
    ctx: Context,
    client: Client,
    given: dict[str, str],
    at: str,
    lifetime: timedelta = ACCESS_LIFETIME,
    user_id: int | None = None,
) -> dict[str, Any]:
    """A new token as an answer tells it, and kept; or an object with `error`, and the `name` of what is wrong.

    `user_id` is who has shown a password to a client that may ask for it.
    """
    grant_type = given["grant_type"]
    for name in NEEDED.get(grant_type, PASSWORD):
        if not given.get(name):
            return {"error": "invalid_request", "name": name}
    code = await find_code(ctx, client, given["code"]) if grant_type == "authorization_code" else None
    pair = await find_refreshable(ctx, client, given["refresh_token"]) if grant_type == "refresh_token" else None
    validator = Validator(client, at + CALLBACK, code, pair, user_id)
    body = _granted(given, validator, int(ctx.now.timestamp()), lifetime)
    if "error" in body:
        return {"error": body["error"], "name": "code_verifier"}
    await _keep(ctx, client, validator, body, lifetime)
    return body


def _granted(given: dict[str, str], validator: Validator, created_at: int, lifetime: timedelta) -> dict[str, Any]:
    """oauthlib's answer: the token object, or an object with the key `error`."""
    fields = ("grant_type", "client_id", *PASSWORD, "code", "redirect_uri", "refresh_token", "code_verifier", "scope")
    body = [(name, given[name]) for name in fields if given.get(name)]
    _, text, _ = server(validator, given["grant_type"], lifetime).create_token_response(
        "https://localhost/oauth/token", "POST", body, {}, {"created_at": created_at}
    )
    made: dict[str, Any] = json.loads(text)
    return made


async def _keep(ctx: Context, client: Client, validator: Validator, body: dict[str, Any], lifetime: timedelta) -> None:
    granter, user_id = validator.code or validator.pair, validator.user_id
    if validator.code is not None:
        await use_code(ctx, validator.code)
    family = None if user_id is None else uuid4().hex
    await issue_pair(
        ctx,
        client,
        user_id=granter.user_id if granter is not None else user_id or client.user_id or 0,
        scopes=body["scope"].split(),
        access_token=body["access_token"],
        refresh_token=body.get("refresh_token"),
        family=family if granter is None else granter.family,
        replaces_id=None if validator.pair is None else validator.pair.id,
        lifetime=lifetime,
    )


def refused(error: str, name: str = "") -> Response:
    """A refusal; `name` is of a parameter that is missing."""
    body = {"error": error, "error_description": DESCRIPTIONS[error].format(name)}
    return answered(body, 401, CHALLENGE) if error == "invalid_client" else answered(body, 400)
