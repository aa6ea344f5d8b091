"""The interfaces, printed; and the help of every command."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from graphql import OperationDefinitionNode, parse

from app import cli
from app.importers.registry import IMPORTERS
from app.rest.family import Family, System
from app.rest.prairielearn.dialect import PrairieLearn
from app.rest.route import Route
from app.rest.systems import SYSTEMS
from schema.graph import build
from tests.commands.conftest import Run

FILES = [family.file for system in SYSTEMS for family in system.families]


def test_the_schema_is_printed_as_it_is_committed(run: Run) -> None:
    assert run("schema", "print") == (0, build().strawberry.as_str() + "\n", "")


def test_an_openapi_document_is_json(run: Run) -> None:
    status, output, errors = run("openapi", "prairielearn")
    assert (status, errors) == (0, "")
    assert json.loads(output)["openapi"] == "3.1.0"


def test_routes_are_listed_for_people_and_for_programs(run: Run) -> None:
    status, output, errors = run("routes", "--json")
    assert (status, errors) == (0, "")
    listed = json.loads(output)
    gradebook = {
        "system": "prairielearn",
        "family": "gradebook",
        "method": "GET",
        "path": "/pl/api/v1/course_instances/{course_instance_id}/gradebook",
        "document": "Gradebook",
    }
    assert gradebook in listed
    assert [line.split() for line in run("routes")[1].splitlines()] == [list(each.values()) for each in listed]


def test_the_help_of_import_names_every_format(run: Run) -> None:
    status, output, errors = run("import", "--help")
    assert (status, errors) == (0, "")
    for name, importer in IMPORTERS.items():
        assert f"    {name:<12}  {importer.description}" in output


def leaves(group: Any = cli.commands, *path: str) -> Iterator[tuple[str, ...]]:
    """The path of every command."""
    for command in group.registered_commands:
        yield (*path, command.name or command.callback.__name__)
    for each in group.registered_groups:
        yield from leaves(each.typer_instance, *path, each.name)


@pytest.mark.parametrize("command", list(leaves()), ids=" ".join)
def test_the_help_of_every_command_has_an_example(run: Run, command: tuple[str, ...]) -> None:
    status, output, errors = run(*command, "--help")
    assert (status, errors) == (0, "")
    assert f"campusgraph {' '.join(command)}" in output.partition("Example")[2]


def test_all_documents_fit_the_graph(run: Run) -> None:
    assert run("routes", "--check") == (0, f"{sum(map(operations, FILES))} documents fit the graph.\n", "")


def operations(file: Path) -> int:
    return sum(isinstance(each, OperationDefinitionNode) for each in parse(file.read_text()).definitions)


def test_a_document_that_does_not_fit_is_told(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "courses.graphql").write_text("query A {\n  viewer { nope }\n}")
    family = Family("courses", [Route("GET", "/viewer", "A")], tmp_path / "courses.graphql")
    broken = System("library", "Library", "/library", PrairieLearn(), [family])
    monkeypatch.setattr("app.rest.systems.SYSTEMS", [broken])
    status, output, errors = run("routes", "--check")
    assert (status, output) == (2, "")
    assert f"{tmp_path.name}/courses.graphql:2: Cannot query field 'nope' on type 'User'" in errors
