"""Passwords, kept as Argon2 hashes."""

from __future__ import annotations

import asyncio
from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import func, or_, select

from app.context import Context
from app.domain.identity.models import User
from app.domain.rules import is_control
from app.errors import ConfigurationError, RuleBroken, UserErrorCode

MIN_LENGTH, MAX_LENGTH, MAX_LOGIN = 8, 1024, 255


def hashed(password: str) -> str:
    """What is kept of a password. Raises ConfigurationError for one of fewer than 8 characters."""
    if len(password) < MIN_LENGTH:
        raise ConfigurationError(f"a password has at least {MIN_LENGTH} characters")
    return PasswordHasher().hash(password)


async def hashed_if_sound(password: str) -> str:
    """What is kept of a password. Raises RuleBroken INVALID at `password`: of 8 to 1024 characters it is."""
    if not MIN_LENGTH <= len(password) <= MAX_LENGTH:
        message = f"a password has {MIN_LENGTH} to {MAX_LENGTH} characters"
        raise RuleBroken(UserErrorCode.INVALID, message, "password")
    return await asyncio.to_thread(PasswordHasher().hash, password.encode(errors="surrogatepass"))


async def find_by_password(ctx: Context, login: str, *, password: str) -> int | None:
    """Who has this username or e-mail address (in any capitals) and this password; None when nobody has.

    A wrong name takes as long as a wrong password. Must not be asked within a transaction: hashing takes 50 ms.
    """
    user_id, kept = await _candidate(ctx, login)
    is_right = await asyncio.to_thread(_verify, kept or _nobodys(), password)
    return user_id if is_right and kept is not None else None


async def _candidate(ctx: Context, login: str) -> tuple[int | None, str | None]:
    if not 0 < len(login) <= MAX_LOGIN or any(map(is_control, login)):
        return None, None
    name, username = func.lower(login), func.lower(User.username)
    statement = (
        select(User.id, User.password_hash)
        .where(or_(username == name, func.lower(User.email) == name), User.is_active)
        .order_by((username != name), User.id)
    )
    rows = await ctx.db.fetch(statement.limit(1))
    return (rows[0][0], rows[0][1]) if rows else (None, None)


def _verify(kept: str, password: str) -> bool:
    if len(password) > MAX_LENGTH:
        return False
    try:
        return PasswordHasher().verify(kept, password.encode(errors="surrogatepass"))
    except (VerificationError, InvalidHashError):
        return False


@lru_cache(maxsize=1)
def _nobodys() -> str:
    """A hash to compare with when there is none."""
    return PasswordHasher().hash("nobody has this password")
