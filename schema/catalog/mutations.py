"""Writes of organizations and courses. What hangs on rights in a course: schema/enrollment/mutations.py."""

from __future__ import annotations

import strawberry

from app.domain.catalog import mailing, service, terms
from schema.catalog.types import Course, Organization, Term
from schema.core.inputs import key
from schema.core.mutations import deletes, mutation
from schema.identity.types import User


@strawberry.type
class Mutations:
    """Fields of the mutation root."""

    create_organization = mutation(
        service.create_organization, Organization, "Make an organization known. Administrators."
    )
    set_mail_preference = mutation(
        mailing.set_mail_preference,
        Organization,
        "Say whether you take mails of an organization; administrators say it for everybody.",
        receives_mail="Whether to take them.",
        user_id=key(User, "Who takes them; you when absent."),
    )
    create_course = mutation(service.create_course, Course, "Enter a course into the catalogue. Administrators.")
    create_term = mutation(terms.create_term, Term, "Enter a term. Administrators.")
    update_term = mutation(terms.update_term, Term, "Change a term. Administrators.")
    delete_term = mutation(
        terms.delete_term, Term, "Delete a term of no course instance. Administrators.", gives=deletes(Term)
    )
