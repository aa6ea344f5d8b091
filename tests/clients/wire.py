"""Requests byte by byte, as programs write them, and answers as they stand on the wire."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPResponse
from typing import Any
from urllib.parse import quote, urlencode

import orjson

from tests.commands.test_serving import PATIENCE

BOUNDARY = "------------------------a73cef69dac69026"


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, headers with their names as they were spelled, body."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    def json(self) -> Any:
        return orjson.loads(self.body)


def fields(**values: str) -> str:
    """Parameters in order, escaped like libcurl's: %20 for a space."""
    return urlencode(values, quote_via=quote, safe="")


def form(name: str, filename: str, content: bytes, boundary: str = BOUNDARY) -> tuple[dict[str, str], bytes]:
    """Headers and body of a form with one file, as libcurl and Go write it."""
    part = f'Content-Disposition: form-data; name="{name}"; filename="{filename}"'
    head = f"--{boundary}\r\n{part}\r\nContent-Type: application/octet-stream\r\n\r\n".encode()
    body = head + content + f"\r\n--{boundary}--\r\n".encode()
    return {"Content-Length": str(len(body)), "Content-Type": f"multipart/form-data; boundary={boundary}"}, body


def posted(text: str) -> tuple[dict[str, str], bytes]:
    """Headers and body of a form without files, as libcurl writes it."""
    headers = {"Content-Length": str(len(text)), "Content-Type": "application/x-www-form-urlencoded"}
    return headers, text.encode()


def exchange(
    host: str, line: str, headers: Mapping[str, str] = {}, body: bytes = b"", *, waits: bool = False
) -> Answer:
    """Send a request (`GET /path`) and read the answer; with `waits`, the body only when the server asks for it."""
    method, target = line.split(" ")
    name, port = host.split(":")
    spelled = [f"{key}: {value}" for key, value in {"Host": host, "Accept": "*/*", **headers}.items()]
    head = "\r\n".join([f"{method} {target} HTTP/1.1", *spelled, "", ""]).encode()
    with socket.create_connection((name, int(port)), timeout=PATIENCE) as connection:
        connection.sendall(head if waits else head + body)
        if waits:
            assert connection.recv(1000) == b"HTTP/1.1 100 Continue\r\n\r\n"
            connection.sendall(body)
        response = HTTPResponse(connection, method=method)
        response.begin()
        return Answer(response.status, dict(response.getheaders()), response.read())
