"""An Open edX content library as Studio exports it: `library.xml`, and a file for each block."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from app.context import Context
from app.db.bulk import Row
from app.domain.catalog.keys import library_key, library_usage_key
from app.domain.catalog.models import Organization
from app.domain.libraries.models import Library, LibraryBlock
from app.importers.merge import merge
from app.importers.olx.course import BlockReader, ReadBlock
from app.importers.olx.files import Files, open_files
from app.importers.olx.settings import Settings
from app.importers.olx.xml import Element, read_xml
from app.importers.progress import Progress, step
from app.importers.summary import Summary

ROOT = "library.xml"
LONGEST = 64
"""Characters of the name of an organization, and of a library."""
COMPARED = ("library_id", "parent_id", "kind", "name", "content", "fields")


class LibraryReader(BlockReader):
    """Reads the blocks of a library."""

    def usage_key(self, kind: str, name: str) -> str | None:
        return library_usage_key(self.key, kind, name)


async def import_library(ctx: Context, path: Path, progress: Progress) -> Summary:
    """Merge the library in the archive or folder `path` into the database, in the caller's transaction.

    Raises ImportFailure.
    """
    files = open_files(path, ROOT)
    element = read_xml(ROOT, files.need(ROOT, ROOT))
    organization, slug = (_name(element, name) for name in ("org", "library"))
    key = library_key(organization, slug)
    if key is None:
        element.fail(f"lib:{organization}:{slug} is no key of a library")
    summary = Summary("library")
    tops, below, deeper = _read(files, element, key)
    with step(progress, "blocks", len(tops) + len(below)) as advance:
        library_id = await _merge_library(ctx, element, (organization, slug, key), summary)
        ids: dict[str, int] = {}
        for level in (tops, below):
            stored = await _merge_blocks(ctx, level, library_id, ids, summary)
        advance(len(ids))
    if stored > len(ids):
        summary.notes.append(f"blocks that are not in the files, kept: {stored - len(ids):,}")
    if deeper:
        summary.notes.append(f"blocks more than two levels deep, not taken: {deeper:,}")
    summary.notes.extend(files.untaken())
    return summary


def _name(element: Element, name: str) -> str:
    value = element.attributes.get(name, "")
    if not 0 < len(value) <= LONGEST:
        element.fail(f"{name} has {len(value)} characters, not 1 to {LONGEST}")
    return value


def _read(files: Files, element: Element, key: str) -> tuple[list[ReadBlock], list[ReadBlock], int]:
    """The blocks of a library, those directly below them, and how many there are below these."""
    reader = LibraryReader(files, key, {})
    tops = [reader.block(each, None) for each in element.children]
    below = [child for each in tops for child in each.children]
    return tops, below, sum(len(list(each.walk())) - 1 for each in below)


async def _merge_library(ctx: Context, element: Element, named: tuple[str, str, str], summary: Summary) -> int:
    organization, slug, key = named
    row = (organization, organization)
    organizations = await merge(ctx, Organization, [row], key=("key",), initial=("name",))
    summary.add("organizations", **organizations.counts)
    title = element.attributes.get("display_name", "").strip()[:255] or slug
    said = (key, organizations.ids[row[:1]], slug, title)
    details = ("organization_id", "slug", "title")
    merged = await merge(ctx, Library, [said], key=("key",), compared=details, within=Library.key == key)
    summary.add("libraries", **merged.counts)
    return merged.ids[said[:1]]


async def _merge_blocks(
    ctx: Context, blocks: Sequence[ReadBlock], library_id: int, ids: dict[str, int], summary: Summary
) -> int:
    """Merge blocks of one level, and note their ids; how many blocks the library has now."""
    rows: list[Row] = []
    for position, each in enumerate(blocks, start=len(ids)):
        name = Settings(each).text("display_name", 255) or ""
        fields = {key: value for key, value in each.settings.items() if key != "display_name"}
        parent = None if each.parent is None else ids[each.parent.key]
        rows.append((each.key, library_id, parent, each.kind, name, each.content, fields, position))
    within = LibraryBlock.library_id == library_id
    merged = await merge(
        ctx, LibraryBlock, rows, key=("usage_key",), compared=COMPARED, initial=("position",), within=within
    )
    ids |= {row[0]: merged.ids[row[:1]] for row in rows}
    summary.add("library blocks", **merged.counts)
    return len(merged.ids)
