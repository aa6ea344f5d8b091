"""The generic assessments API, `/api/v1/assessments` and `/api/v1/auth`: ids such as `asmnt_12`, one envelope."""

from __future__ import annotations

from app.rest.assessments import assessments, auth
from app.rest.assessments.dialect import AssessmentsDialect
from app.rest.assessments.endpoint import AssessmentsEndpoint
from app.rest.family import Family, System

SYSTEM = System(
    name="assessments",
    title="assessments API",
    prefix="/api/v1",
    dialect=AssessmentsDialect(),
    families=[Family.of(auth), Family.of(assessments)],
    endpoint=AssessmentsEndpoint,
)
