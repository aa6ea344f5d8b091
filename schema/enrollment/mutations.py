"""Writes of courses, course instances, enrolments and rights to content."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Unpack

import strawberry

from app.context import Context
from app.domain.enrollment import invitations, joining, merging, offerings, queries, rosters, service, tracks
from app.domain.enrollment.models import Role
from schema.catalog.types import Course, CourseInstance, CourseInstanceAccessRule
from schema.core.inputs import OneOf, Shape, key, parts
from schema.core.keys import NO_KEY
from schema.core.mutations import deletes, mutation, shown, shows
from schema.enrollment.types import CourseStaff, Enrollment, EnrollmentInvitation, EnrollmentRole, EnrollmentTrack
from schema.identity.types import User

RULE = Shape(
    "CourseInstanceAccessRuleInput",
    offerings.EntryRule,
    CourseInstanceAccessRule,
    "Who may enter a course instance, and when. Null is no condition.",
)


@dataclass(frozen=True, slots=True)
class Person:
    """One key of a person."""

    user_id: int | None = None
    uid: str | None = None
    email: str | None = None
    username: str | None = None


PERSON = OneOf(
    "PersonBy",
    Person,
    User,
    "Exactly one key of a person, whom you need not be able to see.",
    user_id="The person's `id` or `databaseId`.",
)


@strawberry.type(description="What a name stands for in a course instance.")
class NameState:
    """A `rosters.NameState`."""

    has_account: bool = strawberry.field(description="Whether somebody has the name.")
    is_enrolled: bool = strawberry.field(description="Whether they learn there.")
    is_invited: bool = strawberry.field(description="Whether their address is invited.")
    is_automatic: bool = strawberry.field(description="Whether who has the address is enrolled at once.")


@strawberry.type(description="What became of a name.")
class NamedPerson:
    """A `rosters.NamedPerson`."""

    name: str = strawberry.field(description="The name, as it was given.")
    is_refused: bool = strawberry.field(description="Whether a rule forbade it.")
    before: NameState | None = strawberry.field(description="What it stood for; null for a name of nobody.")
    after: NameState | None = strawberry.field(description="What it stands for now; null for a name of nobody.")


async def enroll_user(
    ctx: Context,
    *,
    course_instance_id: int,
    person: Person,
    role: Role = Role.STUDENT,
    enrolled_at: datetime | None = None,
    attributes: dict[str, Any] | None = None,
    is_dropped: bool = False,
    **details: Unpack[service.EnrollmentDetails],
) -> int:
    """Enrol whom a key finds; the enrolment's id. Raises like `service.enroll`."""
    names = asdict(person)
    user_id = names.pop("user_id")
    if user_id is None:
        user_id = await queries.find_person(ctx, course_instance_id=course_instance_id, **names) or NO_KEY
    place = {"course_instance_id": course_instance_id, "user_id": user_id}
    more: dict[str, Any] = {"enrolled_at": enrolled_at, "attributes": attributes, "is_dropped": is_dropped}
    return await service.enroll(ctx, **place, role=role, **more, **details)


@strawberry.type(description="What became of names in a course instance.")
class Enlistment:
    """A `rosters.Enlistment`."""

    course_instance_id: int = strawberry.field(description="`databaseId` of the course instance.")
    people: list[NamedPerson] = strawberry.field(description="What became of the names, in their order.")


def _enlistments(source: Any) -> list[rosters.Enlistment] | None:
    return None if source.result is None else source.result.enlistments


