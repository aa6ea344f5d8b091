"""The root of following: the subscriptions of all domains."""

from __future__ import annotations

import strawberry

from schema.grades import subscriptions as grades


@strawberry.type(
    description="Everything that can be followed, over WebSocket (`graphql-transport-ws`). Each event is read as you "
    "may see it at that moment."
)
class Subscription(grades.Subscriptions):
    """What changes, as it changes."""
