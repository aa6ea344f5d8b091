"""A server that is told to stop finishes what it has begun; workers count together, and leave nothing behind."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from tests.commands.test_serving import PATIENCE, serving, stopped
from tests.documentation import ROOT

BODY = b'{"query": "{ __typename }"}'
HEAD = (
    f"POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    f"Content-Length: {len(BODY)}\r\nExpect: 100-continue\r\n\r\n"
).encode()


def connected(address: str) -> socket.socket:
    """A connection to a server."""
    parts = urlsplit(address)
    return socket.create_connection((parts.hostname, parts.port), PATIENCE)


def received(connection: socket.socket) -> bytes:
    """All that comes until the server closes the connection."""
    return b"".join(iter(lambda: connection.recv(4096), b""))


@pytest.fixture(autouse=True)
def without_a_page(monkeypatch: pytest.MonkeyPatch) -> None:
    """The page of GraphiQL may not be built: then the server says so."""
    monkeypatch.setenv("CAMPUSGRAPH_GRAPHIQL", "no")


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_request_that_has_begun_is_answered(url: str, workers: str) -> None:
    with serving("--workers", workers) as (process, _, address):
        with connected(address) as busy, connected(address) as idle:
            busy.sendall(HEAD)
            assert busy.recv(4096) == b"HTTP/1.1 100 Continue\r\n\r\n"
            idle.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
            assert idle.recv(4096).startswith(b"HTTP/1.1 200 OK\r\n")
            process.send_signal(signal.SIGTERM)
            received(idle)  # ends when the server closes what has nothing to do: it is stopping
            busy.sendall(BODY)
            answer = received(busy)
        assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
        assert b'\r\n\r\n{"data":{"__typename":"Query"},' in answer
        assert stopped(process, signal.SIGTERM) == (0, "", "")


def test_workers_answer_for_each_other(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAMPUSGRAPH_METRICS_TOKEN", "many")
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    with serving("--workers", "2") as (process, _, address):
        for _ in range(20):
            query = {"query": "query Kind { __typename }"}
            assert httpx.post(f"{address}/graphql", json=query, timeout=PATIENCE).status_code == 200
        found = httpx.get(f"{address}/metrics", headers={"Authorization": "Bearer many"}, timeout=PATIENCE).text
        assert [each.name[:20] for each in tmp_path.glob("campusgraph-*")] == ["campusgraph-metrics-"]
        assert stopped(process, signal.SIGTERM) == (0, "", "")
    assert 'campusgraph_requests_total{method="POST",route="/graphql",status="200"} 20.0\n' in found
    assert 'campusgraph_operation_statements_bucket{document="client",le="0.0",operation="Kind"} 20.0\n' in found
    assert list(tmp_path.glob("campusgraph-*")) == []


COUNTING = """
import subprocess, sys
from app.telemetry import metrics

if sys.argv[1:]:
    metrics.limit_hit("page")
    metrics.batch_loaded(int(sys.argv[1]))
    print(metrics.exposition().decode())
else:
    with metrics.shared():
        for keys in "23":
            done = subprocess.run([sys.executable, "-c", {source!r}, keys], check=True, capture_output=True, text=True)
    print(done.stdout)
"""


def test_processes_count_together() -> None:
    """The second tells what both have counted."""
    inner = COUNTING.replace("{source!r}", "''")
    command = [sys.executable, "-c", COUNTING.replace("{source!r}", repr(inner))]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    found = dict(re.findall(r"^campusgraph_(limits_hit|loader_batches|loader_keys)_total\S* (\S+)$", done.stdout, re.M))
    assert found == {"limits_hit": "2.0", "loader_batches": "2.0", "loader_keys": "5.0"}
