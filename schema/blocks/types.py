"""Block, and what it adds to course instances."""

from __future__ import annotations

import strawberry

from app.domain.blocks.completion import completions_of
from app.domain.blocks.gates import Prerequisite, gated, prerequisites_of
from app.domain.blocks.hiding import hidden, scheduled
from app.domain.blocks.models import Block as BlockRow
from app.domain.blocks.models import BlockGroup as BlockGroupRow
from app.domain.blocks.models import Bookmark as BookmarkRow
from app.domain.blocks.models import ShowCorrectness
from app.domain.blocks.queries import DEEPEST, ancestors, descendants, is_root, resume_blocks
from app.domain.blocks.rendering import html_of
from app.domain.blocks.videos import Video, videos_of
from app.domain.blocks.visits import current_children, is_own
from app.domain.catalog.models import CourseInstance as CourseInstanceRow
from app.reading.relations import Order
from schema.catalog.types import CourseInstance
from schema.core.declare import argument, batch, column, expecting
from schema.core.enums import describe_enum
from schema.core.node import extend, flat, node
from schema.core.registry import type_of
from schema.core.relate import first, many, one, page
from schema.core.scalars import Json

IN_ORDER = Order(("position",))
DEPTH = argument("depth", int | None, f"How many levels, at most {DEEPEST}; all when not given.")

describe_enum(
    ShowCorrectness,
    "When learners see whether their answers were right, and what they got for them.",
    ALWAYS="At once.",
    NEVER="Never.",
    PAST_DUE="Once the due date is past.",
)


@flat(Prerequisite, "What opens a block's gate: so much of another block, in percent.")
class BlockPrerequisite:
    """A Prerequisite of app.domain.blocks.gates."""

    required_block = one("required_block_id", "The other block.", to=BlockRow.id)
    min_score: int = strawberry.field(description="Percent of its points that must be reached.")
    min_completion: int = strawberry.field(description="Percent of what is to be done in it that must be done.")
    is_met: bool = strawberry.field(description="Whether you have reached both.")


@flat(Video, "Where the film of a block is.")
class BlockVideo:
    """A Video of app.domain.blocks.videos."""

    youtube_id: str | None = strawberry.field(description="Its id at YouTube.")
    sources: list[str] = strawberry.field(description="Addresses of its files.")
    duration_seconds: float | None = strawberry.field(description="How long it is, where it says so.")
    is_only_on_web: bool = strawberry.field(description="Whether it is not for apps.")


