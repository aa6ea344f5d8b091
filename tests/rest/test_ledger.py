"""The ledger: every operation that the five systems document is served or said to be pending, and nothing else is.

`documented/<system>.txt` is written from the contracts, `documented/<system>.pending.txt` lists what is not served yet.
Both hold `METHOD /path` lines; a `# name` line begins a family.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from starlette.routing import BaseRoute, Match, Mount
from starlette.routing import Route as StarletteRoute

from app.db.session import Database
from app.main import create_app
from app.rest.endpoint import Endpoint
from app.rest.family import System
from app.rest.route import Route
from app.rest.systems import SYSTEMS
from app.settings import Settings

LEDGER = Path(__file__).parent / "documented"
DOCUMENTED_COUNTS = {"prairielearn": 12, "autolab": 24, "blackboard": 62, "assessments": 11, "openedx": 372}
PENDING_COUNTS = {"prairielearn": 0, "autolab": 0, "blackboard": 0, "assessments": 0, "openedx": 239}
FAMILY_COUNTS = {"prairielearn": 0, "autolab": 0, "blackboard": 0, "assessments": 0, "openedx": 51}
NO_SIGN_IN = "the graph has no sign-in: tries are counted, a refused one is kept, and the answer has secrets"
ANSWERED_BY_A_FUNCTION = {f"POST /api/v1/auth/{name}": NO_SIGN_IN for name in ("login", "refresh", "logout")}
MOST_ANSWERED_BY_A_FUNCTION = 8
SIGN_IN = {"blackboard": ["POST /learn/api/public/v1/oauth2/token"]}
"""Operations that app/oauth serves: the sign-in of all systems."""
METHODS = {"GET", "POST", "PUT", "PATCH", "DELETE"}

Operation = tuple[str, str]

every_system = pytest.mark.parametrize("name", DOCUMENTED_COUNTS)
served = [(system, route) for system in SYSTEMS for route in system.routes]


def entries(file: str) -> list[Operation]:
    """(family, `METHOD /path`) of each operation in a file of the ledger, in order; family is empty where none is."""
    family, found = "", []
    for line in (LEDGER / file).read_text().splitlines():
        if line.startswith("# "):
            family = line.removeprefix("# ")
        else:
            found.append((family, line))
    return found


def documented(name: str) -> list[Operation]:
    """All operations of a system."""
    return entries(f"{name}.txt")


def pending(name: str) -> list[Operation]:
    """The operations of a system that are not served yet."""
    return entries(f"{name}.pending.txt")


def spelled(system: System, route: Route) -> str:
    """A route as the ledger spells it: with the system's prefix, without convertors."""
    return f"{route.method} {system.prefix}{re.sub(r':[a-z]+}', '}', route.path)}"


def test_the_ledger_has_two_files_for_each_system() -> None:
    files = {f"{name}{kind}.txt" for name in DOCUMENTED_COUNTS for kind in ("", ".pending")}
    assert {path.name for path in LEDGER.iterdir()} == files
    assert {system.name for system in SYSTEMS} <= DOCUMENTED_COUNTS.keys()


@every_system
def test_an_entry_is_a_method_and_a_path(name: str) -> None:
    for _, operation in documented(name):
        method, path = operation.split(" ")
        assert method in METHODS
        assert path.startswith("/")
        assert path.count("{") == path.count("}")


@every_system
def test_counts(name: str) -> None:
    operations = documented(name)
    assert len(operations) == len(set(operations)) == DOCUMENTED_COUNTS[name]
    assert len({family for family, _ in operations} - {""}) == FAMILY_COUNTS[name]


@every_system
def test_pending_only_shrinks(name: str) -> None:
    """Whoever changes a count here says so in a commit; a larger one needs a better reason than time."""
    assert len(pending(name)) == len(set(pending(name))) == PENDING_COUNTS[name]
    assert PENDING_COUNTS[name] <= DOCUMENTED_COUNTS[name]
    assert set(pending(name)) <= set(documented(name))


@every_system
def test_what_is_documented_and_not_pending_is_served(name: str) -> None:
    found = [spelled(system, route) for system, route in served if system.name == name] + SIGN_IN.get(name, [])
    assert sorted(found) == sorted(operation for _, operation in set(documented(name)) - set(pending(name)))


def test_the_escape_hatch_is_rarely_used_and_each_time_for_a_reason() -> None:
    answered = {spelled(system, route): route.reason for system, route in served if route.answer is not None}
    assert answered == ANSWERED_BY_A_FUNCTION
    assert len(answered) <= MOST_ANSWERED_BY_A_FUNCTION
    assert [spelled(system, route) for system, route in served if route.reason and route.answer is None] == []


def unused_database() -> Database:
    """Resolving a path reads nothing."""
    raise AssertionError("no database is needed")


@pytest.fixture(scope="module")
def mounted() -> Sequence[BaseRoute]:
    """The routes of the whole application."""
    return create_app(Settings(), unused_database).routes


def resolved(routes: Sequence[BaseRoute], method: str, path: str) -> object:
    """The endpoint that Starlette's router calls."""
    scope = {"type": "http", "method": method, "path": path, "root_path": "", "headers": []}
    while True:
        first = next((each for each in routes if each.matches(scope)[0] is Match.FULL), None)
        if not isinstance(first, Mount):
            return first.endpoint if isinstance(first, StarletteRoute) else None
        scope |= first.matches(scope)[1]
        routes = first.routes


def example(system: System, path: str) -> str:
    """A path with its parameters filled in, and with what may be left out."""

    def fill(match: re.Match[str]) -> str:
        (made,) = system.dialect.resolves.get(match[1], {}).get("examples", ["1"])
        return str(made)

    return re.sub(r"{(\w+)}", fill, re.sub(r"\[(.+)\]", r"\1", path))


@pytest.mark.parametrize("operation", [each for some in SIGN_IN.values() for each in some])
def test_the_sign_in_answers_where_a_system_has_its_own(mounted: Sequence[BaseRoute], operation: str) -> None:
    endpoint = resolved(mounted, *operation.split(" "))
    assert getattr(endpoint, "__module__", "").startswith("app.oauth.")


@pytest.mark.parametrize(("system", "route"), served, ids=[spelled(*each) for each in served])
def test_an_example_of_every_path_finds_its_own_route(
    mounted: Sequence[BaseRoute], system: System, route: Route
) -> None:
    method, path = spelled(system, route).split(" ")
    endpoint = resolved(mounted, method, example(system, path))
    owner = getattr(endpoint, "__self__", None)
    assert isinstance(owner, Endpoint)
    assert owner.route is route
    assert owner.dialect is system.dialect
