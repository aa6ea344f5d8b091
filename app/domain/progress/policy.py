"""Who sees what people's own ways through course instances leave behind."""

from __future__ import annotations

from sqlalchemy import ColumnElement, or_

from app.domain.catalog.policy import deleted_course_instances
from app.domain.enrollment.policy import teaches
from app.domain.progress.models import LearnerRecord
from app.policy import Viewing, exists_unless, visibility

exists_unless(LearnerRecord.course_instance_id, deleted_course_instances)


@visibility(LearnerRecord)
def learner_record_visible(viewing: Viewing) -> ColumnElement[bool]:
    """One's own, and everybody's where one teaches."""
    own = LearnerRecord.user_id == viewing.principal.user_id
    return or_(own, teaches(LearnerRecord.course_instance_id, viewing))
