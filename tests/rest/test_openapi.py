"""OpenAPI documents: valid, complete, and derived from what the documents select."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from typing import Any

import httpx
import pytest
from openapi_spec_validator import validate
from starlette.applications import Starlette

from app import openapi
from app.rest.family import System
from app.rest.systems import SYSTEMS, system_named
from app.settings import Settings
from tests.rest.contract import Contract, contract_of

PREFIX = "/pl/api/v1/course_instances/{course_instance_id}"
STRING_IDS = replace(Settings(), prairielearn_string_ids=True)
every_system = pytest.mark.parametrize("system", SYSTEMS, ids=lambda system: system.name)


@cache
def made(name: str) -> dict[str, Any]:
    """A system's document, which takes a second to derive."""
    return openapi.document(system_named(name))


def document(system: System) -> dict[str, Any]:
    """A system's document."""
    return made(system.name)


@pytest.fixture(scope="module")
def described() -> dict[str, Any]:
    """PrairieLearn's document."""
    return document(system_named("prairielearn"))


def schema_of(described: dict[str, Any], path: str) -> dict[str, Any]:
    """The schema of a success."""
    answer = described["paths"][PREFIX + path]["get"]["responses"]["200"]
    schema: dict[str, Any] = answer["content"]["application/json"]["schema"]
    return schema


@every_system
def test_a_document_is_valid(system: System) -> None:
    validate(document(system))


def test_a_document_is_valid_under_every_setting() -> None:
    validate(openapi.document(system_named("prairielearn"), STRING_IDS))


@every_system
def test_every_route_is_described_once(system: System) -> None:
    places = [(system.prefix + path, route) for route in system.routes for path in route.paths]
    routes = {(path, route.method.lower()): route.operation for path, route in places}
    paths = document(system)["paths"]
    found = {(path, method): each["operationId"] for path, methods in paths.items() for method, each in methods.items()}
    assert {place: re.sub(r"_\d+$", "", name) for place, name in found.items()} == routes
    assert len(set(found.values())) == len(found)


@every_system
def test_every_operation_has_a_description_a_tag_and_described_parameters(system: System) -> None:
    for methods in document(system)["paths"].values():
        for operation in methods.values():
            assert operation["description"].endswith(".")
            assert operation["description"].startswith(operation["summary"])
            assert operation["tags"][0] in [family.name for family in system.families]
            assert all(each.keys() & {"description", "$ref"} for each in operation["parameters"])


@every_system
def test_every_object_is_closed_and_every_key_required(system: System) -> None:
    for path, methods in document(system)["paths"].items():
        for operation in methods.values():
            for answer in operation["responses"].values():
                if "application/json" in answer.get("content", {}):
                    require_closed(answer["content"]["application/json"]["schema"], path, system.dialect.omits)


def require_closed(schema: dict[str, Any], where: str, omits: bool) -> None:
    """Asserts that nothing but what is described may be answered. Objects without keys are free-form."""
    for each in schema.get("anyOf", ()):
        require_closed(each, where, omits)
    if "items" in schema:
        require_closed(schema["items"], where, omits)
    if "properties" in schema:
        assert schema.get("additionalProperties") is False, where
        assert omits or schema["required"] == list(schema["properties"]), where
        for name, each in schema["properties"].items():
            assert each.keys() & {"type", "anyOf"}, f"{where}: {name}"
            require_closed(each, f"{where}: {name}", omits)


def test_the_parameters_of_an_operation(described: dict[str, Any]) -> None:
    assert described["paths"][PREFIX + "/assessments/{assessment_id}"]["get"]["parameters"] == [
        {
            "name": "course_instance_id",
            "in": "path",
            "required": True,
            "schema": {"type": "integer"},
            "description": "Key of the course instance.",
        },
        {
            "name": "assessment_id",
            "in": "path",
            "required": True,
            "schema": {"type": "integer"},
            "description": "Key of the assessment.",
        },
        {"$ref": "#/components/parameters/private_token"},
    ]


def test_a_token_may_be_in_the_header_or_in_the_query(described: dict[str, Any]) -> None:
    schemes = described["components"]["securitySchemes"]
    assert {(each["type"], each["in"], each["name"]) for each in schemes.values()} == {
        ("apiKey", "header", "Private-Token"),
        ("apiKey", "query", "private_token"),
    }
    assert described["security"] == [{"header": []}, {"query": []}]
    parameter = described["components"]["parameters"]["private_token"]
    assert (parameter["in"], parameter["schema"]) == ("query", {"type": "string"})


@every_system
def test_what_is_looked_for_can_be_not_found(system: System) -> None:
    for path, methods in document(system)["paths"].items():
        for operation in methods.values():
            assert "{" not in path or "404" in operation["responses"], path


def test_a_refusal_has_the_systems_own_form(described: dict[str, Any]) -> None:
    refusals = {
        name: each["content"]["application/json"]["schema"]["properties"]
        for name, each in described["components"]["responses"].items()
    }
    messages = ["An authentication token must be provided", "The provided authentication token was invalid"]
    assert refusals == {
        "Unauthorized": {"message": {"type": "string", "enum": messages}},
        "Forbidden": {
            "message": {"type": "string", "enum": ["Forbidden"]},
            "status": {"type": "integer", "const": 403},
        },
        "NotFound": {"message": {"type": "string", "enum": ["Not Found"]}},
        "InternalServerError": {
            "message": {"type": "string", "enum": ["Internal Server Error"]},
            "status": {"type": "integer", "const": 500},
        },
    }


