"""Reads of learners' work that are more than a relation."""

from __future__ import annotations

import asyncio
import base64
import logging
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, and_, case, exists, func, literal, or_, select

from app.context import Context
from app.db.base import Base
from app.db.sets import member_of
from app.domain.assessments.models import Assessment, GradingType
from app.domain.attempts.files import MAX_BYTES
from app.domain.attempts.models import AssessmentInstance, InstanceQuestion, Submission, SubmissionFile
from app.domain.catalog.models import CourseInstance
from app.domain.enrollment.models import CourseStaff, Enrollment, EnrollmentStatus, Role
from app.domain.enrollment.policy import STAFF_ROLES
from app.errors import NotFound
from app.policy import Viewing, visible
from app.principal import Principal
from app.reading import relations

AT_ONCE = 16
log = logging.getLogger("campusgraph.files")


class Standing(StrEnum):
    """What a person is to a course instance, seen from a gradebook (PrairieLearn's user_role)."""

    STUDENT = "STUDENT"
    STAFF = "STAFF"
    NONE = "NONE"


def standing(user_id: Any, course_instance_id: Any) -> ColumnElement[str]:
    """SQL for the standing of a user in a course instance: staff before student before none."""
    here = and_(Enrollment.user_id == user_id, Enrollment.course_instance_id == course_instance_id)
    content = (
        exists()
        .where(CourseStaff.course_id == CourseInstance.course_id, CourseInstance.id == course_instance_id)
        .where(CourseStaff.user_id == user_id)
    )
    active = Enrollment.status != EnrollmentStatus.DROPPED
    return case(
        (or_(exists().where(here, active, Enrollment.role.in_(STAFF_ROLES)), content), literal(Standing.STAFF.value)),
        (exists().where(here, active, Enrollment.role == Role.STUDENT), literal(Standing.STUDENT.value)),
        else_=literal(Standing.NONE.value),
    )


async def standings_of_owners(ctx: Context, keys: Sequence[int]) -> list[str]:
    """For each assessment instance id the standing of its owner; NONE for a group's."""
    own = AssessmentInstance
    statement = select(own.id, standing(own.user_id, own.course_instance_id)).where(
        member_of(own.id, keys), ctx.visible(own)
    )
    found: dict[int, str] = {row[0]: row[1] for row in await ctx.db.fetch(statement)}
    return [found.get(key, Standing.NONE.value) for key in keys]


async def best_of_owner(ctx: Context, keys: Sequence[int]) -> list[bool]:
    """For each assessment instance id whether it is its owner's best of the assessment, among those visible.

    Best: highest percentage, then latest start, number, id; one without a percentage comes last.
    """
    own = AssessmentInstance
    place = func.row_number().over(
        partition_by=(own.assessment_id, own.user_id, own.group_id),
        order_by=(
            ctx.readable(own.score_perc).desc().nulls_last(),
            own.started_at.desc().nulls_last(),
            own.number.desc(),
            own.id.desc(),
        ),
    )
    asked = select(own.assessment_id).where(member_of(own.id, keys))
    ranked = select(own.id, place.label("place")).where(own.assessment_id.in_(asked), ctx.visible(own)).subquery()
    statement = select(ranked.c.id).where(ranked.c.place == 1, member_of(ranked.c.id, keys))
    best = {row[0] for row in await ctx.db.fetch(statement)}
    return [key in best for key in keys]


async def remaining_seconds(ctx: Context, keys: Sequence[datetime | None]) -> list[float | None]:
    """For each instant the seconds until then, at least 0; None for None."""
    return [None if key is None else max((key - ctx.now).total_seconds(), 0.0) for key in keys]


async def contents_of(ctx: Context, keys: Sequence[int]) -> list[str | None]:
    """For each file id its content in base64; None where it is not visible, above 1 MiB, or lost."""
    own = SubmissionFile
    statement = select(own.id, own.sha256).where(member_of(own.id, keys), ctx.visible(own), own.size <= MAX_BYTES)
    digests: dict[int, str] = {row[0]: row[1] for row in await ctx.db.fetch(statement)}
    found: dict[str, str | None] = {}
    distinct = sorted(set(digests.values()))
    for start in range(0, len(distinct), AT_ONCE):
        several = distinct[start : start + AT_ONCE]
        found |= zip(several, await asyncio.gather(*(_content(ctx, each) for each in several)), strict=True)
    return [found[digests[key]] if key in digests else None for key in keys]


async def _content(ctx: Context, digest: str) -> str | None:
    try:
        return base64.b64encode(await ctx.files.read(digest)).decode()
    except NotFound:
        log.error("the object of file %s is missing: see `campusgraph files check`", digest)
        return None


async def responses_to(ctx: Context, keys: Sequence[int], asked: frozenset[str] | None = None) -> list[list[Any]]:
    """For each problem id what was handed in to it alone, as far as the caller sees it, by time. Two statements.

    Named tuples of the `asked` columns, or of all.
    """
    own, question = Submission, InstanceQuestion
    statement = (
        select(own.id, question.problem_id)
        .join(question, question.id == own.instance_question_id)
        .where(member_of(question.problem_id, keys), ctx.visible(own))
    )
    problems = {row[0]: row[1] for row in await ctx.db.fetch(statement.order_by(own.submitted_at, own.id))}
    names = tuple(sorted(asked)) if asked else tuple(own.__table__.c.keys())
    found: dict[int, list[Any]] = {key: [] for key in keys}
    rows = await relations.one(ctx, own.id, names, list(problems)) if problems else []
    for problem_id, row in zip(problems.values(), rows, strict=True):
        found[problem_id].append(row)
    return [found[key] for key in keys]


async def is_known(ctx: Context, *models_and_conditions: tuple[type[Base], ColumnElement[bool]]) -> bool:
    """Whether there are such rows, seen by the caller or not: for systems that answer 403 to what may not be seen."""
    anybody = Viewing(Principal(None, is_admin=True), ctx.now)
    for model, condition in models_and_conditions:
        rows = await ctx.db.fetch(select(literal(1)).where(visible(model, anybody), condition).limit(1))
        if not rows:
            return False
    return True


async def is_known_assessment(ctx: Context, assessment_id: int) -> bool:
    """Whether there is an assessment that is done by attempts."""
    attempts = and_(Assessment.id == assessment_id, Assessment.grading_type == GradingType.ATTEMPTS)
    return await is_known(ctx, (Assessment, attempts))


async def is_known_submission(ctx: Context, assessment_id: int, submission_id: int) -> bool:
    """Whether there is a submission of an assessment."""
    here = select(AssessmentInstance.id).where(AssessmentInstance.assessment_id == assessment_id)
    of_it = and_(Submission.id == submission_id, Submission.assessment_instance_id.in_(here))
    return await is_known(ctx, (Submission, of_it))


async def is_known_course_instance(ctx: Context, course_instance_id: int) -> bool:
    """Whether there is a course instance."""
    return await is_known(ctx, (CourseInstance, CourseInstance.id == course_instance_id))
