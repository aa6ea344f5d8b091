"""What a search looks through of a block."""

from __future__ import annotations

import html
import re

from app.rest.openedx.kinds import TEXT
from app.rest.route import Row, closed

TAGS = re.compile(r"<[^>]*>")
KINDS = {"problem": "CAPA", "html": "Text", "video": "Video", "sequential": "Sequence"}
"""What a search calls kinds."""
INDEX = closed({"content": {"type": "object"}, "content_type": TEXT})


def searched(kind: str, name: str, text: str | None) -> Row:
    """The name and the words of a block of a kind, which the tags of its text are none of."""
    words = " ".join(html.unescape(TAGS.sub(" ", text or "")).split())
    told = {"display_name": name, **({"content": words} if words else {})}
    return {"content": told, "content_type": KINDS.get(kind, kind)}
