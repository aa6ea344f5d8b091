"""The names of courses and their instances (decision 0002)."""

from __future__ import annotations

import re

from app.domain.catalog.keys import parse_run
from app.errors import RuleBroken, UserErrorCode

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._~-]{0,149}")


def require_name(name: str, *field: str) -> None:
    """Raise INVALID unless a name may stand in an address: `sig-f24`."""
    if not NAME.fullmatch(name):
        raise RuleBroken(UserErrorCode.INVALID, "only letters, digits and . _ ~ -, the first a letter or digit", *field)


def require_key(key: str | None, *field: str) -> None:
    """Raise INVALID unless a key, where given, is `course-v1:org+course+run` or alike (contracts/edx-core.md §0.3)."""
    if key is not None and parse_run(key) is None:
        raise RuleBroken(UserErrorCode.INVALID, "not of the form course-v1:org+course+run", *field)
