"""YAML as Autolab writes it: texts, numbers, true and false, lists and mappings; nothing else is taken."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import yaml
from yaml.composer import ComposerError
from yaml.constructor import ConstructorError
from yaml.events import AliasEvent
from yaml.nodes import MappingNode, Node, ScalarNode
from yaml.reader import ReaderError

from app.importers.documents import Document, Ledger, Lined
from app.importers.failure import ImportFailure

MAX_DEPTH = 20
MAX_BYTES = 2**20
LIMIT = 2**63
UNSTORABLE = re.compile("[\0\ud800-\udfff]")
KINDS = ("null", "bool", "int", "float", "str")


class _Loader(yaml.SafeLoader):
    """Refuses aliases, tags, deep nesting, keys that are no text and repeated keys. Dates stay text."""

    yaml_implicit_resolvers = {
        first: [pair for pair in pairs if pair[0].rpartition(":")[2] in KINDS]
        for first, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    depth = 0

    def compose_node(self, parent: Node | None, index: Any) -> Node | None:
        """The next node of the document."""
        event: Any = self.peek_event()  # type: ignore[no-untyped-call]  # the stubs of PyYAML leave it out
        mark = event.start_mark
        if isinstance(event, AliasEvent):
            raise ComposerError(None, None, "aliases are not taken", mark)
        if getattr(event, "tag", None) is not None:
            raise ComposerError(None, None, "tags are not taken", mark)
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise ComposerError(None, None, f"nested deeper than {MAX_DEPTH} levels", mark)
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node

    def construct_mapping(self, node: MappingNode, deep: bool = False) -> dict[Any, Any]:
        """A mapping with texts as keys, none of them twice."""
        seen: set[str] = set()
        for key, _ in node.value:
            if not isinstance(key, ScalarNode) or not key.tag.endswith(":str"):
                raise ConstructorError(None, None, "the key is not a text", key.start_mark)
            if key.value in seen:
                raise ConstructorError(None, None, f"the key {key.value} is repeated", key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep)

    def construct_lined(self, node: MappingNode) -> Iterator[Lined]:
        """A mapping that knows its lines."""
        made = Lined()
        made.line = node.start_mark.line + 1
        made.lines = {key.value: key.start_mark.line + 1 for key, _ in node.value}
        yield made
        made.update(self.construct_mapping(node))

    def construct_scalar(self, node: Any) -> Any:
        """The text of a scalar."""
        if isinstance(node, ScalarNode) and UNSTORABLE.search(node.value):
            raise ConstructorError(None, None, "the text has a character that cannot be stored", node.start_mark)
        return super().construct_scalar(node)

    def construct_bounded(self, node: ScalarNode) -> int:
        """An integer of 64 bits."""
        if len(node.value) > 40 or not -LIMIT <= (value := super().construct_yaml_int(node)) < LIMIT:
            raise ConstructorError(None, None, "the number is too large", node.start_mark)
        return value


_Loader.add_constructor("tag:yaml.org,2002:int", _Loader.construct_bounded)
_Loader.add_constructor("tag:yaml.org,2002:map", _Loader.construct_lined)


def parse_yaml(file: str, content: bytes) -> Document:
    """The mapping that a file holds. Raises ImportFailure, with the line where there is one."""
    if len(content) > MAX_BYTES:
        raise ImportFailure(file, f"has more than {MAX_BYTES:,} bytes")
    try:
        text = content.decode("utf-8-sig")
        value = yaml.load(text, Loader=_Loader)
    except UnicodeDecodeError as error:
        line = 1 + content.count(b"\n", 0, error.start)
        raise ImportFailure(file, "is not UTF-8", f"line {line}") from None
    except ReaderError as error:
        line = 1 + text.count("\n", 0, error.position)
        raise ImportFailure(file, "is not YAML: a control character", f"line {line}") from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = None if mark is None else f"line {mark.line + 1}"
        raise ImportFailure(file, f"is not YAML: {error.problem or error.context}", place) from None
    except (ValueError, OverflowError):
        raise ImportFailure(file, "is not YAML: an escape or a number out of bounds") from None
    if not isinstance(value, dict):
        raise ImportFailure(file, "is not a mapping of keys to values", "line 1")
    return Document(file, value, Ledger())
