"""Inputs of mutations: the arguments of a function of the domain, described as the graph describes what they change.

An argument is called, typed and defaulted as the function says. Its description is that of the field of the same name
in the type that the mutation is about, unless the declaration says another; a key refers to what the relation over that
key refers to. What a function does not name is not in the schema, and what nobody describes fails at import.
"""

from __future__ import annotations

import base64
import binascii
import inspect
import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from types import NoneType, UnionType
from typing import Any, Optional, Union, get_args, get_origin, get_type_hints

import strawberry

from app.db.base import owner
from app.domain.changes import UNSET, Unset
from app.domain.rules import camel
from app.errors import RuleBroken, UserErrorCode
from schema.core.declare import Declared
from schema.core.keys import key_of
from schema.core.registry import type_of
from schema.core.relate import One
from schema.core.scalars import Base64, Json

ABSENT = inspect.Parameter.empty
LISTS = (list, Sequence, Collection)
Convert = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Said:
    """What a declaration says of an argument: its description, what it is a key of or what it is made of.

    `name` is its name in the graph where the function has another; `at` the name by which the function complains of it.
    """

    description: str | None = None
    kind: type[Any] | None = None
    parts: Shape | None = None
    name: str | None = None
    at: str | None = None


def key(kind: type[Any], description: str, *, name: str | None = None) -> Said:
    """Say that an argument is a key of a type of the graph, or a list of keys."""
    return Said(description, kind=kind, name=name)


def parts(shape: Shape, description: str, *, at: str | None = None) -> Said:
    """Say that an argument is made of parts, or is a list of what is."""
    return Said(description, parts=shape, at=at)


def renamed(name: str, description: str) -> Said:
    """Say that an argument has another name in the graph."""
    return Said(description, name=name)


class Argument:
    """One argument of a function (or field of a dataclass) as a field of an input."""

    def __init__(self, parameter: str, hint: Any, default: Any, said: Said) -> None:
        members = get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)
        (kind,) = (each for each in members if each not in (NoneType, Unset))
        if said.kind is None and kind is not str and parameter.endswith(("_id", "_ids")):
            raise TypeError(f"nobody says whose key the argument {parameter} is")
        self.parameter = parameter
        self.name = said.name or camel(parameter)
        self.said = said
        self.is_nullable = NoneType in members or kind is Any
        self.is_needed = default is ABSENT and Unset not in members
        self.default = ABSENT if default in (None, UNSET) else default
        self.annotation, self._convert = _kind(kind, said)

    def field(self) -> tuple[Any, Any]:
        """The annotation and the Strawberry field. Null is taken where a value may be empty or left out."""
        options: dict[str, Any] = {"name": self.name, "description": self.said.description}
        if self.default is not ABSENT:
            options |= {"default_factory": list} if self.default == () else {"default": self.default}
        elif not self.is_needed or self.is_nullable:
            options["default"] = strawberry.UNSET
            return Optional[self.annotation], strawberry.field(**options)  # noqa: UP045 - the type is a value
        return self.annotation, strawberry.field(**options)

    def value(self, given: Mapping[str, Any], path: tuple[str, ...]) -> Any:
        """The function's argument; UNSET leaves it to the default. Raises RuleBroken at (`path`, the name)."""
        here = (*path, self.name)
        if self.name not in given:
            if self.is_needed:
                raise RuleBroken(UserErrorCode.REQUIRED, "say which, or null", *here)
            return UNSET
        value = given[self.name]
        if value is not None:
            return self._convert(value, *here)
        if not self.is_nullable:
            raise RuleBroken(UserErrorCode.REQUIRED, "a value is needed", *here)
        return None


class Shape:
    """The input type made of a function's or a dataclass's arguments, and the way back."""

    is_one_of = False

    def __init__(
        self,
        name: str,
        function: Callable[..., Any],
        kind: type[Any] | None,
        description: str,
        /,
        **said: str | Said,
    ) -> None:
        self.function = function
        told = {name: each if isinstance(each, Said) else Said(each) for name, each in said.items()}
        self.arguments = [
            Argument(parameter, hint, default, _described(kind, parameter, told.pop(parameter, Said())))
            for parameter, (hint, default) in _signature(function).items()
        ]
        if told:
            raise TypeError(f"{function.__name__} has no argument {', '.join(told)}")
        self.type = _input(name, description, self.arguments, self.is_one_of)

    def values(self, given: Mapping[str, Any], *path: str) -> dict[str, Any]:
        """The function's arguments that were given (by their names in the graph), by name."""
        values = {each.parameter: each.value(given, path) for each in self.arguments}
        return {name: value for name, value in values.items() if value is not UNSET}

    def spelled(self, field: Sequence[str]) -> list[str]:
        """The path of an input field, of one as the function calls it."""
        names = self.names()
        return [names.get(each, each) for each in field]

    def names(self) -> dict[str, str]:
        """The names in the graph of the arguments, and of their parts, that the function calls otherwise."""
        found: dict[str, str] = {}
        for each in self.arguments:
            found |= each.said.parts.names() if each.said.parts is not None else {}
            found[each.said.at or camel(each.parameter)] = each.name
        return {called: name for called, name in found.items() if called != name}


