"""Writes of libraries, and of how far people came in their blocks."""

from __future__ import annotations

import strawberry

from app.domain.libraries import blocks, service
from schema.core.mutations import deletes, mutation
from schema.libraries.types import Library, LibraryBlock, LibraryMember, LibraryProgress

MANAGERS = "Members who are `ADMIN`, administrators."
AUTHORS = "Members who are `AUTHOR` or `ADMIN`, administrators."


@strawberry.type
class Mutations:
    """Fields of the mutation root."""

    create_library = mutation(
        service.create_library, Library, "Make a library, of which you are a member, `ADMIN`. Administrators."
    )
    update_library = mutation(
        service.update_library, Library, f"Change what a library says, and for whom it is. {MANAGERS}"
    )
    delete_library = mutation(
        service.delete_library,
        Library,
        f"Delete a library with all that is in it, and how far people came. {MANAGERS}",
        gives=deletes(Library),
    )
    set_library_member = mutation(
        service.set_library_member, LibraryMember, f"Say what a person may do in a library. {MANAGERS}"
    )
    remove_library_member = mutation(
        service.remove_library_member,
        LibraryMember,
        f"Take a person's rights in a library away. The person, and: {MANAGERS}",
        gives=deletes(LibraryMember),
    )
    save_library_block = mutation(
        blocks.save_library_block,
        LibraryBlock,
        f"Make a block of a library, or replace all that the one with the usage key says. {AUTHORS}",
        usage_key="Which block; a new one when absent.",
    )
    delete_library_block = mutation(
        blocks.delete_library_block,
        LibraryBlock,
        f"Delete a block of a library with what lies below it, and how far people came. {AUTHORS}",
        gives=deletes(LibraryBlock),
    )
    record_library_progress = mutation(
        blocks.record_library_progress,
        LibraryProgress,
        "Say how far you came in a block of a library. Who sees it, about themselves.",
        library_block_id="Which library block.",
    )
