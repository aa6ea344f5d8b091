"""Grades set by hand, as points or in words: overrides, exemptions, notations, feedback and notes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, TypedDict, Unpack

from sqlalchemy import select

from app.context import Context
from app.db.sets import member_of
from app.domain.assessments.models import Assessment
from app.domain.attempts.models import AssessmentInstance
from app.domain.changes import UNSET, Change, given
from app.domain.enrollment.policy import may_teach
from app.domain.enrollment.presence import standing_of
from app.domain.gradebook.models import GradeNotation, GradeSchema, ScaleType
from app.domain.gradebook.scales import meant
from app.domain.grades.flow import lock_columns, propagate
from app.domain.grades.freezing import require_thawed
from app.domain.grades.ledger import of_users, owned_sittings
from app.domain.grades.models import ChangeKind, ColumnGrade
from app.domain.grades.reckoning import Edits, Pair
from app.domain.grades.settling import BESIDE, OVERRIDE, Columns, regrade
from app.domain.groups.models import GroupMembership
from app.domain.identity.policy import may_write
from app.domain.rows import referred_row, visible_row
from app.domain.rules import camel, fitted, number
from app.domain.rules import text as text_of
from app.errors import RuleBroken, UserErrorCode

Mark = tuple[float | None, str | None]
NO_MARK: Mark = (None, None)
NO_OVERRIDE: dict[str, Any] = dict.fromkeys(OVERRIDE + BESIDE)
CLEARING = ("", "-")
LONGEST = 255
MAXIMA = ("max_points", "all_points", "all_max_points")
WORDS = {"reason": None, "source": 64}
"""What an override says in words, and how long it may be."""
NUMERIC = re.compile(r"[+-]?[0-9]{1,15}(\.[0-9]{1,15})?")


class OverrideTerms(TypedDict, total=False):
    """What goes with points that are set by hand: null, and absent, is the column's maximum, or nothing."""

    max_points: Change[float | None]
    all_points: Change[float | None]
    all_max_points: Change[float | None]
    reason: Change[str | None]
    source: Change[str | None]


async def override_grade(
    ctx: Context,
    *,
    assessment_id: int,
    user_id: int,
    points: Change[float | None] = UNSET,
    text: Change[str | None] = UNSET,
    grade_notation_id: Change[int | None] = UNSET,
    feedback: Change[str | None] = UNSET,
    notes: Change[str | None] = UNSET,
    is_exempt: Change[bool] = UNSET,
    **terms: Unpack[OverrideTerms],
) -> int | None:
    """Set a learner's grade by hand, or (None) let it follow the scores again; exempt; or only write remarks.

    An override takes the place of the one before, terms and all. A text may write a number, or a word of the column's
    schema; points stand before it. The column grade's id, None when there is none and nothing to note. Learners see an
    override at once. Changing nothing draws no change index
    (contracts/blackboard.md §5.7, §6). Instructors, administrators. Raises NotFound, Forbidden; RuleBroken: NOT_FOUND,
    NOT_ENROLLED at `userId`, NOT_FOUND at `gradeNotationId` (of another course instance, too), FROZEN at
    `assessmentId`, INVALID, OUT_OF_RANGE at numbers, and at `text`, too, for one that the schema does not know;
    REQUIRED at `points` for terms without them.
    """
    column = await _column(ctx, assessment_id, user_id)
    old = await _grade(ctx, assessment_id, user_id)
    edits = fitted(ColumnGrade, given(feedback=feedback, notes=notes, grade_notation_id=grade_notation_id))
    await _require_notation(ctx, column, edits)
    kind = ChangeKind.ANNOTATED
    if is_exempt is not UNSET:
        edits["is_exempt"] = is_exempt
        kind = ChangeKind.EXEMPTED if is_exempt is not (old is not None and old.is_exempt) else kind
    before = NO_OVERRIDE if old is None else {name: getattr(old, name) for name in NO_OVERRIDE}
    after = await _override(ctx, column, points, text, before) | checked_terms(points, given(**terms))
    if after != before:
        is_set = after != NO_OVERRIDE
        kind = ChangeKind.OVERRIDDEN if is_set else ChangeKind.CLEARED
        by = {"overridden_at": ctx.now, "overridden_by_id": ctx.principal.user_id}
        edits |= after | (by if is_set else dict.fromkeys(by))
    return await _regrade(ctx, column, user_id, old, edits, kind)


async def exempt_grade(ctx: Context, *, assessment_id: int, user_id: int, is_exempt: bool = True) -> int | None:
    """Leave a learner's grade out of account, or not any more; the column grade's id, None as for `override_grade`.

    Instructors, administrators. Raises NotFound, Forbidden; RuleBroken: NOT_FOUND, NOT_ENROLLED at `userId`,
    FROZEN at `assessmentId`.
    """
    column = await _column(ctx, assessment_id, user_id)
    old = await _grade(ctx, assessment_id, user_id)
    return await _regrade(ctx, column, user_id, old, {"is_exempt": is_exempt}, ChangeKind.EXEMPTED)


