"""Sets of teams in the contract's fixture, and teams of them by the API."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select

from app.domain.groups.models import Group, GroupMembership, GroupSet, Management
from app.domain.groups.service import create_group_set
from tests.rest.openedx.conftest import OpenEdx, R

V0 = "/api/team/v0"
TEAMS, TOPICS, MEMBERSHIPS = f"{V0}/teams/", f"{V0}/topics/", f"{V0}/team_membership/"
PATCH = {"Content-Type": "application/merge-patch+json"}


async def make_sets(edx: OpenEdx) -> None:
    """The open set t of R, and one for each other way."""
    for key, management in (
        ("t", Management.OPEN),
        ("om", Management.OPEN_MANAGED),
        ("pub", Management.PUBLIC_MANAGED),
        ("priv", Management.PRIVATE_MANAGED),
    ):
        about: dict[str, Any] = {"name": f"Set {key}", "key": key, "max_size": 2, "management": management}
        await create_group_set(edx.filled.admin, course_instance_id=edx.keys["R"], **about)


def said(**changes: Any) -> dict[str, Any]:
    """A team to make."""
    return {"course_id": R, "topic_id": "t", "name": "New Team", "description": "d", **changes}


async def made(edx: OpenEdx, who: str = "prof", **changes: Any) -> str:
    """The id of a new team."""
    key: str = (await edx.body(TEAMS, who, "POST", json=said(**changes)))["id"]
    return key


async def stored(edx: OpenEdx) -> list[int]:
    """How many groups, current memberships and sets there are."""
    admin, member = edx.filled.admin, GroupMembership
    current = select(func.count()).select_from(member).where(member.left_at.is_(None))
    count = [await admin.db.scalar(select(func.count()).select_from(each)) for each in (Group, GroupSet)]
    return [*count, await admin.db.scalar(current)]
