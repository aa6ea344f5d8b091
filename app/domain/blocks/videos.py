"""Where the films of blocks are: what video blocks say of them in OLX (contracts/edx-core.md §1.5)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import orjson
from sqlalchemy import select

from app.context import Context
from app.db.sets import member_of
from app.domain.blocks.markup import Malformed, Node, parse
from app.domain.blocks.models import Block

KIND = "video"
SHORT_NAME = re.compile(r"[\w-]{1,32}", re.ASCII)
SPEED = "1.00:"
SECONDS = re.compile(r"\d{1,6}(?:\.\d{1,9})?", re.ASCII)


class Video(NamedTuple):
    """A film: its id at YouTube, addresses of its files, its length in seconds where it says so."""

    youtube_id: str | None
    sources: list[str]
    duration_seconds: float | None
    is_only_on_web: bool


async def videos_of(ctx: Context, keys: Sequence[int]) -> list[Video | None]:
    """For each block that the caller sees the film that it shows; None of what is no video. One statement."""
    own = Block
    statement = select(own.id, own.fields, own.content)
    rows = await ctx.db.fetch(statement.where(member_of(own.id, keys), own.kind == KIND, ctx.visible(own)))
    found = {row[0]: read_video(row[1], row[2]) for row in rows}
    return [found.get(key) for key in keys]


def read_video(fields: Mapping[str, Any], content: str | None) -> Video | None:
    """The film that a block's fields and its content name; None where they name none, or are not well-formed."""
    try:
        made = video(fields, parse(content))
    except Malformed:
        return None
    return made if made.youtube_id or made.sources else None


def video(fields: Mapping[str, Any], made_of: Node) -> Video:
    """The film that a block's fields and its content name, be it none."""
    inner = [each.attributes.get("src", "") for each in made_of.find_all("source")]
    sources = [each for each in dict.fromkeys([*_texts(fields.get("html5_sources")), *inner]) if each]
    lengths = [each.attributes.get("duration", "") for each in made_of.find_all("video_asset")]
    length = next((float(each) for each in lengths if SECONDS.fullmatch(each)), None)
    is_only_on_web = str(fields.get("only_on_web")).lower() == "true"
    return Video(_youtube_id(fields), sources, length or None, is_only_on_web)


def _texts(value: Any) -> list[str]:
    """The texts of a list, or of the JSON of one."""
    if isinstance(value, str):
        try:
            value = orjson.loads(value)
        except orjson.JSONDecodeError:
            return []
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []


def _youtube_id(fields: Mapping[str, Any]) -> str | None:
    """The id at YouTube; of several speeds that of the usual one."""
    speeds = str(fields.get("youtube") or "").split(",")
    usual = [each.strip().removeprefix(SPEED) for each in speeds if each.strip().startswith(SPEED)]
    said = [str(fields.get("youtube_id_1_0") or ""), *usual]
    return next((each for each in said if SHORT_NAME.fullmatch(each)), None)
