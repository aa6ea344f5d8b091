"""What the server does by itself when it starts, and every hour."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from sqlalchemy.exc import SQLAlchemyError

from app.context import Clock, Context
from app.db.session import Database
from app.domain.identity.pruning import forget_ended
from app.principal import Principal

SECONDS = 3600
log = logging.getLogger("campusgraph.hourly")


@asynccontextmanager
async def tidied(open_database: Callable[[], Database], clock: Clock) -> AsyncIterator[None]:
    """Tidy up now, and every hour until the end of the context. What has begun is finished."""
    await tidy(open_database, clock)
    ended = asyncio.Event()
    task = asyncio.create_task(_repeat(open_database, clock, ended))
    try:
        yield
    finally:
        ended.set()
        await task


async def tidy(open_database: Callable[[], Database], clock: Clock) -> None:
    """Remove what has been over for long. A database that fails is a line in the log: there is a next time."""
    try:
        async with open_database() as db, db.transaction():
            await forget_ended(Context(Principal.program, db, clock))
    except (OSError, SQLAlchemyError) as error:
        log.warning("old tokens were not removed: %s", " ".join(str(error).split())[:300])


async def _repeat(open_database: Callable[[], Database], clock: Clock, ended: asyncio.Event) -> None:
    while not ended.is_set():
        try:
            await asyncio.wait_for(ended.wait(), SECONDS)
        except TimeoutError:
            await tidy(open_database, clock)
