"""`/learn/api/public/v1/oauth2/…`: tokens as Blackboard Learn's clients ask for them (contracts/blackboard.md §2)."""

from __future__ import annotations

from datetime import timedelta

from starlette.requests import Request
from starlette.responses import Response

from app.context import Context
from app.domain.identity.clients import Client, find_client
from app.domain.identity.grants import own_token, uuid_of_holder
from app.oauth.requests import answered, basic_credentials, opened, parameters
from app.oauth.token import NEEDED, exchange, refused
from app.principal import OFFLINE
from app.web.session import origin

TOKEN = "/learn/api/public/v1/oauth2/token"
AUTHORIZE = "/learn/api/public/v1/oauth2/authorizationcode"
LIFETIME = timedelta(hours=1)


async def token(request: Request) -> Response:
    """A token for an application, or for a person's approval. The client says who it is by HTTP Basic.

    An application that asks again has the token that still lives. A person's comes with the person's uuid and, if
    that was approved (`offline`), with what refreshes it.
    """
    given = await parameters(request)
    async with opened(request) as ctx, ctx.db.transaction():
        uid, secret = basic_credentials(request) or ("", "")
        client = await find_client(ctx, uid, lock=True)
        if client is None or not client.has_secret(secret):
            return refused("invalid_client")
        grant_type = given.get("grant_type")
        if not grant_type:
            return refused("invalid_request", "grant_type")
        if grant_type not in NEEDED:
            return refused("unsupported_grant_type")
        if grant_type == "client_credentials":
            return await _for_itself(ctx, client, secret)
        return await _for_somebody(ctx, client, {**given, "client_id": uid, "client_secret": secret}, origin(request))


async def _for_itself(ctx: Context, client: Client, secret: str) -> Response:
    if client.user_id is None:
        return refused("unauthorized_client")
    text, left = await own_token(ctx, client, secret, LIFETIME)
    return answered({"access_token": text, "token_type": "bearer", "expires_in": int(left.total_seconds())})


async def _for_somebody(ctx: Context, client: Client, given: dict[str, str], at: str) -> Response:
    body = await exchange(ctx, client, given, at, LIFETIME)
    if "error" in body:
        return refused(body["error"], body["name"])
    made = {name: body[name] for name in ("access_token", "expires_in", "scope")}
    made |= {"token_type": "bearer", "user_id": await uuid_of_holder(ctx, body["access_token"])}
    if OFFLINE in body["scope"].split():
        made["refresh_token"] = body["refresh_token"]
    return answered(made)
