"""Names say what a thing is; no text says on which machine it was written (house, §6)."""

from __future__ import annotations

import ast
import re

from tests.architecture.tree import SOURCES, files, folders, lines, none, parsed, short, written

EMPTY_WORDS = {"util", "utils", "helper", "helpers", "manager", "managers", "common", "misc"}
MACHINE = re.compile(rf"(?<![\w.}}-])/(?:{'|'.join(('work', 'root', 'opt', 'home', 'Users'))})/")
REGISTRY = re.compile(r"\b(?:pypi|pythonhosted|npmjs|yarnpkg|ghcr|docker|quay)\.(?:org|com|io)\b|\bindex-url\b")
NO_TEXT = {".png", ".ico", ".woff2", ".gz", ".zip"}


def test_modules_and_folders_are_nouns_of_the_field() -> None:
    named = [*written(".py", ".graphql"), *folders(*SOURCES)]
    none(f"{short(path)}: an empty word" for path in named if EMPTY_WORDS & set(re.split(r"[\W_]", path.stem.lower())))


def test_nothing_is_printed() -> None:
    none(
        f"{short(path)}:{node.lineno} {node.func.id}()"
        for path in written(".py", under=("app", "schema", "alembic"))
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    )


def test_no_text_names_a_machine_or_a_registry() -> None:
    none(
        f"{short(path)}:{number} {found[0]}"
        for path in files()
        if path.suffix not in NO_TEXT and path.name != "test_words.py"
        for number, line in enumerate(lines(path), 1)
        if (found := MACHINE.search(line) or REGISTRY.search(line))
    )


def test_the_search_finds_what_it_looks_for() -> None:
    slash = "/"
    for name in ("work", "root", "opt"):
        assert MACHINE.search(f'path = "{slash}{name}{slash}x"')
        assert MACHINE.search(f"see {slash}{name}{slash}x")
        assert not MACHINE.search(f"home{slash}{name}{slash}x")
    assert REGISTRY.search("https:" + slash * 2 + "files.python" + "hosted.org/x")
