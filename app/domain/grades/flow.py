"""Points flow one way: scores, instance questions, assessment instances, column grades (decision 0001).

Every step takes all instances at once: the number of SQL statements does not depend on how many they are. On
PostgreSQL the assessments are locked first, so that two flows of one assessment never compute from half of the scores.

Where late days or versions cost something (decision 0009), instances of one person have what is left of their points,
and everything that the same learners have due later flows too: grace days used here are missing there. The learners'
enrolments are locked then.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import and_, insert, select

from app.context import Context
from app.db.sets import member_of
from app.domain.assessments.models import Assessment, Problem
from app.domain.assessments.zones import ZoneLimit, counted, zones_of
from app.domain.attempts.models import AssessmentInstance, InstanceQuestion, Submission
from app.domain.enrollment.models import Enrollment
from app.domain.grades.counting import Mark, counting, percentage
from app.domain.grades.ledger import ledger_of, of_users, owned_sittings, reckons
from app.domain.grades.models import ChangeKind, Score
from app.domain.grades.reckoning import NOTHING_TAKEN, Edits, Ledger
from app.domain.grades.settling import Columns, Owner, settle
from app.domain.rows import update_rows

Own = AssessmentInstance
STANDING = (
    "points",
    "released_points",
    "manual_points",
    "highest_submission_score",
    "last_submission_score",
    "number_attempts",
)
TOTALS = ("points", "released_points", "score_perc", "released_score_perc", "max_points")


class ChangedQuestion(NamedTuple):
    """An instance question whose points are new."""

    id: int
    assessment_instance_id: int
    problem_id: int
    points: float | None
    max_points: float


class ChangedInstance(NamedTuple):
    """An assessment instance whose points are new."""

    id: int
    points: float | None
    max_points: float
    score_perc: float | None


class Flow(NamedTuple):
    """What a flow has changed above the scores and below the column grades."""

    questions: Sequence[ChangedQuestion]
    instances: Sequence[ChangedInstance]


async def propagate(
    ctx: Context, instance_ids: Collection[int], kind: ChangeKind, *, recount: bool = False, edits: Edits | None = None
) -> Flow:
    """Bring everything that follows from the scores of these assessment instances up to date.

    A problem that has a score and no instance question gets one. With `recount` the instances' maxima follow their
    problems. `edits` are stored with the column grades of these instances' owners. Column grades that change are noted
    in the history as `kind`. Checks no permission.
    """
    asked = sorted(set(instance_ids))
    if not asked:
        return Flow((), ())
    columns = await lock_columns(ctx, select(Own.assessment_id).where(member_of(Own.id, asked)))
    ledger = await _ledger(ctx, columns, asked, edits)
    following = ledger.following(set(asked))
    columns = {**{each.pair[0]: ledger.rules[each.pair[0]] for each in following}, **columns}
    keys = sorted({*asked, *(each.id for each in following if each.group_id is None)})
    added = await _add_questions(ctx, keys)
    instances = {
        row.id: row
        for row in await ctx.db.fetch(
            select(Own.id, Own.assessment_id, Own.user_id, Own.group_id, *(getattr(Own, name) for name in TOTALS))
            .where(member_of(Own.id, keys))
            .order_by(Own.id)
        )
    }
    models = {row.id: columns[row.assessment_id].scoring_model for row in instances.values()}
    questions = await _questions(ctx, keys)
    standings = {row.id: _standing(models, row, marks) for row, marks in questions}
    changed = await _write_questions(ctx, [row for row, _ in questions], standings)
    zones = await zones_of(ctx, columns)
    totals = _totals(instances, [row for row, _ in questions], standings, zones, asked if recount else added)
    moved = await _write_instances(ctx, instances, _after_penalties(instances, totals, ledger))
    owners: list[Owner] = [(row.assessment_id, row.user_id, row.group_id) for row in instances.values()]
    owners += [(*each.pair, None) for each in following]
    await settle(ctx, columns, owners, kind, edits or {}, ledger)
    return Flow(changed, moved)


async def lock_columns(ctx: Context, assessment_ids: Any) -> Columns:
    """The assessments of a sub-select, locked until the transaction ends, by id."""
    statement = (
        select(Assessment.id, Assessment.course_instance_id, Assessment.scoring_model, Assessment.max_points)
        .add_columns(Assessment.grading_type, reckons().label("reckons"))
        .where(Assessment.id.in_(assessment_ids))
        .order_by(Assessment.id)
        .with_for_update(key_share=True)
    )
    return {row.id: row for row in await ctx.db.fetch(statement)}


async def _ledger(ctx: Context, columns: Columns, keys: Sequence[int], edits: Edits | None) -> Ledger:
    """The ledger of the instances' owners, locked, where anything is reckoned."""
    places = {row.course_instance_id for row in columns.values() if row.reckons}
    if not places:
        return NOTHING_TAKEN
    owners = await ctx.db.fetch(owned_sittings().where(member_of(Own.id, keys)))
    users = {row.owner_id for row in owners}
    locked = (
        select(Enrollment.id)
        .where(member_of(Enrollment.course_instance_id, places), of_users(users, Enrollment.user_id))
        .order_by(Enrollment.id)
        .with_for_update(key_share=True)
    )
    await ctx.db.fetch(locked)
    return await ledger_of(ctx, places, users, edits)


