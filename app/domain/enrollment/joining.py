"""People enrol themselves where that is open, administrators enrol anybody (contracts/edx-core.md §6.3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from app.context import Context
from app.domain.catalog.models import Availability, CourseInstance, EnrollmentMethod
from app.domain.enrollment.countries import closures
from app.domain.enrollment.invitations import is_invited
from app.domain.enrollment.models import Enrollment, EnrollmentStatus, Role
from app.domain.enrollment.service import enroll, update_enrollment
from app.domain.enrollment.tracks import DEFAULT, SECOND, default_track, offered_tracks
from app.domain.identity.models import User
from app.domain.identity.policy import may_write
from app.domain.rows import is_key
from app.errors import Forbidden, NotFound, RuleBroken, UserErrorCode
from app.principal import Principal

FREE = (DEFAULT, SECOND)
NEEDED = {"credit": "credit:provider_id"}
"""The attribute without which one is not put into a track."""
COLUMNS = (
    *(CourseInstance.id, CourseInstance.key, CourseInstance.availability, CourseInstance.enrollment_method),
    *(CourseInstance.enrollment_start_at, CourseInstance.enrollment_end_at, CourseInstance.enrollment_access_code),
    CourseInstance.max_learners,
)


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for; `track` None: as it is, or the usual one."""

    track: str | None
    is_active: bool
    is_forced: bool
    access_code: str | None
    attributes: dict[str, Any] | None


async def join_course_instance(
    ctx: Context,
    *,
    course_instance_id: int | None = None,
    key: str | None = None,
    user_id: int | None = None,
    track: str | None = None,
    is_active: bool = True,
    is_forced: bool = False,
    access_code: str | None = None,
    attributes: dict[str, Any] | None = None,
) -> int:
    """Enrol oneself in a course instance, seen or not, or again; administrators anybody; the enrolment's id.

    Who is enrolled stays so, in the same track; administrators change it, and end it (`is_active`). The record and its
    beginning stay. `is_forced` passes over dates, places and tracks that are closed. `attributes` are added to those
    there are. Raises Unauthenticated; NotFound for other people, Forbidden for tracks and force, unless an
    administrator asks; RuleBroken: NOT_FOUND at `userId`, `courseInstanceId` or `key`, `track` (not open now); CLOSED
    at `userId` (their country) or `courseInstanceId`; INVALID at `isActive` when the track would change, too; REQUIRED
    at `attributes`; and like `update_enrollment`.
    """
    may_write(ctx)
    user_id = ctx.user_id if user_id is None else user_id
    if not ctx.principal.is_admin:
        if user_id != ctx.principal.user_id:
            raise NotFound("no such user")
        if track not in (None, *FREE) or is_forced:
            raise Forbidden("only an institution administrator may choose this track, or force an enrolment")
    program = as_program(ctx)
    place = await placed(program, course_instance_id, key)
    await _require_welcome(program, place.id, user_id)
    return await admit(ctx, place, user_id, Wish(track, is_active, is_forced, access_code, attributes))


async def admit(ctx: Context, place: Any, user_id: int, wish: Wish) -> int:
    """The same in a course instance that is found and locked, of a person who is known."""
    old = await _standing(ctx, place.id, user_id)
    slug = learning_in(old, default_track(await offered_tracks(ctx, place.id)))
    if slug is not None and not ctx.principal.is_admin:
        return int(old.id)
    if old is not None and ctx.principal.is_admin:
        changed = slug is not None and wish.track not in (None, slug)
        if changed or wish.is_active != (slug is not None):
            return await _change(ctx, place, old, slug, wish)
        await _keep(ctx, old, wish)
        return int(old.id)
    if old is None or wish.is_active:
        return await _enter(ctx, place, user_id, old, wish)
    return int(old.id)


def as_program(ctx: Context) -> Context:
    """The same request, for what its caller was allowed to set off."""
    return Context(Principal.program, ctx.db, ctx.clock)


def learning_in(row: Any, usual: str) -> str | None:
    """The track that an enrolment is active in as Open edX means it, or None."""
    if row is None or row.status != EnrollmentStatus.ACTIVE:
        return None
    return row.track or (usual if row.role == Role.STUDENT else None)


async def placed(ctx: Context, key: int | None, name: str | None = None) -> Any:
    """The course instance of an id or a key, locked. Raises RuleBroken NOT_FOUND at `courseInstanceId` or `key`."""
    field, condition = ("courseInstanceId", CourseInstance.id == key)
    if key is None:
        field, condition = ("key", CourseInstance.key == name)
    usable = (key is not None and is_key(key)) or (key is None and name is not None and name.isprintable())
    statement = select(*COLUMNS).where(condition, ctx.visible(CourseInstance))
    locked = statement.with_for_update(key_share=True, of=CourseInstance)
    rows = await ctx.db.fetch(locked) if usable else []
    if not rows:
        raise RuleBroken(UserErrorCode.NOT_FOUND, "no such course instance", field)
    return rows[0]


