"""XML as elements that know their line and their text. Document types are refused, and with them all entities."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn
from xml.parsers import expat

from app.importers.failure import ImportFailure

MAX_DEPTH = 200


@dataclass(slots=True)
class Element:
    """An element: its attributes, the elements in it, the line where it begins, and all that is written in it."""

    file: str
    line: int
    tag: str
    attributes: Mapping[str, str]
    children: list[Element] = field(default_factory=list)
    inner: str = ""

    def fail(self, reason: str) -> NoReturn:
        """Raise ImportFailure for the element."""
        raise ImportFailure(self.file, reason, f"line {self.line}")

    def walk(self) -> Iterator[Element]:
        """It and all elements in it."""
        yield self
        for each in self.children:
            yield from each.walk()


class _Reader:
    """Builds the elements while expat reads."""

    def __init__(self, file: str, content: bytes) -> None:
        self.file, self.content = file, content
        self.root: Element | None = None
        self.open: list[tuple[Element, int]] = []
        self.parser: Any = expat.ParserCreate("UTF-8")
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end
        self.parser.StartDoctypeDeclHandler = self.refuse

    def refuse(self, *_: Any) -> NoReturn:
        """A document type may declare entities, which may be bombs."""
        line = self.parser.CurrentLineNumber
        raise ImportFailure(self.file, "has a document type, which is not taken", f"line {line}")

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        line, place = self.parser.CurrentLineNumber, self.parser.CurrentByteIndex
        if len(self.open) >= MAX_DEPTH:
            raise ImportFailure(self.file, f"nests deeper than {MAX_DEPTH} elements", f"line {line}")
        element = Element(self.file, line, tag, attributes)
        if self.open:
            self.open[-1][0].children.append(element)
        else:
            self.root = element
        self.open.append((element, self._after_tag(place)))

    def end(self, tag: str) -> None:
        element, begin = self.open.pop()
        stop = max(begin, self.parser.CurrentByteIndex)
        element.inner = self.content[begin:stop].decode().strip()

    def _after_tag(self, place: int) -> int:
        """Where the tag that begins at a byte is over: at the first `>` that is in no attribute."""
        quote = 0
        for index in range(place, len(self.content)):
            byte = self.content[index]
            if quote:
                quote = 0 if byte == quote else quote
            elif byte in b"\"'":
                quote = byte
            elif byte == ord(">"):
                return index + 1
        return len(self.content)


def read_xml(file: str, content: bytes) -> Element:
    """The root element of a file. Raises ImportFailure with the line."""
    reader = _Reader(file, content.removeprefix(b"\xef\xbb\xbf"))
    try:
        reader.parser.Parse(reader.content, True)
    except expat.ExpatError as error:
        raise ImportFailure(file, f"is not XML: {expat.ErrorString(error.code)}", f"line {error.lineno}") from None
    assert reader.root is not None
    return reader.root
