"""What edx-api-client's own suite expects of a developer's installation of Open edX: people, two courses, a tree."""

from __future__ import annotations

from typing import Any

from app.context import Context
from app.domain.assessments.models import GradingType
from app.domain.assessments.service import create_assessment, create_category
from app.domain.assessments.subsections import assess_block
from app.domain.blocks.service import create_block
from app.domain.catalog.models import EnrollmentMethod
from app.domain.catalog.service import create_course, create_organization
from app.domain.enrollment.models import Role
from app.domain.enrollment.offerings import create_course_instance
from app.domain.enrollment.service import enroll
from app.domain.enrollment.tracks import create_enrollment_track
from app.domain.gradebook.calculations import set_calculation
from app.domain.gradebook.formulas import Term
from app.domain.gradebook.models import CalculationKind, ScaleType
from app.domain.gradebook.scales import Symbol
from app.domain.gradebook.service import create_grade_schema
from app.domain.grades.overrides import override_grade
from app.domain.identity.service import create_user

CHAPTERS = (
    "Introduction",
    "Example Week 1: Getting Started",
    "Example Week 2: Get Interactive",
    "Example Week 3: Be Social",
    "About Exams and Certificates",
    "holding section",
)
BLOCK = "block-v1:edX+DemoX+Demo_Course+type@{}+block@{}"


async def fill(ctx: Context) -> int:
    """Write it; the number of `staff`, who is global staff and learns in the demonstration course."""
    people = {}
    for name in ("staff", "honor", "verified"):
        details: dict[str, Any] = {"uid": f"{name}@example.com", "email": f"{name}@example.com"}
        people[name] = await create_user(ctx, username=name, is_staff=name == "staff", **details)
    organization = await create_organization(ctx, key="edX", name="edX")
    runs = []
    for number, run, name in (
        ("DemoX", "Demo_Course", "edX Demonstration Course"),
        ("E2E-101", "course", "Manual Smoke Test Course"),
    ):
        course = await create_course(ctx, organization_id=organization, key=number, short_name=number, title=name)
        details = {"name": run, "key": f"course-v1:edX+{number}+{run}", "long_name": name}
        details |= {"enrollment_method": EnrollmentMethod.SELF_ENROLLMENT, "allows_derived": number == "DemoX"}
        runs.append(await create_course_instance(ctx, course_id=course, **details))
        for slug, price in (("audit", 0), ("verified", 49)):
            await create_enrollment_track(ctx, course_instance_id=runs[-1], slug=slug, name=slug, min_price=price)
    for name, track in (("staff", "verified"), ("honor", None)):
        await enroll(ctx, course_instance_id=runs[0], user_id=people[name], role=Role.STUDENT, track=track)
    await _passed(ctx, runs[0], await _tree(ctx, runs[0]), people["staff"])
    return people["staff"]


async def _passed(ctx: Context, run: int, block_id: int, user_id: int) -> None:
    """Let somebody have a certificate: 0.88 of the only homework, of which half is a pass."""
    here: dict[str, Any] = {"course_instance_id": run}
    homework = await create_category(ctx, **here, name="Homework", abbreviation="HW")
    assessment = await assess_block(ctx, block_id=block_id, category_id=homework)
    symbols = [Symbol("Pass", 50.0, 100.0), Symbol("F", 0.0, 50.0)]
    schema = await create_grade_schema(ctx, **here, title="Cut-offs", scale_type=ScaleType.TABULAR, symbols=symbols)
    final: dict[str, Any] = {"name": "final", "title": "Final", "max_points": 100.0, "is_external_grade": True}
    final |= {"grading_type": GradingType.CALCULATED, "grade_schema_id": schema, "category_id": homework}
    how: dict[str, Any] = {"kind": CalculationKind.WEIGHTED_TOTAL, "is_running": False}
    column = await create_assessment(ctx, **here, **final)
    await set_calculation(ctx, assessment_id=column, **how, terms=[Term(homework, weight=100.0, min_count=1)])
    await override_grade(ctx, assessment_id=assessment, user_id=user_id, points=0.88, max_points=1.0)


async def _tree(ctx: Context, run: int) -> int:
    """The chapters, the first with a problem in it; the subsection of that."""

    async def block(kind: str, name: str, title: str, parent: int | None) -> int:
        key = BLOCK.format(kind, name)
        return await create_block(ctx, course_instance_id=run, kind=kind, parent_id=parent, usage_key=key, name=title)

    root = await block("course", "course", "edX Demonstration Course", None)
    chapters = [await block("chapter", f"c{number}", title, root) for number, title in enumerate(CHAPTERS)]
    sequence = await block("sequential", "s", "Demo Course Overview", chapters[0])
    unit = await block("vertical", "u", "Introduction: Video and Sequences", sequence)
    await block("problem", "p", "Multiple choice", unit)
    return sequence
