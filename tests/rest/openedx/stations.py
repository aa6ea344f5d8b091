"""Where jobs are done during a test, and what is mailed by them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from app.db.session import Database
from app.domain.jobs.running import Station
from app.mail import console
from tests.clock import NOW


@pytest.fixture
def station(open_database: Callable[[], Database]) -> Station:
    """A worker on the fixture's database."""
    return Station("one", open_database, lambda: NOW, console, "no-reply@uni.example")
