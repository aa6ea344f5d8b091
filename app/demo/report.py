"""What a person should know of the demo university: how much there is, and who to be."""

from __future__ import annotations

from sqlalchemy import func, select

from app.db.base import Base
from app.demo.names import ADMINISTRATOR, REPEATER, STAR
from app.demo.stage import Stage
from app.domain.assessments.models import Assessment
from app.domain.attempts.models import Submission
from app.domain.catalog.models import Course, CourseInstance
from app.domain.enrollment.models import Enrollment
from app.domain.grades.models import ColumnGrade
from app.domain.groups.models import Group
from app.domain.identity.models import User

COUNTED: tuple[tuple[str, type[Base]], ...] = (
    ("people", User),
    ("courses", Course),
    ("course instances", CourseInstance),
    ("enrolments", Enrollment),
    ("groups", Group),
    ("assessments", Assessment),
    ("submissions", Submission),
    ("grades", ColumnGrade),
)
ROLES = (
    (ADMINISTRATOR, "institution administrator"),
    ("icarvalho", "instructor of cs101-f26 (running) and cs101-s26 (finished), owner of the course"),
    ("radeyemi", "instructor of stat200-f26, merged of two sections"),
    ("jkeller", "course assistant of cs101-f26, and learner in stat200-f26-a"),
    (STAR, "learner in cs101-f26, sys213-f26, stat200-f26-a and data1x-2026t3"),
    (REPEATER, "learner who failed cs101-s26 and repeats it in cs101-f26"),
)


async def lines(stage: Stage) -> list[str]:
    """The counts in a sentence, then a line for each person that one may want to be."""
    counts = []
    for noun, model in COUNTED:
        counts.append(f"{await stage.db.scalar(select(func.count()).select_from(model)):,} {noun}")
    usernames = [username for username, _ in ROLES]
    names = dict(map(tuple, await stage.db.fetch(select(User.username, User.name).where(User.username.in_(usernames)))))
    return [
        f"Northbridge University, a demonstration: {', '.join(counts[:-1])} and {counts[-1]}.",
        *(f"  {username:<12}{names[username]}, {what}" for username, what in ROLES),
    ]
