"""The gradebook: everybody who takes part, by everything that is assessed. Rows are flat and plain."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, ColumnElement, and_, exists, false, func, null, or_, select, true

from app import turns
from app.context import Context
from app.db.compiled import given
from app.db.sets import KeySet, member_of
from app.domain.assessments.models import Assessment, AssessmentCategory, GradingType
from app.domain.assessments.queries import label
from app.domain.attempts.models import AssessmentInstance
from app.domain.attempts.queries import Standing, standing
from app.domain.catalog.models import CourseInstance
from app.domain.enrollment.models import Enrollment, EnrollmentStatus
from app.domain.enrollment.policy import teaches
from app.domain.grades.models import ColumnGrade
from app.domain.groups.models import GroupMembership
from app.domain.groups.policy import is_current
from app.domain.identity.models import User
from app.policy import Viewing, masked, visible
from app.reading.relations import KEYS
from app.reading.statements import fetch

RANK = {Standing.STUDENT.value: 0, Standing.STAFF.value: 1, Standing.NONE.value: 2}


class Cell(NamedTuple):
    """One learner and one assessment; points in points, percentages of the maximum, durations in seconds."""

    assessment_id: int
    assessment_name: str
    assessment_label: str
    category_abbreviation: str
    assessment_number: str
    assessment_instance_id: int | None
    points: float | None
    max_points: float | None
    score_perc: float | None
    started_at: datetime | None
    duration_seconds: float | None
    is_overridden: bool
    is_exempt: bool
    change_index: int | None


class Line(NamedTuple):
    """One person and their cells, one for each assessment in order."""

    user_id: int
    standing: str
    cells: list[Cell]


SAT = {"started_at", "duration_seconds"}
SITTING = frozenset({"assessment_instance_id"})
PEOPLE = given("people", KeySet())
SINCE = given("since", BigInteger())
Grades = defaultdict[int, defaultdict[int, dict[int, tuple[Any, ...]]]]
"""Tails of cells by course instance, user and assessment."""
TAIL = frozenset(Cell._fields[5:])
NOTHING: dict[int, tuple[Any, ...]] = {}
NO_GRADE: tuple[Any, ...] = (None, None, None, None, None, None, False, False, None)


async def gradebooks(
    ctx: Context, keys: Sequence[int], changed_since: int | None = None, asked: frozenset[str] | None = None
) -> list[list[Any]]:
    """For each course instance id its lines: students by uid, then staff, then others (contracts: PrairieLearn §3.2).

    In it: everybody enrolled who has not left, and whoever has a grade from an assessment instance. Four statements,
    five where some of the latter are not enrolled. With `changed_since`: only grades of a greater change index,
    those of manual columns and of people who have left, too; three statements.
    Without `asked` the lines are Lines of Cells, else plain tuples of which only the asked fields are sure to be set.
    """
    tail = TAIL if asked is None else asked & TAIL | SITTING
    grades = await _grades(ctx, keys, tail, changed_since)
    assessments = await _assessments(ctx, keys, with_manual=changed_since is not None)
    if changed_since is None:
        people = await _people(ctx, keys, grades)
        for (place, person, assessment), cell_tail in (await _started(ctx, keys)).items():
            grades[place][person].setdefault(assessment, cell_tail)
    else:
        people = await _changed_people(ctx, keys, grades)
    line: Any = Line._make if asked is None else tuple
    cell: Any = Cell._make if asked is None else tuple
    default = NO_GRADE if changed_since is None else None
    books: list[list[Any]] = []
    for key in keys:
        heads, own = assessments[key], grades[key]
        books.append(book := [])
        async for some in turns.slices(people[key], max(1, turns.SLICE // max(1, len(heads)))):
            book += [
                line((person, role, [cell(head + got) for head in heads if (got := of.get(head[0], default))]))
                for person, role in some
                for of in (own.get(person, NOTHING),)
            ]
    return books


async def _assessments(ctx: Context, keys: Sequence[int], *, with_manual: bool) -> dict[int, list[tuple[Any, ...]]]:
    """Heads of cells by course instance, in order of category, place, id."""

    types = (GradingType.ATTEMPTS, GradingType.MANUAL) if with_manual else (GradingType.ATTEMPTS,)

    def build(viewing: Viewing) -> Any:
        own, category = Assessment, AssessmentCategory
        return (
            select(own.course_instance_id, own.id, own.name, label(), category.abbreviation, own.number)
            .join(category, category.id == own.category_id)
            .where(member_of(own.course_instance_id, KEYS), visible(own, viewing))
            .where(own.grading_type.in_(types))
            .order_by(category.number, own.position, own.id)
        )

    found: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
    for place, *head in await fetch(ctx, ("gradebook assessments", types), build, keys=keys):
        found[place].append(tuple(head))
    return found


async def _people(ctx: Context, keys: Sequence[int], grades: Grades) -> dict[int, list[tuple[int, str]]]:
    """(user id, standing) by course instance, in order."""

    def build(viewing: Viewing) -> Any:
        enrolled = (
            select(Enrollment.course_instance_id, Enrollment.user_id)
            .where(member_of(Enrollment.course_instance_id, KEYS), Enrollment.status != EnrollmentStatus.DROPPED)
            .subquery()
        )
        statement = _standings(viewing).join(enrolled, enrolled.c.course_instance_id == CourseInstance.id)
        return statement.join(User, User.id == enrolled.c.user_id)

    rows = list(await fetch(ctx, ("gradebook people",), build, keys=keys))
    strangers = {
        (place, person)
        for place, people in grades.items()
        for person, tails in people.items()
        if any(tail[0] is not None for tail in tails.values())
    } - {(row[0], row[1]) for row in rows}
    return _in_order([*rows, *await _named(ctx, keys, strangers)])


async def _changed_people(ctx: Context, keys: Sequence[int], grades: Grades) -> dict[int, list[tuple[int, str]]]:
    """Like `_people`: whoever has one of the grades."""
    return _in_order(await _named(ctx, keys, {(place, person) for place, own in grades.items() for person in own}))


async def _named(ctx: Context, keys: Sequence[int], pairs: set[tuple[int, int]]) -> list[Any]:
    """(course instance id, user id, standing, uid) of such pairs of the first two, as far as they may be seen."""

    def build(viewing: Viewing) -> Any:
        statement = _standings(viewing).join(User, member_of(User.id, PEOPLE))
        return statement.where(member_of(CourseInstance.id, KEYS))

    if not pairs:
        return []
    ids = list({person for _, person in pairs})
    found = await fetch(ctx, ("gradebook persons",), build, keys=keys, people=ids)
    return [row for row in found if (row[0], row[1]) in pairs]


def _in_order(rows: Sequence[Any]) -> dict[int, list[tuple[int, str]]]:
    found: dict[int, list[tuple[int, str]]] = defaultdict(list)
    for place, person, known_as, _uid in sorted(rows, key=lambda row: (RANK[row[2]], row[3])):
        found[place].append((person, known_as))
    return found


def _standings(viewing: Viewing) -> Any:
    """Course instances and the standings of people in them; who these are must be joined."""
    columns = (CourseInstance.id, User.id, standing(User.id, CourseInstance.id), User.uid)
    return select(*columns).select_from(CourseInstance).where(_whose(viewing))


def _whose(viewing: Viewing) -> ColumnElement[bool]:
    """Everybody where one teaches, else oneself."""
    if viewing.principal.is_admin:
        return true()
    if viewing.principal.user_id is None:
        return false()
    mine = and_(User.id == viewing.principal.user_id, visible(CourseInstance, viewing))
    return or_(teaches(CourseInstance.id, viewing), mine)


async def _grades(ctx: Context, keys: Sequence[int], asked: frozenset[str], changed_since: int | None) -> Grades:
    """Tails of cells by course instance, user and assessment; what is not asked is None."""
    is_poll = changed_since is not None

    def build(viewing: Viewing) -> Any:
        own, sat = ColumnGrade, AssessmentInstance
        tail = {
            "assessment_instance_id": masked(own.assessment_instance_id, viewing),
            "points": masked(own.points, viewing),
            "max_points": own.max_points,
            "score_perc": masked(own.score_perc, viewing),
            "started_at": sat.started_at,
            "duration_seconds": sat.duration_seconds,
            "is_overridden": own.overridden_at.is_not(None),
            "is_exempt": own.is_exempt,
            "change_index": own.change_index,
        }
        columns = [column if name in asked else null() for name, column in tail.items()]
        statement: Any = select(own.course_instance_id, own.user_id, own.assessment_id, *columns)
        if asked & SAT:
            statement = statement.join(sat, sat.id == tail["assessment_instance_id"], isouter=True)
        if is_poll:
            statement = statement.where(own.change_index > SINCE)
        return statement.where(member_of(own.course_instance_id, KEYS), visible(own, viewing))

    found: Grades = defaultdict(lambda: defaultdict(dict))
    since = {"since": changed_since} if is_poll else {}
    async for some in turns.slices(await fetch(ctx, ("gradebook grades", asked, is_poll), build, keys=keys, **since)):
        for row in some:
            found[row[0]][row[1]][row[2]] = row[3:]
    return found


async def _started(ctx: Context, keys: Sequence[int]) -> dict[tuple[int, int, int], tuple[Any, ...]]:
    """Tails of cells whose instances have no score yet, by (course instance, user, assessment): the latest of each."""

    def build(viewing: Viewing) -> Any:
        sat, member, grade = AssessmentInstance, GroupMembership, ColumnGrade
        person = func.coalesce(masked(sat.user_id, viewing), member.user_id)
        group = masked(sat.group_id, viewing)
        graded = exists().where(grade.assessment_id == sat.assessment_id, grade.user_id == person)
        return (
            select(sat.course_instance_id, person, sat.assessment_id, sat.id, sat.max_points)
            .add_columns(sat.started_at, sat.duration_seconds)
            .join(member, and_(member.group_id == group, is_current()), isouter=True)
            .where(member_of(sat.course_instance_id, KEYS), visible(sat, viewing))
            .where(sat.points.is_(None), person.is_not(None), ~graded)
            .order_by(sat.id)
        )

    found = await fetch(ctx, ("gradebook started",), build, keys=keys)
    return {
        (place, person, assessment): (key, None, maximum, None, at, seconds, False, False, None)
        for place, person, assessment, key, maximum, at, seconds in found
    }
