"""The landing page: what this is, and where everything is."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.portal import reference
from app.portal.schemas import TEMPLATES
from app.rest.systems import SYSTEMS
from app.web.pages import Html, written


async def endpoint(request: Request) -> Response:
    """`/`."""
    systems = [{"name": each.name, "title": each.title, "prefix": each.prefix} for each in SYSTEMS]
    graphiql = TEMPLATES.filled("graphiql") if request.app.state.settings.graphiql else Html("")
    content = TEMPLATES.filled("landing", graphiql=graphiql, systems=TEMPLATES.each("system", systems))
    return written(content, "One graph for learning systems", style=TEMPLATES.folder / "landing.css")


ROUTES = [Route("/", endpoint), Route("/openapi/{system}", reference.endpoint)]
