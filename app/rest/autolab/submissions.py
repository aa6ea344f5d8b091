"""One's own submissions, and what was said of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.rest.autolab.assessments import ASSESSMENT
from app.rest.autolab.endpoint import STUDENT, Asked, Made, Operation
from app.rest.autolab.parameters import required, text
from app.rest.autolab.refusals import Refused
from app.rest.autolab.words import INSTANT, INTEGER, TEXT, listed, parameter, versions
from app.rest.route import Call, Row, closed

PATH = ASSESSMENT + "/submissions"
UNRELEASED = "unreleased"
SUBMISSION = closed(
    {
        "version": INTEGER,
        "filename": TEXT,
        "created_at": INSTANT,
        "scores": {
            "type": "object",
            "additionalProperties": {
                "type": ["number", "string", "null"],
                "description": f"Points; `{UNRELEASED}`; null: released without a value.",
            },
        },
    }
)


async def whose_work(asked: Asked, user_id: int) -> dict[str, Any]:
    """The variables that find a person's work: theirs, and that of their groups of today."""
    found = (await asked.look("Groups", user_id=user_id))["user"]["memberships"]
    groups = [each["group"]["id"] for each in found if each["left_at"] is None and each["group"] is not None]
    return {"user_ids": [user_id], "group_ids": groups, "user_id": user_id}


async def own_work(asked: Asked) -> Mapping[str, Any]:
    """The variables that find the caller's work."""
    return await whose_work(asked, asked.ctx.user_id)


async def problem_of_own_work(asked: Asked) -> Mapping[str, Any]:
    """The same, and of which problem the feedback is asked for."""
    return {"problem": text(required(asked.sent, "problem")), **await own_work(asked)}


def submissions(data: Row, call: Call) -> list[Row]:
    """The newest version first; nobody sees here what is not released."""
    name = data["assessment"]["handin_filename"]
    return [
        {
            "version": version,
            "filename": f"{version}_{name or first_name(each)}",
            "created_at": each["created_at"],
            "scores": {
                score["problem"]["name"]: score["value"] if score["is_released"] else UNRELEASED
                for score in each["scores"]
            },
        }
        for version, each in reversed(own_versions(data))
    ]


def feedback(data: Row, call: Call) -> Row:
    """That on the named problem, else the first there is. Raises Refused 404, in the documented order."""
    asked, problem = data["asked"], data["found"]["problem"]
    name, version = data["assessment"]["name"], asked.path["version"]
    if problem not in {each["name"] for each in data["assessment"]["problems"]}:
        raise Refused(404, f"Problem named {problem} does not exist for {name}")
    found = {str(number): each for number, each in own_versions(data)}.get(version)
    if found is None:
        raise Refused(404, f"Submission version {version} does not exist for {name}")
    shown = [each for each in found["scores"] if asked.level != STUDENT or each["is_released"]]
    named = [each for each in shown if each["problem"]["name"] == problem]
    texts = [each["feedback"] for each in named + shown if each["feedback"] is not None]
    if not texts:
        raise Refused(404, f"Score for {problem} of submission version {version} of {name} does not exist")
    return {"feedback": texts[0]}


def own_versions(data: Row) -> list[tuple[int, Row]]:
    """The caller's submissions by version."""
    return versions(data["assessmentInstances"]["nodes"], data["found"]["user_id"])


def first_name(submission: Row) -> str:
    """The name of the first file that was handed in."""
    return str(submission["files"][0]["name"]) if submission["files"] else "handin"


ROUTES = [
    Operation(
        "GET",
        PATH,
        "Submissions",
        Made(make=submissions, made=listed(SUBMISSION)),
        scopes=("user_scores",),
        plan=own_work,
    ),
    Operation(
        "GET",
        PATH + "/{version}/feedback",
        "Feedback",
        Made(make=feedback, made=closed({"feedback": TEXT})),
        parameters=(parameter("problem", TEXT, "Name of the problem.", needed=True),),
        scopes=("user_scores",),
        plan=problem_of_own_work,
    ),
]
