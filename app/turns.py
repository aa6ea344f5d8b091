"""Long computations in slices: between two of them, other requests get their turn on the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any

SLICE = 250
"""Rows between two turns: about half a millisecond of work."""


async def slices(items: Sequence[Any], size: int | None = None) -> AsyncIterator[Sequence[Any]]:
    """The items in slices of `size`, or of SLICE."""
    size = size or SLICE
    for start in range(0, len(items), size):
        if start:
            await asyncio.sleep(0)
        yield items[start : start + size] if size < len(items) else items
