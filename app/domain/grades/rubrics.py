"""Open responses marked by their rubric: an option for each criterion makes the points (contracts/edx-core.md §15)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, update

from app.context import Context
from app.db.sets import member_of
from app.domain.assessments.models import Problem
from app.domain.assessments.open_responses import Demand, OpenResponse, RubricCriterion, restored
from app.domain.attempts.locking import give_up, require_lock
from app.domain.attempts.models import InstanceQuestion, Submission
from app.domain.enrollment.policy import may_teach
from app.domain.grades.models import Score
from app.domain.grades.service import MARKED, NewScore, write_scores
from app.domain.identity.policy import may_write
from app.domain.rows import visible_row
from app.domain.rules import text
from app.errors import RuleBroken, UserErrorCode


@dataclass(frozen=True, slots=True)
class CriterionChoice:
    """What a grader says by a criterion: the name of an option, where it has options, and a remark."""

    name: str
    option: str | None = None
    feedback: str = ""


@dataclass(frozen=True, slots=True)
class CriterionScore:
    """What was said by a criterion; `option` and `points` are None where it has no options."""

    name: str
    option: str | None
    points: int | None
    feedback: str


@dataclass(frozen=True, slots=True)
class RubricScore:
    """What the points of a mark are the sum of, `points` of `max_points` of the rubric."""

    points: int
    max_points: int
    criteria: list[CriterionScore]


async def grade_open_response(
    ctx: Context, *, submission_id: int, criteria: Sequence[CriterionChoice], feedback: str = ""
) -> int:
    """Mark an open response that one has claimed, shown to the learner at once; the claim is given up. Its id.

    The points are a score like any other. Course assistants, instructors, administrators. Raises NotFound, Forbidden;
    RuleBroken: LOCKED and INVALID (not to an open response) at `submissionId`; at (`criteria`, index, …) NOT_FOUND and
    INVALID (twice) at `name`, NOT_FOUND and REQUIRED at `option`, REQUIRED and INVALID at `feedback`; REQUIRED at
    `criteria` for one that is missing.
    """
    may_write(ctx)
    submission = await visible_row(ctx, Submission, submission_id, *MARKED)
    await may_teach(ctx, submission.course_instance_id, assistants=True)
    problem = await _problem(ctx, submission.instance_question_id)
    await require_lock(ctx, submission_id)
    asked = restored(problem.open_response)
    chosen = _chosen(asked, criteria)
    remark = text(feedback, "feedback", may_be_empty=True)
    points = sum(each["points"] or 0 for each in chosen)
    value = problem.max_points * points / asked.max_points if asked.max_points else 0.0
    mark = NewScore(problem.id, value, value, feedback=remark)
    await write_scores(ctx, {submission_id: submission}, [mark], release=True, grader_id=ctx.principal.user_id)
    said = {"points": points, "max_points": asked.max_points, "criteria": chosen}
    marked = (Score.submission_id == submission_id, Score.problem_id == problem.id)
    await ctx.db.execute(update(Score).where(*marked).values(rubric=said))
    await give_up(ctx, submission_id)
    return submission_id


async def _problem(ctx: Context, instance_question_id: int | None) -> Any:
    """The problem of an instance question. Raises INVALID at `submissionId` unless it asks for an open response."""
    own = Problem
    statement = select(own.id, own.max_points, own.open_response).join(
        InstanceQuestion, InstanceQuestion.problem_id == own.id
    )
    rows = await ctx.db.fetch(statement.where(InstanceQuestion.id == instance_question_id))
    if not rows or rows[0].open_response is None:
        raise RuleBroken(UserErrorCode.INVALID, "it is no open response", "submissionId")
    return rows[0]


def _chosen(asked: OpenResponse, choices: Sequence[CriterionChoice]) -> list[dict[str, Any]]:
    """What was said by each criterion, in the order of the rubric, as JSON of `CriterionScore`."""
    known, said = {each.name: each for each in asked.criteria}, dict[str, dict[str, Any]]()
    for index, each in enumerate(choices):
        path = ("criteria", str(index))
        if each.name not in known:
            raise RuleBroken(UserErrorCode.NOT_FOUND, "no such criterion", *path, "name")
        if each.name in said:
            raise RuleBroken(UserErrorCode.INVALID, "it is assessed twice", *path, "name")
        said[each.name] = _said(known[each.name], each, *path)
    missing = [each.name for each in asked.criteria if each.name not in said and _is_needed(each)]
    if missing:
        raise RuleBroken(UserErrorCode.REQUIRED, f"nothing is said by {missing[0]!a}", "criteria")
    return [said[each.name] for each in asked.criteria if each.name in said]


def _is_needed(criterion: RubricCriterion) -> bool:
    return bool(criterion.options) or criterion.feedback is Demand.REQUIRED


def _said(criterion: RubricCriterion, choice: CriterionChoice, *path: str) -> dict[str, Any]:
    points = None
    if criterion.options and choice.option is None:
        raise RuleBroken(UserErrorCode.REQUIRED, "choose an option", *path, "option")
    if choice.option is not None:
        points = {each.name: each.points for each in criterion.options}.get(choice.option)
        if points is None:
            raise RuleBroken(UserErrorCode.NOT_FOUND, "no such option", *path, "option")
    remark = text(choice.feedback, *path, "feedback", may_be_empty=True)
    if criterion.feedback is Demand.REQUIRED and not remark:
        raise RuleBroken(UserErrorCode.REQUIRED, "a remark is asked for", *path, "feedback")
    if criterion.feedback is Demand.NONE and remark:
        raise RuleBroken(UserErrorCode.INVALID, "no remark is asked for", *path, "feedback")
    return {"name": criterion.name, "option": choice.option, "points": points, "feedback": remark}


async def rubric_scores(ctx: Context, keys: Sequence[int]) -> list[RubricScore | None]:
    """For each score id what was said by its rubric, as far as the caller may see it; None without. One statement."""
    own = Score
    statement = select(own.id, ctx.readable(own.rubric)).where(member_of(own.id, keys), ctx.visible(own))
    found = {row[0]: _restored(row[1]) for row in await ctx.db.fetch(statement)}
    return [found.get(key) for key in keys]


def _restored(said: Mapping[str, Any] | None) -> RubricScore | None:
    if said is None:
        return None
    criteria = [CriterionScore(**each) for each in said["criteria"]]
    return RubricScore(said["points"], said["max_points"], criteria)
