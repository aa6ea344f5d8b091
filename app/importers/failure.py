"""The one error of importers."""

from __future__ import annotations

from app.errors import DomainError


class ImportFailure(DomainError):
    """The input cannot be taken, and nothing of it was. Said in one line: file, place in it, reason.

    `place` is `row 17` of a table (the header is row 1, as spreadsheets count) or `line 3` of a JSON file.
    """

    code = "IMPORT_FAILED"
    status = 422

    def __init__(self, file: str, reason: str, place: str | None = None) -> None:
        super().__init__(f"{file} {place}: {reason}" if place else f"{file}: {reason}")
        self.file = file
        self.place = place
        self.reason = reason
