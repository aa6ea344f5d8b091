"""Statements compiled once and run on the driver's own cursor: SQLAlchemy writes the SQL, nothing of it runs a read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import BindParameter, Dialect, Float, Integer, Select, String, bindparam
from sqlalchemy.types import TypeEngine

Rows = Sequence[Any]
Convert = Callable[[Rows], Rows]
Processors = tuple[Callable[[Any], Any] | None, ...]
"""For each column how the driver's value becomes the Python value; None where it is."""
GIVEN = "given_"


class Raw(NamedTuple):
    """Rows as the driver gave them, and what remains to be done to their columns."""

    rows: Rows
    processors: Processors
    convert: Convert | None

    @property
    def values(self) -> Rows:
        """The rows as tuples of Python values."""
        return self.rows if self.convert is None else self.convert(self.rows)


@dataclass(frozen=True, slots=True)
class Read:
    """The text of a SELECT, its parameters in order, and how its rows become Python values.

    A parameter is a name to be given, or a value of the statement's own.
    """

    sql: str
    parameters: tuple[tuple[str | None, Any, Callable[[Any], Any] | None], ...]
    processors: Processors
    convert: Convert | None

    def values(self, given: Mapping[str, Any]) -> list[Any]:
        """The parameters for the driver. Raises KeyError when one that must be given is not."""
        made = []
        for name, own, process in self.parameters:
            value = own if name is None else given[name]
            made.append(value if process is None else process(value))
        return made


def given(name: str, kind: TypeEngine[Any]) -> BindParameter[Any]:
    """A parameter whose value is given by `name` each time that the compiled statement runs."""
    return bindparam(GIVEN + name, None, type_=kind)


def compile_read(statement: Select[Any], dialect: Dialect) -> Read:
    """Compile a SELECT for a dialect. What `given` made in it must be given by name at each run."""
    compiled: Any = statement.compile(dialect=dialect, compile_kwargs={"render_postcompile": True})
    own = compiled.construct_params()
    processors = compiled._bind_processors
    parameters = []
    for name in compiled.positiontup or ():
        must_be_given = name.startswith(GIVEN)
        known_as = name.removeprefix(GIVEN) if must_be_given else None
        parameters.append((known_as, own[name], processors.get(name)))
    made = tuple(_processor(column.type, dialect) for column in statement.selected_columns)
    return Read(str(compiled), tuple(parameters), made, _converter(made))


def _converter(processors: Processors) -> Convert | None:
    """A function written for these columns, or None when the driver's values are the Python values already."""
    if not any(processors):
        return None
    names = [f"c{index}" for index in range(len(processors))]
    cells = [f"f{i}({n})" if p else n for i, (n, p) in enumerate(zip(names, processors, strict=True))]
    source = f"lambda rows: [({', '.join(cells)},) for ({', '.join(names)},) in rows]"
    made: Convert = eval(source, {f"f{index}": each for index, each in enumerate(processors)})
    return made


def _processor(kind: TypeEngine[Any], dialect: Dialect) -> Callable[[Any], Any] | None:
    """How the driver's values of a type become Python values; None where they are."""
    if isinstance(kind, Float | Integer | String):
        return None
    return kind.dialect_impl(dialect).result_processor(dialect, None)
