"""Mutations, declared: a use case of the domain, the type it is about, and a sentence (house, §3).

One field is one transaction; a broken rule is a `userErrors` entry, and nothing was saved.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, is_dataclass
from types import SimpleNamespace
from typing import Any

import strawberry

from app.domain.identity.policy import may_write
from app.domain.rules import camel
from app.errors import RuleBroken, UserErrorCode
from schema.core import context as graph_context
from schema.core.context import GraphContext
from schema.core.declare import Declared, Resolver, argument, expecting
from schema.core.enums import describe_enum
from schema.core.inputs import Said, Shape, snake, words
from schema.core.node import ConnectionField, global_id
from schema.core.registry import model_named
from schema.core.relate import one

UseCase = Callable[..., Awaitable[Any]]
Fields = Mapping[str, Any]

describe_enum(
    UserErrorCode,
    "Why a write was refused.",
    **{code.name: code.description for code in UserErrorCode},
)


@strawberry.type(description="A business rule that forbade a write.")
class UserError:
    """One refusal; a mutation with any has changed nothing."""

    code: UserErrorCode = strawberry.field(description="Stable and machine-readable.")
    field: list[str] = strawberry.field(
        description="Path of the input field it is about, indices of lists included; empty for the whole input."
    )
    message: str = strawberry.field(description="For people.")


class Refused:
    """What a payload shows when a rule forbade the write: the reason, and null for everything else."""

    def __init__(self, reason: str, field: list[str], message: str) -> None:
        self.user_errors = [SimpleNamespace(code=UserErrorCode[reason], field=field, message=message)]

    def __getattr__(self, name: str) -> None:
        return None


def done(arguments: dict[str, Any], result: Any) -> SimpleNamespace:
    """What a payload shows after a write: the arguments, what the function returned as `result`, and its parts."""
    details = asdict(result) if is_dataclass(result) and not isinstance(result, type) else {}
    return SimpleNamespace(**(arguments | details), result=result, user_errors=[])


class Mutation(Declared):
    """A field of the mutation root. Its name is the attribute's, and its input's and payload's names follow."""

    kind = "mutation"

    def __init__(
        self, function: UseCase, about: type[Any], description: str, gives: Fields, said: Mapping[str, str | Said]
    ) -> None:
        super().__init__(description)
        self.function, self.about, self.gives, self.said = function, about, gives, said

    def __set_name__(self, owner: type[Any], name: str) -> None:
        stem = camel(name)
        kind = stem[0].upper() + stem[1:]
        self.input = Shape(f"{kind}Input", self.function, self.about, f"What `{stem}` takes.", **self.said)
        self.payload = _payload(f"{kind}Payload", f"What `{stem}` changed.", self.gives)
        self.arguments = [argument("input", self.input.type, "What to do.")]

    def annotation(self) -> Any:
        return self.payload | None

    async def run(self, context: GraphContext, given: Fields) -> Any:
        """The payload's source. Raises DomainError unless the caller may."""
        domain = context.domain
        may_write(domain)
        try:
            arguments = self.input.values(given)
            async with domain.db.transaction():
                return done(arguments, await self.function(domain, **arguments))
        except RuleBroken as broken:
            return Refused(broken.reason, self.input.spelled(broken.field), str(broken))
        finally:
            context.forget()

    def resolver(self) -> Resolver:
        return lambda source, info, **arguments: self.run(graph_context.of(info), arguments["input"])


def mutation(
    function: UseCase, about: type[Any], description: str, /, *, gives: Fields | None = None, **said: str | Said
) -> Any:
    """Declare a mutation: it calls `function` with its input, and shows the object `about` whose key that returns.

    `gives` declares other fields of the payload, over the input's arguments and the result's parts by name. `said`
    describes arguments that the type does not.
    """
    return Mutation(function, about, description, gives or shows(about), said)


def shows(kind: type[Any], description: str | None = None, *, name: str | None = None, key: str = "result") -> Fields:
    """A payload's field for an object, which is called after its type if not otherwise; `key` says what has its key."""
    model: Any = model_named(kind.__name__)
    told = description or f"The {words(kind)} as it is now; null when nothing was changed."
    return {name or snake(kind): one(key, told, to=model.id)}


def deletes(kind: type[Any]) -> Fields:
    """A payload's field for an object that nobody sees any more."""

    def value(source: Any) -> str | None:
        return None if source.result is None else global_id(kind.__name__, source.result)

    return {"deleted_id": shown(lambda: strawberry.ID | None, "The `id`, which finds nothing from now on.", value)}


def shown(annotation: Any, description: str, value: Callable[[Any], Any]) -> Any:
    """A payload's field that is no object."""
    return ConnectionField(annotation, description, lambda source, info: value(source))


def _payload(name: str, description: str, fields: Fields) -> Any:
    told = "Why nothing was changed; empty when all went well."
    refusals = strawberry.field(description=told, metadata=expecting(1))
    namespace = {"__annotations__": {"user_errors": list[UserError]}, "user_errors": refusals}
    return strawberry.type(type(name, (), {**fields, **namespace}), name=name, description=description)
