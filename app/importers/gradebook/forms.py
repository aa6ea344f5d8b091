"""The forms of gradebooks, told apart by the first row."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.errors import ConfigurationError
from app.importers.failure import ImportFailure
from app.importers.gradebook.blackboard import is_blackboard, read_blackboard
from app.importers.gradebook.canvas import is_canvas, read_canvas
from app.importers.gradebook.gradescope import is_gradescope, read_gradescope
from app.importers.gradebook.registrar import is_registrar, read_registrar
from app.importers.gradebook.sheet import Sheet
from app.importers.tables import Table, read_table


@dataclass(frozen=True, slots=True)
class Form:
    """How to know a form, and how to read it."""

    is_it: Callable[[Sequence[str]], bool]
    read: Callable[[Table], Sheet]


FORMS = {
    "gradescope": Form(is_gradescope, read_gradescope),
    "canvas": Form(is_canvas, read_canvas),
    "registrar": Form(is_registrar, read_registrar),
    "blackboard": Form(is_blackboard, read_blackboard),
    "csv": Form(lambda _: False, read_blackboard),
}


def read_sheet(path: Path, name: str | None) -> Sheet:
    """Read a file in the form of that name, or in the one that it shows. Raises ConfigurationError, ImportFailure."""
    if name is not None and name not in FORMS:
        raise ConfigurationError(f"unknown form {name!r}: use {' or '.join(FORMS)}")
    if not path.is_file():
        raise ImportFailure(path.name, "is not a file")
    table = read_table(path, pads=is_registrar)
    headings = [cell.strip() for cell in table.rows[0]]
    form = FORMS[name] if name else next((each for each in FORMS.values() if each.is_it(headings)), None)
    if form is None:
        table.fail(0, "is the header of no gradebook known: name its form with --format")
    sheet = form.read(table)
    if not sheet.rows:
        raise ImportFailure(path.name, "lists nobody")
    if not sheet.columns and form is not FORMS["registrar"]:
        table.fail(0, "has no column of grades")
    return sheet
