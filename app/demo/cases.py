"""Introduction to Programming, this autumn: what happens to one learner or another, through the services."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, select

from app.demo.calendar import AUTUMN_2026, FRIDAY, MONDAY, PRESENT, THURSDAY, TUESDAY, WEDNESDAY
from app.demo.chance import lot
from app.demo.learners import takes_part
from app.demo.names import REPEATER, STAR
from app.demo.offerings import people_of
from app.demo.papers import read_paper
from app.demo.programming import MAKE_UP, PASSWORD
from app.demo.remarks import Remark, note
from app.demo.stage import Scene, Stage
from app.domain.assessments.access import grant_extension
from app.domain.assessments.models import Assessment
from app.domain.attempts.models import AssessmentInstance, Event, EventKind, InstanceQuestion, Submission, Variant
from app.domain.attempts.service import close_assessment_instance, start_assessment_instance
from app.domain.attempts.submitting import Answer, submit
from app.domain.grades.overrides import exempt_grade, override_grade
from app.domain.grades.service import NewScore, release_scores, score_problems
from app.domain.rows import update_row

PLACE, TEACHER, ASSISTANT = "cs101-f26", "icarvalho", "jkeller"


async def carry_over(stage: Stage) -> None:
    """The first homework of the repeater: handed in by the instructor, as it was last spring, and marked as it was."""
    ctx, paper = stage.acting(TEACHER), await read_paper(stage, PLACE, "hw01")
    problem, user_id = paper.asked("Initials").id, stage.cast.people[REPEATER]
    key = await start_assessment_instance(ctx, assessment_id=paper.id, user_id=user_id)
    answers = [Answer(problem, {"code": "def initials(name):\n    return name[0]"})]
    submission_id = await submit(ctx, assessment_instance_id=key, answers=answers, problem_id=problem)
    await update_row(ctx, Submission, submission_id, {"is_banked": True})
    score = NewScore(problem, 4.0, 4.0, feedback="Carried over from Spring 2026.")
    await score_problems(ctx, submission_id=submission_id, scores=[score], release=True)


async def extend(stage: Stage) -> None:
    """More time: some days for the second homework, a later due date or no end at all for the third."""
    ctx, people = stage.acting(TEACHER), stage.cast.people
    second, third = stage.cast.assessments[PLACE, "hw02"], stage.cast.assessments[PLACE, "hw03"]
    due_at, end_at = AUTUMN_2026.at(5, WEDNESDAY, "23:59"), AUTUMN_2026.at(6, FRIDAY, "23:59")
    await grant_extension(ctx, assessment_id=second, user_id=people[STAR], due_at=due_at, end_at=end_at)
    await grant_extension(ctx, assessment_id=third, user_id=people["tbakare"])
    later = AUTUMN_2026.at(14, MONDAY, "23:59")
    await grant_extension(ctx, assessment_id=third, user_id=people["apopescu"], due_at=later)


async def show_reviews(stage: Stage) -> None:
    """The instructor shows half of the learners what the assistant thinks of their loops."""
    paper = await read_paper(stage, PLACE, "hw02")
    half = [stage.cast.people[name] for name in people_of(PLACE) if lot("shown", name) < 0.5]
    problem_ids = [paper.asked("Review a loop").id]
    await release_scores(stage.acting(TEACHER), assessment_id=paper.id, problem_ids=problem_ids, user_ids=half)


async def note_attendance(stage: Stage) -> None:
    """The column that is kept by hand: points for most, remarks for some."""
    remarks = {}
    for name in people_of(PLACE):
        if name != "gsantos" and takes_part(name, PLACE, "attendance", 0.8):
            points = float(2 + 2 * int(lot("attendance", name) * 5))
            feedback = "You led a fine discussion." if points >= 8 else None
            notes = "Comes late, for good reasons." if lot("remark", name) < 0.1 else None
            remarks[stage.cast.people[name]] = Remark(points, feedback, notes)
    await note(stage.acting(TEACHER), stage.cast.assessments[PLACE, "attendance"], remarks)


async def overrule(stage: Stage) -> None:
    """The instructor sets three grades by hand, with reasons."""
    ctx, people, assessments = stage.acting(TEACHER), stage.cast.people, stage.cast.assessments
    first, second, quiz = (assessments[PLACE, name] for name in ("hw01", "hw02", "quiz01"))
    whole = await stage.db.scalar(select(Assessment.max_points).where(Assessment.id == quiz))
    await override_grade(
        ctx,
        assessment_id=quiz,
        user_id=people[STAR],
        points=5.0,
        max_points=whole,
        all_points=5.0,
        all_max_points=whole,
        reason="Two right answers.",
        source="GRADEBOOK",
        feedback="The sixth question has a second right answer, which is yours: two points more.",
        notes="The bank is corrected; see the mail of 28 September.",
    )
    reason = "Scored by hand until the grader runs again."
    await override_grade(ctx, assessment_id=first, user_id=people["bcarter"], points=7.0, notes=reason)
    await exempt_grade(ctx, assessment_id=second, user_id=people["hpark"])
    await override_grade(ctx, assessment_id=second, user_id=people["hpark"], notes="Ill in weeks 3 and 4.")


async def take_back(stage: Stage) -> None:
    """One of them follows the scores again."""
    first, user_id = stage.cast.assessments[PLACE, "hw01"], stage.cast.people["bcarter"]
    await override_grade(stage.acting(TEACHER), assessment_id=first, user_id=user_id, points=None)


async def make_up(stage: Stage) -> None:
    """One of those who were ill sits the midterm at home and ends it."""
    learner, paper = stage.acting(MAKE_UP[1]), await read_paper(stage, PLACE, "exam01")
    key = await start_assessment_instance(learner, assessment_id=paper.id, password=PASSWORD)
    later = stage.at(stage.now + timedelta(minutes=31))
    learner = later.acting(MAKE_UP[1])
    problem = paper.asked("Composition").id
    answers = [Answer(problem, {"code": "def compose(f, g):\n    return lambda x: f(g(x))"})]
    await submit(learner, assessment_instance_id=key, answers=answers, problem_id=problem)
    await close_assessment_instance(learner, assessment_instance_id=key)


async def mark_make_up(stage: Stage) -> None:
    """The assistant marks it by hand; the learner does not see the mark yet."""
    paper = await read_paper(stage, PLACE, "exam01")
    own = AssessmentInstance
    here = (own.assessment_id == paper.id, own.user_id == stage.cast.people[MAKE_UP[1]])
    made = await stage.db.scalar(
        select(Submission.id).join(own, own.id == Submission.assessment_instance_id).where(*here)
    )
    score = NewScore(paper.asked("Composition").id, 15.0, 15.0, feedback="Right. A docstring is all that is missing.")
    await score_problems(stage.acting(ASSISTANT), submission_id=made, scores=[score])


async def sit_now(stage: Stage) -> None:
    """The other one is at it just now: the clock runs."""
    learner, paper = stage.acting(MAKE_UP[0]), await read_paper(stage, PLACE, "exam01")
    key = await start_assessment_instance(learner, assessment_id=paper.id, password=PASSWORD)
    problem = paper.asked("Powers").id
    later = stage.at(stage.now + timedelta(minutes=7)).acting(MAKE_UP[0])
    await submit(later, assessment_instance_id=key, answers=[Answer(problem, 512)], problem_id=problem)


async def look_back(stage: Stage) -> None:
    """What only a front-end could tell of the star's quiz: she looked at it; it was opened again for an hour."""
    own, quiz = AssessmentInstance, stage.cast.assessments[PLACE, "quiz01"]
    learner, teacher = stage.cast.people[STAR], stage.cast.people[TEACHER]
    statement = select(own.id, own.started_at).where(own.assessment_id == quiz, own.user_id == learner)
    key, started_at = (await stage.db.fetch(statement))[0]
    variants = (
        select(Variant.instance_question_id, Variant.created_at, AssessmentInstance.id)
        .join(InstanceQuestion, InstanceQuestion.id == Variant.instance_question_id)
        .join(own, own.id == InstanceQuestion.assessment_instance_id)
        .where(own.user_id == learner, own.course_instance_id == stage.cast.course_instances[PLACE])
    )
    second, hour = timedelta(seconds=1), timedelta(hours=1)
    rows = [
        _event(key, EventKind.VIEW_ASSESSMENT, started_at + second, learner),
        _event(key, EventKind.OPEN, stage.now, teacher),
        _event(key, EventKind.CLOSE, stage.now + hour, learner),
    ]
    for question_id, created_at, instance_id in await stage.db.fetch(variants.order_by(Variant.id)):
        rows.append(_event(instance_id, EventKind.VIEW_VARIANT, created_at + second, learner, question_id))
    await stage.db.execute(insert(Event), rows)
    closed = {"closed_at": stage.now + hour, "modified_at": stage.now + hour}
    await update_row(stage.program, own, key, closed)


def _event(
    instance_id: int, kind: EventKind, at: datetime, actor_id: int, question_id: int | None = None
) -> dict[str, Any]:
    where = {"assessment_instance_id": instance_id, "instance_question_id": question_id}
    return {**where, "kind": kind, "happened_at": at, "actor_id": actor_id}


SCENES = (
    Scene(AUTUMN_2026.at(1, THURSDAY, "14:00"), carry_over),
    Scene(AUTUMN_2026.at(4, TUESDAY, "10:00"), extend),
    Scene(AUTUMN_2026.at(4, WEDNESDAY, "16:00"), look_back),
    Scene(AUTUMN_2026.at(5, MONDAY, "12:00"), overrule),
    Scene(AUTUMN_2026.at(6, THURSDAY, "12:00"), show_reviews),
    Scene(AUTUMN_2026.at(7, MONDAY, "12:00"), take_back),
    Scene(AUTUMN_2026.at(10, FRIDAY, "12:00"), note_attendance),
    Scene(AUTUMN_2026.at(11, THURSDAY, "10:00"), make_up),
    Scene(AUTUMN_2026.at(11, THURSDAY, "13:00"), mark_make_up),
    Scene(PRESENT - timedelta(minutes=20), sit_now),
)
