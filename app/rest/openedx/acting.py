"""As whom the contents of a run are read: oneself, a learner one teaches, a guest (contracts/edx-core.md §1.5)."""

from __future__ import annotations

from app.rest.openedx.asking import NOBODY, Asked
from app.rest.openedx.refusals import NOT_ALLOWED, Refused
from app.rest.openedx.run import is_learner


def as_guest(asked: Asked) -> None:
    """Read on as somebody who is in no course run. Raises Refused where there may be no guests."""
    if not asked.run["allows_guests"]:
        raise Refused(403, NOT_ALLOWED)
    asked.become(NOBODY)


async def as_oneself(asked: Asked) -> None:
    """Read on as the caller, who must be in the run, or it must be open to guests. Raises Refused."""
    if not (asked.is_staff or is_learner(asked.enrollment) or asked.run["allows_guests"]):
        raise Refused(403, NOT_ALLOWED)


async def as_somebody(asked: Asked, name: str) -> None:
    """Read on as the person of a username: oneself, or for the staff of the run anybody. Raises Refused."""
    if asked.ctx.principal.user_id is None:
        raise Refused(403, NOT_ALLOWED)
    if name.lower() == (await asked.caller())["username"].lower():
        await as_oneself(asked)
    elif not asked.is_staff:
        raise Refused(403, NOT_ALLOWED)
    else:
        person = await asked.person(name)
        if person is None:
            raise Refused(404, "The user is not known.")
        asked.become(person["id"])
