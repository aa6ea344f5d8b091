"""The GraphiQL page that comes with Strawberry; it loads its scripts from a public host."""

from __future__ import annotations

from functools import cache
from importlib.resources import files


@cache
def page() -> str:
    """The page, with subscriptions switched off."""
    html = files("strawberry").joinpath("static/graphiql.html").read_text()
    return html.replace("{{ SUBSCRIPTION_ENABLED }}", "false")
