"""A file is handed in over a real connection: cut off, too large, and whole (contracts/autolab.md §4.10)."""

from __future__ import annotations

import socket
import time
from hashlib import sha256
from pathlib import Path

import httpx

from tests.clients.conftest import served
from tests.commands.test_serving import PATIENCE

MIB = 2**20
PATH = "/api/v1/courses/sig-f24/assessments/lab1"
HEAD = b'--b\r\nContent-Disposition: form-data; name="submission[file]"; filename="f.bin"\r\n\r\n'
HANDED_IN = "{ submissions { totalCount } }"


def objects(folder: Path) -> set[str]:
    """Every file in the store's folder."""
    return {path.name for path in (folder / "files").rglob("*") if path.is_file()}


def settled(folder: Path, expected: set[str]) -> set[str]:
    """What the store's folder holds as soon as it is what is expected, or when patience is over."""
    end = time.monotonic() + PATIENCE
    while (found := objects(folder)) != expected and time.monotonic() < end:
        time.sleep(0.05)
    return found


def test_an_upload_that_is_killed_or_too_large_leaves_nothing(tmp_path: Path) -> None:
    with served(tmp_path) as place:
        host, port = place.host.split(":")
        query = f"?access_token={place.tokens['sam']}"
        before, counted = objects(tmp_path), place.graph("sam", HANDED_IN)
        for size, sent in ((2 * MIB, MIB), (200 * MIB, MIB)):
            with socket.create_connection((host, int(port)), PATIENCE) as wire:
                head = f"POST {PATH}/submit{query} HTTP/1.1\r\nHost: {place.host}\r\nContent-Length: {size}\r\n"
                wire.sendall(head.encode() + b"Content-Type: multipart/form-data; boundary=b\r\n\r\n")
                wire.sendall(HEAD + b"x" * sent)
        large = {"submission[file]": ("f.bin", b"y" * 3 * MIB)}
        refused = httpx.post(f"{place.address}{PATH}/submit{query}", files=large, timeout=PATIENCE)
        assert (refused.status_code, "2 MB" in refused.json()["error"]) == (403, True)
        assert (settled(tmp_path, before), place.graph("sam", HANDED_IN)) == (before, counted)
        content = b"z" * 2 * MIB
        taken = httpx.post(
            f"{place.address}{PATH}/submit{query}", files={"submission[file]": ("f.bin", content)}, timeout=PATIENCE
        )
        assert taken.json() == {"version": 2, "filename": "2_handin.c"}
        assert objects(tmp_path) - before == {sha256(content).hexdigest()}
