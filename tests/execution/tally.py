"""What was compared, counted."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from tests.execution.comparison import Pair
from tests.execution.generation import Operation

MANY = 1.5


@dataclass(slots=True)
class Tally:
    """Counts of operations. `invalid` are documents that the generator should not have made, with the reason.

    Operations without odd arguments, without a failing field and by somebody who is signed in are `clean`. SQL
    statements are those of operations that did not retreat; `many` took `MANY` times as many by plan and more.
    """

    operations: int = 0
    clean: int = 0
    fields: int = 0
    refused: int = 0
    retreats: int = 0
    retreats_of_clean: int = 0
    by_plan: int = 0
    by_core: int = 0
    many: int = 0
    worst: tuple[float, str] = (0.0, "")
    invalid: list[str] = field(default_factory=list)
    documents: list[str] = field(default_factory=list)
    seen: Counter[str] = field(default_factory=Counter)

    def note(self, asked: Operation, pair: Pair) -> None:
        """Count an operation."""
        gave_up = pair.report.retreat is not None
        self.operations += 1
        self.fields += _size(pair.core.data)
        self.clean += asked.is_clean
        self.retreats += gave_up
        self.retreats_of_clean += gave_up and asked.is_clean
        self.seen.update([asked.role, *asked.odd, *([asked.failure.mode] if asked.failure else [])])
        self.documents.append(asked.document)
        if not gave_up:
            self._note_statements(asked.document, pair.planned_statements, pair.core_statements)

    def _note_statements(self, document: str, by_plan: int, by_core: int) -> None:
        self.by_plan += by_plan
        self.by_core += by_core
        ratio = by_plan / by_core if by_core else 1.0 + by_plan
        self.many += ratio > MANY
        self.worst = max(self.worst, (ratio, document))

    def __str__(self) -> str:
        ratio, document = self.worst
        return "\n".join(
            (
                f"{self.operations:,} operations and {self.fields:,} fields were answered alike "
                f"({self.refused} had refused variables, {len(self.invalid)} were invalid).",
                f"{self.retreats:,} plans were given up, {self.retreats_of_clean} of them without a visible reason.",
                f"SQL statements: {self.by_plan:,} by plan, {self.by_core:,} by graphql-core; "
                f"{self.many} operations took more than {MANY} times as many by plan, at worst {ratio:.2f} times:",
                document,
            )
        )


def _size(data: Any) -> int:
    """How many fields an answer has."""
    if isinstance(data, dict):
        return len(data) + sum(map(_size, data.values()))
    return sum(map(_size, data)) if isinstance(data, list) else 0
