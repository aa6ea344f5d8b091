"""How blocks and what is assessed refer to each other."""

from __future__ import annotations

from datetime import datetime

from app.domain.assessments.models import Assessment as AssessmentRow
from app.domain.assessments.models import Problem as ProblemRow
from app.domain.assessments.pacing import own_due_dates
from app.domain.blocks.models import Block as BlockRow
from schema.assessments.types import Assessment, Problem
from schema.blocks.types import Block
from schema.core.declare import batch
from schema.core.node import extend
from schema.core.relate import one


@extend(Block)
class BlockAssessments:
    """What it is graded by."""

    assessment = one(BlockRow.id, "The assessment that a graded block is.", to=AssessmentRow.block_id)
    problem = one(BlockRow.id, "The problem of an assessment that it is.", to=ProblemRow.block_id)
    own_due_at = batch(
        own_due_dates,
        BlockRow.id,
        lambda: datetime | None,
        "When it is due for you: by your extension, at your own pace where the course instance is so, else `dueAt`.",
    )


@extend(Assessment)
class AssessmentBlock:
    """What it grades."""

    block = one(AssessmentRow.block_id, "The block that it is.")


@extend(Problem)
class ProblemBlock:
    """What it marks."""

    block = one(ProblemRow.block_id, "The block that it is.")
