"""Changes of the schema that break clients, and which of them the changelog announces."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from graphql import GraphQLSchema, build_schema, find_breaking_changes

MEMBER = re.compile(r"@\w+(?:\(\w+:\))?|\w+\.\w+(?:\(\w+:\))?")
NAME = re.compile(r"`([^`]+)`")
ITEM = re.compile(r"^- Breaking:.*(?:\n  .*)*", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Break:
    """A change that breaks clients: the schema coordinate of what has changed, and what happened to it."""

    coordinate: str
    description: str

    def is_in(self, names: Collection[str]) -> bool:
        """Whether it is named: it, its field or its type."""
        member = self.coordinate.partition("(")[0]
        return not {self.coordinate, member, member.partition(".")[0]}.isdisjoint(names)


def breaks(released: str, current: str) -> list[Break]:
    """What a client of the released schema may stumble over in the current one; both in the definition language."""
    before = build_schema(released)
    found = [each.description for each in find_breaking_changes(before, build_schema(current))]
    return [Break(_coordinate(description, before), description) for description in found]


def announced(changelog: str) -> set[str]:
    """The names in backticks of the items `- Breaking: …` of a changelog's first section, the next release's."""
    sections = re.split(r"^## ", changelog, flags=re.MULTILINE)
    return {name for item in ITEM.findall(sections[1] if len(sections) > 1 else "") for name in NAME.findall(item)}


def _coordinate(description: str, schema: GraphQLSchema) -> str:
    """What a description speaks of: the first member or directive in it, else the first type."""
    member = MEMBER.search(description)
    if member is not None:
        return member.group()
    words: list[str] = re.findall(r"\w+", description)
    return next(word for word in words if word in schema.type_map)