class OneOf(Shape):
    """An input of which exactly one field is given."""

    is_one_of = True


def _input(name: str, description: str, arguments: Sequence[Argument], one_of: bool) -> Any:
    fields = {each.parameter: each.field() for each in arguments}
    namespace = {key: field for key, (_, field) in fields.items()}
    namespace["__annotations__"] = {key: annotation for key, (annotation, _) in fields.items()}
    return strawberry.input(type(name, (), namespace), name=name, description=description, one_of=one_of or None)


def _signature(function: Callable[..., Any]) -> dict[str, tuple[Any, Any]]:
    """(type, default) of a function's arguments by name; ABSENT without a default. The context is left out."""
    hints = get_type_hints(function)
    found: dict[str, tuple[Any, Any]] = {}
    for name, parameter in inspect.signature(function).parameters.items():
        if parameter.kind is parameter.VAR_KEYWORD:
            (details,) = get_args(hints[name])
            found |= {each: (hint, UNSET) for each, hint in get_type_hints(details).items()}
        elif name != "ctx":
            found[name] = (hints[name], parameter.default)
    return found


def _described(kind: type[Any] | None, parameter: str, said: Said) -> Said:
    """What is said of an argument, with what the type says where the declaration says nothing."""
    known = _known(kind, parameter)
    if said.description is None and known.description is None:
        raise TypeError(f"nobody says what the argument {parameter} is")
    return replace(said, description=said.description or known.description, kind=said.kind or known.kind)


def _known(kind: type[Any] | None, parameter: str) -> Said:
    """What a type says of an argument: by its relation over that key, its field of that name, or its own key."""
    fields: list[Declared] = [] if kind is None else kind.__strawberry_definition__.fields
    for field in fields:
        if isinstance(field, One) and field.needs and field.key == parameter:
            return Said(field.description, kind=type_of(owner(field.target)))
        if field.python_name == parameter:
            return Said(field.description)
    return Said(f"Which {words(kind)}.", kind=kind) if kind is not None and parameter == f"{snake(kind)}_id" else Said()


def words(kind: type[Any]) -> str:
    """The name of a type in a sentence: `course instance`."""
    return "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in kind.__name__).lstrip()


def snake(kind: type[Any]) -> str:
    """The name of a type as a Python name: `course_instance`."""
    return words(kind).replace(" ", "_")


def _kind(kind: Any, said: Said) -> tuple[Any, Convert]:
    """The Strawberry annotation of a Python type, and what makes a value of it of a coerced one."""
    if get_origin(kind) in LISTS:
        annotation, convert = _kind(get_args(kind)[0], said)
        return list[annotation], _each(convert)  # type: ignore[valid-type]
    if said.parts is not None:
        return said.parts.type, _made(said.parts)
    if said.kind is not None:
        return strawberry.ID, _key(said.kind)
    if get_origin(kind) is dict:
        return Json, _object
    return KINDS.get(kind, (kind, _as_is))


def _as_is(value: Any, *path: str) -> Any:
    return value


def _each(convert: Convert) -> Convert:
    return lambda values, *path: [convert(value, *path, str(index)) for index, value in enumerate(values)]


def _made(shape: Shape) -> Convert:
    return lambda value, *path: shape.function(**shape.values(value, *path))


def _key(kind: type[Any]) -> Convert:
    return lambda value, *path: key_of(kind, value)


def _finite(value: float, *path: str) -> float:
    if not math.isfinite(value):
        raise RuleBroken(UserErrorCode.OUT_OF_RANGE, "the number is too large", *path)
    return value


def _object(value: Any, *path: str) -> Any:
    if not isinstance(value, dict):
        raise RuleBroken(UserErrorCode.INVALID, "a JSON object is asked for", *path)
    return value


def _decoded(value: str, *path: str) -> bytes:
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        raise RuleBroken(UserErrorCode.INVALID, "not base64", *path) from None


KINDS: dict[Any, tuple[Any, Convert]] = {Any: (Json, _as_is), float: (float, _finite), bytes: (Base64, _decoded)}
