"""OLX as a tree of elements and texts, and texts and addresses as HTML takes them. Pure functions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html import escape
from typing import Any, NoReturn
from xml.parsers import expat

DEEPEST = 100
ROOT = "olx"
DECLARATION = re.compile(r"\s*<\?xml[^>]*\?>")
SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
SAFE = ("http:", "https:", "mailto:")


class Malformed(ValueError):
    """A text is no OLX that can be shown."""


@dataclass(slots=True)
class Node:
    """An element: its attributes, and the texts and elements in it, in order."""

    tag: str
    attributes: Mapping[str, str]
    parts: list[Node | str] = field(default_factory=list)

    @property
    def children(self) -> Iterator[Node]:
        """The elements directly in it."""
        return (each for each in self.parts if isinstance(each, Node))

    @property
    def text(self) -> str:
        """All texts in it, that of the elements in it included."""
        return "".join(each if isinstance(each, str) else each.text for each in self.parts)

    def find_all(self, tag: str) -> Iterator[Node]:
        """The elements of a name in it, at any depth."""
        for each in self.children:
            if each.tag == tag:
                yield each
            yield from each.find_all(tag)


class _Builder:
    """Builds the tree while expat reads."""

    def __init__(self) -> None:
        self.open: list[Node] = []
        self.root = Node(ROOT, {})
        self.parser: Any = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end
        self.parser.CharacterDataHandler = self.text
        self.parser.StartDoctypeDeclHandler = self.refuse

    def refuse(self, *_: Any) -> NoReturn:
        """A document type may declare entities, which may be bombs."""
        raise Malformed("has a document type")

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if len(self.open) >= DEEPEST:
            raise Malformed(f"nests deeper than {DEEPEST} elements")
        node = Node(tag, attributes)
        if self.open:
            self.open[-1].parts.append(node)
        else:
            self.root = node
        self.open.append(node)

    def end(self, tag: str) -> None:
        self.open.pop()

    def text(self, text: str) -> None:
        self.open[-1].parts.append(text)


def parse(content: str | None) -> Node:
    """What is in a block's element, in an element of its own. Raises Malformed."""
    builder = _Builder()
    body = DECLARATION.sub("", content or "", count=1)
    try:
        builder.parser.Parse(f"<{ROOT}>{body}</{ROOT}>", True)
    except (expat.ExpatError, UnicodeError) as error:
        raise Malformed(f"is not XML: {error}") from None
    return builder.root


def element(tag: str, inner: str = "", **attributes: str | None) -> str:
    """An element of HTML around what is HTML already; attributes are escaped, those that are None left out.

    A `_` at the end of an attribute's name is dropped, others are hyphens.
    """
    said = {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items() if value is not None}
    return f"{opened(tag, said)}{inner}</{tag}>"


def opened(tag: str, attributes: Mapping[str, str]) -> str:
    """The tag that begins an element, or is all of it; attributes are escaped."""
    said = "".join(f' {name}="{escape(value)}"' for name, value in attributes.items())
    return f"<{tag}{said}>"


def is_address(text: str) -> bool:
    """Whether a text is an address that a page may lead to: of the web, of a mailbox, or below the page's own."""
    plain = "".join(each for each in text if each > " ")
    found = SCHEME.match(plain)
    return found is None or found[0].lower() in SAFE
