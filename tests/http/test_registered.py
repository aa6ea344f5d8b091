"""Documents by id: registered ones, those that clients send once (Apollo's protocol); who may ask no others."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import orjson
import pytest

from app.domain.identity.documents import NewDocument, register_documents
from app.domain.identity.tokens import issue_token
from app.graphql_view.documents import Texts
from tests.answers import uncounted
from tests.http.conftest import Served
from tests.http.test_requests import JSON, RESPONSE, SAM, VIEWER, code_of

REGISTERED = "query Me { viewer { username } }\n"
UNKNOWN = "0" * 64


def digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def automatic(text: str) -> dict[str, Any]:
    """The extensions of Apollo's protocol."""
    return {"persistedQuery": {"version": 1, "sha256Hash": digest(text)}}


async def sent(served: Served, token: str | None = "student", accept: str = RESPONSE, **body: Any) -> Any:
    """The answer to a request of these parameters."""
    headers = (served.signed(token) if token else {}) | {"Accept": accept}
    return await served.client.post("/graphql", json=body, headers=headers)


@pytest.fixture(autouse=True, scope="module")
async def registered(served: Served) -> None:
    """A document is registered, and there is a token that opens no others."""
    program, documents = served.world.admin, [NewDocument(REGISTERED, ["Me"])]
    assert await register_documents(program, documents=documents, user_id=served.world.admin_id) == 1
    served.tokens["bound"] = (await issue_token(served.world.student, name="app", is_registered_only=True)).text


async def test_a_registered_document_by_its_id(served: Served) -> None:
    named = {"documentId": f"sha256:{digest(REGISTERED)}"}
    for accept in (JSON, RESPONSE):
        response = await sent(served, accept=accept, **named)
        assert (response.status_code, uncounted(response)) == (200, SAM)
    response = await served.client.get("/graphql", params=named, headers=served.signed())
    assert (response.status_code, uncounted(response)) == (200, SAM)
    assert uncounted(await sent(served, operationName="Me", **named)) == SAM
    assert code_of(await sent(served, operationName="You", **named)) == "OPERATION_UNDETERMINED"
    assert uncounted(await sent(served, None, **named)) == {"data": {"viewer": None}}


async def test_an_id_that_is_not_registered(served: Served) -> None:
    """Not even when a client has sent the document under it."""
    assert uncounted(await sent(served, query=VIEWER, extensions=automatic(VIEWER))) == SAM
    for known in (UNKNOWN, digest(VIEWER)):
        for accept, status in ((JSON, 200), (RESPONSE, 404)):
            response = await sent(served, accept=accept, documentId=f"sha256:{known}")
            assert (response.status_code, code_of(response)) == (status, "DOCUMENT_NOT_FOUND")
            assert response.headers["cache-control"] == "private, no-cache, must-revalidate"


