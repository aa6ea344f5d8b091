"""Nothing is too large to be read at once (house, §6)."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.tree import ROOT, lines, none, parsed, short, written

MODULE, DOCUMENT, FUNCTION, README, LINE, KERNEL = 300, 400, 40, 200, 120, 800
PRAGMA = re.compile(r"\s+# (?:type: ignore|noqa).*")  # does not count, as with ruff


def too_long(paths: list[Path], limit: int) -> Iterator[str]:
    """What to say of each file with more lines than the limit."""
    return (f"{short(path)}: {count} lines" for path in paths if (count := len(lines(path))) > limit)


def functions(path: Path) -> Iterator[tuple[str, int, int]]:
    """(name, first line, number of lines) of every function of a module, without its decorators."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, node.lineno, (node.end_lineno or node.lineno) - node.lineno + 1


def test_modules() -> None:
    none(too_long(written(".py"), MODULE))


def test_graphql_documents() -> None:
    none(too_long(written(".graphql"), DOCUMENT))


def test_readmes() -> None:
    none(too_long([path for path in written(".md") if path.name == "README.md"], README))


def test_functions() -> None:
    """A migration is one list of statements that Alembic printed: the module's limit is enough there."""
    none(
        f"{short(path)}:{first} {name}: {count} lines"
        for path in written(".py")
        if "versions" not in path.parts
        for name, first, count in functions(path)
        if count > FUNCTION
    )


def test_lines() -> None:
    """Rows of Markdown tables are exempt: they can't be broken."""
    none(
        f"{short(path)}:{number}: {len(line)} characters"
        for path in written(".py", ".graphql", ".md", ".toml", ".js", ".css", ".html")
        for number, line in enumerate(lines(path), 1)
        if len(PRAGMA.sub("", line)) > LINE and not (path.suffix == ".md" and line.startswith("|"))
    )


def test_the_rest_kernel() -> None:
    kernel = [path for path in written(".py") if path.parent == ROOT / "app" / "rest"]
    assert sum(len(lines(path)) for path in kernel) <= KERNEL
