"""The story of the demo university, played from its first day to its present."""

from __future__ import annotations

from operator import attrgetter

from sqlalchemy import select

from app.context import Context
from app.demo import (
    analysis,
    cases,
    catalog,
    columns,
    essays,
    gatherings,
    jobs,
    logic,
    offerings,
    pairs,
    people,
    programming_scenes,
    registrar,
    report,
    results,
    shelf,
    statistics,
    systems,
    tracks,
    units,
)
from app.demo.calendar import FOUNDED, PRESENT
from app.demo.chance import uuid_of
from app.demo.stage import Cast, Scene, Stage
from app.domain.assessments.models import Assessment
from app.domain.catalog.models import CourseInstance
from app.domain.grades.models import Certificate
from app.domain.groups.models import Group
from app.domain.identity.models import User
from app.domain.identity.policy import may_administer
from app.domain.jobs.models import Job
from app.domain.progress.models import LearnerRecord
from app.domain.rows import update_rows

SCENES: list[Scene] = sorted(
    (
        *people.SCENES,
        *registrar.SCENES,
        *catalog.SCENES,
        *offerings.SCENES,
        *programming_scenes.SCENES,
        *cases.SCENES,
        *pairs.SCENES,
        *results.SCENES,
        *systems.SCENES,
        *statistics.SCENES,
        *columns.SCENES,
        *analysis.SCENES,
        *units.SCENES,
        *essays.SCENES,
        *jobs.SCENES,
        *gatherings.SCENES,
        *tracks.SCENES,
        *shelf.SCENES,
        *logic.SCENES,
    ),
    key=attrgetter("at"),
)


async def fill(ctx: Context) -> list[str] | None:
    """Fill an empty database with the demo university, in one transaction; lines for a person to read.

    None, and nothing done, when anybody is in the database. Every fill of a database of one kind gives the same rows.
    Raises Forbidden unless an administrator asks.
    """
    may_administer(ctx)
    async with ctx.db.transaction():
        if await ctx.db.scalar(select(User.id).limit(1)) is not None:
            return None
        stage = Stage(ctx.db, Cast(), FOUNDED)
        for scene in SCENES:
            await scene.act(stage.at(scene.at))
        await _settle_uuids(stage.at(PRESENT))
        await _settle_tokens(stage.at(PRESENT))
        await _settle_keys(stage.at(PRESENT))
        return await report.lines(stage.at(PRESENT))


async def _settle_uuids(stage: Stage) -> None:
    """Put UUIDs that follow from names in place of the random ones that the services drew."""
    place = CourseInstance.name
    own = Assessment.__table__.c
    job, earned = Job.__table__.c, Certificate.__table__.c
    for model, statement in (
        (Job, select(job.id, job.updated_at, job.kind, job.id)),
        (User, select(User.id, User.updated_at, User.username)),
        (
            Certificate,
            select(earned.id, earned.updated_at, place, earned.user_id).join(
                CourseInstance, CourseInstance.id == earned.course_instance_id
            ),
        ),
        (CourseInstance, select(CourseInstance.id, CourseInstance.updated_at, place)),
        (
            Assessment,
            select(own.id, own.updated_at, place, own.name).join(
                CourseInstance, CourseInstance.id == own.course_instance_id
            ),
        ),
    ):
        rows = [
            {"id": key, "updated_at": updated_at, "uuid": uuid_of(model.__tablename__, *names)}
            for key, updated_at, *names in await stage.db.fetch(statement)
        ]
        await update_rows(stage.program, model, rows)


async def _settle_tokens(stage: Stage) -> None:
    """Put tokens that follow from names in place of those of the goals' mails."""
    own = LearnerRecord
    statement = select(own.id, own.updated_at, User.username).join(User, User.id == own.user_id)
    rows = [
        {"id": key, "updated_at": updated_at, "reminder_token": uuid_of(own.__tablename__, username)}
        for key, updated_at, username in await stage.db.fetch(statement.where(own.reminder_token.is_not(None)))
    ]
    await update_rows(stage.program, own, rows)


async def _settle_keys(stage: Stage) -> None:
    """Put keys of groups that follow from numbers in place of the random ones."""
    groups = await stage.db.fetch(select(Group.id, Group.updated_at, Group.key))
    keys = [
        {"id": key, "updated_at": updated_at, "key": name[:-32] + uuid_of("groups", str(key))}
        for key, updated_at, name in groups
    ]
    await update_rows(stage.program, Group, keys)
