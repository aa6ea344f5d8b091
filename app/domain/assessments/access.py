"""When and by whom an assessment may be worked on: rules for all, extensions for one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select

from app.context import Context
from app.domain.assessments.models import Assessment, AssessmentAccessRule, AssessmentExtension
from app.domain.assessments.service import changeable_assessment
from app.domain.enrollment.policy import may_teach
from app.domain.enrollment.presence import standing_of
from app.domain.identity.policy import may_write
from app.domain.rows import insert_row, update_row, visible_row
from app.domain.rules import at_least, fitted, in_order
from app.errors import RuleBroken, UserErrorCode


@dataclass(frozen=True, slots=True)
class AccessRule:
    """When an assessment may be worked on, by whom, and for how many percent of the credit. Null is no condition.

    Without credit (null or 0) a rule lets people look and nothing more.
    """

    mode: str | None = None
    credit: int | None = None
    start_at: datetime | None = None
    end_at: datetime | None = None
    time_limit_minutes: int | None = None
    password: str | None = None
    exam_uuid: str | None = None
    shows_closed_assessment: bool = True
    shows_closed_assessment_score: bool = True
    uids: Sequence[str] | None = None


async def set_assessment_access_rules(ctx: Context, *, assessment_id: int, rules: Sequence[AccessRule]) -> int:
    """Replace the access rules of an assessment, numbered from 1 in their order; the assessment's id.

    Instructors, editors of the course, administrators. Raises NotFound, Forbidden; RuleBroken at (`rules`, index, …):
    OUT_OF_RANGE, INVALID, TOO_LONG.
    """
    await changeable_assessment(ctx, assessment_id)
    rows: list[dict[str, Any]] = []
    for index, rule in enumerate(rules):
        path = ("rules", str(index))
        values = fitted(AssessmentAccessRule, asdict(rule), *path)
        at_least(0, values, "credit", path=path)
        at_least(1, values, "time_limit_minutes", path=path)
        in_order({"start_at": values["start_at"], "end_at": values["end_at"]}, *path)
        rows.append({"assessment_id": assessment_id, "number": index + 1, **values})
    await ctx.db.execute(delete(AssessmentAccessRule).where(AssessmentAccessRule.assessment_id == assessment_id))
    if rows:
        await ctx.db.execute(insert(AssessmentAccessRule), rows)
    return assessment_id


async def grant_extension(
    ctx: Context, *, assessment_id: int, user_id: int, due_at: datetime | None = None, end_at: datetime | None = None
) -> int:
    """More time for one learner, in place of an earlier extension; the extension's id.

    A date that is null stays the assessment's; both null is time without end (contracts/autolab.md §5). Grades follow
    when they are recomputed. Instructors, administrators: it says something of a learner. Raises NotFound, Forbidden;
    RuleBroken: NOT_FOUND, NOT_ENROLLED at `userId`, OUT_OF_RANGE at a date that is earlier than the assessment's or at
    `endAt` before the due date.
    """
    may_write(ctx)
    columns = (Assessment.course_instance_id, Assessment.due_at, Assessment.end_at)
    assessment = await visible_row(ctx, Assessment, assessment_id, *columns, lock=True)
    await may_teach(ctx, assessment.course_instance_id)
    standing = await standing_of(ctx, assessment.course_instance_id, [user_id], "userId")
    if standing[user_id] == (None, None):
        raise RuleBroken(UserErrorCode.NOT_ENROLLED, "the person does not take part in the course", "userId")
    values = fitted(AssessmentExtension, {"due_at": due_at, "end_at": end_at})
    in_order({"assessment": assessment.due_at, "due_at": values["due_at"]})
    in_order({"assessment": assessment.end_at, "end_at": values["end_at"]})
    in_order({"due_at": values["due_at"], "end_at": values["end_at"]})
    one = (AssessmentExtension.assessment_id == assessment_id, AssessmentExtension.user_id == user_id)
    found: int | None = await ctx.db.scalar(select(AssessmentExtension.id).where(*one))
    if found is None:
        where = {"assessment_id": assessment_id, "course_instance_id": assessment.course_instance_id}
        return await insert_row(ctx, AssessmentExtension, {**where, "user_id": user_id, **values})
    await update_row(ctx, AssessmentExtension, found, values)
    return found
