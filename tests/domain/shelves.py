"""Of the site: a library for its members alone, and every use case about libraries once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from app.context import Context
from app.domain.libraries.blocks import delete_library_block, record_library_progress, save_library_block
from app.domain.libraries.models import LibraryLevel
from app.domain.libraries.service import (
    create_library,
    delete_library,
    remove_library_member,
    set_library_member,
    update_library,
)
from app.principal import Principal
from tests.domain.contents import UseCase
from tests.factories import University


@dataclass(frozen=True, slots=True)
class Shelf:
    """The student may read it, the assistant write its blocks, the instructor all; a unit with a text, both private."""

    library_id: int
    unit_id: int
    text_id: int
    assistant_id: int


async def shelf(world: University, slug: str = "shelf") -> Shelf:
    """The library, made by the program, which is no member."""
    program = Context(Principal.program, world.admin.db, world.admin.clock)
    library_id = await create_library(program, organization_id=world.organization_id, slug=slug, title="Shelf")
    members = {}
    for user_id, level in (
        (world.student_id, LibraryLevel.READ),
        (world.assistant_id, LibraryLevel.AUTHOR),
        (world.instructor_id, LibraryLevel.ADMIN),
    ):
        members[level] = await set_library_member(program, library_id=library_id, user_id=user_id, level=level)
    unit_id = await save_library_block(program, library_id=library_id, kind="unit", name="Sheet")
    said: dict[str, Any] = {"name": "Drill", "content": "<p>Solve.</p>"}
    text_id = await save_library_block(program, library_id=library_id, kind="html", parent_id=unit_id, **said)
    return Shelf(library_id, unit_id, text_id, members[LibraryLevel.AUTHOR])


SHELF_CASES: dict[str, UseCase] = {
    "create_library": lambda s, c: create_library(
        c, organization_id=s.world.organization_id, slug="new", title="New", allows_public_read=True
    ),
    "update_library": lambda s, c: update_library(c, library_id=s.shelf.library_id, title="New"),
    "delete_library": lambda s, c: delete_library(c, library_id=s.shelf.library_id),
    "set_library_member": lambda s, c: set_library_member(
        c, library_id=s.shelf.library_id, user_id=s.newcomer_id, level=LibraryLevel.READ
    ),
    "remove_library_member": lambda s, c: remove_library_member(c, library_member_id=s.shelf.assistant_id),
    "save_library_block": lambda s, c: save_library_block(c, library_id=s.shelf.library_id, kind="html"),
    "delete_library_block": lambda s, c: delete_library_block(c, library_block_id=s.shelf.unit_id),
    "record_library_progress": lambda s, c: record_library_progress(
        c, library_block_id=s.shelf.text_id, completion=0.5, state={"second": 7}
    ),
}
SHELF_MATRIX = {
    "create_library": "UFFFFFFFF+",
    "update_library": "UNNFNNNF++",
    "delete_library": "UNNFNNNF++",
    "set_library_member": "UNNFNNNF++",
    "remove_library_member": "UNNNNNN+++",
    "save_library_block": "UNNFNNN+++",
    "delete_library_block": "UNNFNNN+++",
    "record_library_progress": "UNN+NNN+++",
}
"""As in test_permissions.py."""
