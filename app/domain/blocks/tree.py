"""The tree of a course instance as numbers: where each block stands, and what lies above it. Pure functions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple


class Place(NamedTuple):
    """Where a block stands in its course instance (see `Block`)."""

    position: int
    depth: int


class Tree:
    """The blocks of a course instance by id: each one's parent, and its children in order."""

    def __init__(self, nodes: Iterable[tuple[int, int | None]]) -> None:
        """Of (id, parent id), siblings in their order."""
        self.parents: dict[int, int | None] = {}
        self.children: defaultdict[int | None, list[int]] = defaultdict(list)
        for node, parent in nodes:
            self.parents[node] = parent
            self.children[parent].append(node)

    def put(self, node: int, parent: int | None, ordinal: int | None = None) -> None:
        """Put a new or a known node below a parent, as its child of that number from 0; the last when None."""
        if node in self.parents:
            self.children[self.parents[node]].remove(node)
        self.parents[node] = parent
        siblings = self.children[parent]
        siblings.insert(len(siblings) if ordinal is None else ordinal, node)

    def remove(self, node: int) -> list[int]:
        """Take a node and all below it out; which they were, parents first."""
        gone = list(self.below(node))
        self.children[self.parents[node]].remove(node)
        for each in gone:
            del self.parents[each]
            self.children.pop(each, None)
        return gone

    def below(self, node: int) -> Iterator[int]:
        """A node and all below it, parents first."""
        waiting = [node]
        while waiting:
            each = waiting.pop()
            yield each
            waiting += reversed(self.children.get(each, []))

    def above(self, node: int) -> Iterator[int]:
        """A node, its parent, and so on to the root."""
        each: int | None = node
        while each is not None:
            yield each
            each = self.parents[each]

    def paths(self, nodes: Iterable[int]) -> list[tuple[int, int, int]]:
        """(block, ancestor, distance) of the nodes."""
        return [(node, each, distance) for node in nodes for distance, each in enumerate(self.above(node))]

    def places(self) -> Mapping[int, Place]:
        """Where each node stands."""
        found: dict[int, Place] = {}
        for root in self.children.get(None, []):
            for node in self.below(root):
                parent = self.parents[node]
                found[node] = Place(len(found), 0 if parent is None else found[parent].depth + 1)
        return found
