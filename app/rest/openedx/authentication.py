"""Who asks: by a JWT, an access token, a browser's session, or the servers' key (contracts/edx-core.md §0.2)."""

from __future__ import annotations

import hmac

from starlette.requests import Request

from app.context import Context
from app.db.session import Database
from app.domain.identity.jwts import Signing, authenticate_jwt
from app.domain.identity.sessions import find_session
from app.domain.identity.tokens import authenticate as of_token
from app.errors import PersonInactive, TokenExpired, Unauthenticated
from app.principal import Principal
from app.rest.openedx.refusals import BadToken, Refused
from app.web.session import COOKIE, csrf_flaw

READABLE, SIGNATURE = "edx-jwt-cookie-header-payload", "edx-jwt-cookie-signature"
KEY = "X-Edx-Api-Key"
SAFE = {"GET", "HEAD", "OPTIONS"}
REASONS = {
    "token_not_provided": "Invalid token header. No credentials provided.",
    "token_malformed": "Invalid token header. Token string should not contain spaces.",
    "token_nonexistent": "The provided access token does not match any valid tokens.",
    "token_expired": "The provided access token has expired and is no longer valid.",
    "user_is_disabled": "The user is inactive or deleted.",
}


async def authenticate(request: Request, db: Database, *, by_key: bool = False) -> Principal:
    """Whoever the first of these names: `Authorization`, the cookies of a browser; nobody without any of them.

    `by_key`: another server's key counts for the program itself, where nobody is named. Raises BadToken; Refused 403
    for what a browser sends that may be another site's doing.
    """
    scheme, _, text = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() in ("jwt", "bearer"):
        return await _of_header(request, db, scheme.lower(), text.strip())
    found = await _of_cookies(request, db)
    if found is None:
        return Principal.program if by_key and _has_key(request) else Principal.anonymous
    flaw = None if request.method in SAFE else csrf_flaw(request)
    if flaw is not None:
        raise Refused(403, body={"detail": f"CSRF Failed: {flaw}"})
    return found


async def _of_header(request: Request, db: Database, scheme: str, text: str) -> Principal:
    if not text:
        raise _bad("token_not_provided")
    if " " in text:
        raise _bad("token_malformed")
    try:
        return await _holder(request, db, scheme, text)
    except TokenExpired:
        raise _bad("token_expired") from None
    except PersonInactive:
        raise _bad("user_is_disabled") from None
    except Unauthenticated:
        raise _bad("token_nonexistent") from None


async def _holder(request: Request, db: Database, scheme: str, text: str) -> Principal:
    now, settings = request.app.state.clock(), request.app.state.settings
    if scheme == "bearer":
        return await of_token(db, text, now)
    signing = Signing(settings.openedx_jwt_secret, settings.openedx_jwt_audience)
    return await authenticate_jwt(db, text, now, signing)


async def _of_cookies(request: Request, db: Database) -> Principal | None:
    """The person of the session; without one, and if `USE-JWT-COOKIE` says so, of the two cookies that make a JWT."""
    text = request.cookies.get(COOKIE)
    if text is not None:
        person = await find_session(Context(Principal.anonymous, db, request.app.state.clock), text)
        if person is None:
            return None
        request.state.masks = person.masks
        return person.whole_principal
    if request.headers.get("use-jwt-cookie", "").lower() != "true" or READABLE not in request.cookies:
        return None
    both = f"{request.cookies[READABLE]}.{request.cookies.get(SIGNATURE, '')}"
    try:
        return await _holder(request, db, "jwt", both)
    except Unauthenticated:
        return None


def _has_key(request: Request) -> bool:
    """Whether the servers' key was sent; there may be none."""
    key, given = request.app.state.settings.openedx_api_key, request.headers.get(KEY, "")
    return bool(key) and hmac.compare_digest(given.encode(errors="replace"), key.encode())


def _bad(code: str) -> BadToken:
    return BadToken(code, REASONS[code])
