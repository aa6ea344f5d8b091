"""Cells of files that spreadsheets open: a text that looks like a formula must not become one."""

from __future__ import annotations

import re

RISKY = re.compile(r"'*[=+\-@\t\r]")
GUARDED = re.compile(r"'+[=+\-@\t\r]")


def unguarded(text: str) -> str:
    """A text cell without the apostrophe that keeps spreadsheets from taking it for a formula."""
    return text[1:] if GUARDED.match(text) else text


def guarded(text: str) -> str:
    """A text cell that no spreadsheet takes for a formula; `unguarded` gives the text back."""
    return f"'{text}" if RISKY.match(text) else text
