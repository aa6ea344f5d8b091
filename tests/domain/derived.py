"""Of the site: a course instance derived from the first, and every use case about such ones once."""

from __future__ import annotations

from typing import Any

from app.domain.blocks.deriving import (
    delete_derived_course_instance,
    derive_course_instance,
    update_derived_course_instance,
)
from app.domain.enrollment.offerings import update_course_instance
from tests.domain import essays
from tests.domain.contents import UseCase
from tests.factories import University

USE_CASES: dict[str, UseCase] = {
    **essays.USE_CASES,
    "derive_course_instance": lambda s, c: derive_course_instance(
        c, course_instance_id=s.world.course_instance_id, coach_id=s.newcomer_id, long_name="New", max_learners=9
    ),
    "update_derived_course_instance": lambda s, c: update_derived_course_instance(
        c, course_instance_id=s.derived_id, long_name="New"
    ),
    "delete_derived_course_instance": lambda s, c: delete_derived_course_instance(c, course_instance_id=s.derived_id),
}


async def derived_in(world: University) -> int:
    """A course instance for ten, derived from the first, coached by the assistant."""
    here = world.course_instance_id
    await update_course_instance(world.admin, course_instance_id=here, allows_derived=True)
    coached: dict[str, Any] = {"coach_id": world.assistant_id, "max_learners": 10}
    return await derive_course_instance(world.admin, course_instance_id=here, long_name="Small signals", **coached)
