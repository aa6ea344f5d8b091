"""Keys in inputs: global ids, or the integers that the compatible REST systems know."""

from __future__ import annotations

from typing import Any

from schema.core.node import MAX_INT32, parse_global_id

NO_KEY = 0


def key_of(kind: type[Any], text: str) -> int:
    """The integer key that an `ID` means: of a global id of this type of the graph, or written in decimal digits.

    NO_KEY, which no row has, for anything else: services answer it as they answer a key that nobody sees.
    """
    if text.isascii() and text.isdecimal():
        key = int(text) if len(text) < 11 else NO_KEY
        return key if key <= MAX_INT32 else NO_KEY
    parsed = parse_global_id(text)
    return parsed[1] if parsed is not None and parsed[0] == kind.__name__ else NO_KEY