async def _require_welcome(ctx: Context, course_instance_id: int, user_id: int) -> None:
    if not is_key(user_id) or await ctx.db.scalar(select(User.id).where(User.id == user_id)) is None:
        raise RuleBroken(UserErrorCode.NOT_FOUND, "no such user", "userId")
    [is_closed] = await closures(ctx, [course_instance_id], user_id)
    if is_closed:
        raise RuleBroken(UserErrorCode.CLOSED, "closed to the person's country", "userId")


async def _standing(ctx: Context, course_instance_id: int, user_id: int) -> Any:
    own = Enrollment
    statement = select(own.id, own.role, own.status, own.track, own.attributes)
    rows = await ctx.db.fetch(statement.where(own.course_instance_id == course_instance_id, own.user_id == user_id))
    return rows[0] if rows else None


async def _change(ctx: Context, place: Any, old: Any, slug: str | None, wish: Wish) -> int:
    """Put an enrolment into another track, end it, or begin it again."""
    if not wish.is_active and wish.track not in (None, slug):
        told = f"Enrollment mode mismatch: active mode={slug}, requested mode={wish.track}. Won't deactivate."
        raise RuleBroken(UserErrorCode.INVALID, told, "isActive")
    needed = NEEDED.get(wish.track or "")
    if needed is not None and wish.attributes is not None and needed not in wish.attributes:
        told = f"Missing enrollment attributes: requested mode={wish.track} required attributes={needed}"
        raise RuleBroken(UserErrorCode.REQUIRED, told, "attributes")
    changes: dict[str, Any] = {"attributes": (old.attributes or {}) | (wish.attributes or {})}
    if wish.is_active:
        changes["status"] = EnrollmentStatus.ACTIVE
        if wish.track is not None or slug is None:
            changes["track"] = await _offered(ctx, place, wish, wish.track or old.track)
    elif old.role == Role.STUDENT:
        changes["status"] = EnrollmentStatus.DROPPED
    else:
        changes["track"] = None
    return await update_enrollment(as_program(ctx), enrollment_id=old.id, **changes)


async def _keep(ctx: Context, old: Any, wish: Wish) -> None:
    if wish.attributes:
        attributes = (old.attributes or {}) | wish.attributes
        await update_enrollment(as_program(ctx), enrollment_id=old.id, attributes=attributes)


async def _enter(ctx: Context, place: Any, user_id: int, old: Any, wish: Wish) -> int:
    """Begin an enrolment, or begin it again."""
    slug = await _offered(ctx, place, wish, wish.track)
    is_staff = old is not None and old.role != Role.STUDENT and old.status == EnrollmentStatus.ACTIVE
    if not (wish.is_forced or is_staff):
        await _require_open(ctx, place, user_id, wish)
    program = as_program(ctx)
    attributes = ((old.attributes if old is not None else None) or {}) | (wish.attributes or {})
    if old is None or old.status == EnrollmentStatus.DROPPED:
        here: dict[str, Any] = {"course_instance_id": place.id, "user_id": user_id, "is_dropped": not wish.is_active}
        return await enroll(program, **here, track=slug, attributes=attributes)
    again: dict[str, Any] = {"status": EnrollmentStatus.ACTIVE, "track": slug, "attributes": attributes}
    return await update_enrollment(program, enrollment_id=old.id, **again)


async def _offered(ctx: Context, place: Any, wish: Wish, slug: str | None) -> str | None:
    """The track to be in: the one that is asked for, or the usual one; forced, None where that is not offered.

    Raises RuleBroken NOT_FOUND at `track`.
    """
    offered = await offered_tracks(ctx, place.id)
    wanted = slug or default_track(offered)
    if slug is None and wish.is_forced and wanted not in offered:
        return None
    is_lenient = not wish.is_active or wish.is_forced or ctx.principal.user_id is None
    if wanted not in offered or not (offered[wanted] or is_lenient):
        told = f"The [{wanted}] course mode is expired or otherwise unavailable for course run [{place.key}]."
        raise RuleBroken(UserErrorCode.NOT_FOUND, told, "track")
    return wanted


async def _require_open(ctx: Context, place: Any, user_id: int, wish: Wish) -> None:
    """Raise CLOSED unless the course instance takes people in who come by themselves, or was told to take this one."""
    if await is_invited(as_program(ctx), place.id, user_id):
        return
    starts, ends = place.enrollment_start_at, place.enrollment_end_at
    is_in_time = (starts is None or starts <= ctx.now) and (ends is None or ends > ctx.now)
    code = place.enrollment_access_code
    knows_code = code is None or wish.access_code == code or ctx.principal.is_admin
    by_itself = place.enrollment_method == EnrollmentMethod.SELF_ENROLLMENT
    if not (by_itself and is_in_time and knows_code and place.availability != Availability.DISABLED):
        raise RuleBroken(UserErrorCode.CLOSED, "the course instance takes nobody in now", "courseInstanceId")
    if place.max_learners is not None:
        own = Enrollment
        here = (own.course_instance_id == place.id, own.role == Role.STUDENT, own.status == EnrollmentStatus.ACTIVE)
        if (await ctx.db.scalar(select(func.count()).select_from(own).where(*here)) or 0) >= place.max_learners:
            raise RuleBroken(UserErrorCode.CLOSED, "the course instance is full", "courseInstanceId")
