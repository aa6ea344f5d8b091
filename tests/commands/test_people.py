"""Accounts and tokens from the command line."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select

from app.context import Context
from app.db.engine import create_engine
from app.db.session import Database
from app.domain.identity.models import AccessToken, BrowserSession, User
from app.domain.identity.sessions import open_session
from app.domain.identity.signins import open_sign_in
from app.domain.identity.tokens import authenticate
from app.errors import Unauthenticated
from app.principal import Principal
from app.settings import Settings
from tests.commands.conftest import Run


def ask(url: str, question: Callable[[Database], Any]) -> Any:
    """What `question` finds in the database."""

    async def run() -> Any:
        engine = create_engine(Settings(database_url=url))
        try:
            async with Database(engine) as db:
                return await question(db)
        finally:
            await engine.dispose()

    return asyncio.run(run())


def holder(url: str, token: str) -> Principal:
    """Who holds a token now."""
    found: Principal = ask(url, lambda db: authenticate(db, token, datetime.now(UTC)))
    return found


def test_an_account_is_made_and_its_id_printed(url: str, run: Run) -> None:
    assert run("user", "create", "ada", "--email", "ada@example.edu", "--name", "Ada Lovelace") == (0, "1\n", "")
    columns = (User.id, User.username, User.email, User.name, User.is_staff, User.password_hash)
    assert ask(url, lambda db: db.fetch(select(*columns))) == [
        (1, "ada", "ada@example.edu", "Ada Lovelace", False, None)
    ]


def test_a_password_is_read_from_standard_input_and_kept_as_a_hash(
    url: str, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("correct horse \nbattery\n"))
    assert run("user", "create", "ada", "--email", "ada@example.edu", "--staff", "--password-stdin") == (0, "1\n", "")
    [(is_staff, kept)] = ask(url, lambda db: db.fetch(select(User.is_staff, User.password_hash)))
    assert is_staff is True
    assert PasswordHasher().verify(kept, "correct horse ") is True


def test_a_short_password_makes_nobody(url: str, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("seven77\n"))
    failure = (2, "", "campusgraph: a password has at least 8 characters\n")
    assert run("user", "create", "ada", "--email", "ada@example.edu", "--password-stdin") == failure
    assert ask(url, lambda db: db.fetch(select(User.id))) == []


def test_a_password_is_set_for_somebody_who_is_there_and_ends_their_sign_ins(
    url: str, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("user", "create", "ada", "--email", "ada@example.edu")
    run("user", "create", "bob", "--email", "bob@example.edu")

    async def signed_in(db: Database) -> None:
        ctx = Context(Principal(None), db, lambda: datetime.now(UTC))
        async with db.transaction():
            for user_id in (1, 2):
                await open_session(ctx, user_id)
                await open_sign_in(ctx, user_id)

    ask(url, signed_in)
    monkeypatch.setattr("sys.stdin", io.StringIO("correct horse\n"))
    assert run("user", "password", "ada") == (0, "ada can sign in with it.\n", "")
    [(kept,), (nothing,)] = ask(url, lambda db: db.fetch(select(User.password_hash).order_by(User.id)))
    assert (PasswordHasher().verify(kept, "correct horse"), nothing) == (True, None)
    assert ask(url, lambda db: db.fetch(select(BrowserSession.user_id))) == [(2,)]
    living = select(AccessToken.user_id).where(AccessToken.revoked_at.is_(None))
    assert ask(url, lambda db: db.fetch(living)) == [(2,)]


def test_a_password_is_set_for_nobody(url: str, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    run("user", "create", "ada", "--email", "ada@example.edu")
    for typed, username, why in (
        ("correct horse", "bob", "nobody has the username 'bob'"),
        ("seven77", "ada", "a password has at least 8 characters"),
    ):
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{typed}\n"))
        assert run("user", "password", username) == (2, "", f"campusgraph: {why}\n")
    assert ask(url, lambda db: db.fetch(select(User.password_hash))) == [(None,)]


def test_a_token_stands_alone_on_standard_output_and_works(url: str, run: Run) -> None:
    run("user", "create", "ada", "--email", "ada@example.edu")
    status, output, errors = run("token", "create", "ada")
    assert (status, errors) == (0, "")
    assert output.endswith("\n")
    assert holder(url, output.rstrip("\n")) == Principal(1, is_admin=False, scopes=frozenset({"read", "write"}))


def test_a_token_has_the_scopes_the_name_and_the_end_that_were_asked_for(url: str, run: Run) -> None:
    run("user", "create", "root", "--email", "root@example.edu", "--staff")
    before = datetime.now(UTC)
    _, output, _ = run(
        *("token", "create", "root", "--scope", "admin", "--scope", "read", "--expires-in", "90d", "--name", "nightly")
    )
    after = datetime.now(UTC)
    assert holder(url, output.strip()) == Principal(1, is_admin=True, scopes=frozenset({"read", "admin"}))
    columns = (AccessToken.name, AccessToken.scopes, AccessToken.expires_at)
    [(name, scopes, end)] = ask(url, lambda db: db.fetch(select(*columns)))
    assert (name, scopes) == ("nightly", ["read", "admin"])
    assert before + timedelta(days=90) <= end <= after + timedelta(days=90)


def test_tokens_are_listed_by_what_is_kept_of_them(url: str, run: Run) -> None:
    assert run("token", "list") == (0, "There are no tokens.\n", "")
    run("user", "create", "ada", "--email", "ada@example.edu")
    run("user", "create", "bob", "--email", "bob@example.edu")
    mine = run("token", "create", "ada", "--scope", "read")[1][:10]
    run("token", "create", "bob")
    run("token", "revoke", "2")
    status, output, errors = run("token", "list")
    assert (status, errors) == (0, "")
    heading, first, second = output.splitlines()
    columns = "ID PREFIX USER NAME SCOPES CREATED EXPIRES LAST USED DOCUMENTS STATE"
    assert heading.split() == columns.split()
    assert first.split()[:6] == ["1", mine, "ada", "command", "line", "read"]
    assert first.split()[-4:] == ["never", "never", "any", "active"]
    assert second.split()[-2:] == ["any", "revoked"]
    assert [line.split() for line in run("token", "list", "ada")[1].splitlines()[1:]] == [first.split()]


def test_a_token_for_registered_documents(url: str, run: Run) -> None:
    run("user", "create", "ada", "--email", "ada@example.edu")
    assert run("token", "create", "ada", "--registered-only")[0] == 0
    assert run("token", "list")[1].splitlines()[1].split()[-2:] == ["registered", "active"]
    assert ask(url, lambda db: db.scalar(select(AccessToken.is_registered_only))) is True


@pytest.mark.parametrize("named", ["id", "prefix", "whole"])
def test_a_revoked_token_is_refused(url: str, run: Run, named: str) -> None:
    run("user", "create", "ada", "--email", "ada@example.edu")
    token = run("token", "create", "ada")[1].strip()
    assert run("token", "revoke", {"id": "1", "prefix": token[:10], "whole": token}[named]) == (
        *(0, "Token 1 is revoked.\n", ""),
    )
    with pytest.raises(Unauthenticated):
        holder(url, token)
    assert run("token", "revoke", "1") == (0, "Token 1 is revoked.\n", "")


def test_an_ambiguous_beginning_revokes_nothing(url: str, run: Run) -> None:
    run("user", "create", "ada", "--email", "ada@example.edu")
    token = run("token", "create", "ada")[1].strip()
    run("token", "create", "ada")
    assert run("token", "revoke", "cgp_") == (2, "", "campusgraph: the tokens 1, 2 begin with cgp_: give the id\n")
    assert holder(url, token).user_id == 1


def test_what_is_over_is_removed(url: str, run: Run) -> None:
    run("user", "create", "ada", "--email", "ada@example.edu")
    run("token", "create", "ada")
    told = "removed: tokens 0, codes 0, devices 0, sessions 0\n"
    assert run("token", "prune") == (0, told, "")
