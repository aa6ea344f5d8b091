"""Writes, for a selection, the function that makes its objects: one loop, one dictionary display an object."""

from __future__ import annotations

from typing import Any

from app.db.compiled import Processors
from schema.execution.plan import Build, Leaf, Selection, Source


class Retreat(Exception):
    """A value breaks the schema's promise or something failed: graphql-core shall execute the operation again."""


def refuse(value: Any) -> Any:
    """Called where a required value is missing."""
    raise Retreat(f"{value!r} where a value is required")


def builder(selection: Selection, processors: Processors) -> Build:
    """`build(rows, *values)`: the objects of the rows, where each of `values` holds one branch's value for each row.

    `processors` say what remains to be done to the rows' columns; none for rows of Python values.
    """
    found = selection.builds.get(processors)
    if found is None:
        found = selection.builds[processors] = _build(selection, processors)
    return found


def _build(selection: Selection, processors: Processors) -> Build:
    scope: dict[str, Any] = {"refuse": refuse}
    columns = _columns(selection, processors, scope)
    cells: dict[str, str] = {}
    for index, leaf in enumerate(selection.leaves):
        cells[leaf.key] = _leaf(index, leaf, columns, scope)
    values = [f"v{index}" for index in range(len(selection.branches))]
    for value, branch in zip(values, selection.branches, strict=True):
        cells[branch.key] = value
    display = ", ".join(f"{key!r}: {cells[key]}" for key in selection.keys)
    pattern = _pattern(selection, {name for leaf in selection.leaves for name in leaf.attributes})
    arguments = ", ".join(["rows", *values])
    loop = f"for {pattern} in rows" if not values else f"for {', '.join([pattern, *values])} in zip({arguments})"
    code = f"lambda {arguments}: [{{{display}}} {loop}]"
    made: Build = eval(compile(code, "<plan>", "eval"), scope)
    return made


def _columns(selection: Selection, processors: Processors, scope: dict[str, Any]) -> dict[str, str]:
    """How the generated code reads each column or attribute."""
    if selection.source is Source.OBJECTS:
        return {name: f"r.{name}" for leaf in selection.leaves for name in leaf.attributes}
    shift = selection.source is Source.KEYED
    made = {}
    for index, name in enumerate(selection.names):
        process = processors[index + shift] if processors else None
        scope[f"p{index}"] = process
        made[name] = f"c{index}" if process is None else f"p{index}(c{index})"
    return made


def _pattern(selection: Selection, used: set[str]) -> str:
    """What the generated loop takes a row apart into."""
    if selection.source is Source.OBJECTS:
        return "r"
    columns = [f"c{index}" if name in used else "_" for index, name in enumerate(selection.names)]
    if selection.source is Source.KEYED:
        columns.insert(0, "_")
    elif selection.source is Source.PLAIN:
        columns.append("*_")
    return f"({', '.join(columns)},)"


def _leaf(index: int, leaf: Leaf, columns: dict[str, str], scope: dict[str, Any]) -> str:
    if leaf.function is None and not leaf.attributes:
        scope[f"k{index}"] = leaf.constant
        return f"k{index}"
    reads = [columns[name] for name in leaf.attributes]
    if leaf.function is None:
        return reads[0] if not leaf.is_required else _required(reads[0])
    scope[f"f{index}"] = leaf.function
    call = f"f{index}({', '.join(reads)})"
    return _required(call) if leaf.is_required else call


def _required(cell: str) -> str:
    return f"(w if (w := {cell}) is not None else refuse(w))"
