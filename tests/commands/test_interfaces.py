"""The interfaces, printed; and the help of every command."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from app import cli
from app.importers.registry import IMPORTERS
from schema.graph import build
from tests.commands.conftest import Run


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
