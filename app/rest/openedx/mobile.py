"""What the apps for phones ask beside enrolments (contracts/edx-core.md §18)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from starlette.responses import RedirectResponse, Response

from app.domain.catalog.keys import parse_usage
from app.errors import BadRequest
from app.rest.openedx.announcements import handouts_of, updates_of
from app.rest.openedx.asking import Asked, whole
from app.rest.openedx.endpoint import Made, Operation
from app.rest.openedx.entry import course_access
from app.rest.openedx.kinds import TEXT, WHOLE
from app.rest.openedx.refusals import NOT_ALLOWED, NOT_FOUND, PLAIN, Refused
from app.rest.openedx.run import is_learner
from app.rest.route import Call, Row, Schema, closed, nullable

VERSIONS = ("v0.5", "v1", "v2", "v3", "v4")
VISITED = "v1"
"""The version that also tells the block that was completed last."""
MODULE, DATE = "invalid-module-id", "invalid-modification-date"
USER = closed({"id": WHOLE, **dict.fromkeys(("username", "email", "name", "course_enrollments"), TEXT)})
UPDATE = closed({"id": WHOLE, **dict.fromkeys(("date", "content", "status"), TEXT)})
STATUS = closed({"last_visited_module_id": TEXT, "last_visited_module_path": {"type": "array", "items": TEXT}})
VISITED_STATUS: Schema = {**STATUS, "properties": {**STATUS["properties"], "last_visited_block_id": TEXT}}
USERS, INFO = "/mobile/{api_version}/users/{username}", "/mobile/{api_version}/course_info"


async def versioned(asked: Asked) -> Mapping[str, Any]:
    """Nothing beside. Raises Refused for a version that there is not."""
    if asked.path["api_version"] not in VERSIONS:
        raise Refused(404, NOT_FOUND)
    return {}


async def oneself(asked: Asked) -> Mapping[str, Any]:
    """Nothing beside. Raises Refused for somebody else."""
    await versioned(asked)
    if asked.path["username"].lower() != (await asked.caller())["username"].lower():
        raise Refused(403, NOT_ALLOWED)
    return {}


async def entered(asked: Asked) -> Mapping[str, Any]:
    """Nothing beside. Raises Refused where the caller may not look into the run on a mobile device."""
    await versioned(asked)
    if asked.is_staff:
        return {}
    if not is_learner(asked.enrollment):
        raise Refused(404, NOT_FOUND)
    reason = closed_because((await asked.look("MobileRun", course_instance_id=asked.run["id"]))["run"], asked.ctx.now)
    if reason is not None:
        raise Refused(404, body=course_access(reason))
    return {}


def closed_because(run: Row, now: datetime) -> str | None:
    """Why a run is not open to its learners on mobile devices; None where it is."""
    if run["availability"] != "AVAILABLE":
        return "not_visible_to_user"
    if not run["is_mobile_available"]:
        return "mobile_unavailable"
    return "course_not_started" if run["start_at"] is not None and run["start_at"] > now else None


def to_oneself(data: Row, call: Call) -> Response:
    """The way to the caller's own page."""
    asked: Asked = data["asked"]
    return RedirectResponse(f"{asked.base}/api{_own(asked, data['viewer']['username'])}", 302)


def _own(asked: Asked, username: str) -> str:
    return USERS.format(api_version=asked.path["api_version"], username=username)


def person(data: Row, call: Call) -> Row:
    """The caller, and where their courses are."""
    asked, viewer = data["asked"], data["viewer"]
    address = f"{asked.base}/api{_own(asked, viewer['username'])}/course_enrollments/"
    told = {name: viewer[name] or "" for name in ("username", "email", "name")}
    return {"id": viewer["id"], **told, "course_enrollments": address}


async def status(asked: Asked) -> Mapping[str, Any]:
    """Of oneself in a run that one may enter. Raises Refused."""
    await oneself(asked)
    return await entered(asked)


async def visiting(asked: Asked) -> Mapping[str, Any]:
    """The same, when the caller has been at the block that is sent. Raises Refused."""
    await status(asked)
    text, key = asked.field("modification_date"), asked.field("last_visited_module_id")
    moment = _moment(text) if text else None
    if not key:
        return {}
    found = await asked.blocks([key]) if isinstance(key, str) and parse_usage(key) is not None else {}
    if key not in found:
        raise _wrong(MODULE, f"There is no such block in this course: {key}")
    said = {"blockId": str(found[key]["id"])} | ({} if moment is None else {"visitedAt": moment.isoformat()})
    try:
        written = (await asked.ask("Visit", input=said))["visitBlock"]
    except BadRequest as error:
        raise _wrong(DATE, str(error)) from None
    for refusal in written["userErrors"]:
        raise _wrong(DATE, refusal["message"])
    return {}


