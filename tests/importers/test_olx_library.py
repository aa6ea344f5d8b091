"""Content libraries as Studio exports them: small ones, as folder and archive; those that cannot be taken."""

from __future__ import annotations

import tarfile
from collections.abc import Mapping
from pathlib import Path

import pytest
from sqlalchemy import select

from app.context import Context
from app.domain.libraries.models import Library, LibraryBlock
from app.domain.libraries.queries import html_of_library_blocks
from app.importers.failure import ImportFailure
from app.importers.registry import run
from app.importers.summary import Count
from tests.domain.proof import everything

pytestmark = pytest.mark.anyio
SMALL: dict[str, str | None] = {
    "library/library.xml": '<library org="Uni" library="L1" display_name="Waves" xblock-family="xblock.v1">'
    '<problem url_name="p"/><vertical url_name="v"/></library>',
    "library/problem/p.xml": '<problem display_name="Sine" weight="2"><stringresponse answer="0"><textline/>'
    "</stringresponse></problem>",
    "library/vertical/v.xml": '<vertical display_name="Read"><html url_name="h"/></vertical>',
    "library/html/h.xml": '<html filename="h" display_name="Text" editor="raw"/>',
    "library/html/h.html": "<p>Hello</p>\n",
    "library/policies/assets.json": "{}",
}


def written(folder: Path, changes: Mapping[str, str | None] = {}) -> Path:
    """The small library in a folder, with some files changed, or left out."""
    for name, text in {**SMALL, **changes}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        if text is not None:
            path.write_text(text)
    return folder


async def test_a_library(ctx: Context, tmp_path: Path) -> None:
    summary = await run(ctx, "library", written(tmp_path))
    assert summary.counts == {"organizations": Count(1), "libraries": Count(1), "library blocks": Count(3)}
    assert summary.notes == ["not taken, the model has no home for it: policies (1)"]
    [library] = await ctx.db.fetch(select(Library.id, Library.key, Library.title, Library.allows_public_read))
    assert library[1:] == ("lib:Uni:L1", "Waves", False)
    own = LibraryBlock
    columns = (own.id, own.parent_id, own.usage_key, own.kind, own.name, own.content, own.fields, own.position)
    rows = await ctx.db.fetch(select(*columns).where(own.library_id == library.id).order_by(own.position))
    olx = '<stringresponse answer="0"><textline/></stringresponse>'
    assert [tuple(row[1:]) for row in rows] == [
        (None, "lb:Uni:L1:problem:p", "problem", "Sine", olx, {"weight": "2"}, 0),
        (None, "lb:Uni:L1:vertical:v", "vertical", "Read", None, {}, 1),
        (rows[1].id, "lb:Uni:L1:html:h", "html", "Text", "<p>Hello</p>", {"editor": "raw"}, 2),
    ]
    line = f'<input type="text" name="l{rows[0].id}-1" aria-label="Your answer">'
    shown = await html_of_library_blocks(ctx, [row.id for row in rows])
    assert shown == [f'<div class="response">{line}</div>', None, "<p>Hello</p>"]


async def test_again_from_an_archive_changes_nothing_but_what_differs(ctx: Context, tmp_path: Path) -> None:
    await run(ctx, "library", written(tmp_path / "a"))
    before = await everything(ctx)
    archive = tmp_path / "library.tar.gz"
    with tarfile.open(archive, "w:gz") as made:
        made.add(tmp_path / "a" / "library", "library")
    summary = await run(ctx, "library", archive)
    assert not summary.changed_anything
    assert await everything(ctx) == before
    changes = {
        "library/library.xml": '<library org="Uni" library="L1"><vertical url_name="v"/></library>',
        "library/html/h.html": "<p>Bye</p>",
    }
    summary = await run(ctx, "library", written(tmp_path / "a", changes))
    assert summary.counts["libraries"] == Count(0, 1, 0)
    assert summary.counts["library blocks"] == Count(0, 1, 1)
    assert summary.notes[0] == "blocks that are not in the files, kept: 1"
    assert await ctx.db.scalar(select(Library.title)) == "L1"


async def test_what_lies_too_deep_is_told(ctx: Context, tmp_path: Path) -> None:
    deep = '<library org="Uni" library="L1"><vertical url_name="a"><vertical url_name="b"><html url_name="c">x</html>'
    changes = {"library/library.xml": deep + "</vertical></vertical></library>"}
    summary = await run(ctx, "library", written(tmp_path, changes))
    assert summary.counts["library blocks"] == Count(2)
    assert "blocks more than two levels deep, not taken: 1" in summary.notes


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"library/library.xml": None}, "has no library.xml"),
        ({"library/library.xml": "<library"}, "library.xml line 1: is not XML"),
        ({"library/library.xml": '<library library="L"/>'}, "line 1: org has 0 characters, not 1 to 64"),
        ({"library/library.xml": f'<library org="{"o" * 65}" library="L"/>'}, "org has 65 characters, not 1 to 64"),
        ({"library/library.xml": '<library org="a b" library="L"/>'}, "lib:a b:L is no key of a library"),
        ({"library/problem/p.xml": None}, "library.xml line 1: refers to problem/p.xml, which is not there"),
        ({"library/html/h.html": None}, "refers to html/h.html, which is not there"),
        (
            {"library/library.xml": '<library org="o" library="l"><html url_name="a b">x</html></library>'},
            "html 'a b' is no name of a block",
        ),
        (
            {"library/library.xml": '<library org="o" library="l"><poll answers="x"/><poll answers="y"/></library>'},
            "is the poll poll for the second time",
        ),
    ],
)
async def test_libraries_that_cannot_be_taken(
    ctx: Context, tmp_path: Path, changes: Mapping[str, str | None], reason: str
) -> None:
    before = await everything(ctx)
    with pytest.raises(ImportFailure) as caught:
        await run(ctx, "library", written(tmp_path, changes))
    assert reason in str(caught.value)
    assert await everything(ctx) == before
