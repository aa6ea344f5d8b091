"""Objects of files, read field by field: errors name file and path; what nobody asked for is remembered."""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NoReturn
from zoneinfo import ZoneInfo

import orjson

from app.importers.failure import ImportFailure

UUID = re.compile(r"[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}", re.ASCII)
COMMENTS = ("comment", "comments")
EMPTY: tuple[Any, ...] = (None, [], {})
INTEGER_LIMIT = 2**31


@dataclass(slots=True)
class Ledger:
    """Which fields the files of an import have, and which of them were asked for; by file name and path."""

    present: Counter[str] = field(default_factory=Counter)
    taken: set[str] = field(default_factory=set)

    def untaken(self) -> list[str]:
        """A note for each kind of file with fields that nobody asked for: names, with the number of occurrences."""
        left: dict[str, list[str]] = {}
        for path, count in sorted(self.present.items()):
            if path not in self.taken:
                file, _, name = path.partition(":")
                left.setdefault(file, []).append(f"{name} ({count:,})")
        return [f"{file}: not taken, the model has no home for it: {', '.join(names)}" for file, names in left.items()]


class Lined(dict[str, Any]):
    """An object whose file tells lines: where it begins, and where each of its fields does."""

    line: int
    lines: dict[str, int]


class Document:
    """A JSON object. A field that is null counts as absent; every reader raises ImportFailure for a wrong type."""

    def __init__(self, file: str, value: dict[str, Any], ledger: Ledger, path: str = "") -> None:
        self.file = file
        self.value = value
        self._ledger = ledger
        self._path = path
        for key, content in value.items():
            if key not in COMMENTS and content not in EMPTY:
                ledger.present[self._spot(key)] += 1

    @property
    def ledger(self) -> Ledger:
        """What the file has, and what was asked for."""
        return self._ledger

    def fail(self, key: str, reason: str) -> NoReturn:
        """Raise ImportFailure for a field; a missing one is missing where its object begins."""
        place = None
        if isinstance(self.value, Lined):
            place = f"line {self.value.lines.get(key.partition('[')[0], self.value.line)}"
        raise ImportFailure(self.file, f"{self._path}{key} {reason}", place)

    def get(self, key: str, *kinds: type) -> Any:
        """A field of one of the given JSON types, or None. True and false are no numbers."""
        self._ledger.taken.add(self._spot(key))
        value = self.value.get(key)
        if (
            value is not None
            and kinds
            and (not isinstance(value, kinds) or (type(value) is bool and bool not in kinds))
        ):
            self.fail(key, f"is {_shown(value)}, not {' or '.join(_NAMES[kind] for kind in kinds if kind in _NAMES)}")
        return value

    def optional_text(self, key: str, limit: int | None = 255) -> str | None:
        """Text of at most `limit` characters, or None."""
        value: str | None = self.get(key, str)
        if value is not None and limit is not None and len(value) > limit:
            self.fail(key, f"has {len(value)} characters, more than {limit}")
        return value

    def text(self, key: str, limit: int = 255) -> str:
        """Text that must be there."""
        value = self.optional_text(key, limit)
        if value is None:
            self.fail(key, "is missing")
        return value

    def flag(self, key: str, default: bool) -> bool:
        """True or false."""
        value: bool | None = self.get(key, bool)
        return default if value is None else value

    def number(self, key: str) -> float | None:
        """A number that is not negative, or None."""
        value = self.get(key, int, float)
        return None if value is None else self._positive(key, value)

    def integer(self, key: str) -> int | None:
        """A whole number that is not negative, or None."""
        value: int | None = self.get(key, int)
        if value is not None:
            self._positive(key, value)
        return value

    def numbers(self, key: str) -> list[float] | None:
        """A list of numbers; a single number is a list of one. None when absent, never empty."""
        value = self.get(key, int, float, list)
        if value is None:
            return None
        listed = value if isinstance(value, list) else [value]
        if not listed or any(not isinstance(each, int | float) or isinstance(each, bool) for each in listed):
            self.fail(key, f"is {_shown(value)}, not a number or a list of numbers")
        return [self._positive(key, each) for each in listed]

    def texts(self, key: str) -> list[str] | None:
        """A list of texts, or None."""
        value: list[Any] | None = self.get(key, list)
        if value is not None and not all(isinstance(each, str) for each in value):
            self.fail(key, f"is {_shown(value)}, not a list of texts")
        return value

    def uuid(self, key: str = "uuid") -> str | None:
        """A UUID as 32 lower-case hexadecimal digits, or None."""
        value = self.optional_text(key)
        if value is None:
            return None
        if not UUID.fullmatch(value.lower()):
            self.fail(key, f"is {value!r}, not a UUID")
        return value.lower().replace("-", "")

    def required_uuid(self) -> str:
        """The field `uuid`, which must be there."""
        value = self.uuid()
        if value is None:
            self.fail("uuid", "is missing")
        return value

    def instant(self, key: str, zone: ZoneInfo) -> datetime | None:
        """A date and time; one without an offset is local time of `zone`. Given in UTC."""
        value = self.optional_text(key)
        if value is None:
            return None
        try:
            parsed = datetime.fromisoformat(value)
            return (parsed if parsed.tzinfo else parsed.replace(tzinfo=zone)).astimezone(UTC)
        except (ValueError, OverflowError):
            self.fail(key, f"is {value!r}, not a date and time")

    def child(self, key: str) -> Document | None:
        """An object, or None."""
        value = self.get(key, dict)
        return None if value is None else Document(self.file, value, self._ledger, f"{self._path}{key}.")

    def children(self, key: str) -> list[Document]:
        """A list of objects, empty when absent."""
        found = []
        for index, value in enumerate(self.get(key, list) or ()):
            if not isinstance(value, dict):
                self.fail(f"{key}[{index}]", f"is {_shown(value)}, not an object")
            found.append(Document(self.file, value, self._ledger, f"{self._path}{key}[{index}]."))
        return found

    def _positive(self, key: str, value: float) -> float:
        if not math.isfinite(value) or not 0 <= value < INTEGER_LIMIT:
            self.fail(key, f"is {value}, not between 0 and {INTEGER_LIMIT - 1}")
        return value

    def _spot(self, key: str) -> str:
        path = re.sub(r"\[\d+\]", "", f"{self._path}{key}")
        return f"{Path(self.file).name}:{path}"


