"""The moment at which all tests take place."""

from datetime import UTC, datetime

NOW = datetime(2024, 10, 1, 12, 0, tzinfo=UTC)
