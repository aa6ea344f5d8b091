"""What the learning front end's consumer contract (Pact) asks of the server, and how it wants the answers to be.

`learning_pact.json` has each interaction in short: `like` are examples, of which types count, lists being of one or
more of them; `exact` are values; `instants` are dates of whole seconds. Left out is what comes of other services:
prices, offers, upgrades (contracts/edx-core.md §23).
"""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import orjson
import pytest
from sqlalchemy import update
from starlette.applications import Starlette
from starlette.routing import Match

from app.domain.catalog.models import CourseInstance
from tests.clock import NOW
from tests.rest.openedx.conftest import ROOT, H, OpenEdx, P, R, U

pytestmark = pytest.mark.anyio
PACT: dict[str, dict[str, Any]] = orjson.loads(Path(__file__).with_name("learning_pact.json").read_bytes())
KEYS = {"run": R, "quoted": quote(R, safe=""), "sequence": H, "unit": U, "root": ROOT}
INSTANT = re.compile(r"[1-9]\d{3}-\d\d-\d\dT\d\d:\d\d:\d\d(?:Z|[+-]\d\d:\d\d)")


def spelled(value: Any) -> Any:
    """An excerpt with the keys of the fixture."""
    text = orjson.dumps(value).decode()
    for name, key in KEYS.items():
        text = text.replace(f"{{{name}}}", key)
    return orjson.loads(text)


def flaws(like: Any, found: Any, at: str = "body") -> list[str]:
    """Where something is of another type than the example, or is not there; keys beside the example's are fine."""
    if isinstance(like, dict) and isinstance(found, dict):
        missing = [f"{at}.{key} is missing" for key in like if key not in found]
        return missing + [flaw for key in like if key in found for flaw in flaws(like[key], found[key], f"{at}.{key}")]
    if isinstance(like, list) and isinstance(found, list):
        rows = [flaw for number, row in enumerate(found) for flaw in flaws(like[0], row, f"{at}.{number}")]
        return rows if found else [f"{at} is empty"]
    numbers = (int, float)
    is_like = type(like) is type(found) or (type(like) in numbers and type(found) in numbers)
    return [] if is_like else [f"{at} is {found!r}"]


def places(found: Any, path: str) -> list[Any]:
    """The values at a path, in which `*` stands for each of a list."""
    rows = [found]
    for step in path.split("."):
        rows = [value for row in rows for value in (row if step == "*" else [row[step]])]
    return rows


def different(expected: Any, found: Any, at: str = "body") -> list[str]:
    """Where a value is not exactly that."""
    if isinstance(expected, dict):
        return [
            flaw for key, value in expected.items() for flaw in different(value, found.get(key, "-"), f"{at}.{key}")
        ]
    return [] if expected == found else [f"{at} is {found!r}"]


def is_served(app: Starlette, method: str, path: str) -> bool:
    """Whether an operation is on this server, whatever its families are at present."""
    scope = {"type": "http", "method": method, "path": path.partition("?")[0], "root_path": "", "headers": []}
    for mount in app.routes:
        match, inner = mount.matches(scope)
        if match is not Match.NONE:
            below = getattr(mount, "routes", None) or []
            return any(
                each.matches({**scope, **inner})[0] is Match.FULL for each in below if getattr(each, "methods", None)
            )
    return False


@pytest.mark.parametrize("name", PACT)
async def test_an_interaction(edx: OpenEdx, app: Starlette, name: str) -> None:
    asked = spelled(PACT[name])
    method, path = asked["request"].split(" ", 1)
    if not is_served(app, method, path):
        pytest.skip("the operation is among those that are pending")
    dated = update(CourseInstance).where(CourseInstance.id == edx.keys["R"])
    await edx.filled.admin.db.execute(dated.values(start_at=NOW - timedelta(days=9), end_at=NOW + timedelta(days=90)))
    done = {"username": "ann", "course_key": R, "blocks": {P: 1}}
    assert await edx.body("/api/completion/v1/completion-batch", "ann", "POST", json=done) == {"detail": "ok"}
    response = await edx.send(method, path, "ann", **({"json": asked["body"]} if "body" in asked else {}))
    assert response.status_code == 200, response.text
    found = response.json() if response.content else {}
    assert flaws(asked.get("like", {}), found) == []
    assert different(asked.get("exact", {}), found) == []
    instants = [value for place in asked.get("instants", ()) for value in places(found, place)]
    assert [value for value in instants if INSTANT.fullmatch(str(value)) is None] == []
