"""The cohorts that the page of a gradebook offers to filter by."""

from __future__ import annotations

import pytest

from app.domain.groups.cohorts import create_cohort
from app.domain.groups.models import Filling
from tests.rest.openedx.conftest import CALLERS, OpenEdx, R, X

pytestmark = pytest.mark.anyio
PATH = f"/courses/{R}/cohorts/"


@pytest.mark.parametrize("who", CALLERS)
async def test_the_staff_is_told_the_cohorts(edx: OpenEdx, who: str | None) -> None:
    admin, run = edx.filled.admin, edx.keys["R"]
    keys = [await create_cohort(admin, course_instance_id=run, name=name, filling=Filling.MANUAL) for name in "AB"]
    status, body = await edx.told(PATH, who)
    if who in ("ta", "prof", "staff"):
        rest = {"user_count": 0, "assignment_type": "manual", "user_partition_id": None, "group_id": None}
        expected = [{"name": name, "id": key, **rest} for name, key in zip("AB", keys, strict=True)]
        assert (status, body) == (200, {"cohorts": expected})
    elif who is None:
        assert (status, body) == (401, {"detail": "Authentication credentials were not provided."})
    else:
        assert (status, body) == (403, {"detail": "You do not have permission to perform this action."})


async def test_a_run_without_cohorts_and_none(edx: OpenEdx) -> None:
    assert await edx.body(f"/courses/{X}/cohorts/", "staff") == {"cohorts": []}
    assert await edx.told("/courses/course-v1:no+such+run/cohorts/", "staff") == (404, {"detail": "Not found."})
