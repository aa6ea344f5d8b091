"""The project's files as the architecture tests see them: what is ours, without what tools leave behind."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from fnmatch import fnmatch
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCES = ("alembic", "app", "schema", "tests")
PRINTED = {ROOT / "schema" / name for name in ("schema.graphql", "released.graphql")}


@cache
def ignored() -> tuple[str, ...]:
    """Patterns of names that are not ours: those of .gitignore."""
    lines = (ROOT / ".gitignore").read_text().splitlines()
    return (".git", *(line.strip("/") for line in lines if line))


def is_ours(path: Path) -> bool:
    """Whether no part of the path is left behind by a tool."""
    return not any(fnmatch(part, pattern) for part in path.relative_to(ROOT).parts for pattern in ignored())


@cache
def files() -> tuple[Path, ...]:
    """All files of the project, in order."""
    return tuple(_walk(ROOT))


def _walk(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if is_ours(path):
            if path.is_dir():
                yield from _walk(path)
            else:
                yield path


def written(*suffixes: str, under: tuple[str, ...] = ()) -> list[Path]:
    """The files that people write, by suffix, optionally only those in these top-level folders."""
    return [
        path
        for path in files()
        if path.suffix in suffixes and path not in PRINTED and (not under or path.relative_to(ROOT).parts[0] in under)
    ]


def folders(*top: str) -> list[Path]:
    """All folders below (and with) these top-level ones that hold a file of ours, at any depth."""
    found = {parent for path in files() for parent in path.parents if parent != ROOT and parent.is_relative_to(ROOT)}
    return sorted(folder for folder in found if folder.relative_to(ROOT).parts[0] in top)


def subfolders(folder: Path) -> list[str]:
    """The names of the folders directly in a folder that hold a file of ours."""
    return [each.name for each in folders(folder.relative_to(ROOT).parts[0]) if each.parent == folder]


def modules(folder: Path) -> list[str]:
    """The names of the Python modules directly in a folder, without `__init__`."""
    return [path.stem for path in files() if path.parent == folder and path.suffix == ".py" and path.stem != "__init__"]


@cache
def parsed(path: Path) -> ast.Module:
    """A Python file's syntax tree."""
    return ast.parse(path.read_text(), filename=str(path))


def short(path: Path) -> str:
    """A path as one types it at the top of the project."""
    return path.relative_to(ROOT).as_posix()


def lines(path: Path) -> list[str]:
    """A text file's lines."""
    return path.read_text().splitlines()


def none(offenders: Iterable[str]) -> None:
    """Asserts that a law has no offenders; tells all of them, one a line."""
    broken = list(offenders)
    assert not broken, "\n".join(["", *broken])
