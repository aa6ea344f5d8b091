"""What the staff grader reads: open responses and what was said of them (contracts/edx-core.md §15)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from app.rest.openedx.asking import Asked
from app.rest.openedx.kinds import TEXT, WHOLE
from app.rest.route import Call, Row, Schema, closed, nullable

LOCKS = {"UNLOCKED": "unlocked", "LOCKED": "locked", "OWN": "in-progress"}
DEMANDS = {"REQUIRED": "required", "OPTIONAL": "optional", "NONE": "none"}
FEEDBACK = {**DEMANDS, "NONE": "disabled"}
GRADED, UNGRADED = "graded", "ungraded"


def words(found: Mapping[str, str]) -> Schema:
    """The schema of one of some words."""
    return {"type": "string", "enum": list(found.values())}


def listed(items: Schema) -> Schema:
    """The schema of a list."""
    return {"type": "array", "items": items}


LOCK = {"lockStatus": words(LOCKS)}
STATUS = {"gradeStatus": {"type": "string", "enum": [GRADED, UNGRADED]}}
SCORE = closed({"pointsEarned": WHOLE, "pointsPossible": WHOLE})
CRITERION: Schema = {
    **closed({"name": TEXT, "feedback": TEXT, "points": WHOLE, "selectedOption": TEXT}),
    "required": ["name", "feedback"],
}
GRADE: Schema = {
    **closed({"score": SCORE, "overallFeedback": TEXT, "criteria": listed(CRITERION)}),
    "required": [],
}
FILES = listed(closed({"downloadUrl": TEXT, "description": TEXT, "name": TEXT, "size": WHOLE}))
GRADED_BODY = closed({"gradeData": GRADE, **STATUS, **LOCK})
WHOLE_BODY = closed({"gradeData": GRADE, **STATUS, **LOCK, "response": closed({"files": FILES, "text": listed(TEXT)})})
FILES_BODY = closed({"files": FILES})
LOCK_BODY = closed(LOCK)
OPTION = closed({"label": TEXT, "points": WHOLE, "explanation": TEXT, "name": TEXT, "orderNum": WHOLE})
RUBRIC = closed(
    {
        "feedbackPrompt": TEXT,
        "criteria": listed(
            closed(
                {
                    **{"label": TEXT, "prompt": TEXT, "feedback": words(FEEDBACK), "name": TEXT, "orderNum": WHOLE},
                    "options": listed(OPTION),
                }
            )
        ),
    }
)
ORA = closed(
    {
        "name": TEXT,
        "prompts": listed(closed({"description": TEXT})),
        "type": {"type": "string", "enum": ["individual", "team"]},
        "textResponseConfig": words(DEMANDS),
        "textResponseEditor": {"type": "string", "enum": ["text", "tinymce"]},
        "fileUploadResponseConfig": words(DEMANDS),
        "rubricConfig": RUBRIC,
    }
)
SUBMISSION = closed(
    {
        "submissionUUID": TEXT,
        **dict.fromkeys(("username", "email", "fullname", "teamName"), nullable(TEXT)),
        **{"dateSubmitted": TEXT, "dateGraded": TEXT, "gradedBy": nullable(TEXT)},
        **STATUS,
        **LOCK,
        "score": nullable(SCORE),
    }
)
INITIAL = closed(
    {
        "courseMetadata": closed(dict.fromkeys(("title", "org", "number", "courseId"), TEXT)),
        "oraMetadata": ORA,
        "submissions": {"type": "object", "additionalProperties": SUBMISSION},
        "isEnabled": {"type": "boolean"},
    }
)


def initial(data: Row, call: Call) -> Row:
    """What is asked, and a row for each response by its UUID."""
    block, run = data["block"], data["block"]["run"]
    course = run["course"]
    return {
        "courseMetadata": {
            "title": run["title"],
            "org": course["organization"]["key"],
            "number": course["number"],
            "courseId": run["key"],
        },
        "oraMetadata": asked_of(block["name"], block["problem"]["open_response"]),
        "submissions": {
            each["uuid"]: listed_response(each) for each in block["problem"]["responses"] if each["uuid"] is not None
        },
        "isEnabled": True,
    }


def asked_of(name: str, found: Row) -> Row:
    """What an open response asks, and its rubric."""
    return {
        "name": name,
        "prompts": [{"description": each} for each in found["prompts"]],
        "type": "team" if found["is_in_teams"] else "individual",
        "textResponseConfig": DEMANDS[found["text"]],
        "textResponseEditor": "tinymce" if found["has_rich_text"] else "text",
        "fileUploadResponseConfig": DEMANDS[found["files"]],
        "rubricConfig": {
            "feedbackPrompt": found["feedback_prompt"],
            "criteria": [
                {
                    **{name: each[name] for name in ("label", "prompt", "name")},
                    "feedback": FEEDBACK[each["feedback"]],
                    "orderNum": number,
                    "options": [{**option, "orderNum": place} for place, option in enumerate(each["options"])],
                }
                for number, each in enumerate(found["criteria"])
            ],
        },
    }


def listed_response(row: Row) -> Row:
    """A response as a row of the list."""
    user, group = row["sitting"]["user"] or {}, row["sitting"]["group"] or {}
    mark = mark_of(row)
    return {
        "submissionUUID": row["uuid"],
        "username": user.get("username"),
        "email": user.get("email"),
        "fullname": user.get("name"),
        "teamName": group.get("name"),
        "dateSubmitted": moment(row["submitted_at"]),
        "dateGraded": moment(mark["graded_at"]) if mark else "None",
        "gradedBy": mark["grader"] and mark["grader"]["username"] if mark else None,
        "gradeStatus": GRADED if mark else UNGRADED,
        "lockStatus": LOCKS[row["lock_status"]],
        "score": grade_of(row)["score"] if mark else None,
    }


def moment(value: datetime) -> str:
    """A moment as the staff grader writes it, with a space (§0.5)."""
    return value.isoformat(sep=" ")


def mark_of(row: Row) -> Row | None:
    """The mark of a response that has one with points."""
    found: Sequence[Row] = [each for each in row["scores"] if each["value"] is not None]
    return found[0] if found else None


def grade_of(row: Row) -> Row:
    """What was said of a response; nothing of one that is not marked, the points alone without a rubric."""
    mark = mark_of(row)
    if mark is None:
        return {}
    said = mark["rubric"] or {"points": mark["value"], "max_points": mark["problem"]["max_points"], "criteria": []}
    return {
        "score": {"pointsEarned": round(said["points"]), "pointsPossible": round(said["max_points"])},
        "overallFeedback": mark["feedback"] or "",
        "criteria": [criterion(each) for each in said["criteria"]],
    }


def criterion(said: Row) -> Row:
    """What was said by a criterion; without options there are neither points nor an option."""
    made = {"name": said["name"], "feedback": said["feedback"]}
    return made if said["option"] is None else {**made, "points": said["points"], "selectedOption": said["option"]}


def status_of(row: Row) -> Row:
    """What was said of a response, and who has claimed it."""
    grade = grade_of(row)
    return {
        "gradeData": grade,
        "gradeStatus": GRADED if grade else UNGRADED,
        "lockStatus": LOCKS[row["lock_status"]],
    }


def files_of(row: Row, base: str) -> list[Row]:
    """The files of a response, with the addresses to read them from."""
    return [
        {
            "downloadUrl": f"{base}/files/{each['id']}",
            "description": each["description"] or "",
            "name": each["name"],
            "size": each["size"],
        }
        for each in row["files"]
    ]


def whole(data: Row, call: Call) -> Row:
    """A response, and what was said of it."""
    asked: Asked = data["asked"]
    row = data["submission"]
    return {**status_of(row), "response": {"files": files_of(row, asked.base), "text": row["texts"]}}


def status(data: Row, call: Call) -> Row:
    """What was said of a response, and who has claimed it."""
    return status_of(data["submission"])


def files(data: Row, call: Call) -> Row:
    """The files of a response."""
    asked: Asked = data["asked"]
    return {"files": files_of(data["submission"], asked.base)}


def lock(data: Row, call: Call) -> dict[str, Any]:
    """Who has claimed a response."""
    return {"lockStatus": LOCKS[data["submission"]["lock_status"]]}
