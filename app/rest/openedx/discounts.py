"""Whether people pay less (contracts/edx-core.md §21)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.domain.identity.jwts import Signing, signed
from app.rest.openedx.asking import NOBODY, Asked
from app.rest.openedx.endpoint import ADMINISTRATOR, Made, Operation
from app.rest.openedx.refusals import NOT_FOUND, Refused
from app.rest.route import Row, closed

USUAL_PERCENT = 15
SHAPE = closed({"discount_applicable": {"type": "boolean"}, "jwt": {"type": "string"}})


async def own(asked: Asked) -> Mapping[str, Any]:
    """The caller; nobody where another server asks."""
    user_id = asked.ctx.principal.user_id
    asked.look_on()
    return {"of": NOBODY if user_id is None else user_id}


async def somebody(asked: Asked) -> Mapping[str, Any]:
    """The person of the path. Raises Refused."""
    person = await asked.person_by_number(asked.path["user_id"])
    if person is None:
        raise Refused(404, NOT_FOUND)
    return {"of": person["id"]}


async def verdict(asked: Asked, data: Row) -> Row:
    """What is stored of the person, and the same as a token that the shop believes."""
    percents = [each["percent"] for each in data["enrollments"]["nodes"] if each["percent"] is not None]
    settings, is_applicable = asked.request.app.state.settings, bool(percents)
    claims = {
        "discount_applicable": is_applicable,
        "discount_percent": percents[0] if percents else USUAL_PERCENT,
        "iat": int(asked.ctx.now.timestamp()),
    }
    async with asked.ctx.db.transaction():
        text = await signed(asked.ctx, claims, Signing(settings.openedx_jwt_secret, settings.openedx_jwt_audience))
    return {"verdict": {"discount_applicable": is_applicable, "jwt": text}}


BODY = Made(make=lambda data, call: data["verdict"], made=SHAPE)
ROUTES = [
    Operation(
        "GET",
        "/discounts/course/{course_key_string}",
        "OwnDiscount",
        BODY,
        run="course_key_string",
        plan=own,
        then=verdict,
        by_key=True,
    ),
    Operation(
        "GET",
        "/discounts/user/{user_id}/course/{course_key_string}",
        "DiscountOfPerson",
        BODY,
        needs=ADMINISTRATOR,
        run="course_key_string",
        plan=somebody,
        then=verdict,
    ),
]
