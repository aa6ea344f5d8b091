"""A browser's session: the cookie that holds its text, and for which requests it counts."""

from __future__ import annotations

import hmac
import re
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection

from app.context import Context
from app.domain.identity.sessions import find_session
from app.domain.identity.tokens import digest
from app.errors import ForeignOrigin
from app.principal import Principal
from app.settings import Settings

COOKIE = "campusgraph_session"
CSRF_COOKIE, CSRF_HEADER = "csrftoken", "X-CSRFToken"
HOST = re.compile(r"[A-Za-z0-9.-]+(:[0-9]{1,5})?|\[[0-9A-Fa-f:.]+\](:[0-9]{1,5})?")
SCHEMES = {"ws": "http", "wss": "https"}


def origin(connection: HTTPConnection) -> str:
    """Scheme, host and port as the client wrote them, such as `https://campus.example.edu`."""
    scheme, host = connection.scope["scheme"], connection.headers.get("host", "")
    return f"{SCHEMES.get(scheme, scheme)}://{host if HOST.fullmatch(host) else 'localhost'}"


def is_ours(connection: HTTPConnection) -> bool:
    """Whether a page of this site asks, or of one that it trusts, in the browser's own words, which no page can change.

    `Sec-Fetch-Site` says it; browsers that do not send it, as to a site without TLS, send `Origin`.
    """
    site, named = connection.headers.get("sec-fetch-site"), connection.headers.get("origin")
    if named in _trusted(connection):
        return True
    return named == origin(connection) if site is None else site == "same-origin"


def _trusted(connection: HTTPConnection) -> frozenset[str]:
    settings: Settings = connection.app.state.settings
    return settings.origins


async def visitor(connection: HTTPConnection, ctx: Context) -> Principal:
    """Who has signed in with the browser; nobody without a session. Raises ForeignOrigin.

    The browser sends the cookie whoever made it ask: so it counts only where a page of this site did.
    """
    text = connection.cookies.get(COOKIE)
    if text is None:
        return Principal.anonymous
    if not is_ours(connection):
        raise ForeignOrigin("the session counts for requests of this site's own pages: send an access token")
    person = await find_session(ctx, text)
    return Principal.anonymous if person is None else person.principal


def form_token(cookie: str) -> str:
    """What proves that a form or a script was given out to the browser with this session: nobody else can make it."""
    return digest("csrf " + cookie)


def csrf_flaw(connection: HTTPConnection) -> str | None:
    """Why a script's unsafe request does not count as the session's own; None when it does.

    `X-CSRFToken` and the cookie `csrftoken` must both be the session's token; with TLS a page of this site,
    or of one that it trusts, must ask.
    """
    if connection.scope["scheme"] == "https" and not _is_from_here(connection):
        return "Referer checking failed: no page of this site asks."
    expected = form_token(connection.cookies.get(COOKIE, ""))
    if COOKIE not in connection.cookies or CSRF_COOKIE not in connection.cookies:
        return "CSRF cookie not set."
    if CSRF_HEADER not in connection.headers:
        return "CSRF token missing."
    if not _same(connection.cookies[CSRF_COOKIE], expected) or not _same(connection.headers[CSRF_HEADER], expected):
        return "CSRF token incorrect."
    return None


def _is_from_here(connection: HTTPConnection) -> bool:
    """Whether `Origin`, or else `Referer`, is of this site or of one that it trusts."""
    found = connection.headers.get("origin")
    if found is None:
        try:
            parts = urlsplit(connection.headers.get("referer", ""))
        except ValueError:
            return False
        found = f"{parts.scheme}://{parts.netloc}"
    return found == origin(connection) or found in _trusted(connection)


def _same(given: str, expected: str) -> bool:
    return hmac.compare_digest(given.encode(errors="replace"), expected.encode())
