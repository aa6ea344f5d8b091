"""A browser's visit to a page: who is signed in, the token of its forms, what is shown."""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from app.context import Context
from app.domain.identity.sessions import LIFETIME, SignedIn, find_session
from app.oauth.pages import filled
from app.oauth.requests import address, opened, parameters
from app.rates import Throttle
from app.web.pages import Html, written
from app.web.session import COOKIE, form_token

TEXT = re.compile(r"[A-Za-z0-9_-]{43}")
LOCAL = re.compile(r"/([^/\\\x00-\x20][^\\\x00-\x20]*)?")
HOME = "/account/tokens"


class Diverted(Exception):
    """Something else is answered than what was asked for."""

    def __init__(self, response: Response) -> None:
        super().__init__()
        self.response = response


class Visit:
    """One request of a browser. `cookie` is the text of its session, even before somebody signs in."""

    def __init__(self, request: Request, ctx: Context, cookie: str, given: dict[str, str]) -> None:
        self.request, self.ctx, self.cookie, self.given = request, ctx, cookie, given
        self.person: SignedIn | None = None

    async def recognise(self) -> None:
        """Find out who is signed in."""
        self.person = await find_session(self.ctx, self.cookie)
        if self.person is not None:
            self.ctx = Context(self.person.principal, self.ctx.db, self.ctx.clock)

    @property
    def throttle(self) -> Throttle:
        """The application's."""
        found: Throttle = self.request.app.state.throttle
        return found

    @property
    def address(self) -> str:
        """The client's network address."""
        return address(self.request)

    @property
    def csrf(self) -> str:
        """The token of this browser's forms: nobody else can make it."""
        return form_token(self.cookie)

    def show(self, name: str, title: str, status: int = 200, /, target: str | None = None, **values: Any) -> Response:
        """A page; `target` is where its form may lead beside this site."""
        person = filled("person", csrf=self.csrf, username=self.person.username) if self.person else Html("")
        return written(filled(name, csrf=self.csrf, **values), title, status, aside=person, target=target)

    def tell(self, title: str, text: str, status: int = 200) -> Response:
        """A page that says one thing."""
        return self.show("message", title, status, text=text)

    def too_often(self) -> Response:
        """The answer to guessing."""
        response = self.tell("Too many tries", "Wait five minutes, then try again.", 429)
        response.headers["Retry-After"] = "300"
        return response

    def require_person(self) -> SignedIn:
        """Who is signed in. Raises Diverted to the sign-in page, and from there back, when nobody is."""
        if self.person is None:
            query = self.request.scope["query_string"].decode("latin-1")
            here = self.request.url.path + (f"?{query}" if query else "")
            raise Diverted(redirect("/login?" + urlencode({"next": here})))
        return self.person

    def check_form(self) -> None:
        """Raises Diverted unless the form was written for this browser."""
        if not hmac.compare_digest(self.given.get("csrf", "").encode(errors="replace"), self.csrf.encode()):
            text = "The form is too old, or was not made here. Go back, reload the page and try again."
            raise Diverted(self.tell("Please try again", text, 403))


def redirect(url: str) -> Response:
    """See there."""
    return RedirectResponse(url, 302, {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"})


def local(path: str | None) -> str:
    """The path, if it leads to a page of this site; the page of tokens otherwise."""
    return path if path and LOCAL.fullmatch(path) else HOME


def keep(response: Response, request: Request, cookie: str) -> Response:
    """Have the browser keep the session's text."""
    is_secure = request.scope["scheme"] == "https"
    age = int(LIFETIME.total_seconds())
    response.set_cookie(COOKIE, cookie, max_age=age, httponly=True, samesite="lax", secure=is_secure)
    return response


def visited(handler: Callable[[Visit], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
    """The handler of visits as an endpoint.

    A browser that sends no cookie gets one, but not for a form: another site's comes without the cookie that is there.
    """

    async def endpoint(request: Request) -> Response:
        given = await parameters(request)
        kept = request.cookies.get(COOKIE, "")
        is_known = TEXT.fullmatch(kept) is not None
        async with opened(request) as ctx:
            visit = Visit(request, ctx, kept if is_known else secrets.token_urlsafe(32), given)
            await visit.recognise()
            try:
                response = await handler(visit)
            except Diverted as diverted:
                response = diverted.response
        new = "set-cookie" not in response.headers and not is_known and request.method == "GET"
        return keep(response, request, visit.cookie) if new else response

    return endpoint
