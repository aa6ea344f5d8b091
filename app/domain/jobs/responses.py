"""The report about what learners answered to problems: a row for each learner and problem."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import orjson
from sqlalchemy import and_, or_, select

from app.context import Context
from app.db.sets import member_of
from app.domain.assessments.models import Assessment, Problem
from app.domain.attempts.models import AssessmentInstance, InstanceQuestion, Submission
from app.domain.blocks.models import Block, BlockPath
from app.domain.groups.models import Group
from app.domain.identity.models import User
from app.domain.jobs import sheets
from app.domain.jobs.kinds import Outcome, Run

HEADER = ["username", "title", "location", "block_key", "state", "answer", "points", "max_points", "submitted_at"]


class Asked(NamedTuple):
    """A problem that the report is about; its `block_id`, and of which assessment it is."""

    problem_id: int
    block_id: int
    usage_key: str | None
    name: str
    max_points: float
    title: str


class Counts:
    """How many problems are done of all, and rows of them written."""

    def __init__(self) -> None:
        self.done = self.rows = 0


async def report_responses(run: Run) -> Outcome:
    """Write the report about the problems below the blocks of `block_ids`, if given of these `kinds`."""
    counts = Counts()
    async with run.requester() as ctx:
        problems = await _problems(ctx, run)
        rows = _rows(ctx, run, problems, counts)
        file = await sheets.write(ctx, "problem_responses", run.task.course_instance_id, rows)
    told = {"total": len(problems), "attempted": counts.done, "succeeded": counts.done, "rows": counts.rows}
    return Outcome(f"{counts.rows} responses to {len(problems)} problems were written", told, file)


async def _problems(ctx: Context, run: Run) -> list[Asked]:
    """The problems with a block at or below one of those asked for, in the order of the course."""
    kinds = run.task.input.get("kinds") or []
    below = select(BlockPath.block_id).where(member_of(BlockPath.ancestor_id, run.task.input["block_ids"]))
    own = Block
    statement = (
        select(Problem.id, own.id, own.usage_key, Problem.name, Problem.max_points, Assessment.title)
        .select_from(own)
        .join(Problem, Problem.block_id == own.id)
        .join(Assessment, Assessment.id == Problem.assessment_id)
        .where(own.id.in_(below), own.course_instance_id == run.task.course_instance_id)
        .where(ctx.visible(own), ctx.visible(Problem), ctx.visible(Assessment))
        .order_by(own.position)
    )
    return [Asked(*row) for row in await ctx.db.fetch(statement.where(own.kind.in_(kinds)) if kinds else statement)]


async def _rows(ctx: Context, run: Run, problems: Sequence[Asked], counts: Counts) -> AsyncIterator[list[Any]]:
    """The header, and of each problem the latest answer of each sitting, by the learner's name."""
    yield HEADER
    for problem in problems:
        place = await _place(ctx, problem.block_id)
        for row in await _answers(ctx, run.task.learner_id, problem):
            counts.rows += 1
            yield [row[0], problem.title, place, problem.usage_key, *row[1:5], row[5].isoformat()]
        counts.done += 1
        await run.note(counts.done, len(problems))


async def _place(ctx: Context, block_id: int) -> str:
    """The names of the blocks above one, the course left aside."""
    statement = (
        select(Block.name)
        .join(BlockPath, BlockPath.ancestor_id == Block.id)
        .where(BlockPath.block_id == block_id, Block.parent_id.is_not(None))
        .order_by(Block.depth)
    )
    return " > ".join([row[0] for row in await ctx.db.fetch(statement)])


async def _answers(ctx: Context, learner_id: int | None, problem: Asked) -> list[tuple[Any, ...]]:
    """(who, state, answer, points, maximum, when) of the latest answer of each sitting to a problem.

    A group is told by its name, and nobody is where the work is marked anonymously.
    """
    sitting, question, own = AssessmentInstance, InstanceQuestion, Submission
    whole = and_(own.assessment_instance_id == sitting.id, own.instance_question_id.is_(None))
    who = (ctx.readable(sitting.user_id), ctx.readable(sitting.group_id))
    statement = (
        select(sitting.id, User.username, Group.name, own.answer, own.instance_question_id, own.submitted_at)
        .add_columns(ctx.readable(question.points), question.number_attempts)
        .select_from(question)
        .join(sitting, sitting.id == question.assessment_instance_id)
        .join(own, or_(own.instance_question_id == question.id, whole))
        .join(User, User.id == who[0], isouter=True)
        .join(Group, Group.id == who[1], isouter=True)
        .where(question.problem_id == problem.problem_id, ctx.visible(sitting), ctx.visible(own))
        .order_by(User.username, Group.name, sitting.id, own.number)
    )
    if learner_id is not None:
        statement = statement.where(who[0] == learner_id)
    latest: dict[int, tuple[Any, ...]] = {}
    for key, username, group, answer, question_id, moment, points, attempts in await ctx.db.fetch(statement):
        said = answer if question_id is not None else (answer or {}).get(str(problem.problem_id))
        if question_id is None and said is None and answer:
            continue
        state = {"attempts": attempts, "points": points, "max_points": problem.max_points, "answer": said}
        latest[key] = (username or group, _json(state), _told(said), points, problem.max_points, _instant(moment))
    return list(latest.values())


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()


def _told(answer: Any) -> str | None:
    """An answer for people: of `{"answer": …}` what is answered."""
    if isinstance(answer, dict) and answer.keys() == {"answer"}:
        answer = answer["answer"]
    return answer if isinstance(answer, str) or answer is None else _json(answer)


def _instant(moment: datetime) -> datetime:
    return moment.replace(microsecond=0)
