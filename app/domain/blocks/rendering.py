"""What learners see of a block, as plain HTML without right answers.

Texts are as their authors wrote them: who shows them confines them to a page without scripts. Of a kind that is not
known here there is its name. What lies below a block is not in its HTML.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from sqlalchemy import select

from app.context import Context
from app.db.sets import member_of
from app.domain.blocks.markup import Malformed, Node, element, is_address, opened, parse
from app.domain.blocks.models import STRUCTURE, Block
from app.domain.blocks.policy import READABLE
from app.domain.blocks.problems import problem
from app.domain.blocks.videos import Video, video

CONTAINERS = (*STRUCTURE, "unit", "section", "subsection")
"""Kinds of which only what lies below is to be seen."""
FILM = "https://www.youtube.com/watch?v={}"


async def html_of(ctx: Context, keys: Sequence[int]) -> list[str | None]:
    """For each block what learners see of it; None of what only holds others. One statement."""
    own = Block
    statement = select(own.id, own.kind, own.name, own.content, own.fields)
    rows = await ctx.db.fetch(statement.where(member_of(own.id, keys), ctx.visible(own)))
    found = {row[0]: rendered(*row[1:], prefix=f"b{row[0]}") for row in rows}
    return [found.get(key) for key in keys]


def rendered(kind: str, name: str, content: str | None, fields: Mapping[str, Any], *, prefix: str) -> str | None:
    """A block's HTML; None of what only holds others. Inputs are called after the prefix.

    Of OLX that is none there is a sentence instead.
    """
    if kind in CONTAINERS:
        return None
    if kind in READABLE:
        return content or ""
    try:
        match kind:
            case "problem":
                return problem(content, prefix)
            case "video":
                return _video(name, video(fields, parse(content)))
            case "openassessment":
                return _open_response(parse(content), fields, prefix)
    except Malformed:
        return element("p", f"This {kind} cannot be shown: what it is made of is not well-formed.")
    return element("p", escape(name or kind, quote=False))


def _video(name: str, film: Video) -> str:
    """A player of its files, or a link to where it is shown; its name when it has neither."""
    addresses = [each for each in film.sources if is_address(each)]
    shown = ""
    if addresses:
        files = "".join(opened("source", {"src": each}) for each in addresses)
        shown = element("video", files, controls="", preload="none", aria_label=name or "video")
    if film.youtube_id is not None:
        address = FILM.format(film.youtube_id)
        shown += element("p", element("a", escape(name or film.youtube_id, quote=False), href=address))
    return shown or element("p", escape(name or "video", quote=False))


def _open_response(made_of: Node, fields: Mapping[str, Any], prefix: str) -> str:
    """What is asked, and where it is answered. Prompts are HTML where the block says so."""
    is_html = fields.get("prompts_type") == "html"
    shown = []
    for number, text in enumerate(_prompts(made_of), start=1):
        asked = element("div", text) if is_html else element("p", escape(text, quote=False))
        name, label = f"{prefix}-{number}", f"Your response to prompt {number}"
        shown.append(asked + element("textarea", name=name, rows="10", aria_label=label))
    return "".join(shown)


def _prompts(made_of: Node) -> list[str]:
    """The texts that ask; of an older form, the one of the rubric."""
    asking = [each for prompts in made_of.find_all("prompts") for each in prompts.children if each.tag == "prompt"]
    if asking:
        return ["".join(part.text for part in each.find_all("description")).strip() for each in asking]
    rubrics = made_of.find_all("rubric")
    return [each.text.strip() for rubric in rubrics for each in rubric.children if each.tag == "prompt"]
