"""Servers as processes: they come up, answer, and stop when told to."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from tests.answers import uncounted
from tests.commands.conftest import Run

PATIENCE = 60  # seconds


@contextmanager
def serving(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], list[str], str]]:
    """A server on a free port: the process, the lines that it printed first, its address. Ended if it still runs.

    It tells of no request, so that whatever it writes is a failure.
    """
    command = [sys.executable, "-W", "error", "-m", "app.cli", "serve", "--port", "0", *arguments]
    environment = {**os.environ, "CAMPUSGRAPH_LOG_REQUESTS": "no"}
    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, env=environment, **pipes) as process:
        assert process.stdout is not None
        lines: list[str] = []
        try:
            while not (lines and lines[-1].startswith("Health")):
                lines.append(process.stdout.readline())
                assert lines[-1], process.communicate()[1]
            yield process, lines, lines[-1].split()[-1].removesuffix("/healthz")
        finally:
            process.terminate()


def stopped(process: subprocess.Popen[str], number: signal.Signals) -> tuple[int, str, str]:
    """(exit status, rest of standard output, standard error) of a server that is told to stop."""
    process.send_signal(number)
    output, errors = process.communicate(timeout=PATIENCE)
    return process.returncode, output, errors


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=lambda number: number.name)
def test_a_server_comes_up_and_stops_without_a_word(url: str, number: signal.Signals) -> None:
    with serving() as (process, _, address):
        answer = httpx.get(f"{address}/healthz", timeout=PATIENCE)
        assert (answer.status_code, answer.text) == (200, "ok\n")
        assert "server" not in answer.headers
        assert stopped(process, number) == (0, "", "")


def test_it_says_where_everything_is(url: str, run: Run) -> None:
    with serving() as (process, lines, address):
        assert lines[0].split() == ["GraphQL", "and", "GraphiQL", f"{address}/graphql"]
        documents = re.findall(r"http://\S+\.json", "".join(lines))
        assert documents == [f"{address}/openapi/{name}.json" for name in named(run)]
        for each in documents:
            assert httpx.get(each, timeout=PATIENCE).json()["openapi"] == "3.1.0"
        assert stopped(process, signal.SIGTERM) == (0, "", "")


def named(run: Run) -> Sequence[str]:
    """The REST systems, in order."""
    return list(dict.fromkeys(line.split()[0] for line in run("routes")[1].splitlines()))


def test_a_server_brings_the_tables_up_to_date_and_starts_again(tmp_path: object, run: Run) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path}/new/campusgraph.sqlite3"
    for _ in range(2):
        with serving("--database-url", url) as (process, _, address):
            assert httpx.get(f"{address}/healthz", timeout=PATIENCE).status_code == 200
            assert stopped(process, signal.SIGTERM) == (0, "", "")
    assert run("token", "list", "--database-url", url) == (0, "There are no tokens.\n", "")


@pytest.mark.parametrize("workers", ["1", "2"])
def test_workers_answer_whoever_holds_a_token(url: str, run: Run, workers: str) -> None:
    run("user", "create", "ada", "--email", "ada@example.edu")
    headers = {"Authorization": f"Bearer {run('token', 'create', 'ada')[1].strip()}"}
    with serving("--workers", workers) as (process, _, address):
        query = {"query": "{ viewer { username } }"}
        answer = httpx.post(f"{address}/graphql", headers=headers, json=query, timeout=PATIENCE)
        assert uncounted(answer) == {"data": {"viewer": {"username": "ada"}}}
        assert stopped(process, signal.SIGTERM) == (0, "", "")


def test_a_port_that_is_taken_is_one_line(url: str, run: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        message = f"campusgraph: cannot listen on 127.0.0.1:{port}: Address already in use\n"
        assert run("serve", "--port", str(port)) == (2, "", message)


def test_a_redis_that_is_none_is_one_line(url: str, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAMPUSGRAPH_LIMITS_URL", "localhost:6379")
    assert run("serve", "--port", "0") == (2, "", "campusgraph: the limits' URL begins with redis:// or rediss://\n")
