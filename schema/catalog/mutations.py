"""Writes of organizations and courses. What hangs on rights in a course: schema/enrollment/mutations.py."""

from __future__ import annotations

import strawberry

from app.domain.catalog import service
from schema.catalog.types import Course, Organization
from schema.core.mutations import mutation


@strawberry.type
class Mutations:
    """Fields of the mutation root."""

    create_organization = mutation(
        service.create_organization, Organization, "Make an organization known. Administrators."
    )
    create_course = mutation(service.create_course, Course, "Enter a course into the catalogue. Administrators.")
