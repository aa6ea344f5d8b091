"""Data Analysis for Everyone: its cohorts, and the sets of teams that are run in each way."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from app.demo.analysis import PLACE, TEACHER
from app.demo.calendar import AUTUMN_2026, MONDAY, TUESDAY
from app.demo.offerings import people_of
from app.demo.stage import Scene, Stage
from app.domain.groups.cohorts import create_cohort, set_cohorting
from app.domain.groups.models import Filling, Management
from app.domain.groups.placing import place_in_cohort
from app.domain.groups.service import add_group_member, create_group, create_group_set

COMING = "late.arrival@example.org"
SETS: tuple[tuple[str, str, Management], ...] = (
    ("clubs", "Reading clubs", Management.OPEN),
    ("projects", "Projects", Management.OPEN_MANAGED),
    ("reviewers", "Reviewers", Management.PUBLIC_MANAGED),
    ("mentoring", "Mentoring", Management.PRIVATE_MANAGED),
)


async def gather(stage: Stage) -> None:
    """Two cohorts by lot from now on, one by hand that sees more; teams of four sets, one of them learners' own."""
    ctx, cast = stage.acting(TEACHER), stage.cast
    place: dict[str, Any] = {"course_instance_id": cast.course_instances[PLACE]}
    for name in ("Larks", "Owls"):
        cast.groups[name] = await create_cohort(ctx, **place, name=name, filling=Filling.RANDOM)
    further: dict[str, Any] = {"filling": Filling.MANUAL, "audience_id": cast.groups["Further"]}
    cast.groups["Explorers"] = await create_cohort(ctx, **place, name="Explorers", **further)
    people = people_of(PLACE)
    for number, name in enumerate(("Larks", "Owls", "Explorers")):
        named = [*people[number::3], *([COMING] if number == 2 else [])]
        await place_in_cohort(ctx, group_id=cast.groups[name], people=named)
    await set_cohorting(ctx, **place, is_cohorted=True)
    for key, name, management in SETS:
        about: dict[str, Any] = {"key": key, "description": f"{name} of four at most.", "management": management}
        cast.groups[key] = await create_group_set(ctx, **place, name=name, max_size=4, **about)


async def form_teams(stage: Stage) -> None:
    """Learners make a club and join it; the teacher makes a team of each other set."""
    groups, ids = stage.cast.groups, stage.cast.people
    first, second, third, fourth = people_of(PLACE)[:4]
    club: dict[str, Any] = {"description": "A chapter a week.", "country": "SE", "language": "sv"}
    reader = stage.acting(first)
    made = await create_group(reader, group_set_id=groups["clubs"], name="Wednesdays", user_ids=[ids[first]], **club)
    await add_group_member(stage.acting(second), group_id=made)
    ctx = stage.acting(TEACHER)
    for key, name, members in (
        ("projects", "Bicycles", (second, third)),
        ("reviewers", "Charts", (third, fourth)),
        ("mentoring", "With Kei", (first, fourth)),
    ):
        named = [ids[each] for each in members]
        details: dict[str, Any] = {"is_organization_protected": key == "reviewers"}
        await create_group(ctx, group_set_id=groups[key], name=name, user_ids=named, **details)


SCENES = (
    Scene(AUTUMN_2026.at(2, TUESDAY), gather),
    Scene(AUTUMN_2026.at(3, MONDAY) + timedelta(hours=9), form_teams),
)
