"""Tables of separated values, gzipped or not, read whole into typed columns; errors name file and row."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from app.db.bulk import Memo
from app.importers.failure import ImportFailure

Source = Path | zipfile.Path
Parser = Callable[[str], Any]
Number = TypeVar("Number", int, float)
UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
SEPARATOR = re.compile(r"[,\t\n]")
MISSING = ("", "?")
WHOLE = re.compile(r"[+-]?\d{1,18}", re.ASCII)
DECIMAL = re.compile(r"[+-]?(\d{1,15}(\.\d*)?|\.\d+)", re.ASCII)


class Columns:
    """A file's columns by name: lists of one length, values as their parsers made them."""

    def __init__(self, file: str, values: dict[str, list[Any]], length: int) -> None:
        self.file = file
        self._values = values
        self._length = length

    def __len__(self) -> int:
        return self._length

    def rows(self, *names: str) -> Iterator[tuple[Any, ...]]:
        """The rows in the file's order, as tuples of the named columns."""
        return zip(*(self._values[name] for name in names), strict=True)

    def fail(self, index: int, reason: str) -> NoReturn:
        """Raise ImportFailure for the row at `index` (0 is the first after the header)."""
        raise ImportFailure(self.file, reason, _row(index))

    def require_unique(self, *names: str) -> None:
        """Raise ImportFailure for the first row that repeats an earlier one in the named columns."""
        seen: dict[tuple[Any, ...], int] = {}
        for index, key in enumerate(self.rows(*names)):
            if (earlier := seen.setdefault(key, index)) != index:
                said = ", ".join(f"{name} {value}" for name, value in zip(names, key, strict=True))
                self.fail(index, f"repeats {said} of {_row(earlier)}")


def read_columns(folder: Source, name: str, parsers: Mapping[str, Parser]) -> Columns:
    """Read `name`.csv.gz or `name`.csv; other columns than those of `parsers` are passed over. Raises ImportFailure."""
    path = find_table(folder, name)
    if path is None:
        raise ImportFailure(f"{name}.csv", "there is no such file, nor a gzipped one")
    rows = read_rows(path)
    while rows and not rows[-1]:
        rows.pop()
    if not rows:
        raise ImportFailure(path.name, "is empty")
    header = rows.pop(0)
    for column in parsers:
        if column not in header:
            raise ImportFailure(path.name, f"has no column {column}", "row 1")
    for index, row in enumerate(rows):
        if len(row) != len(header):
            raise ImportFailure(path.name, f"has {len(row)} fields, not {len(header)}", _row(index))
    texts = dict(zip(header, zip(*rows, strict=True), strict=True)) if rows else {}
    values = {column: _parse(path.name, column, texts.get(column, ()), parsers[column]) for column in parsers}
    return Columns(path.name, values, len(rows))


def find_table(folder: Source, name: str) -> Source | None:
    """The file of a table, or None."""
    candidates = (folder / f"{name}.csv.gz", folder / f"{name}.csv")
    return next((path for path in candidates if path.is_file()), None)


def word(pattern: str, described: str) -> Parser:
    """Text that matches a pattern as a whole."""
    compiled = re.compile(pattern)

    def parse(text: str) -> str:
        if not compiled.fullmatch(text):
            raise ValueError(f"not {described}")
        return text

    return parse


def any_text(text: str) -> str | None:
    """Text, None when missing."""
    return None if text in MISSING else text


def whole(low: int, high: int) -> Parser:
    """A whole number between two bounds, both allowed."""

    def parse(text: str) -> int:
        if not WHOLE.fullmatch(text):
            raise ValueError("not a number" if not DECIMAL.fullmatch(text) else "not a whole number")
        return _within(int(text), low, high)

    return parse


def decimal(low: int, high: int) -> Parser:
    """A number between two bounds, both allowed."""

    def parse(text: str) -> float:
        if not DECIMAL.fullmatch(text):
            raise ValueError("not a number")
        return _within(float(text), low, high)

    return parse


def optional(parser: Parser) -> Parser:
    """What `parser` takes, or None for an empty field or a question mark."""
    return lambda text: None if text in MISSING else parser(text)


def _within(value: Number, low: int, high: int) -> Number:
    if not low <= value <= high:
        raise ValueError(f"not between {low} and {high}")
    return value


def _row(index: int) -> str:
    return f"row {index + 2}"


def _parse(file: str, column: str, texts: tuple[str, ...], parser: Parser) -> list[Any]:
    memo = Memo(parser)
    try:
        return list(map(memo.__getitem__, texts))
    except ValueError as error:
        index = next(index for index, text in enumerate(texts) if text not in memo)
        raise ImportFailure(file, f"{column} is {texts[index]!r}, {error}", _row(index)) from None


def read_rows(path: Source) -> list[list[str]]:
    """The rows of a file, gzipped or not, as texts.

    Between tabs when one comes before all commas and breaks of lines, else between commas. In UTF-8, or in UTF-16 where
    a byte order mark says so. Raises ImportFailure.
    """
    rows: list[list[str]] = []
    text = _text(path)
    first = SEPARATOR.search(text)
    delimiter = first[0] if first and first[0] == "\t" else ","
    try:
        rows.extend(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise ImportFailure(path.name, str(error), f"row {len(rows) + 1}") from None
    return rows


def _text(path: Source) -> str:
    try:
        content = path.read_bytes()
        if path.suffix == ".gz":
            content = gzip.decompress(content)
        return content.decode("utf-16" if content.startswith(UTF_16) else "utf-8-sig")
    except UnicodeDecodeError as error:
        row = 1 + error.object.count(b"\n", 0, error.start)
        named = "UTF-16" if error.encoding.startswith("utf-16") else "UTF-8"
        raise ImportFailure(path.name, f"is not {named}", f"row {row}") from None
    except (EOFError, zlib.error, gzip.BadGzipFile):
        raise ImportFailure(path.name, "is a broken gzip file") from None
    except OSError as error:
        raise ImportFailure(path.name, error.strerror or "cannot be read") from None
