"""What has come of a stream so far: hashed, counted, in memory while it is small and then in a file without a name."""

from __future__ import annotations

import asyncio
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryFile
from types import TracebackType
from typing import IO, Self

from app.errors import LimitExceeded

SMALL = 1024 * 1024
"""Bytes that are kept in memory, and that are hashed and written at a time."""


class FileTooLarge(LimitExceeded):
    """A file has more bytes than it may have."""

    code = "FILE_TOO_LARGE"
    status = 413


class Spool:
    """Bytes on their way into the store; the file is in `folder`, or where the system keeps temporary files."""

    def __init__(self, limit: int, folder: Path | None) -> None:
        self.limit, self.folder = limit, folder
        self.size = 0
        self._digest = sha256()
        self._waiting = bytearray()
        self._file: IO[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()

    @property
    def sha256(self) -> str:
        """The SHA-256 of what was added, in hexadecimal; after `content`."""
        return self._digest.hexdigest()

    async def add(self, chunk: bytes) -> None:
        """The next bytes. Raises FileTooLarge."""
        self.size += len(chunk)
        if self.size > self.limit:
            raise FileTooLarge(f"the file has more than {self.limit} bytes", "file")
        self._waiting += chunk
        if len(self._waiting) > SMALL:
            await asyncio.to_thread(self._write)

    async def content(self) -> bytes | IO[bytes]:
        """All that was added: bytes or, when it is more than 1 MiB, a file at its start."""
        if self._file is None:
            self._digest.update(self._waiting)
            return bytes(self._waiting)
        await asyncio.to_thread(self._write)
        self._file.seek(0)
        return self._file

    def _write(self) -> None:
        if self._file is None:
            self._file = TemporaryFile(dir=self.folder)  # noqa: SIM115 - closed with the spool
        self._digest.update(self._waiting)
        self._file.write(self._waiting)
        self._waiting = bytearray()
