"""The device flow's own two endpoints, asked by devices without a browser (contracts/autolab.md §2.3)."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from app.context import Context
from app.domain.identity.clients import Client, find_client
from app.domain.identity.devices import Waiting, poll_device, start_device
from app.oauth.requests import answered, opened, origin, parameters

ACTIVATE, CALLBACK = "/activate", "/device_flow_auth_cb"
TEXTS = {
    Waiting.PENDING: "authorization_pending",
    Waiting.DENIED: "authorization denied by user",
    Waiting.GONE: "Invalid device_code. User may have denied access",
}


async def init(request: Request) -> Response:
    """A new request: a code for the device, one for its owner, and where the owner goes with it."""
    given = await parameters(request)
    async with opened(request) as ctx, ctx.db.transaction():
        client = await _client(ctx, given)
        if isinstance(client, Response):
            return client
        started = await start_device(ctx, client)
    codes = {"device_code": started.device_code, "user_code": started.user_code}
    return answered({**codes, "verification_uri": origin(request) + ACTIVATE})


async def poll(request: Request) -> Response:
    """The authorization code, once; or why there is none."""
    given = await parameters(request)
    async with opened(request) as ctx, ctx.db.transaction():
        client = await _client(ctx, given)
        if isinstance(client, Response):
            return client
        if not given.get("device_code"):
            return _refused("Required param 'device_code' not present")
        found = await poll_device(ctx, client, given["device_code"])
    return _refused(TEXTS[found]) if isinstance(found, Waiting) else answered({"code": found})


async def _client(ctx: Context, given: dict[str, str]) -> Client | Response:
    if not given.get("client_id"):
        return _refused("Required param 'client_id' not present")
    return await find_client(ctx, given["client_id"]) or _refused("Unrecognized client_id")


def _refused(text: str) -> Response:
    return answered({"error": text}, 400)
