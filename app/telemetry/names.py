"""Names that clients choose, as labels: only so many, because each label is kept as long as the process lives."""

from __future__ import annotations

MOST, LONGEST = 100, 64
ANONYMOUS, OTHER = "anonymous", "other"


class BoundedNames:
    """The first names that come; all later ones, and long ones, are `other`."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._known: set[str] = set()

    def label(self, name: str | None) -> str:
        """The label for a name."""
        if name is None:
            return ANONYMOUS
        if name in self._known:
            return name
        if len(self._known) == self._most or len(name) > LONGEST:
            return OTHER
        self._known.add(name)
        return name
