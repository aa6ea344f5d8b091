"""A request to each operation that succeeds in the busy world, for tests of every operation."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from app.rest.systems import system_named
from tests.rest.autolab.conftest import C

LAB, SAM, SUE = C + "/assessments/lab1", "sam@uni.example", "sue@uni.example"
ANYBODY, MEMBERS, INSTRUCTORS = "anybody", "members", "instructors"


@dataclass(frozen=True, slots=True)
class Request:
    """A request: for whom it is, its parameters as JSON or in the query, its files, by whom it succeeds.

    `{group}` in the path stands for the key of the group that there is.
    """

    audience: str
    method: str
    path: str
    body: dict[str, Any] = field(default_factory=dict)
    query: dict[str, str] = field(default_factory=dict)
    files: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    who: str = "INS"

    def sent(self) -> dict[str, Any]:
        """The parameters, as the client takes them."""
        more = {"json": self.body, "files": self.files}
        return {"params": self.query} | {name: value for name, value in more.items() if value}


def of_instructors(method: str, path: str, **body: Any) -> Request:
    return Request(INSTRUCTORS, method, path, body)


MEMBER = f"{C}/course_user_data/{SAM}"
SUBMISSIONS = LAB + "/submissions"
REQUESTS = {
    "CurrentUser": Request(ANYBODY, "GET", "/user"),
    "Courses": Request(ANYBODY, "GET", "/courses"),
    "Assessments": Request(MEMBERS, "GET", C + "/assessments"),
    "Assessment": Request(MEMBERS, "GET", LAB),
    "Writeup": Request(MEMBERS, "GET", LAB + "/writeup"),
    "Handout": Request(MEMBERS, "GET", LAB + "/handout"),
    "Problems": Request(MEMBERS, "GET", LAB + "/problems"),
    "Submissions": Request(MEMBERS, "GET", SUBMISSIONS, who="ST"),
    "Feedback": Request(MEMBERS, "GET", SUBMISSIONS + "/1/feedback", query={"problem": "Part A"}, who="ST"),
    "HandIn": Request(MEMBERS, "POST", LAB + "/submit", files={"submission[file]": ("a.c", b"int a;")}, who="ST"),
    "CreateProblem": of_instructors("POST", LAB + "/problems", name="Extra", max_score=5),
    "SetGroupSettings": of_instructors(
        "POST", LAB + "/set_group_settings", group_size=40, allow_student_assign_group=True
    ),
    "Groups": Request(INSTRUCTORS, "GET", LAB + "/groups", query={"show_members": "true"}),
    "CreateGroups": of_instructors("POST", LAB + "/groups", groups=[{"name": "new", "group_members": [SAM]}]),
    "Group": of_instructors("GET", LAB + "/groups/{group}"),
    "DeleteGroup": of_instructors("DELETE", LAB + "/groups/{group}"),
    "Scores": of_instructors("GET", LAB + "/scores"),
    "ScoresOfUser": of_instructors("GET", f"{LAB}/scores/{SAM}"),
    "UpdateLatest": of_instructors(
        "PUT", f"{LAB}/scores/{SAM}/update_latest", problems={"Part A": 1}, update_group_scores=True
    ),
    "Members": of_instructors("GET", C + "/course_user_data"),
    "Member": of_instructors("GET", MEMBER),
    "CreateMember": of_instructors(
        "POST", C + "/course_user_data", email="lou@uni.example", lecture="1", section="A", auth_level="student"
    ),
    "UpdateMember": of_instructors("PUT", MEMBER, lecture="9"),
    "DropMember": of_instructors("DELETE", MEMBER),
}
ROUTES = {route.operation: route for route in system_named("autolab").routes}
