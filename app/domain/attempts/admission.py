"""Who may hand in now, and for whom (contracts/autolab.md §4.10, decision 0008)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, func, or_, select

from app.context import Context
from app.db.sets import member_of
from app.domain.assessments.deadlines import is_used_up
from app.domain.assessments.terms import Terms, require_open, terms_of
from app.domain.attempts.models import AssessmentInstance, Submission
from app.domain.attempts.policy import may_work_for
from app.domain.attempts.sittings import Start, begin, open_one, sittings_of
from app.domain.attempts.teams import Team, team_in, team_of
from app.domain.enrollment.models import EnrollmentStatus
from app.domain.groups.models import Group, GroupMembership
from app.errors import RuleBroken, UserErrorCode

Own = AssessmentInstance
WAITING = timedelta(minutes=1)
"""Longer than a request waits for another one that began later and came first."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a submission goes: a sitting, in which mode, on whose terms."""

    instance_id: int
    mode: str | None
    terms: Terms


@dataclass(frozen=True, slots=True)
class Admission:
    """Where the work is handed in, the caller's own place first, and when: after all that was handed in before."""

    places: list[Place]
    moment: datetime


async def admit(ctx: Context, assessment: Any, sitting: Any, here: str, *, limits_staff: bool = False) -> Admission:
    """Who works in this sitting may hand in: all of them together, or nobody. How often may bind the staff, too.

    Raises Forbidden; RuleBroken at `here`: NOT_ENROLLED, DROPPED, NOT_IN_GROUP, NOT_CONFIRMED, NOT_OPEN; for learners
    GROUP_LIMIT_REACHED, NOT_RELEASED, PAST_DEADLINE, LIMIT_REACHED.
    """
    team = await _team(ctx, assessment, sitting)
    if not team.user_ids:
        raise RuleBroken(UserErrorCode.NOT_IN_GROUP, "the group has no members", here)
    first = sitting.user_id or (ctx.principal.user_id if ctx.principal.user_id in team.user_ids else team.user_ids[0])
    as_staff = await may_work_for(ctx, assessment.course_instance_id, first)
    is_shared = sitting.group_id is not None
    if not (is_shared and as_staff):
        _require_present(team, first, here)
    if not team.is_confirmed:
        message = "not all members have confirmed that they are in the group"
        raise RuleBroken(UserErrorCode.NOT_CONFIRMED, message, here)
    people = [first] if is_shared else [first, *(each for each in team.present if each != first)]
    counts, last_at = await _handed_in(ctx, assessment.id, team.present)
    is_full = any(is_used_up(counts.get(each, 0), assessment.max_submissions) for each in team.present)
    is_full = is_full and (limits_staff or not as_staff)
    if is_full and team.group_id is not None:
        message = "a member of the group has handed in as often as allowed"
        raise RuleBroken(UserErrorCode.GROUP_LIMIT_REACHED, message, here)
    all_terms = await terms_of(ctx, assessment.id, people, password=None)
    sittings = await sittings_of(ctx, assessment.id, people, sitting.group_id)
    own = next(each for each in sittings if each.id == sitting.id)
    _require_own_open(ctx, own, all_terms[first], as_staff, here)
    if is_full:
        raise RuleBroken(UserErrorCode.LIMIT_REACHED, "handed in as often as allowed", here)
    mates = await _of_mates(ctx, assessment, people[1:], sittings, all_terms, as_staff=as_staff, here=here)
    places = [Place(own.id, own.mode, all_terms[first]), *mates]
    is_overtaken = last_at is not None and ctx.now < last_at < ctx.now + WAITING
    return Admission(places, last_at if is_overtaken and last_at else ctx.now)


async def _of_mates(
    ctx: Context,
    assessment: Any,
    mates: Sequence[int],
    sittings: Sequence[Any],
    terms: Mapping[int, Terms],
    *,
    as_staff: bool,
    here: str,
) -> list[Place]:
    """The open sitting of each of the others, or a new one, on their own terms."""
    theirs = {mate: [each for each in sittings if each.user_id == mate] for mate in mates}
    starts = [Start({"user_id": key}, old, terms[key]) for key, old in theirs.items() if open_one(ctx, old) is None]
    if await begin(ctx, assessment, starts, as_staff=as_staff, field=here):
        sittings = await sittings_of(ctx, assessment.id, mates, None)
    places = []
    for mate in mates:
        if not as_staff:
            require_open(ctx, terms[mate], here)
        found = open_one(ctx, [each for each in sittings if each.user_id == mate])
        places.append(next(Place(each.id, each.mode, terms[mate]) for each in sittings if each.id == found))
    return places


async def _team(ctx: Context, assessment: Any, sitting: Any) -> Team:
    """Who hands in: the group whose sitting it is; the learner, with their group where each member has a sitting."""
    if sitting.group_id is not None:
        return await team_in(ctx, assessment.course_instance_id, sitting.group_id)
    group_set_id = None if assessment.has_group_sittings else assessment.group_set_id
    return await team_of(ctx, assessment.course_instance_id, group_set_id, sitting.user_id)


def _require_present(team: Team, user_id: int, here: str) -> None:
    _, status = team.standings.get(user_id, (None, None))
    if status == EnrollmentStatus.DROPPED:
        raise RuleBroken(UserErrorCode.DROPPED, "the person has dropped the course", here)
    if status != EnrollmentStatus.ACTIVE:
        raise RuleBroken(UserErrorCode.NOT_ENROLLED, "the person does not take part in the course", here)


def _require_own_open(ctx: Context, sitting: Any, terms: Terms, as_staff: bool, here: str) -> None:
    if not sitting.is_open:
        raise RuleBroken(UserErrorCode.NOT_OPEN, "this sitting is closed", here)
    if not as_staff:
        require_open(ctx, terms, here)
        if sitting.closes_at is not None and sitting.closes_at < ctx.now:
            raise RuleBroken(UserErrorCode.PAST_DEADLINE, "the time is over", here)


async def _handed_in(
    ctx: Context, assessment_id: int, user_ids: Collection[int]
) -> tuple[dict[int, int], datetime | None]:
    """How often each of these people has handed in, alone and in their groups of today; and when one last did."""
    member = and_(GroupMembership.group_id == Own.group_id, GroupMembership.left_at.is_(None))
    user_id = func.coalesce(Own.user_id, GroupMembership.user_id)
    statement = (
        select(user_id, func.count(), func.max(Submission.submitted_at))
        .select_from(Submission)
        .join(Own, Own.id == Submission.assessment_instance_id)
        .join(GroupMembership, member, isouter=True)
        .join(Group, Group.id == Own.group_id, isouter=True)
        .where(Own.assessment_id == assessment_id, Group.deleted_at.is_(None))
        .where(or_(member_of(Own.user_id, user_ids), member_of(GroupMembership.user_id, user_ids)))
        .group_by(user_id)
    )
    rows = await ctx.db.fetch(statement)
    return {row[0]: row[1] for row in rows}, max((row[2] for row in rows), default=None)
