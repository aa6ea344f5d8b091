"""The table of contents of a course home, and what of it is due (contracts/edx-core.md §4.2, §4.3). Pure functions."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from app.rest.openedx.block_map import SCORED, Node, due, exam
from app.rest.openedx.kinds import FLAG, MOMENT, TEXT
from app.rest.openedx.run_page import jump
from app.rest.route import Row, Schema, closed, nullable

LEVELS = ("course", "chapter", "sequential")
"""The kinds that a table of contents has."""
PENCIL = "fa-pencil-square-o"
"""The name of the icon of what is graded."""
BLOCK = closed(
    {
        **dict.fromkeys(("id", "type", "display_name"), TEXT),
        "children": {"type": "array", "items": TEXT},
        "complete": FLAG,
        "description": nullable(TEXT),
        "due": nullable(MOMENT),
        **dict.fromkeys(("effort_activities", "effort_time"), nullable({"type": "integer"})),
        **dict.fromkeys(("icon", "lms_web_url", "legacy_web_url"), nullable(TEXT)),
        "resume_block": FLAG,
        **dict.fromkeys(("has_scheduled_content", "hide_from_toc"), nullable(FLAG)),
    }
)
BLOCKS: Schema = closed({"blocks": {"type": "object", "additionalProperties": BLOCK}})
DATE = closed(
    {
        "assignment_type": nullable(TEXT),
        "complete": nullable(FLAG),
        "date": MOMENT,
        **dict.fromkeys(("date_type", "description"), TEXT),
        "learner_has_access": FLAG,
        **dict.fromkeys(("link", "link_text", "title"), TEXT),
        **dict.fromkeys(("extra_info", "first_component_block_id"), nullable(TEXT)),
    }
)


def blocks(top: Node, resume_id: int | None, there: tuple[str, str] | None) -> Row:
    """The course, its sections and its sequences by key; `there` is the site and the run, None without links."""
    found = [each for each in (top, *top.below()) if each.row["kind"] in LEVELS]
    return {"blocks": {each.usage: _told(each, resume_id, there) for each in found}}


def _told(node: Node, resume_id: int | None, there: tuple[str, str] | None) -> Row:
    row = node.row
    questions = sum(each.row["kind"] in SCORED for each in node.below()) if _is_graded(node) else 0
    said = exam(row) or {"short_description": row["format"], "suggested_icon": PENCIL if questions else None}
    link = None if there is None else jump(*there, node.usage)
    return {
        "id": node.usage,
        "type": row["kind"],
        "display_name": row["name"] + (f" ({questions} Question{'s' * (questions > 1)})" if questions else ""),
        "children": [each.usage for each in node.children if each.row["kind"] in LEVELS],
        "complete": row.get("completion") == 1,
        "description": said["short_description"] if row["kind"] == "sequential" else None,
        "due": due(row),
        "effort_activities": None,
        "effort_time": None,
        "icon": said["suggested_icon"],
        "lms_web_url": link,
        "legacy_web_url": None if link is None else f"{link}?experience=legacy",
        "resume_block": any(each.row["id"] == resume_id for each in (node, *node.below())),
        "has_scheduled_content": row.get("has_scheduled_content"),
        "hide_from_toc": row["is_hidden_from_toc"],
    }


def _is_graded(node: Node) -> bool:
    return bool(node.row["kind"] == "sequential" and node.row["is_graded"])


def first_unit(top: Node) -> Node | None:
    """Where a course begins."""
    return next((each for each in top.below() if each.row["kind"] == "vertical"), None)


def node_of(top: Node, block_id: int | None) -> Node | None:
    """The block of that number in the tree."""
    return next((each for each in (top, *top.below()) if each.row["id"] == block_id), None)


def assignments(top: Node | None, base: str, run: str) -> Iterator[Row]:
    """What is graded and due, with what the reader has done of it."""
    for node in () if top is None else top.below():
        if _is_graded(node) and due(node.row) is not None:
            first = next((each.usage for each in node.below() if not each.children), None)
            yield date(
                due(node.row),
                "assignment-due-date",
                node.row["name"],
                assignment_type=node.row["format"],
                complete=node.row.get("completion") == 1,
                link=jump(base, run, node.usage),
                first_component_block_id=first,
            )


def date(at: datetime, kind: str, title: str, **more: Any) -> Row:
    """A date of a course."""
    said: Row = {"assignment_type": None, "complete": None, "date": at, "date_type": kind, "description": ""}
    said |= {"learner_has_access": True, "link": "", "link_text": "", "title": title, "extra_info": None}
    return {**said, "first_component_block_id": "", **more}


def dates(run: Row, top: Node | None, base: str, upgrade_at: datetime | None) -> list[Row]:
    """All dates of a course, the earliest first; `upgrade_at` is until when the reader may choose a better track."""
    found = list(assignments(top, base, run["key"]))
    for at, kind, title in (
        (run["start_at"], "course-start-date", "Course starts"),
        (run["end_at"], "course-end-date", "Course ends"),
        (run["certificate_available_at"], "certificate-available-date", "Certificate available"),
        (upgrade_at, "verified-upgrade-deadline", "Last day to upgrade"),
    ):
        if at is not None:
            found.append(date(at.replace(microsecond=0), kind, title))
    return sorted(found, key=lambda each: each["date"])
