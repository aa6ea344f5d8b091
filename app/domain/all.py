"""Imports every domain, so that all tables and policies are known; fails when a table has no visibility predicate."""

from __future__ import annotations

from types import ModuleType

import app.domain.assessments.policy
import app.domain.attempts.policy
import app.domain.blocks.policy
import app.domain.catalog.policy
import app.domain.enrollment.invitations
import app.domain.enrollment.policy
import app.domain.files
import app.domain.gradebook.deriving
import app.domain.gradebook.policy
import app.domain.grades.certificates
import app.domain.grades.policy
import app.domain.groups.cohorts
import app.domain.groups.policy
import app.domain.identity.policy
import app.domain.jobs.notices
import app.domain.jobs.policy
import app.domain.libraries.policy
import app.domain.progress.policy
from app.db.base import Base
from app.policy import require_complete

POLICIES: tuple[ModuleType, ...] = (
    app.domain.files,
    app.domain.identity.policy,
    app.domain.catalog.policy,
    app.domain.enrollment.policy,
    app.domain.groups.policy,
    app.domain.blocks.policy,
    app.domain.libraries.policy,
    app.domain.progress.policy,
    app.domain.assessments.policy,
    app.domain.gradebook.policy,
    app.domain.attempts.policy,
    app.domain.grades.policy,
    app.domain.jobs.policy,
)
MODELS: list[type[Base]] = [mapper.class_ for mapper in Base.registry.mappers]

require_complete(MODELS)
