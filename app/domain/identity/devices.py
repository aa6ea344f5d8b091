"""Devices without a browser: they show a code, a person enters it elsewhere (contracts/autolab.md §2.3)."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from typing import Any

from sqlalchemy import delete, select

from app.context import Context
from app.domain.identity.clients import Client
from app.domain.identity.grants import renew_code
from app.domain.identity.models import AuthorizationCode, DeviceRequest, OAuthClient
from app.domain.identity.tokens import ALPHABET, digest
from app.domain.rows import insert_row, update_row
from app.errors import NotFound

LIFETIME = timedelta(minutes=15)
DEVICE_BYTES, USER_LENGTH = 32, 6
USER_CODE = re.compile(r"[A-Za-z0-9]{6}")


class Waiting(Enum):
    """Why a device has no authorization code (yet)."""

    PENDING = "not answered yet"
    DENIED = "denied just now"
    GONE = "unknown, consumed, denied earlier or too old"


@dataclass(frozen=True, slots=True)
class StartedDevice:
    """A new request: what the device keeps, and what its owner types."""

    device_code: str
    user_code: str


async def start_device(ctx: Context, client: Client) -> StartedDevice:
    """A new request of 15 minutes."""
    started = StartedDevice(
        secrets.token_hex(DEVICE_BYTES), "".join(secrets.choice(ALPHABET) for _ in range(USER_LENGTH))
    )
    values = {"device_digest": digest(started.device_code), "user_code": started.user_code, "client_id": client.id}
    moments = {"created_at": ctx.now, "expires_at": ctx.now + LIFETIME}
    await insert_row(ctx, DeviceRequest, {**values, **moments})
    return started


async def find_device_client(ctx: Context, user_code: str) -> str | None:
    """The uid of the client whose device shows this code and waits; None when there is none."""
    found = await _waiting(ctx, user_code)
    return None if found is None else found.uid


async def answer_device(ctx: Context, user_code: str, *, code: str | None) -> None:
    """Note the signed-in person's answer: the authorization code of their approval, or None for a denial.

    Raises NotFound when no device waits with this user code, or the authorization code is not this person's for it.
    """
    user_id = ctx.user_id
    request = await _waiting(ctx, user_code, lock=True)
    if request is None:
        raise NotFound("no device waits with this code")
    if code is None:
        await update_row(ctx, DeviceRequest, request.id, {"denied_at": ctx.now})
        return
    own = (AuthorizationCode.user_id == user_id, AuthorizationCode.client_id == request.client_id)
    good = (AuthorizationCode.used_at.is_(None), AuthorizationCode.expires_at > ctx.now)
    found = select(AuthorizationCode.id).where(AuthorizationCode.digest == digest(code), *own, *good)
    code_id = await ctx.db.scalar(found)
    if code_id is None:
        raise NotFound("no such authorization code")
    await update_row(ctx, DeviceRequest, request.id, {"code_id": code_id})


async def poll_device(ctx: Context, client: Client, device_code: str) -> str | Waiting:
    """The authorization code, or why there is none. An answered request is gone when its answer was told."""
    request = DeviceRequest.__table__.c
    statement = select(request.id, request.code_id, request.denied_at).where(
        request.device_digest == digest(device_code), request.client_id == client.id, request.expires_at > ctx.now
    )
    rows = await ctx.db.fetch(statement.with_for_update())
    if not rows:
        return Waiting.GONE
    request_id, code_id, denied_at = rows[0]
    if code_id is None and denied_at is None:
        return Waiting.PENDING
    await ctx.db.execute(delete(DeviceRequest).where(DeviceRequest.id == request_id))
    return Waiting.DENIED if denied_at is not None else await renew_code(ctx, code_id)


async def _waiting(ctx: Context, user_code: str, *, lock: bool = False) -> Any:
    if not USER_CODE.fullmatch(user_code):
        return None
    request = DeviceRequest.__table__.c
    statement = (
        select(request.id, request.client_id, OAuthClient.uid)
        .join(OAuthClient, OAuthClient.id == request.client_id)
        .where(request.user_code == user_code, request.expires_at > ctx.now, OAuthClient.revoked_at.is_(None))
        .where(request.code_id.is_(None), request.denied_at.is_(None))
    )
    rows = await ctx.db.fetch(statement.with_for_update(of=DeviceRequest) if lock else statement)
    return rows[0] if rows else None
