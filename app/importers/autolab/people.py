"""People, known by their e-mail address in any mixture of capitals."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import false, func, select

from app.context import Context
from app.domain.identity.models import User
from app.importers.autolab.catalog import made_uuid
from app.importers.merge import merge, overwrite
from app.importers.summary import Summary

TOLD = ("given_name", "family_name", "school", "major", "year")
CHUNK = 1_000


@dataclass(frozen=True, slots=True)
class Person:
    """Who a row of a roster is about. None stands for what the row does not say."""

    email: str
    given_name: str | None
    family_name: str | None
    school: str | None
    major: str | None
    year: str | None


async def merge_people(ctx: Context, people: Sequence[Person], summary: Summary) -> dict[str, int]:
    """Add those who are new and change what the rows say differently; gives the user of each address."""
    known = await users_of(ctx, [person.email for person in people])
    differing, ids = [], {}
    for person in people:
        row = known.get(person.email)
        if row is None:
            continue
        ids[person.email] = row.id
        told = {name: getattr(person, name) or getattr(row, name) for name in TOLD}
        if any(told[name] != getattr(row, name) for name in TOLD):
            differing.append((row.id, *told.values(), _name(told["given_name"], told["family_name"])))
    await overwrite(ctx, User, (*TOLD, "name"), differing)
    new = [person for person in people if person.email not in known]
    merged = await merge(
        ctx,
        User,
        [_columns(person) for person in new],
        key=("username",),
        initial=("email", "uid", "uuid", *TOLD, "name"),
        within=false(),  # none of them is there
    )
    summary.add("users", created=len(new), changed=len(differing), unchanged=len(ids) - len(differing))
    return ids | {person.email: merged.ids[person.email,] for person in new}


async def users_of(ctx: Context, emails: Sequence[str]) -> Mapping[str, Any]:
    """The users with one of these addresses (in small letters), as rows with `id` and what a roster tells."""
    found: dict[str, Any] = {}
    address = func.lower(User.email)
    for start in range(0, len(emails), CHUNK):
        few: Collection[str] = emails[start : start + CHUNK]
        statement = select(address.label("address"), User.id, *(getattr(User, name) for name in TOLD))
        for row in await ctx.db.fetch(statement.where(address.in_(few)).order_by(User.id)):
            found.setdefault(row.address, row)
    return found


def _columns(person: Person) -> tuple[object, ...]:
    told = tuple(getattr(person, name) for name in TOLD)
    identity = (person.email, person.email, person.email, made_uuid("user", person.email))
    return (*identity, *told, _name(person.given_name, person.family_name))


def _name(given_name: str | None, family_name: str | None) -> str | None:
    """The whole name; None when nothing is known of it."""
    return " ".join(part for part in (given_name, family_name) if part)[:255] or None
