"""Assessments as their learners find them: problems in the order they are asked, zones, dates, terms."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from app.demo.stage import Stage
from app.domain.assessments.models import (
    Assessment,
    AssessmentAccessRule,
    AssessmentExtension,
    Problem,
    Question,
    Zone,
)
from app.domain.assessments.zones import ZoneLimit, zones_of
from app.domain.enrollment.models import Enrollment, EnrollmentStatus
from app.domain.identity.models import User

ASKED = (
    *(Problem.id, Problem.name, Problem.zone_id, Problem.max_points, Problem.max_auto_points, Problem.points_by_try),
    *(Problem.max_manual_points, Problem.alternative_group, Problem.alternatives_chosen, Problem.is_optional),
    Question.name.label("question"),
)


@dataclass(frozen=True, slots=True)
class Paper:
    """One assessment. `problems` are rows with the columns ASKED, `uids` are by user id.

    `present` are the ids of those who have not left the course instance.
    """

    place: str
    name: str
    id: int
    course_instance_id: int
    max_points: float
    max_bonus_points: float
    due_at: datetime | None
    problems: Sequence[Any]
    zones: Mapping[int, ZoneLimit]
    rules: Sequence[Any]
    extensions: Mapping[int, Any]
    uids: Mapping[int, str]
    present: Collection[int]

    def asked(self, name: str) -> Any:
        """The problem of that name."""
        return next(problem for problem in self.problems if problem.name == name)

    def slot_of(self, problem: Any) -> str:
        """The problem's name; of alternatives one name for all, whichever is drawn."""
        group = problem.alternative_group
        return str(problem.name) if group is None else f"alternatives {group}"

    def is_late(self, user_id: int, at: datetime) -> bool:
        """Whether work of this learner at that moment is late, with their extension."""
        due_at = self.due_at
        extension = self.extensions.get(user_id)
        if extension is not None:
            endless = extension.due_at is None and extension.end_at is None
            due_at = None if endless else extension.due_at or due_at
        return due_at is not None and due_at < at

    def credit(self, user_id: int, at: datetime, mode: str | None = None) -> int | None:
        """The best credit that the access rules give this learner at that moment, in that mode; None without rules."""
        uid = self.uids[user_id].lower()
        given = [
            rule.credit or 0
            for rule in self.rules
            if (rule.uids is None or uid in {each.lower() for each in rule.uids})
            and (rule.start_at is None or rule.start_at <= at)
            and (rule.end_at is None or at <= rule.end_at)
            and rule.mode in (None, "Public", mode)
        ]
        return max(given, default=None)


async def read_paper(stage: Stage, place: str, name: str) -> Paper:
    """The assessment of that name in a course instance, as it is now."""
    key = stage.cast.assessments[place, name]
    columns = (Assessment.course_instance_id, Assessment.max_points, Assessment.max_bonus_points, Assessment.due_at)
    found = (await stage.db.fetch(select(*columns).where(Assessment.id == key)))[0]
    problems = (
        select(*ASKED)
        .join(Zone, Zone.id == Problem.zone_id, isouter=True)
        .join(Question, Question.id == Problem.question_id, isouter=True)
        .where(Problem.assessment_id == key)
        .order_by(func.coalesce(Zone.number, 0), Problem.number, Problem.id)
    )
    rules = select(AssessmentAccessRule.__table__).where(AssessmentAccessRule.assessment_id == key)
    extensions = select(AssessmentExtension.__table__).where(AssessmentExtension.assessment_id == key)
    here = Enrollment.course_instance_id == found.course_instance_id
    present = select(Enrollment.user_id).where(here, Enrollment.status == EnrollmentStatus.ACTIVE)
    return Paper(
        place,
        name,
        key,
        **found._asdict(),
        problems=await stage.db.fetch(problems),
        zones=await zones_of(stage.program, [key]),
        rules=await stage.db.fetch(rules),
        extensions={row.user_id: row for row in await stage.db.fetch(extensions)},
        uids={row.id: row.uid for row in await stage.db.fetch(select(User.id, User.uid))},
        present={row.user_id for row in await stage.db.fetch(present)},
    )
