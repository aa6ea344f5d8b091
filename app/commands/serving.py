"""The commands that serve, and that do what is to be done in the background."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Annotated

import typer

from app import server
from app.commands import demo as demonstration
from app.commands.program import DatabaseUrl, acting, settings_with
from app.db.session import Database
from app.db.types import utc_now
from app.mail import mailer_of
from app.rates import Rates
from app.settings import Settings
from app.telemetry import logs
from app.worker import Worker, station_of, until_told


def serve(
    host: Annotated[
        str | None, typer.Option("--host", metavar="ADDRESS", help="Address to serve on. [127.0.0.1]")
    ] = None,
    port: Annotated[
        int | None, typer.Option("--port", min=0, max=65535, metavar="PORT", help="Port; 0 picks a free one. [8000]")
    ] = None,
    workers: Annotated[int | None, typer.Option("--workers", metavar="N", min=1, help="Server processes. [1]")] = None,
    demo: Annotated[
        bool, typer.Option("--demo", help="Fill an empty database with the demo university; print a token for it.")
    ] = False,
    database_url: DatabaseUrl = None,
) -> None:
    """Serve GraphQL and the REST systems.

    Until interrupted. The database's tables are brought up to date first. Options that are not given come from the
    environment: CAMPUSGRAPH_HOST, CAMPUSGRAPH_PORT, CAMPUSGRAPH_WORKERS, CAMPUSGRAPH_DATABASE_URL and so on.

    \b
    Examples:
      campusgraph serve
      campusgraph serve --demo --port 8080
      campusgraph serve --host 0.0.0.0 --workers 4 --database-url postgresql+asyncpg://campus@localhost/campus
    """
    settings = settings_with(database_url, host=host, port=port, workers=workers)
    with server.listen(settings) as listener:
        for line in asyncio.run(_prepare(settings, demo)):
            typer.echo(line)
        for line in _addresses(settings, server.address(listener)):
            typer.echo(line)
        server.run(settings, listener)


def worker(database_url: DatabaseUrl = None) -> None:
    """Do background jobs, and nothing else.

    Until interrupted: the job that is being done is finished first. `campusgraph serve` does jobs as well, unless
    CAMPUSGRAPH_JOBS is off. Any number of workers may run, on any machine that reaches the database and the files.

    \b
    Examples:
      campusgraph worker
      campusgraph worker --database-url postgresql+asyncpg://campus@localhost/campus
    """
    asyncio.run(_work(settings_with(database_url)))


async def _work(settings: Settings) -> None:
    async with acting(settings) as ctx:
        logs.configure()
        engine = ctx.db.engine
        station = station_of(settings, lambda: Database(engine), utc_now)
        await until_told(Worker(station, ctx.db.bell, settings.jobs_seconds))


async def _prepare(settings: Settings, demo: bool) -> list[str]:
    """What to print first. Raises ConfigurationError for what cannot be served with."""
    Rates(settings.limits_url)
    mailer_of(settings)
    async with acting(settings, upgrading=True) as ctx:
        return await demonstration.ready(ctx, settings) if demo else []


def _addresses(settings: Settings, base: str) -> Iterator[str]:
    from app.rest.systems import SYSTEMS

    yield f"{'GraphQL and GraphiQL' if settings.graphiql else 'GraphQL':<22}{base}/graphql"
    for system in SYSTEMS:
        yield f"{system.title:<22}{base}{system.prefix}, described at {base}/openapi/{system.name}.json"
    yield f"{'Health':<22}{base}/healthz"
