"""What answers tell of their cost, dry runs, and callers whose points are used up."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from limits import RateLimitItemPerMinute

from app.graphql_view.metering import POINTS
from app.rates import Rates
from tests.http.conftest import Served

JSON, RESPONSE = "application/json", "application/graphql-response+json"
VIEWER = "{ viewer { username } }"
PAGE = "query ($n: Int) { users(first: $n) { nodes { uid } } }"
RENAME = 'mutation { updateUser(input: {userId: "%d", name: "%s"}) { user { name } userErrors { code } } }'
DRY = {"X-GraphQL-Dry-Run": "1"}


async def asked(served: Served, query: str, token: str = "student", **headers: str) -> Any:
    """The answer to a query, with other headers too."""
    told = served.signed(token) | {name.replace("_", "-"): value for name, value in headers.items()}
    return await served.client.post("/graphql", json={"query": query}, headers=told)


def cost_of(response: Any) -> dict[str, Any]:
    """What an answer tells of its cost."""
    cost: dict[str, Any] = response.json()["extensions"]["cost"]
    return cost


async def test_every_answer_tells_what_it_cost(served: Served) -> None:
    async with served.set(cost_limit=50) as limited:
        found = [cost_of(await limited.post(PAGE, variables={"n": size})) for size in (10, 98, 99, 100)]
        assert [(each["requested"], each["actual"], each["limit"], each["remaining"]) for each in found] == [
            (1, 1, 50, 49),
            (1, 1, 50, 48),
            (2, 1, 50, 46),
            (2, 1, 50, 44),
        ]
        stats = await limited.app.state.rates.stats(RateLimitItemPerMinute(50), POINTS, limited.tokens["student"])
        assert {each["resetAt"] for each in found} == {
            datetime.fromtimestamp(math.ceil(stats.reset_time), UTC).isoformat()
        }


async def test_a_full_answer_costs_what_was_reckoned(served: Served) -> None:
    """As many objects as asked for: eight people, and nobody else's enrolments."""
    query = "{ users(first: 8) { nodes { uid } edges { cursor node { id } } pageInfo { hasNextPage } totalCount } }"
    many = " ".join(f"a{number}: users(first: 8) {{ nodes {{ uid name }} }}" for number in range(30))
    for document, cost in ((query, 1), (f"{{ {many} }}", 3)):
        response = await served.post(document, "admin")
        assert (cost_of(response)["requested"], cost_of(response)["actual"]) == (cost, cost)


async def test_texts_that_look_like_objects_are_none(served: Served) -> None:
    name = '{\\"' * 40
    response = await served.post(RENAME % (served.world.loner.user_id, name), "loner")
    assert response.json()["data"]["updateUser"]["user"] == {"name": '{"' * 40}
    assert (cost_of(response)["requested"], cost_of(response)["actual"]) == (11, 11)


async def test_a_dry_run_tells_the_cost_and_nothing_else(served: Served) -> None:
    mutation = RENAME % (served.world.student_id, "Dry")
    async with served.set(cost_limit=20) as limited:
        for _ in range(3):
            response = await asked(limited, mutation, X_GraphQL_Dry_Run="1")
            assert (response.status_code, set(response.json()), set(response.json()["extensions"])) == (
                *(200, {"extensions"}, {"cost"}),
            )
            told = cost_of(response)
            assert (told["requested"], told["actual"], told["limit"], told["remaining"]) == (11, 0, 20, 20)
        assert await served.data("{ viewer { name } }") != {"viewer": {"name": "Dry"}}
        told = cost_of(await asked(limited, mutation.replace("Dry", "Sam"), X_GraphQL_Dry_Run="0"))
        assert (told["requested"], told["actual"], told["remaining"]) == (11, 11, 9)


