"""Of the semester: sets of teams that all learners see, or nobody, a cohort; what its mutations are given."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from app.domain.groups.cohorts import create_cohort
from app.domain.groups.models import Filling, Management
from app.domain.groups.placing import place_in_cohort
from app.domain.groups.service import create_group, create_group_set
from tests.factories import University


async def set_gatherings(world: University, people: Mapping[str, int]) -> None:
    """lab of gil and guild of sue, who is kept apart, in Labs, which are listed; secret of sue in Hidden; cohort c1."""
    admin = world.admin
    place: dict[str, Any] = {"course_instance_id": world.course_instance_id}
    labs = await create_group_set(admin, **place, name="Labs", key="labs", management=Management.PUBLIC_MANAGED)
    await create_group(admin, group_set_id=labs, name="lab", user_ids=[people["gil"]])
    apart: dict[str, Any] = {"is_organization_protected": True}
    await create_group(admin, group_set_id=labs, name="guild", user_ids=[people["sue"]], **apart)
    hidden = await create_group_set(admin, **place, name="Hidden", key="h", management=Management.PRIVATE_MANAGED)
    await create_group(admin, group_set_id=hidden, name="secret", user_ids=[people["sue"]])
    cohort = await create_cohort(admin, **place, name="c1", filling=Filling.MANUAL)
    await place_in_cohort(admin, group_id=cohort, people=["sam", "gil", "new@uni.example"])


COHORT_INPUTS: dict[str, Callable[[Any], dict[str, Any]]] = {
    "setCohorting": lambda s: {"courseInstanceId": s.world.course_instance_id, "isCohorted": True},
    "createCohort": lambda s: {"courseInstanceId": s.world.course_instance_id, "name": "New", "filling": "RANDOM"},
    "updateCohort": lambda s: {"groupId": s.gatherings.cohort_id, "name": "New"},
    "joinCohort": lambda s: {"courseInstanceId": s.world.course_instance_id},
    "placeInCohort": lambda s: {"groupId": s.gatherings.cohort_id, "people": ["sue"]},
    "placeInCohorts": lambda s: {
        "places": [{"courseInstanceId": s.world.course_instance_id, "cohort": "Larks", "person": "sue"}],
    },
    "placeInTeams": lambda s: {
        "courseInstanceId": s.world.course_instance_id,
        "places": [{"username": "sue", "track": "audit", "teams": [{"groupSetKey": "clubs", "team": "New"}]}],
    },
}
"""What each mutation of cohorts is given, of the site."""
COHORT_MATRIX = {
    "setCohorting": "UFNF++",
    "createCohort": "UFNF++",
    "updateCohort": "UFNF++",
    "joinCohort": "U+N+++",
    "placeInCohort": "UFNF++",
    "placeInCohorts": "UFNF++",
    "placeInTeams": "UFNF++",
}
"""Who may, as in tests/schema/test_mutations_permissions.py."""
