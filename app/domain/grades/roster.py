"""The learners of a course instance, in pages, as a gradebook is looked through: by name, group and grade."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, case, false, func, or_, select, true

from app.context import Context
from app.db.sets import member_of
from app.domain.enrollment.models import Enrollment, Role
from app.domain.enrollment.tracks import learns, track_in_effect
from app.domain.grades.models import ColumnGrade, CourseGrade
from app.domain.groups.models import GroupMembership
from app.domain.groups.policy import is_current
from app.domain.identity.models import User
from app.domain.rows import is_key
from app.domain.rules import is_control
from app.errors import BadRequest

USUAL = 50
ESCAPE = "\\"


class RosterLine(NamedTuple):
    """A learner, by the enrolment."""

    enrollment_id: int


class Roster(NamedTuple):
    """A page of learners, by enrolment; `filtered_count` of `total_count` are what was asked for."""

    total_count: int
    filtered_count: int
    has_next: bool
    has_previous: bool
    learners: list[RosterLine]


class Asked(NamedTuple):
    """Which learners are asked for; percentages are of the maximum."""

    username: str | None = None
    name_contains: str | None = None
    username_contains: str | None = None
    user_id: int | None = None
    group_id: int | None = None
    track: str | None = None
    except_roles: Sequence[Role] | None = None
    assessment_id: int | None = None
    assessment_min: float | None = None
    assessment_max: float | None = None
    course_min: float | None = None
    course_max: float | None = None


async def rosters(
    ctx: Context,
    keys: Sequence[int],
    first: int | None = None,
    after: int | None = None,
    before: int | None = None,
    **asked: Any,
) -> list[Roster]:
    """For each course instance id a page of its active learners that the caller sees. Two statements.

    `after` and `before` are enrolment ids; with `before` the last of those before it. Who has no course grade has 0
    percent. Raises BadRequest for a page of less than one.
    """
    size = USUAL if first is None else first
    if size < 1:
        raise BadRequest("first must be 1 or more")
    wanted = _wanted(ctx, Asked(**asked))
    counts = await _counts(ctx, keys, wanted)
    pages = await _pages(ctx, keys, wanted, size, _key(after), _key(before))
    is_back = before is not None
    found: list[Roster] = []
    for key in keys:
        rows = pages[key][:size]
        is_more = len(pages[key]) > size
        total, filtered = counts.get(key, (0, 0))
        has_next, has_previous = (bool(filtered), is_more) if is_back else (is_more, after is not None)
        learners = [RosterLine(each) for each in (reversed(rows) if is_back else rows)]
        found.append(Roster(total, filtered, has_next, has_previous, learners))
    return found


async def _counts(ctx: Context, keys: Collection[int], wanted: ColumnElement[bool]) -> dict[int, tuple[int, int]]:
    own = Enrollment
    statement = _learners(ctx, keys, own.course_instance_id, func.count(), func.count(case((wanted, 1))))
    rows = await ctx.db.fetch(statement.group_by(own.course_instance_id))
    return {row[0]: (row[1], row[2]) for row in rows}


async def _pages(
    ctx: Context, keys: Collection[int], wanted: ColumnElement[bool], size: int, after: int | None, before: int | None
) -> dict[int, list[int]]:
    """One more than the page has, if there is one, in order from where it begins."""
    own = Enrollment
    order = own.id.asc() if before is None else own.id.desc()
    place = func.row_number().over(partition_by=own.course_instance_id, order_by=order).label("place")
    statement = _learners(ctx, keys, own.course_instance_id, own.id, place).where(wanted)
    if after is not None:
        statement = statement.where(own.id > after)
    if before is not None:
        statement = statement.where(own.id < before)
    ranked = statement.subquery()
    rows = await ctx.db.fetch(
        select(ranked.c.course_instance_id, ranked.c.id).where(ranked.c.place <= size + 1).order_by(ranked.c.place)
    )
    found: dict[int, list[int]] = defaultdict(list)
    for course_instance_id, key in rows:
        found[course_instance_id].append(key)
    return found


def _learners(ctx: Context, keys: Collection[int], *columns: Any) -> Select[Any]:
    """Active learners, with the user and the course grade beside them."""
    own, grade = Enrollment, CourseGrade
    here = (grade.course_instance_id == own.course_instance_id, grade.user_id == own.user_id)
    return (
        select(*columns)
        .select_from(own)
        .join(User, User.id == own.user_id)
        .join(grade, and_(*here, ctx.visible(grade)), isouter=True)
        .where(member_of(own.course_instance_id, keys), learns(), ctx.visible(own))
    )


def _wanted(ctx: Context, asked: Asked) -> ColumnElement[bool]:
    own, member = Enrollment, GroupMembership
    conditions: list[ColumnElement[bool]] = [true()]
    names = {User.username: asked.username_contains}
    for column, text in names.items():
        conditions += [] if text is None else [_contains(column, text)]
    if asked.name_contains is not None:
        known = (User.username, User.email, User.external_id)
        conditions.append(or_(*(_contains(ctx.readable(each), asked.name_contains) for each in known)))
    if asked.username is not None:
        conditions.append(false() if _is_odd(asked.username) else User.username == asked.username)
    if asked.user_id is not None:
        conditions.append(own.user_id == asked.user_id if is_key(asked.user_id) else false())
    if asked.group_id is not None:
        groups = select(member.user_id).where(member.group_id == (_key(asked.group_id) or 0), is_current())
        conditions.append(own.user_id.in_(groups))
    if asked.track is not None:
        conditions.append(false() if _is_odd(asked.track) else track_in_effect() == asked.track)
    if asked.except_roles:
        conditions.append(own.role.not_in([each.value for each in asked.except_roles]))
    return and_(*conditions, *_of_course(asked), *_of_assessment(ctx, asked))


def _of_course(asked: Asked) -> list[ColumnElement[bool]]:
    percentage = func.coalesce(CourseGrade.percentage, 0.0)
    least = [] if asked.course_min is None else [percentage >= asked.course_min]
    return least + ([] if asked.course_max is None else [percentage <= asked.course_max])


def _of_assessment(ctx: Context, asked: Asked) -> list[ColumnElement[bool]]:
    """Who has a grade of the assessment between these percentages."""
    if asked.assessment_id is None or asked.assessment_min is asked.assessment_max is None:
        return []
    grade = ColumnGrade
    percentage = ctx.readable(grade.score_perc)
    statement = select(grade.user_id).where(grade.assessment_id == (_key(asked.assessment_id) or 0), ctx.visible(grade))
    if asked.assessment_min is not None:
        statement = statement.where(percentage >= asked.assessment_min)
    if asked.assessment_max is not None:
        statement = statement.where(percentage <= asked.assessment_max)
    return [Enrollment.user_id.in_(statement)]


def _contains(column: Any, text: str) -> ColumnElement[bool]:
    if _is_odd(text):
        return false()
    pattern = text.lower().replace(ESCAPE, ESCAPE * 2).replace("%", ESCAPE + "%").replace("_", ESCAPE + "_")
    return func.lower(column).like(f"%{pattern}%", escape=ESCAPE)


def _is_odd(text: str) -> bool:
    """Whether no name holds such a text, and no database would take it."""
    return any(is_control(each) for each in text)


def _key(value: int | None) -> int | None:
    """A key that a statement can compare with, however large the number was."""
    return None if value is None else max(0, min(value, 2**31 - 1))