async def amend(ctx: Context, columns: Columns, edits: Edits, kind: ChangeKind) -> dict[Pair, int]:
    """Edit overrides, exemptions and remarks of (assessment, user) pairs, and let follow what follows from them.

    Ids of the grades that there are, by pair. Checks no permission.
    """
    reckoning = {pair for pair in edits if columns[pair[0]].reckons}
    if reckoning:
        users = {user_id for _, user_id in reckoning}
        own = AssessmentInstance
        sat = owned_sittings(own.id).where(
            member_of(own.assessment_id, {assessment_id for assessment_id, _ in reckoning}),
            of_users(users, own.user_id, GroupMembership.user_id),
        )
        keys = {key for *pair, key in await ctx.db.fetch(sat) if tuple(pair) in reckoning}
        await propagate(ctx, keys, kind, edits=edits)
    return await regrade(ctx, columns, edits, kind)


async def _column(ctx: Context, assessment_id: int, user_id: int) -> Any:
    """The assessment, locked, if the caller grades there, the person is or was enrolled, and grades are not final."""
    may_write(ctx)
    seen = await visible_row(ctx, Assessment, assessment_id, Assessment.course_instance_id)
    await may_teach(ctx, seen.course_instance_id)
    await require_thawed(ctx, seen.course_instance_id, "assessmentId")
    standing = await standing_of(ctx, seen.course_instance_id, [user_id], "userId")
    if standing[user_id] == (None, None):
        raise RuleBroken(UserErrorCode.NOT_ENROLLED, "the person does not take part in the course", "userId")
    return (await lock_columns(ctx, [assessment_id]))[assessment_id]


async def _require_notation(ctx: Context, column: Any, edits: Mapping[str, Any]) -> None:
    """Raise NOT_FOUND unless the notation is of the column's course instance."""
    if edits.get("grade_notation_id") is not None:
        own, field = GradeNotation, "gradeNotationId"
        found = await referred_row(ctx, own, edits["grade_notation_id"], own.course_instance_id, field=field)
        if found.course_instance_id != column.course_instance_id:
            raise RuleBroken(UserErrorCode.NOT_FOUND, "not of this course instance", field)


def checked_terms(points: Change[float | None], terms: Mapping[str, Any], *path: str) -> dict[str, Any]:
    """The terms of an override as they are stored. Raises RuleBroken at (`path`, the term), REQUIRED at `points`."""
    if (points is UNSET or points is None) and any(value is not None for value in terms.values()):
        raise RuleBroken(UserErrorCode.REQUIRED, "say what they go with", *path, "points")
    said = {name: value for name, value in terms.items() if value is not None}
    stored: dict[str, Any] = {
        name: number(said[name], *path, camel(name), minimum=0) for name in MAXIMA if name in said
    }
    for name, longest in WORDS.items():
        if name in said:
            stored[name] = text_of(said[name], *path, name, max_length=longest, may_be_empty=True) or None
    return {f"override_{name}": value for name, value in stored.items()}


async def _override(
    ctx: Context, column: Any, points: Change[float | None], words: Change[str | None], before: dict[str, Any]
) -> dict[str, Any]:
    """The override that points or words mean, without what goes with it."""
    if points is UNSET and words is UNSET:
        return before
    if points is not UNSET:
        return NO_OVERRIDE | {"override_points": None if points is None else number(points, "points", minimum=0)}
    mark = await _meant(ctx, column, words)
    return NO_OVERRIDE | dict(zip(OVERRIDE, mark, strict=True))


async def _meant(ctx: Context, column: Any, words: Any) -> Mark:
    """The points and the text of an override in words."""
    said = text_of(words or "", "text", max_length=LONGEST, may_be_empty=True)
    if said in CLEARING:
        return NO_MARK
    if NUMERIC.fullmatch(said):
        return (number(float(said), "text", minimum=0), None)
    own = GradeSchema
    schema = select(own.scale_type, own.symbols).join(Assessment, Assessment.grade_schema_id == own.id)
    rows = await ctx.db.fetch(schema.where(Assessment.id == column.id))
    scale, symbols = rows[0] if rows else (ScaleType.SCORE, [])
    return meant(scale, symbols, said, column.max_points, "text")


async def _grade(ctx: Context, assessment_id: int, user_id: int) -> Any:
    one = (ColumnGrade.assessment_id == assessment_id, ColumnGrade.user_id == user_id)
    rows = await ctx.db.fetch(select(ColumnGrade.__table__).where(*one))
    return rows[0] if rows else None


async def _regrade(
    ctx: Context, column: Any, user_id: int, old: Any, edits: dict[str, Any], kind: ChangeKind
) -> int | None:
    empty: dict[str, Any] = {"is_exempt": False}
    if old is None and all(value == empty.get(name) for name, value in edits.items()):
        return None
    pair = (column.id, user_id)
    return (await amend(ctx, {column.id: column}, {pair: edits}, kind))[pair]
