"""A change that breaks clients is told, unless the changelog announces it."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.commands import interfaces
from app.commands.compatibility import Break, announced, breaks
from schema.graph import build
from tests.architecture.tree import ROOT
from tests.commands.conftest import Run

RELEASED = """
directive @tag(name: String) on FIELD_DEFINITION
type Query { course(id: ID!): Course users(first: Int): [User!]! either: Either count: Int }
type Course { term: String name: String! kind: Kind }
type User { uid: String! }
union Either = Course | User
enum Kind { LAB EXAM }
input CourseInput { name: String }
"""
BREAKS = {
    "a field that is gone": ("term: String name", "name", "Course.term", "Field Course.term was removed."),
    "a field of another type": (
        "term: String",
        "term: Int",
        "Course.term",
        "Field Course.term changed type from String to Int.",
    ),
    "a field that may be null now": (
        "name: String! kind",
        "name: String kind",
        "Course.name",
        "Field Course.name changed type from String! to String.",
    ),
    "an argument that is gone": (
        "(first: Int)",
        "",
        "Query.users(first:)",
        "Argument Query.users(first:) was removed.",
    ),
    "a new required argument": (
        "(first: Int)",
        "(first: Int, of: ID!)",
        "Query.users(of:)",
        "A required argument Query.users(of:) was added.",
    ),
    "an enum value that is gone": ("LAB EXAM", "LAB", "Kind.EXAM", "Enum value Kind.EXAM was removed."),
    "a new required input": (
        "{ name: String }",
        "{ name: String of: ID! }",
        "CourseInput.of",
        "A required field CourseInput.of was added.",
    ),
    "a directive that is gone": (
        "directive @tag(name: String) on FIELD_DEFINITION",
        "",
        "@tag",
        "Directive @tag was removed.",
    ),
    "a type that is not in a union any more": (
        "Course | User",
        "Course",
        "User",
        "User was removed from union type Either.",
    ),
    "a type that is gone": ("input CourseInput { name: String }", "", "CourseInput", "CourseInput was removed."),
}


@pytest.mark.parametrize("case", BREAKS)
def test_what_breaks_clients(case: str) -> None:
    old, new, coordinate, description = BREAKS[case]
    assert breaks(RELEASED, RELEASED.replace(old, new, 1)) == [Break(coordinate, description)]


def test_what_is_added_breaks_nobody() -> None:
    more = RELEASED.replace("(first: Int)", "(first: Int, after: String)").replace("EXAM", "EXAM QUIZ")
    assert breaks(RELEASED, more.replace("name: String!", "name: String! title: String")) == []


CHANGELOG = """# Changelog

## 0.2.0 (unreleased)

- Something else, `Course.name`.
- Breaking: `Course.term` is an object now, and
  `Query.users` takes no `first`.

  Not part of it: `Kind`.
- Another thing: Breaking: `User`.

## 0.1.0

- Breaking: `CourseInput`.
"""


def test_what_is_announced() -> None:
    assert announced(CHANGELOG) == {"Course.term", "Query.users", "first"}
    assert announced("# Changelog\n") == announced("") == set()


@pytest.mark.parametrize(
    ("coordinate", "names", "is_announced"),
    [
        ("Course.term", {"Course.term"}, True),
        ("Course.term", {"Course"}, True),
        ("Course.term", {"term", "Course.name", "Cours"}, False),
        ("Query.users(first:)", {"Query.users(first:)"}, True),
        ("Query.users(first:)", {"Query.users"}, True),
        ("Query.users(first:)", {"Query.users(of:)"}, False),
        ("@tag", {"@tag"}, True),
        ("@tag(name:)", {"@tag"}, True),
        ("Kind", {"Kind.EXAM"}, False),
    ],
)
def test_a_change_is_announced_by_its_name_or_its_type(coordinate: str, names: set[str], is_announced: bool) -> None:
    assert Break(coordinate, "").is_in(names) is is_announced


def test_the_command_tells_what_is_not_announced(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    current = build().strawberry.as_str()
    released, changelog = tmp_path / "released.graphql", tmp_path / "CHANGELOG.md"
    released.write_text(current.replace("type Query {\n", "type Query {\n  gone: Int\n", 1))
    monkeypatch.setattr(interfaces, "RELEASED", released)
    changelog.write_text("# Changelog\n\n## 0.2.0\n\n- Something.\n")
    told = f"Field Query.gone was removed. Announce `Query.gone` in {changelog}, after `- Breaking:`.\n"
    assert run("schema", "check", str(changelog)) == (1, "", told)
    changelog.write_text("# Changelog\n\n## 0.2.0\n\n- Breaking: `Query.gone` is gone.\n")
    assert run("schema", "check", str(changelog)) == (0, "", "")


def test_the_committed_schema_breaks_nothing_that_is_not_announced(run: Run) -> None:
    assert run("schema", "check", str(ROOT / "CHANGELOG.md")) == (0, "", "")


def test_a_changelog_that_is_not_there(run: Run, tmp_path: Path) -> None:
    status, output, errors = run("schema", "check", str(tmp_path / "none.md"))
    assert (status, output) == (2, "")
    assert "does not exist" in errors
