"""OneRoster's files, in a ZIP archive or a folder, read and checked against each other."""

from __future__ import annotations

import io
import lzma
import re
import zipfile
import zlib
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from app.importers.columns import Columns, Parser, Source, decimal, optional, read_columns, word
from app.importers.failure import ImportFailure
from app.importers.progress import Progress, step

VERSIONS = ("1.1", "1.1.1")
BULK, ABSENT = "bulk", "absent"
TAKEN = (
    *("orgs", "academicSessions", "courses", "classes", "users", "enrollments"),
    *("categories", "lineItems", "results"),
)
LIMIT = 2**30  # bytes that the files of an archive may have
UNREADABLE = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, RuntimeError, ValueError)
DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
REFERENCES = (
    ("classes", "courseSourcedId", "courses"),
    ("courses", "orgSourcedId", "orgs"),
    ("enrollments", "classSourcedId", "classes"),
    ("enrollments", "userSourcedId", "users"),
    ("lineItems", "classSourcedId", "classes"),
    ("lineItems", "categorySourcedId", "categories"),
    ("results", "lineItemSourcedId", "lineItems"),
    ("results", "studentSourcedId", "users"),
)
Files = Mapping[str, Columns]


def read_files(path: Path, progress: Progress) -> Files:
    """Read a bulk export. Raises ImportFailure for what is missing, malformed, repeated or refers to nothing."""
    folder = _opened(path)
    _check_manifest(read_columns(folder, "manifest", {"propertyName": str, "value": str}))
    files: dict[str, Columns] = {}
    with step(progress, "files", len(TAKEN)) as advance:
        for name, parsers in _parsers().items():
            files[name] = read_columns(folder, name, {**IDENTIFIED, **parsers})
            files[name].require_unique("sourcedId")
            advance(1)
    files["users"].require_unique("username")
    files["enrollments"].require_unique("classSourcedId", "userSourcedId")
    files["results"].require_unique("lineItemSourcedId", "studentSourcedId")
    for name, column, other in REFERENCES:
        _require_known(files[name], column, files[other])
    _check_terms(files["academicSessions"], files["classes"])
    return files


def _check_terms(sessions: Columns, classes: Columns) -> None:
    for index, (start, end) in enumerate(sessions.rows("startDate", "endDate")):
        if end < start:
            sessions.fail(index, "ends before it begins")
    known = {id_ for (id_,) in sessions.rows("sourcedId")}
    for index, (terms,) in enumerate(classes.rows("termSourcedIds")):
        for term in terms:
            if term not in known:
                classes.fail(index, f"termSourcedIds has {term!r}, which {sessions.file} has not")


def _opened(path: Path) -> Source:
    """The folder itself, or the top of an archive of which every file can be read."""
    if path.is_dir():
        return path
    try:
        archive = zipfile.ZipFile(io.BytesIO(path.read_bytes()))
        if sum(member.file_size for member in archive.infolist()) > LIMIT:
            raise ImportFailure(path.name, f"holds more than {LIMIT:,} bytes")
        broken = archive.testzip()
    except UNREADABLE as error:
        raise ImportFailure(path.name, f"is no ZIP archive that can be read: {error}") from None
    except OSError as error:
        raise ImportFailure(path.name, error.strerror or "cannot be read") from None
    if broken is not None:
        raise ImportFailure(path.name, f"its file {broken} is broken")
    return zipfile.Path(archive)


def _check_manifest(manifest: Columns) -> None:
    """Raise ImportFailure unless it is OneRoster 1.1, all of it in bulk."""
    told: dict[str, tuple[int, str]] = {}
    for index, (name, value) in enumerate(manifest.rows("propertyName", "value")):
        told[name] = index, value
    index, version = told.get("oneroster.version", (0, ""))
    if version not in VERSIONS:
        manifest.fail(index, f"oneroster.version is {version!r}, not 1.1")
    for name in TAKEN:
        index, mode = told.get(f"file.{name}", (0, ABSENT))
        if mode != BULK:
            reason = "only what changed: a bulk export is needed" if mode == "delta" else f"{mode!r}: it is needed"
            manifest.fail(index, f"file.{name} is {reason}")


def _require_known(table: Columns, column: str, other: Columns) -> None:
    known = {id_ for (id_,) in other.rows("sourcedId")}
    for index, (id_,) in enumerate(table.rows(column)):
        if id_ not in known:
            table.fail(index, f"{column} is {id_!r}, which {other.file} has not")


def _day(text: str) -> date:
    if not DATE.fullmatch(text):
        raise ValueError("not a date such as 2026-09-01")
    found = date.fromisoformat(text)
    if not 1900 <= found.year <= 2200:
        raise ValueError("not between 1900 and 2200")
    return found


def _text(limit: int, *, may_break: bool = False) -> Parser:
    """Text without surrounding blanks, None when empty; `may_break` is whether it can have several lines."""

    def parse(text: str) -> str | None:
        text = text.strip()
        if len(text) > limit:
            raise ValueError(f"has more than {limit} characters")
        if not (" ".join(text.split()) if may_break else text).isprintable():
            raise ValueError("has characters that cannot be printed")
        return text or None

    return parse


def _required(limit: int) -> Parser:
    parse = _text(limit)

    def parse_some(text: str) -> str:
        found: str | None = parse(text)
        if found is None:
            raise ValueError("a value is needed")
        return found

    return parse_some


def _one_of(*values: str) -> Parser:
    return word("|".join(map(re.escape, values)), f"one of {', '.join(filter(None, values))}")


ID = _required(255)
REMARK = _text(10_000, may_break=True)
IDENTIFIED: dict[str, Parser] = {"sourcedId": ID, "status": _one_of("", "active")}


def _parsers() -> dict[str, dict[str, Parser]]:
    day, points = optional(_day), decimal(-(10**9), 10**9)
    return {
        "orgs": {"sourcedId": _required(64), "name": _required(255)},
        "academicSessions": {"title": _required(255), "startDate": _day, "endDate": _day},
        "courses": {"sourcedId": _required(150), "title": _required(255), "courseCode": _text(100), "orgSourcedId": ID},
        "classes": {
            **{"title": _required(255), "classCode": _text(150), "courseSourcedId": ID},
            "termSourcedIds": lambda text: [each.strip() for each in text.split(",") if each.strip()],
        },
        "users": {
            **{"username": _required(150), "identifier": _text(64), "email": _text(255)},
            **{"givenName": _text(150), "familyName": _text(150), "enabledUser": _one_of("true", "false", "")},
        },
        "enrollments": {
            **{"classSourcedId": ID, "userSourcedId": ID, "beginDate": day, "endDate": day},
            "role": _one_of("student", "teacher", "aide", "administrator", "proctor"),
        },
        "categories": {"title": _required(150)},
        "lineItems": {
            **{
                "title": _required(255),
                "description": REMARK,
                "assignDate": day,
                "dueDate": day,
            },
            **{"classSourcedId": ID, "categorySourcedId": ID, "resultValueMax": decimal(0, 10**9)},
        },
        "results": {
            **{
                "lineItemSourcedId": ID,
                "studentSourcedId": ID,
                "score": optional(points),
                "comment": REMARK,
            },
            "scoreStatus": _one_of("exempt", "fully graded", "not submitted", "partially graded", "submitted"),
        },
    }
