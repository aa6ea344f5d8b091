"""Blocks as a map or a list: which of them, and what of each (contracts/edx-core.md §1.5). Pure functions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.rest.openedx.kinds import FLAG, MOMENT, NUMBER, TEXT
from app.rest.openedx.run_page import absolute, jump
from app.rest.route import Row, Schema, closed

SCORED = ("problem", "openassessment", "drag-and-drop-v2", "lti", "lti_consumer", "staffgradedxblock", "edx_sga")
"""Kinds that give points."""
BESIDE = "course_info"
"""The kind of the pages beside the tree: handouts, what was announced."""
SIMPLE = ("html", "problem", "video")
"""Kinds that small screens show, too."""
EXAM = closed({"short_description": TEXT, "suggested_icon": TEXT})
EXAMS = {
    "timed": ("Timed Exam", "fa-clock-o"),
    "proctored": ("Proctored Exam", "fa-pencil-square-o"),
    "practice": ("Practice Exam", "fa-pencil-square-o"),
}
YOUTUBE = "https://www.youtube.com/watch?v="
USAGES: Schema = {"type": "array", "items": TEXT}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for: to which depth (None: all), which fields and kinds, whose descendants are bundled."""

    depth: int | None = 0
    nav_depth: int | None = None
    fields: frozenset[str] = frozenset()
    counted: Sequence[str] = ()
    viewed: Sequence[str] = ()
    kinds: Sequence[str] = ()
    is_list: bool = False
    has_talk: bool = True
    """Whether discussions are among the blocks."""


@dataclass(slots=True)
class Node:
    """A block with what lies directly below it, its level below the root, and how many of each kind it is made of.

    `contains_gated`: the reader has not passed its gate, or that of one below it.
    """

    row: Row
    level: int
    contains_gated: bool = False
    children: list[Node] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    @property
    def is_gated(self) -> bool:
        """Whether the reader has not passed its gate."""
        return bool(self.row.get("is_gated"))

    @property
    def usage(self) -> str:
        """The key of the block."""
        return str(self.row["usage_key"])

    def tell_of(self, row: Row | None) -> None:
        """Add what is told of the same block elsewhere."""
        if row is not None and row["id"] == self.row["id"]:
            self.row = {**self.row, **row}

    def below(self) -> list[Node]:
        """All that lie below it, in order."""
        return [each for child in self.children for each in (child, *child.below())]


@dataclass(frozen=True, slots=True)
class Site:
    """Where the blocks are: the address of this site, the key of the run, the block that somebody goes on with."""

    base: str
    run: str
    resume_id: int | None = None


def tree(rows: Sequence[Row], root: str | None, *, has_talk: bool = True, has_gated: bool = True) -> Node | None:
    """The blocks below the one of that key, or below the root of the run; None where it is not among them.

    The rows stand in the order of the course: parents before their children. Without `has_gated` blocks are left
    out whose gate the reader has not passed.
    """
    nodes: dict[int, Node] = {}
    top: Node | None = None
    for row in rows:
        if row["kind"] == BESIDE:
            continue
        parent = None if row["parent"] is None else nodes.get(row["parent"]["id"])
        if top is None and (row["usage_key"] == root or (root is None and row["parent"] is None)):
            top = nodes[row["id"]] = Node(row, 0)
        elif parent is not None and row["usage_key"] is not None and (has_talk or row["kind"] != "discussion"):
            nodes[row["id"]] = Node(row, parent.level + 1)
            parent.children.append(nodes[row["id"]])
    for node in reversed(nodes.values()):
        node.contains_gated = node.is_gated or any(each.contains_gated for each in node.children)
        node.children = [each for each in node.children if has_gated or not each.is_gated]
        node.counts = sum((each.counts for each in node.children), Counter([node.row["kind"]]))
    return None if top is not None and top.is_gated and not has_gated else top


def told(top: Node, wanted: Wanted, site: Site) -> Row | list[Row]:
    """The answer: a map by key, or a list."""
    resumed = _resumed(top, site.resume_id)
    kept = [each for each in (top, *top.below()) if _is_kept(each, wanted)]
    blocks = {each.usage: _block(each, wanted, site, resumed) for each in kept}
    return list(blocks.values()) if wanted.is_list else {"root": top.usage, "blocks": blocks}


def _is_kept(node: Node, wanted: Wanted) -> bool:
    is_near = wanted.depth is None or node.level <= wanted.depth
    return is_near and (not wanted.kinds or node.row["kind"] in wanted.kinds)


def _resumed(top: Node, resume_id: int | None) -> set[int]:
    """The block to go on with, and those above it."""
    found: set[int] = set()
    for node in reversed((top, *top.below())):
        if node.row["id"] == resume_id or any(each.row["id"] in found for each in node.children):
            found.add(node.row["id"])
    return found


def _block(node: Node, wanted: Wanted, site: Site, resumed: set[int]) -> Row:
    made: Row = {**links(node, site), "type": node.row["kind"], "display_name": node.row["name"]}
    values = {name: tell(node.row) for name, tell in FIELDS.items() if name in wanted.fields}
    if "resume_block" in wanted.fields:
        values["resume_block"] = node.row["id"] in resumed
    made |= {name: value for name, value in values.items() if value is not None}
    if "children" in wanted.fields:
        children = [each.usage for each in _kept_children(node, wanted)]
        made |= {"children": children} if children else {}
    if node.contains_gated and "contains_gated_content" in wanted.fields:
        made["contains_gated_content"] = True
    if wanted.counted:
        made["block_counts"] = {kind: node.counts[kind] for kind in wanted.counted}
    if node.row["kind"] in wanted.viewed:
        made["student_view_data"] = _view(node.row)
    bundle = _bundle(node, wanted)
    made |= {} if bundle is None else {"descendants": bundle}
    return {name: made[name] for name in made if name in OF_DENIED} | DENIED if node.is_gated else made


