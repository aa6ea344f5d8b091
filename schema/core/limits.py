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
    OperationType,
    SelectionSetNode,
    Visitor,
    visit,
)

from app.errors import BadRequest, LimitExceeded

DEFAULT_PAGE = 20
MAX_VALUE_LEVELS = 64
PUBLIC = {"__typename", "__schema", "__type", "viewer", "limits"}
"""Root fields that need nobody to be signed in; the viewer is null then."""


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
    """What a document from outside may ask: sizes, `seconds` of time and, in a minute, `points` of cost.

    Pages have at most `page` objects, all lists of an answer together `nodes`. No points: cost is not limited.
    """

    tokens: int = 10_000
    depth: int = 15
    aliases: int = 100
    directives: int = 50
    mutations: int = 25
    page: int = 100
    nodes: int = 500_000
    seconds: float = 30.0
    points: int = 200_000

    def check(self, document: DocumentNode) -> None:
        """Raise LimitExceeded for a document that is too deep, in fields or values, or has too much of something."""
        measure, marks = _Measure(document), _Marks()
        visit(document, marks)
        mutations = max((len(measure.roots(each)) for each in measure.operations if _is_mutation(each)), default=0)
        for limit, count, most, what in (
            ("aliases", measure.aliases, self.aliases, "the document has {} aliases"),
            ("directives", marks.directives, self.directives, "the document has {} directives"),
            ("mutations", mutations, self.mutations, "the document has {} mutations"),
            ("depth", measure.depth(), self.depth, "the document nests {} levels"),
            ("depth", marks.deepest, MAX_VALUE_LEVELS, "a value nests {} levels"),
        ):
            if count > most:
                raise LimitExceeded(f"{what.format(count)}: at most {most} are allowed", limit)


def is_public(document: DocumentNode) -> bool:
    """Whether nothing is asked but what the graph tells anybody, as far as one can see before validation."""
    measure = _Measure(document)
    return all(
        each.operation is OperationType.QUERY and {node.name.value for node in measure.roots(each)} <= PUBLIC
        for each in measure.operations
    )


def _is_mutation(operation: OperationDefinitionNode) -> bool:
    return operation.operation is OperationType.MUTATION


class _Marks(Visitor):
    """Counts a document's directives, and measures how deep lists and objects nest in its values."""

    def __init__(self) -> None:
        super().__init__()
        self.level = self.deepest = self.directives = 0

    def enter_directive(self, *_: Any) -> None:
        self.directives += 1

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

    def roots(self, operation: OperationDefinitionNode) -> list[FieldNode]:
        """The fields at the root of an operation, those of fragments once."""
        found: list[FieldNode] = []
        opened: set[str] = set()
        waiting = [operation.selection_set]
        while waiting:
            for node in waiting.pop().selections:
                match node:
                    case FieldNode():
                        found.append(node)
                    case InlineFragmentNode():
                        waiting.append(node.selection_set)
                    case FragmentSpreadNode() if node.name.value in self.fragments and node.name.value not in opened:
                        opened.add(node.name.value)
                        waiting.append(self.fragments[node.name.value].selection_set)
        return found

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
