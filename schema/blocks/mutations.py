"""Writes of blocks, and of what people have done of them."""

from __future__ import annotations

import strawberry

from app.domain.blocks import completion, deriving, gates, service, visits
from schema.blocks.types import Block, Bookmark
from schema.catalog.types import CourseInstance
from schema.core.inputs import Shape, key, parts
from schema.core.mutations import deletes, mutation
from schema.groups.types import Group
from schema.identity.types import User

CHAPTERS = "Keys of chapters of the one that it is derived from, which may be shown; null: all."
ORDINAL = "Its number among the children of the parent, from 0; the last when absent."
COMPLETION = Shape(
    "CompletionInput",
    completion.NewCompletion,
    Block,
    "How much of a block has been done.",
    completion="From 0 to 1.",
)


@strawberry.type
class Mutations:
    """Fields of the mutation root."""

    create_block = mutation(
        service.create_block,
        Block,
        "Add a block to a course instance. Instructors, editors of the course, administrators.",
        ordinal=ORDINAL,
    )
    update_block = mutation(
        service.update_block, Block, "Change a block. Instructors, editors of the course, administrators."
    )
    move_block = mutation(
        service.move_block,
        Block,
        "Put a block, with all below it, elsewhere. Instructors, editors of the course, administrators.",
        ordinal=ORDINAL,
    )
    set_block_groups = mutation(
        service.set_block_groups,
        Block,
        "Say for which groups a block is. Instructors, editors of the course, administrators.",
        group_ids=key(Group, "The groups, in place of those before; none: for everybody."),
    )
    set_block_prerequisite = mutation(
        gates.set_block_prerequisite,
        Block,
        "Say what learners must reach of another block before they see what lies below a block. Instructors, editors "
        "of the course, administrators.",
        required_block_id=key(Block, "The other block; null: nothing is to be reached any more."),
        min_score="Percent of its points that must be reached.",
        min_completion="Percent of what is to be done in it that must be done.",
    )
    delete_block = mutation(
        service.delete_block,
        Block,
        "Delete a block with all below it, unless something of it is assessed. Instructors, editors of the course, "
        "administrators.",
        gives=deletes(Block),
    )
    record_completion = mutation(
        completion.record_completion,
        CourseInstance,
        "Say how much of blocks you have done, the one you are at last. Administrators for everybody.",
        completions=parts(COMPLETION, "The blocks without children that it is about."),
        user_id=key(User, "Whose; yours when absent."),
    )
    visit_block = mutation(
        visits.visit_block,
        Block,
        "Say that you are at a block. Who sees it, about themselves.",
        visited_at="When you were there; now when absent. Before your last visit in the course instance: no change.",
    )
    create_bookmark = mutation(
        visits.create_bookmark, Bookmark, "Mark a block, so that you find it again. Who sees it, for themselves."
    )
    delete_bookmark = mutation(
        visits.delete_bookmark, Bookmark, "Take a bookmark away. Who made it.", gives=deletes(Bookmark)
    )
    derive_course_instance = mutation(
        deriving.derive_course_instance,
        CourseInstance,
        "Derive a course instance: the same contents, at first hidden from learners, and people of its own. "
        "Instructors, administrators.",
        course_instance_id="What to derive from.",
        max_learners="How many may learn in it.",
        chapter_keys=CHAPTERS,
    )
    update_derived_course_instance = mutation(
        deriving.update_derived_course_instance,
        CourseInstance,
        "Change a derived course instance. Instructors of the one that it is derived from, administrators.",
        chapter_keys=CHAPTERS,
    )
    delete_derived_course_instance = mutation(
        deriving.delete_derived_course_instance,
        CourseInstance,
        "Hide a derived course instance from everybody for good. Instructors of the one that it is derived from, "
        "administrators.",
        gives=deletes(CourseInstance),
    )
