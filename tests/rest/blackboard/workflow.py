"""The workflow of Blackboard's guide to pulling gradebook data, and the one GraphQL request that replaces it.

(contracts/blackboard.md §0, §6, §8.)
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.documentation import ROOT

QUERY = (ROOT / "README.md").read_text().partition("```graphql\n")[2].partition("```")[0]
"""The first example of the README."""
BASE = "/learn/api/public"
COURSES = "/v3/courses?availability.available=Yes&fields=id,created,availability.available,hasChildren"
MEMBERS = "/v1/courses/{}/users?expand=user&fields=id,user.id,childCourseId&limit=200"
CATEGORIES = "/v1/courses/{}/gradebook/categories"
COLUMNS = "/v2/courses/{}/gradebook/columns"
COLUMN_KEYS = "?fields=id,externalId,name,displayName,gradebookCategoryId,score.possible,grading.due"
LAST_CHANGED = COLUMNS + "/{}/users/lastChanged"
GRADES = COLUMNS + "/{}/users"

Get = Callable[[str], Awaitable[Any]]
"""The body of what is at a path below the server, None without one."""


@dataclass(slots=True)
class Pulled:
    """What a gradebook consists of, by integer keys.

    `members`: (course, user, child course or None); `categories`: (course, category, title); `columns`: (course,
    column, category); `grades`: (course, column, user, displayed score, change index).
    """

    courses: set[int] = field(default_factory=set)
    members: set[tuple[int, int, int | None]] = field(default_factory=set)
    categories: set[tuple[int, int, str]] = field(default_factory=set)
    columns: set[tuple[int, int, int]] = field(default_factory=set)
    grades: set[tuple[int, int, int, float | None, int]] = field(default_factory=set)

    def indices(self) -> dict[int, int]:
        """The greatest change index of each column: what a client remembers."""
        found: dict[int, int] = {}
        for _, column, _, _, index in self.grades:
            found[column] = max(index, found.get(column, 0))
        return found

    def record(self) -> dict[str, Sequence[Any]]:
        """All of it in one order."""
        sets: dict[str, set[Any]] = {
            "members": self.members,
            "categories": self.categories,
            "columns": self.columns,
            "grades": self.grades,
        }
        return {"courses": sorted(self.courses)} | {name: sorted(each, key=str) for name, each in sets.items()}


async def pull(get: Get, known: Mapping[int, int] | None = None, courses: str = COURSES) -> Pulled:
    """All that the guide reads; of columns whose greatest change index is `known` no grades. `courses` lists them."""
    made = Pulled()
    for course in await _listed(get, courses):
        place = course["id"]
        made.courses.add(key(place))
        for member in await _listed(get, MEMBERS.format(place)):
            child = member.get("childCourseId")
            made.members.add((key(place), key(member["user"]["id"]), child and key(child)))
        for category in await _listed(get, CATEGORIES.format(place)):
            made.categories.add((key(place), key(category["id"]), category["title"]))
        for column in await _listed(get, COLUMNS.format(place) + COLUMN_KEYS):
            made.columns.add((key(place), key(column["id"]), key(column["gradebookCategoryId"])))
            await _changed(get, made, place, column["id"], known or {})
    return made


async def _changed(get: Get, made: Pulled, place: str, column: str, known: Mapping[int, int]) -> None:
    """Add the grades of a column, when one has changed."""
    last = await get(BASE + LAST_CHANGED.format(place, column))
    before = known.get(key(column), 0)
    if known and (last is None or last["changeIndex"] <= before):
        return
    for grade in await _listed(get, GRADES.format(place, column) + (f"?changeIndex={before}" if before else "")):
        score = grade.get("displayGrade", {}).get("score")
        made.grades.add((key(place), key(column), key(grade["userId"]), score, grade["changeIndex"]))


async def _listed(get: Get, path: str) -> list[Any]:
    """All pages of a collection."""
    body = await get(BASE + path)
    found = list(body["results"])
    while "paging" in body:
        body = await get(body["paging"]["nextPage"])
        found += body["results"]
    return found


def key(primary: str) -> int:
    """The integer in `_12_1`."""
    return int(primary.strip("_").split("_")[0])


def of_graph(data: Mapping[str, Any]) -> Pulled:
    """The same of the answer to QUERY; who has left a course is disabled there, and not listed."""
    made = Pulled()
    for course in data["courseInstances"]["nodes"]:
        place = course["databaseId"]
        made.courses.add(place)
        left = {each["user"]["databaseId"] for each in course["enrollments"]["nodes"] if each["status"] == "DROPPED"}
        for member in course["enrollments"]["nodes"]:
            child, user = member["childCourseInstance"], member["user"]["databaseId"]
            if user not in left:
                made.members.add((place, user, child and child["databaseId"]))
        made.categories |= {(place, each["databaseId"], each["name"]) for each in course["assessmentCategories"]}
        for column in course["assessments"]["nodes"]:
            made.columns.add((place, column["databaseId"], column["category"]["databaseId"]))
            for grade in column["columnGrades"]["nodes"]:
                cell = (place, column["databaseId"], grade["user"]["databaseId"])
                if cell[2] not in left:
                    shown = grade["displayGrade"] or {"score": None}
                    made.grades.add((*cell, shown["score"], grade["changeIndex"]))
    return made
