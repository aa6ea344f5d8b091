"""To whom a course instance is closed by law: by the country of the profile, by rules about addresses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from ipaddress import ip_address, ip_network
from typing import Any

from babel import Locale
from sqlalchemy import select

from app.context import Context
from app.db.sets import member_of
from app.domain.catalog.models import CourseInstance
from app.domain.identity.models import UserProfile
from app.domain.rows import is_key
from app.errors import RuleBroken, UserErrorCode

MOST = 300


@cache
def _codes() -> Mapping[str, str]:
    """The code of each country by its English name and by itself, both in small letters."""
    names = {code: name for code, name in Locale("en").territories.items() if len(code) == 2 and code.isalpha()}
    return {name.lower(): code for code, name in names.items()} | {code.lower(): code for code in names}


def country_code(text: str | None) -> str | None:
    """The two letters of a country that is called by them or by its English name; None for what is none."""
    return None if text is None else _codes().get(text.strip().lower())


def checked_closures(values: Mapping[str, Any]) -> dict[str, Any]:
    """The countries as codes and the networks as they are written: `10.0.0.0/8`.

    Raises RuleBroken at (`closedCountries` or `closedNetworks`, index): INVALID; TOO_LONG above 300.
    """
    made: dict[str, Any] = {}
    for name, field, read in (
        ("closed_countries", "closedCountries", country_code),
        ("closed_networks", "closedNetworks", _network),
    ):
        said = values.get(name, ())
        if len(said) > MOST:
            raise RuleBroken(UserErrorCode.TOO_LONG, f"more than {MOST}", field)
        found = [read(each) for each in said]
        if None in found:
            raise RuleBroken(UserErrorCode.INVALID, "none that is known", field, str(found.index(None)))
        if name in values:
            made[name] = found
    return made


def _network(text: str) -> str | None:
    try:
        return str(ip_network(text.strip(), strict=False))
    except ValueError:
        return None


async def closures(
    ctx: Context, keys: Sequence[int], user_id: int | None = None, address: str | None = None
) -> list[bool]:
    """For each course instance id whether it is closed to a person (the caller, if none is named) or to an address.

    Without rules it is open; so it is to who tells no country.
    """
    person = ctx.principal.user_id if user_id is None else user_id
    own = CourseInstance
    statement = select(own.id, own.closed_countries, own.closed_networks).where(member_of(own.id, keys))
    rules = {row[0]: row for row in await ctx.db.fetch(statement.where(ctx.visible(own)))}
    country = await _country_of(ctx, person) if any(row[1] for row in rules.values()) else None
    return [key in rules and _is_closed(rules[key][1], rules[key][2], country, address) for key in keys]


async def _country_of(ctx: Context, user_id: int | None) -> str | None:
    if user_id is None or not is_key(user_id):
        return None
    own = UserProfile
    found = await ctx.db.scalar(select(own.country).where(own.user_id == user_id, ctx.visible(own)))
    return country_code(found)


def _is_closed(countries: Sequence[str], networks: Sequence[str], country: str | None, address: str | None) -> bool:
    if country is not None and country in countries:
        return True
    try:
        own = None if address is None else ip_address(address)
    except ValueError:
        return False
    return own is not None and any(own in ip_network(each) for each in networks)
