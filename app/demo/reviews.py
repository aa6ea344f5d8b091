"""What people mark by hand: the latest work of every sitting, with a sentence to the learner."""

from __future__ import annotations

from typing import Any

from sqlalchemy import and_, or_, select

from app.demo.chance import lot, pick
from app.demo.learners import quality
from app.demo.marks import Mark, mark
from app.demo.papers import Paper, read_paper
from app.demo.stage import Stage
from app.domain.attempts.models import AssessmentInstance, InstanceQuestion, Submission
from app.domain.grades.models import Score
from app.domain.identity.models import User

PRAISE = (
    "Very clear. Names say what things are, and nothing is said twice.",
    "Convincing from beginning to end, nothing to add.",
    "Well done. Have a look at the sample solution for an even shorter way.",
)
ADVICE = (
    "Right in the main; the second part needs a reason.",
    "It works. Break the long function in two, then it can be read as well.",
    "Good start. Say what your variables stand for.",
)
DOUBT = (
    "I could not follow the middle part, please come to the office hour.",
    "This answers another question than the one that was asked.",
    "Too short: half of what was asked is missing.",
)


async def review(
    stage: Stage, grader: str, place: str, name: str, problem: str, *, share: float = 1.0, release: bool = True
) -> None:
    """A grader awards the manual points of a problem to all the latest work that has none, or to a share of it."""
    paper = await read_paper(stage, place, name)
    asked = paper.asked(problem)
    marks = []
    for row in await _latest(stage, paper, asked.id):
        who = row.username
        if lot("reviewed", place, name, problem, who) < share:
            level = quality(who, place, name, problem)
            manual = round(asked.max_manual_points * level * 2) / 2
            value = (row.value or 0.0) + manual
            told = remark(level, place, name, problem, who)
            marks.append(Mark(row.id, row.instance_id, asked.id, value, manual, told, answer=row.answer))
    await mark(stage.acting(grader), marks, release=release)


def remark(level: float, *key: object) -> str:
    """What a grader says of work of a quality."""
    return pick(PRAISE if level > 0.85 else ADVICE if level > 0.5 else DOUBT, "remark", *key)


async def _latest(stage: Stage, paper: Paper, problem_id: int) -> list[Any]:
    """The last submission of every sitting that answers the problem, if nobody has marked it yet."""
    own = AssessmentInstance
    answers = or_(Submission.instance_question_id.is_(None), InstanceQuestion.problem_id == problem_id)
    statement = (
        select(Submission.id, own.id.label("instance_id"), User.username, Submission.answer)
        .add_columns(Score.value, Score.manual_value)
        .join(own, own.id == Submission.assessment_instance_id)
        .join(User, User.id == own.user_id)
        .join(InstanceQuestion, InstanceQuestion.id == Submission.instance_question_id, isouter=True)
        .join(Score, and_(Score.submission_id == Submission.id, Score.problem_id == problem_id), isouter=True)
        .where(own.assessment_id == paper.id, answers)
        .order_by(own.id, Submission.number)
    )
    latest = {row.instance_id: row for row in await stage.db.fetch(statement)}
    return [row for row in latest.values() if row.manual_value is None]
