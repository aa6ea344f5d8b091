"""The person's side of the device flow: entering the code, and what becomes of the answer."""

from __future__ import annotations

from urllib.parse import urlencode

from starlette.responses import Response

from app.domain.identity.clients import find_client
from app.domain.identity.devices import answer_device, find_device_client
from app.errors import NotFound
from app.oauth.device import CALLBACK
from app.oauth.pages import filled
from app.oauth.visit import Visit, redirect
from app.web.pages import Html
from app.web.session import origin

USER_CODE = "user code"


async def activate(visit: Visit) -> Response:
    """The page that asks for the code."""
    visit.require_person()
    return _form(visit)


async def resolve(visit: Visit) -> Response:
    """From the code on to the client's consent page."""
    account = str(visit.require_person().user_id)
    if not await visit.throttle.admits(USER_CODE, account, visit.address):
        return visit.too_often()
    user_code = visit.given.get("user_code", "").strip()
    client = await find_client(visit.ctx, await find_device_client(visit.ctx, user_code))
    if client is None:
        await visit.throttle.failed(USER_CODE, visit.address)
        problem = filled("problem", text="No device waits with this code. Look at it again, capitals matter.")
        return _form(visit, 400, problem)
    await visit.throttle.succeeded(USER_CODE, account)
    asked = {
        "client_id": client.uid,
        "redirect_uri": origin(visit.request) + CALLBACK,
        "response_type": "code",
        "scope": " ".join(client.scopes),
        "state": user_code,
    }
    return redirect("/oauth/authorize?" + urlencode(asked))


async def store(visit: Visit) -> Response:
    """Note the answer for the device, which asks for it."""
    account = str(visit.require_person().user_id)
    if not await visit.throttle.admits(USER_CODE, account, visit.address):
        return visit.too_often()
    code = visit.given.get("code") if "error" not in visit.given else None
    if code is None and "error" not in visit.given:
        return visit.tell("Nothing was answered", "Start again on your device.", 400)
    try:
        async with visit.ctx.db.transaction():
            await answer_device(visit.ctx, visit.given.get("state", ""), code=code)
    except NotFound:
        await visit.throttle.failed(USER_CODE, visit.address)
        return visit.tell("The device does not wait any more", "Start again on your device.", 400)
    await visit.throttle.succeeded(USER_CODE, account)
    if code is None:
        return visit.tell("Denied", "The device was not signed in. You can close this page.")
    return visit.tell("Your device is signed in", "You can close this page and go back to your device.")


def _form(visit: Visit, status: int = 200, problem: Html = Html("")) -> Response:
    user_code = visit.given.get("user_code", "")
    return visit.show("activate", "Sign in a device", status, problem=problem, user_code=user_code)
