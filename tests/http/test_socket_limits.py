"""What GraphQL over WebSocket may cost: the bounds and the bucket of GraphQL over HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from tests.http.conftest import Served
from tests.http.sockets import opened

VIEWER = "{ viewer { username } }"
CHANGES = "subscription { columnGradesChanged { columnGrades { points } } }"


async def refusals(served: Served, token: str | None, *queries: str) -> list[Any]:
    """The code and the message of each operation's error, None where it was answered."""
    found: list[Any] = []
    async with opened(served.app) as socket:
        await socket.greet(served.tokens[token] if token else None)
        for query in queries:
            await socket.ask("1", query)
            heard = await socket.hear()
            if heard["type"] == "error":
                (error,) = heard["payload"]
                found.append((error["extensions"]["code"], error["message"]))
            else:
                assert (heard["type"], (await socket.hear())["type"]) == ("next", "complete")
                found.append(None)
    return found


async def test_bounds(served: Served) -> None:
    async with served.set(max_nodes=30, max_directives=1) as small:
        assert await refusals(
            small,
            "admin",
            "{ users(first: 30) { nodes { uid } } }",
            "{ users(first: 31) { nodes { uid } } }",
            "{ viewer { uid @skip(if: true) name @skip(if: true) } }",
        ) == [
            None,
            ("LIMIT_EXCEEDED", "the operation may return 31 nodes: at most 30 are allowed"),
            ("LIMIT_EXCEEDED", "the document has 2 directives: at most 1 are allowed"),
        ]


@pytest.mark.parametrize("query", [CHANGES, "{ users { totalCount } }", "{ nobody }", "mutation { nothing }"])
async def test_who_is_not_signed_in_is_refused_before_validation(served: Served, query: str) -> None:
    told = ("UNAUTHENTICATED", "sign in: this needs an access token")
    assert await refusals(served, None, query, VIEWER) == [told, None]


async def test_points_are_taken_from_the_bucket_of_the_token(served: Served) -> None:
    """By whatever way it asks; a subscription costs once, when it begins."""
    async with served.set(cost_limit=3) as limited:
        assert (await limited.post(VIEWER)).status_code == 200
        assert await refusals(limited, "student", VIEWER, VIEWER) == [None, None]
        for query in (VIEWER, CHANGES):
            ((code, message),) = await refusals(limited, "student", query)
            assert code == "RATE_LIMITED"
            assert message.startswith("This operation costs 1 points, 0 are left until ")
        assert (await limited.post(VIEWER)).status_code == 429
