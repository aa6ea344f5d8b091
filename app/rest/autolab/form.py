"""A form as a body that may hold a large file: read as far as it is understood."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

from starlette.requests import Request

from app.errors import Unauthenticated
from app.rest.autolab.refusals import Refused
from app.transfer.multipart import Field, FilePart, parts


class Form:
    """The `fields` that were read so far, and the `file` at which reading stopped, if it did.

    `passed` names the files that were not awaited. All that is kept or passed over has at most `limit` bytes.
    """

    def __init__(self, request: Request, limit: int) -> None:
        self.fields: list[tuple[str, str]] = []
        self.passed: list[str] = []
        self.file: FilePart | None = None
        self._left = limit
        self._parts = parts(request)

    async def read(self, awaited: str = "") -> None:
        """Read on to the first file of that name, or to the end; other files are passed over.

        Raises Refused 400 for what is too long, BadRequest for what is no form.
        """
        async for part in self._parts:
            if isinstance(part, Field):
                self._count(len(part.value))
                self.fields.append((part.name, part.value))
            elif awaited and part.name == awaited and part.filename:
                self.file = part
                return
            else:
                self.passed.append(part.name)
                async for chunk in part.chunks:
                    self._count(len(chunk))

    async def hold(self) -> None:
        """Keep the file in memory and read to the end: who sends it is said after it, or nowhere.

        Raises Unauthenticated when it is too large for that.
        """
        assert self.file is not None
        content = bytearray()
        async for chunk in self.file.chunks:
            content += chunk
            if len(content) > self._left:
                raise Unauthenticated("say who you are before a file as large as this")
        self._left -= len(content)
        await self.read()

        async def kept() -> AsyncIterator[bytes]:
            yield bytes(content)

        self.file = replace(self.file, chunks=kept())

    async def close(self) -> None:
        """Read no further."""
        await self._parts.aclose()

    def _count(self, size: int) -> None:
        self._left -= size
        if self._left < 0:
            raise Refused(400, "The request's body is too large")
