"""The tracks of a course run, for global staff (contracts/edx-core.md §8)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from app.principal import COURSE_MODES
from app.rest.openedx.asking import Asked
from app.rest.openedx.endpoint import ADMINISTRATOR, Made, Operation
from app.rest.openedx.kinds import TEXT, WHOLE
from app.rest.openedx.refusals import NOT_FOUND, PLAIN, Refused
from app.rest.openedx.sending import MERGE_PATCH
from app.rest.route import Call, Row, at, closed, nullable

MODES = "/course_modes/v1/courses/{course_id}/"
MODE = MODES + "{mode_slug}"
FIELDS = {
    "mode_slug": "slug",
    "mode_display_name": "name",
    "min_price": "minPrice",
    "currency": "currency",
    "expiration_datetime": "expiresAt",
    "expiration_datetime_is_explicit": "isExpiryExplicit",
    "description": "description",
    "sku": "sku",
    "bulk_sku": "bulkSku",
}
"""What inputs call the keys of a mode."""
NEEDED = ("course_id", "mode_slug", "mode_display_name", "currency")
OPTIONAL = ("description", "sku", "bulk_sku", "expiration_datetime")
FLAGS = {**dict.fromkeys(("true", "True", "1"), True), **dict.fromkeys(("false", "False", "0"), False)}
SHAPE = closed(
    {
        **dict.fromkeys(("course_id", "mode_slug", "mode_display_name", "currency"), TEXT),
        "min_price": WHOLE,
        "expiration_datetime": nullable({**TEXT, "format": "date-time"}),
        "expiration_datetime_is_explicit": {"type": "boolean"},
        **dict.fromkeys(("description", "sku", "bulk_sku"), nullable(TEXT)),
    }
)
REQUIRED, FIXED, NULL = "This field is required.", "This field cannot be modified.", "This field may not be null."
WORDS: dict[tuple[str, str] | str, tuple[int, str]] = {
    ("slug", "TAKEN"): (400, "The fields course, mode_slug, currency must make a unique set."),
    ("minPrice", "OUT_OF_RANGE"): (400, "The price is below the least of the mode."),
    ("expiresAt", "INVALID"): (400, "Professional education modes are not allowed to have expiration_datetime set."),
}


async def of_run(asked: Asked) -> Mapping[str, Any]:
    """The key of the run."""
    return {"key": asked.path["course_id"]}


def all_modes(data: Row, call: Call) -> list[Row]:
    """The tracks; none where there is no such run."""
    found: list[Row] = data["run"]["tracks"] if data["run"] else []
    return found


def one_mode(data: Row, call: Call) -> Row:
    """The track of the path. Raises Refused."""
    slug = data["asked"].path["mode_slug"]
    for each in all_modes(data, call):
        if each["mode_slug"] == slug:
            return each
    raise Refused(404, NOT_FOUND)


async def new_mode(asked: Asked) -> Mapping[str, Any]:
    """What is sent of a new track. Raises Refused: 400 for what is missing or of another kind, 404 without a run."""
    missing = {name: REQUIRED for name in NEEDED if asked.field(name) in (None, "")}
    if missing:
        raise Refused(400, fields=missing)
    details = read(asked)
    key = asked.field("course_id")
    run = await asked.find_run(key if isinstance(key, str) else None)
    if run is None:
        raise Refused(404, NOT_FOUND)
    return {"input": {"courseInstanceId": str(run["id"]), **details}}


async def changes(asked: Asked) -> Mapping[str, Any]:
    """What is sent of the track of the path. Raises Refused."""
    sent = asked.sent if isinstance(asked.sent, Mapping) else {}
    fixed = {name: FIXED for name in ("course_id", "mode_slug") if name in sent}
    if fixed:
        raise Refused(400, fields=fixed)
    return {"input": {"enrollmentTrackId": await the_mode(asked), **read(asked)}}


async def to_delete(asked: Asked) -> Mapping[str, Any]:
    """The key of the track of the path."""
    return {"input": {"enrollmentTrackId": await the_mode(asked)}}


async def the_mode(asked: Asked) -> str:
    """The key of the track of the path. Raises Refused."""
    run = (await asked.look("TracksFound", key=asked.path["course_id"]))["run"]
    for each in run["tracks"] if run else ():
        if each["slug"] == asked.path["mode_slug"]:
            return str(each["id"])
    raise Refused(404, NOT_FOUND)


def read(asked: Asked) -> Row:
    """What is sent of a track, as inputs call it. Raises Refused for values of another kind."""
    if not isinstance(asked.sent, Mapping):
        raise Refused(400, fields={"non_field_errors": "Invalid data. Expected a dictionary."})
    made: Row = {}
    for name, spelled in FIELDS.items():
        if name in asked.sent:
            try:
                made[spelled] = _read(name, asked.sent[name])
            except ValueError as error:
                raise Refused(400, fields={name: str(error)}) from None
    return made


def _read(name: str, value: Any) -> Any:
    if value is None or (value == "" and name in OPTIONAL):
        if name not in OPTIONAL:
            raise ValueError(NULL)
        return None
    if name == "min_price":
        return _whole(value)
    if name == "expiration_datetime_is_explicit":
        if str(value) not in FLAGS and str(value).lower() not in FLAGS:
            raise ValueError("Must be a valid boolean.")
        return FLAGS.get(str(value), FLAGS.get(str(value).lower()))
    if not isinstance(value, str):
        raise ValueError("Not a valid string.")
    return _instant(value) if name == "expiration_datetime" else value


def _whole(value: Any) -> int:
    text = str(value)
    if isinstance(value, bool) or not text.removeprefix("-").isdecimal() or not text.isascii():
        raise ValueError("A valid integer is required.")
    if len(text) > 9:
        raise ValueError("Ensure this value is less than or equal to 999999999.")
    return int(text)


def _instant(text: str) -> str:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError("Datetime has wrong format. Use one of these formats instead: YYYY-MM-DDThh:mm:ssZ.") from None
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).isoformat()


ROUTES = [
    Operation(
        "GET",
        MODES,
        "CourseModes",
        Made(make=all_modes, made={"type": "array", "items": SHAPE}),
        needs=ADMINISTRATOR,
        style=PLAIN,
        plan=of_run,
        scope=COURSE_MODES,
    ),
    Operation(
        "POST",
        MODES,
        "CreateCourseMode",
        at("done", "track"),
        needs=ADMINISTRATOR,
        style=PLAIN,
        status=201,
        plan=new_mode,
        words=WORDS,
    ),
    Operation(
        "GET",
        MODE,
        "CourseMode",
        Made(make=one_mode, made=SHAPE),
        needs=ADMINISTRATOR,
        style=PLAIN,
        plan=of_run,
        scope=COURSE_MODES,
    ),
    Operation(
        "PATCH",
        MODE,
        "UpdateCourseMode",
        needs=ADMINISTRATOR,
        style=PLAIN,
        status=204,
        empty=204,
        plan=changes,
        words=WORDS,
        media=MERGE_PATCH,
    ),
    Operation(
        "DELETE", MODE, "DeleteCourseMode", needs=ADMINISTRATOR, style=PLAIN, status=204, empty=204, plan=to_delete
    ),
]
