"""Tables of texts, with and without a header: values between commas or tabs."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn, TypeVar

from app.importers.columns import read_rows
from app.importers.failure import ImportFailure

Value = TypeVar("Value")
EMAIL = re.compile(r"[^@\s]+@[^@\s]+")


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of a file as texts, all of the same length but blank lines, which are empty; row 1 is `rows[0]`."""

    file: str
    rows: list[list[str]]

    def filled(self, first: int) -> list[int]:
        """The indexes of the rows from `first` on that are not blank lines."""
        return [index for index in range(first, len(self.rows)) if self.rows[index]]

    def fail(self, index: int, reason: str) -> NoReturn:
        """Raise ImportFailure for the row at `index`."""
        raise ImportFailure(self.file, reason, f"row {index + 1}")

    def text(self, index: int, name: str, column: int, limit: int) -> str | None:
        """A cell without surrounding blanks, None when empty; at most `limit` characters."""
        text = self.rows[index][column].strip()
        if len(text) > limit:
            self.fail(index, f"{name} has {len(text)} characters, more than {limit}")
        return text or None

    def email(self, index: int, column: int) -> str:
        """An e-mail address in small letters."""
        text = self.text(index, "email", column, 150)
        if text is None or not EMAIL.fullmatch(text):
            self.fail(index, f"email is {text or ''!r}, not an e-mail address")
        return text.lower()

    def parsed(self, index: int, name: str, column: int, parser: Callable[[str], Value]) -> Value:
        """A cell as a parser makes it, which raises ValueError."""
        text = self.rows[index][column].strip()
        try:
            return parser(text)
        except ValueError as error:
            self.fail(index, f"{name} is {text!r}, {error}")


def read_table(path: Path, *, pads: Callable[[list[str]], bool] | None = None) -> Table:
    """Read a file that does not begin with a blank line. Raises ImportFailure.

    `pads` tells from the header whether rows may stop early; what is missing is empty.
    """
    rows = read_rows(path)
    while rows and not any(rows[-1]):
        rows.pop()
    if not rows:
        raise ImportFailure(path.name, "is empty")
    table = Table(path.name, rows)
    may_stop = pads is not None and pads(rows[0])
    for index, row in enumerate(rows):
        if row and may_stop:
            row.extend([""] * (len(rows[0]) - len(row)))
        if row and len(row) != len(rows[0]):
            table.fail(index, f"has {len(row)} fields, not {len(rows[0])}")
        if any("\0" in cell for cell in row):
            table.fail(index, "has a null character")
    return table
