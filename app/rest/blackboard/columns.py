"""A gradebook's columns and their categories (contracts/blackboard.md §5.4, §5.5)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.errors import BadRequest
from app.rest.blackboard import filters, ids
from app.rest.blackboard.asking import INSTRUCT, TAKE_PART, Asked
from app.rest.blackboard.endpoint import Operation, Spelled
from app.rest.blackboard.filters import Filter, Where
from app.rest.blackboard.gradebook import CATEGORY, COLUMN, GRADING_TYPES
from app.rest.blackboard.parameters import LISTED, ONE, described, parameter
from app.rest.blackboard.refusals import required, unknown
from app.rest.route import Row

GRADEBOOK = "/v2/courses/{courseId}/gradebook"
COLUMNS = GRADEBOOK + "/columns"
COLUMN_PATH = COLUMNS + "/{columnId}"
TYPES = {text: value for value, text in GRADING_TYPES.items()}
CATEGORIES = "/v1/courses/{courseId}/gradebook/categories"


def _in_categories(text: str) -> Where:
    return {"categoryId": {"in": [ids.parse(each.strip()).key for each in text.split(",") if each.strip()]}}


FILTERS = {
    "contentId": filters.equal("contentId"),
    "name": filters.contains("title"),
    "displayName": filters.contains("displayName"),
    "gradebookCategoryId": Filter(_in_categories),
    "created": filters.since("createdAt"),
    "modified": filters.since("updatedAt"),
}


async def wanted(asked: Asked) -> Mapping[str, Any]:
    """Which columns of the course."""
    conditions = filters.where(dict(asked.query), FILTERS)
    here = {"courseInstanceId": {"eq": asked.ids["course_id"]}}
    return {"where": {"and": [here, *conditions]}, "first": asked.page.first}


async def one_category(asked: Asked, data: Row) -> Row:
    """The category of the path. Raises NotFound."""
    for each in data["courseInstance"]["categories"]:
        if each["id"] == asked.ids["category_id"]:
            return {"category": each}
    raise unknown(asked.path["categoryId"])


async def new_column(asked: Asked) -> Mapping[str, Any]:
    """The input of a new column. Raises BadRequest."""
    made = required(COLUMN.read(asked.sent), "title", "name")
    grading = asked.sent.get("grading")
    kind = grading.get("type") if isinstance(grading, dict) else None
    if kind not in TYPES:
        raise BadRequest(f"grading.type: one of {', '.join(TYPES)} is asked for")
    return {"input": {"courseInstanceId": str(asked.ids["course_id"]), "gradingType": TYPES[kind], **made}}


async def changes(asked: Asked) -> Mapping[str, Any]:
    """The input that writes what is sent."""
    return {"input": {"assessmentId": str(asked.ids["column_id"]), **COLUMN.read(asked.sent)}}


async def to_delete(asked: Asked) -> Mapping[str, Any]:
    """The column of the path, and whether it stays where it has grades."""
    only_if_empty = filters.flag(asked.given("onlyIfEmpty") or "false", "onlyIfEmpty")
    return {"input": {"assessmentId": str(asked.ids["column_id"]), "onlyIfEmpty": only_if_empty}}


ROUTES = [
    Operation(
        "GET",
        COLUMNS,
        "Columns",
        Spelled(("assessments", "nodes"), thing=COLUMN, most=200),
        needs=TAKE_PART,
        plan=wanted,
        parameters=(*described(FILTERS), *LISTED),
    ),
    Operation("GET", COLUMN_PATH, "Column", Spelled(("assessment",), thing=COLUMN), needs=TAKE_PART, parameters=ONE),
    Operation(
        "POST",
        COLUMNS,
        "CreateColumn",
        Spelled(("done", "column"), thing=COLUMN),
        needs=INSTRUCT,
        status=201,
        plan=new_column,
        parameters=ONE,
    ),
    Operation(
        "PATCH",
        COLUMN_PATH,
        "UpdateColumn",
        Spelled(("done", "column"), thing=COLUMN),
        needs=INSTRUCT,
        plan=changes,
        parameters=ONE,
    ),
    Operation(
        "DELETE",
        COLUMN_PATH,
        "DeleteColumn",
        needs=INSTRUCT,
        empty=200,
        plan=to_delete,
        parameters=(parameter("onlyIfEmpty", "Whether a column with grades stays.", "boolean"),),
    ),
    Operation(
        "GET",
        CATEGORIES,
        "Categories",
        Spelled(("courseInstance", "categories"), thing=CATEGORY, most=100),
        needs=TAKE_PART,
        parameters=LISTED,
    ),
    Operation(
        "GET",
        CATEGORIES + "/{categoryId}",
        "Category",
        Spelled(("category",), thing=CATEGORY),
        needs=TAKE_PART,
        then=one_category,
        parameters=ONE,
    ),
]
