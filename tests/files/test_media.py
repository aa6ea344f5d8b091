from __future__ import annotations

import pytest

from app.files.media import type_by_name


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("lab.tar", "application/x-tar"),
        ("lab.tar.gz", "application/gzip"),
        ("LAB.TGZ", "application/gzip"),
        ("writeup.PDF", "application/pdf"),
        ("a.html", "text/html"),
        ("a.md", "text/markdown"),
        ("Makefile", "application/octet-stream"),
        (".html", "application/octet-stream"),
        ("data:text/html,x", "application/octet-stream"),
        ("a.tar.Z", "application/octet-stream"),
        ("a.", "application/octet-stream"),
    ],
)
def test_a_name_tells_a_type(name: str, kind: str) -> None:
    assert type_by_name(name) == kind
