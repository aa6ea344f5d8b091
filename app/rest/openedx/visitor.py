"""What somebody is to a course run, whether they may look into it, which of its pages (contracts/edx-core.md §4.1)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from app.rest.openedx.asking import Asked
from app.rest.openedx.run import is_learner
from app.rest.route import Row

TEAMS = "TEAMS"


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who looks at a run: of its staff, a learner of it, somebody who has not even signed in."""

    is_staff: bool
    is_learner: bool
    is_stranger: bool

    @property
    def is_in(self) -> bool:
        """Whether the run is theirs, be it to teach or to learn."""
        return self.is_staff or self.is_learner

    def closing(self, run: Row, now: datetime) -> str | None:
        """Why they may not look into a run, in Open edX's word; None where they may."""
        if self.is_staff:
            return None
        if not (self.is_learner or run["allows_guests"]):
            return "authentication_required" if self.is_stranger else "enrollment_required"
        if run["availability"] != "AVAILABLE":
            return "not_visible_to_user"
        return "course_not_started" if is_ahead(run["start_at"], now) else None

    def tabs(self, run: Row, base: str) -> list[Tab]:
        """The pages that they may open, in order."""
        shown = {
            "courseware": True,
            "progress": self.is_in and not run["hides_progress"],
            "dates": self.is_in,
            "teams": self.is_in and any(each["kind"] == TEAMS and each["key"] is not None for each in run["topics"]),
            "instructor": self.is_staff,
        }
        there = f"{base}/courses/{run['key']}"
        return [
            Tab(key, TITLES[key], f"{there}/{ADDRESSES.get(key, key)}") for key, is_shown in shown.items() if is_shown
        ]


class Tab(NamedTuple):
    """A page of a run."""

    key: str
    title: str
    url: str


TITLES = {
    "courseware": "Course",
    "progress": "Progress",
    "dates": "Dates",
    "teams": "Teams",
    "instructor": "Instructor",
}
ADDRESSES = {"courseware": "course/", "teams": "teams/"}


def visitor(asked: Asked) -> Visitor:
    """What the caller is to the run that they ask about."""
    return Visitor(asked.is_staff, is_learner(asked.enrollment), asked.ctx.principal.user_id is None)


def is_ahead(moment: datetime | None, now: datetime) -> bool:
    """Whether a moment is still to come."""
    return moment is not None and moment > now
