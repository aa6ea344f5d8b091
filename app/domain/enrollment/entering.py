"""Many people enter or leave many course instances at once.

The number of statements does not depend on how many people and course instances there are.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, case, func, select

from app.context import Context
from app.db.sets import member_of
from app.domain.catalog.models import CourseInstance
from app.domain.enrollment.following import Person, enrolled
from app.domain.enrollment.merging import COPIED
from app.domain.enrollment.models import Enrollment, EnrollmentStatus, EnrollmentTrack, Role
from app.domain.enrollment.tracks import DEFAULT, default_track, is_open
from app.domain.rows import insert_rows, update_rows
from app.turns import slices

KEPT = ("id", "course_instance_id", "child_course_instance_id", *COPIED)
FRESH: dict[str, Any] = {
    **dict.fromkeys(COPIED),
    "role": Role.STUDENT,
    "is_available": True,
    "attributes": {},
    "child_course_instance_id": None,
}
ACTIVE, DROPPED = EnrollmentStatus.ACTIVE, EnrollmentStatus.DROPPED


class Place(NamedTuple):
    """A course instance: the one that it is merged into, its tracks and whether they are open, its room."""

    id: int
    parent_id: int | None
    tracks: Mapping[str, bool]
    room: int | None = None

    @property
    def usual(self) -> str:
        """The track of who chose none."""
        return default_track(self.tracks)


@dataclass(slots=True)
class Crowd:
    """What is known of people in course instances, whose rows are locked, and what becomes of it.

    `rows` are enrolments by (course instance, person), as they will be; `written` says which of them are to be written,
    `entered` who was not active before; `refused` whom a rule forbade it. `room` says how many may still learn in
    derived course instances; others take any number.
    """

    now: Any
    places: Mapping[int, Place]
    rows: dict[Person, dict[str, Any]]
    room: dict[int, int] = field(default_factory=dict)
    written: set[Person] = field(default_factory=set)
    entered: list[Person] = field(default_factory=list)
    refused: set[Person] = field(default_factory=set)

    def learns(self, person: Person) -> bool:
        """Whether a person is enrolled as Open edX means it: actively, as a student or in a track."""
        row = self.rows.get(person)
        return row is not None and row["status"] == ACTIVE and (row["role"] == Role.STUDENT or bool(row["track"]))

    def enter(self, person: Person) -> None:
        """Enrol a person in the track they chose, or in the usual one if it is offered. Dates are passed over."""
        place, old = self.places[person[0]], self.rows.get(person)
        if self.learns(person):
            return
        slug = None if old is None else old["track"]
        if slug is not None and slug not in place.tracks:
            self.refused.add(person)
            return
        is_student = old is None or old["role"] == Role.STUDENT
        if is_student and self.room.get(place.id, 1) < 1:
            self.refused.add(person)
            return
        track = slug or (place.usual if place.usual in place.tracks else None)
        self._change(person, status=ACTIVE, track=track, ended_at=None)
        if is_student and person not in self.refused and place.id in self.room:
            self.room[place.id] -= 1

    def leave(self, person: Person) -> None:
        """Drop a learner; staff who learn, too, learn no more."""
        if not self.learns(person):
            return
        if self.rows[person]["role"] == Role.STUDENT:
            self._change(person, status=DROPPED, ended_at=self.now)
        else:
            self._change(person, track=None)

    def drop(self, person: Person) -> None:
        """Drop somebody who takes part, staff or not."""
        self._change(person, status=DROPPED, ended_at=self.now)

    def _change(self, person: Person, **changes: Any) -> None:
        place, old = self.places[person[0]], self.rows.get(person)
        whole = {**FRESH, "user_id": person[1], "enrolled_at": self.now, **(old or {}), **changes}
        parent = None if place.parent_id is None else (place.parent_id, person[1])
        above = None if parent is None else self.rows.get(parent)
        is_present = whole["status"] != DROPPED
        is_mirror = above is None or above["child_course_instance_id"] == place.id
        is_elsewhere = above is not None and not is_mirror and above["status"] != DROPPED
        if whole["child_course_instance_id"] is not None or (is_elsewhere and is_present):
            self.refused.add(person)
            return
        self._write(person, whole)
        if parent is not None and (is_mirror or is_present):
            copied = {name: whole[name] for name in COPIED}
            self._write(parent, {**(above or {}), **copied, "child_course_instance_id": place.id})

    def _write(self, person: Person, row: dict[str, Any]) -> None:
        before = self.rows.get(person)
        if row["status"] == ACTIVE and (before is None or before["status"] != ACTIVE):
            self.entered.append(person)
        self.rows[person] = {**row, "course_instance_id": person[0]}
        self.written.add(person)


async def crowd(ctx: Context, course_instance_ids: Collection[int], user_ids: Collection[int]) -> Crowd:
    """People and course instances, which nobody else changes until the transaction ends. Five statements at most."""
    places = await _places(ctx, course_instance_ids)
    own = Enrollment
    keys = {*places, *(each.parent_id for each in places.values() if each.parent_id is not None)}
    here = (member_of(own.course_instance_id, keys), member_of(own.user_id, user_ids))
    found = await ctx.db.fetch(select(*(getattr(own, name) for name in KEPT)).where(*here))
    rows = {(row.course_instance_id, row.user_id): row._asdict() for row in found}
    room = {each.id: each.room for each in places.values() if each.room is not None}
    return Crowd(ctx.now, places, rows, room)


async def settle(ctx: Context, people: Crowd) -> None:
    """Write what has become of people, and tell who follows."""
    stamp = {"updated_at": ctx.now}
    added: list[dict[str, Any]] = []
    changed: list[dict[str, Any]] = []
    async for some in slices(sorted(people.written)):
        for person in some:
            row = {**people.rows[person], **stamp}
            (changed if "id" in row else added).append(row)
    await insert_rows(ctx, Enrollment, added)
    await update_rows(ctx, Enrollment, changed)
    await enrolled(ctx, people.entered)


def _room() -> ColumnElement[Any]:
    """How many may still learn in a course instance that is derived and says how many; else null."""
    place, own = CourseInstance, Enrollment
    learning = (own.course_instance_id == place.id, own.role == Role.STUDENT, own.status == ACTIVE)
    count = select(func.count()).select_from(own).where(*learning).correlate(place).scalar_subquery()
    return case((place.derived_from_id.is_not(None), place.max_learners - count)).label("room")


async def _places(ctx: Context, keys: Collection[int]) -> dict[int, Place]:
    """Course instances by id, locked: those that are merged into others first, then the others, then these parents."""
    own, track = CourseInstance, EnrollmentTrack
    statement = select(own.id, own.parent_id, _room()).where(member_of(own.id, keys), ctx.visible(own))
    order = (own.parent_id.is_(None), own.id)
    rows = await ctx.db.fetch(statement.order_by(*order).with_for_update(key_share=True, of=own))
    parents = {row.parent_id for row in rows if row.parent_id is not None}
    if parents:
        above = select(own.id).where(member_of(own.id, parents)).order_by(own.id)
        await ctx.db.execute(above.with_for_update(key_share=True))
    found: dict[int, dict[str, bool]] = {row.id: {} for row in rows}
    offered = select(track.course_instance_id, track.slug, track.expires_at)
    for place, slug, expires_at in await ctx.db.fetch(offered.where(member_of(track.course_instance_id, found))):
        found[place][slug] = found[place].get(slug, False) or is_open(ctx, expires_at)
    return {row.id: Place(row.id, row.parent_id, found[row.id] or {DEFAULT: True}, row.room) for row in rows}
