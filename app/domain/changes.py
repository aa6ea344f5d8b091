"""Optional arguments of updates: what is not given stays, None empties."""

from __future__ import annotations

from enum import Enum
from typing import Any, Final, TypeAlias, TypeVar

T = TypeVar("T")


class Unset(Enum):
    """The type of UNSET, which says that an argument was not given."""

    UNSET = "UNSET"


UNSET: Final = Unset.UNSET
Change: TypeAlias = T | Unset


def given(**arguments: Any) -> dict[str, Any]:
    """The arguments that were given, by name."""
    return {name: value for name, value in arguments.items() if value is not UNSET}
