"""The limits of requests as the graph tells them."""

from __future__ import annotations

import strawberry

from schema.core.context import GraphContext
from schema.core.limits import Limits


@strawberry.type(name="Limits", description="What a GraphQL request may ask, as this server is set up.")
class Bounds:
    """Shows schema.core.limits.Limits."""

    tokens: int = strawberry.field(description="Lexical tokens that a document may have.")
    depth: int = strawberry.field(description="Levels that an operation may nest.")
    aliases: int = strawberry.field(description="Aliased fields that a document may have.")
    directives: int = strawberry.field(description="Directives that a document may have.")
    mutations: int = strawberry.field(description="Root fields that a mutation may have.")
    page: int = strawberry.field(description="Objects that a page may have, and ids that `nodes` takes.")
    nodes: int = strawberry.field(
        description="Objects that the lists of an answer together may have: each list has as many as `first` asks for "
        "(20 when not given), as ids are given, or, without pages, about as many as are usual; lists in lists multiply."
    )
    seconds: float = strawberry.field(
        description="Seconds that a request may take. Then what runs is stopped, a mutation under way is rolled back, "
        "and the code of the error is `TIMEOUT`."
    )
    points: int = strawberry.field(
        description="Points that the requests of an access token may cost in a minute; 0: no limit. 100 objects of an "
        "answer cost 1, begun hundreds too, and each mutation 10 more. The cost is reckoned before anything runs, from "
        "the same lengths of lists as `nodes`; `extensions.cost` tells it, with the header `X-GraphQL-Dry-Run: 1` "
        "without running anything. When the points are used up, the status is 429."
    )


async def load_limits(context: GraphContext) -> Limits:
    """The limits of the request."""
    return context.limits
