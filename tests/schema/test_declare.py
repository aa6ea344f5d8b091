"""Columns and pure functions are leaves: what plans would write raw is refused when the type is declared."""

from __future__ import annotations

from typing import Annotated, Any

import pytest
import strawberry

from app.domain.identity.models import User
from app.errors import ConfigurationError
from schema.core.declare import column, computed
from schema.core.scalars import BigInt
from schema.grades.types import ColumnGrade


@strawberry.type
class Initial:
    """A letter."""

    letter: str


def initials(name: str) -> list[Initial]:
    return [Initial(letter=each[0]) for each in name.split()]


OBJECTS = [Initial, list[Initial], list[Initial] | None, list[list[Initial | None]], Annotated[Initial, "said"]]


@pytest.mark.parametrize("returns", OBJECTS)
def test_objects_are_refused(returns: Any) -> None:
    with pytest.raises(ConfigurationError) as caught:
        computed(initials, User.name, returns=returns, description="Letters.")
    told = "the computed field initials returns Initial objects: only scalars and enums; use batch()"
    assert str(caught.value) == told
    with pytest.raises(ConfigurationError) as caught:
        column(User.name, "Letters.", returns=returns)
    assert str(caught.value) == told.replace("computed field initials", "column User.name")


def test_types_with_rows_are_refused() -> None:
    with pytest.raises(ConfigurationError, match="returns ColumnGrade objects"):
        computed(initials, User.name, returns=list[ColumnGrade], description="Grades.")


@pytest.mark.parametrize("returns", [str, list[str], float | None, list[list[int] | None], BigInt])
def test_leaves_are_not(returns: Any) -> None:
    assert computed(initials, User.name, returns=returns, description="Letters.").annotation() == returns
