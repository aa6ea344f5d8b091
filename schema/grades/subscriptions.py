"""Grades and marks, followed as they change."""

from __future__ import annotations

from typing import Any, NamedTuple

import strawberry

from app.domain.attempts.models import Submission as SubmissionRow
from app.domain.grades.models import ColumnGrade as ColumnGradeRow
from app.domain.grades.watching import GRADES, Topic, last_change, marks_of
from app.errors import NotFound
from app.reading import relations, roots
from app.reading.relations import Order
from schema.attempts.types import Submission
from schema.core.context import MAX_PAGE, GraphContext
from schema.core.declare import argument
from schema.core.keys import key_of
from schema.core.node import flat
from schema.core.scalars import BigInt
from schema.core.subscriptions import Step, subscription
from schema.grades.inputs import COLUMN_GRADES
from schema.grades.types import ColumnGrade

BY_CHANGE = Order(("change_index",))


class Changes(NamedTuple):
    """Rows of grades in the order of their change index, and the last one's index."""

    column_grades: list[Any]
    change_index: int


@flat(Changes, "Grades that changed, as they are now.")
class ColumnGradeChanges:
    """An event."""

    column_grades: list[ColumnGrade] = strawberry.field(
        description="The grades, in the order of their change index; at most 100."
    )
    change_index: BigInt = strawberry.field(
        description="The last one's: to go on later without a gap, subscribe again `after` it."
    )


async def changed_grades(context: GraphContext, place: int | None, where: Any = None, after: int | None = None) -> Step:
    """The next grades of a greater index than the place; at first than `after`, else than there is now."""
    _ = context.domain.user_id
    since = after if place is None else place
    if since is None:
        return Step(None, await last_change(context.domain))
    newer = {"change_index": {"gt": since}}
    wanted = COLUMN_GRADES.filter_of(where)
    filtered = newer if wanted is None else {"and_": [wanted, newer]}
    names = context.columns(ColumnGradeRow, "change_index")
    found = await roots.page(context.domain, ColumnGradeRow, names, filtered, BY_CHANGE, MAX_PAGE, None)
    if not found.rows:
        return Step(None, since)
    last = found.rows[-1].change_index
    return Step(Changes(found.rows, last), last, found.has_next)


async def scored_submission(context: GraphContext, place: Any, submission_id: str) -> Step:
    """The submission when its marks are others than at the place. Raises NotFound."""
    domain = context.domain
    _ = domain.user_id
    key = key_of(Submission, submission_id)
    marks = (await marks_of(domain, [key])).get(key)
    if marks == place and marks is not None:
        return Step(None, place)
    row = await relations.look_up(domain, SubmissionRow.id, context.columns(SubmissionRow), key)
    if marks is None or row is None:
        raise NotFound("no such submission")
    return Step(row, marks)


@strawberry.type
class Subscriptions:
    """What can be followed of results."""

    column_grades_changed = subscription(
        changed_grades,
        lambda **arguments: GRADES,
        ColumnGradeChanges,
        "Grades as they change, each once for every change that you may see, or once for several at a time. Those of "
        "calculated columns take no change index and are not among them.",
        argument("where", COLUMN_GRADES.where | None, "Which to tell: of a course instance, an assessment, a learner."),
        argument(
            "after",
            BigInt | None,
            "Begin with what has a greater change index: with the greatest one that you know, nothing is missed. "
            "Null: with what changes from now on.",
        ),
    )
    submission_scored = subscription(
        scored_submission,
        lambda submission_id: Topic(key_of(Submission, submission_id)),
        Submission,
        "A submission: at once as it is, then whenever what you may see of its marks or its status has changed.",
        argument("submissionId", strawberry.ID, "Its `id` or `databaseId`."),
    )
