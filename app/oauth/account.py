"""Signing in and out, and the page of one's tokens."""

from __future__ import annotations

from datetime import datetime

from starlette.responses import Response

from app.domain.identity.passwords import find_by_password
from app.domain.identity.sessions import close_session, open_session
from app.domain.identity.tokens import list_living, revoke_token
from app.errors import NotFound
from app.oauth.pages import each, filled
from app.oauth.visit import HOME, Visit, keep, local, redirect
from app.rates import PASSWORD
from app.web.pages import Html
from app.web.session import COOKIE

WRONG = "There is nobody with this name and this password."


async def sign_in_page(visit: Visit) -> Response:
    """The form; GET."""
    return _form(visit)


async def sign_in(visit: Visit) -> Response:
    """Sign in, and on to where the person wanted to go; POST. The browser gets a new session's text."""
    visit.check_form()
    login = visit.given.get("login", "").strip()
    if not await visit.throttle.admits(PASSWORD, login, visit.address):
        return visit.too_often()
    user_id = await find_by_password(visit.ctx, login, password=visit.given.get("password", ""))
    if user_id is None:
        await visit.throttle.failed(PASSWORD, visit.address)
        return _form(visit, 403, filled("problem", text=WRONG))
    await visit.throttle.succeeded(PASSWORD, login)
    async with visit.ctx.db.transaction():
        await close_session(visit.ctx, visit.cookie)
        cookie = await open_session(visit.ctx, user_id)
    return keep(redirect(local(visit.given.get("next"))), visit.request, cookie)


async def sign_out(visit: Visit) -> Response:
    """Sign out; POST."""
    visit.check_form()
    async with visit.ctx.db.transaction():
        await close_session(visit.ctx, visit.cookie)
    response = redirect("/login")
    response.delete_cookie(COOKIE, httponly=True, samesite="lax")
    return response


async def tokens_page(visit: Visit) -> Response:
    """One's tokens; GET."""
    visit.require_person()
    found = [
        {
            "token_id": token.id,
            "name": token.name,
            "prefix": token.prefix,
            "scopes": ", ".join(token.scopes),
            "created": _moment(token.created_at),
            "used": _moment(token.last_used_at),
            "expires": _moment(token.expires_at),
            "csrf": visit.csrf,
        }
        for token in await list_living(visit.ctx)
    ]
    if not found:
        return visit.tell("Your tokens", "No program acts for you at present.")
    return visit.show("tokens", "Your tokens", rows=each("token", found))


async def end_token(visit: Visit) -> Response:
    """End one of one's tokens; POST."""
    visit.require_person()
    visit.check_form()
    text = visit.given.get("token_id", "")
    try:
        async with visit.ctx.db.transaction():
            await revoke_token(visit.ctx, token_id=int(text) if text.isascii() and text.isdecimal() else 0)
    except NotFound:
        return visit.tell("No such token", "It may have ended already.", 404)
    return redirect(HOME)


def _form(visit: Visit, status: int = 200, problem: Html = Html("")) -> Response:
    login, following = visit.given.get("login", ""), local(visit.given.get("next"))
    return visit.show("login", "Sign in", status, problem=problem, login=login, next=following)


def _moment(instant: datetime | None) -> str:
    return "never" if instant is None else f"{instant:%Y-%m-%d %H:%M} UTC"
