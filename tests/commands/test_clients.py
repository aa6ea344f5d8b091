"""OAuth clients from the command line."""

from __future__ import annotations

from sqlalchemy import select

from app.domain.identity.models import OAuthClient
from app.domain.identity.tokens import digest
from tests.commands.conftest import Run
from tests.commands.test_people import ask


def test_a_client_is_made_listed_and_ended(url: str, run: Run) -> None:
    assert run("client", "list") == (0, "There are no clients.\n", "")
    uri = "https://a.example/b"
    status, output, errors = run(
        "client", "create", "cli", "--redirect-uri", uri, "--scope", "read", "--scope", "write"
    )
    uid, secret = output.split()
    assert (status, errors, len(uid), len(secret)) == (0, "", 43, 43)
    columns = (OAuthClient.uid, OAuthClient.secret_digest, OAuthClient.scopes, OAuthClient.user_id)
    assert ask(url, lambda db: db.fetch(select(*columns))) == [(uid, digest(secret), ["read", "write"], None)]
    line = ["1", uid, "cli", "confidential", "read,write", uri]
    assert run("client", "list")[1].splitlines()[1].split() == [*line, "active"]
    assert run("client", "revoke", "1") == (0, "Client 1 is revoked.\n", "")
    assert run("client", "revoke", "1") == (0, "Client 1 is revoked.\n", "")
    assert run("client", "list")[1].splitlines()[1].split() == [*line, "revoked"]


def test_a_public_client_has_no_secret(url: str, run: Run) -> None:
    status, output, _ = run("client", "create", "phone", "--public", "--redirect-uri", "org.example.phone:/back")
    assert (status, len(output.split())) == (0, 1)
    columns = (OAuthClient.secret_digest, OAuthClient.scopes)
    assert ask(url, lambda db: db.fetch(select(*columns))) == [(None, ["user_info"])]


def test_a_client_that_acts_for_somebody(url: str, run: Run) -> None:
    run("user", "create", "root", "--email", "root@example.edu", "--staff")
    assert run("client", "create", "nightly", "--user", "root", "--scope", "read")[0] == 0
    assert ask(url, lambda db: db.scalar(select(OAuthClient.user_id))) == 1


def test_mistakes_make_no_client(url: str, run: Run) -> None:
    assert run("client", "create", "x", "--user", "ghost") == (2, "", "campusgraph: nobody has the username 'ghost'\n")
    status, _, errors = run("client", "create", "x", "--redirect-uri", "http://a.example/")
    assert (status, errors.startswith("campusgraph: redirectUris: not an absolute https URI")) == (2, True)
    assert run("client", "revoke", "9") == (2, "", "campusgraph: no such o auth client\n")
    assert ask(url, lambda db: db.fetch(select(OAuthClient.id))) == []
