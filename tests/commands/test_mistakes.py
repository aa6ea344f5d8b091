"""Every mistake is one line on standard error and status 2."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.rest.systems import SYSTEMS
from tests.commands.conftest import Run

UNREACHABLE = "postgresql+asyncpg://campus:secret@127.0.0.1:1/campus"


def fails(run: Run, message: str, *arguments: str) -> None:
    """Asserts that a command ends with status 2 and says this one line, and nothing on standard output."""
    assert run(*arguments) == (2, "", f"campusgraph: {message}\n")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "Missing command; see `campusgraph --help`"),
        (("frobnicate",), "No such command 'frobnicate'; see `campusgraph --help`"),
        (("token", "create"), "Missing argument 'USERNAME'; see `campusgraph token create --help`"),
        (("migrate", "--frob"), "No such option: --frob; see `campusgraph migrate --help`"),
        (("openapi", "moodle"), "unknown system 'moodle': known are {systems}"),
        (
            ("import", "moodle", "."),
            "unknown format 'moodle': use autolab, gradebook, library, olx, oneroster, oulad, prairielearn",
        ),
        (("import", "oulad", "nowhere"), "Invalid value for 'PATH': path 'nowhere' does not exist; see {import_help}"),
        (("token", "create", "ada"), "nobody has the username 'ada'"),
        (("token", "list", "ada"), "nobody has the username 'ada'"),
        (("token", "revoke", "7"), "no such access token"),
        (("token", "revoke", "cgp_zzzzzz"), "no token begins with cgp_zzzzzz"),
        (("user", "create", "ada", "--email", "ada"), "email: not an e-mail address"),
        (
            ("token", "create", "ada", "--expires-in", "soon"),
            "'soon' is not a duration: write a number and m, h, d or w, such as 90d",
        ),
    ],
)
def test_a_mistake_is_one_line(url: str, run: Run, arguments: tuple[str, ...], message: str) -> None:
    systems = ", ".join(each.name for each in SYSTEMS)
    fails(run, message.format(systems=systems, import_help="`campusgraph import --help`"), *arguments)


def test_a_scope_that_does_not_exist_is_one_line(url: str, run: Run) -> None:
    run("user", "create", "ada", "--email", "ada@example.edu")
    fails(run, "scopes: the scopes are read, write, admin", "token", "create", "ada", "--scope", "grade")


def test_a_name_that_is_taken_is_one_line(url: str, run: Run) -> None:
    run("user", "create", "ada", "--email", "ada@example.edu")
    message = "username: another user has this username"
    fails(run, message, "user", "create", "ADA", "--email", "another@example.edu")


@pytest.mark.parametrize("command", [("migrate",), ("token", "list"), ("serve", "--port", "0")], ids=" ".join)
def test_a_database_that_cannot_be_reached_is_one_line_without_its_password(run: Run, command: tuple[str, ...]) -> None:
    status, output, errors = run(*command, "--database-url", UNREACHABLE)
    assert (status, output, errors.count("\n")) == (2, "", 1)
    where = "postgresql+asyncpg://campus:***@127.0.0.1:1/campus"
    assert errors.startswith(f"campusgraph: cannot open the database {where}: ")


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("rubbish", "not a database URL: 'rubbish'"),
        ("mysql://localhost/x", "unknown database 'mysql': use postgresql+asyncpg or sqlite+aiosqlite"),
        ("postgresql+asyncpg://localhost:x/y", "not a database URL: invalid literal for int() with base 10: 'x'"),
    ],
)
def test_what_is_no_database_is_one_line(run: Run, url: str, message: str) -> None:
    fails(run, message, "migrate", "--database-url", url)


def test_a_file_that_is_no_database_is_one_line(run: Run, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("This is no database. " * 100)
    url = f"sqlite+aiosqlite:///{tmp_path / 'notes.txt'}"
    fails(run, f"cannot open the database {url}: file is not a database", "token", "list", "--database-url", url)


def test_a_database_without_tables_is_told_to_migrate(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "empty.sqlite3"
    url = f"sqlite+aiosqlite:///{path}"
    message = f"there is no database {path}: run `campusgraph migrate` first"
    fails(run, message, "user", "create", "ada", "--email", "ada@example.edu", "--database-url", url)
    assert list(tmp_path.iterdir()) == []
    path.touch()
    message = "the database's tables are missing or old: run `campusgraph migrate` first"
    fails(run, message, "token", "list", "--database-url", url)


def test_a_bad_setting_is_one_line(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAMPUSGRAPH_PORT", "many")
    fails(run, "CAMPUSGRAPH_PORT='many' is not a whole number", "serve")


def test_an_address_that_is_not_ours_is_one_line(run: Run) -> None:
    fails(
        run,
        "cannot listen on 192.0.2.1:0: Cannot assign requested address",
        *["serve", "--host", "192.0.2.1", "--port", "0"],
    )
