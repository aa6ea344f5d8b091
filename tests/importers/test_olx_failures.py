"""Open edX courses that cannot be taken: each says which file and line, and leaves nothing behind."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest

from app.context import Context
from app.importers.failure import ImportFailure
from app.importers.registry import run
from tests.domain.proof import everything
from tests.importers.olx import COURSE, Changes, take

pytestmark = pytest.mark.anyio

BOMB = '<!DOCTYPE c [<!ENTITY a "x"><!ENTITY b "&a;&a;">]><course url_name="r1" org="Uni" course="&b;"/>'
VERTICAL = '<sequential graded="true"><vertical url_name="v" {}><html url_name="h"/></vertical></sequential>'
BAD: list[tuple[Changes, str]] = [
    ({COURSE: None}, "course: has no course.xml"),
    ({COURSE: '<course url_name="r1" org="Uni"/>'}, "course.xml line 1: course is missing"),
    (
        {COURSE: '<course url_name="r 1" org="Uni" course="C1"/>'},
        "course.xml line 1: course-v1:Uni+C1+r 1 is no key of a course run",
    ),
    ({COURSE: BOMB}, "course.xml line 1: has a document type, which is not taken"),
    (
        {COURSE: '<!DOCTYPE c SYSTEM "file:///etc/passwd"><course/>'},
        "course.xml line 1: has a document type, which is not taken",
    ),
    ({"chapter/a.xml": "<chapter>\n\n<b></chapter>"}, "chapter/a.xml line 3: is not XML: mismatched tag"),
    ({"chapter/a.xml": "<html/>"}, "chapter/a.xml line 1: is a html, not a chapter"),
    ({"chapter/a.xml": "<a>" * 201}, "chapter/a.xml line 1: nests deeper than 200 elements"),
    (
        {f"vertical/v{n}.xml": f'<vertical><vertical url_name="v{n + 1}"/></vertical>' for n in range(201)}
        | {"chapter/a.xml": '<chapter><vertical url_name="v0"/></chapter>'},
        "vertical/v199.xml line 1: lies below more than 200 blocks",
    ),
    ({"chapter/a.xml": f"<chapter><{'k' * 65}/></chapter>"}, f"chapter/a.xml line 1: {'k' * 64}… is no kind of block"),
    ({"sequential/s.xml": None}, "chapter/a.xml line 1: refers to sequential/s.xml, which is not there"),
    ({"html/h.html": None}, "html/h.xml line 1: refers to html/h.html, which is not there"),
    ({"html/h.html": "a\n\0"}, "html/h.html line 2: has a null character"),
    (
        {"chapter/a.xml": '<chapter>\n<sequential url_name="s"/>\n<sequential url_name="s"/></chapter>'},
        "sequential/s.xml line 1: is the sequential s for the second time",
    ),
    (
        {"chapter/a.xml": '<chapter><html url_name="a b" x="1"/></chapter>'},
        "chapter/a.xml line 1: html 'a b' is no name of a block",
    ),
    ({"chapter/a.xml": '<chapter due="soon"/>'}, "chapter/a.xml line 1: due is 'soon', not a date and time"),
    ({"chapter/a.xml": '<chapter weight="-1"/>'}, "chapter/a.xml line 1: weight is '-1', not a number from 0"),
    ({"chapter/a.xml": '<chapter graded="yes"/>'}, "chapter/a.xml line 1: graded is 'yes', neither true nor false"),
    (
        {"chapter/a.xml": f'<chapter display_name="{"x" * 256}"/>'},
        "chapter/a.xml line 1: display_name has 256 characters, more than 255",
    ),
    (
        {"course/r1.xml": '<course catalog_visibility="me"/>'},
        "course/r1.xml line 1: catalog_visibility is 'me', none of both, about, none",
    ),
    (
        {"chapter/a.xml": '<chapter show_correctness="now"/>'},
        "chapter/a.xml line 1: show_correctness is 'now', none of always, never, past_due",
    ),
    (
        {"sequential/s.xml": VERTICAL.format('group_access="{&quot;5&quot;: [2]}"')},
        "sequential/s.xml line 1: names group 2 of partition 5, which the course does not have",
    ),
    (
        {"sequential/s.xml": VERTICAL.format('group_access="{"')},
        "sequential/s.xml line 1: group_access is not JSON: unexpected end of data",
    ),
    ({"policies/r1/policy.json": "[1]"}, "policies/r1/policy.json: is [1], not an object"),
    (
        {"policies/r1/grading_policy.json": '{"GRADER": [{"type": "Lab", "weight": 2}]}'},
        "policies/r1/grading_policy.json: GRADER[0].weight is not between 0 and 1",
    ),
    (
        {"policies/r1/grading_policy.json": '{"GRADER": [{"type": "L", "weight": 1}, {"type": "L", "weight": 0}]}'},
        "policies/r1/grading_policy.json: GRADER has the type 'L' twice",
    ),
]


@pytest.mark.parametrize(("changes", "message"), BAD, ids=[message for _, message in BAD])
async def test_what_cannot_be_taken(ctx: Context, tmp_path: Path, changes: Changes, message: str) -> None:
    before = await everything(ctx)
    with pytest.raises(ImportFailure) as caught:
        await take(ctx, tmp_path / "course", changes)
    assert str(caught.value) == message
    assert await everything(ctx) == before


@pytest.mark.parametrize(
    ("name", "kind", "message"),
    [
        ("../evil.xml", tarfile.REGTYPE, "'../evil.xml' leads out of the archive"),
        ("/evil.xml", tarfile.REGTYPE, "'/evil.xml' leads out of the archive"),
        ("course/link.xml", tarfile.SYMTYPE, "'course/link.xml' is neither a file nor a folder"),
    ],
)
async def test_hostile_archives(ctx: Context, tmp_path: Path, name: str, kind: bytes, message: str) -> None:
    path = tmp_path / "c.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        member = tarfile.TarInfo(name)
        member.type, member.linkname = kind, "target"
        archive.addfile(member, io.BytesIO(b""))
    with pytest.raises(ImportFailure) as caught:
        await run(ctx, "olx", path)
    assert str(caught.value) == f"c.tar.gz: {message}"


async def test_a_file_that_is_no_archive(ctx: Context, tmp_path: Path) -> None:
    (tmp_path / "c.tar.gz").write_bytes(b"PK")
    with pytest.raises(ImportFailure, match=r"^c\.tar\.gz: is not a tar archive"):
        await run(ctx, "olx", tmp_path / "c.tar.gz")
