"""What the families of Open edX's routes, and the graph, tell of a course, in one form."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from tests.rest.openedx.conftest import OpenEdx

COUNTED = re.compile(r" \(\d+ Questions?\)$")
FIELDS = "children,due,graded,format,complete"
GRAPH = """query ($key: String!, $user: Int!) {
  courseInstance(by: { key: $key }) { rootBlock { children { ...told children { ...told } } } }
  enrollments(where: { userId: { eq: $user } }) {
    nodes {
      courseResult { fraction letter isPassed }
      subsectionGrades {
        block { usageKey }
        name
        isOverridden
        fraction
        points
        maxPoints
        problemScores { points maxPoints }
      }
      breakdown { label fraction }
    }
  }
}
fragment told on Block { usageKey kind name format isGraded completion effectiveDueAt }"""
Contents = list[tuple[str, str, list[tuple[str, str]]]]
"""Key and name of each section, and of the subsections in it."""
Blocks = dict[str, dict[str, Any]]


def moment(text: str | None) -> datetime | None:
    """A date of an answer."""
    return None if text is None else datetime.fromisoformat(text)


def jumped(link: str) -> str:
    """The key of the block that a link goes to."""
    return link.rpartition("/jump_to/")[2]


class Told:
    """What is told of the course with that key, which does not change: what is `known` is not asked again."""

    def __init__(self, edx: OpenEdx, key: str, known: dict[Any, Any]) -> None:
        self.edx, self.key, self.known = edx, key, known

    async def get(self, path: str, who: str, **params: str) -> Any:
        """The body of an answer; `{}` in the path stands for the course's key."""
        asked = (path, who, *sorted(params.items()))
        if asked not in self.known:
            more: dict[str, Any] = {"params": params} if params else {}
            self.known[asked] = await self.edx.body(f"/api/{path}".replace("{}", self.key), who, **more)
        return self.known[asked]

    async def report(self) -> Any:
        """The report on ann's grade."""
        return await self.get("grades/v1/section_grades_breakdown/", "staff", course_id=self.key, username="ann")

    async def graph(self, who: str) -> Any:
        """What the graph says of the course, and of ann's grades."""
        if ("graph", who) not in self.known:
            body = {"query": GRAPH, "variables": {"key": self.key, "user": self.edx.keys["ann"]}}
            answer = await self.edx.body("/graphql", who, "POST", json=body)
            assert "errors" not in answer, answer["errors"]
            self.known["graph", who] = answer["data"]
        return self.known["graph", who]

    async def blocks(self, who: str, version: str, **params: str) -> tuple[str, Blocks]:
        """The root, and the blocks that somebody sees down to the subsections."""
        asked = {"course_id": self.key, "username": who, "requested_fields": FIELDS, "depth": "2", **params}
        found = await self.get(f"courses/{version}/blocks/", who, **asked)
        return found["root"], found["blocks"]

    async def subsections(self, who: str, **params: str) -> Blocks:
        """The subsections among them."""
        return subsections((await self.blocks(who, "v2", **params))[1])

    async def contents_of_blocks(self, who: str, version: str, **params: str) -> Contents:
        """The contents as blocks tell them."""
        return contents(*await self.blocks(who, version, **params))

    async def home(self, who: str) -> Blocks:
        """The blocks of the course home."""
        found: Blocks = (await self.get("course_home/outline/{}", who))["course_blocks"]["blocks"]
        return found

    async def subsections_of_home(self, who: str) -> Blocks:
        """The subsections among them."""
        return subsections(await self.home(who))

    async def contents_of_home(self, who: str) -> Contents:
        """The contents as the course home tells them."""
        home = await self.home(who)
        return contents(next(key for key, each in home.items() if each["type"] == "course"), home)

    async def contents_of_sequences(self, who: str, **params: str) -> Contents:
        """The contents as the outline tells them."""
        found = (await self.get("learning_sequences/v1/course_outline/{}", who, **params))["outline"]
        names = {key: each["title"] for key, each in found["sequences"].items()}
        rows = found["sections"]
        return [(each["id"], each["title"], [(key, names[key]) for key in each["sequence_ids"]]) for each in rows]

    async def chapters(self, who: str) -> list[dict[str, Any]]:
        """The sections as the graph tells them."""
        root = (await self.graph(who))["courseInstance"]["rootBlock"]
        return [each for each in root["children"] if each["kind"] == "chapter"]

    async def subsections_of_graph(self, who: str) -> Blocks:
        """The subsections in them."""
        return {each["usageKey"]: each for chapter in await self.chapters(who) for each in chapter["children"]}

    async def contents_of_graph(self, who: str) -> Contents:
        """The contents as the graph tells them."""
        return [
            (each["usageKey"], each["name"], [(below["usageKey"], below["name"]) for below in each["children"]])
            for each in await self.chapters(who)
        ]


def contents(root: str, blocks: Blocks) -> Contents:
    """The contents of a course by its blocks; numbers of questions are left out of names."""

    def named(key: str) -> tuple[str, str]:
        return key, COUNTED.sub("", blocks[key]["display_name"])

    return [
        (*named(key), [named(each) for each in blocks[key].get("children", ())]) for key in blocks[root]["children"]
    ]


def subsections(blocks: Blocks) -> Blocks:
    """The subsections among blocks."""
    return {key: each for key, each in blocks.items() if each["type"] == "sequential"}
