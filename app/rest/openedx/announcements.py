"""What is announced in a course run, and its handouts: pages beside the tree of blocks (contracts/edx-core.md §18)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from hashlib import sha256
from html import unescape
from typing import NamedTuple

from app.domain.catalog.keys import parse_usage
from app.rest.route import Row

UPDATES, HANDOUTS = "updates", "handouts"
BEGINS = re.compile(r"<(article|li)>\s*<h2>")
EMPTY = re.compile(r"\s*<ol>\s*</ol>\s*")


class Update(NamedTuple):
    """An announcement: the date as its author wrote it, and HTML."""

    date: str
    content: str

    @property
    def name(self) -> str:
        """What it is remembered by; another text has another name."""
        return sha256(f"{self.date}\n{self.content}".encode()).hexdigest()


def updates_of(pages: Sequence[Row]) -> list[Update]:
    """The announcements among the pages of a run, the newest first: each an article, or an item of a list."""
    text = page(pages, UPDATES)
    begin = BEGINS.search(text)
    if begin is None:
        return [Update("", text.strip())] if text.strip() and not EMPTY.fullmatch(text) else []
    tag = begin[1]
    found = []
    for part in re.split(rf"<{tag}>\s*<h2>", text)[1:]:
        date, _, rest = part.partition("</h2>")
        content, end, _ = rest.rpartition(f"</{tag}>")
        found.append(Update(unescape(date).strip(), (content if end else rest).strip()))
    return found


def handouts_of(pages: Sequence[Row]) -> str | None:
    """The handouts among the pages of a run, as HTML; None where there are none, or an empty list."""
    text = page(pages, HANDOUTS)
    return text if text.strip() and not EMPTY.fullmatch(text) else None


def page(pages: Sequence[Row], name: str) -> str:
    """The HTML of the page of that name; nothing without one."""
    for each in pages:
        usage = parse_usage(each["usage_key"] or "")
        if usage is not None and usage.name == name:
            return each["content"] or ""
    return ""
