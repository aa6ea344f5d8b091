"""The learners' own analyses in Data Analysis for Everyone: an open response with a rubric, claimed and marked."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from app.demo.analysis import ASSISTANT, PLACE, TEACHER
from app.demo.calendar import AUTUMN_2026, FRIDAY, MONDAY, PRESENT
from app.demo.stage import Scene, Stage
from app.demo.units import KEY, add_block
from app.domain.assessments.models import Assessment, Problem
from app.domain.assessments.open_responses import KIND
from app.domain.assessments.problems import update_problem
from app.domain.assessments.service import update_assessment
from app.domain.assessments.subsections import assess_block
from app.domain.attempts.files import DescribedFile
from app.domain.attempts.locking import lock_submission
from app.domain.attempts.models import AssessmentInstance, InstanceQuestion, Submission
from app.domain.attempts.responding import submit_open_response
from app.domain.blocks.models import Block
from app.domain.grades.rubrics import CriterionChoice, grade_open_response
from app.domain.identity.models import User

NOTEBOOK, TITLE = "notebook", "Your own analysis"
RUBRIC = """<title>Your own analysis</title><prompts>
<prompt><description>&lt;p&gt;What did you ask of the numbers?&lt;/p&gt;</description></prompt>
<prompt><description>&lt;p&gt;What did they say?&lt;/p&gt;</description></prompt></prompts><rubric>
<criterion feedback="optional"><name>Question</name><label>The question</label><prompt>Can numbers answer it?</prompt>
<option points="0"><name>Vague</name><label>Vague</label><explanation>No number would answer it.</explanation></option>
<option points="10"><name>Clear</name><label>Clear</label><explanation>A number answers it.</explanation></option>
</criterion><criterion><name>Figures</name><label>The figures</label><prompt>Do they show the answer?</prompt>
<option points="8"><name>Some</name><label>Some</label><explanation>One is missing.</explanation></option>
<option points="20"><name>All</name><label>All</label><explanation>Every step is shown.</explanation></option>
</criterion><feedbackprompt>What would you ask next?</feedbackprompt></rubric>"""
SETTINGS = {
    "text_response": "required",
    "file_upload_response": "optional",
    "text_response_editor": "tinymce",
    "prompts_type": "html",
}
TEXTS = ("<p>Do fewer people cycle when it rains?</p>", "<p>Half as many, and fewer still on weekends.</p>")
FIGURE = DescribedFile(
    "rain.csv", b"day,rain,bicycles\nMon,0,812\nTue,9,398\n", "text/csv", description="Rain and rides"
)
CHOSEN = (CriterionChoice("Question", "Clear", "A good one."), CriterionChoice("Figures", "Some"))


async def ask(stage: Stage) -> None:
    """The notebook is a subsection with an open response in it, which says by what it is marked."""
    ctx, assessment_id = stage.acting(TEACHER), stage.cast.assessments[PLACE, NOTEBOOK]
    chapter_id = await stage.db.scalar(
        select(Block.id).where(Block.usage_key == KEY.format(kind="chapter", name="conclusions"))
    )
    dates: dict[str, Any] = {"start_at": AUTUMN_2026.at(8), "due_at": AUTUMN_2026.at(14, FRIDAY, "23:59")}
    subsection_id = await add_block(stage, "sequential", NOTEBOOK, TITLE, chapter_id, **dates)
    unit_id = await add_block(stage, "vertical", f"{NOTEBOOK}-unit", "Hand in", subsection_id)
    asked: dict[str, Any] = {"content": RUBRIC, "fields": SETTINGS}
    block_id = await add_block(stage, KIND, NOTEBOOK, TITLE, unit_id, **asked)
    await update_assessment(ctx, assessment_id=assessment_id, block_id=subsection_id)
    await update_problem(ctx, problem_id=await _problem(stage), block_id=block_id)
    statement = select(Assessment.category_id).where(Assessment.id == assessment_id)
    await assess_block(ctx, block_id=subsection_id, category_id=await stage.db.scalar(statement))


async def answer(stage: Stage) -> None:
    """Two of those who have begun hand in."""
    sat, problem_id = AssessmentInstance, await _problem(stage)
    statement = select(User.username).join(sat, sat.user_id == User.id)
    begun = statement.where(sat.assessment_id == stage.cast.assessments[PLACE, NOTEBOOK], sat.is_open)
    for username, files in zip(
        await stage.db.fetch(begun.order_by(User.username).limit(2)), ([FIGURE], []), strict=True
    ):
        await submit_open_response(stage.acting(username[0]), problem_id=problem_id, texts=TEXTS, files=files)


async def mark(stage: Stage) -> None:
    """The assistant marks the first of them, and has claimed the second."""
    problem_id, question = await _problem(stage), InstanceQuestion
    statement = select(Submission.id).join(question, question.id == Submission.instance_question_id)
    new = statement.where(question.problem_id == problem_id, Submission.uuid.is_not(None))
    first, second = (row[0] for row in await stage.db.fetch(new.order_by(Submission.id)))
    ctx = stage.acting(ASSISTANT)
    for submission_id in (first, second):
        await lock_submission(ctx, submission_id=submission_id)
    told = "Next: does the day of the week matter more than the rain?"
    await grade_open_response(ctx, submission_id=first, criteria=CHOSEN, feedback=told)


async def _problem(stage: Stage) -> int:
    assessment_id = stage.cast.assessments[PLACE, NOTEBOOK]
    return int(await stage.db.scalar(select(Problem.id).where(Problem.assessment_id == assessment_id)))


SCENES = (
    Scene(AUTUMN_2026.at(7, MONDAY), ask),
    Scene(AUTUMN_2026.at(12, MONDAY, "11:00"), answer),
    Scene(PRESENT - timedelta(hours=1), mark),
)
