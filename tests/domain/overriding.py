"""Of the site: every use case about grades that are set by hand once."""

from __future__ import annotations

from app.domain.grades.batches import NewOverride, override_grades
from app.domain.grades.overrides import exempt_grade, override_grade
from tests.domain.contents import UseCase

OVERRIDES: dict[str, UseCase] = {
    "override_grade": lambda s, c: override_grade(
        c, assessment_id=s.work.assessment_id, user_id=s.world.student_id, points=1
    ),
    "override_grades": lambda s, c: override_grades(
        c,
        course_instance_id=s.world.course_instance_id,
        overrides=[NewOverride(s.world.student_id, "block-v1:uni+EE210+f24+type@html+block@none", 1.0)],
    ),
    "exempt_grade": lambda s, c: exempt_grade(c, assessment_id=s.work.assessment_id, user_id=s.world.student_id),
}
