"""Blocks of the semester's course instances: open, for a group, for the staff, not open yet; inputs of the site's."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from app.context import Context
from app.domain.assessments.service import create_category
from app.domain.assessments.subsections import assess_block
from app.domain.blocks.models import Block
from app.domain.blocks.service import create_block, set_block_groups
from app.domain.blocks.visits import create_bookmark
from app.domain.grades.models import Certificate, CertificateStatus
from app.domain.groups.models import Group
from app.domain.identity.institution import update_profile
from app.domain.jobs.messages import schedule_message
from app.domain.jobs.models import JobKind
from app.domain.jobs.service import request_report
from app.domain.progress.service import set_course_email, set_course_goal
from app.domain.rows import insert_row
from tests.clock import NOW
from tests.domain.proof import key_of
from tests.factories import University, as_user
from tests.schema.shelves import SHELVES, set_libraries

BLOCKS: dict[str, Callable[[Any], dict[str, Any]]] = {
    "createBlock": lambda s: {
        "courseInstanceId": s.world.course_instance_id,
        "kind": "html",
        "parentId": s.contents.chapter_id,
    },
    "updateBlock": lambda s: {"blockId": s.contents.text_id, "name": "New"},
    "moveBlock": lambda s: {"blockId": s.contents.text_id, "parentId": s.contents.second_chapter_id},
    "setBlockGroups": lambda s: {"blockId": s.contents.text_id, "groupIds": []},
    "setBlockPrerequisite": lambda s: {
        "blockId": s.contents.second_chapter_id,
        "requiredBlockId": s.contents.text_id,
    },
    "deleteBlock": lambda s: {"blockId": s.contents.chapter_id},
    "recordCompletion": lambda s: {
        "courseInstanceId": s.world.course_instance_id,
        "completions": [{"blockId": s.contents.text_id, "completion": 1}],
    },
    "visitBlock": lambda s: {"blockId": s.contents.text_id},
    "createBookmark": lambda s: {"blockId": s.contents.text_id},
    "deleteBookmark": lambda s: {"bookmarkId": s.contents.bookmark_id},
    "deriveCourseInstance": lambda s: {
        "courseInstanceId": s.world.course_instance_id,
        "coachId": s.newcomer_id,
        "longName": "New",
        "maxLearners": 9,
    },
    "updateDerivedCourseInstance": lambda s: {"courseInstanceId": s.derived_id, "longName": "New"},
    "deleteDerivedCourseInstance": lambda s: {"courseInstanceId": s.derived_id},
    **SHELVES,
    "setCourseGoal": lambda s: {
        "courseInstanceId": s.world.course_instance_id,
        "hasGoalReminders": False,
        "goalDaysPerWeek": 3,
    },
    "stopGoalReminders": lambda s: {"token": s.contents.token},
    "setCelebrations": lambda s: {
        "courseInstanceId": s.world.course_instance_id,
        "celebratesFirstSection": False,
    },
    "dismissWelcomeMessage": lambda s: {"courseInstanceId": s.world.course_instance_id, "dismissedUpdate": "3"},
    "signIntegrity": lambda s: {"courseInstanceId": s.world.course_instance_id},
    "setCourseEmail": lambda s: {"courseInstanceId": s.world.course_instance_id, "receivesEmail": False},
    "resetDeadlines": lambda s: {"courseInstanceId": s.world.course_instance_id},
    "recordActivity": lambda s: {"courseInstanceId": s.world.course_instance_id},
}
"""What mutations about blocks, libraries and records take, of the site."""
TASK = "<problem><numericalresponse answer='0'/></problem>"


async def set_root(world: University, course_instance_id: int) -> int:
    """The block of a whole course instance, and a report and a mail that were asked for."""
    place: dict[str, Any] = {"course_instance_id": course_instance_id}
    await request_report(world.admin, **place, kind=JobKind.GRADES)
    await schedule_message(world.admin, **place, targets=["staff"], subject="Hello", html="<p>Hello</p>")
    return await create_block(world.admin, course_instance_id=course_instance_id, kind="course", name="Course")


async def set_blocks(world: University) -> None:
    """Week 1 is open; the quiz in it, an assessment, is for g1; Drafts are for the staff; Week 9 starts tomorrow.

    And the libraries.
    """
    admin = world.admin
    here: dict[str, Any] = {"course_instance_id": world.course_instance_id}
    await set_root(world, world.other_course_instance_id)
    root_id = await set_root(world, world.course_instance_id)

    async def block(kind: str, name: str, parent_id: int, **details: Any) -> int:
        return await create_block(admin, **here, kind=kind, name=name, parent_id=parent_id, **details)

    week = await block("chapter", "Week 1", root_id, fields={"highlights": ["waves"]})
    await block("html", "Welcome", week, content="<p>Hello</p>")
    quiz = await block("sequential", "Quiz", week)
    await block("problem", "Task", quiz, content=TASK, weight=2.0)
    await set_block_groups(admin, block_id=quiz, group_ids=[await key_of(admin, Group, name="g1")])
    category_id = await create_category(admin, **here, name="Quizzes", abbreviation="Q")
    await assess_block(admin, block_id=quiz, category_id=category_id)
    await block("html", "Draft", await block("chapter", "Drafts", root_id, is_staff_only=True))
    await block("html", "Later", await block("chapter", "Week 9", root_id, start_at=NOW + timedelta(days=1)))
    await set_libraries(world)


async def set_records(world: University, dan_id: int, deleted_id: int) -> None:
    """sam aims at something and marks a block, also where nobody sees it any more; dan wants no mail."""
    await update_profile(world.second_student, user_id=world.second_student_id, shows_certificates=True)
    for place in (world.course_instance_id, deleted_id):
        await set_course_goal(world.student, course_instance_id=place, has_goal_reminders=True, goal_days_per_week=3)
    here = world.course_instance_id
    dan = as_user(world.admin, dan_id)
    await set_course_email(dan, course_instance_id=here, receives_email=False)
    for ctx, name in ((world.student, "Welcome"), (dan, "Week 1")):
        await create_bookmark(ctx, block_id=await key_of(world.admin, Block, course_instance_id=here, name=name))
    await create_bookmark(
        world.student, block_id=await key_of(world.admin, Block, course_instance_id=deleted_id, name="Course")
    )


async def certify(ctx: Context, course_instance_id: int, user_id: int) -> None:
    """A certificate."""
    key = f"{course_instance_id}-{user_id}".rjust(32, "0")
    said: dict[str, Any] = {"uuid": key, "status": CertificateStatus.DOWNLOADABLE, "track": "honor", "grade": "0.9"}
    await insert_row(ctx, Certificate, {"course_instance_id": course_instance_id, "user_id": user_id, **said})
