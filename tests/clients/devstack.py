"""What edx-api-client's own suite expects of a developer's installation of Open edX: people, two courses, a tree."""

from __future__ import annotations

from typing import Any

from app.context import Context
from app.domain.blocks.service import create_block
from app.domain.catalog.models import EnrollmentMethod
from app.domain.catalog.service import create_course, create_organization
from app.domain.enrollment.models import Role
from app.domain.enrollment.offerings import create_course_instance
from app.domain.enrollment.service import enroll
from app.domain.enrollment.tracks import create_enrollment_track
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
    for name in ("staff", "honor"):
        await enroll(ctx, course_instance_id=runs[0], user_id=people[name], role=Role.STUDENT)
    await _tree(ctx, runs[0])
    return people["staff"]


async def _tree(ctx: Context, run: int) -> None:
    """The chapters, the first with a problem in it."""

    async def block(kind: str, name: str, title: str, parent: int | None) -> int:
        key = BLOCK.format(kind, name)
        return await create_block(ctx, course_instance_id=run, kind=kind, parent_id=parent, usage_key=key, name=title)

    root = await block("course", "course", "edX Demonstration Course", None)
    chapters = [await block("chapter", f"c{number}", title, root) for number, title in enumerate(CHAPTERS)]
    sequence = await block("sequential", "s", "Demo Course Overview", chapters[0])
    unit = await block("vertical", "u", "Introduction: Video and Sequences", sequence)
    await block("problem", "p", "Multiple choice", unit)