_NAMES = {str: "a text", bool: "true or false", int: "a number", list: "a list", dict: "an object"}


def read_document(root: Path, path: Path, ledger: Ledger) -> Document:
    """Read the JSON object in file `path` below `root`. Raises ImportFailure."""
    file = path.relative_to(root).as_posix()
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise ImportFailure(file, "there is no such file") from None
    except OSError as error:
        raise ImportFailure(file, error.strerror or "cannot be read") from None
    return Document(file, read_object(file, content), ledger)


def read_object(file: str, content: bytes) -> dict[str, Any]:
    """The JSON object that a file holds. Raises ImportFailure with the line."""
    value = read_json(file, content)
    if not isinstance(value, dict):
        raise ImportFailure(file, f"is {_shown(value)}, not an object")
    return value


def read_json(file: str, content: bytes) -> Any:
    """The JSON value that a file holds. Raises ImportFailure with the line."""
    try:
        text = content.decode("utf-8-sig")
        value = orjson.loads(text)
    except UnicodeDecodeError as error:
        line = 1 + error.object[: error.start].count(b"\n")
        raise ImportFailure(file, "is not UTF-8", f"line {line}") from None
    except orjson.JSONDecodeError as error:
        raise ImportFailure(file, f"is not JSON: {error.msg}", f"line {error.lineno}") from None
    if "\\u0000" in text:
        raise ImportFailure(file, "has a null character")
    return value


def _shown(value: object) -> str:
    shown = orjson.dumps(value).decode()
    return shown if len(shown) <= 40 else f"{shown[:40]}…"
