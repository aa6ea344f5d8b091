"""Who sees the catalogue. Course instances are seen through enrolments: see app/domain/enrollment/policy.py."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select, select, true

from app.context import Context
from app.domain.catalog.models import (
    Course,
    CourseInstance,
    CourseInstanceAccessRule,
    MailPreference,
    Organization,
    Term,
)
from app.domain.identity.policy import may_administer
from app.policy import Viewing, existence, exists_unless, visibility


@visibility(Organization)
def organization_visible(viewing: Viewing) -> ColumnElement[bool]:
    """Everybody who is signed in."""
    return true()


@visibility(MailPreference)
def mail_preference_visible(viewing: Viewing) -> ColumnElement[bool]:
    """One's own."""
    return MailPreference.user_id == viewing.principal.user_id


@visibility(Term)
def term_visible(viewing: Viewing) -> ColumnElement[bool]:
    """Everybody who is signed in."""
    return true()


@visibility(Course)
def course_visible(viewing: Viewing) -> ColumnElement[bool]:
    """Everybody who is signed in: the catalogue is public to the university."""
    return true()


@existence(CourseInstance)
def course_instance_exists() -> ColumnElement[bool]:
    """A deleted one is kept and seen by nobody, and so is what is in it."""
    return CourseInstance.deleted_at.is_(None)


def deleted_course_instances() -> Select[Any]:
    """Ids of those that do not exist."""
    return select(CourseInstance.id).where(CourseInstance.deleted_at.is_not(None))


exists_unless(CourseInstanceAccessRule.course_instance_id, deleted_course_instances)


def may_create_organizations(ctx: Context) -> None:
    """Raise unless an institution administrator asks."""
    may_administer(ctx)


def may_create_courses(ctx: Context) -> None:
    """Raise unless an institution administrator asks."""
    may_administer(ctx)
