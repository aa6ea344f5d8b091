"""The served university, for what is told of its requests; what the metrics say."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import pytest
from prometheus_client import REGISTRY

from tests.http import conftest as http

served = http.served
Counted: TypeAlias = Callable[..., float]


def value(name: str, **labels: str) -> float:
    """A sample of this process."""
    return REGISTRY.get_sample_value(f"campusgraph_{name}", labels) or 0.0


@pytest.fixture
def counted() -> Callable[..., Callable[[], float]]:
    """How much a sample has grown since it was asked for: `since = counted("requests_total", …)`, then `since()`."""

    def since(name: str, **labels: str) -> Callable[[], float]:
        before = value(name, **labels)
        return lambda: value(name, **labels) - before

    return since
