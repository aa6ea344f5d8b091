"""Open responses marked by the staff (contracts/edx-core.md §15)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.domain.catalog.keys import parse_usage
from app.errors import BadRequest
from app.rest.openedx import ora_sample as sample
from app.rest.openedx import ora_words as told
from app.rest.openedx.asking import MOST_CHARACTERS, Asked
from app.rest.openedx.endpoint import ANYBODY, Made, Operation
from app.rest.openedx.kinds import parameter
from app.rest.openedx.refusals import ERROR, Refused, Unread
from app.rest.route import Row, closed

HERE = "/ora_staff_grader"
MISSING, BAD_LOCATION, INTERNAL, UNKNOWN = "ERR_MISSING_PARAM", "ERR_BAD_ORA_LOCATION", "ERR_INTERNAL", "ERR_UNKNOWN"
LOCK_CONTESTED, GRADE_CONTESTED = "ERR_LOCK_CONTESTED", "ERR_GRADE_CONTESTED"
KIND = "openassessment"
MOST = 1000
"""UUIDs in a batch."""


def _needed(asked: Asked, *names: str) -> list[str]:
    """The parameters of the query of these names. Raises Refused 400 for one that is missing or blank."""
    values = [(asked.given(name) or "").strip() for name in names]
    if not all(values):
        raise Refused(400, code=MISSING)
    return values


async def _enter(asked: Asked, location: str, handler: str) -> int:
    """Be about the course run of an open response; the id of its problem. `handler` is what upstream would ask.

    Raises Refused: 400 for what is no open response, 403 for who is not of its staff.
    """
    block = None
    if len(location) <= MOST_CHARACTERS and parse_usage(location) is not None:
        block = (await asked.look("ResponseBlock", usage_key=location))["block"]
    if block is None or block["kind"] != KIND or block["problem"] is None:
        raise Refused(400, code=BAD_LOCATION)
    await asked.enter(block["run"])
    if not asked.is_staff:
        raise Refused(403, code=INTERNAL, more={"handler": handler})
    return int(block["problem"]["id"])


async def _found(asked: Asked, problem_id: int, uuids: list[str]) -> list[int]:
    """The ids of the responses to a problem that have these UUIDs."""
    known = [each for each in uuids if each.isprintable() and len(each) <= MOST_CHARACTERS]
    rows = (await asked.ask("Responses", uuids=known))["submissions"]["nodes"]
    return [each["id"] for each in rows if each["question"] and each["question"]["problem"]["id"] == problem_id]


async def _response(asked: Asked, handler: str) -> int:
    """The id of the response that the query names. Raises Refused 404 for one that is not there, and like `_enter`."""
    location, uuid = _needed(asked, "oraLocation", "submissionUUID")
    found = await _found(asked, await _enter(asked, location, handler), [uuid])
    if not found:
        raise Refused(404, code=INTERNAL, more={"handler": handler})
    return found[0]


async def all_of_it(asked: Asked) -> Mapping[str, Any]:
    """Which open response."""
    (location,) = _needed(asked, "oraLocation")
    await _enter(asked, location, "list_staff_workflows")
    return {"usage_key": location}


async def response(asked: Asked) -> Mapping[str, Any]:
    """Which response."""
    return {"submission_id": await _response(asked, "get_submission_info")}


async def assessed(asked: Asked) -> Mapping[str, Any]:
    """Which response."""
    return {"submission_id": await _response(asked, "get_assessment_info")}


async def claimed(asked: Asked) -> Mapping[str, Any]:
    """Claim a response. Raises Refused 409 as long as it is another's."""
    return await _lock(asked, "Claim", "claim_submission_lock")


async def unclaimed(asked: Asked) -> Mapping[str, Any]:
    """Give a claim up. Raises Refused 409 when it is another's."""
    return await _lock(asked, "Unclaim", "delete_submission_lock")


async def _lock(asked: Asked, write: str, handler: str) -> Mapping[str, Any]:
    submission_id = await _response(asked, handler)
    if _code(await asked.ask(write, input={"submissionId": str(submission_id)})) is not None:
        raise Refused(409, code=LOCK_CONTESTED, more={"lockStatus": told.LOCKS["LOCKED"]})
    return {"submission_id": submission_id}


async def marked(asked: Asked) -> Mapping[str, Any]:
    """Mark a response. Raises Refused: 409 with what is said of it unless one has claimed it, 400 for no marks."""
    handler = "submit_staff_assessment"
    submission_id = await _response(asked, handler)
    code = await _mark(asked, submission_id)
    if code == "LOCKED":
        row = (await asked.ask("Response", submission_id=submission_id))["submission"]
        raise Refused(409, code=GRADE_CONTESTED, more=told.status_of(row))
    if code is not None:
        raise Refused(400, code=INTERNAL, more={"handler": handler})
    return {"submission_id": submission_id}


