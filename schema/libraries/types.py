"""Library, its members, its blocks, and how far people came in them."""

from __future__ import annotations

from app.domain.libraries.models import Library as LibraryRow
from app.domain.libraries.models import LibraryBlock as LibraryBlockRow
from app.domain.libraries.models import LibraryLevel
from app.domain.libraries.models import LibraryMember as LibraryMemberRow
from app.domain.libraries.models import LibraryProgress as LibraryProgressRow
from app.domain.libraries.queries import html_of_library_blocks, is_own_membership, is_own_progress
from app.reading.relations import Order
from schema.core.declare import batch, column
from schema.core.enums import describe_enum
from schema.core.node import node
from schema.core.relate import first, many, one, page
from schema.core.scalars import Json

BY_ENTRY = Order(("id",))
IN_ORDER = Order(("position",))
SOURCE = "For members, and for everybody where everybody may read."

describe_enum(
    LibraryLevel,
    "What a member of a library may do there; each may what those before it may.",
    READ="Read what its blocks are made of.",
    AUTHOR="Write its blocks.",
    ADMIN="Change the library, and say who is a member.",
)


@node(LibraryRow, "Blocks for use in many courses, or by themselves.")
class Library:
    """Visible to its members, and to everybody where people may learn or read."""

    organization = one(LibraryRow.organization_id, "Whose it is.")
    slug = column(LibraryRow.slug, "Its name in addresses, unique in the organization.")
    key = column(LibraryRow.key, "Unique opaque key: `lib:organization:slug`.")
    title = column(LibraryRow.title, "Its name for people.")
    description = column(LibraryRow.description, "What it is about.")
    license = column(LibraryRow.license, "Under which licence its blocks are.")
    allows_public_learning = column(
        LibraryRow.allows_public_learning, "Whether everybody, signed in or not, may use its blocks as learners do."
    )
    allows_public_read = column(
        LibraryRow.allows_public_read, "Whether everybody may, and may read what its blocks are made of."
    )
    blocks = page(LibraryBlockRow.library_id, "Its blocks, in the order in which they were made.", order=IN_ORDER)
    members = page(LibraryMemberRow.library_id, "Its members: yourself; all of them where you say who is one.")
    membership = first(
        LibraryMemberRow.library_id,
        "What you may do in it; null if you are no member.",
        order=BY_ENTRY,
        condition=is_own_membership,
    )
    created_at = column(LibraryRow.created_at, "When it was made.")
    updated_at = column(LibraryRow.updated_at, "When it last changed.")


@node(LibraryMemberRow, "A person with rights in a library.")
class LibraryMember:
    """Visible to the person, and to those who say who is a member."""

    library = one(LibraryMemberRow.library_id, "The library.")
    user = one(LibraryMemberRow.user_id, "Who it is, where you see them.")
    level = column(LibraryMemberRow.level, "What they may do there.", enum=LibraryLevel)


@node(LibraryBlockRow, "A block of a library: a problem, a text, a video, or a unit of some.")
class LibraryBlock:
    """Visible with the library."""

    library = one(LibraryBlockRow.library_id, "The library.")
    parent = one(LibraryBlockRow.parent_id, "The block that it lies below; null for most.")
    children = many(LibraryBlockRow.parent_id, "The blocks below it, which hold no others.", order=IN_ORDER)
    usage_key = column(LibraryBlockRow.usage_key, "Unique opaque key: `lb:organization:slug:html:intro`.")
    kind = column(LibraryBlockRow.kind, "What it is: `unit`, `problem`, `html`, `video`, or another word.")
    position = column(LibraryBlockRow.position, "Place in the library; a new one stands after all others.")
    name = column(LibraryBlockRow.name, "Name for people; empty where it has none.")
    content = column(LibraryBlockRow.content, f"Its text: HTML of `html`, OLX of other kinds. {SOURCE}")
    fields = column(LibraryBlockRow.fields, f"What else it says, by the names that OLX has. {SOURCE}", returns=Json)
    html = batch(
        html_of_library_blocks,
        LibraryBlockRow.id,
        lambda: str | None,
        "What learners see of it, as HTML without right answers; null of what only holds others.",
    )
    progress = first(
        LibraryProgressRow.library_block_id,
        "How far you came in it; null as long as you said nothing of it.",
        order=BY_ENTRY,
        condition=is_own_progress,
    )
    created_at = column(LibraryBlockRow.created_at, "When it was made.")
    updated_at = column(LibraryBlockRow.updated_at, "When it last changed.")


@node(LibraryProgressRow, "How far a person came in a block of a library.")
class LibraryProgress:
    """Visible to the person."""

    library_block = one(LibraryProgressRow.library_block_id, "The block.")
    user = one(LibraryProgressRow.user_id, "Whose it is.")
    completion = column(LibraryProgressRow.completion, "How much of it they have done, from 0 to 1.")
    state = column(LibraryProgressRow.state, "What the block's player keeps for them to go on.", returns=Json)
    changed_at = column(LibraryProgressRow.changed_at, "When they last said something of it.")
