"""The contract's run with something of everything in it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from app.domain.assessments.models import Problem
from app.domain.assessments.subsections import assess_block
from app.domain.attempts.locking import lock_submission
from app.domain.attempts.models import Submission
from app.domain.attempts.responding import submit_open_response
from app.domain.blocks.deriving import derive_course_instance
from app.domain.blocks.service import create_block
from app.domain.blocks.visits import create_bookmark
from app.domain.catalog.models import Organization
from app.domain.enrollment.offerings import update_course_instance
from app.domain.enrollment.service import enroll
from app.domain.groups.cohorts import create_cohort
from app.domain.groups.models import Filling, Group, Management
from app.domain.groups.placing import place_in_cohort
from app.domain.groups.service import create_group, create_group_set
from app.domain.identity.jwts import Signing
from app.domain.identity.service import update_user
from app.domain.jobs.messages import schedule_message
from app.domain.jobs.models import CourseMessage
from app.domain.libraries.blocks import save_library_block
from app.domain.libraries.service import create_library
from app.domain.libraries.tickets import ticket
from app.domain.progress.models import LearnerRecord
from app.domain.progress.service import set_course_goal
from app.settings import Settings
from tests.clock import NOW
from tests.domain.essays import ESSAY, SETTINGS, TEXTS
from tests.domain.proof import key_of
from tests.factories import person
from tests.rest.openedx.conftest import Filled, H, O, R, U

RUNS = ("course_id", "course_key", "course_key_str", "course_key_string")
USAGES = ("usage_key_str", "usage_key_string", "subsection_id")
LIBRARIES = "/api/xblock/v2/"
PARAMETER = re.compile(r"{(\w+)}")


async def busy(filled: Filled) -> dict[str, Any]:
    """Fill the run; what stands for each part of a path, and for names in requests."""
    admin, keys = filled.admin, filled.keys
    here: dict[str, Any] = {"course_instance_id": keys["R"]}
    await update_course_instance(admin, **here, allows_derived=True, is_mobile_available=True)
    keys["cat"] = await person(admin, "cat")
    await enroll(admin, **here, user_id=keys["cat"])
    await update_user(admin, user_id=keys["ann"], retirement_requested_at=NOW)
    await create_bookmark(filled.by("ann"), block_id=keys["U"])
    await set_course_goal(filled.by("ann"), **here, has_goal_reminders=True, goal_days_per_week=3)
    record = select(LearnerRecord.reminder_token).where(LearnerRecord.user_id == keys["ann"])
    derived: dict[str, Any] = {"long_name": "Small", "coach_id": keys["bob"], "max_learners": 9}
    number = await derive_course_instance(filled.by("prof"), **here, **derived)
    made: dict[str, Any] = dict.fromkeys(RUNS, R) | dict.fromkeys(USAGES, H)
    made |= {"usage_id": U, "username": "ann", "api_version": "v1", "mode_slug": "verified", "topic_id": "t"}
    made |= {"student_id": keys["ann"], "user_id": keys["ann"], "ann": keys["ann"]}
    made |= {"ccx_course_id": f"ccx-v1:edX+DemoX+Demo_Course+ccx@{number}", "token": await admin.db.scalar(record)}
    made |= {"library": await _library(filled), "view_name": "student_view", "handler_name": "publish_completion"}
    return made | await _groups(filled) | await _mail(filled) | await _response(filled)


async def _groups(filled: Filled) -> dict[str, Any]:
    """A team, and a cohort, of ann's."""
    admin, keys = filled.admin, filled.keys
    here: dict[str, Any] = {"course_instance_id": keys["R"]}
    about: dict[str, Any] = {"name": "Teams", "key": "t", "max_size": 9, "management": Management.OPEN}
    teams = await create_group_set(admin, **here, **about)
    team = await create_group(admin, group_set_id=teams, name="Team", user_ids=[keys["ann"]])
    cohort = await create_cohort(admin, **here, name="A", filling=Filling.MANUAL)
    await place_in_cohort(admin, group_id=cohort, people=["ann"])
    return {"cohort_id": cohort, "team_id": await admin.db.scalar(select(Group.key).where(Group.id == team))}


async def _mail(filled: Filled) -> dict[str, Any]:
    """A mail that waits."""
    said: dict[str, Any] = {"targets": ["learners"], "subject": "S", "html": "<p>H</p>"}
    here: dict[str, Any] = {"course_instance_id": filled.keys["R"], "due_at": NOW + timedelta(days=1)}
    mail = await schedule_message(filled.by("prof"), **here, **said)
    job = select(CourseMessage.job_id).where(CourseMessage.id == mail)
    return {"mail_id": mail, "schedule_id": await filled.admin.db.scalar(job)}


async def _response(filled: Filled) -> dict[str, Any]:
    """A response to an open response, claimed by prof."""
    admin, keys = filled.admin, filled.keys
    place: dict[str, Any] = {"course_instance_id": keys["R"], "parent_id": keys["C"], "usage_key": O}
    block_id = await create_block(admin, **place, kind="openassessment", name="O", content=ESSAY, fields=SETTINGS)
    await assess_block(admin, block_id=block_id, category_id=keys["homework"])
    problem_id = await key_of(admin, Problem, block_id=block_id)
    made = await submit_open_response(filled.by("ann"), problem_id=problem_id, texts=TEXTS)
    await lock_submission(filled.by("prof"), submission_id=made)
    return {"uuid": await admin.db.scalar(select(Submission.uuid).where(Submission.id == made))}


async def _library(filled: Filled) -> dict[str, Any]:
    """A library block that anybody may read, and ann's ticket for it: what stands for parts of its own paths."""
    admin, key = filled.admin, "lb:edX:primers:html:t"
    owner: Any = await admin.db.scalar(select(Organization.id))
    told: dict[str, Any] = {"slug": "primers", "title": "Primers", "allows_public_learning": True}
    library = await create_library(admin, organization_id=owner, **told)
    await save_library_block(admin, library_id=library, kind="html", usage_key=key, name="T", content="<p>T</p>")
    settings = Settings()
    signing = Signing(settings.openedx_jwt_secret, settings.openedx_jwt_audience)
    return {"usage_key_str": key, "token": await ticket(filled.by("ann"), key, signing)}


def parts_of(template: str, parts: Mapping[str, Any]) -> dict[str, Any]:
    """What stands for each part of that path."""
    return {**parts, **(parts["library"] if template.startswith(LIBRARIES) else {})}


def path_of(template: str, parts: Mapping[str, Any]) -> str:
    """A path in which everything is there."""
    return PARAMETER.sub(lambda found: str(parts[found[1]]), template)
