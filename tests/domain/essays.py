"""Of the site: an open response with a rubric, handed in by the student, and every use case about it once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from app.context import Context
from app.domain.assessments.models import Problem
from app.domain.assessments.subsections import assess_block
from app.domain.attempts.files import DescribedFile
from app.domain.attempts.locking import lock_submission, unlock_submission, unlock_submissions
from app.domain.attempts.responding import submit_open_response
from app.domain.blocks.models import Block
from app.domain.blocks.service import create_block
from app.domain.grades.rubrics import CriterionChoice, grade_open_response
from tests.domain import contents
from tests.domain.contents import UseCase
from tests.domain.proof import key_of
from tests.factories import University

ESSAY = """<title>Essay</title><prompts><prompt><description>&lt;p&gt;Why?&lt;/p&gt;</description></prompt>
<prompt><description>And how?</description></prompt></prompts><rubric>
<criterion feedback="optional"><name>Ideas</name><label>The ideas</label><prompt>Are there any?</prompt>
<option points="0"><name>Poor</name><label>None</label><explanation>Not one.</explanation></option>
<option points="3"><name>Good</name><label>Many</label><explanation>At least two.</explanation></option></criterion>
<criterion><name>Style</name><label>The style</label><prompt>Is it good?</prompt>
<option points="1"><name>Fair</name><label>Fair</label><explanation/></option>
<option points="2"><name>Good</name><label>Good</label><explanation/></option></criterion>
<criterion feedback="required"><name>Remark</name><prompt>Anything else?</prompt></criterion>
<feedbackprompt>What of the whole?</feedbackprompt></rubric>"""
SETTINGS = {"text_response": "required", "file_upload_response": "optional"}
TEXTS = ["Because.", "So."]
NOTES = DescribedFile("notes.txt", b"my notes", "text/plain", description="What I noted")
GOOD = (
    CriterionChoice("Ideas", "Good", "Two!"),
    CriterionChoice("Style", "Fair"),
    CriterionChoice("Remark", None, "None."),
)


@dataclass(frozen=True, slots=True)
class Essay:
    """An open response of 5 points in two prompts, and the student's, with a file."""

    block_id: int
    assessment_id: int
    problem_id: int
    submission_id: int


async def essay(world: University, parent_id: int, category_id: int, **details: Any) -> Essay:
    """An open response below a block, which alone is the assessment; `details` of the block."""
    place: dict[str, Any] = {"course_instance_id": world.course_instance_id, "parent_id": parent_id}
    said = {"name": "Essay", "content": ESSAY, "fields": SETTINGS, **details}
    block_id = await create_block(world.admin, **place, kind="openassessment", **said)
    assessment_id = await assess_block(world.admin, block_id=block_id, category_id=category_id)
    problem_id = await key_of(world.admin, Problem, block_id=block_id)
    handed_in = await submit_open_response(world.student, problem_id=problem_id, texts=TEXTS, files=[NOTES])
    return Essay(block_id, assessment_id, problem_id, handed_in)


async def essay_in(world: University, category_id: int) -> Essay:
    """The same below the root of the first course instance, which is made if there is none."""
    here: dict[str, Any] = {"course_instance_id": world.course_instance_id}
    root = select(Block.id).where(Block.course_instance_id == world.course_instance_id, Block.depth == 0)
    root_id = await world.admin.db.scalar(root) or await create_block(world.admin, **here, kind="course", name="Root")
    return await essay(world, root_id, category_id)


async def _grade(site: Any, ctx: Context) -> int:
    """Claim and mark."""
    await lock_submission(ctx, submission_id=site.essay.submission_id)
    return await grade_open_response(ctx, submission_id=site.essay.submission_id, criteria=GOOD)


USE_CASES: dict[str, UseCase] = {
    **contents.USE_CASES,
    "submit_open_response": lambda s, c: submit_open_response(c, problem_id=s.essay.problem_id, texts=TEXTS),
    "lock_submission": lambda s, c: lock_submission(c, submission_id=s.essay.submission_id),
    "unlock_submission": lambda s, c: unlock_submission(c, submission_id=s.essay.submission_id),
    "unlock_submissions": lambda s, c: unlock_submissions(
        c, problem_id=s.essay.problem_id, submission_ids=[s.essay.submission_id]
    ),
    "grade_open_response": _grade,
}