async def _mark(asked: Asked, submission_id: int) -> str | None:
    """Mark a response with what is sent; why that is refused, None when it is done."""
    feedback, criteria = asked.field("overallFeedback"), asked.field("criteria")
    if not (_are_choices(criteria) and isinstance(feedback, str | None)):
        return "INVALID"
    choices = [_choice(each) for each in criteria]
    given = {"submissionId": str(submission_id), "criteria": choices, "feedback": feedback or ""}
    try:
        return _code(await asked.ask("Mark", input=given))
    except BadRequest:
        return "INVALID"


def _are_choices(criteria: Any) -> bool:
    """Whether these are objects of texts."""
    if not isinstance(criteria, list):
        return False
    names = ("name", "selectedOption", "feedback")
    return all(
        isinstance(each, dict) and "name" in each and all(isinstance(each.get(name, ""), str | None) for name in names)
        for each in criteria
    )


def _choice(said: Row) -> Row:
    option = said.get("selectedOption")
    return {
        "name": said["name"] or "",
        **({} if option is None else {"option": option}),
        "feedback": said.get("feedback") or "",
    }


def _code(data: Row) -> str | None:
    """Why a rule forbade a write; None when none did."""
    (payload,) = data.values()
    return next((str(each["code"]) for each in payload["userErrors"]), None)


async def many(asked: Asked) -> Mapping[str, Any]:
    """Which claims to give up. What is no response to it is passed over."""
    (location,) = _needed(asked, "oraLocation")
    uuids = asked.field("submissionUUIDs")
    if not isinstance(uuids, list) or len(uuids) > MOST:
        raise Refused(400, code=MISSING)
    problem_id = await _enter(asked, location, "batch_delete_submission_lock")
    found = await _found(asked, problem_id, [each for each in uuids if isinstance(each, str)])
    return {"input": {"problemId": str(problem_id), "submissionIds": [str(each) for each in found]}}


async def not_served(asked: Asked) -> Mapping[str, Any]:
    """Refuse: a path that is only written to (§24)."""
    raise Unread(405, f'Method "{asked.request.method}" not allowed.')


def _sampled(body: Row, schema: Any) -> Made:
    """A body that is always the same."""
    return Made(make=lambda data, call: body, made=schema)


LOCATION = parameter("oraLocation", "The key of the open response's block.", required=True)
OF_ONE = (LOCATION, parameter("submissionUUID", "The UUID of the response.", required=True))
NOTHING = _sampled({}, closed({}))

ROUTES = [
    Operation(
        "GET",
        f"{HERE}/initialize",
        "Initialize",
        Made(make=told.initial, made=told.INITIAL),
        style=ERROR,
        plan=all_of_it,
        parameters=(LOCATION,),
    ),
    *(
        Operation("GET", HERE + path, operation, body, style=ERROR, plan=plan, parameters=OF_ONE)
        for path, operation, body, plan in (
            ("/submission", "Response", Made(make=told.whole, made=told.WHOLE_BODY), response),
            ("/submission/status", "ResponseStatus", Made(make=told.status, made=told.GRADED_BODY), assessed),
            ("/submission/files", "ResponseFiles", Made(make=told.files, made=told.FILES_BODY), response),
        )
    ),
    *(
        Operation(method, HERE + path, operation, body, style=ERROR, plan=plan, parameters=OF_ONE)
        for method, path, operation, body, plan in (
            ("POST", "/submission/lock", "ResponseLock", Made(make=told.lock, made=told.LOCK_BODY), claimed),
            ("DELETE", "/submission/lock", "ResponseUnlock", Made(make=told.lock, made=told.LOCK_BODY), unclaimed),
            ("POST", "/submission/grade", "ResponseGrade", Made(make=told.status, made=told.GRADED_BODY), marked),
        )
    ),
    Operation(
        "POST",
        f"{HERE}/submission/batch/unlock",
        "BatchUnlock",
        NOTHING,
        style=ERROR,
        plan=many,
        parameters=(LOCATION,),
    ),
    *(
        Operation("GET", HERE + path, "NotServed", NOTHING, style=ERROR, needs=ANYBODY, plan=not_served)
        for path in ("/submission/lock", "/submission/grade", "/submission/batch/unlock", "/mock/submission/grade")
    ),
    *(
        Operation(method, f"{HERE}/mock{path}", "Sample", _sampled(body, schema), style=ERROR, needs=ANYBODY)
        for method, path, body, schema in (
            ("GET", "/initialize", sample.INITIAL, told.INITIAL),
            ("GET", "/submission", sample.WHOLE, told.WHOLE_BODY),
            ("GET", "/submission/status", sample.NOT_GRADED, told.GRADED_BODY),
            ("POST", "/submission/lock", {"lockStatus": "in-progress"}, told.LOCK_BODY),
            ("DELETE", "/submission/lock", {"lockStatus": "unlocked"}, told.LOCK_BODY),
            ("POST", "/submission/grade", sample.MARKED, told.GRADED_BODY),
        )
    ),
]
