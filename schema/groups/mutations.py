"""Writes of groups."""

from __future__ import annotations

import strawberry

from app.domain.groups import batches, cohorts, placing, service, sheets
from schema.catalog.types import CourseInstance
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
COHORT_PLACE = Shape(
    "CohortPlaceInput",
    placing.CohortPlace,
    None,
    "A person, and the cohort that they are to be in.",
    course_instance_id=key(CourseInstance, "Of which course instance."),
    cohort="The cohort's name.",
    person="Username or e-mail address.",
)
TEAM_CHOICE = Shape(
    "TeamChoiceInput",
    sheets.TeamChoice,
    None,
    "The team of a set that a learner is to be in.",
    group_set_key="The set's key.",
    team="The team's name; it is made where there is none. Empty for no team.",
)
TEAM_PLACE = Shape(
    "TeamPlaceInput",
    sheets.TeamPlace,
    None,
    "A learner, and the teams that they are to be in.",
    username="The learner's username.",
    track="Slug of the track that the learner is in.",
    teams=parts(TEAM_CHOICE, "The teams, one of each set that is named."),
)
PLACED = {
    **shows(CourseInstance, key="course_instance_id"),
    "affected_count": shown(
        lambda: int | None,
        "How many learners were named.",
        lambda source: source.result and source.result.affected_count,
    ),
    "errors": shown(
        lambda: list[str] | None,
        "All that is wrong with the list; nothing was changed when there is anything.",
        lambda source: source.result and source.result.errors,
    ),
}
IS_MOVING = "Whether they leave the group of the set that they are in; if not, nobody may be in one."


@strawberry.type(description="What became of a person who was named for a cohort.")
class CohortPlacement:
    """One of a list of people, in the order in which they were named."""

    named: str = strawberry.field(description="As the person was named.")
    outcome: placing.Outcome = strawberry.field(description="What became of them.")
    username: str | None = strawberry.field(description="Their username, where you see them.")
    email: str | None = strawberry.field(description="Their e-mail address, where you see them.")
    previous: str | None = strawberry.field(description="The name of the cohort that they were in.")


PLACEMENTS = {
    "placements": shown(
        lambda: list[CohortPlacement] | None,
        "What became of each person, in order, blank names left out.",
        lambda source: source.result and source.result.placements,
    )
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
        "Make a group of people, who leave their groups of the set. Instructors, administrators; where learners assign "
        "themselves, a learner for a group of one, and who looks after the discussions.",
        user_ids=key(User, "Its members.", name="memberIds"),
        is_moving=IS_MOVING,
        audience_id=key(Group, "The group whose content its members see, too. Of cohorts."),
    )
    update_group = mutation(
        service.update_group,
        Group,
        "Change a group, or put it with its members into another set of teams. Instructors, administrators; of listed "
        "sets who looks after the discussions.",
        audience_id=key(Group, "The group whose content its members see, too. Of cohorts."),
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
        "Hide a group and its work for good. Instructors, administrators; of listed sets who looks after the "
        "discussions.",
        gives=deletes(Group),
    )
    add_group_member = mutation(
        service.add_group_member,
        GroupMembership,
        "Let a person join a group, and leave another of the set. Instructors, administrators; where learners assign "
        "themselves, they, and in listed sets who looks after the discussions.",
        gives=MEMBERSHIP,
        user_id="Who joins; you when absent.",
        is_moving=IS_MOVING,
    )
    remove_group_member = mutation(
        service.remove_group_member,
        GroupMembership,
        "Let a person leave a group. Instructors, administrators; where learners assign themselves, they, and in "
        "listed sets who looks after the discussions.",
        gives=MEMBERSHIP,
        user_id="Who leaves; you when absent.",
    )
    set_cohorting = mutation(
        cohorts.set_cohorting,
        CourseInstance,
        "Say whether learners of a course instance are put into cohorts: those who are in none, and from now on those "
        "who enrol. Instructors, administrators.",
    )
    create_cohort = mutation(
        cohorts.create_cohort,
        Group,
        "Make a cohort without members. Instructors, administrators.",
        course_instance_id=key(CourseInstance, "Of which course instance."),
        audience_id=key(Group, "The group whose content its members see, too."),
    )
    update_cohort = mutation(
        cohorts.update_cohort,
        Group,
        "Change a cohort. Instructors, administrators.",
        audience_id=key(Group, "The group whose content its members see, too."),
    )
    join_cohort = mutation(
        cohorts.join_cohort,
        Group,
        "Be in the cohort that you are due: the one you are in or were invited to, else one by lot where learners are "
        "put into cohorts.",
        course_instance_id=key(CourseInstance, "In which course instance."),
    )
    place_in_cohort = mutation(
        placing.place_in_cohort,
        Group,
        "Put people into a cohort, out of the one they are in. Instructors, administrators.",
        gives={**shows(Group, key="group_id"), **PLACEMENTS},
        people="Usernames and e-mail addresses; addresses that nobody has are invited.",
    )
    place_in_cohorts = mutation(
        placing.place_in_cohorts,
        CourseInstance,
        "Put people into cohorts of course instances, all or none. Instructors of all these, administrators.",
        gives=PLACEMENTS,
        places=parts(COHORT_PLACE, "The people."),
    )
    place_in_teams = mutation(
        sheets.place_in_teams,
        CourseInstance,
        "Put learners into teams of several sets, and out of others; all or none. Instructors, administrators.",
        gives=PLACED,
        places=parts(TEAM_PLACE, "The learners."),
    )
