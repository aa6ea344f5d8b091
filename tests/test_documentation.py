"""The READMEs tell the truth: what they show runs, what they name is there, what they count is so."""

from __future__ import annotations

import asyncio
import json
import re
import shlex
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
import typer
from sqlalchemy import select
from sqlalchemy import text as sql
from sqlalchemy.ext.asyncio import AsyncEngine

from app import cli
from app.context import Context
from app.db.base import Base
from app.db.session import Database
from app.demo import fill
from app.demo.calendar import PRESENT
from app.demo.names import ADMINISTRATOR
from app.domain.identity.models import User
from app.domain.identity.tokens import issue_token
from app.main import create_app
from app.principal import SCOPES, Principal
from app.rest.systems import SYSTEMS
from app.settings import Settings
from schema.graph import build
from tests.answers import uncounted
from tests.architecture.tree import short, written
from tests.conftest import RolledBackDatabase
from tests.documentation import ROOT, SETTINGS, with_settings
from tests.rest.test_ledger import documented, pending

README = (ROOT / "README.md").read_text()
MARKDOWN = written(".md")
READMES = [path for path in MARKDOWN if path.name == "README.md"]
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
QUOTED = re.compile(r"^`([\w/.]+)`\n\n```\w+\n(.*?)^```$", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
COMMAND = re.compile(r"(?<![\w/.-])(?:\.venv/bin/)?campusgraph ((?:\\\n|[^`\n])+)")
COUNT_ON = "SELECT setval(pg_get_serial_sequence('{0}', 'id'), coalesce(max(id), 0) + 1, false) FROM {0}"
LEDGERS = {
    "PrairieLearn": "prairielearn",
    "Autolab": "autolab",
    "Blackboard Learn": "blackboard",
    "assessments API": "assessments",
    "Open edX": "openedx",
}


def blocks(text: str, language: str) -> list[str]:
    """The code blocks of a language."""
    return [body for name, body in BLOCK.findall(text) if name == language]


def curls(text: str) -> Iterator[list[str]]:
    """The `curl` commands in a README, as a shell divides them."""
    lines = [body.replace("\\\n", " ") for body in blocks(text, "console")]
    for line in (*lines, *re.findall(r"`(curl [^`]+)`", text)):
        yield from (shlex.split(each)[1:] for each in re.findall(r"^curl .*$", line, re.MULTILINE))


def test_the_table_of_settings_is_current() -> None:
    readme = SETTINGS.read_text()
    assert with_settings(readme) == readme, "run `python -m tests.documentation`"


def rows() -> dict[str, list[str]]:
    """The table of REST systems: base path, count and example by the system's name."""
    table = README.partition("## One REST call")[2].partition("\n\n| ")[2].partition("\n\n")[0]
    cells = [[cell.strip() for cell in line.strip("| ").split(" | ")] for line in table.splitlines()[2:]]
    return {name: rest for name, *rest in cells}


def test_the_table_of_rest_systems_counts_as_the_ledger_does() -> None:
    prefixes = {system.name: system.prefix for system in SYSTEMS}
    found = rows()
    assert list(found) == list(LEDGERS)
    for name, (path, count, example) in found.items():
        ledger = LEDGERS[name]
        served = len(documented(ledger)) - len(pending(ledger))
        assert count == f"{served} of {len(documented(ledger))}", name
        assert path == f"`{prefixes[ledger]}`" if ledger in prefixes else path.startswith("`/"), name
        assert (example == "coming") is (served == 0), name


@pytest.fixture(scope="module")
async def demo(engine: AsyncEngine, settings: Settings) -> AsyncIterator[tuple[httpx.AsyncClient, str]]:
    """A client of the demo university at its present, and a token of its administrator, as `make serve` prints one.

    Keys are counted on from the rows there are, as in a new database: the README names a course instance by its key.
    """
    async with engine.connect() as connection:
        outer, lock = await connection.begin(), asyncio.Lock()

        def open_database() -> Database:
            return RolledBackDatabase(connection, lock)

        program = Principal(None, is_admin=True, scopes=frozenset(SCOPES))
        ctx = Context(program, open_database(), clock=lambda: PRESENT)
        if ctx.db.dialect == "postgresql":
            for table in Base.metadata.tables.values():
                if "id" in table.c:
                    await ctx.db.execute(sql(COUNT_ON.format(table.name)))
        await fill(ctx)
        user_id = await ctx.db.scalar(select(User.id).where(User.username == ADMINISTRATOR))
        token = (await issue_token(ctx, name="demo", user_id=user_id)).text
        transport = httpx.ASGITransport(app=create_app(settings, open_database, lambda: PRESENT))
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            yield client, token
        await outer.rollback()


def empty(value: Any) -> bool:
    """Whether there is nothing in an answer: null, or objects and lists of nothing."""
    if isinstance(value, dict | list):
        return all(empty(each) for each in (value.values() if isinstance(value, dict) else value))
    return value is None


async def answered(demo: tuple[httpx.AsyncClient, str], place: int) -> Any:
    """What a query of the README gives."""
    client, token = demo
    query = blocks(README, "graphql")[place]
    response = await client.post("/graphql", json={"query": query}, headers={"Authorization": f"Bearer {token}"})
    assert (response.status_code, set(uncounted(response))) == (200, {"data"}), response.text
    return uncounted(response)


async def test_gradebooks_of_the_demo_university(demo: tuple[httpx.AsyncClient, str]) -> None:
    found = await answered(demo, 0)
    (shown,) = blocks(README, "json")
    beginning = re.sub(r"\s", "", shown.partition("…")[0])
    assert json.dumps(found, separators=(",", ":")).startswith(beginning)
    columns = [each for course in found["data"]["courseInstances"]["nodes"] for each in course["assessments"]["nodes"]]
    assert any(each["columnGrades"]["nodes"] for each in columns)


async def test_a_course_instance_of_the_demo_university(demo: tuple[httpx.AsyncClient, str]) -> None:
    course = (await answered(demo, 1))["data"]["courseInstance"]
    assert not empty(course["gradebook"])
    assert [empty(assessment["assessmentInstances"]["nodes"]) for assessment in course["assessments"]["nodes"]] == [
        False
    ] * 3


TABS = sorted((ROOT / "app" / "web" / "tabs").glob("[1-4]-*.graphql"))
"""What runs over HTTP: the last one is a subscription."""


@pytest.mark.parametrize("tab", TABS, ids=lambda tab: tab.stem)
async def test_the_first_tabs_of_graphiql_run_on_the_demo_university(
    demo: tuple[httpx.AsyncClient, str], tab: Path
) -> None:
    client, token = demo
    beside = tab.with_suffix(".json")
    asked = {"query": tab.read_text(), "variables": json.loads(beside.read_text()) if beside.exists() else None}
    found = uncounted(await client.post("/graphql", json=asked, headers={"Authorization": f"Bearer {token}"}))
    assert set(found) == {"data"}
    assert not empty(found["data"])


@pytest.mark.parametrize("arguments", list(curls(README)), ids=lambda arguments: arguments[-1][:40])
async def test_calls_run_on_the_demo_university(demo: tuple[httpx.AsyncClient, str], arguments: list[str]) -> None:
    client, token = demo
    (url,) = (each for each in arguments if each.startswith("http"))
    headers = [arguments[place + 1].split(": ", 1) for place, each in enumerate(arguments) if each == "-H"]
    body = next((arguments[place + 1] for place, each in enumerate(arguments) if each == "-d"), None)
    assert len(arguments) == 1 + 2 * len(headers) + 2 * (body is not None), "an option that this test does not know"
    response = await client.request(
        "GET" if body is None else "POST",
        urlsplit(url).path,
        headers={name: value.replace("$TOKEN", token) for name, value in headers},
        content=body,
    )
    found = response.json()
    assert response.status_code == 200
    assert "errors" not in found
    assert not empty(found)


@pytest.mark.parametrize("readme", READMES, ids=short)
def test_code_that_is_shown_is_there_or_is_valid(readme: Path) -> None:
    """A block under the name of a file stands in that file; any other GraphQL is a document of the schema."""
    text = readme.read_text()
    quoted = dict(QUOTED.findall(text))
    for name, code in quoted.items():
        assert code.strip() in (readme.parent / name).read_text(), name
    for query in blocks(text, "graphql"):
        assert query in quoted.values() or build().prepare(query).errors == []


def command(words: list[str]) -> tuple[str, Any] | None:
    """The command that words begin with, by its whole name."""
    group: Any = typer.main.get_command(cli.commands)
    for place, word in enumerate(words):
        group = group.commands.get(word)
        if group is None or not hasattr(group, "commands"):
            return None if group is None else (" ".join(words[: place + 1]), group)
    return None


def named(text: str) -> Iterator[str]:
    """What a README writes after `campusgraph`, without comments."""
    for found in COMMAND.findall(text):
        yield found.partition("  #")[0].strip()


@pytest.mark.parametrize("readme", READMES, ids=short)
def test_the_commands_that_are_named_exist(readme: Path) -> None:
    for text in named(readme.read_text()):
        words = shlex.split(text)
        if words == ["--help"] or words[0] == "…":
            continue
        found = command(words)
        assert found is not None, text
        options = {each for parameter in found[1].params for each in parameter.opts}
        assert {word for word in words if word.startswith("--")} <= options | {"--help"}, text


def test_the_readme_names_every_command() -> None:
    def all_commands(group: Any, *before: str) -> Iterator[str]:
        for name, each in group.commands.items():
            yield from all_commands(each, *before, name) if hasattr(each, "commands") else [" ".join([*before, name])]

    listed = README.partition("lists the other commands:")[2].partition(".\n")[0]
    told = {command(shlex.split(text))[0] for text in named(README) if command(shlex.split(text))}  # type: ignore[index]
    for text in re.findall(r"`([^`]+)`", listed):
        *group, names = text.split()
        told |= {" ".join([*group, name]) for name in names.split("|")}
    assert told == set(all_commands(typer.main.get_command(cli.commands)))


@pytest.mark.parametrize("document", MARKDOWN, ids=short)
def test_links_lead_to_files(document: Path) -> None:
    for target in LINK.findall(document.read_text()):
        if not target.startswith(("http://", "https://", "#")):
            assert (document.parent / target.partition("#")[0]).exists(), target


@pytest.mark.parametrize("readme", READMES, ids=short)
def test_the_targets_of_make_that_are_named_exist(readme: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named_targets = set(re.findall(r"(?:`|^)make ([a-z-]+)", readme.read_text(), re.MULTILINE))
    assert named_targets <= targets
