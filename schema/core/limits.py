"""Limits on what a document from outside may ask, checked before it is validated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    Visitor,
    visit,
)

from app.errors import BadRequest, LimitExceeded

DEFAULT_PAGE = 20
MAX_VALUE_LEVELS = 64


def page_size(first: int | None, max_page: int | None) -> int:
    """The page size to use. Raises LimitExceeded above the maximum: never a silent cut."""
    if first is None:
        return DEFAULT_PAGE
    if first < 0:
        raise BadRequest("`first` must not be negative")
    if max_page is not None and first > max_page:
        raise LimitExceeded(f"`first` is {first}: a page has at most {max_page}", "page")
    return first


@dataclass(frozen=True, slots=True)
class Limits:
    """How large a document may be: lexical tokens, levels, aliased fields."""

    tokens: int = 10_000
    depth: int = 15
    aliases: int = 100

    def check(self, document: DocumentNode) -> None:
        """Raise LimitExceeded for a document that is too deep, in fields or in values, or has too many aliases."""
        measure = _Measure(document)
        if measure.aliases > self.aliases:
            message = f"the document has {measure.aliases} aliases: at most {self.aliases} are allowed"
            raise LimitExceeded(message, "aliases")
        depth = measure.depth()
        if depth > self.depth:
            raise LimitExceeded(f"the document nests {depth} levels: at most {self.depth} are allowed", "depth")
        values = _Values()
        visit(document, values)
        if values.deepest > MAX_VALUE_LEVELS:
            message = f"a value nests {values.deepest} levels: at most {MAX_VALUE_LEVELS} are allowed"
            raise LimitExceeded(message, "depth")


class _Values(Visitor):
    """Measures how deep lists and objects nest in a document's values."""

    def __init__(self) -> None:
        super().__init__()
        self.level = self.deepest = 0

    def enter_list_value(self, *_: Any) -> None:
        self.level += 1
        self.deepest = max(self.deepest, self.level)

    def leave_list_value(self, *_: Any) -> None:
        self.level -= 1

    enter_object_value, leave_object_value = enter_list_value, leave_list_value


class _Measure:
    """Counts levels of fields, and aliases; a field that is repeated beside itself counts as one more alias.

    Fragments are measured once; one that spreads itself is left to validation.
    """

    def __init__(self, document: DocumentNode) -> None:
        definitions = document.definitions
        self.fragments = {d.name.value: d for d in definitions if isinstance(d, FragmentDefinitionNode)}
        self.operations = [d for d in definitions if isinstance(d, OperationDefinitionNode)]
        self.measured: dict[str, int] = {}
        self.open: set[str] = set()
        self.aliases = 0
        self._depths = [self.of(d.selection_set) for d in (*self.operations, *self.fragments.values())]

    def depth(self) -> int:
        return max(self._depths, default=0)

    def of(self, selected: SelectionSetNode) -> int:
        deepest, names = 0, set[str]()
        for node in selected.selections:
            match node:
                case FieldNode():
                    name = (node.alias or node.name).value
                    self.aliases += node.alias is not None or name in names
                    names.add(name)
                    if node.name.value.startswith("__"):
                        continue
                    deepest = max(deepest, 1 + (self.of(node.selection_set) if node.selection_set else 0))
                case FragmentSpreadNode():
                    deepest = max(deepest, self.fragment(node.name.value))
                case InlineFragmentNode():
                    deepest = max(deepest, self.of(node.selection_set))
        return deepest

    def fragment(self, name: str) -> int:
        if name not in self.fragments or name in self.open:
            return 0
        if name not in self.measured:
            self.open.add(name)
            aliases = self.aliases
            self.measured[name] = self.of(self.fragments[name].selection_set)
            self.aliases = aliases
            self.open.discard(name)
        return self.measured[name]
