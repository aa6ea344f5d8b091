"""The root of writing: the mutations of all domains."""

from __future__ import annotations

import strawberry

from schema.assessments import mutations as assessments
from schema.attempts import mutations as attempts
from schema.blocks import mutations as blocks
from schema.catalog import mutations as catalog
from schema.enrollment import mutations as enrollment
from schema.gradebook import mutations as gradebook
from schema.grades import mutations as grades
from schema.groups import mutations as groups
from schema.identity import mutations as identity
from schema.jobs import mutations as jobs
from schema.libraries import mutations as libraries
from schema.progress import mutations as progress


@strawberry.type(
    description="Everything that can be written. Each field is a transaction of its own, in the order of the document. "
    "An `ID` in an input is an `id` or a `databaseId`; in an update, what is absent stays and null empties."
)
class Mutation(
    identity.Mutations,
    catalog.Mutations,
    enrollment.Mutations,
    groups.Mutations,
    blocks.Mutations,
    libraries.Mutations,
    progress.Mutations,
    assessments.Mutations,
    gradebook.Mutations,
    attempts.Mutations,
    grades.Mutations,
    jobs.Mutations,
):
    """Every use case of the domain is a field."""
