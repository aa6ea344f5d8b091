"""What follows from people and enrolments that were written in bulk: as if each had come by themselves."""

from __future__ import annotations

from sqlalchemy import func, select

from app.context import Context
from app.domain.enrollment.following import enrolled
from app.domain.enrollment.models import Enrollment, EnrollmentStatus
from app.domain.identity.arrivals import welcome
from app.domain.identity.models import User


async def latest_user(ctx: Context) -> int:
    """The id of the person who came last; 0 for nobody."""
    return int(await ctx.db.scalar(select(func.max(User.id))) or 0)


async def settle(ctx: Context, after: int) -> None:
    """Welcome the people who came after one, and tell who follows of the enrolments that this import wrote.

    However many there are, it takes the same number of statements.
    """
    people = await ctx.db.fetch(select(User.id).where(User.id > after).order_by(User.id))
    if people:
        await welcome(ctx, [row[0] for row in people])
    own = Enrollment
    written = (own.updated_at == ctx.now, own.status == EnrollmentStatus.ACTIVE)
    rows = await ctx.db.fetch(select(own.course_instance_id, own.user_id).where(*written).order_by(own.id))
    await enrolled(ctx, [(row[0], row[1]) for row in rows])
