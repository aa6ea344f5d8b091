"""The device flow's own two endpoints, asked by devices without a browser (contracts/autolab.md §2.3)."""

from __future__ import annotations

from math import ceil

from limits import RateLimitItemPerSecond
from starlette.requests import Request
from starlette.responses import Response

from app.context import Context
from app.domain.identity.clients import Client, find_client
from app.domain.identity.devices import Waiting, poll_device, start_device
from app.oauth.requests import address, answered, opened, parameters
from app.web.session import origin

ACTIVATE, CALLBACK = "/activate", "/device_flow_auth_cb"
POLL_SECONDS = 5
TEXTS = {
    Waiting.PENDING: "authorization_pending",
    Waiting.DENIED: "authorization denied by user",
    Waiting.GONE: "Invalid device_code. User may have denied access",
}


async def init(request: Request) -> Response:
    """A new request: a code for the device, one for its owner, and where the owner goes with it."""
    given = await parameters(request)
    seconds = request.app.state.settings.device_start_seconds
    if seconds and (refused := await _too_often(request, seconds, "start of a device", address(request))):
        return refused
    async with opened(request) as ctx, ctx.db.transaction():
        client = await _client(ctx, given)
        if isinstance(client, Response):
            return client
        started = await start_device(ctx, client)
    codes = {"device_code": started.device_code, "user_code": started.user_code}
    return answered({**codes, "verification_uri": origin(request) + ACTIVATE})


async def poll(request: Request) -> Response:
    """The authorization code, once; or why there is none.

    A limit is for each device by itself, however many stand behind one address, and a second shorter than it says: who
    asks every five seconds is never refused, because Autolab's client takes that for a denial.
    """
    given = await parameters(request)
    seconds = min(request.app.state.settings.device_poll_seconds, POLL_SECONDS)
    asked = ("question of a device", address(request), given.get("device_code", ""))
    if seconds and (refused := await _too_often(request, max(seconds - 1, 1), *asked)):
        return refused
    async with opened(request) as ctx, ctx.db.transaction():
        client = await _client(ctx, given)
        if isinstance(client, Response):
            return client
        if not given.get("device_code"):
            return _refused("Required param 'device_code' not present")
        found = await poll_device(ctx, client, given["device_code"])
    return _refused(TEXTS[found]) if isinstance(found, Waiting) else answered({"code": found})


async def _too_often(request: Request, seconds: int, *names: str) -> Response | None:
    """The refusal of a second request within so many seconds; None for the first."""
    limit, rates = RateLimitItemPerSecond(1, seconds), request.app.state.rates
    if await rates.hit(limit, *names):
        return None
    reset_time = (await rates.stats(limit, *names)).reset_time
    told = {"Limit": limit.amount, "Remaining": 0, "Reset": ceil(reset_time)}
    headers = {f"X-RateLimit-{name}": str(value) for name, value in told.items()}
    return answered({"error": "Too Many Requests. Retry Later."}, 429, headers)


async def _client(ctx: Context, given: dict[str, str]) -> Client | Response:
    if not given.get("client_id"):
        return _refused("Required param 'client_id' not present")
    return await find_client(ctx, given["client_id"]) or _refused("Unrecognized client_id")


def _refused(text: str) -> Response:
    return answered({"error": text}, 400)
