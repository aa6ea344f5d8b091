"""Media types by the extensions of names, the same on every machine."""

from __future__ import annotations

from mimetypes import MimeTypes
from pathlib import PurePosixPath

UNKNOWN_TYPE = "application/octet-stream"
KNOWN = MimeTypes()
KNOWN.add_type("text/markdown", ".md")
COMPRESSED = {"gzip": "application/gzip", "bzip2": "application/x-bzip2", "xz": "application/x-xz"}


def type_by_name(name: str) -> str:
    """The media type that a file name's extension tells, or `application/octet-stream`."""
    found, compression = KNOWN.guess_type("x" + PurePosixPath(name).suffix)
    told = found if compression is None else COMPRESSED.get(compression)
    return told or UNKNOWN_TYPE
