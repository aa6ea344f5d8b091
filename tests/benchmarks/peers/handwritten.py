"""The endpoints written by hand, all of them, on the database that the environment names."""

from __future__ import annotations

from starlette.applications import Starlette

from app.db.engine import create_engine
from app.settings import Settings
from tests.benchmarks import gradebook, nested, small


def create() -> Starlette:
    """Starlette, SQLAlchemy Core and orjson: as many statements as each needs, nothing shared with the graph."""
    engine = create_engine(Settings.from_environment())
    app = Starlette(routes=[*gradebook.ROUTES, *nested.ROUTES, *small.ROUTES])
    app.state.connect = engine.connect
    return app
