"""A course run as its learning pages show it (contracts/edx-core.md §3.1)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.rest.openedx.asking import Asked
from app.rest.openedx.endpoint import ANYBODY, Made, Operation
from app.rest.openedx.entry import (
    CELEBRATIONS,
    CERTIFICATE,
    COURSE_ACCESS,
    GOALS,
    celebrations,
    certificate,
    course_access,
    goals,
    time_zone,
)
from app.rest.openedx.kinds import FLAG, NOTHING, TEXT, parameter
from app.rest.openedx.refusals import DEVELOPER, NOT_FOUND, Refused
from app.rest.openedx.run_page import BEGINNING, MEDIA, beginning, media, number_of, organization_of
from app.rest.openedx.visitor import Visitor
from app.rest.route import Call, Row, Schema, closed, nullable

MAYBE, NUMBER, WHOLE = nullable(TEXT), {"type": "number"}, {"type": "integer"}
PICTURES = ("course_image", "course_video", "image")
ABSENT = ("access_expiration", "offer", "related_programs", "verified_mode")
NO_ADDRESS = ("marketing_url", "verify_identity_url", "linkedin_add_to_profile_url")
"""What other services would say (contracts/edx-core.md §23)."""
SWITCHED_OFF = (
    *("can_show_upgrade_sock", "can_view_legacy_courseware", "content_type_gating_enabled", "show_calculator"),
    *("can_access_proctored_exams", "course_exit_page_is_active", "learning_assistant_enabled"),
    "whole_course_translation_enabled",
)
EXAM = {
    "entrance_exam_current_score": 0.0,
    "entrance_exam_enabled": False,
    "entrance_exam_id": "",
    "entrance_exam_minimum_score_pct": 0.0,
    "entrance_exam_passed": True,
}
EXAM_SCHEMA = closed(
    {
        **dict.fromkeys(("entrance_exam_current_score", "entrance_exam_minimum_score_pct"), NUMBER),
        **dict.fromkeys(("entrance_exam_enabled", "entrance_exam_passed"), FLAG),
        "entrance_exam_id": TEXT,
    }
)
TAB = closed({"title": TEXT, "slug": TEXT, "priority": WHOLE, "type": TEXT, "url": TEXT})
LEARNER = {"status": "ACTIVE", "track": "audit", "result": {"is_passed": False}, "certificate": None}
"""What staff are who look at a run as a learner would, whoever that is."""
ANSWER: Schema = {
    "type": "object",
    "properties": {
        **dict.fromkeys(("id", "name", "number", "org", "verification_status"), TEXT),
        **dict.fromkeys(("effort", "license", "language", "short_description", "user_timezone"), MAYBE),
        **dict.fromkeys(ABSENT, NOTHING),
        **dict.fromkeys(NO_ADDRESS, MAYBE),
        **dict.fromkeys(SWITCHED_OFF, FLAG),
        **dict.fromkeys(("is_staff", "original_user_is_staff", "user_has_passing_grade"), FLAG),
        **dict.fromkeys(("is_integrity_signature_enabled", "user_needs_integrity_signature"), FLAG),
        **BEGINNING,
        "course_goals": GOALS,
        "certificate_data": nullable(CERTIFICATE),
        "enrollment": closed({"mode": MAYBE, "is_active": FLAG}),
        "entrance_exam_data": EXAM_SCHEMA,
        "media": closed({name: MEDIA["properties"][name] for name in PICTURES}),
        "notes": closed({"enabled": FLAG, "visible": FLAG}),
        "celebrations": CELEBRATIONS,
        "tabs": {"type": "array", "items": TAB},
        "course_access": COURSE_ACCESS,
    },
    "additionalProperties": False,
}


async def acting(asked: Asked) -> Mapping[str, Any]:
    """Learn what the person is to the run; global staff may name another. Raises Refused for nobody known."""
    name = asked.given("username")
    asked.found["is_original_staff"] = asked.was_staff
    asked.found["is_staff"] = asked.is_staff
    user_id = asked.ctx.principal.user_id
    if name and asked.is_administrator:
        person = await asked.person(name)
        if person is None:
            raise Refused(404, NOT_FOUND)
        if person["id"] != user_id:
            user_id = person["id"]
            asked.become(user_id)
            await asked.enter(asked.run)
            asked.found["is_staff"] = bool(asked.access.get("sees_learners"))
    asked.found |= {"record": {}, "learner": None, "zone": None}
    if user_id is not None:
        own = await asked.ask("Person", course_instance_id=asked.run["id"], user_id=user_id)
        asked.found["record"] = (own["courseInstance"] or {}).get("record") or {}
        asked.found |= {"learner": next(iter(own["enrollments"]["nodes"]), None), "zone": own["zone"]}
    if asked.is_masked and (asked.found["learner"] or {}).get("track") is None:
        asked.found["learner"] = LEARNER
    asked.found["is_anonymous"] = user_id is None
    asked.look_on()
    return {}


def courseware(data: Row, call: Call) -> Row:
    """All of it, or the keys that are asked for."""
    asked: Asked = data["asked"]
    run = data["run"]
    made = {
        "id": run["key"],
        "name": run["name"],
        "number": number_of(run),
        "org": organization_of(run),
        **{name: run[name] for name in ("effort", "license")},
        "short_description": run["short_description"] or "",
        "language": run["locale"],
        "user_timezone": time_zone(asked.found["zone"]),
        **dict.fromkeys(ABSENT),
        **dict.fromkeys(NO_ADDRESS),
        **dict.fromkeys(SWITCHED_OFF, False),
        "verification_status": "none",
        **beginning(run),
        "entrance_exam_data": EXAM,
        "media": {name: media(run, asked.base)[name] for name in PICTURES},
        "notes": {"enabled": False, "visible": True},
        "is_integrity_signature_enabled": True,
        "is_staff": asked.found["is_staff"],
        "original_user_is_staff": asked.found["is_original_staff"],
        **_personal(asked, run, call.now),
    }
    wanted = asked.listed("requested_fields")
    return {name: value for name, value in made.items() if not wanted or name in wanted}


def _personal(asked: Asked, run: Row, now: datetime) -> Row:
    """What is the person's own."""
    record, learner = asked.found["record"], asked.found["learner"]
    is_enrolled = learner is not None and learner["status"] == "ACTIVE" and learner["track"] is not None
    who = Visitor(asked.found["is_staff"], is_enrolled, asked.found["is_anonymous"])
    given = learner["certificate"] if is_enrolled else None
    track = learner["track"] if is_enrolled else None
    return {
        "course_goals": goals(record or None),
        "certificate_data": certificate(track, given, run["certificate_available_at"]),
        "enrollment": {"mode": track, "is_active": is_enrolled},
        "celebrations": celebrations(record, is_enrolled=is_enrolled),
        "user_has_passing_grade": is_enrolled and learner["result"]["is_passed"],
        "user_needs_integrity_signature": is_enrolled and record.get("signed_at") is None,
        "course_access": course_access(who.closing(run, now)),
        "tabs": [
            {"title": each.title, "slug": each.key, "priority": place, "type": each.key, "url": each.url}
            for place, each in enumerate(who.tabs(run, asked.base))
        ],
    }


ROUTES = [
    Operation(
        "GET",
        "/courseware/course/{course_key_string}",
        "Courseware",
        Made(make=courseware, made=ANSWER),
        style=DEVELOPER,
        needs=ANYBODY,
        run="course_key_string",
        plan=acting,
        parameters=[
            parameter("requested_fields", "The keys to tell."),
            parameter("username", "For whom; for global staff."),
        ],
    ),
]
