"""The tree of a course, from its files: written in one, or in a file for each block, or in any mixture."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from app.domain.catalog.keys import parse_run, parse_usage, usage_key
from app.importers.documents import read_json
from app.importers.failure import ImportFailure
from app.importers.olx.files import COURSE, Files, decoded
from app.importers.olx.policy import read_policy
from app.importers.olx.xml import MAX_DEPTH, Element, read_xml

BRANCHES = {"course", "chapter", "sequential", "vertical", "split_test", "library_content", "wrapper", "randomize"}
BRANCHES |= {"conditional", "problemset", "videosequence"}
"""Kinds in which elements are blocks; in others they are what the block is made of."""
SETTINGS = {"wiki", "textbook"}
"""Elements of a course that are no blocks."""
UPDATES, HANDOUTS = "updates", "handouts"
INFO = "course_info"
LONGEST = 64
"""Characters of a kind."""


@dataclass(slots=True)
class ReadBlock:
    """A block of a file. `settings` are what it says, by the names of OLX; `element` is where it says so."""

    key: str
    kind: str
    name: str
    element: Element
    settings: dict[str, Any]
    content: str | None = None
    parent: ReadBlock | None = None
    depth: int = 0
    children: list[ReadBlock] = field(default_factory=list)

    def walk(self) -> Iterator[ReadBlock]:
        """It and all below it, in order."""
        yield self
        for each in self.children:
            yield from each.walk()


@dataclass(frozen=True, slots=True)
class ReadCourse:
    """A course: its names, its key, its settings and its blocks, the root first."""

    organization: str
    number: str
    run: str
    key: str
    settings: Mapping[str, Any]
    blocks: list[ReadBlock]


def read_course(files: Files) -> ReadCourse:
    """The course of an export. Raises ImportFailure."""
    pointer = read_xml(COURSE, files.need(COURSE, COURSE))
    organization, number, run = (_needed(pointer, name) for name in ("org", "course", "url_name"))
    key = f"course-v1:{organization}+{number}+{run}"
    if parse_run(key) is None:
        pointer.fail(f"{key} is no key of a course run")
    reader = BlockReader(files, key, read_policy(files, run))
    root = reader.block(pointer, None)
    root.children += [each for name in (HANDOUTS, UPDATES) if (each := reader.info(root, name)) is not None]
    return ReadCourse(organization, number, run, key, root.settings, list(root.walk()))


class BlockReader:
    """Reads blocks, each with all below it. `key` is that of what they are in, `policy` says more of them by place."""

    def __init__(self, files: Files, key: str, policy: Mapping[str, Mapping[str, Any]]) -> None:
        self.files, self.key, self.policy = files, key, policy
        self.seen: set[str] = set()

    def block(self, element: Element, parent: ReadBlock | None) -> ReadBlock:
        """A block with all below it."""
        kind = element.tag
        name = element.attributes.get("url_name") or self._unnamed(kind, parent)
        element = self._whole(element, name)
        said = {**element.attributes, **self.policy.get(f"{kind}/{name}", {})}
        settings = {each: value for each, value in said.items() if each not in ("url_name", "org", "course", "slug")}
        key = "course" if kind == "course" else name
        depth = 0 if parent is None else parent.depth + 1
        if depth > MAX_DEPTH:
            element.fail(f"lies below more than {MAX_DEPTH} blocks")
        made = ReadBlock(self._key(kind, key, element), kind, name, element, settings, parent=parent, depth=depth)
        if kind in BRANCHES:
            for child in element.children:
                if child.tag not in SETTINGS:
                    made.children.append(self.block(child, made))
        else:
            made.content = self._content(element, settings)
        return made

    def info(self, root: ReadBlock, name: str) -> ReadBlock | None:
        """A page beside the tree: handouts, or what was announced."""
        path, listed = f"info/{name}.html", f"info/{name}.items.json"
        text, items = self.files.text(path), self.files.find(listed)
        content = text if text else _announced(listed, items)
        if not content:
            return None
        element = Element(path, 1, INFO, {})
        return ReadBlock(self._key(INFO, name, element), INFO, name, element, {}, content, root)

    def usage_key(self, kind: str, name: str) -> str | None:
        """The key of a block; None for what is no name of one."""
        key = usage_key(self.key, kind, name)
        return None if key is None or parse_usage(key) is None else key

    def _whole(self, element: Element, name: str) -> Element:
        """The element, or the one in the file that it points to: it has no more than a name."""
        path = f"{element.tag}/{name}.xml"
        if element.children or element.attributes.keys() - {"url_name", "org", "course"} or element.inner:
            return element
        wanted_by = f"{element.file} line {element.line}"
        if not element.attributes.get("url_name"):
            return element
        whole = read_xml(path, self.files.need(path, wanted_by))
        if whole.tag != element.tag:
            whole.fail(f"is a {whole.tag}, not a {element.tag}")
        return whole

    def _content(self, element: Element, settings: dict[str, Any]) -> str | None:
        """What a leaf is made of: of a text the file that it names, else what is written in it."""
        filename = settings.pop("filename", None) if element.tag == "html" else None
        if filename is None:
            return element.inner or None
        path = f"html/{filename}.html"
        return decoded(path, self.files.need(path, f"{element.file} line {element.line}")).strip() or None

    def _unnamed(self, kind: str, parent: ReadBlock | None) -> str:
        """A name for a block that has none, the same each time: its number below its parent."""
        if parent is None:
            return kind
        number = Counter(each.kind for each in parent.children)[kind] + 1
        return f"{parent.name}-{kind}-{number}"

    def _key(self, kind: str, name: str, element: Element) -> str:
        if len(kind) > LONGEST:
            element.fail(f"{kind[:LONGEST]}… is no kind of block")
        key = self.usage_key(kind, name)
        if key is None or len(key) > 255:
            element.fail(f"{kind} {name!a} is no name of a block")
        if key in self.seen:
            element.fail(f"is the {kind} {name} for the second time")
        self.seen.add(key)
        return key


def _needed(element: Element, name: str) -> str:
    value = element.attributes.get(name)
    if not value:
        element.fail(f"{name} is missing")
    return value


def _announced(file: str, content: bytes | None) -> str | None:
    """The visible announcements of an export as HTML, the newest first."""
    if content is None:
        return None
    items = read_json(file, content)
    if not isinstance(items, list) or not all(isinstance(each, dict) for each in items):
        raise ImportFailure(file, "is not a list of objects")
    shown = [each for each in items if each.get("status") != "deleted"]
    parts = [f"<article><h2>{each.get('date', '')}</h2>{each.get('content', '')}</article>" for each in shown]
    return "\n".join(parts) or None
