"""The problems of an assessment: listed, added."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from app.rest.autolab.assessments import ASSESSMENT
from app.rest.autolab.endpoint import Asked, Made, Operation
from app.rest.autolab.parameters import flag, required, text
from app.rest.autolab.refusals import Refused
from app.rest.autolab.words import FLAG, MAYBE_TEXT, NUMBER, TEXT, listed, parameter
from app.rest.route import closed

PATH = ASSESSMENT + "/problems"
FAILURE = "Unable to create problem"
PROBLEM = closed({"name": TEXT, "description": MAYBE_TEXT, "max_score": NUMBER, "optional": FLAG, "starred": FLAG})


async def new_problem(asked: Asked) -> Mapping[str, Any]:
    """What is sent as the mutation's input."""
    sent = asked.sent
    name, max_score = text(required(sent, "name")), number(required(sent, "max_score"))
    if name is None or max_score is None:
        raise Refused(400, f"{FAILURE}: " + ("a score is a number" if max_score is None else "a name is a text"))
    return {
        "input": {
            "assessmentId": str(asked.assessment["id"]),
            "name": name,
            "maxPoints": max_score,
            "description": text(sent.get("description")) or "",
            "isOptional": flag(sent.get("optional")) or False,
            "isStarred": flag(sent.get("starred")) or False,
        }
    }


def number(value: Any) -> float | None:
    """A number as it is sent, as a number of JSON or as a text; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return found if math.isfinite(found) else None


ROUTES = [
    Operation(
        "GET",
        PATH,
        "Problems",
        Made(make=lambda data, call: data["assessment"]["problems"], made=listed(PROBLEM)),
        scopes=("user_courses", "instructor_all"),
    ),
    Operation(
        "POST",
        PATH,
        "CreateProblem",
        Made(make=lambda data, call: data["createProblem"]["problem"], made=PROBLEM),
        parameters=(
            parameter("name", TEXT, "Name, unique in the assessment.", needed=True),
            parameter("max_score", NUMBER, "Points that are 100 %.", needed=True),
            parameter("description", TEXT, "What it asks."),
            parameter("optional", FLAG, "Whether it may be left out."),
            parameter("starred", FLAG, "Whether its author marked it."),
        ),
        scopes=("instructor_all",),
        for_instructors=True,
        plan=new_problem,
        words={("name", "TAKEN"): ""},
        failure=FAILURE,
    ),
]
