"""Everything is where one looks for it (house, §1)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT, SOURCES, folders, is_ours, lines, modules, none, short, subfolders, written

REQUIRED = {"pyproject.toml", "README.md", "app", "schema", "tests", "alembic"}
OPTIONAL = {"Makefile", "requirements.lock", "CHANGELOG.md", ".ci", ".gitignore"}
DOMAINS = subfolders(ROOT / "app" / "domain")
DOMAIN_NEEDS, DOMAIN_SHAPE = {"models", "policy", "service"}, {"models", "policy", "queries", "service"}
GRAPH_SHAPE = {"types", "queries", "mutations", "subscriptions", "enums", "inputs"}
GRAPH_MACHINERY = {"core", "execution"}
RECORDS = sorted((ROOT / "app" / "decisions").iterdir())


def test_the_top_level_is_fixed() -> None:
    found = {path.name for path in ROOT.iterdir() if is_ours(path)}
    surplus = sorted(f"{name} has no place at the top level" for name in found - REQUIRED - OPTIONAL)
    none(surplus + sorted(f"{name} is missing" for name in REQUIRED - found))


def test_every_folder_of_modules_is_a_package() -> None:
    """import-linter sees nothing in a folder that is none: its laws would be kept by blindness."""
    none(
        f"{short(folder)}/__init__.py is missing"
        for folder in folders("app", "schema", "tests")
        if modules(folder) and not (folder / "__init__.py").is_file()
    )


@pytest.mark.parametrize("domain", DOMAINS)
def test_a_domain_has_the_shape_of_all(domain: str) -> None:
    folder = ROOT / "app" / "domain" / domain
    missing = [f"{name}.py" for name in sorted(DOMAIN_NEEDS - set(modules(folder)))]
    missing += [] if (folder / "README.md").is_file() else ["README.md"]
    more = set(modules(folder)) - DOMAIN_SHAPE if "README.md" in missing else set()
    none(
        [f"{short(folder)}/{name} is missing" for name in missing]
        + [f"{short(folder)}/{name}.py is in no README" for name in sorted(more)]
    )


def test_the_graph_mirrors_the_domains() -> None:
    kinds = [name for name in subfolders(ROOT / "schema") if name not in GRAPH_MACHINERY]
    assert kinds == DOMAINS
    found = {name: set(modules(ROOT / "schema" / name)) for name in kinds}
    missing = [f"schema/{name}/types.py is missing" for name in kinds if "types" not in found[name]]
    surplus = [f"schema/{name}/{each}.py" for name in kinds for each in sorted(found[name] - GRAPH_SHAPE)]
    none(missing + [f"{name} is none of {', '.join(sorted(GRAPH_SHAPE))}" for name in surplus])


def test_every_readme_names_the_modules_of_its_folder() -> None:
    """Where all folders have one shape, only what is more than the shape."""
    none(
        f"{short(readme)} does not name {name}"
        for readme in written(".md")
        if readme.name == "README.md"
        for name in expected(readme.parent)
        if not re.search(rf"(?<![\w.-]){re.escape(name)}", readme.read_text())
    )


def expected(folder: Path) -> Iterator[str]:
    """`name.py` and `name/` of what a folder's README must name."""
    shapes = {ROOT / "app" / "domain": DOMAIN_SHAPE, ROOT / "schema": GRAPH_SHAPE}
    known = shapes.get(folder.parent, set()) if folder.name not in GRAPH_MACHINERY else set()
    yield from (f"{name}.py" for name in modules(folder) if name not in known)
    yield from (f"{name}/" for name in (subfolders(folder) if folder != ROOT else SOURCES))


@pytest.mark.parametrize("record", RECORDS, ids=lambda path: path.stem)
def test_a_decision_record_is_short_and_has_three_parts(record: Path) -> None:
    text = lines(record)
    assert re.fullmatch(r"\d{4}-[a-z0-9]+(-[a-z0-9]+)*\.md", record.name)
    assert text[0].startswith(f"# {record.name[:4]} · ")
    assert len(text) <= 50
    parts = [found[1] for line in text if (found := re.match(r"(?:\*\*|## )(Context|Decision|Consequences)\b", line))]
    assert parts == ["Context", "Decision", "Consequences"]


def test_decision_records_are_numbered_without_gaps() -> None:
    assert [record.name[:4] for record in RECORDS] == [f"{number:04}" for number in range(1, len(RECORDS) + 1)]
