"""GroupSet, Group and its memberships, and what they add to course instances and users."""

from __future__ import annotations

from app.domain.groups.models import Group as GroupRow
from app.domain.groups.models import GroupMembership as GroupMembershipRow
from app.domain.groups.models import GroupSet as GroupSetRow
from app.domain.groups.policy import is_current
from app.reading.relations import Order
from schema.catalog.types import CourseInstance
from schema.core.declare import column
from schema.core.node import extend, node
from schema.core.relate import many, one, page, through
from schema.identity.types import User


@node(GroupSetRow, "A division of a course instance into groups.")
class GroupSet:
    """Visible to everybody in the course instance; its groups only to their members and the staff."""

    course_instance = one(GroupSetRow.course_instance_id, "What is divided.")
    name = column(GroupSetRow.name, "Its name.")
    min_size = column(GroupSetRow.min_size, "How many members a group needs.")
    max_size = column(GroupSetRow.max_size, "How many members a group may have.")
    is_self_assigned = column(GroupSetRow.is_self_assigned, "Whether learners make and choose groups themselves.")
    groups = page(GroupRow.group_set_id, "Its groups, by name.", order=Order(("name",)))
    created_at = column(GroupSetRow.created_at, "When it was made.")
    updated_at = column(GroupSetRow.updated_at, "When it last changed.")


@node(GroupRow, "Learners who work as one.")
class Group:
    """A group's score reaches every member."""

    group_set = one(GroupRow.group_set_id, "The set it is of.")
    course_instance = one(GroupRow.course_instance_id, "Where it works.")
    name = column(GroupRow.name, "Its name.")
    members = through(
        GroupMembershipRow.group_id,
        GroupMembershipRow.user_id,
        "Its members now, by uid.",
        order=Order(("uid",)),
        condition=is_current,
    )
    memberships = many(
        GroupMembershipRow.group_id, "Who was a member from when to when.", order=Order(("joined_at", "id"))
    )
    created_at = column(GroupRow.created_at, "When it was made.")
    updated_at = column(GroupRow.updated_at, "When it last changed.")


@node(GroupMembershipRow, "A person's time in a group.")
class GroupMembership:
    """At most one group of a set at a time."""

    group = one(GroupMembershipRow.group_id, "The group.")
    user = one(GroupMembershipRow.user_id, "The person.")
    is_confirmed = column(GroupMembershipRow.is_confirmed, "Whether the person agreed.")
    joined_at = column(GroupMembershipRow.joined_at, "From when.")
    left_at = column(GroupMembershipRow.left_at, "Until when; null: still a member.")


@extend(CourseInstance)
class CourseInstanceGroups:
    """Who works together."""

    group_sets = many(GroupSetRow.course_instance_id, "Its divisions into groups.")
    groups = page(GroupRow.course_instance_id, "Its groups, by name.", order=Order(("name",)))


@extend(User)
class UserGroups:
    """With whom a person works."""

    group_memberships = many(
        GroupMembershipRow.user_id, "Their groups, then and now.", order=Order(("joined_at", "id"))
    )
