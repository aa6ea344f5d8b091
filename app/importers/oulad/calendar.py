"""When things happen in a presentation: the dataset counts days from its first one, in British local time."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from app.db.bulk import Memo

TIME_ZONE = "Europe/London"
FIRST_MONTH = {"B": 2, "J": 10}


class Presentation:
    """A module's offering, such as 2013J: it starts on 1 October 2013 (B: 1 February) and lasts `length` days.

    The dataset says the month only; the first of it is our choice. `midnight`, `noon` and `last_second` give the
    instant (UTC) at which a day, counted from 0, begins, is half over and ends.
    """

    def __init__(self, module: str, name: str, length: int) -> None:
        first = date(int(name[:4]), FIRST_MONTH[name[4]], 1)
        zone = ZoneInfo(TIME_ZONE)

        def at(hour: time) -> Memo:
            return Memo(lambda day: datetime.combine(first + timedelta(day), hour, zone).astimezone(UTC))

        self.module, self.name = module, name
        self.midnight, self.noon, self.last_second = at(time()), at(time(12)), at(time(23, 59, 59))
        self.start_at: datetime = self.midnight[0]
        self.end_at: datetime = self.midnight[length]
