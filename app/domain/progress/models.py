"""Tables of what people's own ways through course instances leave behind."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, String, UniqueConstraint, false, true
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, Identified, Timestamped, reference

TOKEN = 32


class LearnerRecord(Identified, Timestamped, Base):
    """What one person chose, was shown and agreed to in one course instance (contracts/edx-core.md §22).

    Who was never asked has no row, which says the same as one of default values. `goal_days_per_week` is null without a
    goal; celebrations are null until somebody says whether to show them. `reminder_token` ends reminders for whoever
    knows it: it is in the mails. `dismissed_update` is the newest update whose message is not to be shown again.
    At one's own pace due dates count from `schedule_start_at`, where it is set.
    """

    __tablename__ = "learner_records"
    __table_args__ = (
        UniqueConstraint("course_instance_id", "user_id"),
        CheckConstraint("goal_days_per_week BETWEEN 0 AND 7", name="goal_days_per_week"),
    )

    course_instance_id: Mapped[int] = reference("course_instances", index=False)
    user_id: Mapped[int] = reference("users")
    goal_days_per_week: Mapped[int | None]
    has_goal_reminders: Mapped[bool] = mapped_column(default=False, server_default=false())
    reminder_token: Mapped[str | None] = mapped_column(String(TOKEN), unique=True)
    celebrates_first_section: Mapped[bool | None]
    celebrates_weekly_goal: Mapped[bool | None]
    dismissed_update: Mapped[str | None] = mapped_column(String(64))
    signed_at: Mapped[datetime | None]
    receives_email: Mapped[bool] = mapped_column(default=True, server_default=true())
    schedule_start_at: Mapped[datetime | None]
    last_active_at: Mapped[datetime | None]
