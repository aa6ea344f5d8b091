"""Junk is sent to every operation: it is answered, or refused in the form of its family, and what is refused leaves all
data as they were.
"""

from __future__ import annotations

import json
import random
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from app.db.session import Database
from app.rest.openedx.endpoint import ANYBODY
from app.rest.openedx.endpoint import WRITES as WRITING
from app.rest.openedx.refusals import Form
from tests.conftest import saved
from tests.domain.proof import everything
from tests.rest.contract import contract_of
from tests.rest.openedx.busy import PARAMETER, busy, parts_of, path_of
from tests.rest.openedx.conftest import CALLERS, Filled, OpenEdx, R
from tests.rest.openedx.operations import OPERATIONS, WRITES, Request, put_in

pytestmark = pytest.mark.anyio
FINE = (200, 201, 202, 204, 302)
REFUSED = (400, 401, 403, 404, 405, 406, 409, 413, 415, 422)
PARTLY = 422
"""Of several items the good ones are stored."""
KEYS = ["course-v1:a+b+c%00", "course-v1:a+b+%ED%A0%80", "a/b/c", "ccx-v1:a+b+c+ccx@" + "9" * 30, "i4x://a/b/c/d"]
PARTS = ["%00", "%ff", "%F0%9F%92%A9", "-1", "0", "9" * 25, "%0a", "a" * 300, "%25", "a;b", "%E2%80%AE", *KEYS]
WORDS = ["", " ", "0", "-1", "9" * 25, "1e400", "nan", "null", "\0", "a\nb", "é", "💩", "%", "[]", "x" * 300, R, "ann"]
VALUES: list[Any] = [None, True, 0, -1, 2**40, 2**70, 1.5, 1e300, [], {}, [[]], [None], {"": {}}, {"x" * 9000: "x"}]
VALUES += [*WORDS, "\ud800", ["\0", 2**70, {}], {R: None}, [R] * 300, [{"user_id": 2**70}]]
SENT = [
    b"",
    b"\xff",
    b"{",
    b"null",
    b"1e999",
    b"-0",
    b'"\\ud800"',
    b"[" * 100_000,
    b'{"a":' * 2000 + b"1" + b"}" * 2000,
]
SENT += [b"--x\r\n\r\n\r\n--x--", b"a=1&a=2&%ff=%00&&=;", b"a=" * 2000, b"\0" * 50]
PART = b'--x\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n--x--\r\n'
KINDS = ["application/json", "application/merge-patch+json", "application/x-www-form-urlencoded", "text/plain", "", "é"]
KINDS += ["multipart/form-data; boundary=x", "multipart/form-data", "application/json; charset=utf-16"]
ODD = "multipart/form-data; boundary=x; charset=unicode_escape"
FORMS: dict[Form, tuple[set[str], ...]] = {
    Form.PLAIN: ({"detail"},),
    Form.DEVELOPER: ({"developer_message"}, {"field_errors"}),
    Form.USER: ({"developer_message", "user_message"}, {"field_errors"}),
    Form.MESSAGE: ({"message"}, {"detail"}),
    Form.CODE: ({"error_code"}, {"field_errors"}, {"detail"}),
    Form.ERROR: ({"error"}, {"detail"}),
    Form.ERRORS: ({"errors"}, {"detail"}),
}
"""Keys of which refusals have all of a set."""
NO_PATH = {"detail": "Not found."}
"""What is told of a path that has not the form of any."""
OWN = ({"error_code"}, {"field_errors"}, {"errors"}, {"has_access", "error_code"}, {"success", "error"})
"""Those of refusals that an operation tells in another form (contracts/edx-core.md §0.9, §11, §18, §20)."""


@pytest.fixture(scope="module")
async def parts(filled: Filled) -> AsyncIterator[dict[str, Any]]:
    """What stands for each part of a path, in a run with something of everything."""
    async with saved(filled.connection):
        yield await busy(filled)


@pytest.fixture
async def open_database(filled: Filled, parts: dict[str, Any]) -> AsyncIterator[Callable[[], Database]]:
    """Opens databases with that in them."""
    async with saved(filled.connection) as opened:
        yield opened


def is_told(form: Form, body: Any) -> bool:
    """Whether a refusal has a form of the family's: its own keys, messages by field, a text, or no body at all."""
    if not isinstance(body, dict):
        return body is None or isinstance(body, str) or (isinstance(body, list) and {*map(type, body)} == {str})
    if body == NO_PATH or any(keys <= body.keys() for keys in FORMS[form]):
        return True
    if any(keys <= body.keys() for keys in OWN):
        return form in (Form.PLAIN, Form.USER)
    return form is Form.PLAIN and all(isinstance(each, list) and {*map(type, each)} == {str} for each in body.values())


