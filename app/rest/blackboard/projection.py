"""`fields=id,availability.available`: which keys of an object are wanted (contract, §1.5)."""

from __future__ import annotations

from typing import Any, TypeAlias

QUOTES = "\"'“”„‟‘’‚‛«»″′＂"
Tree: TypeAlias = dict[str, "Tree | None"]
"""Wanted keys; None for all of what is below a key."""


def parse(text: str | None) -> Tree | None:
    """The tree of a list of keys; None when all are wanted. Spaces, quotes of any kind, empty names are passed over."""
    names = [_bare(each) for each in _bare(text or "").split(",")]
    if not any(names):
        return None
    made: Tree = {}
    for name in filter(None, names):
        _add(made, [_bare(step) for step in name.split(".")])
    return made


def project(wanted: Tree | None, value: Any) -> Any:
    """What is wanted of an object; a parent of whose wanted leaves none is there is left out."""
    if wanted is None:
        return value
    made = {}
    for name, each in value.items():
        if name not in wanted:
            continue
        below = wanted[name]
        if below is None:
            made[name] = each
        elif isinstance(each, dict):
            kept = project(below, each)
            if kept:
                made[name] = kept
    return made


def _bare(text: str) -> str:
    return text.strip().strip(QUOTES).strip()


def _add(tree: Tree, steps: list[str]) -> None:
    for step in steps[:-1]:
        below = tree.setdefault(step, {})
        if below is None:
            return
        tree = below
    tree[steps[-1]] = None
