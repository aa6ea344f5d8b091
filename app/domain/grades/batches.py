"""Grades of many learners and graded blocks are set by hand at once; one that cannot be is no hindrance to the others.

The number of SQL statements does not depend on how many they are.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

from sqlalchemy import select

from app.context import Context
from app.db.sets import member_of
from app.domain.assessments.models import Assessment
from app.domain.attempts.models import AssessmentInstance
from app.domain.blocks.models import Block
from app.domain.enrollment.models import Enrollment
from app.domain.enrollment.policy import may_teach
from app.domain.grades.flow import lock_columns
from app.domain.grades.freezing import require_thawed
from app.domain.grades.models import ChangeKind, ColumnGrade
from app.domain.grades.overrides import amend, checked_terms
from app.domain.grades.reckoning import Pair
from app.domain.grades.settling import BESIDE
from app.domain.identity.models import User
from app.domain.rows import is_key
from app.domain.rules import number
from app.errors import RuleBroken, UserErrorCode

MOST = 10_000
TERMS = {name.removeprefix("override_") for name in BESIDE}


@dataclass(frozen=True, slots=True)
class NewOverride:
    """A grade to set: of a block that is graded, by its key. What is not given is as the scores have it."""

    user_id: int
    block_key: str
    points: float | None = None
    max_points: float | None = None
    all_points: float | None = None
    all_max_points: float | None = None
    reason: str | None = None


class OverrideOutcome(NamedTuple):
    """What became of one: the grade's id, or why not and at which field."""

    column_grade_id: int | None
    code: str | None = None
    field: str | None = None
    message: str | None = None


@dataclass(frozen=True, slots=True)
class Overridden:
    """One outcome for each override, in their order."""

    course_instance_id: int
    outcomes: list[OverrideOutcome]


class Original(NamedTuple):
    """What scores alone come to."""

    points: float
    max_points: float


async def override_grades(
    ctx: Context, *, course_instance_id: int, overrides: Sequence[NewOverride], source: str | None = None
) -> Overridden:
    """Set grades of graded blocks by hand, in place of earlier overrides; of two of the same grade the last counts.

    Outcomes tell what could not be set: NOT_FOUND, NOT_ENROLLED at `userId`, NOT_FOUND at `blockKey`, OUT_OF_RANGE,
    INVALID at numbers, INVALID at `reason` (contracts/edx-core.md §9.4). Instructors, administrators. Raises NotFound,
    Forbidden; RuleBroken FROZEN at `courseInstanceId`, TOO_LONG at `overrides`, INVALID, TOO_LONG at `source`.
    """
    await may_teach(ctx, course_instance_id)
    await require_thawed(ctx, course_instance_id, "courseInstanceId")
    if len(overrides) > MOST:
        raise RuleBroken(UserErrorCode.TOO_LONG, f"more than {MOST} overrides", "overrides")
    named = checked_terms(0.0, {"source": source})
    blocks = await _blocks(ctx, course_instance_id)
    people = await _people(ctx, course_instance_id, {each.user_id for each in overrides})
    columns = await lock_columns(ctx, sorted(set(blocks.values())))
    originals = await originals_of(ctx, columns, [key for key, is_enrolled in people.items() if is_enrolled])
    by = {"overridden_at": ctx.now, "overridden_by_id": ctx.principal.user_id}
    edits: dict[Pair, dict[str, Any]] = {}
    found: list[Pair | RuleBroken] = []
    for each in overrides:
        try:
            learner = _learner(each.user_id, people)
            pair = (_column(each.block_key, blocks), learner)
            scores = originals.get(pair) or Original(0.0, columns[pair[0]].max_points)
            edits[pair] = dict.fromkeys(BESIDE) | _stored(each, scores) | named | by
            found.append(pair)
        except RuleBroken as broken:
            found.append(broken)
    ids = await amend(ctx, columns, edits, ChangeKind.OVERRIDDEN) if edits else {}
    return Overridden(course_instance_id, [_outcome(each, ids) for each in found])


async def originals_of(
    ctx: Context, assessment_ids: Collection[int], user_ids: Collection[int]
) -> dict[Pair, Original]:
    """What scores alone come to, by (assessment, user), of who has any scores. Checks no permission."""
    grade, sat = ColumnGrade, AssessmentInstance
    statement = (
        select(grade.assessment_id, grade.user_id, sat.points, sat.max_points)
        .join(sat, sat.id == grade.assessment_instance_id)
        .where(member_of(grade.assessment_id, assessment_ids), member_of(grade.user_id, user_ids))
    )
    rows = await ctx.db.fetch(statement)
    return {(row[0], row[1]): Original(row[2] or 0.0, row[3]) for row in rows}


async def _blocks(ctx: Context, course_instance_id: int) -> dict[str, int]:
    """The assessments of a course instance by their blocks' keys."""
    statement = (
        select(Block.usage_key, Assessment.id)
        .join(Assessment, Assessment.block_id == Block.id)
        .where(Assessment.course_instance_id == course_instance_id, Block.usage_key.is_not(None))
        .where(ctx.visible(Assessment))
    )
    return {row[0]: row[1] for row in await ctx.db.fetch(statement)}


async def _people(ctx: Context, course_instance_id: int, user_ids: Collection[int]) -> dict[int, bool]:
    """Whether people are or were enrolled, by id. Any person may be named, seen or not: an id is no secret."""
    statement = (
        select(User.id, Enrollment.id.is_not(None))
        .join(
            Enrollment,
            (Enrollment.user_id == User.id) & (Enrollment.course_instance_id == course_instance_id),
            isouter=True,
        )
        .where(member_of(User.id, filter(is_key, user_ids)))
    )
    return {row[0]: bool(row[1]) for row in await ctx.db.fetch(statement)}


def _column(key: str, blocks: Mapping[str, int]) -> int:
    if key not in blocks:
        raise RuleBroken(UserErrorCode.NOT_FOUND, "no graded block of this course instance", "blockKey")
    return blocks[key]


def _learner(user_id: int, people: Mapping[int, bool]) -> int:
    if user_id not in people:
        raise RuleBroken(UserErrorCode.NOT_FOUND, "no such user", "userId")
    if not people[user_id]:
        raise RuleBroken(UserErrorCode.NOT_ENROLLED, "the person does not take part in the course", "userId")
    return user_id


def _stored(each: NewOverride, scores: Original) -> dict[str, Any]:
    """The columns of an override; what it leaves out is what the scores come to."""
    said = {name: value for name, value in asdict(each).items() if value is not None}
    both = {"points": scores.points, "max_points": scores.max_points}
    terms = both | {f"all_{name}": value for name, value in both.items()} | said
    points = number(terms.pop("points"), "points", minimum=0)
    return {"override_points": points, **checked_terms(points, {k: v for k, v in terms.items() if k in TERMS})}


def _outcome(found: Pair | RuleBroken, ids: Mapping[Pair, int]) -> OverrideOutcome:
    if isinstance(found, RuleBroken):
        return OverrideOutcome(None, found.reason, found.field[-1] if found.field else None, str(found))
    return OverrideOutcome(ids[found])
