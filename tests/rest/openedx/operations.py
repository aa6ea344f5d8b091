"""A request to each operation that writes, which succeeds in the busy run (busy.py)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.rest.openedx import SYSTEM
from app.rest.openedx.companions import COMPANIONS
from app.rest.openedx.endpoint import Operation
from tests.clock import NOW
from tests.rest.openedx.conftest import H, O, P, R, U, X

OPERATIONS: dict[str, tuple[str, Operation]] = {
    f"{route.method} {system.prefix}{path}": (system.prefix + path, route)
    for system in (SYSTEM, *COMPANIONS)
    for route in system.routes
    if isinstance(route, Operation)
    for path in route.paths
}
"""Path and route of each operation."""


@dataclass(frozen=True, slots=True)
class Request:
    """By whom a request succeeds; what is sent as JSON, in the query, as files. `$name` stands for a value."""

    who: str
    body: Any = None
    query: dict[str, str] = field(default_factory=dict)
    files: dict[str, tuple[str, bytes]] = field(default_factory=dict)

    def sent(self, values: Mapping[str, Any], media: str) -> dict[str, Any]:
        """What the client takes; JSON as that media type."""
        made: dict[str, Any] = {"params": put_in(self.query, values)}
        if self.files:
            return made | {"files": self.files}
        if self.body is None:
            return made
        return made | {"json": put_in(self.body, values), "headers": {"Content-Type": media}}


def put_in(body: Any, values: Mapping[str, Any]) -> Any:
    """What is sent, with the values of names."""
    if isinstance(body, dict):
        return {name: put_in(value, values) for name, value in body.items()}
    if isinstance(body, list):
        return [put_in(value, values) for value in body]
    return values[body[1:]] if isinstance(body, str) and body.startswith("$") else body


COHORTS, MAILS = "/api/cohorts/v1/courses/{course_key_string}", "/api/instructor_task/v1/schedules/{course_id}"
ORA, MOCK = "/api/ora_staff_grader/submission", "/api/ora_staff_grader/mock/submission"
HANDLER = "/courses/{course_key_string}/xblock/{usage_key_string}/handler"
RUN = {"course_id": R}
CHANGE = Request("prof", {"email": {"id": "$mail_id", "subject": "New"}})
RESPONSE = {"oraLocation": O, "submissionUUID": "$uuid"}
CRITERIA = [
    {"name": "Ideas", "selectedOption": "Good"},
    {"name": "Style", "selectedOption": "Fair"},
    {"name": "Remark", "feedback": "None."},
]
DERIVED = {"coach_email": "bob@uni.example", "display_name": "Tiny", "max_students_allowed": 7}
GOAL = {**RUN, "days_per_week": 3, "subscribed_to_reminders": True}
HOMES = ("/api/course_home/", "/api/course_home/v1/")
WRITES = {
    "POST /api/agreements/v1/integrity_signature/{course_id}": Request("ann"),
    "POST /api/bookmarks/v1/bookmarks/": Request("ann", {"usage_id": P}),
    "DELETE /api/bookmarks/v1/bookmarks/{username},{usage_id}/": Request("ann"),
    "POST /api/bulk_enroll/v1/bulk_enroll": Request("staff", {"identifiers": "bob", "action": "enroll", "courses": R}),
    "POST /api/ccx/v0/ccx/": Request("prof", {"master_course_id": R, **DERIVED}),
    "PATCH /api/ccx/v0/ccx/{ccx_course_id}": Request("prof", DERIVED),
    "DELETE /api/ccx/v0/ccx/{ccx_course_id}": Request("prof"),
    "POST /api/change_email_settings": Request("ann", {**RUN, "receive_emails": "on"}),
    f"POST {COHORTS}/cohorts/": Request("staff", {"name": "B", "assignment_type": "random"}),
    f"PATCH {COHORTS}/cohorts/{{cohort_id}}": Request("staff", {"name": "B", "assignment_type": "random"}),
    f"POST {COHORTS}/cohorts/{{cohort_id}}/users/": Request("staff", {"users": ["cat", "new@x.org"]}),
    f"POST {COHORTS}/cohorts/{{cohort_id}}/users/{{username}}": Request("staff", {}),
    f"DELETE {COHORTS}/cohorts/{{cohort_id}}/users/{{username}}": Request("staff"),
    f"POST {COHORTS}/users": Request("staff", files={"uploaded-file": ("a.csv", b"cohort,username\r\nA,cat\r\n")}),
    "PUT /api/cohorts/v1/settings/{course_key_string}": Request("staff", {"is_cohorted": False}),
    "POST /api/completion/v1/completion-batch": Request("ann", {"username": "ann", "course_key": R, "blocks": {P: 1}}),
    "POST /api/course_experience/v1/reset_course_deadlines": Request("ann", {"course_key": R}),
    **{f"POST {home}dismiss_welcome_message": Request("ann", RUN) for home in HOMES},
    **{f"POST {home}save_course_goal": Request("ann", GOAL) for home in HOMES},
    **{f"POST {home}unsubscribe_from_course_goal/{{token}}": Request("ann") for home in HOMES},
    "POST /api/course_modes/v1/courses/{course_id}/": Request(
        "staff", {"course_id": X, "mode_slug": "honor", "mode_display_name": "Honor", "currency": "EUR"}
    ),
    "PATCH /api/course_modes/v1/courses/{course_id}/{mode_slug}": Request("staff", {"min_price": 50}),
    "DELETE /api/course_modes/v1/courses/{course_id}/{mode_slug}": Request("staff"),
    "POST /api/courseware/celebration/{course_key_string}": Request("ann", {"first_section": False}),
    "POST /api/enrollment/v1/enrollment": Request("bob", {"course_details": RUN, "mode": "audit"}),
    "POST /api/enrollment/v1/unenroll/": Request("staff", {"username": "ann"}),
    "POST /api/grades/v1/gradebook/{course_id}/bulk-update": Request(
        "prof", [{"user_id": "$ann", "usage_id": H, "grade": {"earned_graded_override": 1, "comment": "Appeal"}}]
    ),
    "POST /api/instructor/v1/reports/{course_id}/generate/problem_responses": Request(
        "staff", {"problem_locations": [P], "problem_types_filter": ["problem"]}
    ),
    f"PUT {MAILS}/bulk_email/{{schedule_id}}": CHANGE,
    f"PATCH {MAILS}/bulk_email/{{schedule_id}}": CHANGE,
    f"DELETE {MAILS}/bulk_email/{{schedule_id}}": Request("prof"),
    "POST /api/mobile/{api_version}/course_info/record_user_activity": Request(
        "ann", {"user_id": "$ann", "course_key": R}
    ),
    "PATCH /api/mobile/{api_version}/users/{username}/course_status_info/{course_id}": Request(
        "ann", {"last_visited_module_id": U, "modification_date": NOW.isoformat()}
    ),
    f"POST {MOCK}/grade": Request("ann"),
    f"POST {MOCK}/lock": Request("ann"),
    f"DELETE {MOCK}/lock": Request("ann"),
    f"POST {ORA}/lock": Request("prof", query=RESPONSE),
    f"DELETE {ORA}/lock": Request("prof", query=RESPONSE),
    f"POST {ORA}/grade": Request("prof", {"overallFeedback": "Well.", "criteria": CRITERIA}, RESPONSE),
    f"POST {ORA}/batch/unlock": Request("prof", {"submissionUUIDs": ["$uuid"]}, RESPONSE),
    "POST /api/team/v0/bulk_team_membership/{course_id}": Request(
        "prof", files={"csv": ("a.csv", b"username,mode,t\r\nann,audit,\r\n")}
    ),
    "POST /api/team/v0/team_membership/": Request("prof", {"username": "cat", "team_id": "$team_id"}),
    "DELETE /api/team/v0/team_membership/{team_id},{username}": Request("ann"),
    "POST /api/team/v0/teams/": Request("prof", {**RUN, "topic_id": "t", "name": "New Team", "description": "d"}),
    "PATCH /api/team/v0/teams/{team_id}": Request("prof", {"name": "B", "country": "FR", "topic_id": "t"}),
    "DELETE /api/team/v0/teams/{team_id}": Request("prof"),
    "POST /api/xblock/v2/xblocks/{usage_key_str}/handler/{token}/publish_completion": Request(
        "ann", {"completion": 0.5}
    ),
    f"POST {HANDLER}/goto_position": Request("ann", {"position": 1}),
    f"POST {HANDLER}/get_completion": Request("ann", {"usage_key": U}),
}
"""By method and path. Masquerading needs a browser's session (test_masquerade.py)."""
