"""A request to each operation, by the operation's name: method, path with the fixture's names, body."""

from __future__ import annotations

from typing import Any

from tests.rest.blackboard.conftest import GRADEBOOK, A, Blackboard, P

Request = tuple[str, str, Any]
COLUMN = GRADEBOOK + "/columns/{M}"
V1 = A + "/gradebook"
READING: dict[str, Request] = {
    "Version": ("GET", "/v1/system/version", None),
    "Courses": ("GET", "/v3/courses", None),
    "Course": ("GET", "/v3/courses/{A}", None),
    "Children": ("GET", P + "/children", None),
    "Child": ("GET", P + "/children/{K1}", None),
    "CrossListSet": ("GET", A + "/crossListSet", None),
    "Memberships": ("GET", A + "/users?expand=user", None),
    "Membership": ("GET", A + "/users/{S1}", None),
    "MembershipsOfUser": ("GET", "/v1/users/{S1}/courses?expand=course", None),
    "Columns": ("GET", GRADEBOOK + "/columns", None),
    "Column": ("GET", COLUMN, None),
    "Categories": ("GET", A + "/gradebook/categories", None),
    "Category": ("GET", A + "/gradebook/categories/{Q}", None),
    "GradeSchemas": ("GET", A + "/gradebook/schemas", None),
    "GradeNotations": ("GET", A + "/gradebook/gradeNotations", None),
    "GradingPeriods": ("GET", A + "/gradebook/periods", None),
    "Grades": ("GET", COLUMN + "/users", None),
    "LastChanged": ("GET", COLUMN + "/users/lastChanged", None),
    "Grade": ("GET", COLUMN + "/users/{S1}", None),
    "GradesOfUser": ("GET", GRADEBOOK + "/users/{S1}", None),
    "Attempts": ("GET", GRADEBOOK + "/columns/{T}/attempts", None),
    "Attempt": ("GET", GRADEBOOK + "/columns/{T}/attempts/{T1}", None),
    "CoursesV1": ("GET", "/v1/courses", None),
    "CourseV1": ("GET", "/v1/courses/{A}", None),
    "CoursesV2": ("GET", "/v2/courses", None),
    "CourseV2": ("GET", "/v2/courses/{A}", None),
    "ColumnsV1": ("GET", V1 + "/columns", None),
    "ColumnV1": ("GET", V1 + "/columns/{M}", None),
    "GradesV1": ("GET", V1 + "/columns/{M}/users", None),
    "GradeV1": ("GET", V1 + "/columns/{M}/users/{S1}", None),
    "GradesOfUserV1": ("GET", V1 + "/users/{S1}", None),
    "Users": ("GET", "/v1/users", None),
    "User": ("GET", "/v1/users/{S1}", None),
    "DataSources": ("GET", "/v1/dataSources", None),
    "DataSource": ("GET", "/v1/dataSources/{DS1}", None),
    "Terms": ("GET", "/v1/terms", None),
    "Term": ("GET", "/v1/terms/{F24}", None),
    "CourseRoles": ("GET", "/v1/courseRoles", None),
}
INSTRUCTING: dict[str, Request] = {
    "UpdateCourse": ("PATCH", "/v3/courses/{A}", {"name": "Biology"}),
    "CreateMembership": ("PUT", A + "/users/{STRANGER}", {}),
    "UpdateMembership": ("PATCH", A + "/users/{S2}", {"courseRoleId": "TeachingAssistant"}),
    "DeleteMembership": ("DELETE", A + "/users/{S2}", None),
    "CreateColumn": ("POST", GRADEBOOK + "/columns", {"name": "X", "grading": {"type": "Manual"}}),
    "UpdateColumn": ("PATCH", COLUMN, {"name": "Y"}),
    "DeleteColumn": ("DELETE", COLUMN, None),
    "UpdateGrade": ("PATCH", COLUMN + "/users/{S1}", {"score": 50}),
}
MARKING: dict[str, Request] = {
    "CreateAttempt": ("POST", GRADEBOOK + "/columns/{T}/attempts", {"userId": "externalId:s2"}),
    "UpdateAttempt": ("PATCH", GRADEBOOK + "/columns/{T}/attempts/{T1}", {"notes": "late"}),
}
ADMINISTERING: dict[str, Request] = {
    "DeleteCourse": ("DELETE", "/v3/courses/{D}", None),
    "AddChild": ("PUT", P + "/children/{D}", None),
    "RemoveChild": ("DELETE", P + "/children/{K1}", None),
    "CreateUser": ("POST", "/v1/users", {"userName": "newton"}),
    "CreateCourse": ("POST", "/v3/courses", {"courseId": "NEW1", "name": "New"}),
    "DeleteUser": ("DELETE", "/v1/users/{STRANGER}", None),
    "CreateDataSource": ("POST", "/v1/dataSources", {"externalId": "NEW"}),
    "UpdateDataSource": ("PATCH", "/v1/dataSources/{DS1}", {"description": "Old"}),
    "DeleteDataSource": ("DELETE", "/v1/dataSources/{DS3}", None),
    "CreateTerm": ("POST", "/v1/terms", {"externalId": "s25", "name": "Spring"}),
    "UpdateTerm": ("PATCH", "/v1/terms/{F24}", {"name": "Fall"}),
    "DeleteTerm": ("DELETE", "/v1/terms/{OLDTERM}", None),
    "UpdateUser": ("PATCH", "/v1/users/{S1}", {"name": {"given": "Samuel"}}),
}
OPERATIONS = READING | MARKING | INSTRUCTING | ADMINISTERING


def request_to(bb: Blackboard, operation: str) -> tuple[str, str, dict[str, Any]]:
    """Method, path and body of a request to an operation."""
    method, path, sent = OPERATIONS[operation]
    names = {name: f"_{key}_1" for name, key in bb.filled.keys.items()}
    return method, path.format_map(names), {} if sent is None else {"json": sent}
