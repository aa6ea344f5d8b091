"""`python -m tests.benchmarks.peers.hosting APPLICATION`: serve it as ours is served, or with other server settings."""

from __future__ import annotations

import gc
import os
import sys
from typing import Annotated, Any

import typer
import uvicorn.importer

from app import main as ours
from app import server
from app.settings import Settings
from tests.benchmarks.stage import UNREACHED

FACTORY = "tests.benchmarks.peers.hosting:create"
APPLICATION, SWITCH, YOUNG, THAW = "PEER_APPLICATION", "PEER_SWITCH", "PEER_YOUNG", "PEER_THAW"
PYTHON_THRESHOLDS = gc.get_threshold()


def main(
    application: str,
    http: Annotated[str, typer.Option(help="h11 or httptools.")] = server.HTTP,
    loop: Annotated[str, typer.Option(help="uvloop or asyncio.")] = server.LOOP,
    switch: Annotated[float | None, typer.Option(help="Python's switch interval, in seconds.")] = None,
    young: Annotated[int | None, typer.Option(help="New objects between two collections of garbage.")] = None,
    thaw: Annotated[bool, typer.Option("--thaw", help="Collect garbage as Python does by itself.")] = False,
) -> None:
    """Serve the application that a factory makes, `module:function`, on a free port."""
    os.environ |= {APPLICATION: application, SWITCH: str(switch or ""), YOUNG: str(young or "")}
    os.environ[THAW] = "1" if thaw else ""
    for name, value in {"APPLICATION": FACTORY, "HTTP": http, "LOOP": loop}.items():
        setattr(server, name, value)
    settings = Settings(database_url=Settings.from_environment().database_url, port=0, cost_limit=UNREACHED)
    with server.listen(settings) as listener:
        typer.echo(server.address(listener))
        server.run(settings, listener)


def create() -> Any:
    """The application, made in the server's process, which is then set up as ours is, or differently."""
    made = uvicorn.importer.import_from_string(os.environ[APPLICATION])()
    ours._settle()
    if switch := os.environ[SWITCH]:
        sys.setswitchinterval(float(switch))
    if young := os.environ[YOUNG]:
        gc.set_threshold(int(young))
    if os.environ[THAW]:
        gc.unfreeze()
        gc.set_threshold(*PYTHON_THRESHOLDS)
    return made


if __name__ == "__main__":
    typer.run(main)
