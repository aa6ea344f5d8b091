"""How enrolments, their course runs and roles are written (contracts/edx-core.md §6.1)."""

from __future__ import annotations

from typing import Any

from app.domain.catalog.keys import parse_run
from app.rest.openedx.kinds import FLAG, TEXT, WHOLE
from app.rest.route import Call, Row, Schema, Spelling, closed, nullable

TIME: Schema = nullable({**TEXT, "format": "date-time"})
MODE = closed(
    {
        **dict.fromkeys(("slug", "name", "suggested_prices", "currency"), TEXT),
        **{name: nullable(TEXT) for name in ("description", "sku", "bulk_sku")},
        "min_price": WHOLE,
        "expiration_datetime": TIME,
    }
)
COURSE = closed(
    {
        "course_id": TEXT,
        "course_name": TEXT,
        **dict.fromkeys(("enrollment_start", "enrollment_end", "course_start", "course_end"), TIME),
        "invite_only": FLAG,
        "course_modes": {"type": "array", "items": MODE},
        "pacing_type": {**TEXT, "enum": ["Self Paced", "Instructor Paced"]},
    }
)
ROW = {"created": TIME, "mode": TEXT, "is_active": FLAG, "user": TEXT}
ENROLLMENT = closed({**ROW, "course_details": COURSE})
ENROLLMENT_ROW = closed({**ROW, "course_id": TEXT})
ROLE = closed(dict.fromkeys(("org", "course_id", "role"), TEXT))
ROLES = closed({"roles": {"type": "array", "items": ROLE}, "is_staff": FLAG})
IMPLICIT: Row = {
    "slug": "audit",
    "name": "Audit",
    "min_price": 0,
    "suggested_prices": "",
    "currency": "usd",
    "expiration_datetime": None,
    "description": None,
    "sku": None,
    "bulk_sku": None,
}
"""The track of a run that offers none."""
WORDS = {"INSTRUCTOR": "staff", "COURSE_ASSISTANT": "limited_staff"}
OWN_WORDS = ("staff", "instructor", "limited_staff", "beta_testers", "data_researcher", "ccx_coach")
"""Roles that an enrolment has by the name that the institution gives its role."""


def course(row: Row, *, with_expired: bool = False) -> Row:
    """A course run as enrolments tell it."""
    kept = ("course_id", "course_name", "enrollment_start", "enrollment_end", "course_start", "course_end")
    modes = [_mode(each) for each in row["tracks"] if with_expired or not each["is_expired"]]
    return {
        **{name: row[name] for name in kept},
        "invite_only": row["method"] != "SELF_ENROLLMENT",
        "course_modes": modes if row["tracks"] else [IMPLICIT],
        "pacing_type": "Self Paced" if row["is_self_paced"] else "Instructor Paced",
    }


def _mode(track: Row) -> Row:
    kept = {name: value for name, value in track.items() if name not in ("prices", "is_expired")}
    return {**kept, "suggested_prices": ",".join(map(str, track["prices"]))}


def is_told(row: Row) -> bool:
    """Whether a row is an enrolment as Open edX means it: one in a track, in a course run that has a key."""
    place = row["courseInstance"]
    return row["mode"] is not None and place is not None and place["course_id"] is not None


def enrollment(row: Row) -> Row:
    """An enrolment with its course run."""
    return {**_row(row), "course_details": course(row["courseInstance"])}


def _row(row: Row) -> Row:
    named = {"created": row["created"], "mode": row["mode"] or "audit"}
    return {**named, "is_active": row["status"] == "ACTIVE", "user": row["user"]["username"]}


def _flat(row: Row, call: Call) -> Row:
    return {**_row(row), "course_id": row["courseInstance"]["course_id"]}


FLAT = Spelling(_flat, {**ENROLLMENT_ROW["properties"], "status": None, "courseInstance": None})
"""An enrolment as a row of a list."""


def role(row: Row) -> Row | None:
    """A role in a course run; None for learners without one, and where the run has no key."""
    place: Any = row["courseInstance"]
    run = parse_run(place["key"] or "") if place else None
    own = (row["enrollmentRole"] or {}).get("key", "").lower()
    word = own if own in OWN_WORDS else WORDS.get(row["role"])
    if run is None or word is None:
        return None
    return {"org": run.organization, "course_id": place["key"], "role": word}
