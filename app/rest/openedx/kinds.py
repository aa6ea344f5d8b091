"""What values are, and parameters of the query, as OpenAPI describes them."""

from __future__ import annotations

from app.rest.route import Schema

TEXT: Schema = {"type": "string"}
WHOLE: Schema = {"type": "integer"}
NUMBER: Schema = {"type": "number"}
FLAG: Schema = {"type": "boolean"}
MOMENT: Schema = {"type": "string", "format": "date-time"}
NOTHING: Schema = {"type": "null"}


def parameter(name: str, description: str, kind: Schema = TEXT, *, required: bool = False) -> Schema:
    """A parameter of the query; a text, unless another kind is said."""
    return {"name": name, "in": "query", "required": required, "description": description, "schema": kind}
