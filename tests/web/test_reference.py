"""OpenAPI documents as pages: everything that a document says stands there, under an address."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest

from app.openapi import document
from app.portal.schemas import detailed, worded
from app.rest.systems import SYSTEMS, system_named
from tests.web.pages import answer

NAMES = [system.name for system in SYSTEMS]
TAG = re.compile(r"<[^>]+>")
WORDS: list[tuple[dict[str, Any], str]] = [
    ({}, "anything"),
    ({"type": "string", "format": "date-time", "pattern": "Z$"}, "string, as date-time, matching `Z$`"),
    ({"type": ["string", "null"], "minLength": 1, "maxLength": 9}, "string or null, at least 1 characters, at most 9 "),
    ({"type": "string", "enum": ["Yes", "No"]}, "`Yes`, `No`"),
    ({"type": "string", "const": "none"}, "`none`"),
    ({"type": "integer", "minimum": 1, "maximum": 5}, "integer, from 1, to 5"),
    ({"type": "number", "exclusiveMinimum": 0, "default": 1}, "number, above 0, `1` when absent"),
    ({"type": "array", "items": {"type": "object", "properties": {}}}, "array of object"),
    ({"type": ["array", "null"], "items": {"type": "integer"}}, "array of integer or null"),
    ({"type": "object", "additionalProperties": {"type": "number"}}, "object by key, of number"),
    ({"type": "object", "additionalProperties": False}, "object"),
    ({"anyOf": [{"type": "object"}, {"type": "null"}]}, "object or null"),
]


@pytest.mark.parametrize(("schema", "words"), WORDS)
def test_a_schema_in_words(schema: dict[str, Any], words: str) -> None:
    assert worded(schema) == (words + "characters" if words.endswith(" ") else words)


def test_the_fields_of_a_schema_at_any_depth() -> None:
    inner = {"type": "object", "properties": {"b": {"type": "integer", "description": "A `b` < 2."}}, "required": ["b"]}
    schema = {"type": "object", "properties": {"a": {"type": "array", "items": {"anyOf": [inner, {"type": "null"}]}}}}
    assert detailed(schema) == (
        '<ul class="fields">\n'
        "<li><code>a</code> <span>array of object or null</span> <small>may be absent</small><p></p>"
        '<ul class="fields">\n'
        "<li><code>b</code> <span>integer</span> <small></small><p>A <code>b</code> &lt; 2.</p></li>\n"
        "</ul>\n</li>\n</ul>\n"
    )
    assert detailed({"type": "object", "additionalProperties": inner}).startswith('<ul class="fields">\n<li><code>b')
    assert detailed({"type": "string"}) == ""


@pytest.mark.parametrize("name", NAMES)
async def test_every_operation_stands_there_under_its_address(name: str) -> None:
    response = await answer(f"/openapi/{name}")
    described = document(system_named(name))
    assert (response.status_code, response.headers["content-type"]) == (200, "text/html; charset=utf-8")
    text = response.text
    places = re.findall(' id="([^"]+)"', text)
    assert len(places) == len(set(places))
    assert set(re.findall('href="#([^"]+)"', text)) <= set(places)
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            article = text.partition(f'<article id="{operation["operationId"]}"')[2].partition("</article>")[0]
            plain = unescape(TAG.sub("", article))
            assert f"{method.upper()} {path}" in plain
            assert operation["description"].replace("`", "") in plain
            names = {each["name"] for each in operation["parameters"] if "name" in each}
            assert names <= set(re.findall("<code>([^<]+)</code>", article))
            refused = {status for status, each in operation["responses"].items() if "$ref" in each}
            assert set(re.findall('<a href="#refusal-[A-Za-z]+">([0-9]+)</a>', article)) == refused
    for refusal, each in described["components"]["responses"].items():
        assert f'<article id="refusal-{refusal}">' in text
        assert each["description"].replace("`", "") in unescape(TAG.sub("", text))


async def test_the_fields_of_an_answer_are_folded_away() -> None:
    text = (await answer("/openapi/blackboard")).text
    article = text.partition('<article id="Version"')[2].partition("</article>")[0]
    folded = article.partition("<details>")[2].partition("</details>")[0]
    assert TAG.sub("", folded).split("\n")[1] == "application/json object"
    assert re.findall("<code>([^<]+)</code> <span>([^<]+)</span>", folded)[1:] == [
        ("learn", "object"),
        ("major", "integer"),
        ("minor", "integer"),
        ("patch", "integer"),
        ("build", "string"),
    ]


async def test_a_system_that_is_unknown() -> None:
    response = await answer("/openapi/canvas")
    assert response.status_code == 404
    known = "known are prairielearn, autolab, blackboard, assessments, openedx"
    assert f"<p>unknown system &#x27;canvas&#x27;: {known}</p>" in response.text
    assert "<h1>No such system</h1>" in response.text
