"""The terms of the demo university. Every date of the demo is counted from them; none comes from the wall clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

TIME_ZONE = "America/Chicago"
ZONE = ZoneInfo(TIME_ZONE)
MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, SATURDAY, SUNDAY = range(7)


@dataclass(frozen=True, slots=True)
class Term:
    """A term: `first` is the Monday of its first week."""

    name: str
    code: str
    first: date
    weeks: int

    def at(self, week: int, day: int = MONDAY, clock: str = "09:00") -> datetime:
        """A moment of local time in a week (from 1; 0 and below come before the term), in UTC."""
        local = datetime.combine(self.first + timedelta(weeks=week - 1, days=day), time.fromisoformat(clock), ZONE)
        return local.astimezone(UTC)

    @property
    def start(self) -> datetime:
        """The first midnight."""
        return self.at(1, MONDAY, "00:00")

    @property
    def end(self) -> datetime:
        """The last minute."""
        return self.at(self.weeks, FRIDAY, "23:59")


SPRING_2026 = Term("Spring 2026", "s26", date(2026, 1, 12), 17)
AUTUMN_2026 = Term("Autumn 2026", "f26", date(2026, 8, 31), 16)
SPRING_2027 = Term("Spring 2027", "s27", date(2027, 1, 11), 17)

FOUNDED = datetime(2025, 12, 1, 15, tzinfo=UTC)
PRESENT = AUTUMN_2026.at(12, MONDAY, "15:00")