async def _add_questions(ctx: Context, keys: Sequence[int]) -> set[int]:
    """Add the instance questions that scores ask for; the ids of the instances that have got one."""
    asked = and_(
        InstanceQuestion.assessment_instance_id == Submission.assessment_instance_id,
        InstanceQuestion.problem_id == Score.problem_id,
    )
    missing = (
        select(Submission.assessment_instance_id, Score.problem_id)
        .select_from(Score)
        .join(Submission, Submission.id == Score.submission_id)
        .join(InstanceQuestion, asked, isouter=True)
        .where(member_of(Submission.assessment_instance_id, keys), InstanceQuestion.id.is_(None))
        .distinct()
    )
    statement = insert(InstanceQuestion).from_select(["assessment_instance_id", "problem_id"], missing)
    rows = await ctx.db.fetch(statement.returning(InstanceQuestion.assessment_instance_id))
    return {row[0] for row in rows}


async def _questions(ctx: Context, keys: Sequence[int]) -> list[tuple[Any, list[tuple[Mark, bool]]]]:
    """The instance questions with their marks (and whether these are released), in order of the submissions."""
    scores = (
        select(Submission.assessment_instance_id, Score.problem_id, Score.value, Submission.number, Submission.id)
        .add_columns(Score.manual_value, Score.is_released)
        .select_from(Score)
        .join(Submission, Submission.id == Score.submission_id)
        .where(member_of(Submission.assessment_instance_id, keys), Score.value.is_not(None))
        .where(Submission.is_exempt.is_(False))
        .order_by(Submission.number)
    )
    marks: dict[tuple[int, int], list[tuple[Mark, bool]]] = defaultdict(list)
    for instance_id, problem_id, *mark, is_released in await ctx.db.fetch(scores):
        marks[instance_id, problem_id].append((Mark(*mark), is_released))
    own = InstanceQuestion
    questions = (
        select(own.id, own.assessment_instance_id, own.problem_id, *(getattr(own, name) for name in STANDING))
        .add_columns(Problem.zone_id, Problem.max_points)
        .select_from(own)
        .join(Problem, Problem.id == own.problem_id)
        .where(member_of(own.assessment_instance_id, keys))
        .order_by(own.id)
    )
    return [(row, marks[row.assessment_instance_id, row.problem_id]) for row in await ctx.db.fetch(questions)]


def _standing(models: Mapping[int, str], row: Any, marks: Sequence[tuple[Mark, bool]]) -> dict[str, Any]:
    """Where the learner stands with one question; fractions are of the problem's maximum."""
    model = models[row.assessment_instance_id]
    best = counting(model, [mark for mark, _ in marks])
    released = counting(model, [mark for mark, is_released in marks if is_released])
    values = [mark.value for mark, _ in marks]
    return {
        "points": best and best.value,
        "released_points": released and released.value,
        "manual_points": best and best.manual,
        "highest_submission_score": _fraction(max(values), row.max_points) if values else None,
        "last_submission_score": _fraction(values[-1], row.max_points) if values else None,
        "number_attempts": len(values),
    }


def _fraction(value: float, max_points: float) -> float:
    return value / max_points if max_points else 0.0


async def _write_questions(
    ctx: Context, rows: Sequence[Any], standings: Mapping[int, dict[str, Any]]
) -> list[ChangedQuestion]:
    updates = [
        {"id": row.id, **standings[row.id]}
        for row in rows
        if any(getattr(row, name) != standings[row.id][name] for name in STANDING)
    ]
    await update_rows(ctx, InstanceQuestion, updates)
    return [
        ChangedQuestion(row.id, row.assessment_instance_id, row.problem_id, standings[row.id]["points"], row.max_points)
        for row in rows
        if row.points != standings[row.id]["points"]
    ]


def _totals(
    instances: Mapping[int, Any],
    questions: Sequence[Any],
    standings: Mapping[int, dict[str, Any]],
    zones: Mapping[int, ZoneLimit],
    recounted: Collection[int],
) -> dict[int, dict[str, Any]]:
    """What the instances come to, by id: None where nothing is scored, or released."""
    by_instance: dict[int, list[Any]] = defaultdict(list)
    for row in questions:
        by_instance[row.assessment_instance_id].append(row)
    totals: dict[int, dict[str, Any]] = {}
    recounted = set(recounted)
    for key, instance in instances.items():
        asked = by_instance[key]
        found: dict[str, Any] = {"max_points": instance.max_points}
        if key in recounted and asked:
            found["max_points"] = counted([(row.zone_id, row.max_points) for row in asked], zones)
        for name in ("points", "released_points"):
            pairs = [(row.zone_id, standings[row.id][name]) for row in asked]
            scored = [pair for pair in pairs if pair[1] is not None]
            found[name] = counted(scored, zones) if scored else None
        found["score_perc"] = percentage(found["points"], found["max_points"])
        found["released_score_perc"] = percentage(found["released_points"], found["max_points"])
        totals[key] = found
    return totals


def _after_penalties(
    instances: Mapping[int, Any], totals: Mapping[int, dict[str, Any]], ledger: Ledger
) -> Mapping[int, dict[str, Any]]:
    """The totals after penalties. A group's stay as they are: its members' days differ, and so do their grades."""
    for each in ledger.sat:
        if each.group_id is None and each.id in instances:
            found = totals[each.id]
            for name, marked in (("points", each.marked), ("released_points", each.released)):
                found[name] = ledger.after(each.pair, marked, found[name])
            found["score_perc"] = percentage(found["points"], found["max_points"])
            found["released_score_perc"] = percentage(found["released_points"], found["max_points"])
    return totals


async def _write_instances(
    ctx: Context, instances: Mapping[int, Any], totals: Mapping[int, dict[str, Any]]
) -> list[ChangedInstance]:
    changed = [key for key, row in instances.items() if any(getattr(row, name) != totals[key][name] for name in TOTALS)]
    await update_rows(ctx, Own, [{"id": key, **totals[key], "modified_at": ctx.now} for key in changed])
    return [
        ChangedInstance(key, totals[key]["points"], totals[key]["max_points"], totals[key]["score_perc"])
        for key in changed
        if instances[key].points != totals[key]["points"]
    ]
