"""Which course runs somebody finds in the catalogue, and where they have roles (contracts/edx-core.md §1.2–§1.4).

The catalogue is read whoever asks and filtered here, so that the policies of course instances stay as closed as they
are: nothing but what it tells of a run, and of strangers only of runs that are open, reaches the answer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.domain.catalog.keys import parse_run
from app.rest.binding import INT32
from app.rest.openedx.asking import FALSE, TRUE, Asked
from app.rest.openedx.refusals import Refused
from app.rest.openedx.run_page import is_open, number_of, organization_of
from app.rest.route import Row

ALL = INT32 - 2
STAFF_ROLES = ("INSTRUCTOR", "COURSE_ASSISTANT")
ROLES: Mapping[str, Sequence[str]] = {"staff": STAFF_ROLES, "instructor": ("INSTRUCTOR",)}
"""The roles that stand for a role of Open edX; of others nobody has any."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody who looks at the catalogue: a stranger has no `places`, which are roles by course instance."""

    places: Mapping[int, str]
    is_administrator: bool = False

    def role(self, run: Row) -> str | None:
        """Their role in a run; None for who is not in it."""
        return "INSTRUCTOR" if self.is_administrator else self.places.get(run["id"])

    def finds(self, run: Row, *, by_address: bool = False) -> bool:
        """Whether a run is in the catalogue for them, or has a page: those they are in always are."""
        shown = ("BOTH", "ABOUT") if by_address else ("BOTH",)
        is_public = run["catalog_visibility"] in shown and run["availability"] == "AVAILABLE"
        return is_public or self.role(run) is not None

    def may(self, permission: str, run: Row, now: datetime) -> bool:
        """Whether they have a permission of Open edX's in a run; nobody has one that is not known."""
        role = self.role(run)
        match permission:
            case "enroll":
                return is_open(run, now) or role in STAFF_ROLES
            case "see_in_catalog" | "see_exists":
                return self.finds(run)
            case "see_about_page":
                return self.finds(run, by_address=True)
            case "load":
                return role is not None
        return role in ROLES.get(permission, ())


async def visitor_of(asked: Asked) -> Visitor:
    """As whom the catalogue is looked at: `username`, a stranger without one. Raises Refused for other people's."""
    name = asked.given("username")
    if not name:
        return Visitor({})
    caller = None if asked.ctx.principal.user_id is None else await asked.caller()
    if caller is not None and caller["username"].lower() == name.lower():
        return await visitor(asked, caller["id"], is_administrator=asked.is_administrator)
    if not asked.is_administrator:
        raise Refused(403, f"You are not allowed to look as {name}.")
    person = await asked.person(name)
    if person is None:
        raise Refused(404, "The user is not known.")
    return await visitor(asked, person["id"], is_administrator=bool(person["is_staff"]))


async def visitor(asked: Asked, user_id: int, *, is_administrator: bool) -> Visitor:
    """A person with the places that they have at present."""
    found = await asked.look("PersonPlaces", user_id=user_id, first=ALL)
    rows = [row for row in found["enrollments"]["nodes"] if row["status"] == "ACTIVE" and row["place"] is not None]
    return Visitor({row["place"]["id"]: row["role"] for row in rows}, is_administrator)


async def matching(asked: Asked) -> list[int]:
    """The runs that the request asks for and its visitor finds. Raises Refused for parameters that are none."""
    mobile, active, mobile_search = (flag(asked, name) for name in ("mobile", "active_only", "mobile_search"))
    keys = asked.listed("course_keys")
    for key in keys:
        if parse_run(key) is None:
            raise Refused(400, fields={"course_keys": f"'{key}' is not a valid course key."})
    visitor, now = await visitor_of(asked), asked.ctx.now
    permissions = asked.listed("permissions")
    organization, words = asked.given("org"), (asked.given("search_term") or "").casefold().split()
    found = await asked.look("CatalogRuns", first=ALL)
    return [
        run["id"]
        for run in found["runs"]["nodes"]
        if visitor.finds(run)
        and (not keys or run["key"] in keys)
        and (mobile is None or run["is_mobile"] is mobile)
        and not (mobile_search and not run["is_mobile"])
        and not (active and run["end_at"] is not None and run["end_at"] <= now)
        and (not organization or organization.casefold() in organizations(run))
        and all(visitor.may(each, run, now) for each in permissions)
        and all(word in told(run) for word in words)
    ]


def organizations(run: Row) -> set[str]:
    """What the organization of a run is called: in its key, and to be shown."""
    parsed = parse_run(run["key"])
    names = {organization_of(run)} | ({parsed.organization} if parsed is not None else set())
    return {each.casefold() for each in names}


def told(run: Row) -> str:
    """What a search looks through."""
    parts = (run["key"], run["name"], run["summary"] or "", number_of(run), organization_of(run))
    return " ".join(parts).casefold()


def flag(asked: Asked, name: str) -> bool | None:
    """A parameter that is true or false; None when it is not given. Raises Refused for anything else."""
    text = asked.given(name)
    if not text:
        return None
    if text not in (*TRUE, *FALSE):
        raise Refused(400, fields={name: f"{text!a} is neither true nor false."})
    return text in TRUE


async def places_of(asked: Asked) -> list[int]:
    """The runs in which `username` has the `role`; all for administrators. Raises Refused."""
    role = asked.given("role")
    if not role:
        raise Refused(400, fields={"role": "This field is required."})
    visitor = await visitor_of(asked)
    found = await asked.look("CatalogRuns", first=ALL)
    runs = found["runs"]["nodes"]
    return [run["id"] for run in runs if asked.is_administrator or visitor.role(run) in ROLES.get(role, ())]
