"""Who may write what is done in the background, for the matrix of all mutations."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.domain.site import Site

MATRIX = {
    "requestReport": "UFN+++",
    "revokeJob": "UNN+++",
    "placeInCohortsByFile": "UFNF++",
    "scheduleMessage": "UFNF++",
    "updateMessage": "UNNF++",
}

INPUTS: dict[str, Callable[[Site], dict[str, Any]]] = {
    "requestReport": lambda s: {
        "courseInstanceId": s.world.course_instance_id,
        "kind": "PROBLEM_RESPONSES",
        "blockIds": [s.contents.text_id],
    },
    "revokeJob": lambda s: {"jobId": s.contents.job_id},
    "placeInCohortsByFile": lambda s: {
        "courseInstanceId": s.world.course_instance_id,
        "file": {"name": "new.csv", "contents": "Y29ob3J0LGVtYWlsDQo="},
    },
    "scheduleMessage": lambda s: {
        "courseInstanceId": s.world.course_instance_id,
        "targets": ["learners"],
        "subject": "New",
        "html": "New",
    },
    "updateMessage": lambda s: {"courseMessageId": s.contents.message_id, "subject": "New"},
}