def test_a_schema_follows_from_the_selection(described: dict[str, Any]) -> None:
    schema = schema_of(described, "")
    assert schema["properties"]["course_instance_short_name"] == {
        "type": ["string", "null"],
        "description": "Short name such as `Sp24`; not unique.",
    }
    assert schema["properties"]["course_title"] == {"type": "string", "description": "Title."}
    assert schema["properties"]["hide_in_enroll_page"]["type"] == "boolean"
    assert "course" not in schema["properties"]


def test_a_spread_list_makes_a_list_of_its_parent(described: dict[str, Any]) -> None:
    rules = schema_of(described, "/course_instance_access_rules")
    assert rules["type"] == "array"
    kinds = {name: each["type"] for name, each in rules["items"]["properties"].items()}
    assert kinds == {
        "course_instance_id": "integer",
        "course_instance_short_name": ["string", "null"],
        "course_instance_long_name": "string",
        "course_instance_course_id": "integer",
        "course_instance_access_rule_id": "integer",
        "course_instance_access_rule_number": "integer",
        "institution": ["string", "null"],
        "start_date": ["string", "null"],
        "end_date": ["string", "null"],
        "uids": ["array", "null"],
    }


def test_a_spelling_changes_what_it_says_and_keeps_the_description(described: dict[str, Any]) -> None:
    schema = schema_of(described, "/assessments/{assessment_id}")
    assert schema["properties"]["type"] == {
        "type": "string",
        "enum": ["Homework", "Exam"],
        "description": "What it is to the course.",
    }
    submission = schema_of(described, "/submissions/{submission_id}")["properties"]
    assert {"files", "feedback_text", "problem_id"} & set(submission) == set()
    assert submission["correct"]["type"] == ["boolean", "null"]


def test_ids_are_texts_under_the_setting() -> None:
    described = openapi.document(system_named("prairielearn"), STRING_IDS)
    entry = schema_of(described, "/gradebook")["items"]["properties"]
    assert entry["user_id"]["type"] == "string"
    assert entry["assessments"]["items"]["properties"]["assessment_instance_id"]["type"] == ["string", "null"]
    assert entry["assessments"]["items"]["properties"]["assessment_number"]["type"] == "string"


@every_system
async def test_a_document_is_served(client: httpx.AsyncClient, system: System) -> None:
    response = await client.get(f"/openapi/{system.name}.json")
    assert (response.status_code, response.headers["content-type"]) == (200, "application/json")
    assert response.json() == document(system)


async def test_the_document_that_is_served_follows_the_settings(client: httpx.AsyncClient, app: Starlette) -> None:
    app.state.settings = replace(app.state.settings, prairielearn_string_ids=True)
    found = (await client.get("/openapi/prairielearn.json")).json()
    assert schema_of(found, "")["properties"]["course_instance_id"]["type"] == "string"


async def test_an_unknown_system_is_not_found(client: httpx.AsyncClient) -> None:
    response = await client.get("/openapi/moodle.json")
    known = ", ".join(system.name for system in SYSTEMS)
    assert response.status_code == 404
    assert response.json() == {"message": f"unknown system 'moodle': known are {known}"}


@pytest.fixture(scope="module")
def contract() -> Contract:
    """PrairieLearn's contract, as the tests' client holds it."""
    return contract_of("prairielearn", Settings())


def answered(status: int, body: Any, path: str = PREFIX) -> httpx.Response:
    """A response to GET."""
    request = httpx.Request("GET", "http://test" + path.format(course_instance_id=41))
    return httpx.Response(status, json=body, request=request)


@pytest.mark.parametrize(
    ("status", "body", "told"),
    [
        (409, {"message": "Conflict"}, "409 is not described"),
        (403, {"message": "Forbidden"}, "'status' is a required property"),
        (200, [], "is not of type 'object'"),
        (200, {}, "is a required property"),
    ],
)
def test_the_client_of_the_tests_notices_what_is_not_described(
    contract: Contract, status: int, body: Any, told: str
) -> None:
    with pytest.raises(AssertionError, match=told):
        contract.require(answered(status, body))


def test_the_client_of_the_tests_notices_a_key_too_many_and_a_wrong_date(contract: Contract) -> None:
    rules = PREFIX + "/course_instance_access_rules"
    names = {"course_instance_id": 41, "course_instance_short_name": None, "course_instance_long_name": "x"}
    rule = {"course_instance_access_rule_id": 1, "course_instance_access_rule_number": 1, "institution": None}
    dates = {"start_date": None, "end_date": "2024-12-20T23:59:59-06:00"}
    row = {**names, "course_instance_course_id": 9, **rule, **dates, "uids": None}
    contract.require(answered(200, [row], rules))
    with pytest.raises(AssertionError, match="Additional properties are not allowed"):
        contract.require(answered(200, [{**row, "extra": 1}], rules))
    for date in ("2024-12-20T23:59:59Z", "2024-12-20T23:59:59.5-06:00", "2024-12-20T23:59:59-06", "2024-12-20"):
        with pytest.raises(AssertionError, match="end_date"):
            contract.require(answered(200, [{**row, "end_date": date}], rules))
