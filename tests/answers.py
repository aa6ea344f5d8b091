"""Answers of `/graphql` without what each of them tells of its cost."""

from __future__ import annotations

from typing import Any

import httpx

COST = ["requested", "actual", "limit", "remaining", "resetAt"]


def uncounted(response: httpx.Response) -> Any:
    """The body of an answer to an operation that ran, without `extensions.cost`."""
    body = response.json()
    assert list(body["extensions"].pop("cost")) == COST
    return body if body["extensions"] else {key: value for key, value in body.items() if key != "extensions"}
