"""What operations cost: points, taken from a bucket for each access token that is full again every minute."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from limits import RateLimitItemPerMinute
from starlette.requests import HTTPConnection, Request

from app.graphql_view.refusal import Refused
from app.principal import Principal
from app.rates import Rates

POINTS = "points of GraphQL operations"
DRY_RUN = "X-GraphQL-Dry-Run"


def wants_cost_alone(request: Request) -> bool:
    """Whether an operation shall only be told its cost. Raises Refused for a header that is neither 1 nor 0."""
    said = request.headers.get(DRY_RUN, "0")
    if said not in ("0", "1"):
        raise Refused(400, "BAD_REQUEST", f"{DRY_RUN} is 1 or 0.")
    return said == "1"


@dataclass(frozen=True, slots=True)
class Meter:
    """The bucket of a caller: of the token, else of the person, else of the address."""

    rates: Rates
    limit: RateLimitItemPerMinute | None
    who: str

    @classmethod
    def of(cls, asking: HTTPConnection, authorization: str | None, principal: Principal, points: int) -> Meter:
        """The meter of a request, or of an operation over a WebSocket; without `points` it refuses nothing."""
        limit = RateLimitItemPerMinute(points) if points else None
        return cls(asking.app.state.rates, limit, _caller(asking, authorization, principal))

    async def take(self, cost: int) -> None:
        """Take what an operation costs. Raises Refused (429) when that is more than is left."""
        if self.limit is None or await self.rates.take(self.limit, POINTS, self.who, cost=cost):
            return
        told = await self.told(cost, 0)
        reset_time = (await self.rates.stats(self.limit, POINTS, self.who)).reset_time
        seconds = max(1, math.ceil(reset_time - time.time()))
        message = f"This operation costs {cost} points, {told['remaining']} are left until {told['resetAt']}."
        raise Refused(429, "RATE_LIMITED", message, {"Retry-After": str(seconds)}, {"cost": told})

    async def told(self, requested: int, actual: int) -> dict[str, Any]:
        """`extensions.cost`; where cost is not limited, without limit."""
        cost = {"requested": requested, "actual": actual, "limit": None, "remaining": None, "resetAt": None}
        if self.limit is None:
            return cost
        stats = await self.rates.stats(self.limit, POINTS, self.who)
        reset_at = datetime.fromtimestamp(math.ceil(stats.reset_time), UTC).isoformat()
        return cost | {"limit": self.limit.amount, "remaining": stats.remaining, "resetAt": reset_at}


def _caller(asking: HTTPConnection, authorization: str | None, principal: Principal) -> str:
    if authorization:
        return authorization.partition(" ")[2].strip()
    if principal.user_id is not None:
        return f"user {principal.user_id}"
    return f"address {asking.client.host if asking.client else ''}"