@strawberry.type
class Mutations:
    """Fields of the mutation root."""

    update_course = mutation(
        offerings.update_course, Course, "Change a course. Its editors and owners, administrators."
    )
    set_course_staff = mutation(
        service.set_course_staff,
        CourseStaff,
        "Give a person a right to a course's content in place of an earlier one. Its owners, administrators.",
        gives={**shows(CourseStaff, "The right; null when it was taken."), **shows(Course, key="course_id")},
        role="Which right; null for none.",
    )
    create_course_instance = mutation(
        offerings.create_course_instance,
        CourseInstance,
        "Offer a course; who does becomes its instructor. Editors and owners of the course, administrators.",
        course_id="The course; for administrators, one of the catalogue called like it when absent.",
        time_zone="IANA time zone of its dates; the course's when absent.",
    )
    update_course_instance = mutation(
        offerings.update_course_instance,
        CourseInstance,
        "Change a course instance. Its instructors, editors and owners of the course, administrators.",
    )
    delete_course_instance = mutation(
        offerings.delete_course_instance,
        CourseInstance,
        "Hide a course instance from everybody for good. Editors and owners of the course, administrators.",
        gives=deletes(CourseInstance),
    )
    set_course_instance_access_rules = mutation(
        offerings.set_course_instance_access_rules,
        CourseInstance,
        "Replace the rules of who may enter. Instructors, editors and owners of the course, administrators.",
        rules=parts(RULE, "All rules, in the order in which they are numbered."),
    )
    merge_course_instance = mutation(
        merging.merge_course_instance,
        CourseInstance,
        "Merge a course instance into another: its people are enrolled there too, now and later. Administrators.",
        gives={
            **shows(CourseInstance, "What was merged into.", name="parent", key="parent_id"),
            **shows(CourseInstance, "What was merged.", name="child"),
        },
        parent_id="The course instance to merge into.",
        child_id=key(CourseInstance, "The course instance to merge."),
        passing_over="Whether who is enrolled in both stays in the parent as before; else that is refused.",
    )
    separate_course_instance = mutation(
        merging.separate_course_instance,
        CourseInstance,
        "Undo a merge: who came through the child is dropped from the parent, where the record stays. Administrators.",
        child_id=key(CourseInstance, "The course instance that was merged into another."),
    )
    enroll_user = mutation(
        enroll_user,
        Enrollment,
        "Enrol a person, or again one who had dropped. Instructors, administrators.",
        person=parts(PERSON, "Whom.", at="userId"),
        enrolled_at="Since when; now when absent.",
        is_dropped="Whether the person has left already.",
    )
    update_enrollment = mutation(
        service.update_enrollment,
        Enrollment,
        "Change what a person is in a course instance. Instructors, administrators.",
        attributes="Further data of the registrar, in place of the old.",
        leaving_child="Whether who came into a merged course instance by a child is enrolled directly from now on, and "
        "dropped there, by instructors of both.",
        including_staff="Whether instructors and course assistants may be dropped too.",
    )
    drop_enrollment = mutation(
        service.drop_enrollment,
        Enrollment,
        "Note that a person has left. The record stays. Instructors, administrators.",
        including_staff="Whether instructors and course assistants may be dropped too.",
    )
    create_enrollment_role = mutation(
        service.create_enrollment_role,
        EnrollmentRole,
        "Name those who take part in a role as the institution does. Administrators.",
    )
    join_course_instance = mutation(
        joining.join_course_instance,
        Enrollment,
        "Enrol yourself in a course instance that is open to you, seen or not; administrators anybody, in any track.",
        course_instance_id=key(CourseInstance, "Which; or say its `key`."),
        key="Unique opaque key of the course instance, in place of `courseInstanceId`.",
        user_id=key(User, "Whom; yourself when absent."),
        track="Slug of the track; as it is, or the usual one, when absent.",
        is_active="Whether to learn. Only administrators end it.",
        is_forced="Whether dates, places and tracks that are closed are passed over, by administrators.",
        access_code="The code that lets people enrol, where it needs one.",
        attributes="Further data, added to what there is.",
    )
    enlist_people = mutation(
        rosters.enlist_people,
        CourseInstance,
        "Enrol many people by name, or let them leave; addresses of nobody are invited. Instructors, administrators.",
        gives={
            "enlistments": shown(
                lambda: list[Enlistment] | None, "What became of the names, by course instance.", _enlistments
            ),
        },
        course_instance_ids=key(CourseInstance, "Where; at most 100."),
        names="Usernames and e-mail addresses, at most 1000.",
        is_leaving="Whether they leave.",
        is_automatic="Whether who is only invited is enrolled once there.",
        is_notified="Whether they get mails about it.",
    )
    invite_by_email = mutation(
        invitations.invite_by_email,
        EnrollmentInvitation,
        "Let whoever will have an e-mail address enrol. Instructors, administrators.",
    )
    withdraw_invitation = mutation(
        invitations.withdraw_invitation,
        EnrollmentInvitation,
        "Invite an address no more. Instructors, administrators.",
        gives=deletes(EnrollmentInvitation),
    )
    drop_everywhere = mutation(
        rosters.drop_everywhere,
        User,
        "Let a person leave all course instances, staff or not; the records stay. Administrators.",
        gives={
            **shows(User, key="user_id"),
            "organization_names": shown(
                lambda: list[str] | None,
                "Whose courses they were in, in order.",
                lambda source: source.organization_names,
            ),
        },
        user_id=key(User, "Whom."),
    )
    create_enrollment_track = mutation(
        tracks.create_enrollment_track,
        EnrollmentTrack,
        "Offer a way to take part in a course instance. Administrators.",
    )
    update_enrollment_track = mutation(
        tracks.update_enrollment_track, EnrollmentTrack, "Change a way to take part. Administrators."
    )
    delete_enrollment_track = mutation(
        tracks.delete_enrollment_track,
        EnrollmentTrack,
        "Offer a way to take part no more; who is in it stays so. Administrators.",
        gives=deletes(EnrollmentTrack),
    )
