"""Methods, paths, headers, layout, and junk (contracts/prairielearn.md §1.1, §1.2, §1.5)."""

from __future__ import annotations

import logging
from typing import Any
from urllib.parse import quote

import httpx
import orjson
import pytest

from tests.rest.prairielearn import examples
from tests.rest.prairielearn.conftest import BASE, CI, PrairieLearn
from tests.rest.prairielearn.operations import OPERATIONS

NO_TOKEN = {"message": "An authentication token must be provided"}
BAD_TOKEN = {"message": "The provided authentication token was invalid"}
NOT_FOUND = {"message": "Not Found"}
HEADERS = {
    "cache-control": "max-age=0, no-cache, no-store, must-revalidate",
    "access-control-allow-origin": "*",
    "content-type": "application/json; charset=utf-8",
}
pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
def silence(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)


def told(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What was logged, from warnings on."""
    return [record.getMessage() for record in caplog.records]


def headers_of(response: httpx.Response) -> dict[str, str]:
    """The headers, without the one that differs each time."""
    return {name: value for name, value in response.headers.items() if name != "x-request-id"}


@pytest.mark.parametrize("operation", OPERATIONS)
async def test_a_success_is_pretty_and_never_cached(pl: PrairieLearn, operation: str) -> None:
    response = await pl.get(OPERATIONS[operation])
    assert response.status_code == 200
    assert headers_of(response) == {**HEADERS, "content-length": str(len(response.content))}
    assert response.content == orjson.dumps(orjson.loads(response.content), option=orjson.OPT_INDENT_2)


@pytest.mark.parametrize("operation", OPERATIONS)
async def test_head_is_get_without_the_body(pl: PrairieLearn, operation: str) -> None:
    path, headers = BASE + OPERATIONS[operation], {"Private-Token": pl.tokens["OWNER"]}
    head, get = await pl.client.head(path, headers=headers), await pl.client.get(path, headers=headers)
    assert (head.status_code, head.content) == (200, b"")
    assert headers_of(head) == headers_of(get)


async def test_head_needs_what_get_needs(pl: PrairieLearn) -> None:
    assert (await pl.client.head(BASE + CI)).status_code == 401
    forbidden = await pl.client.head(BASE + CI, headers={"Private-Token": pl.tokens["STUD"]})
    assert (forbidden.status_code, forbidden.content) == (403, b"")
    missing = await pl.client.head(BASE + CI + "/nope", headers={"Private-Token": pl.tokens["OWNER"]})
    assert (missing.status_code, missing.content) == (404, b"")


@pytest.mark.parametrize("path", [*OPERATIONS.values(), "/", "/nope", "/course_instances/abc", "/%00"])
async def test_options_is_open(pl: PrairieLearn, path: str) -> None:
    response = await pl.client.options(BASE + path)
    assert (response.status_code, response.content) == (200, b"{}")
    assert headers_of(response) == {**HEADERS, "content-length": "2"}


@pytest.mark.parametrize(
    "path",
    ["/PL/API/V1" + CI, BASE + CI.upper(), BASE + CI + "/", "/pl/Api/v1/Course_Instances/41/", BASE + CI + "?x=1&x=2"],
)
async def test_paths_match_in_any_case_and_with_a_slash_at_the_end(pl: PrairieLearn, path: str) -> None:
    response = await pl.client.get(path, headers={"Private-Token": pl.tokens["OWNER"]})
    assert (response.status_code, response.json()) == (200, examples.COURSE_INSTANCE)


@pytest.mark.parametrize("end", ["", "/"])
async def test_lists_match_with_a_slash_at_the_end(pl: PrairieLearn, end: str) -> None:
    assert len(await pl.body(CI + "/Assessments/7/ASSESSMENT_INSTANCES" + end)) == 1


@pytest.mark.parametrize("header", ["private-token", "PRIVATE-TOKEN", "Private-Token"])
async def test_the_header_is_known_in_any_case(pl: PrairieLearn, header: str) -> None:
    assert (await pl.client.get(BASE + CI, headers={header: pl.tokens["OWNER"]})).status_code == 200


async def test_a_refusal_is_compact_for_who_is_unknown_and_pretty_for_others(pl: PrairieLearn) -> None:
    unknown = await pl.client.get(BASE + CI)
    assert unknown.content == b'{"message":"An authentication token must be provided"}'
    forbidden, missing = await pl.get(CI, "STUD"), await pl.get("/nope")
    assert forbidden.content == b'{\n  "message": "Forbidden",\n  "status": 403\n}'
    assert missing.content == b'{\n  "message": "Not Found"\n}'
    for response in (unknown, forbidden, missing):
        assert headers_of(response) == {**HEADERS, "content-length": str(len(response.content))}


@pytest.mark.parametrize("second", ["same", "bad", ""])
async def test_a_token_given_twice_is_a_bad_token(pl: PrairieLearn, second: str) -> None:
    token = pl.tokens["OWNER"]
    query = f"private_token={token}&private_token={token if second == 'same' else second}"
    response = await pl.client.get(f"{BASE}{CI}?{query}")
    assert (response.status_code, response.json()) == (401, BAD_TOKEN)
    headers = [("Private-Token", token), ("Private-Token", token if second == "same" else second)]
    response = await pl.client.get(BASE + CI, headers=headers)
    assert (response.status_code, response.json()) == (401, BAD_TOKEN)


@pytest.mark.parametrize("query", ["private_token", "private_token=", "private_token=bad", "private_token=%00"])
async def test_a_bad_token_in_the_query_beats_a_good_one_in_the_header(pl: PrairieLearn, query: str) -> None:
    response = await pl.client.get(f"{BASE}{CI}?{query}", headers={"Private-Token": pl.tokens["OWNER"]})
    assert (response.status_code, response.json()) == (401, BAD_TOKEN)


@pytest.mark.parametrize(
    "value", [b"", b" ", b"\0", b"a\0b", b"\xff\xfe", "cgp_é".encode(), b"x" * 10_240, b"cgp_" * 9]
)
async def test_a_junk_token_is_a_bad_token(pl: PrairieLearn, value: bytes, caplog: pytest.LogCaptureFixture) -> None:
    by_header = await pl.client.get(BASE + CI, headers=[(b"Private-Token", value)])
    by_query = await pl.client.get(f"{BASE}{CI}?private_token={quote(value)}")
    for response in (by_header, by_query):
        assert (response.status_code, response.json()) == (401, BAD_TOKEN)
    assert told(caplog) == []


@pytest.mark.parametrize("query", ["?", "?&&", "?=", "?%", "?%ff=%fe", "?" + "a=1&" * 2000, "?course_instance_id=42"])
async def test_a_junk_query_is_ignored(pl: PrairieLearn, query: str, caplog: pytest.LogCaptureFixture) -> None:
    assert await pl.body(CI + query) == examples.COURSE_INSTANCE
    assert told(caplog) == []


@pytest.mark.parametrize(
    "headers",
    [
        {"Accept": "\0;q=nan"},
        {"Authorization": "Bearer x", "Cookie": "a=\xff"},
        {"Content-Type": "text/x", "Content-Length": "0"},
        {"Range": "bytes=5-1", "If-None-Match": "*"},
        {"Accept-Encoding": "gzip", "X-HTTP-Method-Override": "DELETE"},
    ],
)
async def test_junk_headers_are_ignored(
    pl: PrairieLearn, headers: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    raw = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
    response = await pl.client.get(BASE + CI, headers=[*raw, (b"Private-Token", pl.tokens["OWNER"].encode())])
    assert (response.status_code, response.json()) == (200, examples.COURSE_INSTANCE)
    assert told(caplog) == []


JUNK = [
    "abc",
    "-7",
    "7.0",
    "0x7",
    "%00",
    "7%00",
    "%0A7",
    "7%0A",
    "%EF%BC%97",
    "%D9%A7",
    "7%2F8",
    "%F0%9F%A6%86",
    "..%2F7",
]
NUMBERS = ["0", "999999", "2147483648", "9" * 30, "9" * 5000, "0" * 5000]


@pytest.mark.parametrize("key", JUNK)
@pytest.mark.parametrize("path", ["/assessments/{}", "/assessment_instances/{}/submissions", "/submissions/{}"])
async def test_a_key_that_is_no_number_is_not_found(
    pl: PrairieLearn, path: str, key: str, caplog: pytest.LogCaptureFixture
) -> None:
    response = await pl.get(CI + path.format(key))
    assert (response.status_code, response.json()) == (404, NOT_FOUND)
    assert told(caplog) == []


@pytest.mark.parametrize("key", NUMBERS)
async def test_a_number_that_is_no_key_is_not_found(
    pl: PrairieLearn, key: str, caplog: pytest.LogCaptureFixture
) -> None:
    answers: dict[str, tuple[int, Any]] = {
        f"/course_instances/{key}": (403, {"message": "Forbidden", "status": 403}),
        f"/course_instances/{key}/nope": (403, {"message": "Forbidden", "status": 403}),
        f"{CI}/assessments/{key}": (404, NOT_FOUND),
        f"{CI}/assessments/{key}/assessment_instances": (200, []),
        f"{CI}/assessments/{key}/assessment_access_rules": (200, []),
        f"{CI}/assessment_instances/{key}": (404, NOT_FOUND),
        f"{CI}/assessment_instances/{key}/instance_questions": (200, []),
        f"{CI}/assessment_instances/{key}/submissions": (200, []),
        f"{CI}/assessment_instances/{key}/log": (404, NOT_FOUND),
        f"{CI}/submissions/{key}": (404, NOT_FOUND),
    }
    for path, answer in answers.items():
        response = await pl.get(path)
        assert (response.status_code, response.json()) == answer
    assert told(caplog) == []


@pytest.mark.parametrize("key", [key for key in JUNK if "%2F8" not in key])
async def test_a_course_instance_that_is_no_number_is_not_found(
    pl: PrairieLearn, key: str, caplog: pytest.LogCaptureFixture
) -> None:
    for rest in ("", "/gradebook"):
        response = await pl.get(f"/course_instances/{key}{rest}")
        assert (response.status_code, response.json()) == (404, NOT_FOUND)
    assert told(caplog) == []
