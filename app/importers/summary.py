"""What an import did."""

from __future__ import annotations

from dataclasses import dataclass, field

from app.importers.merge import Merged


@dataclass(slots=True)
class Count:
    """Rows of one noun."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0


@dataclass(slots=True)
class Summary:
    """Counts by noun in the order of the import, and notes on what was not taken.

    `differences` are lines of a table where a format compares: column, learner, before, after.
    """

    format: str
    counts: dict[str, Count] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    differences: list[tuple[str, ...]] = field(default_factory=list)

    def add(self, noun: str, *, created: int = 0, changed: int = 0, unchanged: int = 0) -> None:
        """Add to the counts of a noun (in the plural)."""
        count = self.counts.setdefault(noun, Count())
        count.created += created
        count.changed += changed
        count.unchanged += unchanged

    def add_merged(self, noun: str, merged: Merged, renamed: int = 0) -> None:
        """Add what a merge did; `renamed` rows were changed before it. Kept rows get a note."""
        self.add(noun, created=merged.created, changed=merged.changed + renamed, unchanged=merged.unchanged - renamed)
        if merged.kept:
            self.notes.append(f"{noun} that are not in the files, kept: {merged.kept:,}")

    @property
    def changed_anything(self) -> bool:
        """Whether the database differs from before."""
        return any(count.created or count.changed for count in self.counts.values())

    def render(self) -> str:
        """Plain lines for people, without a line break at the end."""
        width = max(map(len, self.counts), default=0)
        lines = [
            f"{noun:<{width}}  {count.created:>9,} created {count.changed:>9,} changed {count.unchanged:>9,} unchanged"
            for noun, count in self.counts.items()
        ]
        lines += [f"note: {note}" for note in self.notes]
        if not self.changed_anything:
            lines.append(f"{self.format}: nothing changed")
        return "\n".join(lines)
