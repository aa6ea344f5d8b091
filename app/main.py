"""The application: the graph, the sign-in, the REST systems, the OpenAPI documents, health; watched by telemetry."""

from __future__ import annotations

import gc
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, nullcontext

from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.applications import Starlette
from starlette.routing import BaseRoute, Route, WebSocketRoute

from app import files_view, health, openapi
from app.context import Clock
from app.db.bell import Bell
from app.db.engine import BELL, create_engine
from app.db.quick import QuickReader
from app.db.session import Database
from app.db.types import utc_now
from app.db.warm import WarmConnections
from app.graphql_socket.view import GraphQLSocket
from app.graphql_view.view import GraphQLView
from app.hourly import tidied
from app.oauth.routes import ROUTES
from app.portal import landing
from app.rates import Rates, Throttle
from app.rest.family import mounts
from app.rest.openedx.companions import COMPANIONS
from app.rest.systems import SYSTEMS
from app.settings import Settings
from app.telemetry import logs
from app.telemetry.tracing import drained, tracing_to
from app.telemetry.watch import Watch
from app.web import graphiql
from app.web.origins import Origins
from app.worker import station_of, working
from schema.core.graph import Graph
from schema.graph import build

OpenDatabase = Callable[[], Database]
SWITCH_SECONDS = 0.0005
YOUNG_OBJECTS = 50_000


def create_app(settings: Settings, open_database: OpenDatabase | None = None, clock: Clock = utc_now) -> Starlette:
    """The ASGI application. `open_database` and `clock` are for tests; by default the settings' database is used."""
    graph = build(settings.executor)
    rates = Rates(settings.limits_url)
    tracing = tracing_to(settings.tracing_url)
    engine = None if open_database else create_engine(settings)
    quick = QuickReader(settings.sqlite_path) if settings.sqlite_path else None
    warm = WarmConnections(engine, settings.pool_size) if engine is not None and not settings.is_sqlite else None
    # there is an engine where nothing else opens databases
    opened: OpenDatabase = open_database or (lambda: Database(engine, quick, warm))  # type: ignore[arg-type]
    socket = GraphQLSocket(graph, settings, opened, clock)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with drained(tracing), _alone(app, engine):
            yield
        await socket.watch.close()
        await rates.close()
        if quick is not None:
            quick.close()
        if warm is not None:
            await warm.close()
        if engine is not None:
            await engine.dispose()

    routes = _routes(graph, settings, socket)
    app = Starlette(routes=routes, lifespan=lifespan)
    app.add_middleware(Origins, trusted=settings.origins)
    app.add_middleware(Watch, routes=routes, tracing=tracing, logs=settings.log_requests)
    app.router.redirect_slashes = False
    app.state.open_database, app.state.settings, app.state.clock = opened, settings, clock
    app.state.graph, app.state.socket = graph, socket
    app.state.readiness = health.Readiness()
    app.state.rates, app.state.throttle = rates, Throttle(rates)
    return app


@asynccontextmanager
async def _alone(app: Starlette, engine: AsyncEngine | None) -> AsyncIterator[None]:
    """What a server does by itself, beside answering; nothing where somebody else opens the databases."""
    if engine is None:
        yield
        return
    state, settings = app.state, app.state.settings
    bell: Bell = engine.get_execution_options()[BELL]
    station = station_of(settings, state.open_database, state.clock)
    jobs = working(station, bell, settings.jobs_seconds) if settings.jobs else nullcontext()
    async with tidied(state.open_database, state.clock), jobs:
        yield


def _routes(graph: Graph, settings: Settings, socket: GraphQLSocket) -> list[BaseRoute]:
    """What is where."""
    return [
        *health.ROUTES,
        Route("/graphql", GraphQLView(graph, settings)),
        WebSocketRoute("/graphql", socket),
        *(graphiql.mounts() if settings.graphiql else ()),
        *files_view.ROUTES,
        Route("/openapi/{system}.json", openapi.endpoint),
        *landing.ROUTES,
        *ROUTES,
        *mounts(graph, (*SYSTEMS, *COMPANIONS)),
    ]


def create() -> Starlette:
    """The application of the environment's settings."""
    logs.configure()
    settings = Settings.from_environment()
    app = create_app(settings)
    if settings.graphiql:
        graphiql.report()
    _settle()
    return app


def _settle() -> None:
    """Set the interpreter up for serving (measured: tests/benchmarks/README.md).

    SQLite answers in threads of its own: with the default switch interval of 5 ms a busy event loop starves them. What
    was made until now lives as long as the process, so the garbage collector need not walk it again and again.
    """
    sys.setswitchinterval(SWITCH_SECONDS)
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS, 20, 20)
