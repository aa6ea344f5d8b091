"""Open responses are handed in: a text for each prompt, and files with what their owner says of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.context import Context
from app.domain.assessments.models import Problem
from app.domain.assessments.open_responses import Demand, OpenResponse, restored
from app.domain.attempts.files import DescribedFile
from app.domain.attempts.service import start_assessment_instance
from app.domain.attempts.submitting import Answer, Work, submit_for_all
from app.domain.identity.policy import may_write
from app.domain.rows import visible_row
from app.domain.rules import text
from app.errors import RuleBroken, UserErrorCode

TEXTS = "texts"
"""The key of the texts in the answer."""


async def submit_open_response(
    ctx: Context, *, problem_id: int, texts: Sequence[str] = (), files: Sequence[DescribedFile] = ()
) -> int:
    """Hand in an open response for oneself, or one's group, in the open sitting or a new one; the submission's id.

    Raises like `start_assessment_instance` and `submit`, at `problemId`; RuleBroken: INVALID at `problemId` for one
    that asks for no open response, at `texts` for more or fewer than prompts, and for what is not taken; REQUIRED at
    `texts` and `files` that are asked for.
    """
    may_write(ctx)
    problem = await visible_row(ctx, Problem, problem_id, Problem.assessment_id, Problem.open_response)
    if problem.open_response is None:
        raise RuleBroken(UserErrorCode.INVALID, "it asks for no open response", "problemId")
    said = [text(each, "texts", str(index), may_be_empty=True) for index, each in enumerate(texts)]
    _require_asked(restored(problem.open_response), said, files)
    for index, each in enumerate(files):
        text(each.description, "files", str(index), "description", may_be_empty=True)
    try:
        sitting = await start_assessment_instance(ctx, assessment_id=problem.assessment_id)
    except RuleBroken as broken:
        raise RuleBroken(broken.reason, str(broken), "problemId") from None
    work = Work([Answer(problem_id, {TEXTS: said})], files, problem_id)
    return (await submit_for_all(ctx, sitting, work, "problemId"))[0]


def response_texts(answer: Mapping[str, Any] | None) -> list[str]:
    """The texts of an answer; none where it is no open response."""
    texts = (answer or {}).get(TEXTS)
    return [each for each in texts if isinstance(each, str)] if isinstance(texts, list) else []


def _require_asked(asked: OpenResponse, texts: Sequence[str], files: Sequence[DescribedFile]) -> None:
    """Raise REQUIRED or INVALID unless there is what is asked for, and nothing else."""
    for demand, field, is_given in ((asked.text, "texts", any(texts)), (asked.files, "files", bool(files))):
        if demand is Demand.REQUIRED and not is_given:
            raise RuleBroken(UserErrorCode.REQUIRED, "it is asked for", field)
        if demand is Demand.NONE and is_given:
            raise RuleBroken(UserErrorCode.INVALID, "it is not asked for", field)
    if texts and len(texts) != len(asked.prompts):
        raise RuleBroken(UserErrorCode.INVALID, f"there are {len(asked.prompts)} prompts", "texts")
