"""Documents are registered from the command line: all of a folder, or none."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlalchemy import select

from app.domain.identity.models import RegisteredDocument
from tests.commands.conftest import Run
from tests.commands.test_people import ask

ME, COUNT = (
    "query Me { viewer { uid } }\n",
    "query Count { users { totalCount } }\nquery Ids { users { nodes { id } } }",
)


def digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def rows(url: str) -> Any:
    """What is registered, by entry."""
    own = RegisteredDocument
    columns = (own.digest, own.text, own.operations, own.user_id)
    return [tuple(row) for row in ask(url, lambda db: db.fetch(select(*columns).order_by(own.digest)))]


def test_a_folder_is_registered_and_again_changes_nothing(url: str, run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "documents"
    (folder / "deep").mkdir(parents=True)
    (folder / "me.graphql").write_text(ME)
    (folder / "deep" / "count.gql").write_text(COUNT)
    (folder / "notes.txt").write_text("{")
    run("user", "create", "ada", "--email", "ada@example.edu")
    assert run("documents", "register", str(folder), "--user", "ada") == (0, "registered: new 2, known 0\n", "")
    expected = [(digest(ME), ME, ["Me"], 1), (digest(COUNT), COUNT, ["Count", "Ids"], 1)]
    assert rows(url) == sorted(expected)
    assert run("documents", "register", str(folder)) == (0, "registered: new 0, known 2\n", "")
    (folder / "me.graphql").write_text(ME.strip())
    assert run("documents", "register", str(folder)) == (0, "registered: new 1, known 1\n", "")
    assert rows(url) == sorted([*expected, (digest(ME.strip()), ME.strip(), ["Me"], None)])


def test_a_file_of_a_code_generator(url: str, run: Run, tmp_path: Path) -> None:
    named = {f"sha256:{digest(ME)}": ME, digest(COUNT): COUNT}
    (tmp_path / "persisted.json").write_bytes(orjson.dumps(named))
    (tmp_path / "twice.graphql").write_text(ME)
    assert run("documents", "register", str(tmp_path)) == (0, "registered: new 2, known 0\n", "")
    assert [row[0] for row in rows(url)] == sorted([digest(ME), digest(COUNT)])


DEEP = "{ viewer " + "{ enrollments { nodes { user " * 6 + "{ uid }" + " } } }" * 6 + " }"
MISTAKES: dict[str, tuple[str, bytes, list[str]]] = {
    "field": (
        "a.graphql",
        b"query A {\n  viewer {\n    nothing\n  }\n}",
        [":3: Cannot query field 'nothing' on type 'User'."],
    ),
    "two": (
        "a.graphql",
        b"{ firstmistake\nsecondmistake }",
        [f":{n}: Cannot query field '{f}' on type 'Query'." for n, f in ((1, "firstmistake"), (2, "secondmistake"))],
    ),
    "syntax": ("a.gql", b"query A {\n\n", [":3: Syntax Error: Expected Name, found <EOF>."]),
    "empty": ("a.graphql", b"", [":1: Syntax Error: Unexpected <EOF>."]),
    "fragment": ("a.graphql", b"\nfragment F on User { uid }", [":2: Fragment 'F' is never used."]),
    "deep": ("a.graphql", DEEP.encode(), [":1: the document nests 20 levels: at most 15 are allowed"]),
    "long": ("a.graphql", b"{ viewer { uid } } #" + b"x" * 100_000, [":1: longer than 100000 bytes"]),
    "bytes": (
        "a.graphql",
        b"\xff{}",
        [": can't be read: 'utf-8' codec can't decode byte 0xff in position 0: invalid start byte"],
    ),
    "list": ("a.json", b"[]", [": not an object of texts"]),
    "numbers": ("a.json", b'{"a": 1}', [": not an object of texts"]),
    "name": ("a.json", b'{"abc": "{ viewer { uid } }"}', [": 'abc' is not the SHA-256 of its document"]),
    "inside": (
        "a.json",
        orjson.dumps({digest("{ firstmistake }"): "{ firstmistake }"}),
        [f":{digest('{ firstmistake }')}:1: Cannot query field 'firstmistake' on type 'Query'."],
    ),
}


@pytest.mark.parametrize("case", MISTAKES)
def test_one_mistake_and_nothing_is_registered(url: str, run: Run, tmp_path: Path, case: str) -> None:
    name, content, messages = MISTAKES[case]
    (tmp_path / "good.graphql").write_text(ME)
    (tmp_path / name).write_bytes(content)
    status, output, errors = run("documents", "register", str(tmp_path))
    *told, last = errors.splitlines()
    assert (status, output, last) == (2, "", f"campusgraph: nothing was registered, mistakes: {len(messages)}")
    assert told == [f"{tmp_path / name}{message}" for message in messages]
    assert rows(url) == []


def test_a_folder_without_documents(url: str, run: Run, tmp_path: Path) -> None:
    message = f"campusgraph: there are no documents in {tmp_path}\n"
    (tmp_path / "files").mkdir(exist_ok=True)
    assert run("documents", "register", str(tmp_path)) == (2, "", message)
    status, _, errors = run("documents", "register", str(tmp_path / "nowhere"))
    assert (status, "does not exist" in errors, errors.count("\n")) == (2, True, 1)


def test_somebody_who_is_not_there_registers_nothing(url: str, run: Run, tmp_path: Path) -> None:
    (tmp_path / "me.graphql").write_text(ME)
    message = "campusgraph: nobody has the username 'ghost'\n"
    assert run("documents", "register", str(tmp_path), "--user", "ghost") == (2, "", message)
    assert rows(url) == []
