"""Who sees tokens, who may write at all. People are seen through groups and enrolments: app/domain/groups/policy.py.

The program itself (the command line, an import) acts as an administrator without an account.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, false, true

from app.context import Context
from app.domain.identity.models import (
    AccessToken,
    AuthorizationCode,
    BrowserSession,
    DataSource,
    DeviceRequest,
    OAuthClient,
    RegisteredDocument,
    SigningKey,
    UserProfile,
)
from app.errors import Forbidden, InsufficientScope
from app.policy import Viewing, visibility
from app.principal import WRITE


@visibility(DataSource)
def data_source_visible(viewing: Viewing) -> ColumnElement[bool]:
    """Everybody who is signed in: it is the name of a system."""
    return true()


@visibility(UserProfile)
def profile_visible(viewing: Viewing) -> ColumnElement[bool]:
    """One's own."""
    return UserProfile.user_id == viewing.principal.user_id


@visibility(AccessToken)
def token_visible(viewing: Viewing) -> ColumnElement[bool]:
    """One's own."""
    return AccessToken.user_id == viewing.principal.user_id


@visibility(OAuthClient)
def client_visible(viewing: Viewing) -> ColumnElement[bool]:
    """Nobody's but the administrators'."""
    return false()


@visibility(AuthorizationCode)
def code_visible(viewing: Viewing) -> ColumnElement[bool]:
    """One's own."""
    return AuthorizationCode.user_id == viewing.principal.user_id


@visibility(DeviceRequest)
def device_visible(viewing: Viewing) -> ColumnElement[bool]:
    """Nobody's: who holds one of its codes may ask for it."""
    return false()


@visibility(RegisteredDocument)
def document_visible(viewing: Viewing) -> ColumnElement[bool]:
    """Nobody's but the administrators'; whoever knows the digest of one may ask for it."""
    return false()


@visibility(SigningKey)
def signing_key_visible(viewing: Viewing) -> ColumnElement[bool]:
    """Nobody's: the server alone reads it."""
    return false()


@visibility(BrowserSession)
def session_visible(viewing: Viewing) -> ColumnElement[bool]:
    """One's own."""
    return BrowserSession.user_id == viewing.principal.user_id


def may_write(ctx: Context) -> None:
    """Raise Unauthenticated when nobody is signed in, InsufficientScope when the token may not write."""
    if not ctx.principal.is_admin:
        _ = ctx.user_id
    if WRITE not in ctx.principal.scopes:
        raise InsufficientScope("the access token lacks the scope `write`")


def may_administer(ctx: Context) -> None:
    """Raise unless an institution administrator asks, or the program itself."""
    may_write(ctx)
    if not ctx.principal.is_admin:
        raise Forbidden("only an institution administrator may do this")


def may_act_for(ctx: Context, user_id: int) -> None:
    """Raise unless the caller is that person or an administrator."""
    may_write(ctx)
    if not ctx.principal.is_admin and ctx.principal.user_id != user_id:
        raise Forbidden("only the person and institution administrators may do this")
