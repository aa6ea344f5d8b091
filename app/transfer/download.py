"""Stored content as an answer: whole or by range, under its name."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from urllib.parse import quote

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from app.files.store import FileStore

RANGE = re.compile(r"bytes=\s*(\d*)-(\d*)\s*", re.ASCII | re.IGNORECASE)
DIGITS = 18
"""So many digits say a number beyond the end of any file."""
SANDBOX = "default-src 'none'; sandbox"


@dataclass(frozen=True, slots=True)
class Download:
    """What is sent: a name for people, a media type, and which content it is; `size` in bytes."""

    name: str
    content_type: str
    sha256: str
    size: int

    @property
    def etag(self) -> str:
        """The strong validator: the same content is the same bytes."""
        return f'"{self.sha256}"'


class FileResponse(Response):
    """An answer to GET or HEAD: 200, 206, 304 or 416.

    Content that is lost is NotFound before anything is sent: `prepare` it where that can still be answered.
    """

    def __init__(self, store: FileStore, file: Download, headers: Headers) -> None:
        self.background = None
        self.store, self.file = store, file
        self._chunks: AsyncIterator[bytes] | None = None
        self.range = asked_range(headers, file)
        self.status_code = 200 if self.range is None else 206
        known = [each.strip().removeprefix("W/") for each in headers.get("if-none-match", "").split(",")]
        if file.etag in known or known == ["*"]:
            self.status_code, self.range = 304, None
        elif self.range is not None and self.range[0] >= self.range[1]:
            self.status_code = 416

    async def prepare(self, *, is_head: bool) -> FileResponse:
        """Open the content, if any is sent. Raises NotFound."""
        if not is_head and self.length and self.status_code in (200, 206):
            self._chunks = await self.store.open(self.file.sha256, self.range)
        return self

    @property
    def length(self) -> int:
        """Bytes that are sent."""
        if self.status_code in (304, 416):
            return 0
        first, end = self.range or (0, self.file.size)
        return end - first

    @property
    def told(self) -> dict[str, str]:
        """The headers, as they are spelled on the wire."""
        size = self.file.size
        told = {"ETag": self.file.etag, "Accept-Ranges": "bytes", "Cache-Control": "private, no-cache"}
        if self.status_code == 304:
            return told
        told |= {"Content-Length": str(self.length), "X-Content-Type-Options": "nosniff"}
        if self.status_code == 416:
            return told | {"Content-Range": f"bytes */{size}"}
        if self.range is not None:
            told["Content-Range"] = f"bytes {self.range[0]}-{self.range[1] - 1}/{size}"
        told |= {"Content-Type": self.file.content_type, "Content-Disposition": disposition(self.file.name)}
        return told | {"Content-Security-Policy": SANDBOX}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the headers, then the content chunk by chunk."""
        raw = [(name.encode(), value.encode("latin-1")) for name, value in self.told.items()]
        await send({"type": "http.response.start", "status": self.status_code, "headers": raw})
        if self._chunks is not None:
            async for chunk in self._chunks:
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


def asked_range(headers: Headers, file: Download) -> tuple[int, int] | None:
    """(first, end) of the bytes that `Range` asks for, the end excluded; (size, size) for none that there are.

    None for the whole file: without the header, with several ranges, or when `If-Range` names other content.
    """
    found = RANGE.fullmatch(headers.get("range", ""))
    if found is None or headers.get("if-range", file.etag) != file.etag:
        return None
    first, last = (_number(text) for text in found.groups())
    if first is None and last is None:
        return None
    if first is None:
        return max(file.size - (last or 0), 0), file.size
    if last is not None and last < first:
        return None
    end = file.size if last is None else min(last + 1, file.size)
    return (first, end) if first < file.size else (file.size, file.size)


def _number(text: str) -> int | None:
    digits = text.lstrip("0")
    if not text:
        return None
    return 10**DIGITS if len(digits) > DIGITS else int(digits or "0")


def disposition(name: str) -> str:
    """The header that names a file: readable by everybody and, where that is not ASCII, exact beside it."""
    plain = re.sub(r'[^ -~]|["\\]', "_", name)
    exact = "" if plain == name else f"; filename*=UTF-8''{quote(name, safe='')}"
    return f'inline; filename="{plain}"{exact}'
