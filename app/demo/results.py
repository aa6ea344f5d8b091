"""The end of last spring: letters for a whole course instance, and enrolments that are over."""

from __future__ import annotations

from collections import defaultdict

from sqlalchemy import insert, select

from app.demo.calendar import SPRING_2026, WEDNESDAY
from app.demo.stage import Scene, Stage
from app.domain.assessments.models import Assessment
from app.domain.enrollment.models import Enrollment, EnrollmentStatus, Role
from app.domain.enrollment.tracks import create_enrollment_track
from app.domain.grades.certificates import follow_results
from app.domain.grades.models import ColumnGrade, CourseGrade
from app.domain.rows import update_rows

PLACE, TEACHER = "cs101-s26", "icarvalho"
LETTERS = ((93, "A"), (90, "A-"), (87, "B+"), (83, "B"), (80, "B-"), (77, "C+"), (70, "C"), (60, "D"), (0, "F"))
PASS = 60.0


async def conclude(stage: Stage) -> None:
    """Everybody gets a letter, by the weights of the columns. Who stayed has completed the course, with a certificate
    where it was passed.
    """
    here = stage.cast.course_instances[PLACE]
    learners = select(Enrollment.id, Enrollment.user_id, Enrollment.status).where(
        Enrollment.course_instance_id == here, Enrollment.role == Role.STUDENT
    )
    await create_enrollment_track(stage.program, course_instance_id=here, slug="honor", name="Honor Code Certificate")
    percentages = await _percentages(stage, here)
    results = {}
    completed = {"track": "honor", "status": EnrollmentStatus.COMPLETED, "ended_at": stage.now, "updated_at": stage.now}
    rows, over = [], []
    for row in await stage.db.fetch(learners.order_by(Enrollment.id)):
        known = {"course_instance_id": here, "user_id": row.user_id, "created_at": stage.now, "updated_at": stage.now}
        if row.status == EnrollmentStatus.DROPPED:
            rows.append({**known, "result": "W", "percentage": None, "is_passed": None})
            continue
        reached = percentages[row.user_id]
        letter = next(letter for least, letter in LETTERS if reached >= least)
        results[row.user_id] = {"percentage": reached, "is_passed": reached >= PASS}
        rows.append({**known, "result": letter, **results[row.user_id]})
        over.append({"id": row.id, **completed})
    await update_rows(stage.acting(TEACHER), Enrollment, over)
    await stage.db.execute(insert(CourseGrade), rows)
    await follow_results(stage.program, here, results)


async def _percentages(stage: Stage, course_instance_id: int) -> dict[int, float]:
    """For each user id the weighted mean of the columns, to one decimal; what is missing counts 0."""
    weights = select(Assessment.id, Assessment.weight).where(Assessment.course_instance_id == course_instance_id)
    known = {row.id: row.weight for row in await stage.db.fetch(weights) if row.weight}
    grades = select(ColumnGrade.user_id, ColumnGrade.assessment_id, ColumnGrade.score_perc).where(
        ColumnGrade.course_instance_id == course_instance_id
    )
    totals: dict[int, float] = defaultdict(float)
    for row in await stage.db.fetch(grades.order_by(ColumnGrade.id)):
        totals[row.user_id] += known.get(row.assessment_id, 0.0) * (row.score_perc or 0.0)
    whole = sum(known.values())
    return defaultdict(float, {user_id: round(total / whole, 1) for user_id, total in totals.items()})


SCENES = (Scene(SPRING_2026.at(18, WEDNESDAY, "15:00"), conclude),)
