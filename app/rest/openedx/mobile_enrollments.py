"""The courses that the apps for phones show (contracts/edx-core.md §18)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from app.rest.openedx.asking import Asked
from app.rest.openedx.block_map import tree
from app.rest.openedx.endpoint import Made, Operation
from app.rest.openedx.entry import COURSE_ACCESS, certificate_address, course_access, time_zone
from app.rest.openedx.kinds import FLAG, MOMENT, TEXT, WHOLE, parameter
from app.rest.openedx.mobile import STATUS, USERS, closed_because, oneself, place
from app.rest.openedx.outline import DATE, assignments
from app.rest.openedx.paging import Paged
from app.rest.openedx.refusals import PLAIN
from app.rest.openedx.run_page import ADDRESS, STARTS, absolute, beginning, number_of, organization_of
from app.rest.route import Call, Row, Schema, closed, nullable

ALL = 100_000
BARE = ("v0.5", "v1")
DEFAULT = "audit"
NOTHING = nullable(TEXT)
SHARING = "utm_campaign=social-sharing-db&utm_medium=social&utm_source="
NETWORKS = ("facebook", "twitter")
COURSE = closed(
    {
        **dict.fromkeys(("id", "name", "number", "org", "org_logo", "subscription_id", "course_image"), TEXT),
        **dict.fromkeys(("course_about", "course_updates", "course_handouts"), TEXT),
        **dict.fromkeys(("discussion_url", "video_outline"), NOTHING),
        **{"start": MOMENT, "start_display": NOTHING, "start_type": STARTS, "end": nullable(MOMENT)},
        "dynamic_upgrade_deadline": nullable(MOMENT),
        "courseware_access": COURSE_ACCESS,
        "media": closed({"course_image": closed({**ADDRESS["properties"], "name": TEXT})}),
        "course_sharing_utm_parameters": closed(dict.fromkeys(NETWORKS, TEXT)),
        "is_self_paced": FLAG,
    }
)
MODE = closed({"slug": TEXT, **dict.fromkeys(("sku", "android_sku", "ios_sku"), NOTHING), "min_price": WHOLE})
PROGRESS = closed({"total_assignments_count": WHOLE, "assignments_completed": WHOLE})
DATED = (
    *("assignment_type", "complete", "date", "date_type", "first_component_block_id"),
    *("learner_has_access", "link", "title"),
)
ASSIGNMENTS = {"type": "array", "items": closed({name: DATE["properties"][name] for name in DATED})}
CERTIFICATE: Schema = {"type": "object", "properties": {"url": TEXT}, "additionalProperties": False}
PLAIN_ITEM = {"created": MOMENT, "mode": TEXT, "is_active": FLAG, "course": COURSE, "certificate": CERTIFICATE}
MORE = {"audit_access_expires": nullable(MOMENT), "course_modes": {"type": "array", "items": MODE}}
ITEM = closed(PLAIN_ITEM | MORE)
PROGRESSED: Schema = {**ITEM, "properties": {**ITEM["properties"], "course_progress": PROGRESS}}
PRIMARY = closed(
    {
        **ITEM["properties"],
        "course_status": nullable(
            closed({**STATUS["properties"], "last_visited_block_id": TEXT, "last_visited_unit_display_name": TEXT})
        ),
        "course_progress": PROGRESS,
        "course_assignments": closed({"future_assignments": ASSIGNMENTS, "past_assignments": ASSIGNMENTS}),
    }
)


def _many(items: Schema) -> Schema:
    return {"type": "array", "items": items}


CONFIGURED = {"configs": closed({"iap_configs": {"type": "object"}}), "user_timezone": NOTHING}
PAGE = Paged((), size=10).schema({"type": "object", "properties": {"nodes": _many(PROGRESSED)}})
WHOLE_PAGE = closed({**CONFIGURED, "enrollments": {"anyOf": [_many(ITEM), PAGE]}})
ANSWER: Schema = {
    "anyOf": [
        _many(closed(PLAIN_ITEM)),
        _many(ITEM),
        {**WHOLE_PAGE, "properties": {**WHOLE_PAGE["properties"], "primary": PRIMARY}},
    ]
}


async def enrolled(asked: Asked) -> Mapping[str, Any]:
    """All of one's own. Raises Refused."""
    await oneself(asked)
    return {"first": ALL}


