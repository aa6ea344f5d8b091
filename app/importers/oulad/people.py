"""Learners, their enrolments with what is known of them, and their results."""

from __future__ import annotations

from collections.abc import Mapping

from app.context import Context
from app.db.sets import member_of
from app.domain.enrollment.models import Enrollment, EnrollmentStatus, Role
from app.domain.grades.models import CourseGrade
from app.domain.identity.models import User
from app.importers.merge import merge
from app.importers.oulad.catalog import Presentations, made_uuid
from app.importers.oulad.files import ATTRIBUTES, RESULTS, STUDENT, Files
from app.importers.progress import Progress, step
from app.importers.summary import Summary

Learners = Mapping[int, Mapping[int, int]]  # course instance → id_student → user


async def merge_people(
    ctx: Context, files: Files, presentations: Presentations, summary: Summary, progress: Progress
) -> Learners:
    """Merge studentInfo.csv and studentRegistration.csv. Gives the user of each student of each course instance."""
    users = await _merge_users(ctx, files, summary, progress)
    await _merge_enrollments(ctx, files, presentations, users, summary, progress)
    await _merge_results(ctx, files, presentations, users, summary, progress)
    learners: dict[int, dict[int, int]] = {instance_id: {} for instance_id, _ in presentations.values()}
    for module, presentation, student in files.students.rows(*STUDENT):
        learners[presentations[module, presentation][0]][student] = users[student]
    return learners


async def _merge_users(ctx: Context, files: Files, summary: Summary, progress: Progress) -> dict[int, int]:
    students = sorted({student for (student,) in files.students.rows("id_student")})
    rows = []
    for student in students:
        name = f"oulad-{student}"
        rows.append((f"oulad:{student}", name, name, str(student), made_uuid("student", student)))
    with step(progress, "users", len(rows)) as advance:
        users = await merge(
            ctx,
            User,
            rows,
            key=("external_id",),
            compared=("username", "uid", "uin"),
            initial=("uuid",),
            within=User.external_id.startswith("oulad:"),
            advance=advance,
        )
    summary.add("users", **users.counts)
    return {student: users.ids[f"oulad:{student}",] for student in students}


async def _merge_enrollments(
    ctx: Context,
    files: Files,
    presentations: Presentations,
    users: dict[int, int],
    summary: Summary,
    progress: Progress,
) -> None:
    """An enrolment is dropped when it has a day of unregistration, whatever the result says."""
    table = files.registrations
    days = {tuple(row[:3]): row[3:] for row in table.rows(*STUDENT, "date_registration", "date_unregistration")}
    rows = []
    for module, presentation, student, *values in files.students.rows(*STUDENT, *ATTRIBUTES):
        instance_id, calendar = presentations[module, presentation]
        registered, unregistered = days[module, presentation, student]
        enrolled_at = calendar.start_at if registered is None else calendar.midnight[registered]
        ended_at = None if unregistered is None else calendar.midnight[unregistered]
        status = EnrollmentStatus.ACTIVE.value if ended_at is None else EnrollmentStatus.DROPPED.value
        attributes = dict(zip(ATTRIBUTES, values, strict=True))
        rows.append((instance_id, users[student], status, enrolled_at, ended_at, attributes, Role.STUDENT.value))
    rows.sort(key=lambda row: row[:2])
    with step(progress, "enrollments", len(rows)) as advance:
        merged = await merge(
            ctx,
            Enrollment,
            rows,
            key=("course_instance_id", "user_id"),
            compared=("status", "enrolled_at", "ended_at", "attributes"),
            initial=("role",),
            within=member_of(Enrollment.course_instance_id, [each for each, _ in presentations.values()]),
            advance=advance,
        )
    summary.add("enrollments", **merged.counts)


async def _merge_results(
    ctx: Context,
    files: Files,
    presentations: Presentations,
    users: dict[int, int],
    summary: Summary,
    progress: Progress,
) -> None:
    rows = sorted(
        (presentations[module, presentation][0], users[student], result, RESULTS[result])
        for module, presentation, student, result in files.students.rows(*STUDENT, "final_result")
    )
    with step(progress, "course grades", len(rows)) as advance:
        merged = await merge(
            ctx,
            CourseGrade,
            rows,
            key=("course_instance_id", "user_id"),
            compared=("result", "is_passed"),
            within=member_of(CourseGrade.course_instance_id, [each for each, _ in presentations.values()]),
            advance=advance,
        )
    summary.add("course grades", **merged.counts)
