"""Of the site: a cohort, and every use case about groups and cohorts once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from app.domain.groups.batches import NewGroup, create_groups
from app.domain.groups.cohorts import create_cohort, join_cohort, set_cohorting, update_cohort
from app.domain.groups.models import Filling
from app.domain.groups.placing import CohortPlace, place_in_cohort, place_in_cohorts
from app.domain.groups.service import (
    add_group_member,
    create_group,
    create_group_set,
    delete_group,
    remove_group_member,
    update_group,
    update_group_set,
)
from app.domain.groups.sheets import TeamChoice, TeamPlace, place_in_teams
from tests.domain.contents import UseCase
from tests.factories import University


@dataclass(frozen=True, slots=True)
class Gatherings:
    """A cohort that is filled by hand."""

    cohort_id: int


async def gatherings(world: University) -> Gatherings:
    """The cohort `Larks` of the first course instance, with the student in it; the set `clubs`."""
    place: dict[str, Any] = {"course_instance_id": world.course_instance_id}
    await create_group_set(world.admin, **place, name="Clubs", key="clubs")
    made = await create_cohort(world.admin, **place, name="Larks", filling=Filling.MANUAL)
    await place_in_cohort(world.admin, group_id=made, people=["sam"])
    return Gatherings(made)


GATHERING_CASES: dict[str, UseCase] = {
    "create_group_set": lambda s, c: create_group_set(
        c, course_instance_id=s.world.course_instance_id, name="New", max_size=2
    ),
    "update_group_set": lambda s, c: update_group_set(c, group_set_id=s.team.group_set_id, max_size=4),
    "create_group": lambda s, c: create_group(c, group_set_id=s.team.group_set_id, name="g2"),
    "create_groups": lambda s, c: create_groups(c, group_set_id=s.team.group_set_id, groups=[NewGroup("g2")]),
    "delete_group": lambda s, c: delete_group(c, group_id=s.team.group_id),
    "add_group_member": lambda s, c: add_group_member(c, group_id=s.team.group_id, user_id=s.world.second_student_id),
    "remove_group_member": lambda s, c: remove_group_member(c, group_id=s.team.group_id, user_id=s.world.student_id),
    "update_group": lambda s, c: update_group(c, group_id=s.team.group_id, name="New"),
    "set_cohorting": lambda s, c: set_cohorting(c, course_instance_id=s.world.course_instance_id, is_cohorted=True),
    "create_cohort": lambda s, c: create_cohort(
        c, course_instance_id=s.world.course_instance_id, name="New", filling=Filling.RANDOM
    ),
    "update_cohort": lambda s, c: update_cohort(c, group_id=s.gatherings.cohort_id, name="New"),
    "join_cohort": lambda s, c: join_cohort(c, course_instance_id=s.world.course_instance_id),
    "place_in_cohort": lambda s, c: place_in_cohort(c, group_id=s.gatherings.cohort_id, people=["sue"]),
    "place_in_cohorts": lambda s, c: place_in_cohorts(
        c, places=[CohortPlace(s.world.course_instance_id, "Larks", "sue")]
    ),
    "place_in_teams": lambda s, c: place_in_teams(
        c,
        course_instance_id=s.world.course_instance_id,
        places=[TeamPlace("sue", "audit", [TeamChoice("clubs", "New")])],
    ),
}