def links(node: Node, site: Site) -> Row:
    """What names a block, and where it is."""
    there = jump(site.base, site.run, node.usage)
    return {
        "id": node.usage,
        "block_id": block_id(node.usage),
        "lms_web_url": there,
        "legacy_web_url": f"{there}?experience=legacy",
        "student_view_url": absolute(f"/xblock/{node.usage}", site.base),
    }


def block_id(usage: str) -> str:
    """The last part of a block's key."""
    return usage.rpartition("+block@")[2] if "+block@" in usage else usage.rpartition("/")[2]


def _kept_children(node: Node, wanted: Wanted) -> list[Node]:
    """The children; in place of one that the kinds leave out those below it."""
    found: list[Node] = []
    for each in node.children:
        found += [each] if _is_kept(each, wanted) else _kept_children(each, wanted)
    return found


def _bundle(node: Node, wanted: Wanted) -> list[str] | None:
    """What a table of contents of that many levels lists below a block: all below it at the last of them."""
    if wanted.nav_depth is None or node.level > wanted.nav_depth:
        return None
    listed = node.below() if node.level == wanted.nav_depth else node.children
    return [each.usage for each in listed if not each.row["is_hidden_from_toc"]]


def _view(row: Row) -> Row:
    """What an app needs to show a block by itself: of texts the text, of films where they are."""
    if row["kind"] == "html":
        return {"enabled": True, "html": row.get("content") or ""}
    return {"enabled": False} if row["kind"] != "video" else _film(row.get("video"))


def _film(video: Row | None) -> Row:
    """Where a film is."""
    if video is None or video["is_only_on_web"]:
        return {"only_on_web": video is not None}
    files = {} if not video["sources"] else {"fallback": video["sources"][0]}
    if video["youtube_id"] is not None:
        files["youtube"] = YOUTUBE + video["youtube_id"]
    return {
        "only_on_web": False,
        "duration": video["duration"],
        "transcripts": {},
        "encoded_videos": {name: {"url": url, "file_size": 0} for name, url in files.items()},
        "all_sources": video["sources"],
    }


def exam(row: Row) -> Row | None:
    """What is told of an exam that is to be done in a time: a description and the name of an icon."""
    if not row["is_time_limited"]:
        return None
    kind = "practice" if row["is_practice_exam"] else "proctored" if row["is_proctored"] else "timed"
    return dict(zip(EXAM["properties"], EXAMS[kind], strict=True))


def due(row: Row) -> Any:
    """When a block is due for the reader; for everybody where that was not asked for."""
    return row["effective_due_at"] if "effective_due_at" in row else row["due_at"]


def _complete(row: Row) -> bool | None:
    completion = row.get("completion")
    return None if completion is None else completion == 1


FIELDS: Mapping[str, Callable[[Row], Any]] = {
    "graded": lambda row: row["is_graded"],
    "format": lambda row: row["format"],
    "start": lambda row: row["start_at"],
    "due": due,
    "has_score": lambda row: row["kind"] in SCORED,
    "weight": lambda row: row["weight"],
    "show_correctness": lambda row: row["show_correctness"].lower(),
    "hide_after_due": lambda row: row["hides_after_due"],
    "special_exam_info": lambda row: exam(row),
    "has_scheduled_content": lambda row: row.get("has_scheduled_content"),
    "visible_to_staff_only": lambda row: row["is_staff_only"],
    "hide_from_toc": lambda row: row["is_hidden_from_toc"],
    "student_view_multi_device": lambda row: row["kind"] in SIMPLE,
    "completion": lambda row: row.get("completion"),
    "complete": _complete,
}
"""Fields on request, of a row; those without a value are left out."""
NAMED = ("id", "block_id", "lms_web_url", "legacy_web_url", "student_view_url", "type", "display_name")
OF_DENIED = {*NAMED, "graded", "block_counts", "descendants", "contains_gated_content"}
"""What is told of blocks whose gate the reader has not passed."""
DENIED = {
    "authorization_denial_reason": "Prerequisite",
    "authorization_denial_message": "Another part of the course is to be completed first.",
}
BLOCK: Schema = {
    "type": "object",
    "properties": {
        **dict.fromkeys((*NAMED, "format", "show_correctness", *DENIED), TEXT),
        **dict.fromkeys(("start", "due"), MOMENT),
        **dict.fromkeys(("hide_after_due", "has_scheduled_content"), FLAG),
        "special_exam_info": EXAM,
        **dict.fromkeys(("graded", "has_score", "visible_to_staff_only", "hide_from_toc"), FLAG),
        **dict.fromkeys(("student_view_multi_device", "complete", "resume_block", "contains_gated_content"), FLAG),
        **dict.fromkeys(("weight", "completion"), NUMBER),
        **dict.fromkeys(("children", "descendants"), USAGES),
        "block_counts": {"type": "object", "additionalProperties": {"type": "integer"}},
        "student_view_data": {"type": "object"},
    },
    "required": list(NAMED),
    "additionalProperties": False,
}
MAP: Schema = {
    "type": "object",
    "properties": {"root": TEXT, "blocks": {"type": "object", "additionalProperties": BLOCK}},
    "required": ["root", "blocks"],
    "additionalProperties": False,
}
ANSWER: Schema = {"anyOf": [MAP, {"type": "array", "items": BLOCK}]}
