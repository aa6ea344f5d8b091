"""Logs: one line of JSON for each event, with the id of the request that it belongs to.

What databases and libraries say in the messages of their errors may name people. So of an error only its type and the
places that it came through are written, and of a message only its first line.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from traceback import walk_tb
from typing import Any

import orjson

from app.telemetry.passage import request_id

DEEPEST = 10
"""Errors that are told of one that was caused by another, and so on."""


class JsonFormatter(logging.Formatter):
    """A record as an object: when, how grave, which part of the program, what, in which request, and its `fields`."""

    def format(self, record: logging.LogRecord) -> str:
        made: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage().partition("\n")[0],
        }
        asked = request_id()
        if asked is not None:
            made["request_id"] = asked
        made |= getattr(record, "fields", {})
        if record.exc_info and record.exc_info[1] is not None:
            made["errors"] = list(_errors(record.exc_info[1]))
        return orjson.dumps(made, default=str, option=orjson.OPT_NON_STR_KEYS).decode()


def configure() -> None:
    """Write the logs of this process to standard error, unless somebody has decided otherwise."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonFormatter())
    logging.basicConfig(level=logging.INFO, handlers=[handler])


def _errors(error: BaseException | None) -> Iterator[dict[str, Any]]:
    """An error, and those that it was raised from: type, and where it came through, outermost first."""
    for _ in range(DEEPEST):
        if error is None:
            return
        frames = walk_tb(error.__traceback__)
        places = [f"{frame.f_globals.get('__name__')}:{line} {frame.f_code.co_name}" for frame, line in frames]
        yield {"type": f"{type(error).__module__}.{type(error).__qualname__}", "places": places}
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
