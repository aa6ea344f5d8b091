"""The same rows in both databases: nested lists, one large gradebook, one course instance with 10,000 learners."""

from __future__ import annotations

from dataclasses import dataclass

from app.settings import Settings
from tests.benchmarks import gradebook, nested
from tests.benchmarks.population import Populated, Size, populate
from tests.benchmarks.stage import staged

CROWD = Size(course_instances=1, assessments=1, learners=10_000)


@dataclass(frozen=True, slots=True)
class Data:
    """A database, and who sees which part of it."""

    settings: Settings
    database: str
    nested: Populated
    gradebook: Populated
    crowd: Populated


async def made(settings: Settings) -> Data:
    """Fill a database, dropping what was there. The nested part comes first: its course has the id 1."""
    async with staged(settings, []) as stage:
        parts = []
        for name, size in {"nested": nested.SIZE, "gradebook": gradebook.SIZE, "crowd": CROWD}.items():
            async with stage.filling() as ctx:
                parts.append(await populate(ctx, name, size))
        return Data(settings, stage.database, *parts)
