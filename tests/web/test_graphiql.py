"""GraphiQL: the page that is served, what goes with it, and what is told where it is not built."""

from __future__ import annotations

import json
import logging
import shutil
from pathlib import Path

import pytest

from app.settings import Settings
from app.web import graphiql
from schema.core.limits import Limits
from schema.graph import build
from tests.documentation import ROOT
from tests.web.pages import answer

POLICY = (
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
SCRIPT = "/graphiql/assets/index-0a.js"
TABS = ROOT / "app" / "web" / "tabs"


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder like the one that is built, which is served."""
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text("<p>GraphiQL</p>")
    (tmp_path / "assets" / "index-0a.js").write_text("'" + "x" * 2000 + "'")
    monkeypatch.setattr(graphiql, "BUILT", tmp_path)
    return tmp_path


@pytest.fixture
def unbuilt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graphiql, "BUILT", tmp_path / "built")


async def test_the_page_that_is_built_is_served(built: Path) -> None:
    response = await answer("/graphql")
    assert (response.status_code, response.text) == (200, "<p>GraphiQL</p>")
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert response.headers["content-security-policy"] == POLICY
    assert (response.headers["x-frame-options"], response.headers["cache-control"]) == ("DENY", "no-store")
    assert graphiql.missing() is None


async def test_its_scripts_are_confined_kept_and_sent_short(built: Path) -> None:
    response = await answer(SCRIPT, "*/*")
    assert (response.status_code, len(response.text)) == (200, 2002)
    assert response.headers["content-security-policy"] == POLICY
    assert response.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert response.headers["content-encoding"] == "gzip"


@pytest.mark.parametrize("path", ["index-0b.js", "", "../index.html", "%2e%2e/index.html", "..%2f..%2fetc/passwd"])
async def test_nothing_else_is_there(built: Path, path: str) -> None:
    assert (await answer(f"/graphiql/assets/{path}", "*/*")).status_code == 404


async def test_without_the_setting_there_is_no_page(built: Path) -> None:
    settings = Settings(graphiql=False)
    assert (await answer("/graphql", settings=settings)).status_code == 406
    assert (await answer(SCRIPT, "*/*", settings)).status_code == 404


async def test_strawberrys_page_is_served_where_none_is_built(unbuilt: None) -> None:
    response = await answer("/graphql")
    assert (response.status_code, "<title>Strawberry GraphiQL</title>" in response.text) == (200, True)
    assert (await answer(SCRIPT, "*/*")).status_code == 404


REASONS = {"npm": "run `make graphiql`", None: "npm is missing, which comes with Node.js"}


@pytest.mark.parametrize("npm", REASONS)
def test_the_log_says_what_is_missing(
    unbuilt: None, npm: str | None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: npm)
    text = f"GraphiQL is not built ({REASONS[npm]}): Strawberry's page is served, whose scripts come from a public host"
    with caplog.at_level(logging.WARNING, "campusgraph"):
        graphiql.report()
    assert caplog.record_tuples == [("campusgraph.graphiql", logging.WARNING, text)]


def test_the_log_says_nothing_when_nothing_is_missing(built: Path, caplog: pytest.LogCaptureFixture) -> None:
    graphiql.report()
    assert caplog.record_tuples == []


def test_the_first_tabs_are_documents_of_the_schema() -> None:
    graph, names = build(), []
    for path in sorted(TABS.glob("*.graphql")):
        prepared = graph.prepare(path.read_text(), Limits())
        operation = prepared.operation(None)
        assert prepared.errors == [], path.name
        assert operation is not None and operation.name is not None
        names.append(operation.name.value)
        beside = path.with_suffix(".json")
        assert beside.exists() is bool(operation.variable_definitions)
        variables = json.loads(beside.read_text()) if beside.exists() else {}
        assert graph.uncoercible(prepared, variables) == []
        assert [line for line in path.read_text().splitlines() if line.startswith("#") and len(line) > 56] == []
    assert names == ["WhoAmI", "MyCourses", "Gradebook", "CreateCategory", "GradeChanges"]


def test_the_lock_of_the_packages_names_no_address() -> None:
    lock = json.loads((ROOT / "app" / "web" / "package-lock.json").read_text())
    assert [name for name, each in lock["packages"].items() if "resolved" in each] == []
    assert [name for name, each in lock["packages"].items() if name and "integrity" not in each] == []
