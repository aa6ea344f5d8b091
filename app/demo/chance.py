"""Chance that is the same every time: hashes of names, so that nothing depends on what was drawn before."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import TypeVar
from uuid import UUID, uuid5

T = TypeVar("T")
NAMES = UUID("6f0d3a52-7c1e-5b68-9a44-2d1b8c3e7f90")


def lot(*key: object) -> float:
    """A number from 0 to below 1 that belongs to a key."""
    return int.from_bytes(_digest(*key)[:6]) / 2**48


def pick(options: Sequence[T], *key: object) -> T:
    """The one of the options that a key draws."""
    return options[int(lot(*key) * len(options))]


def between(first: datetime, last: datetime, *key: object) -> datetime:
    """The moment, to the second, that a key draws between two."""
    return first + timedelta(seconds=int(lot(*key) * (last - first).total_seconds()))


def uuid_of(*key: object) -> str:
    """The 32 hexadecimal digits of a key's UUID."""
    return uuid5(NAMES, _text(*key)).hex


def _digest(*key: object) -> bytes:
    return sha256(_text(*key).encode()).digest()


def _text(*key: object) -> str:
    return "/".join(map(str, key))
