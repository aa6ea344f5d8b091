"""Autolab's REST API v1, `/api/v1`."""

from __future__ import annotations

from app.rest.autolab import (
    assessments,
    course_user_data,
    courses,
    documents,
    groups,
    problems,
    scores,
    submissions,
    submit,
    user,
)
from app.rest.autolab.dialect import Autolab
from app.rest.autolab.endpoint import AutolabEndpoint
from app.rest.family import Family, System

MODULES = (user, courses, assessments, documents, groups, problems, scores, submissions, submit, course_user_data)

SYSTEM = System(
    name="autolab",
    title="Autolab",
    prefix="/api/v1",
    dialect=Autolab(),
    families=[Family.of(module) for module in MODULES],
    endpoint=AutolabEndpoint,
)
