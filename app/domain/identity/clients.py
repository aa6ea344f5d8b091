"""OAuth clients: programs that administrators register, and that people then let act for them."""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import select, update

from app.context import Context
from app.domain.identity.models import AccessToken, OAuthClient, User
from app.domain.identity.policy import may_administer
from app.domain.identity.tokens import digest
from app.domain.rows import insert_row, referred_row, update_row, visible_row
from app.domain.rules import fitted, is_control
from app.errors import RuleBroken, UserErrorCode
from app.principal import LIMITED_SCOPES, OAUTH_SCOPES

UID = re.compile(r"[A-Za-z0-9_-]{1,64}")
LOOPBACK = {"localhost", "127.0.0.1", "::1"}
MAX_URI = 2000


@dataclass(frozen=True, slots=True)
class Client:
    """A registered client that is not revoked."""

    id: int
    uid: str
    secret_digest: str | None = field(repr=False)
    name: str
    redirect_uris: Sequence[str]
    scopes: Sequence[str]
    user_id: int | None
    is_trusted: bool = False

    @property
    def client_id(self) -> str:
        """The uid, as OAuth calls it."""
        return self.uid

    @property
    def is_public(self) -> bool:
        """Whether the client has no secret, because it could not keep one."""
        return self.secret_digest is None

    def has_secret(self, secret: str) -> bool:
        """Whether this is exactly the client's secret."""
        return self.secret_digest is not None and hmac.compare_digest(digest(secret), self.secret_digest)


@dataclass(frozen=True, slots=True)
class IssuedClient:
    """A new client. `secret` is shown once and never again; public clients have none."""

    id: int
    uid: str
    secret: str | None = field(repr=False)


async def create_client(
    ctx: Context,
    name: str,
    *,
    redirect_uris: Sequence[str],
    scopes: Collection[str],
    is_public: bool = False,
    user_id: int | None = None,
    is_trusted: bool = False,
    organizations: Collection[str] = (),
) -> IssuedClient:
    """Register a client. `user_id` is whom it acts for by itself; `is_trusted`: it may exchange people's passwords.

    With `organizations` it is limited to what their keys name, and to the few scopes that can be limited so.

    Raises Forbidden unless an administrator asks; RuleBroken: REQUIRED or INVALID at `scopes`, INVALID at
    `redirectUris`, NOT_FOUND or INVALID at `userId`, INVALID at `isTrusted`, REQUIRED, INVALID, TOO_LONG at `name`.
    """
    may_administer(ctx)
    values = fitted(OAuthClient, {"name": name})
    _check_scopes(scopes, LIMITED_SCOPES if organizations else OAUTH_SCOPES)
    for uri in redirect_uris:
        _check_redirect_uri(uri)
    if user_id is not None:
        await referred_row(ctx, User, user_id, User.id, field="userId")
    for name, needs_secret in (("userId", user_id is not None), ("isTrusted", is_trusted)):
        if is_public and needs_secret:
            raise RuleBroken(UserErrorCode.INVALID, "a public client can neither act by itself nor be trusted", name)
    uid, secret = secrets.token_urlsafe(32), None if is_public else secrets.token_urlsafe(32)
    stored: dict[str, Any] = {
        "uid": uid,
        "secret_digest": None if secret is None else digest(secret),
        "redirect_uris": list(dict.fromkeys(redirect_uris)),
        "scopes": [scope for scope in OAUTH_SCOPES if scope in scopes],
        "user_id": user_id,
        "is_trusted": is_trusted,
        "organizations": sorted(set(organizations)),
        "created_at": ctx.now,
    }
    return IssuedClient(await insert_row(ctx, OAuthClient, {**values, **stored}), uid, secret)


async def revoke_client(ctx: Context, client_id: int) -> int:
    """End a client and all its tokens; the id. Ending it twice changes nothing. Raises NotFound, Forbidden."""
    may_administer(ctx)
    client = await visible_row(ctx, OAuthClient, client_id, OAuthClient.revoked_at, lock=True)
    if client.revoked_at is None:
        await update_row(ctx, OAuthClient, client_id, {"revoked_at": ctx.now})
        living = (AccessToken.client_id == client_id, AccessToken.revoked_at.is_(None))
        await ctx.db.execute(update(AccessToken).where(*living).values(revoked_at=ctx.now))
    return client_id


async def find_client(ctx: Context, uid: str | None, *, lock: bool = False) -> Client | None:
    """The client of this uid, unless there is none or it is revoked. With `lock` nobody can revoke it meanwhile."""
    if uid is None or not UID.fullmatch(uid):
        return None
    table = OAuthClient.__table__.c
    columns = (
        table.id,
        table.uid,
        table.secret_digest,
        table.name,
        table.redirect_uris,
        table.scopes,
        table.user_id,
        table.is_trusted,
    )
    statement = select(*columns).where(table.uid == uid, table.revoked_at.is_(None))
    rows = await ctx.db.fetch(statement.with_for_update(key_share=True) if lock else statement)
    return Client(*rows[0]) if rows else None


def _check_scopes(scopes: Collection[str], known: Sequence[str]) -> None:
    """Raise INVALID or REQUIRED unless there are some, and all are known."""
    if not scopes or not set(scopes) <= set(known):
        reason = UserErrorCode.INVALID if scopes else UserErrorCode.REQUIRED
        raise RuleBroken(reason, f"the scopes are {', '.join(known)}", "scopes")


def _check_redirect_uri(uri: str) -> None:
    """Raise INVALID unless it is an https URI, an http one of this machine itself, or one of a program's own scheme."""
    try:
        parts = urlsplit(uri)
        host = parts.hostname
        is_web = parts.scheme == "https" or (parts.scheme == "http" and host in LOOPBACK)
        is_own = "." in parts.scheme  # a private-use scheme is a domain name the other way round (RFC 8252, 7.1)
        is_right = (bool(host) and is_web) or is_own
    except ValueError:
        is_right = False
    if not is_right or "#" in uri or len(uri) > MAX_URI or any(is_control(each) or each.isspace() for each in uri):
        message = "not an absolute https URI without a fragment (http only for this machine itself)"
        raise RuleBroken(UserErrorCode.INVALID, message, "redirectUris")
