"""An OpenAPI document as a page: its operations by family, each under an address of its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from http import HTTPStatus
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from app import openapi
from app.portal.schemas import TEMPLATES, detailed, worded
from app.rest.systems import system_named
from app.settings import Settings
from app.web.pages import Html, told, written

STYLE = TEMPLATES.folder / "reference.css"


async def endpoint(request: Request) -> Response:
    """`/openapi/{system}`."""
    try:
        found = system_named(request.path_params["system"])
    except LookupError as error:
        return written(TEMPLATES.filled("lost", text=error), "No such system", 404)
    return written(_content(found.name, request.app.state.settings), f"{found.title}: reference", style=STYLE)


@cache
def _content(name: str, settings: Settings) -> Html:
    document = openapi.document(system_named(name), settings)
    schemes = [_scheme(each) for each in document["components"]["securitySchemes"].values()]
    families = [(tag["name"], list(_operations(document, tag["name"]))) for tag in document["tags"]]
    return TEMPLATES.filled(
        "reference",
        name=name,
        summary=document["info"]["summary"],
        count=sum(len(operations) for _, operations in families),
        schemes=TEMPLATES.each("scheme", schemes),
        contents=Html("".join(_contents(tag, operations) for tag, operations in families)),
        families=Html("".join(_family(document, tag, operations) for tag, operations in families)),
        refusals=Html("".join(_refusal(*each) for each in document["components"]["responses"].items())),
    )


def _operations(document: Mapping[str, Any], tag: str) -> Iterator[dict[str, Any]]:
    """The operations of a family, with their methods and paths."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if tag in operation["tags"]:
                yield {**operation, "method": method.upper(), "path": path}


def _contents(tag: str, operations: list[dict[str, Any]]) -> Html:
    keys = ("operationId", "method", "path", "summary")
    rows = [{**{key: each[key] for key in keys}, "summary": told(each["summary"])} for each in operations]
    return TEMPLATES.filled("contents", tag=tag, title=_titled(tag), rows=TEMPLATES.each("entry", rows))


def _family(document: Mapping[str, Any], tag: str, operations: list[dict[str, Any]]) -> Html:
    rows = [
        {
            "id": each["operationId"],
            "method": each["method"],
            "path": each["path"],
            "description": told(each["description"]),
            "parameters": _parameters(document, each["parameters"]),
            "body": _body(each.get("requestBody")),
            "answers": _answers(each["responses"]),
        }
        for each in operations
    ]
    return TEMPLATES.filled("family", tag=tag, title=_titled(tag), operations=TEMPLATES.each("operation", rows))


def _parameters(document: Mapping[str, Any], parameters: list[dict[str, Any]]) -> Html:
    """What goes into the URL; parameters of the whole system are resolved."""
    if not parameters:
        return Html("")
    common = document["components"]["parameters"]
    found = [common[each["$ref"].rpartition("/")[2]] if "$ref" in each else each for each in parameters]
    rows = [
        {
            "name": each["name"],
            "place": f"{each['in']}, needed" if each.get("required") else each["in"],
            "kind": told(worded(each["schema"])),
            "description": told(each.get("description", "")),
        }
        for each in found
    ]
    return TEMPLATES.filled("parameters", rows=TEMPLATES.each("parameter", rows))


def _body(body: dict[str, Any] | None) -> Html:
    if body is None:
        return Html("")
    need = "needed" if body.get("required") else "may be absent"
    description = told(body.get("description", ""))
    return TEMPLATES.filled("body", need=need, description=description, media=_media(body["content"]))


def _answers(responses: Mapping[str, Any]) -> Html:
    """What comes back: successes whole, refusals as links to what they say."""
    refusals = [
        {"status": status, "name": each["$ref"].rpartition("/")[2]}
        for status, each in responses.items()
        if "$ref" in each
    ]
    rows = [
        {"status": status, "description": told(each["description"]), "media": _media(each.get("content", {}))}
        for status, each in responses.items()
        if "$ref" not in each
    ]
    answers = TEMPLATES.each("answer", rows)
    return TEMPLATES.filled("answers", rows=answers, refusals=TEMPLATES.each("refused", refusals))


def _media(content: Mapping[str, Any]) -> Html:
    """Each media type with its schema; the fields are folded away."""
    made = []
    for kind, each in content.items():
        schema = each.get("schema")
        words = told("bytes" if schema is None else worded(schema))
        fields = detailed(schema or {})
        made.append(TEMPLATES.filled("folded" if fields else "media", kind=kind, words=words, fields=fields))
    return Html("".join(made))


def _refusal(name: str, response: Mapping[str, Any]) -> Html:
    status = next(each.value for each in HTTPStatus if each.phrase.title().replace(" ", "") == name)
    described = told(response["description"])
    return TEMPLATES.filled(
        "refusal", name=name, status=status, description=described, media=_media(response["content"])
    )


def _scheme(scheme: Mapping[str, Any]) -> dict[str, Any]:
    """How to say who asks, in words."""
    match scheme["type"]:
        case "http":
            words = "`Authorization: Bearer …`"
        case "apiKey" if scheme["in"] == "header":
            words = f"`{scheme['name']}: …`"
        case "apiKey":
            words = f"`?{scheme['name']}=…`"
        case _:
            urls = sorted({flow["tokenUrl"] for flow in scheme["flows"].values()})
            words = f"`Authorization: Bearer …`, with a token of OAuth 2 from `{'`, `'.join(urls)}`"
    return {"words": told(words), "description": told(scheme.get("description", ""))}


def _titled(tag: str) -> str:
    return tag.replace("_", " ").capitalize()
