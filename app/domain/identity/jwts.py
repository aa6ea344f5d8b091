"""JSON Web Tokens of an hour, each of which stands for an access token or for a browser's session.

A JWT is good as long as what it stands for is: who ends that, or is made inactive, ends the JWT with it. So it opens
exactly what the token opens, and nothing is believed of its claims but that. Signed with HS256, by the secret of the
settings or by one that the database keeps, so that all server processes know it.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import jwt
from sqlalchemy import select

from app.context import Context
from app.db.session import Database
from app.domain.identity.models import AccessToken, BrowserSession, OAuthClient, SigningKey, User
from app.domain.identity.sessions import session_of
from app.domain.identity.tokens import digest, holder_of
from app.domain.rows import insert_missing
from app.errors import TokenExpired, Unauthenticated
from app.principal import EMAIL, PROFILE, READ, WRITE, Principal

LIFETIME = timedelta(hours=1)
ALGORITHM = "HS256"
PURPOSE = "jwt"
VERSION = "1.2.0"
TOKEN, SESSION = "token", "session"
STANDS_FOR = re.compile(rf"({TOKEN}|{SESSION}):([0-9a-f]{{64}})")
NOT_VALID = "the JWT is not valid"
MAX_LENGTH = 4096
FORM = re.compile(r"([A-Za-z0-9_-]+)\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{43}")
HEADER = jwt.encode({}, "x" * 32, ALGORITHM).partition(".")[0]
"""The first part of every JWT that is made here: no other algorithm is even looked at."""
UNCLOCKED: Any = {"require": ["exp", "iat", "aud", "jti"], "verify_exp": False, "verify_iat": False}
"""The end of a JWT is compared with the request's instant."""
PERSON = (
    User.id,
    User.uuid,
    User.username,
    User.email,
    User.name,
    User.given_name,
    User.family_name,
    User.is_staff,
)


@dataclass(frozen=True, slots=True)
class Signing:
    """How an installation signs: its secret (empty: the database's), for whom, and under which name."""

    secret: str = field(repr=False)
    audience: str
    issuer: str = ""


async def signed(ctx: Context, claims: Mapping[str, Any], signing: Signing) -> str:
    """The claims as a JWT of this installation; within a transaction."""
    return jwt.encode(dict(claims), signing.secret or await _kept_secret(ctx), ALGORITHM)


async def jwt_of_token(ctx: Context, access_token: str, signing: Signing) -> str:
    """A JWT that stands for an access token that there is, and ends with it."""
    token = AccessToken.__table__.c
    same = token.digest == digest(access_token)
    statement = (
        select(*PERSON, token.scopes, token.expires_at, OAuthClient.organizations)
        .join(AccessToken, token.user_id == User.id)
        .join(OAuthClient, OAuthClient.id == token.client_id, isouter=True)
    )
    [row] = await ctx.db.fetch(statement.where(same))
    *person, scopes, expires_at, organizations = row
    stands_for = f"{TOKEN}:{digest(access_token)}"
    return await _issue(ctx, person, scopes, stands_for, expires_at, signing, organizations or ())


async def jwt_of_session(ctx: Context, cookie: str, signing: Signing) -> str | None:
    """A JWT that stands for a browser's session, and ends with it; None when nobody is signed in."""
    good = (BrowserSession.digest == digest(cookie), BrowserSession.expires_at > ctx.now, User.is_active)
    statement = select(*PERSON, BrowserSession.expires_at).join(BrowserSession, BrowserSession.user_id == User.id)
    rows = await ctx.db.fetch(statement.where(*good))
    if not rows:
        return None
    *person, expires_at = rows[0]
    scopes = [READ, WRITE, PROFILE, EMAIL]
    return await _issue(ctx, person, scopes, f"{SESSION}:{digest(cookie)}", expires_at, signing)


async def authenticate_jwt(db: Database, text: str, now: datetime, signing: Signing) -> Principal:
    """Who holds this JWT. Raises Unauthenticated, and what `holder_of` raises for the token that it stands for."""
    claims = await verified(db, text, signing)
    if not isinstance(claims["exp"], int) or claims["exp"] <= now.timestamp():
        raise TokenExpired(NOT_VALID)
    parts = STANDS_FOR.fullmatch(claims["jti"])
    if parts is None:
        raise Unauthenticated(NOT_VALID)
    kind, digest_of_text = parts.groups()
    if kind == TOKEN:
        return await holder_of(db, digest_of_text, now, is_delegated=True)
    person = await session_of(db, digest_of_text, now)
    if person is None:
        raise Unauthenticated(NOT_VALID)
    return person.whole_principal


async def verified(db: Database, text: str, signing: Signing) -> dict[str, Any]:
    """The claims of a JWT that this installation signed, for this audience. Raises Unauthenticated.

    There are `exp`, which is not compared, and `jti`, a text.
    """
    parts = FORM.fullmatch(text) if len(text) <= MAX_LENGTH else None
    if parts is None or parts[1] != HEADER:
        raise Unauthenticated(NOT_VALID)
    key = signing.secret or await _secret(db)
    if key is None:
        raise Unauthenticated(NOT_VALID)
    try:
        claims: dict[str, Any] = jwt.decode(text, key, [ALGORITHM], UNCLOCKED, audience=signing.audience)
    except jwt.InvalidTokenError:
        raise Unauthenticated(NOT_VALID) from None
    return claims


async def _issue(
    ctx: Context,
    person: list[Any],
    scopes: list[str],
    stands_for: str,
    end: datetime | None,
    signing: Signing,
    organizations: Sequence[str] = (),
) -> str:
    over = ctx.now + LIFETIME if end is None else min(end, ctx.now + LIFETIME)
    limits = [f"content_org:{key}" for key in organizations]
    claims = _claims(person, scopes) | {
        "filters": limits,
        "is_restricted": bool(limits),
        "aud": signing.audience,
        "iss": signing.issuer,
        "iat": int(ctx.now.timestamp()),
        "exp": int(over.timestamp()),
        "jti": stands_for,
    }
    return await signed(ctx, claims, signing)


def _claims(person: list[Any], scopes: list[str]) -> dict[str, Any]:
    """What a JWT tells of a person: the names with the scope `profile`, the e-mail address with `email`."""
    user_id, uuid, username, email, name, given_name, family_name, is_staff = person
    made: dict[str, Any] = {
        "sub": uuid,
        "user_id": user_id,
        "preferred_username": username,
        "scopes": scopes,
        "version": VERSION,
    }
    if EMAIL in scopes:
        made |= {"email": email or "", "email_verified": True}
    if PROFILE in scopes:
        made |= {
            "name": name or "",
            "given_name": given_name or "",
            "family_name": family_name or "",
            "administrator": is_staff,
            "superuser": is_staff,
        }
    return made


async def _secret(db: Database) -> str | None:
    """The secret that the database keeps, if it was needed yet."""
    rows = await db.fetch(select(SigningKey.secret).where(SigningKey.purpose == PURPOSE))
    return str(rows[0][0]) if rows else None


async def _kept_secret(ctx: Context) -> str:
    """The secret that the database keeps, made when it is first needed."""
    kept = await _secret(ctx.db)
    if kept is None:
        values = {"purpose": PURPOSE, "secret": secrets.token_urlsafe(32), "created_at": ctx.now}
        await insert_missing(ctx, SigningKey, [values])
        kept = await _secret(ctx.db)
    assert kept is not None
    return kept
