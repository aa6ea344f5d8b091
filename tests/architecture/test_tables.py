"""The tables as a whole: every key indexed, every row behind a predicate, no hidden query (house, §4 and §5)."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Table, UniqueConstraint

from app.db.base import Base
from app.domain.all import MODELS
from app.policy import require_complete
from tests.architecture.tree import none


def tables() -> list[Table]:
    """All tables."""
    return Base.metadata.sorted_tables


def prefixes(table: Table) -> Iterator[tuple[str, ...]]:
    """The columns of everything that the database can look rows up by."""
    yield tuple(column.name for column in table.primary_key.columns)
    yield from (tuple(each.name for each in index.columns) for index in table.indexes)
    yield from (tuple(c.name for c in each.columns) for each in table.constraints if isinstance(each, UniqueConstraint))


def test_every_foreign_key_is_indexed() -> None:
    none(
        f"{table.name}.{', '.join(key.column_keys)}"
        for table in tables()
        for key in table.foreign_key_constraints
        if not any(prefix[: len(key.column_keys)] == tuple(key.column_keys) for prefix in prefixes(table))
    )


def test_no_relationship_hides_a_query() -> None:
    none(f"{model.__name__}.{name}" for model in MODELS for name in model.__mapper__.relationships)


def test_every_model_has_a_visibility_predicate() -> None:
    assert {model.__table__ for model in MODELS} == set(tables())
    require_complete(MODELS)
