"""The contract's fixture: course instance 41 of course 9, written as rows so that every id is the contract's."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import insert, update

from app.context import Context
from app.db.base import Base
from app.domain.assessments.models import (
    Assessment,
    AssessmentAccessRule,
    AssessmentCategory,
    GradingType,
    Problem,
    Question,
    Zone,
)
from app.domain.attempts.models import (
    AssessmentInstance,
    InstanceQuestion,
    Submission,
    SubmissionFile,
    Variant,
)
from app.domain.catalog.models import Course, CourseInstance, CourseInstanceAccessRule, Organization
from app.domain.enrollment.models import CourseRole, CourseStaff, Enrollment, Role
from app.domain.files import keep
from app.domain.grades.models import ColumnGrade, Score
from app.domain.identity.models import AccessToken, User
from app.domain.identity.tokens import issue_token

Values = Mapping[str, Any]

PEOPLE = {"ADMIN": 500, "OWNER": 501, "STUD": 502, "PREV": 503, "DATA": 504, "OUT": 505}
SECOND_STUDENT = 506


def instant(text: str) -> datetime:
    """An instant of 2024 in UTC, from `09-03 15:02:11`."""
    return datetime.fromisoformat(f"2024-{text}").replace(tzinfo=UTC)


async def add(ctx: Context, model: type[Base], *rows: Values, **common: Any) -> None:
    """Insert rows; those of one call have the same columns."""
    await ctx.db.execute(insert(model), [{**common, **row} for row in rows])


async def fill(ctx: Context) -> dict[str, str]:
    """Write the whole fixture; the tokens of PEOPLE by name."""
    await add_places(ctx)
    await add_people(ctx)
    await add_assessments(ctx)
    await add_questions(ctx)
    await add_rules(ctx)
    await add_instance(ctx)
    await add_submissions(ctx)
    await add_foreign(ctx)
    tokens = {name: (await issue_token(ctx, name="test", user_id=key)).text for name, key in PEOPLE.items()}
    await ctx.db.execute(update(AccessToken).values(last_used_at=ctx.now))
    return tokens


async def add_places(ctx: Context) -> None:
    """Course 9 with its instance 41, and another course's instance 42."""
    await add(ctx, Organization, {"id": 1, "key": "uni", "name": "University"})
    await add(
        ctx,
        Course,
        {"id": 9, "key": "EE210", "short_name": "EE 210", "title": "Intro to Signals"},
        {"id": 10, "key": "HIST1", "short_name": "HIST 1", "title": "History"},
        organization_id=1,
    )
    here = {"id": 41, "course_id": 9, "name": "sig-f24", "short_name": "Au24", "long_name": "Autumn 2024"}
    there = {"id": 42, "course_id": 10, "name": "hist-f24", "short_name": None, "long_name": "History, autumn 2024"}
    await add(
        ctx,
        CourseInstance,
        {**here, "uuid": uuid4().hex, "time_zone": "America/Chicago"},
        {**there, "uuid": uuid4().hex, "time_zone": "Europe/Oslo"},
    )


async def add_people(ctx: Context) -> None:
    """An owner, an assistant, two students, somebody who sees the content only, an outsider, an administrator."""
    names = {500: "root", 501: "ida", 502: "rin", 503: "pia", 504: "tom", 505: "oto", 506: "kim"}
    users = [
        {"id": key, "username": name, "uid": f"{name}@uni.example", "name": name.capitalize(), "uin": None}
        for key, name in names.items()
    ]
    users[2] |= {"name": "Rin Abe", "uin": "77120031"}
    await add(ctx, User, *({**user, "uuid": uuid4().hex, "is_staff": user["id"] == 500} for user in users))
    members = [(41, 501, Role.INSTRUCTOR), (41, 504, Role.COURSE_ASSISTANT), (42, 505, Role.INSTRUCTOR)]
    members += [(41, 502, Role.STUDENT), (41, 506, Role.STUDENT), (42, 506, Role.STUDENT)]
    await add(
        ctx,
        Enrollment,
        *({"course_instance_id": place, "user_id": user, "role": role} for place, user, role in members),
        enrolled_at=instant("08-20 12:00"),
    )
    rights = [{"user_id": 503, "role": CourseRole.PREVIEWER}, {"user_id": 501, "role": CourseRole.OWNER}]
    await add(ctx, CourseStaff, *rights, course_id=9)


def assessment(key: int, name: str, title: str, **values: Any) -> dict[str, Any]:
    """The row of an assessment of course instance 41, the first of its category."""
    row = {"id": key, "course_instance_id": 41, "name": name, "title": title, "uuid": uuid4().hex}
    others = {"kind": "HOMEWORK", "grading_type": GradingType.ATTEMPTS, "max_points": 16.0, "deleted_at": None}
    return row | others | {"number": "1", "position": 1} | values


