"""Pages of plain HTML: templates filled with escaped values, one layout, and the headers that confine a page."""

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

SOURCE = re.compile(r"https?://[A-Za-z0-9.-]+(:[0-9]+)?|[a-z][a-z0-9+.-]*:")
CODE = re.compile(r"`([^`]+)`")


class Html(str):
    """Text that is HTML already."""

    __slots__ = ()


class Templates:
    """The templates of a folder: `NAME.html`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._read: dict[str, Template] = {}

    def filled(self, name: str, /, **values: Any) -> Html:
        """A template with its values in it, escaped unless they are Html. Raises KeyError."""
        if name not in self._read:
            self._read[name] = Template((self.folder / f"{name}.html").read_text())
        safe = {key: value if isinstance(value, Html) else escape(str(value)) for key, value in values.items()}
        return Html(self._read[name].substitute(safe))

    def each(self, name: str, rows: list[dict[str, Any]]) -> Html:
        """A template once for each row."""
        return Html("".join(self.filled(name, **row) for row in rows))


LAYOUT = Templates(Path(__file__).parent)


def told(text: str) -> Html:
    """A text in which `code` stands between backticks."""
    return Html(CODE.sub(r"<code>\1</code>", escape(text)))


def written(
    content: Html,
    title: str,
    status: int = 200,
    *,
    aside: Html = Html(""),
    target: str | None = None,
    style: Path | None = None,
) -> Response:
    """A whole page as an answer.

    `aside` stands beside the product's name; `target` is a URI that a form of the page may lead to after this site;
    `style` is a stylesheet beside the one of all pages.
    """
    styles = _style(style)
    page = LAYOUT.filled("layout", title=title, content=content, aside=aside, style=Html(styles))
    hashed = base64.b64encode(sha256(styles.encode()).digest()).decode()
    policy = (
        f"default-src 'none'; style-src 'sha256-{hashed}'; form-action 'self'{_source(target)}; "
        "base-uri 'none'; frame-ancestors 'none'"
    )
    return HTMLResponse(page, status, {**confined(policy), "Referrer-Policy": "no-referrer"})


def confined(policy: str) -> dict[str, str]:
    """The headers of a page under this Content-Security-Policy, which stands in no frame and is kept by nobody."""
    return {
        "Content-Security-Policy": policy,
        "X-Frame-Options": "DENY",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
    }


def _source(uri: str | None) -> str:
    """A URI's origin as the policy spells it, after a space: only the scheme where there is no host or an IPv6 one."""
    if uri is None:
        return ""
    parts = urlsplit(uri)
    sources = (f"{parts.scheme}://{parts.netloc}", f"{parts.scheme}:")
    return next((f" {source}" for source in sources if SOURCE.fullmatch(source)), "")


@cache
def _style(more: Path | None) -> str:
    sheet = (LAYOUT.folder / "style.css").read_text()
    return sheet if more is None else sheet + more.read_text()
