"""Writes of groups."""

from __future__ import annotations

import strawberry

from app.domain.groups import batches, service
from schema.core.inputs import Shape, key, parts
from schema.core.mutations import deletes, mutation, shown, shows
from schema.groups.types import Group, GroupMembership, GroupSet
from schema.identity.types import User

GROUP = Shape(
    "GroupInput",
    batches.NewGroup,
    Group,
    "A group to make.",
    user_ids=key(User, "Its members.", name="memberIds"),
)
GROUPS = {
    **shows(GroupSet, key="group_set_id"),
    "made_ids": shown(lambda: list[int] | None, "`databaseId`s of the new groups.", lambda source: source.group_ids),
}
MEMBERSHIP = {
    **shows(GroupMembership, "The person's time in the group; null where you do not see it any more."),
    **shows(Group, "The group; null where you do not see it any more.", key="group_id"),
}


@strawberry.type
class Mutations:
    """Fields of the mutation root."""

    create_group_set = mutation(
        service.create_group_set, GroupSet, "Divide a course instance into groups. Instructors, administrators."
    )
    update_group_set = mutation(
        service.update_group_set,
        GroupSet,
        "Change a set of groups. Groups that are larger than allowed from now on stay. Instructors, administrators.",
    )
    create_group = mutation(
        service.create_group,
        Group,
        "Make a group of people, who leave their groups of the set. Instructors, administrators; "
        "a learner for a group of one, where learners assign themselves.",
        user_ids=key(User, "Its members.", name="memberIds"),
    )
    create_groups = mutation(
        batches.create_groups,
        GroupSet,
        "Make many groups of people, who leave their groups of the set, all or none. Instructors, administrators.",
        gives=GROUPS,
        groups=parts(GROUP, "The groups."),
    )
    delete_group = mutation(
        service.delete_group,
        Group,
        "Hide a group and its work for good. Instructors, administrators.",
        gives=deletes(Group),
    )
    add_group_member = mutation(
        service.add_group_member,
        GroupMembership,
        "Let a person join a group, and leave another of the set. Instructors, administrators; "
        "learners themselves, where they assign themselves.",
        gives=MEMBERSHIP,
        user_id="Who joins; you when absent.",
    )
    remove_group_member = mutation(
        service.remove_group_member,
        GroupMembership,
        "Let a person leave a group. Instructors, administrators; learners themselves, where they assign themselves.",
        gives=MEMBERSHIP,
        user_id="Who leaves; you when absent.",
    )
