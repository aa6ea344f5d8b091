"""The landing page: what it links to is there."""

from __future__ import annotations

import re

import pytest

from app.rest.systems import SYSTEMS
from app.settings import Settings
from tests.web.pages import answer

GRAPHIQL = '<a class="first" href="/graphql">Explore it in GraphiQL</a>'
LINKS = [
    "/",
    "/graphql",
    *(path for system in SYSTEMS for path in (f"/openapi/{system.name}", f"/openapi/{system.name}.json")),
    *("/account/tokens", "/activate", "/healthz", "/readyz"),
]
WITHOUT_DATABASE = [path for path in LINKS if path not in ("/account/tokens", "/activate", "/readyz")]


async def test_the_landing_page_leads_everywhere() -> None:
    response = await answer("/")
    assert (response.status_code, response.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert re.findall('href="([^"]+)"', response.text) == LINKS
    assert "<h1>One graph for learning systems</h1>" in response.text
    for system in SYSTEMS:
        assert (
            f'<a href="/openapi/{system.name}">{system.title}</a>\n<p>At <code>{system.prefix}</code>' in response.text
        )
    policy = re.sub("sha256-[^']+", "sha256-…", response.headers["content-security-policy"])
    assert policy == (
        "default-src 'none'; style-src 'sha256-…'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )


async def test_without_graphiql_it_is_not_named() -> None:
    assert GRAPHIQL in (await answer("/")).text
    assert GRAPHIQL not in (await answer("/", settings=Settings(graphiql=False))).text


@pytest.mark.parametrize("path", WITHOUT_DATABASE)
async def test_the_links_lead_to_answers(path: str) -> None:
    assert (await answer(path)).status_code == 200
