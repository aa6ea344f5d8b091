"""Libraries of the semester: one for its members, one in which everybody may learn; inputs of the site's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from app.context import Context
from app.domain.libraries.blocks import record_library_progress, save_library_block
from app.domain.libraries.service import create_library
from app.principal import Principal
from tests.domain.shelves import shelf
from tests.factories import University

PRIMER: dict[str, Any] = {"content": "<p>Hello</p>", "fields": {"editor": "raw"}}
MATRIX = {
    "createLibrary": "UFFFF+",
    "updateLibrary": "UFNF++",
    "deleteLibrary": "UFNF++",
    "setLibraryMember": "UFNF++",
    "removeLibraryMember": "UNN+++",
    "saveLibraryBlock": "UFN+++",
    "deleteLibraryBlock": "UFN+++",
    "recordLibraryProgress": "U+N+++",
}
"""As in test_mutations_permissions.py."""
SHELVES: dict[str, Callable[[Any], dict[str, Any]]] = {
    "createLibrary": lambda s: {"organizationId": s.world.organization_id, "slug": "new", "title": "New"},
    "updateLibrary": lambda s: {"libraryId": s.shelf.library_id, "title": "New"},
    "deleteLibrary": lambda s: {"libraryId": s.shelf.library_id},
    "setLibraryMember": lambda s: {"libraryId": s.shelf.library_id, "userId": s.newcomer_id, "level": "READ"},
    "removeLibraryMember": lambda s: {"libraryMemberId": s.shelf.assistant_id},
    "saveLibraryBlock": lambda s: {"libraryId": s.shelf.library_id, "kind": "html"},
    "deleteLibraryBlock": lambda s: {"libraryBlockId": s.shelf.unit_id},
    "recordLibraryProgress": lambda s: {"libraryBlockId": s.shelf.text_id, "completion": 0.5},
}
"""What mutations about libraries take, of the site."""


async def set_libraries(world: University) -> None:
    """sam has begun the drill of the shelf, sue has read the primer, which everybody may."""
    kept = await shelf(world)
    program = Context(Principal.program, world.admin.db, world.admin.clock)
    place: dict[str, Any] = {"organization_id": world.organization_id, "slug": "open", "title": "Open"}
    open_id = await create_library(program, **place, allows_public_learning=True)
    primer_id = await save_library_block(program, library_id=open_id, kind="html", name="Primer", **PRIMER)
    for ctx, block_id in ((world.student, kept.text_id), (world.second_student, primer_id)):
        await record_library_progress(ctx, library_block_id=block_id, completion=0.5)
