"""GraphiQL: the page that `make` builds from this folder, or the one that Strawberry brings where it is not built."""

from __future__ import annotations

import logging
import shutil
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import HTMLResponse, Response
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from app.web.pages import confined

BUILT = Path(__file__).parent / "built"
ASSETS = "/graphiql/assets"
POLICY = (
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
YEAR = 365 * 24 * 60 * 60  # seconds
log = logging.getLogger("campusgraph.graphiql")


def is_built() -> bool:
    """Whether the page of this folder can be served."""
    return (BUILT / "index.html").is_file()


def missing() -> str | None:
    """What is missing for the page of this folder, in a sentence; None when nothing is."""
    if is_built():
        return None
    reason = "run `make graphiql`" if shutil.which("npm") else "npm is missing, which comes with Node.js"
    return f"GraphiQL is not built ({reason}): Strawberry's page is served, whose scripts come from a public host"


def report() -> None:
    """Say in the log what is missing."""
    if lack := missing():
        log.warning(lack)


def page() -> Response:
    """The page. Monaco, the editor in it, writes styles into elements, and draws waves under errors as data: URIs."""
    if is_built():
        return HTMLResponse((BUILT / "index.html").read_bytes(), headers=confined(POLICY))
    return HTMLResponse(_strawberrys())


def mounts() -> list[Mount]:
    """Where the page's scripts, styles and workers are, if it is built."""
    middleware = [Middleware(GZipMiddleware)]
    return [Mount(ASSETS, _Assets(directory=BUILT / "assets"), middleware=middleware)] if is_built() else []


class _Assets(StaticFiles):
    """Files whose names change with their content: a browser may keep them. Workers are confined as pages."""

    def file_response(self, *args: Any, **more: Any) -> Response:
        response = super().file_response(*args, **more)
        response.headers.update({**confined(POLICY), "Cache-Control": f"public, max-age={YEAR}, immutable"})
        return response


@cache
def _strawberrys() -> str:
    """Strawberry's page, with subscriptions switched off."""
    html = files("strawberry").joinpath("static/graphiql.html").read_text()
    return html.replace("{{ SUBSCRIPTION_ENABLED }}", "false")
