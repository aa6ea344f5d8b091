"""Course grades, the policy that makes them, and reports on them (contracts/edx-core.md §9.1, §9.2, §9.7)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.domain.catalog.keys import parse_run
from app.rest.openedx.asking import Asked
from app.rest.openedx.endpoint import ADMINISTRATOR, Made, Operation
from app.rest.openedx.kinds import FLAG, NUMBER, TEXT, WHOLE, parameter
from app.rest.openedx.paging import Cursored
from app.rest.openedx.refusals import GRADES, Refused
from app.rest.route import Call, Row, Schema, closed, nullable, spells

COURSE, COURSES = "/grades/v1/courses/{course_id}/", "/grades/v1/courses/"
LEARNS = {"status": {"eq": "ACTIVE"}, "or": [{"role": {"eq": "STUDENT"}}, {"track": {"isNull": False}}]}
NOBODY = -1
DEGREE = "masters"
"""The track of those who learn for a degree."""
MOST_NAMES = 1000
USER_UNKNOWN = "The user matching the requested username does not exist."
NOT_ENROLLED = "The user matching the requested username is not enrolled in this course"


def many(items: Schema) -> Schema:
    """The schema of a list."""
    return {"type": "array", "items": items}


CURSOR = [
    parameter("cursor", "Where the page begins, from `next` or `previous`."),
    parameter("page_size", "How many at most.", WHOLE),
]


def unknown_run(key: str) -> Refused:
    """The refusal of a run that is not there, or of a key that is none."""
    if parse_run(key) is None:
        return Refused(404, "The provided course key cannot be parsed.", "invalid_course_key")
    return Refused(404, "The course does not exist.", "course_does_not_exist")


async def whose(asked: Asked) -> Mapping[str, Any]:
    """The enrolment of who is named, or all active learners. Raises Refused; other people's are for global staff."""
    username, here = asked.given("username"), {"courseInstanceId": {"eq": asked.run["id"]}}
    if not username:
        if not asked.is_administrator:
            raise Refused(403, "You do not have permission to perform this action.")
        return {"where": here | LEARNS}
    if not asked.is_administrator and username != (await asked.caller())["username"]:
        raise Refused(403, "You do not have permission to perform this action.")
    return {"where": here | {"userId": {"eq": (await enrolled(asked, username))["user_id"]}}}


async def enrolled(asked: Asked, username: str) -> Row:
    """The enrolment of somebody by name, dropped or not, and whose it is. Raises Refused."""
    person = await asked.person(username)
    if person is None:
        raise Refused(404, USER_UNKNOWN, "user_does_not_exist")
    found = await asked.enrollment_of(person["id"])
    if found is None:
        raise Refused(404, NOT_ENROLLED, "user_not_enrolled")
    return {**found, "user_id": person["id"]}


@spells(email=TEXT, track=None)
def grade_row(row: Row, call: Call) -> Row:
    """Addresses are told of learners for a degree only."""
    is_told = row.pop("track") == DEGREE
    return {**row, "email": row["email"] if is_told else ""}


@dataclass(frozen=True, slots=True)
class GradeRows(Cursored):
    """A list of one where somebody is named, else a page."""

    def __call__(self, data: Row, call: Call) -> Any:
        made = Cursored.__call__(self, data, call)
        return made["results"] if data["asked"].given("username") else made

    def schema(self, derived: Schema) -> Schema:
        page = Cursored.schema(self, derived)
        return {"anyOf": [page, page["properties"]["results"]]}


async def staff_policy(asked: Asked) -> Mapping[str, Any]:
    """Nothing more. Raises Refused for who is no staff of the run, and for global staff where there is none."""
    key = asked.path["course_id"]
    if parse_run(key) is None:
        raise Refused(400, "The provided course key cannot be parsed.", "invalid_course_key")
    found = await asked.find_run(key)
    if found is not None:
        await asked.enter(found)
    if found is None or not asked.is_staff:
        status = 404 if asked.is_administrator else 403
        raise Refused(status, "The course does not exist.", "user_or_course_does_not_exist")
    return {"course_instance_id": found["id"]}


def policy(data: Row, call: Call) -> list[Row]:
    """The assignment types in their order, weights as fractions."""
    return [
        {
            **each["category"],
            "count": each["count"],
            "dropped": each["dropped"],
            "weight": None if each["weight"] is None else round(each["weight"] / 100, 12),
        }
        for column in data["assessments"]["nodes"]
        if column["calculation"] is not None
        for each in column["calculation"]["terms"]
        if each["category"] is not None
    ]


POLICY: Schema = closed(
    {
        "assignment_type": nullable(TEXT),
        "count": nullable(WHOLE),
        "dropped": nullable(WHOLE),
        "weight": nullable(NUMBER),
    }
)


async def report(asked: Asked) -> Mapping[str, Any]:
    """Enrolments of learners, of a run and of people where they are named. Raises Refused for a key that is none."""
    key, where = asked.given("course_id"), Row(LEARNS)
    if key is not None and parse_run(key) is None:
        raise Refused(400, fields={"course_id": f"'{key}' is not a valid course key."})
    run = await asked.find_run(key)
    if key is not None:
        where["courseInstanceId"] = {"eq": NOBODY if run is None else run["id"]}
    return {"where": where | await _named(asked)}


