"""A multipart/form-data body as a stream of fields and files."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import ClientDisconnect, Request

from app.errors import BadRequest, LimitExceeded

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

FORM = b"multipart/form-data"
MAX_PARTS = 100
MAX_FIELD = 64 * 1024
END = "end"


@dataclass(frozen=True, slots=True)
class Field:
    """A part without a file name: its name and its text."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class FilePart:
    """A file: the name of its field, its own name, its media type (empty when none was sent), its bytes as they come.

    The bytes are there until the next part is asked for.
    """

    name: str
    filename: str
    content_type: str
    chunks: AsyncIterator[bytes] = field(repr=False)


@dataclass(slots=True)
class Head:
    """The headers of a part, by their names in lower case."""

    headers: dict[bytes, bytes] = field(default_factory=dict)
    name: bytes = b""
    value: bytes = b""


async def parts(request: Request) -> AsyncGenerator[Field | FilePart]:
    """The parts of a form in their order.

    Raises BadRequest for a body that is no form or ends too early, LimitExceeded for too many parts and long fields.
    """
    content_type, options = parse_options_header(request.headers.get("content-type"))
    boundary = options.get(b"boundary")
    if content_type != FORM or not boundary:
        raise BadRequest("send multipart/form-data")
    reader = _Reader(request.stream(), boundary)
    count = 0
    while (head := await reader.head()) is not None:
        count += 1
        if count > MAX_PARTS:
            raise LimitExceeded(f"a form has at most {MAX_PARTS} parts", "form")
        _, told = parse_options_header(head.headers.get(b"content-disposition", b"").decode("latin-1"))
        if b"name" not in told:
            raise BadRequest("a part of the form has no name")
        name = _text(told[b"name"])
        if b"filename" not in told:
            yield Field(name, await _value(reader))
            continue
        media_type = head.headers.get(b"content-type", b"").partition(b";")[0].strip().decode("latin-1")
        yield FilePart(name, _text(told[b"filename"]), media_type.lower(), reader.chunks())
        async for _ in reader.chunks():
            pass


async def _value(reader: _Reader) -> str:
    made = bytearray()
    async for chunk in reader.chunks():
        made += chunk
        if len(made) > MAX_FIELD:
            raise LimitExceeded(f"a field of a form has at most {MAX_FIELD} bytes", "form")
    return _text(bytes(made))


def _text(value: bytes) -> str:
    return value.decode(errors="replace")


class _Reader:
    """Reads the body only as far as its caller has come: each chunk of it is told before the next is taken."""

    def __init__(self, body: AsyncIterator[bytes], boundary: bytes) -> None:
        self._body = body
        self._told: deque[Head | bytes | str] = deque()
        self._head = Head()
        self._is_open = self._is_complete = False
        callbacks: MultipartCallbacks = {
            "on_part_begin": self._begin,
            "on_header_field": self._name,
            "on_header_value": self._value,
            "on_header_end": self._header,
            "on_headers_finished": lambda: self._told.append(self._head),
            "on_part_data": lambda data, start, end: self._told.append(data[start:end]),
            "on_part_end": lambda: self._told.append(END),
            "on_end": self._finish,
        }
        try:
            self._parser = MultipartParser(boundary, callbacks)
        except FormParserError as error:
            raise BadRequest(f"not a form: {error}") from None

    async def head(self) -> Head | None:
        """The headers of the next part; None when there is none."""
        while self._told or await self._more():
            told = self._told.popleft() if self._told else None
            if isinstance(told, Head):
                self._is_open = True
                return told
        return None

    async def chunks(self) -> AsyncIterator[bytes]:
        """The bytes of the part whose headers were read last; nothing when they have been read."""
        while self._is_open:
            told = self._told.popleft() if self._told else None
            if isinstance(told, bytes):
                yield told
            elif told is END:
                self._is_open = False
            else:
                await self._more()

    async def _more(self) -> bool:
        """Parse some more of the body; False after the last boundary. Raises BadRequest."""
        if self._is_complete:
            return False
        try:
            chunk = await anext(self._body, None)
        except ClientDisconnect:
            raise BadRequest("the body was cut off") from None
        if chunk is None:
            raise BadRequest("the form ends before its last boundary")
        try:
            self._parser.write(chunk)
        except FormParserError as error:
            raise BadRequest(f"not a form: {error}") from None
        return True

    def _begin(self) -> None:
        self._head = Head()

    def _name(self, data: bytes, start: int, end: int) -> None:
        self._head.name += data[start:end]

    def _value(self, data: bytes, start: int, end: int) -> None:
        self._head.value += data[start:end]

    def _header(self) -> None:
        self._head.headers[self._head.name.lower()] = self._head.value
        self._head.name = self._head.value = b""

    def _finish(self) -> None:
        self._is_complete = True