async def test_a_dry_run_of_what_can_not_run(served: Served) -> None:
    for query, code in (
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("{ nobody }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ users { nodes { enrollments(first: 30000) { nodes { id } } } } }", "LIMIT_EXCEEDED"),
    ):
        response = await asked(served, query, X_GraphQL_Dry_Run="1")
        assert [each["extensions"]["code"] for each in response.json()["errors"]] == [code]
    for value in ("", "yes", "true", "2"):
        response = await asked(served, VIEWER, X_GraphQL_Dry_Run=value)
        assert (response.status_code, response.json()) == (
            400,
            {"errors": [{"message": "X-GraphQL-Dry-Run is 1 or 0.", "extensions": {"code": "BAD_REQUEST"}}]},
        )


@pytest.mark.parametrize("accept", [JSON, RESPONSE])
async def test_points_that_are_used_up(served: Served, accept: str) -> None:
    """What costs too much takes nothing; what costs less is still answered; each caller has points of their own."""
    mutation = RENAME % (served.world.student_id, "Sam")
    async with served.set(cost_limit=12) as limited:
        assert cost_of(await limited.post(mutation, accept=accept))["remaining"] == 1
        response = await limited.post(mutation, accept=accept)
        told = cost_of(response)
        assert (response.status_code, response.headers["content-type"]) == (429, f"{accept}; charset=utf-8")
        assert (told["requested"], told["actual"], told["limit"], told["remaining"]) == (11, 0, 12, 1)
        assert response.json()["errors"] == [
            {
                "message": f"This operation costs 11 points, 1 are left until {told['resetAt']}.",
                "extensions": {"code": "RATE_LIMITED"},
            }
        ]
        assert 1 <= int(response.headers["retry-after"]) <= 60
        assert cost_of(await limited.post(VIEWER, accept=accept))["remaining"] == 0
        assert (await limited.post(VIEWER, accept=accept)).status_code == 429
        assert cost_of(await asked(limited, VIEWER, X_GraphQL_Dry_Run="1"))["remaining"] == 0
        for other in ("admin", None):
            assert (await limited.post(VIEWER, other, accept)).status_code == 200


async def test_who_is_not_signed_in_has_the_points_of_the_address(served: Served) -> None:
    async with served.set(cost_limit=2) as limited:
        assert [(await limited.post(VIEWER, None)).status_code for _ in range(3)] == [200, 200, 429]


async def test_without_a_limit_the_cost_is_told_all_the_same(served: Served) -> None:
    async with served.set(cost_limit=0) as unlimited:
        assert cost_of(await unlimited.post(VIEWER)) == {
            "requested": 1,
            "actual": 1,
            "limit": None,
            "remaining": None,
            "resetAt": None,
        }


async def test_what_does_not_run_costs_nothing(served: Served) -> None:
    async with served.set(cost_limit=2) as limited:
        for query in ("{", "{ nobody }", "query A { viewer { uid } } query B { viewer { uid } }"):
            assert set((await limited.post(query)).json()) == {"errors"}
        assert cost_of(await limited.post(VIEWER))["remaining"] == 1


async def test_another_worker_knows_what_was_taken(served: Served, redis_url: str) -> None:
    """One bucket in Redis, and two applications that share nothing else."""
    who = uuid4().hex
    limit = RateLimitItemPerMinute(30)
    async with (
        served.set(cost_limit=30, limits_url=redis_url) as one,
        served.set(cost_limit=30, limits_url=redis_url) as other,
    ):
        rates: list[Rates] = [each.app.state.rates for each in (one, other)]
        await rates[0].clear(limit, POINTS, served.tokens["loner"])
        told = [cost_of(await each.post(VIEWER, "loner"))["remaining"] for each in (one, other, one, other)]
        assert told == [29, 28, 27, 26]
        assert await rates[0].take(limit, POINTS, who, cost=29)
        assert not await rates[1].take(limit, POINTS, who, cost=2)
        assert (await rates[1].stats(limit, POINTS, who)).remaining == 1
        for each in rates:
            await each.close()