async def history(asked: Asked) -> Mapping[str, Any]:
    """The same of the run in the path."""
    key = asked.path["course_id"]
    if parse_run(key) is None:
        raise Refused(400, "The provided course key cannot be parsed.", "invalid_course_key")
    run = await asked.find_run(key)
    asked.found["run"] = NOBODY if run is None else run["id"]
    return {"where": {**LEARNS, "courseInstanceId": {"eq": asked.found["run"]}, **await _named(asked)}}


async def _named(asked: Asked) -> Row:
    """The condition that enrolments are of the people whom `username` lists; none where it is not given."""
    names = [each for each in asked.listed("username") if each.isprintable()][:MOST_NAMES]
    if asked.given("username") is None:
        return {}
    people = await asked.look("PeopleByName", usernames=names)
    return {"userId": {"in": [each["id"] for each in people["users"]["nodes"]]}}


async def handed_in(asked: Asked, data: Row) -> Row:
    """What the learners of the page handed in, put beside them."""
    rows = data["enrollments"]["nodes"]
    people = [each["user_id"] for each in rows]
    found = await asked.ask("HandedIn", course_instance_id=asked.found["run"], user_ids=people)
    parts: dict[int, list[Row]] = defaultdict(list)
    for each in found["assessmentInstances"]["nodes"]:
        parts[each["user"]["id"]] += each["parts"]
    for row in rows:
        row["problems"] = _problems(parts[row["user_id"]])
    return {}


def _problems(parts: list[Row]) -> list[Row]:
    """Problems in the order of their first submissions, each with its submissions."""
    problems: dict[int, Row] = {}
    for part in sorted(parts, key=lambda each: each["submission"]["id"]):
        problem, score = part["instanceQuestion"]["problem"], part["score"]
        block = problem["block"]
        if block is not None:
            empty = {"name": problem["name"], "submission_history": [], "data": block["data"] or ""}
            own = problems.setdefault(problem["id"], {"location": block["location"], **empty})
            grade = None if score is None else score["value"]
            told = {"state": part["submission"]["answer"], "grade": grade, "max_grade": problem["maxPoints"]}
            own["submission_history"].append(told)
    return list(problems.values())


ANSWERED: Schema = {"type": ["object", "array", "string", "number", "boolean", "null"]}
"""An answer is any JSON."""
STATE = closed({"state": ANSWERED, "grade": nullable(NUMBER), "max_grade": nullable(NUMBER)})
PROBLEM = closed({"location": TEXT, "name": TEXT, "submission_history": many(STATE), "data": TEXT})


@spells(user_id=None, problems=many(PROBLEM))
def history_row(row: Row, call: Call) -> Row:
    """The learner's number was only asked for to find the work."""
    del row["user_id"]
    return row


ENTRY = closed({"percent": NUMBER, "label": TEXT, "detail": TEXT, "category": TEXT})
ENTRY["properties"] |= {"prominent": FLAG, "mark": closed({"detail": TEXT})}


@spells(current_grade=WHOLE, section_breakdown=many(ENTRY))
def breakdown_row(row: Row, call: Call) -> Row:
    """Percent of the whole; keys that say nothing are left out."""
    row["current_grade"] = round(row["current_grade"] * 100)
    for entry in row["section_breakdown"]:
        dropped = entry.pop("mark")
        if not entry["prominent"]:
            del entry["prominent"]
        if dropped is not None:
            entry["mark"] = {"detail": dropped}
    return row


PAGE = ("enrollments",)
ONE = parameter("username", "Whose.")
RUN = parameter("course_id", "The key of the course run.")
SEVERAL = [parameter("username", "Usernames, between commas."), *CURSOR]

ROUTES = [
    Operation(
        "GET",
        COURSES,
        "CourseGrades",
        GradeRows(PAGE, grade_row),
        style=GRADES,
        run="course_id",
        unknown=unknown_run,
        plan=whose,
        parameters=[RUN, ONE, *CURSOR],
    ),
    Operation(
        "GET",
        COURSE,
        "CourseGrades",
        GradeRows(PAGE, grade_row),
        style=GRADES,
        run="course_id",
        unknown=unknown_run,
        plan=whose,
        parameters=[ONE, *CURSOR],
    ),
    Operation(
        "GET",
        "/grades/v1/policy/courses/{course_id}/",
        "GradingPolicy",
        Made(make=policy, made=many(POLICY)),
        style=GRADES,
        plan=staff_policy,
    ),
    Operation(
        "GET",
        "/grades/v1/section_grades_breakdown/",
        "SectionGradesBreakdown",
        Cursored(PAGE, breakdown_row),
        style=GRADES,
        needs=ADMINISTRATOR,
        plan=report,
        parameters=[RUN, *SEVERAL],
    ),
    Operation(
        "GET",
        "/grades/v1/submission_history/{course_id}/",
        "SubmissionHistory",
        Cursored(PAGE, history_row),
        style=GRADES,
        needs=ADMINISTRATOR,
        plan=history,
        then=handed_in,
        parameters=SEVERAL,
    ),
]