def _moment(text: Any) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        raise _wrong(DATE, f"Not a date: {text}") from None
    if moment.tzinfo is None:
        raise _wrong(DATE, f"A date without a time zone: {text}")
    return moment


def _wrong(code: str, message: str) -> Refused:
    return Refused(400, body={"errors": [{"code": code, "message": message}]})


def place(data: Row, call: Call) -> Row:
    """The section that the caller was in last, or the first, with those above it."""
    root = (data["courseInstance"] or {}).get("rootBlock")
    if root is None:
        raise Refused(404, NOT_FOUND)
    chapters = [each for each in root["children"] if each["children"]]
    current = root["currentChild"]
    chapter = current if current is not None and current["children"] else next(iter(chapters), None)
    path = [root["usage_key"]]
    if chapter is not None:
        sections = [each["usage_key"] for each in chapter["children"]]
        visited = chapter.get("currentChild")
        path += [chapter["usage_key"], sections[0] if visited is None else visited["usage_key"]]
    return {"last_visited_module_id": path[-1], "last_visited_module_path": path[::-1]}


def place_and_block(data: Row, call: Call) -> Row:
    """The same, in one version with the block that was completed last."""
    asked, made = data["asked"], place(data, call)
    if asked.path["api_version"] != VISITED:
        return made
    block = data["courseInstance"]["resumeBlock"]
    return {**made, "last_visited_block_id": "" if block is None else block["usage_key"]}


def handouts(data: Row, call: Call) -> Row:
    """The handouts; null where there are none."""
    return {"handouts_html": handouts_of(data["blocks"]["nodes"])}


def updates(data: Row, call: Call) -> list[Row]:
    """The announcements, the newest first; the oldest is number 1."""
    found = updates_of(data["blocks"]["nodes"])
    return [
        {"id": len(found) - index, "date": each.date, "content": each.content, "status": "visible"}
        for index, each in enumerate(found)
    ]


async def working(asked: Asked) -> Mapping[str, Any]:
    """Write down that the caller is at work. Raises Refused; of a run where they do not learn nothing is written."""
    await versioned(asked)
    user_id, key = asked.field("user_id"), asked.field("course_key")
    number = whole(str(user_id)) if not isinstance(user_id, bool) else None
    if number is None or await asked.person_by_number(str(number)) is None:
        raise Refused(400, body="user_id is missing or unknown.")
    found = await asked.find_run(key if isinstance(key, str) else None)
    if found is None:
        raise Refused(400, body="course_key is missing or unknown.")
    if number != asked.ctx.user_id:
        raise Refused(403, NOT_ALLOWED)
    await asked.enter(found)
    if is_learner(asked.enrollment):
        await asked.ask("Work", place_id=str(found["id"]))
    return {}


ROUTES = [
    Operation(
        "GET",
        "/mobile/{api_version}/my_user_info",
        "Myself",
        Made(make=to_oneself, made={"type": "null"}),
        style=PLAIN,
        plan=versioned,
        status=302,
    ),
    Operation("GET", USERS, "Myself", Made(make=person, made=USER), style=PLAIN, plan=oneself),
    Operation(
        "GET",
        USERS + "/course_status_info/{course_id}",
        "CourseStatus",
        Made(make=place_and_block, made=VISITED_STATUS),
        style=PLAIN,
        run="course_id",
        plan=status,
    ),
    Operation(
        "PATCH",
        USERS + "/course_status_info/{course_id}",
        "CourseStatus",
        Made(make=place, made=STATUS),
        style=PLAIN,
        run="course_id",
        plan=visiting,
    ),
    Operation(
        "GET",
        INFO + "/{course_id}/handouts",
        "Pages",
        Made(make=handouts, made=closed({"handouts_html": nullable(TEXT)})),
        style=PLAIN,
        run="course_id",
        plan=entered,
    ),
    Operation(
        "GET",
        INFO + "/{course_id}/updates",
        "Pages",
        Made(make=updates, made={"type": "array", "items": UPDATE}),
        style=PLAIN,
        run="course_id",
        plan=entered,
    ),
    Operation(
        "POST",
        INFO + "/record_user_activity",
        "Myself",
        Made(make=lambda data, call: None, made={"type": "null"}),
        style=PLAIN,
        plan=working,
    ),
]