async def add_assessments(ctx: Context) -> None:
    """HW1 (7) and E1 (8), a column kept by hand, a deleted homework."""
    homework = {"id": 2, "number": 1, "name": "Homework", "abbreviation": "HW", "heading": "Homeworks"}
    exam = {"id": 3, "number": 2, "name": "Exam", "abbreviation": "E", "heading": "Exams"}
    await add(
        ctx, AssessmentCategory, {**exam, "color": "brown1"}, {**homework, "color": "green1"}, course_instance_id=41
    )
    await add(
        ctx,
        Assessment,
        assessment(8, "exam1", "Midterm", category_id=3, kind="EXAM", max_points=10.0),
        assessment(7, "hw01", "Vectors", category_id=2),
        assessment(11, "presence", "Presence", category_id=2, grading_type=GradingType.MANUAL, position=2),
        assessment(12, "hw02", "Gone", category_id=2, position=3, deleted_at=instant("09-01 12:00")),
    )


async def add_questions(ctx: Context) -> None:
    """HW1 has two zones, two questions of the bank, and a problem outside of zone and bank; E1 has one question."""
    await add(
        ctx, Zone, {"id": 71, "number": 1, "title": "Warm-up"}, {"id": 72, "number": 2, "title": None}, assessment_id=7
    )
    await add(
        ctx,
        Question,
        {"id": 114, "name": "addNumbers", "title": "Add", "topic": "Algebra", "tags": ["numeric"]},
        {"id": 115, "name": "vectors/dot", "title": "Dot", "topic": None, "tags": []},
        course_id=9,
        uuid=uuid4().hex,
    )
    place = {"assessment_id": 7, "zone_id": None, "question_id": None, "max_manual_points": 0.0}
    await add(
        ctx,
        Problem,
        {"id": 201, "zone_id": 71, "question_id": 114, "number": 1, "name": "one"} | points(5.0),
        {"id": 202, "zone_id": 72, "question_id": 115, "number": 2, "name": "two"} | points(6.0),
        {"id": 203, "zone_id": None, "question_id": None, "number": 3, "name": "essay"} | points(5.0, manual=5.0),
        {"id": 204, "zone_id": None, "question_id": 115, "number": 1, "name": "one", "assessment_id": 8} | points(10.0),
        **place,
    )


def points(whole: float, manual: float = 0.0) -> dict[str, float]:
    """What a problem is worth, and how much of it a person awards."""
    return {"max_points": whole, "max_auto_points": whole - manual, "max_manual_points": manual}


async def add_rules(ctx: Context) -> None:
    """Access rules, the last first: the order is that of their numbers."""
    ends = {"start_at": instant("08-20 05:00:01"), "end_at": instant("12-21 05:59:59")}
    await add(
        ctx,
        CourseInstanceAccessRule,
        {"id": 2, "number": 2, "institution": "Any", "uids": ["kim@uni.example"]},
        {"id": 3, "number": 1, "institution": None, "uids": None, **ends},
        course_instance_id=41,
        start_at=None,
        end_at=None,
    )
    secret = {"mode": "Exam", "password": "sesame", "exam_uuid": "5719ebfe-ad20-42b1-b0dc-c47f0f714871"}
    open_ends = {"start_at": None, "end_at": None, "shows_closed_assessment": False}
    limits = {"time_limit_minutes": 50, "uids": ["rin@uni.example"], "shows_closed_assessment_score": False}
    await add(
        ctx,
        AssessmentAccessRule,
        {"id": 11, "number": 2, "credit": 0, **secret, **open_ends, **limits},
        {"id": 12, "number": 1, "credit": 100, "mode": "Public", "password": None, "exam_uuid": None},
        assessment_id=7,
        start_at=instant("09-01 05:00:01"),
        end_at=instant("09-11 04:59:59"),
        shows_closed_assessment=True,
        shows_closed_assessment_score=True,
        time_limit_minutes=None,
        uids=None,
    )


def sitting(key: int, assessment_id: int, user_id: int | None, **values: Any) -> dict[str, Any]:
    """The row of an assessment instance."""
    row: dict[str, Any] = {"id": key, "assessment_id": assessment_id, "user_id": user_id, "course_instance_id": 41}
    row |= {"group_id": None, "number": 1, "is_open": True, "points": None, "max_points": 16.0, "score_perc": None}
    row |= {"duration_seconds": 0.0, "started_at": instant("09-03 15:02:11"), "closes_at": None}
    return row | {"modified_at": instant("09-05 02:40")} | values


