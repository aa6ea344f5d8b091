"""Reads the ledger of late days: what assessments cost, who has handed in what and when, who may take longer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, or_, select, true
from sqlalchemy.orm import aliased

from app.context import Context
from app.db.sets import member_of
from app.domain.assessments.deadlines import extended
from app.domain.assessments.lateness import Penalty, effective_penalty
from app.domain.assessments.models import Assessment, AssessmentExtension, ScoringModel
from app.domain.attempts.models import AssessmentInstance, Submission
from app.domain.catalog.models import CourseInstance
from app.domain.grades.models import ColumnGrade, Score
from app.domain.grades.reckoning import Edits, Ledger, Marked, Pair, Rule, Sat, usable_days
from app.domain.groups.models import Group, GroupMembership

MANY = 100
NEVER = datetime.max.replace(tzinfo=UTC)


def reckons() -> ColumnElement[bool]:
    """Whether late days or versions cost anything in the course instance of an assessment."""
    place, sibling = aliased(CourseInstance), aliased(Assessment)
    return or_(
        exists().where(place.id == Assessment.course_instance_id, _costs(place)),
        exists().where(sibling.course_instance_id == Assessment.course_instance_id, _costs(sibling)),
    )


def _costs(model: Any) -> ColumnElement[bool]:
    return or_(model.late_penalty > 0, model.version_penalty > 0)


def owned_sittings(*columns: Any) -> Select[Any]:
    """Selects assessment id, owner's user id and columns of sittings: for a group's a row for each current member."""
    own = AssessmentInstance
    member = and_(GroupMembership.group_id == own.group_id, GroupMembership.left_at.is_(None))
    return (
        select(own.assessment_id, func.coalesce(own.user_id, GroupMembership.user_id).label("owner_id"), *columns)
        .select_from(own)
        .join(GroupMembership, member, isouter=True)
        .join(Group, Group.id == own.group_id, isouter=True)
        .where(Group.deleted_at.is_(None), or_(own.user_id.is_not(None), GroupMembership.user_id.is_not(None)))
    )


def of_users(user_ids: Collection[int], *columns: Any) -> ColumnElement[bool]:
    """Whether one of the columns names one of the users. Of many users at once everybody's rows are read."""
    return true() if len(user_ids) > MANY else or_(*(member_of(column, user_ids) for column in columns))


async def ledger_of(
    ctx: Context, course_instance_ids: Collection[int], user_ids: Collection[int], edits: Edits | None = None
) -> Ledger:
    """The ledger of these learners, after `edits` of their grades that are not stored yet. Five statements."""
    rules = await _rules(ctx, course_instance_ids)
    sat, versions = await _sat(ctx, rules, set(user_ids))
    extensions = await _extensions(ctx, rules, user_ids)
    excused = await _excused(ctx, rules, user_ids, edits or {})
    due = {}
    for pair in ((key, user_id) for user_id in user_ids for key in rules):
        moved, _ = extended(rules[pair[0]].due_at, None, extensions.get(pair))
        due[pair] = None if pair in excused else moved
    return Ledger(rules, due, usable_days(rules, due, sat, user_ids), sat, versions)


async def _rules(ctx: Context, course_instance_ids: Collection[int]) -> dict[int, Rule]:
    """The assessments of course instances by id, in order of due date and name; without one last."""
    own, place = Assessment, CourseInstance
    statement = (
        select(own.id, own.course_instance_id, own.name, own.scoring_model, own.max_points, own.due_at)
        .add_columns(own.max_grace_days, place.grace_days, place.late_slack_seconds, place.time_zone)
        .add_columns(func.coalesce(own.max_unpenalized_submissions, place.max_unpenalized_submissions))
        .add_columns(own.late_penalty, own.late_penalty_unit, own.version_penalty, own.version_penalty_unit)
        .add_columns(place.late_penalty, place.late_penalty_unit, place.version_penalty, place.version_penalty_unit)
        .join(place, place.id == own.course_instance_id)
        .where(member_of(own.course_instance_id, course_instance_ids), own.deleted_at.is_(None))
    )
    rules = []
    for row in await ctx.db.fetch(statement):
        late = effective_penalty(row[11], row[12], Penalty(row[15], row[16]))
        version = effective_penalty(row[13], row[14], Penalty(row[17], row[18]))
        rules.append(Rule(*(*row[:11], late, version)))
    rules.sort(key=lambda rule: (rule.due_at or NEVER, rule.name))
    return {rule.id: rule for rule in rules}


