"""GroupSet, Group and its memberships, and what they add to course instances and users."""

from __future__ import annotations

from app.domain.catalog.models import CourseInstance as CourseInstanceRow
from app.domain.groups.models import Filling, GroupSetKind, Management
from app.domain.groups.models import Group as GroupRow
from app.domain.groups.models import GroupMembership as GroupMembershipRow
from app.domain.groups.models import GroupSet as GroupSetRow
from app.domain.groups.naming import digits
from app.domain.groups.placing import Outcome
from app.domain.groups.policy import is_current
from app.domain.groups.queries import (
    MOST,
    TeamOrder,
    cohorts,
    count_teams,
    find_teams,
    invited_emails,
    rosters,
    sizes,
    usernames,
)
from app.reading.relations import Order
from schema.catalog.types import CourseInstance
from schema.core.declare import argument, batch, column, computed, expecting
from schema.core.enums import describe_enum
from schema.core.node import extend, node
from schema.core.registry import type_of
from schema.core.relate import many, one, page, through
from schema.identity.types import User

describe_enum(
    GroupSetKind,
    "What a division into groups is for.",
    TEAMS="Work in teams.",
    COHORTS="Cohorts: everybody is in one at most; there is one set of them.",
    AUDIENCES="Parts of the content, each for the members of a group.",
)
describe_enum(
    Management,
    "Who sees the groups of a set beside their members and the staff, and who says who is in them.",
    UNLISTED="Nobody sees them; `isSelfAssigned` says who may join.",
    OPEN="All learners see them, make them, join and leave.",
    OPEN_MANAGED="All learners see them, join and leave; the staff makes them.",
    PUBLIC_MANAGED="All learners see them; the staff says who is in them.",
    PRIVATE_MANAGED="Nobody sees them, nor the set; the staff says who is in them.",
)
describe_enum(
    Filling,
    "How a cohort gets its members.",
    MANUAL="The staff puts them there.",
    RANDOM="Learners who are in no cohort are put there by lot.",
)
describe_enum(
    TeamOrder,
    "What teams may be ordered by.",
    NAME="By name.",
    OPEN_SLOTS="Those with the fewest members first.",
    LAST_ACTIVITY="Those in which something happened last first.",
)
describe_enum(
    Outcome,
    "What became of a person who was named for a cohort.",
    ADDED="Is in the cohort, and was in none.",
    MOVED="Is in the cohort, and was in another.",
    PRESENT="Was in the cohort.",
    INVITED="Will be in the cohort once somebody of that address is enrolled.",
    UNKNOWN="Nobody has that username.",
    INVALID="Is no e-mail address.",
)

OF_SET = argument("groupSetKey", str | None, "The `key` of their set; of any set that has one when not given.")
OF_PERSON = argument("username", str | None, "Those that a person of this username is in.")
SEARCH = argument(
    "search", str | None, "Those that have each of these words in name, description, country or language."
)
ORDER = argument("order", TeamOrder, "In which order.", TeamOrder.NAME)
SKIP = argument("skip", int, "How many to leave out first.", 0)
TAKE = argument("take", int, f"How many to return, at most {MOST}.", 20)


@node(GroupSetRow, "A division of a course instance into groups.")
class GroupSet:
    """Visible to everybody in the course instance; its groups to their members and the staff, or as it is run."""

    course_instance = one(GroupSetRow.course_instance_id, "What is divided.")
    kind = column(GroupSetRow.kind, "What it is for.", enum=GroupSetKind)
    key = column(GroupSetRow.key, "Its name for programs, unique in the course instance; null where it needs none.")
    name = column(GroupSetRow.name, "Its name.")
    description = column(GroupSetRow.description, "What it is about; empty where nothing is said.")
    management = column(GroupSetRow.management, "Who sees its groups, and who says who is in them.", enum=Management)
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
    key = column(GroupRow.key, "Its lasting name for programs, made of its first name.")
    digits = computed(
        digits, GroupRow.key, returns=str | None, description="The 32 hexadecimal digits that the key ends with."
    )
    name = column(GroupRow.name, "Its name.")
    description = column(GroupRow.description, "What it says of itself; empty where nothing.")
    country = column(GroupRow.country, "Code of a country (ISO 3166, two letters); empty for none.")
    language = column(GroupRow.language, "Code of a language (ISO 639-1, two letters); empty for none.")
    filling = column(GroupRow.filling, "How a cohort gets its members.", enum=Filling)
    audience = one(GroupRow.audience_id, "The group whose content a cohort's members see, too, where you see it.")
    is_organization_protected = column(
        GroupRow.is_organization_protected,
        "Whether it is of people who learn for an organization, who are kept apart from the others.",
    )
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
    roster = batch(
        rosters,
        GroupRow.id,
        lambda: list[type_of(GroupMembershipRow)],  # type: ignore[misc]
        "The memberships that have not ended, the first to join first.",
        narrows=True,
    )
    size = batch(sizes, GroupRow.id, int, "How many of its members are actively enrolled.")
    invited_emails = batch(
        invited_emails,
        GroupRow.id,
        list[str],
        "Addresses of people who will be in it once they are enrolled, in small letters. For the staff.",
    )
    last_active_at = column(GroupRow.last_active_at, "When something last happened in it.")
    created_at = column(GroupRow.created_at, "When it was made.")
    updated_at = column(GroupRow.updated_at, "When it last changed.")


@node(GroupMembershipRow, "A person's time in a group.")
class GroupMembership:
    """At most one group of a set at a time."""

    group = one(GroupMembershipRow.group_id, "The group.")
    user = one(GroupMembershipRow.user_id, "The person, where you see them.")
    username = batch(usernames, GroupMembershipRow.id, str, "The person's username.")
    is_confirmed = column(GroupMembershipRow.is_confirmed, "Whether the person agreed.")
    joined_at = column(GroupMembershipRow.joined_at, "From when.")
    last_active_at = column(GroupMembershipRow.last_active_at, "When the person last did something in the group.")
    left_at = column(GroupMembershipRow.left_at, "Until when; null: still a member.")


@extend(CourseInstance)
class CourseInstanceGroups:
    """Who works together."""

    is_cohorted = column(CourseInstanceRow.is_cohorted, "Whether its learners are put into cohorts.")
    group_sets = many(GroupSetRow.course_instance_id, "Its divisions into groups.")
    cohorts = batch(
        cohorts,
        CourseInstanceRow.id,
        lambda: list[type_of(GroupRow)],  # type: ignore[misc]
        "Its cohorts that you may see, by entry.",
        narrows=True,
    )
    teams = batch(
        find_teams,
        CourseInstanceRow.id,
        lambda: list[type_of(GroupRow)],  # type: ignore[misc]
        "A page of the teams of its sets that have a key.",
        arguments=(OF_SET, OF_PERSON, SEARCH, ORDER, SKIP, TAKE),
        narrows=True,
        metadata=expecting(20),
    )
    team_count = batch(
        count_teams,
        CourseInstanceRow.id,
        int,
        "How many teams of its sets that have a key are found.",
        arguments=(OF_SET, OF_PERSON, SEARCH),
    )
    groups = page(GroupRow.course_instance_id, "Its groups, by name.", order=Order(("name",)))


@extend(User)
class UserGroups:
    """With whom a person works."""

    group_memberships = many(
        GroupMembershipRow.user_id, "Their groups, then and now.", order=Order(("joined_at", "id"))
    )
