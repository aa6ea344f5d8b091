"""What is asked and said of runs takes a fixed number of SQL statements, however many blocks and runs there are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select, update
from starlette.applications import Starlette

from app.db.session import Database
from app.domain.blocks.completion import NewCompletion, record_completion
from app.domain.blocks.service import create_block
from app.domain.blocks.visits import create_bookmark
from app.domain.catalog.models import CourseInstance
from app.domain.enrollment.offerings import create_course_instance
from app.domain.enrollment.service import enroll
from app.domain.progress.models import LearnerRecord
from app.domain.progress.service import set_course_goal
from tests.rest.openedx.conftest import BLOCK, H, OpenEdx, P, Q, R, U

pytestmark = pytest.mark.anyio
FIELDS = "depth=all&requested_fields=children,completion,complete,resume_block"
MORE_FIELDS = "due,has_scheduled_content&student_view_data=html,video"
MOBILE = "mobile/v1/users/ann"
DONE, ANN = "what has been done", "the number of ann"
"""Stand for what is known when it is sent."""
READS = {
    "courses/v1/courses/?username=ann": 9,
    f"courses/v1/courses/{R}?username=ann": 12,
    "courses/v1/course_ids/?role=staff&username=ann": 7,
    f"courses/v1/blocks/?course_id={Q}&username=ann&{FIELDS}": 14,
    f"courses/v2/blocks/?course_id={Q}&username=ann&{FIELDS},{MORE_FIELDS}": 18,
    f"courses/v2/blocks/{P}?username=ann": 12,
    f"courseware/course/{R}": 19,
    f"courseware/resume/{R}": 10,
    f"courseware/sequence/{H}": 26,
    f"course_home/course_metadata/{R}": 22,
    f"course_home/dates/{R}": 27,
    f"course_home/outline/{R}": 33,
    f"course_home/progress/{R}": 42,
    f"course_experience/v1/course_deadlines_info/{R}": 10,
    f"learning_sequences/v1/course_outline/{R}": 15,
    f"completion/v1/subsection-completion/ann/{R}/{H}": 9,
    "bookmarks/v1/bookmarks/?fields=display_name,path": 7,
    f"bookmarks/v1/bookmarks/ann,{U}/": 9,
    "mobile/v1/my_user_info": 2,
    MOBILE: 3,
    **{f"mobile/{version}/users/ann/course_enrollments/": 13 for version in ("v0.5", "v1", "v2", "v3")},
    "mobile/v4/users/ann/course_enrollments/?requested_fields=course_progress": 20,
    f"{MOBILE}/course_status_info/{R}": 16,
    f"mobile/v1/course_info/{R}/handouts": 8,
    f"mobile/v1/course_info/{R}/updates": 8,
}
"""By a learner."""
STAFF_READS = {f"courses/v1/block_metadata/{P}?include=index_dictionary": 9}
WRITES: dict[str, tuple[int, str, dict[str, Any]]] = {
    f"courseware/celebration/{R}": (11, "POST", {"first_section": False}),
    "course_home/dismiss_welcome_message": (12, "POST", {"course_id": R}),
    "course_home/save_course_goal": (11, "POST", {"course_id": R, "days_per_week": 3, "subscribed_to_reminders": True}),
    "course_home/unsubscribe_from_course_goal/{token}": (4, "POST", {}),
    "course_experience/v1/reset_course_deadlines": (11, "POST", {"course_key": R}),
    "completion/v1/completion-batch": (14, "POST", {"username": "ann", "course_key": R, "blocks": DONE}),
    "bookmarks/v1/bookmarks/": (13, "POST", {"usage_id": P}),
    f"bookmarks/v1/bookmarks/ann,{U}/": (6, "DELETE", {}),
    f"{MOBILE}/course_status_info/{R}": (26, "PATCH", {"last_visited_module_id": H}),
    "mobile/v1/course_info/record_user_activity": (15, "POST", {"course_key": R, "user_id": ANN}),
}
"""By a learner: how many, the method, what is sent."""


async def statements(
    edx: OpenEdx,
    app: Starlette,
    open_database: Callable[[], Database],
    path: str,
    who: str = "ann",
    method: str = "GET",
    **more: Any,
) -> int:
    """How many statements a request takes; what it writes is forgotten."""
    opened: list[Database] = []

    def counted() -> Database:
        opened.append(open_database())
        return opened[-1]

    app.state.open_database = counted
    savepoint = await edx.filled.connection.begin_nested()
    response = await edx.send(method, f"/api/{path}", who, **more)
    await savepoint.rollback()
    assert response.status_code < 400, response.text
    return sum(each.statements for each in opened)


async def more(edx: OpenEdx, numbers: range) -> None:
    """More blocks, one of which the learner has done and marked, and more runs, in which they learn."""
    ctx, keys, ann = edx.filled.admin, edx.keys, edx.filled.by("ann")
    for number in numbers:
        here: dict[str, Any] = {"course_instance_id": keys["R"], "name": f"More {number}"}
        sequence = await create_block(
            ctx, kind="sequential", parent_id=keys["C"], usage_key=BLOCK.format("sequential", f"s{number}"), **here
        )
        key = BLOCK.format("html", f"t{number}")
        text = await create_block(ctx, kind="html", parent_id=sequence, usage_key=key, content="<p>x</p>", **here)
        await create_block(ctx, kind="video", parent_id=keys["U"], **here)
        await record_completion(ann, course_instance_id=keys["R"], completions=[NewCompletion(text, 1.0)])
        await create_bookmark(ann, block_id=text)
        run = f"course-v1:edX+More+{number}"
        made = await create_course_instance(ctx, name=f"more-{number}", long_name="More", key=run)
        await enroll(ctx, course_instance_id=made, user_id=keys["ann"])
    await ctx.db.execute(update(CourseInstance).values(is_mobile_available=True))


async def test_statements(edx: OpenEdx, app: Starlette, open_database: Callable[[], Database]) -> None:
    ann, place = edx.filled.by("ann"), edx.keys["R"]
    await set_course_goal(ann, course_instance_id=place, has_goal_reminders=True, goal_days_per_week=2)
    await create_bookmark(ann, block_id=edx.keys["U"])
    token = await ann.db.scalar(select(LearnerRecord.reminder_token))
    for numbers in (range(1), range(1, 6)):
        await more(edx, numbers)
        found = {path: await statements(edx, app, open_database, path) for path in READS}
        assert found == READS
        found = {path: await statements(edx, app, open_database, path, "prof") for path in STAFF_READS}
        assert found == STAFF_READS
        known = {ANN: edx.keys["ann"], DONE: {BLOCK.format("html", f"t{number}"): 1 for number in range(numbers.stop)}}
        counts = {}
        for path, (_, method, said) in WRITES.items():
            sent = {name: known.get(value, value) for name, value in said.items()}
            there = path.format(token=token)
            counts[path] = await statements(edx, app, open_database, there, "ann", method, json=sent)
        assert counts == {path: count for path, (count, *_) in WRITES.items()}