async def progressed(asked: Asked, data: Row) -> Row:
    """What the latest version tells beside: assignments, and where the caller was last in the run to go on with."""
    if asked.path["api_version"] != "v4":
        return {}
    rows = _rows(asked, data)
    primary = _primary(asked, rows)
    wanted = rows if _with_progress(asked) else [row for row in rows if row is primary]
    found = await asked.ask("Assignments", ids=[row["run"]["id"] for row in wanted], first=ALL)
    assigned: dict[int, list[Row]] = {row["run"]["id"]: [] for row in wanted}
    for each in found["blocks"]["nodes"]:
        assigned[each["place"]["id"]].append(each)
    more: Row = {"assigned": assigned, "status": None}
    if primary is not None:
        more["status"] = await asked.ask("PrimaryStatus", course_instance_id=primary["run"]["id"], first=ALL)
    return more


def _rows(asked: Asked, data: Row) -> list[Row]:
    """The enrolments of learners in runs that are for mobile devices, of the organization that is asked for."""
    rows = [row for row in data["enrollments"]["nodes"] if row["track"] is not None and row["run"]["key"]]
    wanted = asked.given("org")
    if wanted:
        rows = [row for row in rows if organization_of(row["run"]).lower() == wanted.lower()]
    return [row for row in rows if row["run"]["is_mobile_available"]]


def _primary(asked: Asked, rows: Sequence[Row]) -> Row | None:
    """The run to go on with: the one enrolled in, or worked in, last; none where a state is asked for."""
    if asked.given("status") in STATES:
        return None
    return max(rows, key=lambda row: max(row["created"], _last_active(row) or row["created"]), default=None)


def _last_active(row: Row) -> Any:
    return (row["run"]["record"] or {}).get("last_active_at")


def _with_progress(asked: Asked) -> bool:
    return "course_progress" in asked.listed("requested_fields")


def _is_over(asked: Asked, row: Row) -> bool:
    end_at = row["run"]["end_at"]
    return end_at is not None and end_at < asked.ctx.now


STATES: dict[str, Callable[[Asked, Row], bool]] = {
    "in_progress": lambda asked, row: not _is_over(asked, row),
    "completed": lambda asked, row: row["certificate"] is not None and row["certificate"]["is_passing"],
    "expired": _is_over,
    "all": lambda asked, row: True,
}
"""Which enrolments are in each state: a run is completed by its certificate."""


def shown(data: Row, call: Call) -> Any:
    """The enrolments, in the form of each version."""
    asked: Asked = data["asked"]
    version, rows = asked.path["api_version"], _rows(asked, data)
    if version in BARE:
        return [_item(asked, row) for row in rows]
    configured: Row = {"configs": {"iap_configs": {}}, "user_timezone": time_zone(data["zone"])}
    if version == "v2":
        return {**configured, "enrollments": [_item(asked, row) for row in rows]}
    if version == "v3":
        return {**configured, "enrollments": _paged(asked, data, [_item(asked, row) for row in rows], call, 10, 100)}
    primary = _primary(asked, rows)
    is_wanted = STATES.get(asked.given("status") or "", STATES["all"])
    kept = [row for row in rows if row is not primary and is_wanted(asked, row)]
    items = [_item(asked, row) for row in kept]
    if _with_progress(asked):
        for item, row in zip(items, kept, strict=True):
            item["course_progress"] = _progress(data["assigned"][row["run"]["id"]])
    made = {**configured, "enrollments": _paged(asked, data, items, call, 5, 50)}
    return made if primary is None else {**made, "primary": _told_primary(asked, primary, data, call)}


