"""Of the site: a small tree of blocks, and every use case about blocks and about jobs once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from app.context import Context
from app.domain.assessments.subsections import assess_block
from app.domain.blocks.completion import NewCompletion, record_completion
from app.domain.blocks.gates import set_block_prerequisite
from app.domain.blocks.service import create_block, delete_block, move_block, set_block_groups, update_block
from app.domain.blocks.visits import create_bookmark, delete_bookmark, visit_block
from app.domain.files import NewFile
from app.domain.jobs.cohorts import place_in_cohorts_by_file
from app.domain.jobs.messages import schedule_message, update_message
from app.domain.jobs.models import JobKind
from app.domain.jobs.service import request_report, revoke_job
from app.domain.progress.models import LearnerRecord
from app.domain.progress.service import (
    dismiss_welcome_message,
    record_activity,
    reset_deadlines,
    set_celebrations,
    set_course_email,
    set_course_goal,
    sign_integrity,
    stop_goal_reminders,
)
from tests.factories import University


@dataclass(frozen=True, slots=True)
class Contents:
    """The root, two chapters, and a text in the first; the student's bookmark of the root; the token that ends the
    instructor's reminders; a report.
    """

    root_id: int
    chapter_id: int
    second_chapter_id: int
    text_id: int
    bookmark_id: int
    token: str
    job_id: int
    message_id: int


async def contents(world: University) -> Contents:
    """The blocks, all open to learners."""

    async def block(kind: str, parent_id: int | None) -> int:
        place: dict[str, Any] = {"course_instance_id": world.course_instance_id, "parent_id": parent_id}
        return await create_block(world.admin, kind=kind, name=kind.capitalize(), **place)

    root_id = await block("course", None)
    chapter_id = await block("chapter", root_id)
    place: dict[str, Any] = {"course_instance_id": world.course_instance_id}
    record_id = await set_course_goal(world.instructor, **place, has_goal_reminders=True)
    token = await world.admin.db.scalar(select(LearnerRecord.reminder_token).where(LearnerRecord.id == record_id))
    job_id = await request_report(world.admin, **place, kind=JobKind.GRADES)
    second_id, text_id = await block("chapter", root_id), await block("html", chapter_id)
    bookmark_id = await create_bookmark(world.student, block_id=root_id)
    message_id = await schedule_message(world.admin, **place, targets=["staff"], subject="Hi", html="Hello")
    return Contents(root_id, chapter_id, second_id, text_id, bookmark_id, token, job_id, message_id)


UseCase = Callable[[Any, Context], Awaitable[Any]]

USE_CASES: dict[str, UseCase] = {
    "create_block": lambda s, c: create_block(
        c, course_instance_id=s.world.course_instance_id, kind="html", parent_id=s.contents.chapter_id
    ),
    "update_block": lambda s, c: update_block(c, block_id=s.contents.text_id, name="New"),
    "move_block": lambda s, c: move_block(c, block_id=s.contents.text_id, parent_id=s.contents.second_chapter_id),
    "set_block_groups": lambda s, c: set_block_groups(c, block_id=s.contents.text_id, group_ids=[]),
    "set_block_prerequisite": lambda s, c: set_block_prerequisite(
        c, block_id=s.contents.second_chapter_id, required_block_id=s.contents.text_id
    ),
    "delete_block": lambda s, c: delete_block(c, block_id=s.contents.chapter_id),
    "record_completion": lambda s, c: record_completion(
        c, course_instance_id=s.world.course_instance_id, completions=[NewCompletion(s.contents.text_id, 1)]
    ),
    "visit_block": lambda s, c: visit_block(c, block_id=s.contents.text_id),
    "create_bookmark": lambda s, c: create_bookmark(c, block_id=s.contents.text_id),
    "delete_bookmark": lambda s, c: delete_bookmark(c, bookmark_id=s.contents.bookmark_id),
    "set_course_goal": lambda s, c: set_course_goal(
        c, course_instance_id=s.world.course_instance_id, has_goal_reminders=False, goal_days_per_week=3
    ),
    "stop_goal_reminders": lambda s, c: stop_goal_reminders(c, token=s.contents.token),
    "set_celebrations": lambda s, c: set_celebrations(
        c, course_instance_id=s.world.course_instance_id, celebrates_first_section=False
    ),
    "dismiss_welcome_message": lambda s, c: dismiss_welcome_message(
        c, course_instance_id=s.world.course_instance_id, dismissed_update="3"
    ),
    "sign_integrity": lambda s, c: sign_integrity(c, course_instance_id=s.world.course_instance_id),
    "set_course_email": lambda s, c: set_course_email(
        c, course_instance_id=s.world.course_instance_id, receives_email=False
    ),
    "reset_deadlines": lambda s, c: reset_deadlines(c, course_instance_id=s.world.course_instance_id),
    "record_activity": lambda s, c: record_activity(c, course_instance_id=s.world.course_instance_id),
    "assess_block": lambda s, c: assess_block(c, block_id=s.contents.chapter_id, category_id=s.work.category_id),
    "request_report": lambda s, c: request_report(
        c, course_instance_id=s.world.course_instance_id, kind=JobKind.PROBLEM_RESPONSES, block_ids=[s.contents.text_id]
    ),
    "revoke_job": lambda s, c: revoke_job(c, job_id=s.contents.job_id),
    "place_in_cohorts_by_file": lambda s, c: place_in_cohorts_by_file(
        c, course_instance_id=s.world.course_instance_id, file=NewFile("new.csv", b"cohort,email\r\n")
    ),
    "schedule_message": lambda s, c: schedule_message(
        c, course_instance_id=s.world.course_instance_id, targets=["learners"], subject="New", html="New"
    ),
    "update_message": lambda s, c: update_message(c, course_message_id=s.contents.message_id, subject="New"),
}