@node(BlockRow, "A part of a course instance: a chapter, a subsection, a unit, a problem, a text, a video.")
class Block:
    """Learners see it once it and all above it are open to them."""

    course_instance = one(BlockRow.course_instance_id, "Of what it is a part.")
    parent = one(BlockRow.parent_id, "The block that it lies below; null for the course itself.")
    children = many(BlockRow.parent_id, "The blocks directly below it, in order.", order=IN_ORDER)
    descendants = batch(
        descendants,
        BlockRow.id,
        lambda: list[type_of(BlockRow)],  # type: ignore[misc]
        "The blocks below it, in the order of the course.",
        arguments=(DEPTH,),
        narrows=True,
        metadata=expecting(1_000),
    )
    ancestors = batch(
        ancestors,
        BlockRow.id,
        lambda: list[type_of(BlockRow)],  # type: ignore[misc]
        "The blocks above it, that of the whole course first.",
        narrows=True,
        metadata=expecting(4),
    )
    usage_key = column(BlockRow.usage_key, "Unique opaque key: `block-v1:org+course+run+type@html+block@intro`.")
    kind = column(
        BlockRow.kind, "What it is: `course`, `chapter`, `sequential`, `vertical`, `problem`, `html`, or another word."
    )
    position = column(BlockRow.position, "Place in the course, from 0; each stands before what lies below it.")
    depth = column(BlockRow.depth, "Levels above it; 0 for the course itself.")
    name = column(BlockRow.name, "Name for people; empty where it has none.")
    format = column(BlockRow.format, "What a graded subsection is, such as `Homework`: the category's name.")
    is_graded = column(BlockRow.is_graded, "Whether what one gets for it counts.")
    start_at = column(BlockRow.start_at, "From when learners see it, and what lies below it.")
    due_at = column(BlockRow.due_at, "When it is due, for those who have no other date.")
    weeks_due = column(BlockRow.weeks_due, "Weeks after a learner's start that it is due, at one's own pace.")
    is_staff_only = column(BlockRow.is_staff_only, "Whether only the staff sees it, and what lies below it.")
    is_hidden_from_toc = column(BlockRow.is_hidden_from_toc, "Whether it is left out of the table of contents.")
    show_correctness = column(
        BlockRow.show_correctness, "When learners see whether their answers were right.", enum=ShowCorrectness
    )
    weight = column(BlockRow.weight, "Points that it is worth, where it says so.")
    hides_after_due = column(
        BlockRow.hides_after_due, "Whether learners don't see what lies below it any more once it has been due."
    )
    is_hidden_after_due = batch(
        hidden,
        BlockRow.id,
        bool,
        "Whether it hides from you now what lies below it: it has been due, for you by your extension, at one's own "
        "pace once the course instance is over. Never so for the staff.",
    )
    has_scheduled_content = batch(
        scheduled, BlockRow.id, bool, "Whether something in it starts later, what is for the staff left aside."
    )
    is_time_limited = column(BlockRow.is_time_limited, "Whether it is an exam that is to be done in a time.")
    is_practice_exam = column(BlockRow.is_practice_exam, "Whether it is there to practise being watched.")
    is_proctored = column(BlockRow.is_proctored, "Whether people are to be watched in it.")
    time_limit_minutes = column(BlockRow.time_limit_minutes, "Minutes that one has, where it says so.")
    video = batch(
        videos_of, BlockRow.id, lambda: BlockVideo | None, "Where its film is; null of what is no video, or has none."
    )
    content = column(BlockRow.content, "Its text: HTML of `html` and `course_info`; OLX of other kinds, for the staff.")
    fields = column(BlockRow.fields, "What else it says, by the names that OLX has. For the staff.", returns=Json)
    html = batch(
        html_of,
        BlockRow.id,
        lambda: str | None,
        "What learners see of it, as HTML without right answers: texts as written, problems as forms that lead "
        "nowhere. Null of what only holds other blocks: ask for its `descendants`.",
    )
    audience = many(
        BlockGroupRow.block_id,
        "The groups it is for: of those of one set in one; none: for everybody.",
        order=Order(("group_id",)),
    )
    prerequisite = batch(
        prerequisites_of,
        BlockRow.id,
        lambda: BlockPrerequisite | None,
        "What learners must reach before they see what lies below it; null: nothing.",
    )
    is_gated = batch(
        gated,
        BlockRow.id,
        bool,
        "Whether you have yet to reach what opens its gate, or that of a block above it. Never so for the staff.",
    )
    completion = batch(
        completions_of,
        BlockRow.id,
        lambda: float | None,
        "How much of it you have done, from 0 to 1; of one with children 1 when all is done. Null of a discussion.",
    )
    current_child = batch(
        current_children,
        BlockRow.id,
        lambda: type_of(BlockRow) | None,
        "The child at which, or below which, you were last; null where you never were.",
        narrows=True,
    )
    bookmark = first(
        BookmarkRow.block_id, "Your bookmark of it; null without one.", order=Order(("id",)), condition=is_own
    )
    created_at = column(BlockRow.created_at, "When it was made.")
    updated_at = column(BlockRow.updated_at, "When it last changed.")


@node(BlockGroupRow, "A group for whose members a block is.")
class BlockGroup:
    """Visible with the block."""

    block = one(BlockGroupRow.block_id, "The block.")
    group_set = one(BlockGroupRow.group_set_id, "The set of the group: people in none of its groups see nothing of it.")
    group = one(BlockGroupRow.group_id, "The group, where you see it.")


@node(BookmarkRow, "A block that somebody wants to find again.")
class Bookmark:
    """Visible to the person as long as the block is."""

    block = one(BookmarkRow.block_id, "The block.")
    course_instance = one(BookmarkRow.course_instance_id, "Of what it is a part.")
    user = one(BookmarkRow.user_id, "Who marked it.")
    created_at = column(BookmarkRow.created_at, "When they did.")


@extend(CourseInstance)
class CourseInstanceBlocks:
    """Its contents."""

    root_block = first(BlockRow.course_instance_id, "The block of the whole course.", order=IN_ORDER, condition=is_root)
    blocks = page(BlockRow.course_instance_id, "Its blocks that you may see, in order.", order=IN_ORDER)
    resume_block = batch(
        resume_blocks,
        CourseInstanceRow.id,
        lambda: Block | None,
        "Where you go on: the block of which you last said how much you have done.",
        narrows=True,
    )