def _paged(asked: Asked, data: Row, items: Sequence[Row], call: Call, size: int, most: int) -> Any:
    return Paged(("items",), size=size, most=most)({"items": items, "asked": asked}, call)


def _told_primary(asked: Asked, row: Row, data: Row, call: Call) -> Row:
    top = tree(data["status"]["blocks"]["nodes"], None)
    dates = assignments(top, asked.base, row["run"]["key"])
    due = [{name: each[name] for name in DATED} for each in sorted(dates, key=lambda each: each["date"])]
    found, status = data["status"]["courseInstance"], None
    if found is not None and found["rootBlock"] is not None:
        block = found["resumeBlock"] or {}
        status = place({"courseInstance": found}, call) | {
            "last_visited_block_id": block.get("usage_key") or "",
            "last_visited_unit_display_name": (block.get("parent") or {}).get("name") or "",
        }
    return {
        **_item(asked, row),
        "course_status": status,
        "course_progress": _progress(data["assigned"][row["run"]["id"]]),
        "course_assignments": {
            "future_assignments": [each for each in due if each["date"] > call.now],
            "past_assignments": [each for each in due if each["date"] <= call.now],
        },
    }


def _progress(blocks: Sequence[Row]) -> Row:
    return {
        "total_assignments_count": len(blocks),
        "assignments_completed": sum(each["completion"] == 1 for each in blocks),
    }


def _item(asked: Asked, row: Row) -> Row:
    """An enrolment."""
    made = {
        "created": row["created"],
        "mode": row["track"],
        "is_active": True,
        "course": _course(asked, row["run"]),
        "certificate": _certificate(asked, row["certificate"]),
    }
    if asked.path["api_version"] == "v0.5":
        return made
    tracks = [each for each in row["run"]["tracks"] if not each["is_expired"]]
    modes = [{"slug": each["slug"], "sku": each["sku"], "min_price": each["min_price"]} for each in tracks]
    modes = modes or [{"slug": DEFAULT, "sku": None, "min_price": 0}]
    devices = {"android_sku": None, "ios_sku": None}
    return {**made, "audit_access_expires": None, "course_modes": [{**each, **devices} for each in modes]}


def _certificate(asked: Asked, row: Row | None) -> Row:
    address = None if row is None else certificate_address(row)
    return {} if address is None else {"url": f"{asked.base}{address}"}


def _course(asked: Asked, run: Row) -> Row:
    """A run, with the addresses of what belongs to it."""
    key, base, begin = run["key"], asked.base, beginning(run)
    info = f"{base}/api/mobile/{asked.path['api_version']}/course_info/{key}"
    image = run["image_url"] or ""
    return {
        "id": key,
        "name": run["name"],
        "number": number_of(run),
        "org": organization_of(run),
        "org_logo": "",
        **{name: begin[name] for name in ("start", "start_display", "start_type", "end")},
        "dynamic_upgrade_deadline": None,
        "subscription_id": re.sub(r"[:+/]", "_", key),
        "courseware_access": course_access(closed_because(run, asked.ctx.now)),
        "media": {"course_image": {"uri": absolute(image, base), "name": "Course Image"}},
        "course_image": image,
        "course_about": f"{base}/courses/{key}/about",
        "course_sharing_utm_parameters": {name: SHARING + name for name in NETWORKS},
        "course_updates": f"{info}/updates",
        "course_handouts": f"{info}/handouts",
        "discussion_url": None,
        "video_outline": None,
        "is_self_paced": run["is_self_paced"],
    }


ROUTES = [
    Operation(
        "GET",
        USERS + "/course_enrollments/",
        "MobileEnrollments",
        Made(make=shown, made=ANSWER),
        style=PLAIN,
        plan=enrolled,
        then=progressed,
        parameters=[
            parameter("org", "The organization whose courses are asked for."),
            parameter("status", f"Of v4: one of {', '.join(STATES)}."),
            parameter("requested_fields", "Of v4: `course_progress`."),
        ],
    ),
]
