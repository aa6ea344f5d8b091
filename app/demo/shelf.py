"""A library that everybody may use: a primer on averages, and who has worked through it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from app.demo.analysis import PLACE, TEACHER
from app.demo.calendar import AUTUMN_2026, FRIDAY, MONDAY
from app.demo.names import ADMINISTRATOR
from app.demo.offerings import people_of
from app.demo.stage import Scene, Stage
from app.domain.catalog.models import Organization
from app.domain.libraries.blocks import record_library_progress, save_library_block
from app.domain.libraries.models import LibraryBlock, LibraryLevel
from app.domain.libraries.service import create_library, set_library_member

ORGANIZATION, SLUG = "NorthbridgeX", "primers"
KEY = "lb:NorthbridgeX:primers:{kind}:{name}"
TEXT = "<p>The mean is pulled by a single large number, the median is not.</p>"
QUESTION = (
    "<problem><multiplechoiceresponse><label>Which of them does a millionaire in the room hardly change?</label>"
    '<choicegroup><choice correct="false">The mean</choice><choice correct="true">The median</choice></choicegroup>'
    "</multiplechoiceresponse></problem>"
)


async def build(stage: Stage) -> None:
    """The administrator opens the library; who teaches data analysis writes a unit of a text and a question."""
    ctx = stage.administering(ADMINISTRATOR)
    owner = await stage.db.scalar(select(Organization.id).where(Organization.key == ORGANIZATION))
    said: dict[str, Any] = {
        "title": "Primers",
        "description": "Short units that any course may use.",
        "license": "CC BY 4.0",
        "allows_public_learning": True,
        "allows_public_read": True,
    }
    library_id = await create_library(ctx, organization_id=owner, slug=SLUG, **said)
    for username, level in ((TEACHER, LibraryLevel.AUTHOR), (people_of(PLACE)[0], LibraryLevel.READ)):
        user_id = stage.cast.people[username]
        await set_library_member(ctx, library_id=library_id, user_id=user_id, level=level)
    unit_id = None
    for kind, name, title, content in (
        ("unit", "averages", "Mean and median", None),
        ("html", "averages-text", "Two averages", TEXT),
        ("problem", "averages-question", "Who moves?", QUESTION),
    ):
        place: dict[str, Any] = {"library_id": library_id, "usage_key": KEY.format(kind=kind, name=name)}
        place |= {"kind": kind, "name": title, "content": content, "fields": {"editor": "markdown"}}
        made = await save_library_block(stage.acting(TEACHER), **place, parent_id=unit_id)
        unit_id = unit_id or made


async def use(stage: Stage) -> None:
    """The administrator and a learner read the text; the learner stopped half-way."""
    key = KEY.format(kind="html", name="averages-text")
    block_id = await stage.db.scalar(select(LibraryBlock.id).where(LibraryBlock.usage_key == key))
    for ctx, completion in (
        (stage.administering(ADMINISTRATOR), 1.0),
        (stage.acting(people_of(PLACE)[0]), 0.5),
    ):
        await record_library_progress(ctx, library_block_id=block_id, completion=completion, state={"second": 40})


SCENES = (Scene(AUTUMN_2026.at(0, FRIDAY, "15:00"), build), Scene(AUTUMN_2026.at(2, MONDAY), use))
