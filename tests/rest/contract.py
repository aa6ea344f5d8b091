"""Holds every REST response of the tests against the OpenAPI document of its system."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from typing import Any

import httpx
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from starlette.convertors import CONVERTOR_TYPES

from app.openapi import document
from app.rest.family import System
from app.rest.systems import SYSTEMS, system_named
from app.settings import Settings

Validators = Mapping[int, Draft202012Validator | None]
"""By status; None for an answer without a body."""


@dataclass(frozen=True, slots=True)
class Operation:
    """A described operation: which requests are to it, and what answers it may give, by status; `files` are bytes."""

    name: str
    method: str
    pattern: re.Pattern[str]
    answers: Validators
    files: frozenset[int]


@dataclass(frozen=True, slots=True)
class Contract:
    """A system's operations, and the refusals of requests that are to none of them."""

    operations: tuple[Operation, ...]
    refusals: Validators

    def operation(self, method: str, path: str) -> Operation | None:
        """The operation that a request is to."""
        asked = "GET" if method == "HEAD" else method
        found = [each for each in self.operations if each.method == asked and each.pattern.fullmatch(path)]
        return found[0] if found else None

    def require(self, response: httpx.Response) -> None:
        """Raise AssertionError unless the response is one that its operation may give."""
        method, path = response.request.method, response.request.url.path
        if method == "OPTIONS":
            return
        operation = self.operation(method, path)
        answers = self.refusals if operation is None else operation.answers
        where = f"{method} {path}"
        is_file = "content-disposition" in response.headers
        if operation is not None and is_file and response.status_code in operation.files:
            return
        assert response.status_code in answers, f"{where}: {response.status_code} is not described"
        if method == "HEAD":
            return
        validator = answers[response.status_code]
        if validator is None:
            assert response.content == b"", f"{where}: a body where none is described"
            return
        try:
            validator.validate(response.json() if response.content else None)
        except ValidationError as error:
            raise AssertionError(f"{where}: {error.message} at {error.json_path}") from None


@cache
def contract_of(system: str, settings: Settings) -> Contract:
    """The contract of a system under these settings."""
    found = system_named(system)
    described = document(found, settings)
    flags = re.IGNORECASE | re.ASCII if found.dialect.caseless else re.ASCII
    end = found.dialect.ending
    operations = [
        Operation(
            operation["operationId"],
            method.upper(),
            re.compile(_pattern(path, operation, found) + end, flags),
            {int(key): _validator(described, each) for key, each in operation["responses"].items()},
            frozenset(int(key) for key, each in operation["responses"].items() if "*/*" in each.get("content", {})),
        )
        for path, methods in described["paths"].items()
        for method, operation in methods.items()
    ]
    return Contract(tuple(operations), _refusals(described))


def _pattern(path: str, operation: Mapping[str, Any], system: System) -> str:
    kinds = {each["name"]: each["schema"]["type"] for each in operation["parameters"] if "name" in each}

    def fill(match: re.Match[str]) -> str:
        convertor = system.dialect.convertors.get(match[1])
        if convertor is not None:
            return CONVERTOR_TYPES[convertor].regex
        return "[0-9]+" if kinds[match[1]] == "integer" else "[^/]+"

    return re.sub(r"{(\w+)}", fill, path.removesuffix("/") if system.dialect.ending else path)


def _refusals(described: Mapping[str, Any]) -> Validators:
    """The answers to requests that no operation takes: whatever an operation may be refused with."""
    statuses = {status.phrase.title().replace(" ", ""): int(status) for status in HTTPStatus}
    shared = described["components"]["responses"]
    return {statuses[name]: _validator(described, answer) for name, answer in shared.items()}


def _validator(described: Mapping[str, Any], answer: Mapping[str, Any]) -> Draft202012Validator | None:
    if "$ref" in answer:
        answer = described["components"]["responses"][answer["$ref"].rpartition("/")[2]]
    if "application/json" not in answer.get("content", {}):
        return None
    schema = answer["content"]["application/json"]["schema"]
    return Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)


def system_at(method: str, path: str, settings: Settings) -> str | None:
    """The name of the system that answers there: of those that share a prefix whose operation it is, else the first.

    None where none does: the sign-in answers below `/oauth2/`, whatever stands before it, and the handlers of library
    blocks below `/handler/`, to whoever holds such an address.
    """
    if "/oauth2/" in path or ("/xblock/" in path and "/handler/" in path):
        return None
    here = [each.name for each in SYSTEMS if path.lower().startswith(each.prefix + "/")]
    found = (each for each in here if contract_of(each, settings).operation(method, path))
    return next(found, here[0] if here else None)