def junk(
    chance: random.Random, request: Request, template: str, parts: dict[str, Any], *, writes: bool
) -> Iterator[tuple[str, dict[str, Any]]]:
    """(path, what is sent) of hostile requests, with bodies where something is written."""
    path, body = path_of(template, parts), put_in(request.body, parts)
    names = [found[1] for found in PARAMETER.finditer(template)]
    for name in names:
        for part in chance.sample(PARTS, 3):
            yield path_of(template, {**parts, name: part}), {"params": request.query and put_in(request.query, parts)}
    query = ["course_id", "username", "page", "page_size", "cursor", "x" * 3000, *request.query, *parts["asked"]]
    for _ in range(2):
        yield path, {"params": [(name, chance.choice(WORDS)) for name in (*query, *chance.sample(query, 2))]}
    yield f"{path}?%ff=%00&&=&a%&=%ED%A0%80&page=%2B1", {}
    yield f"{path}/" if not path.endswith("/") else path.removesuffix("/"), {}
    for sent in bodies(chance, body) if writes else ():
        yield path, {"params": put_in(request.query, parts), **sent}


def bodies(chance: random.Random, body: Any) -> Iterator[dict[str, Any]]:
    """Bodies that are none, or of other kinds than they should be."""
    kinds = {"Content-Type": chance.choice(KINDS[:2])}
    rows = body if isinstance(body, list) else [body]
    names = [*(rows[0] if isinstance(rows[0], dict) else ()), "username", "course_id", "user"]
    for count in (1, 1, 2, len(names)):
        changes = {name: chance.choice(VALUES) for name in chance.sample(names, count)}
        said = {**(rows[0] or {}), **changes}
        yield {"content": json.dumps([said] if body is rows else said), "headers": kinds}
    yield {"content": json.dumps(chance.choice(VALUES)), "headers": kinds}
    yield {"data": {name: chance.choice(WORDS) for name in names}}
    for name in chance.sample(names, 2):
        yield {"content": PART % (name.encode(), b"\\ud800"), "headers": {"Content-Type": ODD}}
    for _ in range(3):
        kind = chance.choice(KINDS).encode()
        yield {"content": chance.choice(SENT), "headers": {"Content-Type": kind} if kind else {}}


@pytest.mark.parametrize("operation", OPERATIONS)
async def test_junk(edx: OpenEdx, parts: dict[str, Any], operation: str) -> None:
    template, route = OPERATIONS[operation]
    chance, request = random.Random(operation), WRITES.get(operation, Request("ann"))
    parts = parts_of(template, parts) | {"asked": [each["name"] for each in route.parameters]}
    before = await everything(edx.filled.admin) if route.method in WRITING else None
    for path, more in junk(chance, request, template, parts, writes=before is not None):
        who = chance.choice((request.who, request.who, "staff", "prof", None))
        response = await edx.send(route.method, path, who, **more)
        sent = (who, path[:300], str(more)[:300], response.text[:300])
        require_told(response, route.style.form, sent)
        if before is not None and response.status_code != PARTLY:
            now = await everything(edx.filled.admin)
            assert response.status_code in FINE or now == before, sent
            before = now


def require_told(response: httpx.Response, form: Form, sent: Any) -> None:
    """Asserts that a request was answered, or refused in a form of the family's."""
    assert response.status_code in (*FINE, *REFUSED), sent
    is_page = response.headers.get("content-type", "").startswith("text/html")
    assert not is_page or not response.request.url.path.startswith("/api/")
    if response.status_code in REFUSED and not is_page:
        assert is_told(form, response.json() if response.content else None), sent


def test_every_write_has_a_request() -> None:
    writes = {name for name, (_, route) in OPERATIONS.items() if route.method in WRITING}
    assert writes - WRITES.keys() == {"POST /courses/{course_key_string}/masquerade"}
    assert WRITES.keys() <= writes


@pytest.mark.parametrize("operation", WRITES)
async def test_who_may_not_write_changes_nothing(edx: OpenEdx, parts: dict[str, Any], operation: str) -> None:
    (template, route), request = OPERATIONS[operation], WRITES[operation]
    path, admin = path_of(template, parts_of(template, parts)), edx.filled.admin
    before = await everything(admin)
    told = {}
    for who in (*CALLERS, "bob"):
        async with saved(edx.filled.connection):
            response = await edx.send(route.method, path, who, **request.sent(parts, route.media[0]))
            told[who] = response.status_code
            require_told(response, route.style.form, (who, response.text))
            assert response.status_code in FINE or await everything(admin) == before, who
    assert told[request.who] in FINE, told
    assert told[None] == (200 if route.needs == ANYBODY else 401)


async def test_other_methods(app: Starlette, edx: OpenEdx, parts: dict[str, Any]) -> None:
    contract = contract_of("openedx", app.state.settings)
    for template in {path for path, _ in OPERATIONS.values() if path.startswith("/api/")}:
        path = path_of(template, parts_of(template, parts))
        assert (await edx.send("HEAD", path, "ann")).status_code in (*FINE, *REFUSED), path
        for method in ("OPTIONS", "GET", "POST", "PUT", "PATCH", "DELETE", "TRACE"):
            if contract.operation(method, path) is None and f"{method} {template}" not in OPERATIONS:
                response = await edx.send(method, path, "ann")
                assert response.status_code == 405, (method, path)
                assert "not allowed" in response.text or response.json()["error_code"], (method, path)
