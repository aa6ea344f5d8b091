"""What tells that grades or marks have changed: little enough to be read again and again."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, NamedTuple

from sqlalchemy import select

from app.context import Context
from app.db.sets import member_of
from app.domain.attempts.models import Submission
from app.domain.grades.history import CHANGE_INDEX
from app.domain.grades.models import Counter, Score
from app.domain.grades.policy import released_or_staff

Sign = tuple[Any, ...]


class Topic(NamedTuple):
    """What somebody follows: the marks of a submission or, without one, all grades."""

    submission_id: int | None = None


GRADES = Topic()


async def signs_of(ctx: Context, topics: Collection[Topic]) -> dict[Topic, Sign]:
    """A sign of each topic, which differs when something has changed. A statement for grades, two for submissions."""
    submission_ids = [each.submission_id for each in topics if each.submission_id is not None]
    marks = await marks_of(ctx, submission_ids) if submission_ids else {}
    found = {Topic(key): marks.get(key, ()) for key in submission_ids}
    return found | {GRADES: (await last_change(ctx),)} if GRADES in topics else found


async def last_change(ctx: Context) -> int:
    """The change index that was drawn last. Grades that have it or a lesser one can be read."""
    value: int | None = await ctx.db.scalar(select(Counter.value).where(Counter.name == CHANGE_INDEX))
    return value or 0


async def marks_of(ctx: Context, submission_ids: Collection[int]) -> dict[int, Sign]:
    """What the caller sees of the marks of those submissions that they see, each as one value that can be compared.

    Being marked anew changes it, as whoever sees the mark sees it; a mark that is hidden does not.
    """
    own = Submission
    said = select(own.id, own.status, own.is_exempt, ctx.readable(own.feedback)).where(
        member_of(own.id, submission_ids), ctx.visible(own)
    )
    graded_at = Score.graded_at if ctx.principal.is_admin else released_or_staff(ctx.viewing, Score.graded_at)
    marks = (
        select(Score.submission_id, Score.id, Score.is_released, ctx.readable(Score.value), graded_at)
        .where(member_of(Score.submission_id, submission_ids), ctx.visible(Score))
        .order_by(Score.id)
    )
    found: dict[int, list[Any]] = {row[0]: [tuple(row[1:])] for row in await ctx.db.fetch(said)}
    for row in await ctx.db.fetch(marks):
        if row[0] in found:
            found[row[0]].append(tuple(row[1:]))
    return {key: tuple(rows) for key, rows in found.items()}
