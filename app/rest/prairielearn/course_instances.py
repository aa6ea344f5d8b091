"""Operations on a course instance itself."""

from __future__ import annotations

from app.rest.prairielearn.dialect import STAFF
from app.rest.route import Route, at

CI = "/course_instances/{course_instance_id}"
RULES = CI + "/course_instance_access_rules"

ROUTES = [
    Route("GET", CI, "CourseInstance", at("courseInstance"), needs=STAFF),
    Route("GET", RULES, "CourseInstanceAccessRules", at("courseInstance"), needs=STAFF),
]