KNOWN = f"sha256:{digest(REGISTERED)}"
NO_IDS: list[Any] = ["", "sha256:", digest(REGISTERED), KNOWN[:-1], KNOWN.upper(), KNOWN + "\n", "md5:" + UNKNOWN]
NO_IDS += ["sha256:" + "é" * 64, 1, [KNOWN], {}, False]
NO_DIGESTS: list[Any] = [1, [], "x", {}, {"version": 1}, {"sha256Hash": UNKNOWN}]
BROKEN: list[dict[str, Any]] = [
    *({"documentId": each} for each in NO_IDS),
    *({"extensions": {"persistedQuery": each}} for each in NO_DIGESTS),
    {"documentId": KNOWN, "query": VIEWER},
    {"documentId": KNOWN, "query": ""},
    {"documentId": KNOWN, "extensions": automatic(REGISTERED)},
    {"documentId": None},
    {"extensions": {"persistedQuery": {"version": 2, "sha256Hash": UNKNOWN}}},
    {"extensions": {"persistedQuery": {"version": "1", "sha256Hash": UNKNOWN}}},
    {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": UNKNOWN.upper() + "0"}}},
    {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": [UNKNOWN]}}},
    {"query": "", "extensions": automatic("")},
    {"query": [], "extensions": automatic(VIEWER)},
]


async def test_ids_that_are_none(served: Served) -> None:
    for body in BROKEN:
        response = await sent(served, accept=JSON, **body)
        assert (response.status_code, code_of(response)) == (400, "BAD_REQUEST"), body


async def test_an_automatic_persisted_query(served: Served) -> None:
    """Asked for in vain, sent once, asked for by its digest from then on, by anybody: but by this process alone."""
    text = "query Once { viewer { username } }"
    for accept, status in ((JSON, 200), (RESPONSE, 404)):
        response = await sent(served, accept=accept, extensions=automatic(text))
        assert response.json() == {
            "errors": [{"message": "PersistedQueryNotFound", "extensions": {"code": "PERSISTED_QUERY_NOT_FOUND"}}]
        }
        assert response.status_code == status
        assert response.headers["cache-control"] == "private, no-cache, must-revalidate"
    assert uncounted(await sent(served, query=text, extensions=automatic(text))) == SAM
    assert uncounted(await sent(served, extensions=automatic(text))) == SAM
    parameters = {"extensions": orjson.dumps(automatic(text)).decode()}
    response = await served.client.get("/graphql", params=parameters, headers=served.signed())
    assert (response.status_code, uncounted(response)) == (200, SAM)
    async with served.set() as another:
        assert code_of(await sent(another, extensions=automatic(text))) == "PERSISTED_QUERY_NOT_FOUND"
        assert uncounted(await sent(another, extensions=automatic(REGISTERED))) == SAM


async def test_a_digest_of_something_else(served: Served) -> None:
    text = "query Another { viewer { username } }"
    for accept in (JSON, RESPONSE):
        response = await sent(served, accept=accept, query=VIEWER, extensions=automatic(text))
        assert (response.status_code, code_of(response)) == (400, "PERSISTED_QUERY_HASH_MISMATCH")
        assert response.json()["errors"][0]["message"] == "provided sha does not match query"
    assert code_of(await sent(served, extensions=automatic(text))) == "PERSISTED_QUERY_NOT_FOUND"


async def test_what_is_not_valid_is_not_remembered(served: Served) -> None:
    for text in ("{", "{ nobody }"):
        assert (await sent(served, query=text, extensions=automatic(text))).status_code in (400, 422)
        assert code_of(await sent(served, extensions=automatic(text))) == "PERSISTED_QUERY_NOT_FOUND"


async def test_the_database_is_asked_for_a_document_once(served: Served) -> None:
    async with served.set() as fresh:
        counts = []
        intact = fresh.app.state.open_database

        def open_database() -> Any:
            counts.append(intact())
            return counts[-1]

        fresh.app.state.open_database = open_database
        for _ in range(3):
            assert uncounted(await sent(fresh, documentId=KNOWN)) == SAM
        assert uncounted(await sent(fresh, query=REGISTERED)) == SAM
    assert [each.statements for each in counts] == [3, 2, 2, 2]


NOT_REGISTERED = "DOCUMENT_NOT_REGISTERED"
REFUSED: list[dict[str, Any]] = [
    *({"query": each} for each in (VIEWER, REGISTERED.strip(), "{", "{ nobody }")),
    {"query": VIEWER, "extensions": automatic(VIEWER)},
    {"extensions": automatic(VIEWER)},
    {"documentId": f"sha256:{UNKNOWN}"},
]
ANSWERED: list[dict[str, Any]] = [
    {"documentId": KNOWN},
    {"query": REGISTERED},
    {"extensions": automatic(REGISTERED)},
    {"query": REGISTERED, "extensions": automatic(REGISTERED)},
]


async def test_an_installation_that_accepts_only_registered_documents(served: Served) -> None:
    """Administrators included; the text of a registered document is as good as its id."""
    async with served.set(registered_only=True) as bound:
        for body in REFUSED:
            for token, accept in (("student", JSON), ("student", RESPONSE), ("admin", RESPONSE), (None, RESPONSE)):
                response = await sent(bound, token, accept, **body)
                assert (response.status_code, code_of(response)) == (403, NOT_REGISTERED)
        for body in ANSWERED:
            assert uncounted(await sent(bound, **body)) == SAM
        assert code_of(await sent(bound, "revoked", query=VIEWER)) == "UNAUTHENTICATED"


async def test_a_token_that_opens_only_registered_documents(served: Served) -> None:
    assert uncounted(await sent(served, query=VIEWER, extensions=automatic(VIEWER))) == SAM
    for body in REFUSED:
        response = await sent(served, "bound", **body)
        assert (response.status_code, code_of(response)) == (403, NOT_REGISTERED)
    for body in ANSWERED:
        assert uncounted(await sent(served, "bound", **body)) == SAM


async def test_texts_are_forgotten_when_there_is_no_room() -> None:
    texts = Texts(room=10)
    for name, length in (("a", 4), ("b", 4), ("a", 4), ("c", 2)):
        texts.put(name, name * length)
    assert [texts.get(name) for name in "abc"] == ["aaaa", "bbbb", "cc"]
    assert texts.get("a") == "aaaa"
    texts.put("d", "d")
    assert [texts.get(name) for name in "abcd"] == ["aaaa", None, "cc", "d"]
    texts.put("e", "e" * 11)
    assert [texts.get(name) for name in "abcde"] == [None] * 5
    texts.put("f", "f" * 10)
    assert texts.get("f") == "f" * 10
