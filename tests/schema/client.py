"""Asks the graph in process, as GraphQL over HTTP does: a caller, a document, variables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from graphql import GraphQLObjectType, get_named_type, is_leaf_type

from app.context import Context
from schema.core.errors import INTERNAL, formatted
from schema.core.limits import Limits
from schema.graph import build
from tests.domain.proof import Everything, nothing_changes

LIMITS = Limits()
REFUSALS = "userErrors { code field message }"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a client reads."""

    data: Any
    errors: list[dict[str, Any]]

    @property
    def codes(self) -> list[str]:
        """The codes of the errors."""
        return [each["extensions"]["code"] for each in self.errors]


async def execute(ctx: Context, document: str, variables: dict[str, Any] | None = None) -> Answer:
    """The answer to a request of its own by the caller of `ctx`. An error that nobody foresaw fails the test."""
    graph = build()
    prepared = graph.prepare(document, LIMITS)
    if prepared.errors:
        return Answer(None, [formatted(error) for error in prepared.errors])
    request = Context(ctx.principal, ctx.db, ctx.clock)
    result = await graph.execute(prepared, request, variables)
    answer = Answer(result.data, [formatted(error) for error in result.errors or ()])
    assert INTERNAL not in answer.codes, [error.original_error for error in result.errors or ()]
    return answer


async def ask(ctx: Context, document: str, **variables: Any) -> Any:
    """The data of an answer without errors."""
    answer = await execute(ctx, document, variables)
    assert answer.errors == []
    return answer.data


def document_of(mutation: str, selection: str | None = None) -> str:
    """A document with one mutation and its input as a variable."""
    kind = mutation[0].upper() + mutation[1:]
    selected = probe(mutation) if selection is None else f"{REFUSALS} {selection}"
    return f"mutation M($input: {kind}Input!) {{ {mutation}(input: $input) {{ {selected} }} }}"


def probe(mutation: str) -> str:
    """A selection of every field of a mutation's payload."""
    root = build().schema.mutation_type
    assert root is not None
    payload = get_named_type(root.fields[mutation].type)
    assert isinstance(payload, GraphQLObjectType)
    kinds = {name: get_named_type(field.type) for name, field in payload.fields.items() if name != "userErrors"}
    return " ".join(
        [REFUSALS, *(name if is_leaf_type(kind) else f"{name} {{ {_key(kind)} }}" for name, kind in kinds.items())]
    )


def _key(kind: Any) -> str:
    return "id" if "id" in kind.fields else "__typename"


async def write(ctx: Context, mutation: str, selection: str, /, **input: Any) -> dict[str, Any]:
    """The payload of a mutation that went well, without `userErrors`."""
    payload: dict[str, Any] = (await ask(ctx, document_of(mutation, selection), input=input))[mutation]
    assert payload.pop("userErrors") == []
    return payload


async def refusal(ctx: Context, mutation: str, /, **input: Any) -> tuple[str, list[str]]:
    """Code and field of the one rule that a mutation broke; all else in the payload is null, nothing has changed."""
    async with nothing_changes(ctx):
        payload = (await ask(ctx, document_of(mutation), input=input))[mutation]
    (refused,) = payload.pop("userErrors")
    assert set(payload.values()) == {None}
    assert refused["message"]
    return refused["code"], refused["field"]


async def denial(ctx: Context, mutation: str, before: Everything | None = None, /, **input: Any) -> str:
    """The code of the error that a mutation ended with; nothing has changed (from what was `before`)."""
    async with nothing_changes(ctx, before):
        answer = await execute(ctx, document_of(mutation), {"input": input})
    assert [error["path"] for error in answer.errors] == [[mutation]]
    assert answer.data == {mutation: None}
    return answer.codes[0]
