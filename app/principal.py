"""Who asks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

READ, WRITE, ADMIN = "read", "write", "admin"
SCOPES = (READ, WRITE, ADMIN)


@dataclass(frozen=True, slots=True)
class Principal:
    """The user behind a request, as narrow as the token that was used.

    `is_admin` is true only for an institution administrator whose token carries the scope `admin`.
    """

    user_id: int | None
    is_admin: bool = False
    scopes: frozenset[str] = frozenset()

    anonymous: ClassVar[Principal]

    @classmethod
    def of(cls, user_id: int, *, is_staff: bool, scopes: frozenset[str]) -> Principal:
        return cls(user_id, is_staff and ADMIN in scopes, scopes)


Principal.anonymous = Principal(None)
