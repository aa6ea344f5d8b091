"""The store: objects of an obstore library's store, by the SHA-256 of their content."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import AsyncIterable, AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import IO, Any
from urllib.parse import unquote, urlsplit

import obstore
from obstore.store import LocalStore, S3Store

from app.errors import ConfigurationError, NotFound
from app.files.spool import Spool
from app.settings import Settings

FOLDER = "objects"
KEY = re.compile(rf"{FOLDER}/[0-9a-f]{{2}}/[0-9a-f]{{2}}/([0-9a-f]{{64}})")
PART = 5 * 1024 * 1024  # bytes that go to a bucket at a time: the least that S3 takes
FOLDER_PART = 1024 * 1024
READ = 256 * 1024
FRESH = timedelta(hours=12)
UNLIMITED = 2**62


@dataclass(frozen=True, slots=True)
class Stored:
    """Content that is in the store: its SHA-256 in hexadecimal, its size in bytes."""

    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class Listed(Stored):
    """Content that is in the store, and when it was last put there."""

    put_at: datetime


class FileStore:
    """Content by its SHA-256. Nothing is opened or made before it is needed."""

    def __init__(self, url: str, endpoint: str = "") -> None:
        """A store at `file:///path` or `s3://bucket/prefix`. Raises ConfigurationError for another URL."""
        parts = urlsplit(url)
        self.url, self.endpoint = url, endpoint
        self.bucket, self.path = parts.netloc, unquote(parts.path)
        self.is_local = parts.scheme == "file"
        if not (self.path.strip("/") and not self.bucket if self.is_local else parts.scheme == "s3" and self.bucket):
            raise ConfigurationError(f"not a place for files: {url!r}; use file:///path or s3://bucket/prefix")

    @classmethod
    def of(cls, settings: Settings) -> FileStore:
        """The store of an installation: by default the folder `files` beside the SQLite file, or in `var`."""
        beside = settings.sqlite_path or Path("var") / "campusgraph"
        return cls(settings.files_url or beside.absolute().with_name("files").as_uri(), settings.files_s3_endpoint)

    async def put(self, chunks: AsyncIterable[bytes], limit: int) -> Stored:
        """Store content as it comes. Raises FileTooLarge above `limit` bytes; then, as after any error, nothing is."""
        with Spool(limit, await asyncio.to_thread(self._folder)) as spool:
            async for chunk in chunks:
                await spool.add(chunk)
            content = await spool.content()
            await self._keep(spool.sha256, content)
            return Stored(spool.sha256, spool.size)

    async def put_bytes(self, content: bytes) -> Stored:
        """Store content that is in memory already."""

        async def once() -> AsyncIterator[bytes]:
            yield content

        return await self.put(once(), UNLIMITED)

    async def open(self, sha256: str, range: tuple[int, int] | None = None) -> AsyncIterator[bytes]:
        """Content in chunks, or the bytes from the first number up to before the second. Raises NotFound.

        A range must not be empty.
        """
        try:
            found = await obstore.get_async(self._store, key(sha256), options={"range": range} if range else None)
        except FileNotFoundError:
            raise NotFound("the content of the file is missing") from None
        return _chunks(found.stream(min_chunk_size=READ))

    async def read(self, sha256: str) -> bytes:
        """Content as a whole: for small ones. Raises NotFound."""
        return b"".join([chunk async for chunk in await self.open(sha256)])

    async def find(self, sha256: str) -> Listed | None:
        """What is known of content without reading it; None when it is not there."""
        try:
            return _listed(await obstore.head_async(self._store, key(sha256)))
        except FileNotFoundError:
            return None

    async def exists(self, sha256: str) -> bool:
        """Whether content is there."""
        return await self.find(sha256) is not None

    async def keys(self) -> AsyncIterator[Listed]:
        """All content that is there, in no order."""
        async for several in obstore.list(self._store, prefix=FOLDER):
            for each in several:
                if (found := _listed(each)) is not None:
                    yield found

    async def delete(self, sha256: str) -> None:
        """Forget content; nothing happens when it is not there."""
        if await self.exists(sha256):
            await obstore.delete_async(self._store, key(sha256))

    def put_now(self, stored: Stored, content: bytes) -> None:
        """Store content outside of an event loop. For migrations."""
        obstore.put(self._store, key(stored.sha256), content)
        self._settle(stored.sha256)

    def read_now(self, sha256: str) -> bytes:
        """Content outside of an event loop. For migrations. Raises FileNotFoundError."""
        return bytes(obstore.get(self._store, key(sha256)).bytes())

    async def _keep(self, sha256: str, content: bytes | IO[bytes]) -> None:
        """Write an object unless it was written lately: what is old may be about to be deleted by a repair."""
        known = await self.find(sha256)
        if known is None or known.put_at < datetime.now(UTC) - FRESH:
            several = not isinstance(content, bytes)
            size = FOLDER_PART if self.is_local else PART
            await obstore.put_async(
                self._store, key(sha256), content, use_multipart=several, chunk_size=size, max_concurrency=2
            )
            await asyncio.to_thread(self._settle, sha256)

    def _folder(self) -> Path | None:
        """Where a spool's file is: on the disk that it will be copied to, if there is one."""
        if not self.is_local:
            return None
        folder = Path(self.path)
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def _settle(self, sha256: str) -> None:
        """Have the disk, not only the system, know of an object before a row does."""
        if self.is_local:
            path = Path(self.path) / key(sha256)
            for each in (path, path.parent):
                descriptor = os.open(each, os.O_RDONLY)
                os.fsync(descriptor)
                os.close(descriptor)

    @cached_property
    def _store(self) -> Any:
        if self.is_local:
            return LocalStore(self._folder(), mkdir=True)
        options: dict[str, Any] = {"prefix": self.path.strip("/") or None}
        if self.endpoint:
            options |= {"endpoint": self.endpoint}
            options |= {"client_options": {"allow_http": True}} if self.endpoint.startswith("http://") else {}
        return S3Store(self.bucket, **options)


def key(sha256: str) -> str:
    """The key of an object, in two levels of folders so that none has too many."""
    return f"{FOLDER}/{sha256[:2]}/{sha256[2:4]}/{sha256}"


def _listed(meta: Any) -> Listed | None:
    """An object of ours; None for what somebody else put there."""
    found = KEY.fullmatch(meta["path"])
    return None if found is None else Listed(found[1], meta["size"], meta["last_modified"])


async def _chunks(stream: Any) -> AsyncIterator[bytes]:
    async for chunk in stream:
        yield bytes(chunk)