async def add_instance(ctx: Context) -> None:
    """Rin's instance 31 of HW1 with its three questions, and the grade that it comes to."""
    scored = {"points": 14.0, "score_perc": 87.5}
    await add(ctx, AssessmentInstance, sitting(31, 7, 502, **scored, duration_seconds=1834.2))
    await add(
        ctx,
        InstanceQuestion,
        {"id": 61, "problem_id": 201, "points": 5.0, "highest_submission_score": 1.0, "duration_seconds": 93.5},
        {"id": 62, "problem_id": 202, "points": 4.0, "highest_submission_score": 2 / 3, "duration_seconds": None},
        {"id": 63, "problem_id": 203, "points": 5.0, "highest_submission_score": 1.0, "manual_points": 5.0}
        | {"number_attempts": 1, "duration_seconds": None},
        assessment_instance_id=31,
        number=None,
        manual_points=0.0,
        last_submission_score=1.0,
        number_attempts=2,
    )
    drawn = {"params": {"a": 4, "b": 9}, "true_answer": {"c": 13}, "options": {}, "created_at": instant("09-03 15:03")}
    await add(ctx, Variant, {"id": 402, "instance_question_id": 61, "number": 1, "seed": "3f8a2c", **drawn})
    grade = {"assessment_id": 7, "user_id": 502, "assessment_instance_id": 31, "max_points": 16.0, **scored}
    await add(ctx, ColumnGrade, {"course_instance_id": 41, "change_index": 1, **grade})


async def add_submissions(ctx: Context) -> None:
    """Submissions 879 and 880 to `addNumbers`, 881 and 882 (not marked) to `vectors/dot`, 883 with a file."""
    handed = {"assessment_instance_id": 31, "course_instance_id": 41, "submitted_by_id": 502, "credit": 100}
    await add(
        ctx,
        Submission,
        answer(879, 61, 1, "09-03 15:05:00", variant_id=402, answer={"c": 12}),
        answer(880, 61, 2, "09-03 15:07:40", variant_id=402, answer={"c": 13}, raw_answer={"c": "13"}),
        answer(881, 62, 3, "09-03 15:10:00", answer={"dot": 7}),
        answer(882, 62, 4, "09-03 15:12:00", answer={"dot": 8}),
        answer(883, 63, 5, "09-03 15:20:00"),
        mode="Public",
        **handed,
    )
    await add(
        ctx,
        Score,
        mark(879, 201, 0.0, "09-03 15:05:01"),
        mark(880, 201, 5.0, "09-03 15:07:41", feedback_data={}, partial_scores={"c": {"score": 1, "weight": 1}}),
        mark(881, 202, 4.0, "09-03 15:10:01"),
        mark(883, 203, 5.0, "09-04 15:00:00", manual_value=5.0, feedback="Well argued.", grader_id=504),
    )
    (essay,) = await keep(ctx, [b"Dear."])
    file = {"submission_id": 883, "name": "essay.txt", "content_type": "text/plain", "size": 5}
    await add(ctx, SubmissionFile, file | {"sha256": essay.sha256})


def answer(key: int, question: int | None, number: int, at: str, **values: Any) -> dict[str, Any]:
    """The row of a submission."""
    row: dict[str, Any] = {"id": key, "instance_question_id": question, "number": number, "submitted_at": instant(at)}
    return row | {"variant_id": None, "answer": None, "raw_answer": None} | values


def mark(submission: int, problem: int, value: float, at: str, **values: Any) -> dict[str, Any]:
    """The row of a score, released."""
    row: dict[str, Any] = {"submission_id": submission, "problem_id": problem, "value": value, "is_released": True}
    row |= {"manual_value": None, "grader_id": None, "feedback": None, "feedback_data": None, "partial_scores": None}
    return row | {"graded_at": instant(at)} | values


async def add_foreign(ctx: Context) -> None:
    """Course instance 42's assessment 17, instance 51 and submission 990."""
    category = {"id": 4, "number": 1, "name": "Homework", "abbreviation": "HW", "heading": "Homeworks"}
    await add(ctx, AssessmentCategory, category, course_instance_id=42)
    await add(ctx, Assessment, assessment(17, "hw01", "Rome", category_id=4, course_instance_id=42))
    await add(ctx, AssessmentAccessRule, {"id": 30, "assessment_id": 17, "number": 1})
    await add(ctx, Problem, {"id": 301, "assessment_id": 17, "number": 1, "name": "one", **points(5.0)})
    await add(ctx, AssessmentInstance, sitting(51, 17, 506, course_instance_id=42))
    await add(ctx, InstanceQuestion, {"id": 91, "assessment_instance_id": 51, "problem_id": 301})
    handed = answer(990, 91, 1, "09-03 15:00")
    await add(ctx, Submission, handed, assessment_instance_id=51, course_instance_id=42)
