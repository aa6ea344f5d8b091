"""OpenAPI documents, one for each system, derived from its routes, its compiled documents and the graph's schema."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache
from http import HTTPStatus
from typing import Any

import orjson
from graphql import (
    GraphQLEnumType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLScalarType,
    GraphQLSchema,
    TypeNode,
    get_named_type,
    type_from_ast,
)
from starlette.requests import Request
from starlette.responses import Response

from app.rest.dialect import Dialect
from app.rest.document import Document, Shape
from app.rest.family import PARAMETER, System
from app.rest.route import Route, Schema, closed, nullable, required
from app.rest.systems import system_named
from app.settings import Settings
from schema.core.graph import Graph
from schema.graph import build

SCALARS: Mapping[str, Schema] = {
    "Int": {"type": "integer"},
    "BigInt": {"type": "integer"},
    "Float": {"type": "number"},
    "Boolean": {"type": "boolean"},
    "String": {"type": "string"},
    "ID": {"type": "string"},
    "DateTime": {"type": "string", "format": "date-time"},
    "Base64": {"type": "string", "contentEncoding": "base64"},
    "JSON": {},
}
JSON = "application/json"
WITH_BODY = ("POST", "PUT", "PATCH")
ANYTHING = "*/*"
PARTS: Schema = {
    "206": {"description": "The part of the file that was asked for.", "content": {ANYTHING: {}}},
    "304": {"description": "The file has not changed."},
    "416": {"description": "The file has no such part."},
}
FORM = "multipart/form-data"


async def endpoint(request: Request) -> Response:
    """`/openapi/{system}.json`."""
    try:
        found = system_named(request.path_params["system"])
    except LookupError as error:
        return Response(orjson.dumps({"message": str(error)}), 404, media_type=JSON)
    return Response(_written(found.name, request.app.state.settings), media_type=JSON)


@cache
def _written(name: str, settings: Settings) -> bytes:
    return orjson.dumps(document(system_named(name), settings))


def document(system: System, settings: Settings | None = None, graph: Graph | None = None) -> dict[str, Any]:
    """The OpenAPI 3.1 document of a system as it is served under these settings."""
    settings, graph = settings or Settings(), graph or build()
    dialect, documents = system.dialect, system.documents(graph)
    paths: dict[str, Any] = {}
    names: Counter[str] = Counter()
    for family in system.families:
        for route in family.routes:
            used = documents[family.name][route.operation]
            for path in route.paths:
                operation = _Operation(graph.schema, dialect, settings, route, used, path)
                described = {**operation.described(), "tags": [family.name]}
                paths.setdefault(system.prefix + path, {})[route.method.lower()] = numbered(described, names)
    return {
        "openapi": "3.1.0",
        "info": {"title": system.title, "version": "1", "summary": f"{system.title}'s API, served by campusgraph."},
        "paths": paths,
        "tags": [{"name": family.name} for family in system.families],
        "security": [{name: []} for name in dialect.security],
        "components": {
            "securitySchemes": dict(dialect.security),
            "parameters": {each["name"]: each for each in dialect.parameters},
            "responses": {_name(status): _response(*dialect.refusals[status]) for status in dialect.refusals},
        },
    }


def numbered(described: Schema, names: Counter[str]) -> Schema:
    """The operation with a name of its own: from the second on, those that share a document are numbered."""
    name = described["operationId"]
    names[name] += 1
    return described if names[name] == 1 else {**described, "operationId": f"{name}_{names[name]}"}


class _Operation:
    """A route and its document, at one of its paths."""

    def __init__(
        self, schema: GraphQLSchema, dialect: Dialect, settings: Settings, route: Route, document: Document, path: str
    ) -> None:
        self.schema, self.dialect, self.settings = schema, dialect, settings
        self.route, self.document, self.path = route, document, path

    def described(self) -> Schema:
        """The operation object."""
        text = self.document.description
        return {
            "operationId": self.document.name,
            "summary": re.split(r"(?<=\w)[.;]", text)[0],
            "description": text,
            "parameters": [
                *self.parameters(),
                *_references("parameters", (p["name"] for p in self.dialect.parameters)),
            ],
            **self.request_body(),
            "responses": {
                **self.answers(),
                **{str(status): {"$ref": f"#/components/responses/{_name(status)}"} for status in self.statuses()},
            },
        }

    def answers(self) -> Schema:
        """The successes: with a body, without one, or either; bytes have no schema, and may be asked for in part."""
        route = self.route
        if route.body.may_be_file:
            answer = _response("The answer.", self.body())
            answer["content"][ANYTHING] = {}
            return {str(route.status): answer, **PARTS}
        made = {} if route.empty == route.status else {str(route.status): _response("The answer.", self.body())}
        empty = (*(() if route.empty is None else (route.empty,)), *getattr(route, "taken", ()))
        return made | {str(each): {"description": "Nothing to tell."} for each in empty}

    def parameters(self) -> Iterator[Schema]:
        """Those of the path and those of the query."""
        in_path, resolves = PARAMETER.findall(self.path), self.dialect.resolves
        for name in in_path:
            if name in resolves:
                schema = dict(resolves[name])
                yield {"name": name, "in": "path", "required": True, **_told(schema), "schema": schema}
        for each in self.route.parameters:
            yield {**each, "required": False} if self.takes_forms else dict(each)
        for name, node in self.document.variables.items():
            if name in self.dialect.provides or name in resolves:
                continue
            place = "path" if name in in_path else "query"
            described = {"description": f"Key of the {words}."} if (words := _subject(name)) else {}
            schema, is_required = self.variable(node)
            yield {"name": name, "in": place, "required": is_required, "schema": schema, **described}

    @property
    def takes_forms(self) -> bool:
        """Whether the parameters may be in the body."""
        return self.route.method in WITH_BODY and bool(self.dialect.forms and self.route.parameters)

    def request_body(self) -> Schema:
        """The body that is needed, or that may hold the parameters."""
        if self.route.form:
            return {"requestBody": {"required": True, "content": {FORM: {"schema": closed(self.route.form)}}}}
        if self.route.sent is not None:
            return {"requestBody": {"required": True, "content": {JSON: {"schema": self.route.sent}}}}
        if not self.takes_forms:
            return {}
        told = {each["name"]: {**each["schema"], "description": each["description"]} for each in self.route.parameters}
        needed = [each["name"] for each in self.route.parameters if each["required"]]
        schema = {"type": "object", "properties": told, **({"required": needed} if needed else {})}
        content = {form: {"schema": schema} for form in self.dialect.forms}
        return {"requestBody": {"description": "What is not in the query.", "required": False, "content": content}}

    def variable(self, node: TypeNode) -> tuple[Schema, bool]:
        """The schema of a declared variable, and whether it must be given."""
        kind = type_from_ast(self.schema, node)
        named = get_named_type(kind)
        assert named is not None
        if isinstance(named, GraphQLEnumType):
            return {"type": "string", "enum": list(named.values)}, isinstance(kind, GraphQLNonNull)
        return dict(SCALARS[named.name]), isinstance(kind, GraphQLNonNull)

    def statuses(self) -> list[int]:
        """The statuses of refusals: 404 only where something is looked for, or a path may be spelled wrongly."""
        may_miss = self.route.body.may_miss or PARAMETER.search(self.path) is not None
        return [each for each in self.dialect.refusals if each != HTTPStatus.NOT_FOUND or may_miss]

    def body(self) -> Schema:
        """The schema of the answer."""
        derived = Derivation({**SCALARS, **self.dialect.scalars}).of(self.document.shape)
        made = self.dialect.describe(self.route.body.schema(derived), self.settings)
        return {name: value for name, value in made.items() if name != "description"}


class Derivation:
    """From what a document selects to the JSON schema of its data, with spread objects merged."""

    def __init__(self, scalars: Mapping[str, Schema]) -> None:
        self.scalars = scalars

    def of(self, shape: Shape) -> Schema:
        """The schema of what is selected under one name."""
        made = self.typed(shape, shape.type)
        made = required(made) if shape.is_certain else made
        return made if shape.description is None else {**made, "description": shape.description}

    def typed(self, shape: Shape, kind: Any) -> Schema:
        """The schema of a selection of this type."""
        return (
            self.certain(shape, kind.of_type)
            if isinstance(kind, GraphQLNonNull)
            else nullable(self.certain(shape, kind))
        )

    def certain(self, shape: Shape, kind: Any) -> Schema:
        """The schema of a selection that is not null. An object that a spread list multiplies is an array itself."""
        if isinstance(kind, GraphQLList):
            items = self.typed(shape, kind.of_type)
            return required(items) if "items" in items else {"type": "array", "items": items}
        if isinstance(kind, GraphQLEnumType):
            return {"type": "string", "enum": list(kind.values)}
        if isinstance(kind, GraphQLScalarType):
            return dict(self.scalars[kind.name])
        return self.object(shape)

    def object(self, shape: Shape) -> Schema:
        """The schema of an object with these fields."""
        properties: Schema = {}
        is_multiplied = False
        for name, field in shape.fields.items():
            made = self.of(field)
            if not field.is_spread:
                properties[name] = made
                continue
            if "items" in made:
                is_multiplied, made = True, made["items"]
            is_certain = made["type"] == "object"
            properties |= made["properties"] if is_certain else {k: nullable(v) for k, v in made["properties"].items()}
        return {"type": "array", "items": closed(properties)} if is_multiplied else closed(properties)


def _told(schema: Schema) -> Schema:
    """The description, taken out of a schema."""
    return {"description": schema.pop("description")}


def _subject(name: str) -> str:
    return name.removesuffix("_id").replace("_", " ") if name.endswith("_id") else ""


def _name(status: int) -> str:
    return HTTPStatus(status).phrase.title().replace(" ", "")


def _references(kind: str, names: Iterator[str]) -> list[Schema]:
    return [{"$ref": f"#/components/{kind}/{name}"} for name in names]


def _response(description: str, schema: Schema) -> Schema:
    return {"description": description, "content": {JSON: {"schema": schema}}}
