"""Access tokens: `cgp_` (personal) or `cgo_` (OAuth), 32 random letters and digits, and 6 more that check them.

The checksum tells a mistyped token from an unknown one without asking the database, and lets scanners find leaked
tokens. Only the SHA-256 of a token is kept.
"""

from __future__ import annotations

import hmac
import re
import secrets
import string
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from typing import Any
from zlib import crc32

from sqlalchemy import Dialect, String, or_, select, update
from sqlalchemy.exc import OperationalError

from app.context import Context
from app.db.compiled import Read, compile_read, given
from app.db.session import Database
from app.domain.identity.models import AccessToken, OAuthClient, User
from app.domain.identity.policy import may_act_for, may_write
from app.domain.rows import insert_row, update_row, visible_row
from app.domain.rules import fitted
from app.errors import (
    ConfigurationError,
    Forbidden,
    InsufficientScope,
    PersonInactive,
    RuleBroken,
    TokenExpired,
    TokenRevoked,
    Unauthenticated,
    UserErrorCode,
)
from app.principal import OAUTH_SCOPES, SCOPES, Principal

PERSONAL, OAUTH, REFRESH = "cgp_", "cgo_", "cgr_"
ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase
RANDOM_LENGTH, CHECKSUM_LENGTH = 32, 6
SHOWN_LENGTH = 10
TOKEN = re.compile(rf"(?:{PERSONAL}|{OAUTH})([0-9A-Za-z]{{{RANDOM_LENGTH}}})([0-9A-Za-z]{{{CHECKSUM_LENGTH}}})")
NOT_VALID = "the access token is not valid"
USE_NOTED_EVERY = timedelta(minutes=1)
DURATION = re.compile(r"([1-9][0-9]{0,3})([mhdw])")
UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """A new token. `text` is shown once and never again."""

    id: int
    text: str = field(repr=False)


async def issue_token(
    ctx: Context,
    *,
    name: str,
    user_id: int | None = None,
    scopes: Collection[str] | None = None,
    expires_at: datetime | None = None,
    is_registered_only: bool = False,
) -> IssuedToken:
    """A new token for oneself or, by an administrator, for anybody; with the maker's scopes unless fewer are named.

    `is_registered_only`: it opens nothing but registered documents, as every token that such a token makes. OAuth
    clients make none: it would outlive the person's approval.

    Raises InsufficientScope when the maker's token lacks a scope; NotFound, Forbidden; RuleBroken: INVALID or REQUIRED
    at `scopes`, OUT_OF_RANGE at `expiresAt`, REQUIRED, INVALID, TOO_LONG at `name`.
    """
    may_write(ctx)
    if ctx.principal.is_delegated:
        raise Forbidden("a program that acts for somebody cannot make tokens")
    owner = ctx.user_id if user_id is None else user_id
    await visible_row(ctx, User, owner, User.id)
    may_act_for(ctx, owner)
    values = fitted(AccessToken, {"name": name, "expires_at": expires_at})
    if values["expires_at"] is not None and values["expires_at"] <= ctx.now:
        raise RuleBroken(UserErrorCode.OUT_OF_RANGE, "already over", "expiresAt")
    granted = _granted(ctx, scopes)
    text = new_text(PERSONAL)
    stored = {
        "user_id": owner,
        "prefix": text[:SHOWN_LENGTH],
        "digest": digest(text),
        "scopes": granted,
        "is_registered_only": is_registered_only or ctx.principal.is_registered_only,
    }
    return IssuedToken(await insert_row(ctx, AccessToken, {**values, **stored, "created_at": ctx.now}), text)


async def revoke_token(ctx: Context, *, token_id: int) -> int:
    """End a token of one's own or, by an administrator, anybody's; the id. Ending it twice changes nothing.

    With an OAuth token all tokens of the same approval end.
    """
    may_write(ctx)
    token = await visible_row(ctx, AccessToken, token_id, AccessToken.revoked_at, AccessToken.family, lock=True)
    if token.revoked_at is None:
        await update_row(ctx, AccessToken, token_id, {"revoked_at": ctx.now})
    if token.family is not None:
        await end_family(ctx, token.family)
    return token_id


async def list_living(ctx: Context) -> Any:
    """One's own tokens that are not revoked and can still be used or refreshed, the newest first."""
    token = AccessToken.__table__.c
    columns = (token.id, token.name, token.prefix, token.scopes, token.created_at, token.last_used_at, token.expires_at)
    lasting = or_(token.expires_at.is_(None), token.expires_at > ctx.now, token.refresh_digest.is_not(None))
    own = (token.user_id == ctx.user_id, token.revoked_at.is_(None), lasting)
    return await ctx.db.fetch(select(*columns).where(*own).order_by(token.id.desc()))


async def end_family(ctx: Context, family: str) -> None:
    """End all tokens that come from one approval."""
    living = (AccessToken.family == family, AccessToken.revoked_at.is_(None))
    await ctx.db.execute(update(AccessToken).where(*living).values(revoked_at=ctx.now))


async def authenticate(db: Database, text: str, now: datetime) -> Principal:
    """Who holds this token. Text that is no token is refused before any SQL. Raises as `holder_of`."""
    if not is_token(text):
        raise Unauthenticated(NOT_VALID)
    return await holder_of(db, digest(text), now, is_delegated=text.startswith(OAUTH))


