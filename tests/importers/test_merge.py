from __future__ import annotations

from datetime import UTC, datetime

from app.context import Context
from app.domain.catalog.models import Course, Organization
from app.importers.merge import Merged, merge, overwrite
from tests.clock import NOW
from tests.factories import at
from tests.importers.folders import values

LATER = datetime(2025, 1, 1, tzinfo=UTC)


async def organizations(ctx: Context, *rows: tuple[str, str, str | None]) -> Merged:
    return await merge(ctx, Organization, rows, key=("key",), compared=("name",), initial=("description",))


async def test_missing_rows_are_made_differing_ones_changed_others_kept(ctx: Context) -> None:
    first = await organizations(ctx, ("a", "A", "old"), ("b", "B", None))
    assert (first.counts, first.kept) == ({"created": 2, "changed": 0, "unchanged": 0}, 0)
    second = await organizations(at(ctx, LATER), ("a", "AA", "new"), ("c", "C", "new"))
    assert (second.counts, second.kept) == ({"created": 1, "changed": 1, "unchanged": 0}, 1)
    assert second.ids["a",] == first.ids["a",]
    columns = (Organization.key, Organization.name, Organization.description)
    assert await values(ctx, *columns, Organization.created_at, Organization.updated_at, by=Organization.key) == [
        ("a", "AA", "old", NOW, LATER),
        ("b", "B", None, NOW, NOW),
        ("c", "C", "new", LATER, LATER),
    ]


async def test_only_rows_within_the_limits_are_looked_at(ctx: Context) -> None:
    await organizations(ctx, ("a", "A", None), ("b", "B", None))
    limited = await merge(
        ctx, Organization, [("a", "A")], key=("key",), compared=("name",), within=Organization.key == "a"
    )
    assert (set(limited.ids), limited.unchanged, limited.kept) == ({("a",)}, 1, 0)


async def test_columns_that_are_not_named_get_the_models_defaults(ctx: Context) -> None:
    made = await organizations(ctx, ("a", "A", None))
    row = ("c", made.ids["a",], "C", "See")
    await merge(ctx, Course, [row], key=("key",), compared=("organization_id", "short_name", "title"))
    assert await values(ctx, Course.time_zone, Course.description, by=Course.id) == [("UTC", None)]


async def test_overwriting_nothing_does_nothing(ctx: Context) -> None:
    await overwrite(ctx, Organization, ("name",), [])
    assert ctx.db.statements == 0
