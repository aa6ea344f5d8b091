"""Older versions of reading operations, which older programs still ask for (contracts/blackboard.md §5.9)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from app.rest.blackboard import columns, courses, grades
from app.rest.blackboard.endpoint import Operation, Spelled
from app.rest.blackboard.gradebook import COLUMN, GRADE
from app.rest.blackboard.spelling import NUMBER, TEXT, WHOLE, Key, Thing, made, plain
from app.rest.blackboard.things import COURSE

NOT_IN_COURSES = {"closedComplete", "modified"}
NOT_IN_COLUMNS = {"displayName", "gradebookCategoryId", "formula", "grading.schemaId", "includeInCalculations"}
NOT_IN_GRADES = {"displayGrade", "changeIndex", "gradeNotationId", "score", "text"}


def written(value: str | float) -> str:
    """A grade as a text."""
    return value if isinstance(value, str) else str(plain(value))


FIRST_COURSE = Thing(
    (
        *(key for key in COURSE.keys if key.path not in NOT_IN_COURSES),
        *(replace(key, path="readOnly", of=key.of or key.path) for key in COURSE.keys if key.path == "closedComplete"),
    )
)
FIRST_COLUMN = Thing(
    (
        *(key for key in COLUMN.keys if key.path not in NOT_IN_COLUMNS),
        Key("score.decimalPlaces", WHOLE, else_=2),
    )
)
FIRST_GRADE = Thing(
    (
        *(key for key in GRADE.keys if key.path.partition(".")[0] not in NOT_IN_GRADES),
        Key("score", NUMBER, "display.score"),
        Key("text", made(TEXT.schema, written), "display.text", else_of="display.score"),
    )
)
"""The score and the text are those of the grade that counts, whether set by hand or not."""


def older(routes: Sequence[Operation], version: int, thing: Thing, *names: str) -> Iterator[Operation]:
    """The operations of these names as an older version has them: path, name, object."""
    for route in routes:
        if route.operation in names and isinstance(route.body, Spelled):
            path = f"/v{version}/" + route.path.split("/", 2)[2]
            body = replace(route.body, thing=thing)
            yield replace(route, path=path, operation=f"{route.operation}V{version}", body=body)


ROUTES = [
    *older(courses.ROUTES, 1, FIRST_COURSE, "Courses", "Course"),
    *older(courses.ROUTES, 2, COURSE, "Courses", "Course"),
    *older(columns.ROUTES, 1, FIRST_COLUMN, "Columns", "Column"),
    *older(grades.ROUTES, 1, FIRST_GRADE, "Grades", "Grade", "GradesOfUser"),
]