async def holder_of(db: Database, digest_of_text: str, now: datetime, *, is_delegated: bool) -> Principal:
    """Who holds the token with this digest.

    Raises Unauthenticated, TokenRevoked, TokenExpired, PersonInactive, all with the same message. Comes before every
    use case and outside of a transaction: the use is noted in one of its own, once a minute.
    """
    rows = await db.read(_holder(db.sqlalchemy_dialect), {"digest": digest_of_text})
    if not rows:
        raise Unauthenticated(NOT_VALID)
    [row] = rows
    token_id, user_id, scopes, expires_at, revoked_at, last_used_at, replaces_id, *others = row
    client_id, is_staff, is_registered_only, is_active, organizations = others
    if revoked_at is not None:
        raise TokenRevoked(NOT_VALID)
    if expires_at is not None and expires_at <= now:
        raise TokenExpired(NOT_VALID)
    if not is_active:
        raise PersonInactive(NOT_VALID)
    if last_used_at is None or last_used_at <= now - USE_NOTED_EVERY:
        await _note_use(db, token_id, replaces_id if last_used_at is None else None, now)
    granted = frozenset(scopes) & frozenset(OAUTH_SCOPES)
    return Principal.of(
        user_id,
        is_staff=is_staff,
        scopes=granted,
        is_delegated=is_delegated,
        client_id=client_id,
        is_registered_only=is_registered_only,
        organizations=frozenset(organizations or ()),
    )


@lru_cache(maxsize=4)
def _holder(dialect: Dialect) -> Read:
    """The statement that every signed-in request begins with."""
    token = AccessToken.__table__.c
    statement: Any = (
        select(
            token.id,
            token.user_id,
            token.scopes,
            token.expires_at,
            token.revoked_at,
            token.last_used_at,
            token.replaces_id,
            token.client_id,
            User.is_staff,
            token.is_registered_only,
            User.is_active,
            OAuthClient.organizations,
        )
        .select_from(AccessToken)
        .join(User, User.id == token.user_id)
        .join(OAuthClient, OAuthClient.id == token.client_id, isouter=True)
        .where(token.digest == given("digest", String()))
    )
    return compile_read(statement, dialect)


async def _note_use(db: Database, token_id: int, replaces_id: int | None, now: datetime) -> None:
    """Note the use of a token; the pair that it replaces ends with the first."""
    stale = or_(AccessToken.last_used_at.is_(None), AccessToken.last_used_at <= now - USE_NOTED_EVERY)
    try:
        async with db.transaction():
            await db.execute(update(AccessToken).where(AccessToken.id == token_id, stale).values(last_used_at=now))
            if replaces_id is not None:
                replaced = (AccessToken.id == replaces_id, AccessToken.revoked_at.is_(None))
                await db.execute(update(AccessToken).where(*replaced).values(revoked_at=now))
    except OperationalError:
        return  # somebody writes for long: knowing the last use is not worth refusing to read


def is_token(text: str) -> bool:
    """Whether a text has the form of a token, checksum included."""
    parts = TOKEN.fullmatch(text)
    return parts is not None and _checksum(parts[1]) == parts[2]


def parse_duration(text: str) -> timedelta:
    """How long `90d`, `12h`, `30m` or `2w` is. Raises ConfigurationError."""
    parts = DURATION.fullmatch(text)
    if parts is None:
        raise ConfigurationError(f"{text!r} is not a duration: write a number and m, h, d or w, such as 90d")
    return timedelta(**{UNITS[parts[2]]: int(parts[1])})


def _granted(ctx: Context, scopes: Collection[str] | None) -> list[str]:
    wanted = set(ctx.principal.scopes if scopes is None else scopes)
    if not wanted:
        raise RuleBroken(UserErrorCode.REQUIRED, "a token needs at least one scope", "scopes")
    for scope in sorted(wanted):
        if scope not in SCOPES:
            raise RuleBroken(UserErrorCode.INVALID, f"the scopes are {', '.join(SCOPES)}", "scopes")
        if scope not in ctx.principal.scopes:
            raise InsufficientScope(f"the access token lacks the scope `{scope}`, so it cannot give it")
    return [scope for scope in SCOPES if scope in wanted]


def new_text(prefix: str) -> str:
    """A new secret: the prefix, 32 random letters and digits, 6 that check them."""
    random = "".join(secrets.choice(ALPHABET) for _ in range(RANDOM_LENGTH))
    return prefix + random + _checksum(random)


def derived_text(prefix: str, secret: str, of: str) -> str:
    """The secret that follows from another one and from what it is for; without that one nobody can make it."""
    rest, letters = int.from_bytes(hmac.digest(secret.encode(), of.encode(), "sha256")), ""
    for _ in range(RANDOM_LENGTH):
        rest, place = divmod(rest, len(ALPHABET))
        letters += ALPHABET[place]
    return prefix + letters + _checksum(letters)


def _checksum(random: str) -> str:
    rest, letters = crc32(random.encode()), ""
    for _ in range(CHECKSUM_LENGTH):
        rest, place = divmod(rest, len(ALPHABET))
        letters = ALPHABET[place] + letters
    return letters


def digest(text: str) -> str:
    """What is kept of a secret: its SHA-256, as 64 hexadecimal digits."""
    return sha256(text.encode(errors="surrogatepass")).hexdigest()
