"""Inputs of the mutations about open responses, of the site's essay."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.domain.essays import GOOD, TEXTS

CHOICES = [{"name": each.name, "option": each.option, "feedback": each.feedback} for each in GOOD]
Inputs = dict[str, Callable[[Any], dict[str, Any]]]
RESPONDING: Inputs = {
    "submitOpenResponse": lambda s: {"problemId": s.essay.problem_id, "texts": TEXTS},
    "lockSubmission": lambda s: {"submissionId": s.essay.submission_id},
    "unlockSubmission": lambda s: {"submissionId": s.essay.submission_id},
    "unlockSubmissions": lambda s: {"problemId": s.essay.problem_id, "submissionIds": [s.essay.submission_id]},
}
MARKING: Inputs = {"gradeOpenResponse": lambda s: {"submissionId": s.essay.submission_id, "criteria": CHOICES}}
