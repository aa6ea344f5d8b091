"""The HTTP server: uvicorn, started from the program on a socket that is open before anything is promised."""

from __future__ import annotations

import gc
import os
import signal
import socket
from dataclasses import fields
from importlib import import_module
from types import FrameType
from typing import Literal

import uvicorn
from starlette.types import ASGIApp
from uvicorn.supervisors import Multiprocess

from app.errors import ConfigurationError
from app.settings import PREFIX, Settings
from app.telemetry import logs, metrics

APPLICATION = "app.server:create"
HTTP: Literal["h11"] = "h11"  # Autolab's client looks for exactly spelled headers; httptools would write lower case
LOOP: Literal["uvloop"] = "uvloop"  # sets TCP_NODELAY: without it, small answers wait for the peer's acknowledgement
WEBSOCKETS: Literal["websockets-sansio"] = "websockets-sansio"
WAITING = 2048  # connections that may wait to be accepted
IDLE_SECONDS = 65  # longer than the minute after which most proxies let a connection go
GRACE_SECONDS = 10  # for requests that are being answered when the server is told to stop
WORKER_SECONDS = 60  # that a worker may be silent, as it is while it starts on a busy machine, before it is replaced


def listen(settings: Settings) -> socket.socket:
    """The socket to serve on, listening already. Raises ConfigurationError when the address cannot be used."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        return socket.create_server((settings.host, settings.port), family=family, backlog=WAITING)
    except (OSError, OverflowError) as error:
        words = error.strerror if isinstance(error, OSError) else None
        reason = words.partition(" (while")[0] if words else str(error)
        raise ConfigurationError(f"cannot listen on {settings.host}:{settings.port}: {reason}") from error


def address(listener: socket.socket) -> str:
    """The URL of a listening socket, without a slash at the end."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if listener.family == socket.AF_INET6 else f"http://{host}:{port}"


def run(settings: Settings, listener: socket.socket) -> None:
    """Serve until SIGTERM or SIGINT; requests that are being answered are finished first. Workers count together.

    The application is made from the environment, in each worker: so the settings are written there.
    """
    logs.configure()
    os.environ.update({PREFIX + each.name.upper(): str(getattr(settings, each.name)) for each in fields(settings)})
    config = uvicorn.Config(
        APPLICATION,
        factory=True,
        workers=settings.workers,
        http=HTTP,
        loop=LOOP,
        ws=WEBSOCKETS,
        ws_max_size=settings.body_limit,
        lifespan="on",
        log_config=None,
        log_level="warning",
        access_log=False,
        server_header=False,
        backlog=WAITING,
        timeout_keep_alive=IDLE_SECONDS,
        timeout_graceful_shutdown=GRACE_SECONDS,
        timeout_worker_healthcheck=WORKER_SECONDS,
    )
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _ignore)  # uvicorn raises the signal again when it has stopped
    if settings.workers > 1:
        with metrics.shared():
            Multiprocess(config, [listener]).run()
    else:
        uvicorn.Server(config).run([listener])


def create() -> ASGIApp:
    """The application of the environment's settings, made while the garbage collector rests: a quarter faster."""
    gc.disable()
    made: ASGIApp = import_module("app.main").create()
    gc.enable()
    return made


def _ignore(number: int, frame: FrameType | None) -> None:
    """Being told to stop is no failure: the process ends with status 0."""
