"""What is read of a course run takes a fixed number of SQL statements, however many blocks and runs there are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from starlette.applications import Starlette

from app.db.session import Database
from app.domain.blocks.service import create_block
from app.domain.enrollment.offerings import create_course_instance
from tests.rest.openedx.conftest import BLOCK, OpenEdx, P, Q, R

pytestmark = pytest.mark.anyio
FIELDS = "depth=all&requested_fields=children,completion,complete,resume_block&student_view_data=html"
STATEMENTS = {
    "courses/v1/courses/?username=ann": 9,
    f"courses/v1/courses/{R}?username=ann": 12,
    "courses/v1/course_ids/?role=staff&username=ann": 7,
    f"courses/v1/blocks/?course_id={Q}&username=ann&{FIELDS}": 12,
    f"courses/v2/blocks/{P}?username=ann": 11,
    f"course_home/course_metadata/{R}": 17,
    f"course_home/dates/{R}": 23,
    f"course_home/outline/{R}": 26,
    f"course_home/progress/{R}": 33,
    f"learning_sequences/v1/course_outline/{R}": 13,
}


async def statements(edx: OpenEdx, app: Starlette, open_database: Callable[[], Database], path: str) -> int:
    """How many statements a request of a learner's takes."""
    opened: list[Database] = []

    def counted() -> Database:
        opened.append(open_database())
        return opened[-1]

    app.state.open_database = counted
    await edx.body(f"/api/{path}", "ann")
    return sum(each.statements for each in opened)


async def more(edx: OpenEdx, numbers: range) -> None:
    """More blocks and more runs."""
    ctx, keys = edx.filled.admin, edx.keys
    for number in numbers:
        here: dict[str, Any] = {"course_instance_id": keys["R"], "name": f"More {number}"}
        sequence = await create_block(
            ctx, kind="sequential", parent_id=keys["C"], usage_key=BLOCK.format("sequential", f"s{number}"), **here
        )
        key = BLOCK.format("html", f"t{number}")
        await create_block(ctx, kind="html", parent_id=sequence, usage_key=key, content="<p>x</p>", **here)
        run = f"course-v1:edX+More+{number}"
        await create_course_instance(ctx, name=f"more-{number}", long_name="More", key=run)


async def test_statements(edx: OpenEdx, app: Starlette, open_database: Callable[[], Database]) -> None:
    for numbers in (range(1), range(1, 6)):
        await more(edx, numbers)
        found = {path: await statements(edx, app, open_database, path) for path in STATEMENTS}
        assert found == STATEMENTS
