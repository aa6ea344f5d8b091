"""How blocks and what is assessed refer to each other, and what open responses ask."""

from __future__ import annotations

from datetime import datetime

import strawberry

from app.domain.assessments.models import Assessment as AssessmentRow
from app.domain.assessments.models import Problem as ProblemRow
from app.domain.assessments.open_responses import Demand
from app.domain.assessments.pacing import effective_due_dates, missed_deadlines, own_due_dates
from app.domain.assessments.queries import open_responses_of
from app.domain.blocks.models import Block as BlockRow
from app.domain.catalog.models import CourseInstance as CourseInstanceRow
from schema.assessments.types import Assessment, Problem
from schema.blocks.types import Block
from schema.catalog.types import CourseInstance
from schema.core.declare import batch
from schema.core.enums import describe_enum
from schema.core.node import extend
from schema.core.relate import one

describe_enum(
    Demand,
    "Whether something is asked for.",
    REQUIRED="It must be there.",
    OPTIONAL="It may be there.",
    NONE="It is not taken.",
)


@strawberry.type(description="What a grader may choose by a criterion.")
class RubricOption:
    """A RubricOption of app.domain.assessments.open_responses."""

    name: str = strawberry.field(description="Name, unique in the criterion.")
    label: str = strawberry.field(description="What people read.")
    explanation: str = strawberry.field(description="When to choose it.")
    points: int = strawberry.field(description="What it is worth.")


@strawberry.type(description="What a grader looks at in an open response.")
class RubricCriterion:
    """A RubricCriterion of app.domain.assessments.open_responses."""

    name: str = strawberry.field(description="Name, unique in the rubric.")
    label: str = strawberry.field(description="What people read.")
    prompt: str = strawberry.field(description="What to look at.")
    feedback: Demand = strawberry.field(description="Whether the grader says something of it.")
    max_points: int = strawberry.field(description="Points of the best option.")
    options: list[RubricOption] = strawberry.field(description="What may be chosen; none: only a remark.")


@strawberry.type(description="What a problem asks people to write, and the rubric that it is marked by.")
class OpenResponse:
    """An OpenResponse of app.domain.assessments.open_responses."""

    title: str = strawberry.field(description="Title; empty where it has none.")
    prompts: list[str] = strawberry.field(description="What is asked, as HTML; each is answered by a text.")
    text: Demand = strawberry.field(description="Whether texts are asked for.")
    files: Demand = strawberry.field(description="Whether files are asked for.")
    has_rich_text: bool = strawberry.field(description="Whether the texts are written as HTML.")
    is_in_teams: bool = strawberry.field(description="Whether a group answers as one.")
    feedback_prompt: str = strawberry.field(description="What to say of the whole.")
    max_points: int = strawberry.field(description="Points of the best options of all criteria.")
    criteria: list[RubricCriterion] = strawberry.field(description="What a grader looks at, in order.")


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
    effective_due_at = batch(
        effective_due_dates,
        BlockRow.id,
        lambda: datetime | None,
        "The same, or where nothing is said of it, of the nearest block above of which something is.",
    )


@extend(CourseInstance)
class CourseInstanceDeadlines:
    """When things are due in it."""

    has_missed_deadlines = batch(
        missed_deadlines,
        CourseInstanceRow.id,
        bool,
        "Whether you go at your own pace and something graded is past its due date, but not complete.",
    )


@extend(Assessment)
class AssessmentBlock:
    """What it grades."""

    block = one(AssessmentRow.block_id, "The block that it is.")


@extend(Problem)
class ProblemBlock:
    """What it marks."""

    block = one(ProblemRow.block_id, "The block that it is.")


@extend(Problem)
class ProblemOpenResponse:
    """What it asks people to write."""

    open_response = batch(
        open_responses_of,
        ProblemRow.id,
        lambda: OpenResponse | None,
        "What it asks people to write, and its rubric; null where people mark nothing by a rubric.",
    )
