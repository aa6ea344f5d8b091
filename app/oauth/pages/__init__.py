"""The pages: templates of plain HTML, filled with escaped values, and the headers that confine them."""

from __future__ import annotations

import base64
import re
from functools import cache
from hashlib import sha256
from html import escape
from pathlib import Path
from string import Template
from typing import Any
from urllib.parse import urlsplit

from starlette.responses import HTMLResponse, Response

FOLDER = Path(__file__).parent
SOURCE = re.compile(r"https?://[A-Za-z0-9.-]+(:[0-9]+)?|[a-z][a-z0-9+.-]*:")


class Html(str):
    """Text that is HTML already."""

    __slots__ = ()


def filled(name: str, /, **values: Any) -> Html:
    """A template of this folder with its values in it, escaped unless they are Html. Raises KeyError."""
    safe = {key: value if isinstance(value, Html) else escape(str(value)) for key, value in values.items()}
    return Html(_template(name).substitute(safe))


def each(name: str, rows: list[dict[str, Any]]) -> Html:
    """A template once for each row."""
    return Html("".join(filled(name, **row) for row in rows))


def written(content: Html, title: str, person: Html, status: int, target: str | None) -> Response:
    """A whole page as an answer. `target` is a URI that a form of it may lead to after this site."""
    style = (FOLDER / "style.css").read_text()
    page = filled("layout", title=title, content=content, person=person, style=Html(style))
    hashed = base64.b64encode(sha256(style.encode()).digest()).decode()
    policy = (
        f"default-src 'none'; style-src 'sha256-{hashed}'; form-action 'self'{_source(target)}; "
        "base-uri 'none'; frame-ancestors 'none'"
    )
    headers = {
        "Content-Security-Policy": policy,
        "X-Frame-Options": "DENY",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-store",
    }
    return HTMLResponse(page, status, headers)


def _source(uri: str | None) -> str:
    """A URI's origin as the policy spells it, after a space: only the scheme where there is no host or an IPv6 one."""
    if uri is None:
        return ""
    parts = urlsplit(uri)
    sources = (f"{parts.scheme}://{parts.netloc}", f"{parts.scheme}:")
    return next((f" {source}" for source in sources if SOURCE.fullmatch(source)), "")


@cache
def _template(name: str) -> Template:
    return Template((FOLDER / f"{name}.html").read_text())
