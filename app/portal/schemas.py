"""JSON schemas as people read them: a type in words, and the fields of objects as lists in lists."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from app.web.pages import Html, Templates, told

TEMPLATES = Templates(Path(__file__).parent / "templates")
CONSTRAINTS = {
    "format": "as {}",
    "pattern": "matching `{}`",
    "contentMediaType": "`{}`",
    "minimum": "from {}",
    "exclusiveMinimum": "above {}",
    "maximum": "to {}",
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "minProperties": "at least {} keys",
    "default": "`{}` when absent",
}
ALTERNATIVES = ("anyOf", "oneOf")


def worded(schema: Mapping[str, Any]) -> str:
    """A schema's type in words, with `code` between backticks; `null` says that there may be none."""
    for key in ALTERNATIVES:
        if key in schema:
            return " or ".join(worded(each) for each in schema[key])
    limits = [template.format(schema[key]) for key, template in CONSTRAINTS.items() if key in schema]
    return ", ".join([" or ".join(_kinds(schema)), *limits])


def _kinds(schema: Mapping[str, Any]) -> Iterator[str]:
    if "const" in schema or "enum" in schema:
        values = schema.get("enum", [schema.get("const")])
        yield ", ".join(f"`{each}`" for each in values)
        return
    named = schema.get("type", "anything")
    for kind in named if isinstance(named, list) else [named]:
        if kind == "array" and "items" in schema:
            yield f"array of {worded(schema['items'])}"
        elif kind == "object" and isinstance(schema.get("additionalProperties"), dict):
            yield f"object by key, of {worded(schema['additionalProperties'])}"
        else:
            yield kind


def detailed(schema: Mapping[str, Any]) -> Html:
    """The fields of the objects in a schema, at any depth; nothing for a schema without any."""
    fields = [
        {
            "name": name,
            "need": "" if name in schema.get("required", ()) else "may be absent",
            "kind": told(worded(each)),
            "description": told(each.get("description", "")),
            "fields": detailed(each),
        }
        for name, each in schema.get("properties", {}).items()
    ]
    listed = TEMPLATES.filled("fields", rows=TEMPLATES.each("field", fields)) if fields else Html("")
    return Html(listed + "".join(detailed(each) for each in _within(schema)))


def _within(schema: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The schemas whose fields belong to no field of this one."""
    for key in ALTERNATIVES:
        yield from schema.get(key, ())
    for key in ("items", "additionalProperties"):
        if isinstance(schema.get(key), dict):
            yield schema[key]
