"""The people whom a sheet's rows are about: by id, then by e-mail address; the missing are made if that is asked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from sqlalchemy import false, func, or_, select

from app.context import Context
from app.domain.enrollment.models import Enrollment, EnrollmentStatus, Role
from app.domain.identity.models import User
from app.domain.rules import fitted
from app.errors import RuleBroken
from app.importers.failure import ImportFailure
from app.importers.gradebook.sheet import Row, Sheet
from app.importers.merge import merge
from app.importers.places import Place
from app.importers.summary import Summary

NAMED = (User.uin, User.external_id, User.uid, User.username, User.email)
CHUNK = 500
LISTED = 20
TOLD = ("username", "uid", "email", "name", "given_name", "family_name", "uin")


@dataclass(slots=True)
class Learners:
    """The user of a row, by its index; those who are known and not enrolled, those whom nobody knows."""

    ids: dict[int, int] = field(default_factory=dict)
    elsewhere: dict[int, int] = field(default_factory=dict)
    unknown: list[Row] = field(default_factory=list)
    usernames: dict[int, str] = field(default_factory=dict)


class Register:
    """People by every name that they have; capitals count only where they tell two people apart."""

    def __init__(self, people: Iterable[Any]) -> None:
        self._exact: dict[str, set[int]] = defaultdict(set)
        self._folded: dict[str, set[int]] = defaultdict(set)
        self.usernames: dict[int, str] = {}
        for id_, username, *names in people:
            self.usernames[id_] = username
            for name in filter(None, names):
                self._exact[name].add(id_)
                self._folded[name.casefold()].add(id_)

    def find(self, names: Iterable[str | None]) -> set[int]:
        """Who has the first name that anybody has; of several, those who have the next names as well."""
        found: set[int] = set()
        for name in filter(None, names):
            several = self._exact.get(name) or self._folded.get(name.casefold(), set())
            found = (found & several or found) if found else set(several)
            if len(found) == 1:
                break
        return found


async def find_learners(ctx: Context, sheet: Sheet, place: Place) -> Learners:
    """Find the people of a sheet, among those enrolled and then among all. Raises ImportFailure.

    The id of another system counts only in a file of which no row is found by its other names: it is the number of
    somebody else in this one.
    """
    enrolled = select(User.id, User.username, *NAMED).join(Enrollment, Enrollment.user_id == User.id)
    register = Register(await ctx.db.fetch(enrolled.where(Enrollment.course_instance_id == place.id)))
    learners = Learners()
    _match(sheet, register, sheet.rows, learners.ids, weak=False)
    if not learners.ids:
        _match(sheet, register, sheet.rows, learners.ids, weak=True)
    rest = [row for row in sheet.rows if row.index not in learners.ids]
    everybody = Register(await _anybody(ctx, rest))
    _match(sheet, everybody, rest, learners.elsewhere, weak=False)
    learners.unknown = [row for row in rest if row.index not in learners.elsewhere]
    learners.usernames = everybody.usernames | register.usernames
    _require_different(sheet, {**learners.ids, **learners.elsewhere})
    return learners


def _match(sheet: Sheet, register: Register, rows: Iterable[Row], ids: dict[int, int], *, weak: bool) -> None:
    for row in rows:
        found = register.find([row.weak_id] if weak else [*row.ids, row.email])
        if len(found) > 1:
            sheet.table.fail(row.index, f"several people are called like {row.told.partition(' ')[2]}")
        if found:
            ids[row.index] = found.pop()


async def _anybody(ctx: Context, rows: Sequence[Row]) -> list[Any]:
    """All who have one of the names of these rows, enrolled or not."""
    names = sorted({name.lower() for row in rows for name in (*row.ids, row.email) if name})
    found: list[Any] = []
    for start in range(0, len(names), CHUNK):
        few = names[start : start + CHUNK]
        statement = select(User.id, User.username, *NAMED)
        found += await ctx.db.fetch(statement.where(or_(*(func.lower(each).in_(few) for each in NAMED))))
    return found


def _require_different(sheet: Sheet, ids: Mapping[int, int]) -> None:
    rows: dict[int, int] = {}
    for index, user_id in sorted(ids.items()):
        if (earlier := rows.setdefault(user_id, index)) != index:
            sheet.table.fail(index, f"is about the same person as row {earlier + 1}")


def require_all(sheet: Sheet, learners: Learners, place: Place) -> None:
    """Raise ImportFailure with the list of those who do not take part."""
    left = [row for row in sheet.rows if row.index not in learners.ids]
    if not left:
        return
    told = "; ".join(row.told for row in left[:LISTED])
    more = f"; and {len(left) - LISTED:,} more" if len(left) > LISTED else ""
    who = f"{len(left):,} of {len(sheet.rows):,} do not take part in {place.name}: {told}{more}"
    raise ImportFailure(sheet.table.file, f"{who}. Enrol them first, or with --create")


def require_makeable(sheet: Sheet, learners: Learners) -> None:
    """Raise ImportFailure where a row does not say what a new person could be called, or two say the same."""
    names: dict[str, int] = {}
    for row in learners.unknown:
        if not row.username:
            sheet.table.fail(row.index, "tells neither an id nor an e-mail address of the person")
        try:
            fitted(User, dict(zip(TOLD, _told(row), strict=True)))
        except RuleBroken as error:
            sheet.table.fail(row.index, f"{', '.join(error.field)}: {error}")
        if (earlier := names.setdefault(row.username.casefold(), row.index)) != row.index:
            sheet.table.fail(row.index, f"is about the same person as row {earlier + 1}")
        learners.usernames[-row.index] = row.username


def _told(row: Row) -> tuple[str | None, ...]:
    """The columns TOLD of a new person."""
    names = (row.name, row.given_name, row.family_name, row.uin)
    return row.username, row.email or row.username, row.email, *names


def tell(learners: Learners, summary: Summary) -> None:
    """Say how many would be made and enrolled."""
    summary.add("users", created=len(learners.unknown))
    summary.add("enrollments", created=len(learners.unknown) + len(learners.elsewhere))


async def enrol(ctx: Context, learners: Learners, place: Place, summary: Summary) -> dict[int, int]:
    """Make the people whom nobody knows, and enrol all who are not; the user of each row of theirs."""
    if not learners.unknown and not learners.elsewhere:
        return {}
    users = await merge(
        ctx,
        User,
        [(*_told(row), uuid4().hex) for row in learners.unknown],
        key=TOLD[:1],
        initial=(*TOLD[1:], "uuid"),
        within=false(),  # none of them is there
    )
    ids = learners.elsewhere | {row.index: users.ids[row.username,] for row in learners.unknown}
    enrolled = await merge(
        ctx,
        Enrollment,
        [
            (place.id, user_id, EnrollmentStatus.ACTIVE.value, Role.STUDENT.value, ctx.now)
            for _, user_id in sorted(ids.items())
        ],
        key=("course_instance_id", "user_id"),
        initial=("status", "role", "enrolled_at"),
        within=false(),  # none of them is there either
    )
    summary.add("users", **users.counts)
    summary.add("enrollments", **enrolled.counts)
    return ids
