"""PrairieLearn's read-only API, `/pl/api/v1`: 12 operations in six families."""

from __future__ import annotations

from app.rest.family import Family, System
from app.rest.prairielearn import assessment_instances, assessments, course_instances, gradebook, log, submissions
from app.rest.prairielearn.dialect import PrairieLearn

MODULES = (course_instances, gradebook, assessments, assessment_instances, submissions, log)

SYSTEM = System(
    name="prairielearn",
    title="PrairieLearn",
    prefix="/pl/api/v1",
    dialect=PrairieLearn(),
    families=[Family.of(module) for module in MODULES],
)
