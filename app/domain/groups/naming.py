"""Lasting names of groups for programs."""

from __future__ import annotations

import re
import unicodedata
from uuid import uuid4

SPELLED = 20
"""How many characters of a name are in the key."""


def slug(name: str) -> str:
    """A name in small ASCII letters, digits, `_` and hyphens; empty where nothing is left of it."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode("ascii").lower()
    return re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", plain)).strip("-_")


def new_key(name: str) -> str:
    """A new key of a group of that name: `new-team-` and 32 hexadecimal digits (contracts/edx-core.md §11)."""
    return f"{slug(name[:SPELLED]) or 'group'}-{uuid4().hex}"


def digits(key: str | None) -> str | None:
    """The 32 hexadecimal digits that a key ends with: what the group's talk is called."""
    return None if key is None else key[-32:]