async def _sat(
    ctx: Context, rules: Mapping[int, Rule], user_ids: Collection[int]
) -> tuple[list[Sat], dict[tuple[int, int], int]]:
    """The sittings of learners, and the numbers of what they handed in: in order of time, like versions."""
    own = AssessmentInstance
    places = {rule.course_instance_id for rule in rules.values()}
    sittings = owned_sittings(own.id, own.group_id).where(
        member_of(own.course_instance_id, places), of_users(user_ids, own.user_id, GroupMembership.user_id)
    )
    rows = [row for row in await ctx.db.fetch(sittings) if row[0] in rules and row[1] in user_ids]
    submissions = await _submissions(ctx, {row.id for row in rows})
    by_pair: dict[Pair, list[Any]] = defaultdict(list)
    for row in rows:
        by_pair[row[0], row[1]] += submissions[row.id]
    versions = {
        (pair[1], each.id): number
        for pair, several in by_pair.items()
        for number, each in enumerate(sorted(several, key=lambda each: (each.submitted_at, each.id)), 1)
    }
    sat = []
    for row in rows:
        decides = min if rules[row[0]].scoring_model == ScoringModel.FIRST else max
        known = [(Marked(versions[row[1], each.id], each.submitted_at), each) for each in submissions[row.id]]
        marked = decides((mark for mark, each in known if each.marks), default=None)
        released = decides((mark for mark, each in known if each.released), default=None)
        sat.append(Sat(row.id, (row[0], row[1]), row.group_id, marked, released))
    return sat, versions


async def _submissions(ctx: Context, instance_ids: Collection[int]) -> dict[int, list[Any]]:
    """What was handed in, by sitting, with the number of its marks and of those that learners see."""
    own = Submission
    released = func.count(case((Score.is_released, 1)))
    statement = (
        select(own.assessment_instance_id, own.id, own.submitted_at, func.count(Score.id).label("marks"))
        .add_columns(released.label("released"))
        .select_from(own)
        .join(Score, Score.submission_id == own.id, isouter=True)
        .where(member_of(own.assessment_instance_id, instance_ids))
        .group_by(own.id)
    )
    found: dict[int, list[Any]] = defaultdict(list)
    for row in await ctx.db.fetch(statement):
        found[row.assessment_instance_id].append(row)
    return found


async def _extensions(
    ctx: Context, rules: Mapping[int, Rule], user_ids: Collection[int]
) -> dict[Pair, tuple[Any, Any]]:
    own = AssessmentExtension
    statement = select(own.assessment_id, own.user_id, own.due_at, own.end_at).where(
        member_of(own.assessment_id, rules), of_users(user_ids, own.user_id)
    )
    return {(row[0], row[1]): (row[2], row[3]) for row in await ctx.db.fetch(statement)}


async def _excused(ctx: Context, rules: Mapping[int, Rule], user_ids: Collection[int], edits: Edits) -> set[Pair]:
    """Who is never late: exempt (Autolab's excused), or given 0 points by hand (zeroed)."""
    own = ColumnGrade
    statement = select(own.assessment_id, own.user_id, own.is_exempt, own.override_points).where(
        member_of(own.assessment_id, rules),
        of_users(user_ids, own.user_id),
        or_(own.is_exempt, own.override_points == 0),
    )
    grades: dict[Pair, dict[str, Any]] = {
        (row[0], row[1]): {"is_exempt": row[2], "override_points": row[3]} for row in await ctx.db.fetch(statement)
    }
    for pair, edit in edits.items():
        grades[pair] = {**grades.get(pair, {}), **edit}
    return {pair for pair, each in grades.items() if each.get("is_exempt") or each.get("override_points") == 0}
