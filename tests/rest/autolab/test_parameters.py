"""The parameters that are described are those that are read, in every place where they may be."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from jsonschema import Draft202012Validator
from starlette.requests import Request as Received

from app.openapi import document
from app.rest.autolab import dialect
from app.rest.autolab.parameters import parameters
from app.rest.systems import system_named
from tests.rest.autolab.conftest import Autolab
from tests.rest.autolab.operations import REQUESTS, ROUTES
from tests.rest.recording import Recording

pytestmark = pytest.mark.anyio

TOKENS = {"access_token", "bearer_token"}
WITH_BODY = [name for name, route in ROUTES.items() if route.method in ("POST", "PUT", "PATCH") and not route.form]
MEDIA = ["application/json", "application/x-www-form-urlencoded", "multipart/form-data"]


def described(operation: str) -> dict[str, Any]:
    """The description of an operation."""
    paths = document(system_named("autolab"))["paths"].values()
    found: dict[str, Any] = next(each for path in paths for each in path.values() if each["operationId"] == operation)
    return found


@pytest.mark.parametrize("operation", REQUESTS)
async def test_what_is_described_is_read(
    al: Autolab, group: int, monkeypatch: pytest.MonkeyPatch, operation: str
) -> None:
    names: set[str] = set()

    async def recorded(request: Received) -> Recording:
        return Recording(await parameters(request), names)

    monkeypatch.setattr(dialect, "parameters", recorded)
    request = REQUESTS[operation]
    path = request.path.format(group=group)
    response = await al.send(request.method, path, None, headers=bearer(al, request.who), **request.sent())
    assert response.status_code == 200, response.text
    told = {each["name"] for each in described(operation)["parameters"] if each.get("in") == "query"}
    assert names - TOKENS == told


def bearer(al: Autolab, who: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {al.filled.tokens[who]}"}


@pytest.mark.parametrize("operation", WITH_BODY)
async def test_a_body_of_the_schema_is_taken(al: Autolab, group: int, operation: str) -> None:
    request = REQUESTS[operation]
    content = described(operation)["requestBody"]["content"]
    assert list(content) == MEDIA
    for each in content.values():
        Draft202012Validator(each["schema"]).validate(request.body)
    path, answers = request.path.format(group=group), []
    flat = {
        name: orjson.dumps(value).decode() if isinstance(value, dict) else value for name, value in request.body.items()
    }
    if operation == "CreateGroups":
        flat = {"groups[][name]": "new", "groups[][group_members][]": "sam@uni.example"}
    parts = {name: (None, str(value)) for name, value in flat.items()}
    for sent in ({"json": request.body}, {"data": flat}, {"files": parts}, {"params": flat}):
        savepoint = await al.filled.connection.begin_nested()
        answers.append(await al.body(path, request.who, request.method, **sent))
        await savepoint.rollback()
    shown = [without_keys(each) for each in answers]
    assert shown == shown[:1] * 4


def without_keys(body: Any) -> Any:
    """An answer without the keys that a database draws."""
    return [{**each, "id": None} for each in body] if isinstance(body, list) else body
