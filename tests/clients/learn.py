"""Pulls gradebooks with a published client of Blackboard Learn, run by a Python that has it; none of ours is needed.

`python learn.py bbrest|bblearn|profpy ADDRESS KEY SECRET CODE` prints what the guide's workflow reads of the courses
whose code contains CODE, as far as the client can ask for it: ids, scores and change indices in JSON.
"""

from __future__ import annotations

import json
import sys
from importlib import import_module
from typing import Any

SINCE = "**Since**: 3000.1.0"
API = "/learn/api/public"
COLUMN = API + "/v2/courses/{courseId}/gradebook/columns"
DESCRIBED = {
    "Get Courses": API + "/v3/courses",
    "Get Memberships": API + "/v1/courses/{courseId}/users",
    "Get Gradebook Categories": API + "/v1/courses/{courseId}/gradebook/categories",
    "Get Grade Columns": COLUMN,
    "Get Column Grades": COLUMN + "/{columnId}/users",
    "Get Column Grade Last Changed": COLUMN + "/{columnId}/users/lastChanged",
    "Get User": API + "/v1/users/{userId}",
}
COURSES = {"availability.available": "Yes", "fields": "id,created,availability.available,hasChildren"}
MEMBERS = {"expand": "user", "fields": "id,user.id,childCourseId"}


class Described:
    """The vendor's description of the API, which bbrest downloads to make its functions: an excerpt."""

    @staticmethod
    def json() -> Any:
        return {
            "paths": {
                path: {"get": {"summary": summary, "description": SINCE, "parameters": []}}
                for summary, path in DESCRIBED.items()
            }
        }


class BbRest:
    """bbrest: functions made from the description; follows pages by itself."""

    def __init__(self, address: str, key: str, secret: str, code: str) -> None:
        self.wanted = {**COURSES, "courseId": code}
        library = import_module("bbrest")
        get = library.requests.get
        library.requests.get = lambda url, **more: Described() if url.endswith(".json") else get(url, **more)
        self.client = library.BbRest(key, secret, address)

    def courses(self) -> Any:
        return self.client.GetCourses(params=self.wanted).json()["results"]

    def members(self, course: str) -> Any:
        return self.client.GetCourseMemberships(courseId=course, params=MEMBERS, limit=100_000).json()["results"]

    def categories(self, course: str) -> Any:
        return self.client.GetGradebookCategories(courseId=course).json()["results"]

    def columns(self, course: str) -> Any:
        return self.client.GetGradeColumns(courseId=course).json()["results"]

    def last_changed(self, course: str, column: str) -> Any:
        response = self.client.GetColumnGradeLastChanged(courseId=course, columnId=column)
        return response.json() if response.status_code == 200 else None

    def grades(self, course: str, column: str) -> Any:
        return self.client.GetColumnGrades(courseId=course, columnId=column, limit=100_000).json()["results"]


class BbLearn:
    """bblearn: leaves signing in to its user; returns one page."""

    def __init__(self, address: str, key: str, secret: str, code: str) -> None:
        self.wanted = {**COURSES, "courseId": code}
        requests = import_module("requests")
        form = {"grant_type": "client_credentials"}
        answer = requests.post(address + API + "/v1/oauth2/token", data=form, auth=(key, secret))
        self.headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}
        self.client = import_module("blackboard").BlackboardSession(address, cookies=None)

    def all(self, fetch: Any, **more: Any) -> list[Any]:
        """All pages: a page that is full is followed by another."""
        found: list[Any] = []
        params = {"limit": 100, **more.pop("params", {})}
        while len(found) % 100 == 0:
            page = self.page(fetch, params={**params, "offset": len(found)}, **more)
            if not page:
                break
            found += page
        return found

    def page(self, fetch: Any, **more: Any) -> Any:
        """A page; None for an empty one, which the library takes for an error."""
        try:
            found = fetch(headers=self.headers, **more)
        except (import_module("tiny_api_client").APIEmptyResponseError, import_module("requests").JSONDecodeError):
            return None
        return found

    def courses(self) -> Any:
        return [{"id": each.id} for each in self.all(self.client.fetch_courses, params=self.wanted)]

    def members(self, course: str) -> Any:
        return self.all(self.client.fetch_course_memberships, course_id=course, params=MEMBERS)

    def categories(self, course: str) -> Any:
        return self.all(self.client.fetch_gradebook_categories, course_id=course)

    def columns(self, course: str) -> Any:
        return self.all(self.client.fetch_grade_columns, course_id=course)

    def last_changed(self, course: str, column: str) -> Any:
        """Without the grade's `status`, which the library takes for an error's."""
        where = {"course_id": course, "column_id": column}
        return self.page(self.client.fetch_column_grade_last_changed, params={"fields": "changeIndex"}, **where)

    def grades(self, course: str, column: str) -> Any:
        return self.all(self.client.fetch_column_grades, course_id=course, column_id=column)


class ProfPy:
    """profpy: older versions of the operations; returns one page; grades learner by learner."""

    categories = last_changed = None

    def __init__(self, address: str, key: str, secret: str, code: str) -> None:
        self.code = code
        self.client = import_module("profpy.apis").BlackBoardLearn(key, "", secret, address + API + "/")
        self.known: list[str] = []

    def courses(self) -> Any:
        found = self.client.get_courses(limit=100, courseId=self.code, fields="id,availability.available")
        return [each for each in found if each["availability"]["available"] == "Yes"]

    def members(self, course: str) -> Any:
        found: list[Any] = []
        while len(found) % 200 == 0:
            page = self.client.get_course_members(course, use_blackboard_course_id=True, limit=200, offset=len(found))
            if not page:
                break
            found += page
        self.known = [each["userId"] for each in found]
        return [{"user": {"id": each["userId"]}, **each} for each in found]

    def columns(self, course: str) -> Any:
        return self.client.get_courses_columns(course, use_blackboard_course_id=True)

    def grades(self, course: str, column: str) -> Any:
        flags = dict.fromkeys(("course", "column", "user"), True)
        by_id = {f"use_blackboard_{name}_id": flag for name, flag in flags.items()}
        asked = (self.client.get_course_grade_columns_by_user(course, column, user, **by_id) for user in self.known)
        return [each for each in asked if "exempt" in each]


CLIENTS = {"bbrest": BbRest, "bblearn": BbLearn, "profpy": ProfPy}


def pull(client: Any) -> dict[str, list[Any]]:
    """Everything the guide's workflow reads, as far as the client can."""
    made: dict[str, list[Any]] = {
        name: [] for name in ("courses", "members", "categories", "columns", "grades", "last")
    }
    for course in client.courses():
        place = course["id"]
        made["courses"].append(place)
        made["members"] += [[place, each["user"]["id"], each.get("childCourseId")] for each in client.members(place)]
        if client.categories:
            made["categories"] += [[place, each["id"], each["title"]] for each in client.categories(place)]
        for column in client.columns(place):
            made["columns"].append([place, column["id"], column.get("gradebookCategoryId")])
            last = client.last_changed(place, column["id"]) if client.last_changed else None
            made["last"] += [[column["id"], last["changeIndex"]]] if last else []
            for grade in client.grades(place, column["id"]):
                score = grade.get("displayGrade", grade).get("score")
                made["grades"].append([place, column["id"], grade["userId"], score, grade.get("changeIndex")])
    return made


if __name__ == "__main__":
    name, *rest = sys.argv[1:]
    json.dump(pull(CLIENTS[name](*rest)), sys.stdout)
